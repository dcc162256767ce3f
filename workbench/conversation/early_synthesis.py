"""Early synthesis: when to prepare a reply before the final, and what becomes of it.

A reply is prepared from a confident, stable partial understanding, held without being heard, committed as far
as the final understanding asks for the very same, and discarded if that begins otherwise.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import takewhile

from workbench.errors import ParameterError

SILENCE_MAX = 10
"""Longest silence, seconds, that may be asked for."""

STARTS_MAX = 20
"""Most early starts in one turn that may be allowed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlySynthesisSettings:
    """When a partial understanding is good enough to start from."""

    enabled: bool = True
    confidence: float = 0.6
    """Least confidence of the intent, 0..1."""
    stability: float = 0.5
    """Least stability of the transcript, 0..1."""
    end_of_turn: float = 0.0
    """Least probability, 0..1, that the caller has finished, as endpointing has it from the words."""
    silence: float = 0.08
    """Least silence, seconds: a caller in mid-word is not yet answered."""
    starts_max: int = 3
    """Most early starts in one turn: discarded work costs processor time."""

    def __post_init__(self) -> None:
        for name in ("confidence", "stability", "end_of_turn"):
            value = getattr(self, name)
            if not 0 <= value <= 1:
                raise ParameterError(f"early synthesis {name} is {value}, expected 0 to 1")
        if not 0 <= self.silence <= SILENCE_MAX:
            raise ParameterError(f"early synthesis silence is {self.silence} s, expected 0 to {SILENCE_MAX}")
        if not isinstance(self.starts_max, int) or not 0 <= self.starts_max <= STARTS_MAX:
            raise ParameterError(
                f"early synthesis starts_max is {self.starts_max}, "
                f"expected a whole number of 0 to {STARTS_MAX}"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A reply that could be prepared now."""

    reply: str
    """What would be said, as SSML: equal replies are interchangeable."""
    intent: str | None
    confidence: float
    stability: float
    end_of_turn: float
    """How likely the caller has finished, 0..1."""
    complete: bool
    """Whether the words make a finished request."""
    parts: tuple[str, ...] = ()
    """The parts it is prepared in, as SSML; nothing if it is prepared in one."""


class EarlyMove(StrEnum):
    """What to do with the reply in preparation."""

    WAIT = "wait"
    START = "start"
    HOLD = "hold"
    DISCARD = "discard"
    COMMIT = "commit"


@dataclass(frozen=True, slots=True)
class EarlyDecision:
    """A move and, if not all that is held was asked for, the reason."""

    move: EarlyMove
    reason: str = ""
    kept: int = 0
    """Of a commit: how many parts, from the first on, are what is asked for."""


@dataclass(slots=True)
class EarlySynthesis:
    """Decides over one turn; make a new one for each."""

    settings: EarlySynthesisSettings = field(default_factory=EarlySynthesisSettings)
    _held: Candidate | None = None
    _starts: int = 0

    @property
    def held(self) -> Candidate | None:
        """Return what is being prepared, if anything."""
        return self._held

    def offer(self, candidate: Candidate, *, silence: float) -> EarlyDecision:
        """Decide on a partial understanding.

        A different reply discards the held one; offer the candidate again to start anew.
        """
        if self._held is not None:
            if candidate.reply == self._held.reply:
                return EarlyDecision(EarlyMove.HOLD)
            reason = "intent-changed" if candidate.intent != self._held.intent else "reply-changed"
            self._held = None
            return EarlyDecision(EarlyMove.DISCARD, reason)
        if self._wanted(candidate, silence):
            self._held = candidate
            self._starts += 1
            return EarlyDecision(EarlyMove.START)
        return EarlyDecision(EarlyMove.WAIT)

    def speech_resumed(self) -> EarlyDecision:
        """Decide when the caller speaks on after a pause."""
        if self._held is None:
            return EarlyDecision(EarlyMove.WAIT)
        self._held = None
        return EarlyDecision(EarlyMove.DISCARD, "speech-resumed")

    def finish(self, reply: str | None, *, intent: str | None, parts: Sequence[str] = ()) -> EarlyDecision:
        """Decide at the end of the turn.

        Parameters
        ----------
        reply : what the final asks for, None for no reply at all
        parts : the parts it would be prepared in
        """
        held, self._held = self._held, None
        if held is None:
            return EarlyDecision(EarlyMove.WAIT)
        if reply is None:
            return EarlyDecision(EarlyMove.DISCARD, "turn-dropped")
        if reply == held.reply:
            return EarlyDecision(EarlyMove.COMMIT, kept=max(1, len(held.parts)))
        reason = "intent-changed" if intent != held.intent else "reply-changed"
        kept = confirmed(held.parts, parts)
        return EarlyDecision(EarlyMove.COMMIT if kept else EarlyMove.DISCARD, reason, kept)

    def _wanted(self, candidate: Candidate, silence: float) -> bool:
        wanted = self.settings
        return (
            wanted.enabled
            and self._starts < wanted.starts_max
            and candidate.complete
            and candidate.intent is not None
            and candidate.confidence >= wanted.confidence
            and candidate.stability >= wanted.stability
            and candidate.end_of_turn >= wanted.end_of_turn
            and silence >= wanted.silence
        )


def confirmed(held: Sequence[str], asked: Sequence[str]) -> int:
    """Return how many parts, from the first on, two replies that differ share: never the last of either.

    A last part ends a reply, one before it goes on: they do not sound the same.

    >>> confirmed(["Sure.", "A latte.", "Enjoy!"], ["Sure.", "A mocha.", "Enjoy!"])
    1
    """
    alike = takewhile(lambda pair: pair[0] == pair[1], zip(held[:-1], asked[:-1], strict=False))
    return sum(1 for _ in alike)
