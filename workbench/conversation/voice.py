"""What turn taking asks of whatever hears, speaks and looks things up: small, so a recording can stand in."""

from collections.abc import Sequence
from typing import Literal, Protocol, TypeAlias, TypeVar

from workbench.conversation.enrichment import Use
from workbench.conversation.facts import Facts, Question
from workbench.conversation.observations import Pass
from workbench.core.events import Body, Event, Source

Part: TypeAlias = Literal["", "prefix", "first", "next", "rest"]
"""Which part of an answer a reply is; all of it if empty. Something follows all but the last."""


class Record(Protocol):
    """Puts an event on the session's timeline."""

    def __call__(self, body: Body, *, turn: int, source: Source) -> Event: ...  # noqa: D102


class SpokenReply(Protocol):
    """One reply on its way."""

    number: int
    turn: int
    text: str
    started: bool
    """Whether the client has begun to play it."""


R = TypeVar("R", bound=SpokenReply)
"""The kind of replies a voice makes."""


class Voice(Protocol[R]):
    """Speaks the replies of one session."""

    @property
    def current(self) -> R | None:
        """Return the reply that was committed and is not yet over, if any."""

    def clauses(self, ssml: str) -> Sequence[str]:
        """Return what is said, cut where its synthesis cuts it; each clause is SSML."""

    def prepare(
        self, *, text: str, ssml: str, voice: str, turn: int, source: Source = ..., part: Part = ...
    ) -> R:
        """Begin to synthesise; nothing is heard before it is committed."""

    def commit(self, reply: R) -> None:
        """Let the caller hear ``reply``; one that is still being heard is silenced."""

    def follow(self, reply: R) -> None:
        """Let the caller hear ``reply`` once what is being heard is over; it was prepared later than that."""

    def withdraw(self, reply: R) -> None:
        """Silence a reply that follows others, and what follows it; these are heard on."""

    def discard(self, reply: R) -> None:
        """Drop a reply that was never committed."""

    def pause(self) -> None:
        """Hold the current reply's playback."""

    def resume(self) -> None:
        """Let the current reply's playback go on."""

    def stop(self) -> None:
        """Silence the current reply, and what it follows."""


class Ear(Protocol):
    """Hears one caller."""

    @property
    def position(self) -> int:
        """Return how many samples of the caller's stream were noticed, at 16 kHz."""

    def want(self, kind: Pass) -> None:
        """Ask for a pass over the present utterance."""

    def end_utterance(self, *, final: bool) -> None:
        """Let the next speech open a new utterance; ``final`` asks for a last pass over this one."""


class LookingUp(Protocol):
    """Looks things up while a session talks."""

    def facts(self) -> Facts:
        """Return what is known now."""

    def want(self, question: Question, *, turn: int) -> None:
        """Begin to look ``question`` up."""

    def use(self, *, floor_free: bool) -> Use:
        """Return what to do about the answers that are owed."""
