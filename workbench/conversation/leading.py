"""Leading a reply: what may be heard after the end of a turn while its final transcript is still awaited.

A phrase that is safe whatever follows ("One moment."), or the beginning of the reply that was prepared: its
first sentence, or clause by clause, but never its last. Should the final disagree, a phrase costs nothing; of
a beginning what it confirms stays, what is wrong and nobody heard is replaced, and what was heard of that is
taken back in words.
"""

from dataclasses import dataclass
from enum import StrEnum

from workbench.errors import ParameterError

CLAUSES_MAX = 4
"""Most clauses that may be led: each is a reply of its own, and is synthesised whether it is led or not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadSettings:
    """What may be heard before the final; nothing unless something is set."""

    prefixes: tuple[str, ...] = ()
    """Phrases, SSML, that any reply may begin with; they take turns."""
    prefix_confidence: float = 0.5
    """Least confidence, 0..1, of the intent for a phrase: nothing is said to a cough."""
    sentences: bool = False
    """Whether the first sentence of a prepared reply of several may be said."""
    clauses: int = 0
    """How many clauses of a prepared reply may be said, 0..4; if any, instead of a sentence."""
    confidence: float = 0.9
    """Least confidence, 0..1, of the intent for that sentence, or for the first clause."""
    further_confidence: float = 0.95
    """The same for the clauses after the first; one below ``confidence`` counts as that."""

    def __post_init__(self) -> None:
        for name in ("prefix_confidence", "confidence", "further_confidence"):
            if not 0 <= getattr(self, name) <= 1:
                raise ParameterError(f"lead {name} is {getattr(self, name)}, expected 0 to 1")
        if not 0 <= self.clauses <= CLAUSES_MAX:
            raise ParameterError(f"lead clauses is {self.clauses}, expected 0 to {CLAUSES_MAX}")


class LeadMove(StrEnum):
    """What to let the caller hear."""

    NOTHING = "nothing"
    PREFIX = "prefix"
    PARTS = "parts"


@dataclass(frozen=True, slots=True)
class LeadDecision:
    """A move and how much of the reply it lets be heard."""

    move: LeadMove
    parts: int = 0
    """How many of its parts, from the first on."""


def decide_lead(settings: LeadSettings, *, intent: str | None, confidence: float, parts: int) -> LeadDecision:
    """Return what may be heard at the end of a turn whose final is to come.

    Parameters
    ----------
    intent, confidence : what the last partial meant, and how sure that is
    parts : how many parts of the reply that is prepared stand before its last
    """
    if intent is None:
        return LeadDecision(LeadMove.NOTHING)
    if (settings.sentences or settings.clauses) and parts and confidence >= settings.confidence:
        return LeadDecision(LeadMove.PARTS, parts if confidence >= settings.further_confidence else 1)
    if settings.prefixes and confidence >= settings.prefix_confidence:
        return LeadDecision(LeadMove.PREFIX)
    return LeadDecision(LeadMove.NOTHING)
