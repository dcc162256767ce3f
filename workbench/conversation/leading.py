"""Leading a reply: what may be heard after the end of a turn while its final transcript is still awaited.

A phrase that is safe whatever follows ("One moment."), or the first sentence of the reply that was prepared.
Should the final disagree, the first costs nothing; the second is silenced if nothing of it was heard, else
taken back in words.
"""

from dataclasses import dataclass
from enum import StrEnum

from workbench.errors import ParameterError


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadSettings:
    """What may be heard before the final; nothing unless something is set."""

    prefixes: tuple[str, ...] = ()
    """Phrases, SSML, that any reply may begin with; they take turns."""
    prefix_confidence: float = 0.5
    """Least confidence, 0..1, of the intent for a phrase: nothing is said to a cough."""
    sentences: bool = False
    """Whether the first sentence of a prepared reply of several may be said."""
    confidence: float = 0.9
    """Least confidence, 0..1, of the intent for that."""

    def __post_init__(self) -> None:
        for name in ("prefix_confidence", "confidence"):
            if not 0 <= getattr(self, name) <= 1:
                raise ParameterError(f"lead {name} is {getattr(self, name)}, expected 0 to 1")


class LeadMove(StrEnum):
    """What to let the caller hear."""

    NOTHING = "nothing"
    PREFIX = "prefix"
    SENTENCE = "sentence"


def decide_lead(settings: LeadSettings, *, intent: str | None, confidence: float, sentence: bool) -> LeadMove:
    """Return what may be heard at the end of a turn whose final is to come.

    Parameters
    ----------
    intent, confidence : what the last partial meant, and how sure that is
    sentence : whether the first sentence of a longer reply is prepared
    """
    if intent is None:
        return LeadMove.NOTHING
    if settings.sentences and sentence and confidence >= settings.confidence:
        return LeadMove.SENTENCE
    if settings.prefixes and confidence >= settings.prefix_confidence:
        return LeadMove.PREFIX
    return LeadMove.NOTHING
