"""The events of a session, sorted by the caller's turn and by the reply they belong to."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar, get_args

from workbench.core.events import (
    Body,
    EarlySynthesisCommitted,
    EarlySynthesisDiscarded,
    EarlySynthesisStarted,
    Event,
    FinalTranscript,
    PartialTranscript,
    PlaybackStarted,
    PlaybackStopped,
    ReplyChosen,
    ReplyFollowed,
    ReplyLed,
    SpeechStarted,
    SynthesisFirstAudio,
    SynthesisFirstByte,
    TurnEnded,
)

B = TypeVar("B", bound=Body)

_BLOCK = 0.02
"""Seconds a device plays at once: what is let go of meanwhile may be placed that much before it."""

_OF_REPLIES = frozenset(kind for kind in get_args(Body) if "reply" in kind.__dataclass_fields__)


def of_kind(events: Iterable[Event], kind: type[B]) -> list[tuple[float, B]]:
    """Return (at, body) of every event whose body is a ``kind``, oldest first."""
    return [(event.at, event.body) for event in events if isinstance(event.body, kind)]


def by_turn(events: Iterable[Event]) -> dict[int, tuple[Event, ...]]:
    """Return the events of each turn in which the caller said something or a turn was ended."""
    grouped: dict[int, list[Event]] = {}
    for event in events:
        grouped.setdefault(event.turn, []).append(event)
    return {turn: tuple(held) for turn, held in sorted(grouped.items()) if _is_turn(held)}


def _is_turn(events: Sequence[Event]) -> bool:
    said = [body for _, body in of_kind(events, PartialTranscript) + of_kind(events, FinalTranscript)]
    return any(body.words for body in said) or bool(of_kind(events, TurnEnded))


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyStory:
    """What became of one reply. Times are session seconds, None if it never came to that."""

    number: int
    turn: int
    text: str
    chosen: float
    prepared_early: bool
    """Whether it was prepared before the final."""
    committed: float | None
    discarded: float | None
    discard_reason: str
    first_byte: float | None
    leading_silence: float
    """Seconds of silence before its first audible sample."""
    started: tuple[float, PlaybackStarted] | None
    """When the endpoint learnt that it plays, and what it learnt."""
    stopped: tuple[float, PlaybackStopped] | None
    turn_ended: float | None
    """When the turn it answers first ended."""
    prompt: bool
    """Whether it was chosen before the caller spoke in its turn: a greeting or a reminder."""
    part: str = ""
    """Which part of an answer it is: prefix, first, next, rest; all of it if empty."""
    led: float | None = None
    """When it was let be heard before the final."""
    followed: tuple[float, ReplyFollowed] | None = None
    """What became of it, as a part of an answer."""

    @property
    def _taken_back(self) -> bool:
        """Return whether it was led as a part of a reply that was not given."""
        led = self.led is not None and self.part != "prefix"
        return led and self.followed is not None and self.followed[1].outcome != "continued"

    @property
    def wrongly_heard(self) -> bool:
        """Return whether any of it was played although it was dropped, or before it was committed.

        The device tells when a reply began by its own blocks of sound, to within one of them.
        """
        if self.started is None or self.prompt:
            return False
        if self.discarded is not None or self.turn_ended is None or self._taken_back:
            return True
        given = self.committed if self.prepared_early else self.chosen
        allowed = given if self.led is None else self.led
        return allowed is None or self.started[1].played + _BLOCK < max(allowed, self.turn_ended)


def answer_to(stories: Sequence[ReplyStory], *, ended: float) -> tuple[ReplyStory, ...]:
    """Return what answered a turn, part by part as it was heard; nothing if it got no answer.

    Parameters
    ----------
    stories : of the turn
    ended : session second at which the turn ended, for the last time
    """
    parts = [one for one in stories if not one.prompt and _begins_answer(one, ended)][:1]
    while parts and parts[-1].followed is not None:
        by = parts[-1].followed[1].by
        following = next((one for one in stories if one.number == by), None)
        if following is None:
            break
        parts.append(following)
    return tuple(parts)


def _begins_answer(story: ReplyStory, ended: float) -> bool:
    if story.led is not None:
        return story.followed is not None and story.followed[1].outcome == "continued"
    if story.discarded is not None or story.part in ("prefix", "next", "rest"):
        return False
    return story.committed is not None or story.chosen >= ended


def by_reply(events: Iterable[Event]) -> dict[int, list[Event]]:
    """Return the events of each reply, oldest first."""
    held: dict[int, list[Event]] = {}
    for event in events:
        body: Any = event.body
        if type(body) in _OF_REPLIES:
            held.setdefault(body.reply, []).append(event)
    return held


@dataclass(frozen=True, slots=True, kw_only=True)
class Replies:
    """What is known of all replies of a session, read once."""

    stories: tuple[ReplyStory, ...]
    """In the order they were chosen."""
    events: Mapping[int, Sequence[Event]]
    """Of each reply, by its number."""


def replies(events: Iterable[Event]) -> tuple[ReplyStory, ...]:
    """Return the story of every reply, in the order they were chosen."""
    return read_replies(events).stories


def read_replies(events: Iterable[Event]) -> Replies:
    """Return the stories of all replies together with their events."""
    events = tuple(events)
    spoke = _first_of_turn(events, SpeechStarted)
    ended = _first_of_turn(events, TurnEnded)
    held = by_reply(events)
    stories = [_story(number, own, spoke, ended) for number, own in held.items() if of_kind(own, ReplyChosen)]
    return Replies(stories=tuple(sorted(stories, key=lambda story: story.chosen)), events=held)


def _story(
    number: int, events: Sequence[Event], spoke: dict[int, float], ended: dict[int, float]
) -> ReplyStory:
    chosen, body = of_kind(events, ReplyChosen)[0]
    turn = next(event.turn for event in events if isinstance(event.body, ReplyChosen))
    discards = of_kind(events, EarlySynthesisDiscarded)
    committed = _first(events, EarlySynthesisCommitted)
    first_byte = _first(events, SynthesisFirstByte)
    audio = _first(events, SynthesisFirstAudio)
    led = _first(events, ReplyLed)
    stops = of_kind(events, PlaybackStopped)
    return ReplyStory(
        number=number,
        turn=turn,
        text=body.text,
        chosen=chosen,
        prepared_early=_first(events, EarlySynthesisStarted) is not None,
        committed=None if committed is None else committed[0],
        discarded=discards[0][0] if discards else None,
        discard_reason=discards[0][1].reason if discards else "",
        first_byte=None if first_byte is None else first_byte[0],
        leading_silence=0.0 if audio is None else audio[1].leading_silence,
        started=_first(events, PlaybackStarted),
        stopped=stops[-1] if stops else None,
        turn_ended=ended.get(turn),
        prompt=chosen < spoke.get(turn, float("inf")),
        part=body.part,
        led=None if led is None else led[0],
        followed=_first(events, ReplyFollowed),
    )


def _first(events: Iterable[Event], kind: type[B]) -> tuple[float, B] | None:
    found = of_kind(events, kind)
    return found[0] if found else None


def _first_of_turn(events: Iterable[Event], kind: type[B]) -> dict[int, float]:
    """Return when each turn saw its first ``kind``."""
    found: dict[int, float] = {}
    for event in events:
        if isinstance(event.body, kind):
            found.setdefault(event.turn, event.at)
    return found
