"""One recorded turn under other settings, moment by moment: what a page draws the thresholds on.

The deciders themselves are driven here, tick by tick; a test holds them against deciding all turns at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from workbench.analysis.outcomes import OFFER, RATE, RIGHT, SILENT, TICK, TurnRecord
from workbench.analysis.policies import Policy
from workbench.analysis.policies_driven import at_pace, early_starts
from workbench.analysis.policies_prepared import pauses_of
from workbench.analysis.turn_events import of_kind
from workbench.conversation.endpointing import Endpointing, Evidence, completeness
from workbench.conversation.speaker import Speaker
from workbench.core.audio import Samples
from workbench.core.events import Event, FinalTranscript, PartialTranscript
from workbench.store.recording import Recording

BEFORE = 0.4
"""Seconds shown before the caller's first sound."""
AFTER = 3.0
"""Seconds shown after the last."""
LONGEST = 8.0
"""Most of that, where the reply came late."""
BINS = 500
"""Bins of a waveform."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """What endpointing does in a turn. Moments are seconds on the caller's stream."""

    waits: tuple[tuple[float, float], ...]
    """From when which silence would end the turn: (moment, seconds), the first at the turn's beginning."""
    cuts: tuple[float, ...]
    """Ends of turn decided in a pause after which the caller went on."""
    end: float
    """The end of the whole turn."""
    starts: tuple[float, ...]
    """When early replies are begun, whatever becomes of them."""


def trace(turn: TurnRecord, before: Sequence[TurnRecord], policy: Policy) -> Trace:
    """Return what endpointing does in ``turn`` after the turns ``before`` it in its conversation."""
    first = before[0] if before else turn
    endpointing = Endpointing(policy.endpointing, Speaker(longest_pause=first.longest_pause))
    for earlier in before:
        for pause in pauses_of(earlier):
            endpointing.paused(pause)
    endpointing.speaker = at_pace(endpointing.speaker, turn.pace)
    starts = early_starts(turn, policy, replace(endpointing))
    return _Run(turn, endpointing).run(starts)


class _Run:
    def __init__(self, turn: TurnRecord, endpointing: Endpointing) -> None:
        self._turn, self._endpointing = turn, endpointing
        self._evidence = Evidence(expected=turn.expected)
        self._voiced_end: int | None = None
        self._since = turn.began
        self._silence = 0.0
        self._ended: int | None = None
        self._too_long = False
        self._cuts: list[float] = []
        self._waits: list[tuple[float, float]] = []

    def run(self, starts: tuple[float, ...]) -> Trace:
        turn = self._turn
        tick = -(-turn.began // TICK) * TICK
        self._note(turn.began)
        for step, at in enumerate(turn.position.tolist()):
            while tick < at:
                self._tick(tick)
                tick += TICK
            self._step(step, at)
        while self._ended is None:
            self._tick(tick)
            tick += TICK
        return Trace(waits=tuple(self._waits), cuts=tuple(self._cuts), end=self._ended / RATE, starts=starts)

    def _note(self, at: int) -> None:
        wait = self._endpointing.hangover(self._evidence, spoken=self._spoken())
        if not self._waits or self._waits[-1][1] != wait:
            self._waits.append((at / RATE, wait))

    def _spoken(self) -> float:
        return 0.0 if self._voiced_end is None else (self._voiced_end - self._since) / RATE

    def _tick(self, at: int) -> None:
        self._silence = 0.0 if self._voiced_end is None else (at - self._voiced_end) / RATE
        if self._ended is not None:
            return
        duration = 0.0 if self._too_long else (at - self._turn.began) / RATE
        end = self._endpointing.decide(
            self._evidence, silence=self._silence, duration=duration, spoken=self._spoken()
        )
        if end is None:
            return
        self._too_long = self._too_long or end.reason == "too-long"
        if self._voiced_end is None:
            self._cuts.append(at / RATE)
            self._since = at
        else:
            self._ended = at

    def _step(self, step: int, at: int) -> None:
        turn = self._turn
        if turn.kind[step] == SILENT:
            self._voiced_end = at
        elif turn.kind[step] == OFFER:
            self._evidence = _evidence(turn, step)
        else:
            self._endpointing.paused(self._silence)
            self._voiced_end, self._silence = None, 0.0
            if self._ended is not None:
                self._cuts.append(self._ended / RATE)
                self._ended, self._since = None, at
        self._note(at)


def _evidence(turn: TurnRecord, step: int | np.intp) -> Evidence:
    """Return what was known of the turn once the words of an offer were there."""
    complete = int(turn.complete[step])
    return Evidence(
        end_of_sentence=float(turn.end_of_sentence[step]),
        stability=float(turn.stability[step]),
        complete=None if complete < 0 else complete == 1,
        words=1,
        expected=turn.expected,
    )


def turn_picture(turn: TurnRecord, events: Sequence[Event] = (), *, until: float = np.nan) -> dict[str, Any]:
    """Return what is drawn of a turn whatever the settings, JSON-ready; moments are stream seconds.

    Parameters
    ----------
    events : the turn's own, for its words; without them there are none
    until : what shall be seen too, if it lies within :data:`LONGEST` of the last sound; NaN for nothing
    """
    offers = [
        {
            "at": float(turn.position[step]) / RATE,
            "confidence": float(turn.confidence[step]),
            "stability": float(turn.stability[step]),
            "end_of_turn": completeness(_evidence(turn, step)),
            "complete": int(turn.complete[step]) == 1,
            "right": int(turn.reply[step]) == RIGHT,
        }
        for step in np.flatnonzero(turn.kind == OFFER)
    ]
    moments = (turn.position[turn.kind != OFFER] / RATE).tolist()
    silent, resumed = moments[::2], moments[1::2]
    words = [
        {"text": word.text, "start": word.start, "end": word.end, "confidence": word.confidence}
        for _, final in of_kind(events, FinalTranscript)
        for word in final.words
    ]
    partials = [
        {"at": body.position / RATE, "text": body.text} for _, body in of_kind(events, PartialTranscript)
    ]
    return {
        "began": turn.began / RATE,
        "from": max(0.0, turn.began / RATE - BEFORE),
        "to": silent[-1] + float(np.clip(np.nan_to_num(until - silent[-1]), AFTER, LONGEST)),
        "said": silent[-1],
        "offers": offers,
        "pauses": [
            {"from": start, "to": None if place == len(resumed) else resumed[place]}
            for place, start in enumerate(silent)
        ],
        "words": words,
        "partials": partials,
    }


def waveform(recording: Recording, start: float, end: float) -> bytes:
    """Return both tracks between two track seconds: lowest and highest of each bin, caller first.

    16-bit, :data:`BINS` pairs a side, in -32767..32767.
    """
    sides = [(recording.caller, recording.caller_rate), (recording.agent, recording.agent_rate)]
    bins = np.concatenate([_bins(samples, rate, start, end) for samples, rate in sides])
    data: bytes = np.rint(np.clip(bins, -1, 1) * 32_767).astype("<i2").tobytes()
    return data


def _bins(samples: Samples, rate: int, start: float, end: float) -> Samples:
    edges = np.rint(np.linspace(start, end, BINS + 1) * rate).astype(np.int64)
    result = np.zeros((BINS, 2), np.float32)
    for place, (first, last) in enumerate(zip(edges[:-1], edges[1:], strict=True)):
        part = samples[max(0, first) : max(0, last)]
        if len(part):
            result[place] = part.min(), part.max()
    return result
