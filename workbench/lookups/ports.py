"""What a session may look up: two small ports. Both may block, both must end by themselves.

Whoever asks runs them in a thread, waits a limited time and goes on without an answer; a thread that is no
longer waited for still counts against the few there are.
"""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A few sentences that answer something, as they would be said."""

    text: str
    source: str
    """File and heading it stands under."""
    score: float
    """How much of the question it covers, 0..1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """Somebody who is known."""

    id: str
    name: str
    spoken: str
    """How to address them aloud."""
    place: str = ""
    """Where they usually meet; empty if nothing is known."""


class Knowledge(Protocol):
    """Finds passages about a question; raises LookupFailed."""

    def find(self, question: str, *, limit: int) -> tuple[Passage, ...]: ...  # noqa: D102


class Customers(Protocol):
    """Finds a customer by the identifier a session token is bound to; raises LookupFailed."""

    def find(self, caller: str) -> Customer | None: ...  # noqa: D102
