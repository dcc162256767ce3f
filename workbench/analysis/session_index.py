"""A session as the timeline draws it: words, partials, spans and marks as rows of numbers.

All times are track seconds. Texts are numbers of strings that are told once. What stands here are readings of
the same events that the transcript and the reports read; nothing is decided anew.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate
from types import MappingProxyType
from typing import Any

from workbench.analysis.columns import Schema, columns_of
from workbench.analysis.transcript import TranscriptRow, spoken
from workbench.analysis.turn_events import Replies, of_kind, read_replies
from workbench.core.events import (
    ActionTaken,
    Backchannelled,
    BargedIn,
    EarlySynthesisStarted,
    ErrorRaised,
    Event,
    IntentRecognized,
    PartialTranscript,
    ReplyFollowed,
    ReplyLed,
    SessionHeld,
    SessionResumed,
    SpeechEnded,
    SpeechStarted,
    TurnEnded,
    Word,
)
from workbench.store.playback import played_spans
from workbench.store.recording import Recording

SCHEMA: Schema = MappingProxyType(
    {
        "events": {"at": "f4", "type": "u4"},
        "utterances": {
            "start": "f4", "end": "f4", "known": "f4", "who": "u1", "turn": "u4", "text": "u4",
            "confidence": "u1", "interrupted": "u1",
        },
        "words": {
            "start": "f4", "end": "f4", "known": "f4", "who": "u1", "confidence": "u1", "text": "u4",
            "utterance": "u4",
        },
        "partials": {
            "at": "f4", "turn": "u4", "first": "u4", "count": "u4", "stable": "u4", "stability": "u1",
        },
        "partialWords": {"start": "f4", "end": "f4", "confidence": "u1", "text": "u4"},
        "spans": {"start": "f4", "end": "f4", "lane": "u1", "kind": "u1", "reply": "u4", "note": "u4"},
        "marks": {"at": "f4", "kind": "u1", "turn": "u4", "note": "u4"},
        "intents": {"at": "f4", "confidence": "u1", "final": "u1", "text": "u4"},
    }
)  # fmt: skip
"""The tables and their columns; ``partials.first`` and ``words.utterance`` are rows of other tables."""

SPEECH, EARLY, PLAYED = 0, 1, 2
"""Lanes of spans."""

HELD, COMMITTED, DISCARDED = 0, 1, 2
"""Kinds of spans of :data:`EARLY`; those of the other lanes are 0."""

MARKS = (
    *("turn-ended", "barge-in", "backchannel", "action", "error", "held", "resumed"),
    *("led", "taken back"),
)
"""Kinds of marks, by number."""

_MARKED = (
    *(TurnEnded, BargedIn, Backchannelled, ActionTaken, ErrorRaised, SessionHeld, SessionResumed),
    *(ReplyLed, ReplyFollowed),
)
_WHO = {"caller": 0, "agent": 1}
_FULL = 200  # a confidence of 1
_NO_CONFIDENCE = 255

Tables = dict[str, dict[str, list[Any]]]
"""The values of each column of each table of :data:`SCHEMA`."""


class Strings(dict[str, int]):
    """Numbers of texts, each once; a text that is new gets the next, and number 0 is no text.

    >>> strings = Strings()
    >>> strings["latte"], strings["tea"], strings["latte"], strings.since(1)
    (1, 2, 1, ['latte', 'tea'])
    """

    def __init__(self) -> None:
        super().__init__({"": 0})

    def __missing__(self, text: str) -> int:
        number = self[text] = len(self)
        return number

    def since(self, count: int) -> list[str]:
        """Return all texts but the first ``count``, by number."""
        return list(self)[count:]


def index_rows(recording: Recording, strings: Strings, before: Mapping[str, int] | None = None) -> Tables:
    """Return the rows of every table of :data:`SCHEMA`.

    Parameters
    ----------
    recording : a session, or a part of one whose tracks may be empty
    strings : takes the texts
    before : how many rows each table has before these
    """
    before = before or {}
    events = recording.timeline.events
    zero, known = recording.device_zero, read_replies(events)
    rows: dict[str, list[tuple[Any, ...]]] = {}
    rows["utterances"], rows["words"] = _said(spoken(recording, known), strings, before.get("utterances", 0))
    rows["spans"] = sorted([*_speech(events, recording), *_replies(recording, known, strings)])
    rows["marks"] = list(_marks(recording, strings))
    return {
        "events": {
            "at": [event.at - zero for event in events],
            "type": [strings[event.body.type] for event in events],
        },
        **_partials(recording, strings, before.get("partialWords", 0)),
        "intents": _intents(recording, strings),
        **{name: columns_of(SCHEMA[name], held) for name, held in rows.items()},
    }


def _intents(recording: Recording, strings: Strings) -> dict[str, list[Any]]:
    found = [event for event in recording.timeline.events if isinstance(event.body, IntentRecognized)]
    bodies = [event.body for event in found if isinstance(event.body, IntentRecognized)]
    return {
        "at": [event.at - recording.device_zero for event in found],
        "confidence": [_share(body.confidence) for body in bodies],
        "final": [int(body.origin == "final") for body in bodies],
        "text": [strings[_meaning(body)] for body in bodies],
    }


def _meaning(body: IntentRecognized) -> str:
    slots = ", ".join(f"{name}: {value}" for name, value in body.slots.items())
    intent = body.intent or "out of scope"
    return f"{intent} ({slots})" if slots else intent


def _said(
    rows: Iterable[TranscriptRow], strings: Strings, before: int
) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    """Return the rows of utterances and of their words."""
    utterances, words = [], []
    for number, row in enumerate(rows, start=before):
        who = _WHO[row.who]
        confidence = _NO_CONFIDENCE if row.confidence is None else _share(row.confidence)
        text, cut = strings[row.text], int(row.interrupted)
        utterances.append((row.start, row.end, row.known, who, row.turn, text, confidence, cut))
        for word in row.words:
            sure = _share(word.confidence) if isinstance(word, Word) else _NO_CONFIDENCE
            # a word of the agent is known when it is heard
            known = row.known if who == 0 else word.start
            words.append((word.start, word.end, known, who, sure, strings[word.text], number))
    return utterances, words


def _partials(recording: Recording, strings: Strings, before: int) -> Tables:
    """Return the columns of partials and of their words, of which an hour has 100,000 and more."""
    # columns at once, not rows: as many tuples would set off the collector, which takes as long again
    found = [event for event in recording.timeline.events if isinstance(event.body, PartialTranscript)]
    bodies = [event.body for event in found if isinstance(event.body, PartialTranscript)]
    words = [word for body in bodies for word in body.words]
    counts = [len(body.words) for body in bodies]
    return {
        "partials": {
            "at": [event.at - recording.device_zero for event in found],
            "turn": [event.turn for event in found],
            "first": list(accumulate(counts, initial=before))[:-1],
            "count": counts,
            "stable": [min(body.stable, len(body.words)) for body in bodies],
            "stability": [_share(body.stability) for body in bodies],
        },
        "partialWords": {
            "start": [word.start for word in words],
            "end": [word.end for word in words],
            "confidence": [int(word.confidence * _FULL) for word in words],
            "text": [strings[word.text] for word in words],
        },
    }


def _speech(events: Sequence[Event], recording: Recording) -> Iterable[tuple[Any, ...]]:
    began = None
    for event in events:
        body = event.body
        if isinstance(body, SpeechStarted) and began is None:
            began = body.position / body.rate
        elif isinstance(body, SpeechEnded) and began is not None:
            yield began, max(began, body.position / body.rate), SPEECH, 0, 0, 0
            began = None
    if began is not None and events:
        yield began, max(began, recording.second(events[-1].at)), SPEECH, 0, 0, 0


def _replies(recording: Recording, known: Replies, strings: Strings) -> Iterable[tuple[Any, ...]]:
    events = recording.timeline.events
    latest = recording.second(events[-1].at) if events else 0.0
    early = {body.reply: at for at, body in of_kind(events, EarlySynthesisStarted)}
    for story in known.stories:
        if story.number in early:
            kind, over, note = HELD, latest, "held"
            if story.committed is not None:
                kind, over, note = COMMITTED, recording.second(story.committed), "committed"
            elif story.discarded is not None:
                reason = f": {story.discard_reason}" if story.discard_reason else ""
                kind, over, note = DISCARDED, recording.second(story.discarded), f"discarded{reason}"
            start = recording.second(early[story.number])
            yield start, max(start, over), EARLY, kind, story.number, strings[f"{note} | {story.text}"]
        for first, last in played_spans(recording, story.number, known.events[story.number]):
            rate = recording.agent_rate
            yield first / rate, last / rate, PLAYED, 0, story.number, strings[story.text]


def _marks(recording: Recording, strings: Strings) -> Iterable[tuple[Any, ...]]:
    for event in recording.timeline.events:
        body = event.body
        if not isinstance(body, _MARKED):
            continue
        if isinstance(body, ReplyFollowed) and body.outcome == "continued":
            continue
        at, note = recording.second(event.at), ""
        match body:
            case TurnEnded():
                kind, note = "turn-ended", f"{body.reason}, after {body.hangover * 1000:.0f} ms of silence"
            case BargedIn():
                kind, note, at = "barge-in", body.reason, body.position / body.rate
            case Backchannelled():
                kind, note = "backchannel", body.text
            case ActionTaken():
                kind, note = "action", body.action
            case ErrorRaised():
                kind, note = "error", f"{body.message} ({body.code})"
            case SessionHeld():
                kind, note = "held", body.reason
            case ReplyLed():
                kind, note = "led", f"{body.kind} before the final"
            case ReplyFollowed():
                kind, note = "taken back", f"{body.outcome}: {body.reason}"
            case _:
                kind = "resumed"
        yield at, MARKS.index(kind), event.turn, strings[note]


def _share(value: float) -> int:
    """Return 0..1 as a whole number up to :data:`_FULL`."""
    return round(min(1.0, max(0.0, value)) * _FULL)
