"""What is known besides what was said: who is calling, and answers that were looked up. Values only.

Facts change while a session goes on; the dialog takes those of the moment with each move, so a reply worked
out from a partial is the final's reply only if nothing was learnt in between.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

CALLER_FACTS = ("caller", "caller_place")
"""Placeholders any prompt may use: how a known caller is addressed, and where they usually meet."""

ANSWER = "answer"
"""Placeholder for what was found, in the reply of an intent with a lookup."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Something to be looked up; the same words ask the same."""

    intent: str
    """The intent that asks it: it has the prompts around the answer."""
    lookup: str
    """Where to look: ``knowledge``."""
    text: str
    """The words of the templates that were said, not those that may have been misheard."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known at one moment."""

    caller: Mapping[str, str] = field(default_factory=dict)
    """Values of :data:`CALLER_FACTS`; empty for a stranger."""
    lookups: frozenset[str] = frozenset()
    """Lookups that are at work; any other finds nothing."""
    answers: Mapping[Question, str] = field(default_factory=dict)
    """Answers that are there; an empty one if nothing was found, or the answer will not come any more."""

    def answer(self, question: Question) -> str | None:
        """Return the answer, empty if there is none to be found, None if it may still come."""
        return self.answers.get(question) if question.lookup in self.lookups else ""


NO_FACTS = Facts()
"""Nothing is known, and nothing is looked up."""
