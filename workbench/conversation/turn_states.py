"""Turn states: start, update, likely end, resumption and end of each turn, read off a session's events.

The five states are those of Deepgram Flux (``TurnInfo``). Nothing of them is recorded: whoever follows the
events, of a session that goes on, of the wire or of a recording, has them from here.
"""

from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from workbench.conversation.endpointing import Evidence, completeness
from workbench.conversation.standing import CARRIED_MAX
from workbench.core.events import (
    Backchannelled,
    BargedIn,
    EarlySynthesisCommitted,
    EarlySynthesisStarted,
    Event,
    FinalTranscript,
    FinalWanted,
    PartialTranscript,
    PlaybackStopped,
    ReplyChosen,
    ReplyFollowed,
    ReplyLed,
    SessionOpened,
    SpeechStarted,
    TurnEnded,
    Understood,
    Word,
)


class TurnMoment(StrEnum):
    """What happened to a turn."""

    START = "StartOfTurn"
    """The first words of a turn are there; speech into a reply counts once it has interrupted it."""
    UPDATE = "Update"
    """Another partial was understood."""
    EAGER_END = "EagerEndOfTurn"
    """The turn seems to be over, or was ended and waits for its final; it may yet be resumed."""
    RESUMED = "TurnResumed"
    """After that the caller spoke on."""
    END = "EndOfTurn"
    """The turn is over, and is being answered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnState:
    """One moment of a turn."""

    moment: TurnMoment
    turn: int
    at: float
    """Seconds on the session clock."""
    seq: int
    """Number of the event that made it known."""
    transcript: str
    """All of the turn so far; of an end, as the finals say, empty if they found no words after all."""
    words: tuple[Word, ...]
    """Of the utterance at hand."""
    end_of_turn_confidence: float
    """How likely the caller has finished, 0..1, from the words."""


@dataclass(slots=True)
class TurnStates:
    """Follows the events of one session, from its opening on."""

    _unknown: float = 1.0
    """Share of its completeness that a sentence keeps while it means nothing; a setting of the session."""
    _reply: int | None = None
    """The reply that is given."""
    _before: int | None = None
    """The one given before the last was chosen."""
    _hearing: bool = False
    _into_reply: bool = False
    """Whether the caller speaks into a reply, and has not interrupted it."""
    _closing: set[int] = field(default_factory=set)
    """Utterances whose final is to come."""
    _carried: str = ""
    _started: bool = False
    _eager: bool = False
    _partial: PartialTranscript | None = None
    """The last one with words."""
    _score: float = 0.0

    def take(self, event: Event) -> tuple[TurnState, ...]:
        """Return what an event means to its turn, in order."""
        self._follow_reply(event)
        if self._reply is None:
            self._into_reply = False
        return tuple(self._state(moment, event) for moment in self._moments(event))

    def _moments(self, event: Event) -> Iterator[TurnMoment]:
        match event.body:
            case SessionOpened(settings=settings):
                ends = settings.get("endpointing")
                self._unknown = float(ends.get("unknown", 1.0)) if isinstance(ends, dict) else 1.0
            case SpeechStarted():
                if not self._hearing:
                    self._into_reply = self._reply is not None
                self._hearing = True
                if self._eager:
                    self._eager = False
                    yield TurnMoment.RESUMED
            case PartialTranscript() as partial:
                yield from self._heard(partial)
            case Understood() as understood if self._partial is not None and not self._into_reply:
                self._understood(understood, self._partial)
                yield TurnMoment.UPDATE
            case FinalWanted(score=score):
                self._score = score if self._may_be_over else self._score
                yield from self._eager_end()
            case TurnEnded() as end:
                self._hearing = False
                self._closing.add(end.utterance)
                self._score = end.score
                yield from self._eager_end()
            case FinalTranscript() as final:
                yield from self._finished(final)
            case Backchannelled():
                self._hearing = self._into_reply = False

    def _heard(self, partial: PartialTranscript) -> Iterator[TurnMoment]:
        if not partial.words or self._into_reply:
            return
        self._partial = partial
        was_started, self._started = self._started, True
        if not was_started:
            yield TurnMoment.START
        if self._closing and not self._hearing and self._may_be_over:  # its pass was under way at the end
            yield from self._eager_end()
        elif was_started and partial.passed_over:
            yield TurnMoment.UPDATE

    @property
    def _may_be_over(self) -> bool:
        """Return whether there are words, and nothing has told yet that they may be all."""
        return self._started and not self._eager and bool(self._text)

    def _eager_end(self) -> Iterator[TurnMoment]:
        if self._may_be_over:
            self._eager = True
            yield TurnMoment.EAGER_END

    @property
    def _text(self) -> str:
        """Return all of the turn so far."""
        return f"{self._carried} {'' if self._partial is None else self._partial.text}".strip()

    def _understood(self, understood: Understood, partial: PartialTranscript) -> None:
        known = understood.intent is not None
        evidence = Evidence(
            end_of_sentence=partial.end_of_sentence,
            stability=partial.stability,
            complete=understood.complete if known else None,
            words=len(partial.words),
        )
        self._score = completeness(evidence) * (1.0 if known else self._unknown)

    def _finished(self, final: FinalTranscript) -> Iterator[TurnMoment]:
        self._closing.discard(final.utterance)
        goes_on = self._hearing or bool(self._closing)
        overfull = len(self._carried) > CARRIED_MAX
        self._carried = f"{self._carried} {final.text}".strip()
        self._partial = None
        if goes_on and not overfull:
            return
        if self._started or self._carried:
            if not self._started:
                self._started = True
                yield TurnMoment.START
            yield TurnMoment.END
        self._carried, self._started, self._eager, self._score = "", False, False, 0.0

    def _state(self, moment: TurnMoment, event: Event) -> TurnState:
        words: tuple[Word, ...] = self._partial.words if self._partial is not None else ()
        if isinstance(event.body, FinalTranscript):
            words = event.body.words
        return TurnState(
            moment=moment,
            turn=event.turn,
            at=event.at,
            seq=event.seq,
            transcript=self._text,
            words=words,
            end_of_turn_confidence=self._score,
        )

    def _follow_reply(self, event: Event) -> None:
        """Follow which reply the caller would speak into: the one committed last, until it is over."""
        match event.body:
            case ReplyChosen(reply=number, part=""):
                self._before, self._reply = self._reply, number
            case EarlySynthesisStarted(reply=number) if number == self._reply:
                self._reply = self._before  # it was prepared, not given
            case EarlySynthesisCommitted(reply=number) | ReplyLed(reply=number):
                self._reply = number
            case ReplyFollowed(by=by):
                self._reply = by
            case PlaybackStopped(reply=number) if number == self._reply:
                self._reply = None
            case BargedIn():
                self._reply = None


def turn_states(events: Iterable[Event]) -> Iterator[TurnState]:
    """Yield the turn states of a session's events."""
    states = TurnStates()
    for event in events:
        yield from states.take(event)


async def turn_states_of(events: AsyncIterable[Event]) -> AsyncIterator[TurnState]:
    """Yield the turn states of events as they come: ``turn_states_of(session.events())``."""
    states = TurnStates()
    async for event in events:
        for state in states.take(event):
            yield state
