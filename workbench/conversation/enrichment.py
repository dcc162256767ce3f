"""When something is looked up, and when its answer is used: in the reply, after it, or before the next one.

The reply is never delayed. An answer that is there when the turn is answered is in the reply. One that comes
later is owed: it is added once the floor is free, or stands in front of the next reply if the caller spoke
first. After the limit whoever looks it up gives up, and the caller is told so in the same way. No clock is
read here: what came, and that nothing did, are told.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from workbench.conversation.facts import Question
from workbench.errors import ParameterError


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrichmentSettings:
    """The limits of one session."""

    limit: float = 2.0
    """Seconds after which an answer is of no use."""
    at_once: int = 4
    """Lookups under way; one more gives up the oldest that nobody was promised."""
    kept: int = 32
    """Answers remembered; the oldest go first."""

    def __post_init__(self) -> None:
        if not self.limit > 0:
            raise ParameterError(f"enrichment limit is {self.limit} s, expected more than 0")
        if not 0 < self.at_once <= self.kept:
            raise ParameterError(f"enrichment at_once is {self.at_once}, expected 1 to kept ({self.kept})")


class Outcome(StrEnum):
    """What became of a lookup."""

    FOUND = "found"
    NOTHING = "nothing"
    LATE = "late"
    FAILED = "failed"
    TIMEOUT = "timeout"


class Use(StrEnum):
    """What to do about the answers that are owed."""

    WAIT = "wait"
    """None has come."""
    ADD = "add"
    """Say them now."""
    HOLD = "hold"
    """They stand in front of the next reply, or are added when the floor is free."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """Whether to look a question up, and which lookup to give up for it."""

    start: bool
    give_up: Question | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Lookup:
    turn: int
    outcome: Outcome | None = None
    """None while it is under way."""
    answer: str = ""

    @property
    def useless(self) -> bool:
        """Return whether asking again may have another outcome."""
        return self.outcome in (Outcome.FAILED, Outcome.TIMEOUT)


@dataclass(slots=True)
class Enrichment:
    """Decides over the lookups of one session."""

    settings: EnrichmentSettings = field(default_factory=EnrichmentSettings)
    _lookups: dict[Question, _Lookup] = field(default_factory=dict)
    """Oldest first."""

    def want(self, question: Question, *, turn: int, owed: Collection[Question] = ()) -> Start:
        """Decide on a question that was understood, maybe not for the first time."""
        known = self._lookups.get(question)
        if known is not None and not (known.useless and turn > known.turn):
            return Start(start=False)
        self._lookups.pop(question, None)
        running = [one for one, lookup in self._lookups.items() if lookup.outcome is None]
        given_up = None
        if len(running) >= self.settings.at_once:
            given_up = next((one for one in running if one not in owed), running[0])
            del self._lookups[given_up]
        while len(self._lookups) >= self.settings.kept:
            ended = [one for one, lookup in self._lookups.items() if lookup.outcome is not None]
            del self._lookups[next((one for one in ended if one not in owed), ended[0])]
        self._lookups[question] = _Lookup(turn=turn)
        return Start(start=True, give_up=given_up)

    def finish(self, question: Question, answer: str, *, owed: Collection[Question]) -> Outcome | None:
        """Take an answer in, empty if nothing was found; None if nobody waits for it any more."""
        if not answer:
            return self._end(question, Outcome.NOTHING)
        return self._end(question, Outcome.LATE if question in owed else Outcome.FOUND, answer)

    def fail(self, question: Question, outcome: Outcome) -> Outcome | None:
        """Take in that there will be no answer; None if nobody waits for it any more."""
        return self._end(question, outcome)

    def answers(self) -> Mapping[Question, str]:
        """Return what there is to say; empty for what will not be known."""
        return {
            question: lookup.answer
            for question, lookup in self._lookups.items()
            if lookup.outcome is not None
        }

    def use(self, owed: Sequence[Question], *, floor_free: bool) -> Use:
        """Decide on what is owed, whenever something came or the floor may have become free."""
        answers = self.answers()
        if not any(question in answers for question in owed):
            return Use.WAIT
        return Use.ADD if floor_free else Use.HOLD

    def _end(self, question: Question, outcome: Outcome, answer: str = "") -> Outcome | None:
        lookup = self._lookups.get(question)
        if lookup is None or lookup.outcome is not None:
            return None
        self._lookups[question] = replace(lookup, outcome=outcome, answer=answer)
        return outcome
