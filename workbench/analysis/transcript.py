"""Who said what and when: the conversation as rows, with every word and how its text settled."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from math import inf
from typing import TYPE_CHECKING, Literal

from workbench.analysis.turn_events import Replies, by_turn, of_kind, read_replies
from workbench.core.events import (
    Event,
    FinalTranscript,
    PartialTranscript,
    SpokenWord,
    SynthesisReady,
    Word,
)
from workbench.store.playback import Spans, place, played_spans
from workbench.store.recording import Recording

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True, kw_only=True)
class PartialRow:
    """One partial transcript on its way to the final."""

    at: float
    """When it was known, track seconds."""
    words: tuple[str, ...]
    stable: int
    """Leading words that were not expected to change."""
    stability: float
    """How likely the whole text was to survive, 0..1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TranscriptRow:
    """One utterance of one side. Times are track seconds."""

    who: Literal["caller", "agent"]
    turn: int
    start: float
    end: float
    text: str
    confidence: float | None
    """How likely the text is right, 0..1; None for the agent."""
    words: tuple[Word | SpokenWord, ...]
    known: float
    """When the text was settled: the final transcript came, the reply began to be heard."""
    partials: tuple[PartialRow, ...] = ()
    interrupted: bool = False
    """Whether the caller stopped it; then ``text`` is what was heard."""


def transcript(recording: Recording) -> tuple[TranscriptRow, ...]:
    """Return the utterances of both sides in the order they began, without replies that were not played."""
    history = _history(recording)
    return tuple(
        row if row.who == "agent" else replace(row, partials=tuple(history.get((row.turn, row.known), ())))
        for row in spoken(recording)
    )


def spoken(recording: Recording, known: Replies | None = None) -> tuple[TranscriptRow, ...]:
    """Return the same without how each text settled, of which a long session has very much.

    Parameters
    ----------
    recording : the session
    known : its replies, if they are read already
    """
    known = known or read_replies(recording.timeline.events)
    rows = [*_caller_rows(recording), *_agent_rows(recording, known)]
    return tuple(sorted(rows, key=lambda row: row.start))


def to_pandas(rows: Iterable[TranscriptRow]) -> "pd.DataFrame":
    """Return one row an utterance."""
    import pandas as pd

    return pd.DataFrame([asdict(row) for row in rows])


def _caller_rows(recording: Recording) -> list[TranscriptRow]:
    return [
        TranscriptRow(
            who="caller",
            turn=event.turn,
            start=final.audio_start,
            end=final.audio_end,
            text=final.text,
            confidence=final.confidence,
            words=final.words,
            known=recording.second(event.at),
        )
        for event in recording.timeline.events
        if isinstance(final := event.body, FinalTranscript) and final.text
    ]


def _history(recording: Recording) -> dict[tuple[int, float], list[PartialRow]]:
    """Return the partials on the way to each final, by its turn and when it was known."""
    history = {}
    for turn, events in by_turn(recording.timeline.events).items():
        partials = of_kind(events, PartialTranscript)
        since = 0.0
        for at, _ in of_kind(events, FinalTranscript):
            own = [_partial(recording, *one) for one in partials if since <= one[0] <= at and one[1].words]
            history[turn, recording.second(at)] = own
            since = at
    return history


def _partial(recording: Recording, at: float, body: PartialTranscript) -> PartialRow:
    return PartialRow(
        at=recording.second(at),
        words=tuple(word.text for word in body.words),
        stable=body.stable,
        stability=body.stability,
    )


def _agent_rows(recording: Recording, known: Replies) -> list[TranscriptRow]:
    rows = []
    for story in known.stories:
        if story.started is None:
            continue
        own = known.events[story.number]
        spans = played_spans(recording, story.number, own)
        stopped = None if story.stopped is None else story.stopped[1]
        end = recording.duration if stopped is None else stopped.device_position / recording.agent_rate
        cut = stopped is not None and stopped.reason == "barge-in"
        words = _placed(
            recording, spans, own, stopped.heard / stopped.rate if cut and stopped is not None else inf
        )
        if cut and spans:  # it paused before it was stopped: nothing was heard of it meanwhile
            end = min(end, spans[-1][1] / recording.agent_rate)
        start = story.started[1].device_position / recording.agent_rate
        rows.append(
            TranscriptRow(
                who="agent",
                turn=story.turn,
                start=start,
                end=end,
                text=stopped.text_heard if cut and stopped is not None else story.text,
                confidence=None,
                words=tuple(word for word in words if word.start < end),
                known=start,
                interrupted=cut,
            )
        )
    return rows


def _placed(recording: Recording, spans: Spans, events: Sequence[Event], heard: float) -> list[SpokenWord]:
    """Return a reply's words where they were heard: pauses and underruns moved the later ones.

    Of its first ``heard`` seconds they are those that ``text_heard`` has: half of each was heard.
    """
    rate = recording.agent_rate
    return [
        SpokenWord(
            text=word.text,
            start=place(spans, round(word.start * rate)) / rate,
            end=place(spans, round(word.end * rate)) / rate,
        )
        for _, clause in of_kind(events, SynthesisReady)
        for word in clause.words
        if (word.start + word.end) / 2 < heard
    ]
