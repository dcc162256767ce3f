"""Where on the agent's track each reply was really played: pauses and underruns cut it into spans."""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import TypeVar

import numpy as np

from workbench.core.audio import Samples
from workbench.core.events import (
    Event,
    PlaybackPaused,
    PlaybackPosition,
    PlaybackResumed,
    PlaybackStarted,
    PlaybackStopped,
)
from workbench.store.recording import Recording

B = TypeVar("B", PlaybackPosition, PlaybackStarted)
Spans = tuple[tuple[int, int], ...]
"""Stretches of the agent's track as (start, end) positions, in order."""


def played_spans(recording: Recording, reply: int, own: Sequence[Event] | None = None) -> Spans:
    """Return the stretches of the agent's track in which ``reply`` sounded, empty if it was never played.

    The client reports how much it has played and where its device is. What lies between two reports beyond
    the samples played was silence put in; the recording tells where.

    Parameters
    ----------
    recording, reply : which reply of which session
    own : the reply's events, if they are known already: a long session is not searched for them again
    """
    points = _points(recording.timeline.events if own is None else own, reply)
    if not points:
        return ()
    spans: list[tuple[int, int]] = []
    for (heard, position), (heard_next, position_next) in pairwise(points):
        played = heard_next - heard
        gap = position_next - position - played
        at = _silence(recording.agent_window(position, position_next), gap) if gap > 0 else played
        spans += [(position, position + at), (position + at + max(0, gap), position_next)]
    return _merged(spans)


def place(spans: Spans, sample: int) -> int:
    """Return where sample ``sample`` of a reply lies on the agent's track; past the end, as if it went on."""
    for start, end in spans:
        if sample < end - start:
            return start + sample
        sample -= end - start
    return (spans[-1][1] if spans else 0) + sample


def underrun(events: Iterable[Event], reply: int) -> float:
    """Return the seconds of silence put into a reply because nothing had arrived."""
    reports = [body for body in _bodies(events, PlaybackPosition) if body.reply == reply]
    return max((body.underrun / body.rate for body in reports), default=0.0)


def _bodies(events: Iterable[Event], kind: type[B]) -> list[B]:
    return [event.body for event in events if isinstance(event.body, kind)]


def _points(events: Sequence[Event], reply: int) -> list[tuple[int, int]]:
    """Return (samples heard, device position), in order."""
    started = [body for body in _bodies(events, PlaybackStarted) if body.reply == reply]
    if not started:
        return []
    known = []
    for event in events:
        body = event.body
        match body:
            case PlaybackPosition() | PlaybackPaused() | PlaybackResumed() | PlaybackStopped():
                if body.reply == reply:
                    known.append((body.heard, body.device_position))
    return sorted([(0, started[0].device_position), *known], key=lambda point: (point[1], point[0]))


def _silence(samples: Samples, length: int) -> int:
    """Return where the longest digital silence begins, the end less ``length`` if none is nearly as long."""
    zero = np.concatenate(([False], samples == 0.0, [False])).astype(np.int8)
    edges = np.flatnonzero(np.diff(zero)).reshape(-1, 2)
    longest = max(edges.tolist(), key=lambda run: run[1] - run[0], default=[0, 0])
    if longest[1] - longest[0] < 0.9 * length:
        return max(0, len(samples) - length)
    return min(int(longest[0]), len(samples) - length)


def _merged(spans: Iterable[tuple[int, int]]) -> Spans:
    merged: list[tuple[int, int]] = []
    for start, end in spans:
        if end <= start:
            continue
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)
