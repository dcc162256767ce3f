"""Where a conversation stands, and what a reply brings: values only."""

from dataclasses import dataclass
from typing import TypeAlias

from workbench.conversation.facts import Question
from workbench.conversation.prompts import Said
from workbench.conversation.understanding import Interpretation
from workbench.core.events import ActionTaken, ClarificationAsked, ConsentSettled, SlotConfirmed

Effect: TypeAlias = SlotConfirmed | ClarificationAsked | ActionTaken | ConsentSettled
"""What a reply settles, asks or does; the pipeline records it as an event."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """A slot and what is known of its value."""

    slot: str
    value: str
    confidence: float
    confirmed: bool = False
    """Whether the caller heard it back, or said yes to it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Consenting:
    """That the caller is to be asked whether the conversation may be stored."""

    asked: int = 0
    """How often it was."""
    meant: Interpretation | None = None
    """What the caller said first instead of an answer; it is answered once the question is."""
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DialogState:
    """Where a conversation stands."""

    turn: int = 0
    """Replies chosen so far."""
    intent: str | None = None
    """The request being worked on."""
    filled: tuple[Filled, ...] = ()
    expecting: str | None = None
    """The slot that was just asked for."""
    confirming: bool = False
    """Whether the question was a yes-or-no one about that slot."""
    done: bool = False
    """Whether the action has been taken for these values."""
    requests: int = 0
    """Requests completed so far; numbers the actions."""
    changes: int = 0
    """Changes made to the last completed request."""
    last: Said | None = None
    """What was said last."""
    owed: tuple[Question, ...] = ()
    """Questions the caller was told are being looked up, oldest first."""
    consenting: Consenting | None = None
    """The question that comes before all others; None once it is settled."""

    @property
    def values(self) -> dict[str, str]:
        """Return the value of each filled slot."""
        return {filled.slot: filled.value for filled in self.filled}


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """One reply and what comes with it."""

    state: DialogState
    """The state once the reply has been given."""
    text: str
    ssml: str
    effects: tuple[Effect, ...] = ()
    expecting: str | None = None
    """The slot an answer is expected for."""
    ends: bool = False
    """Whether the conversation is over after it."""
    asks: Question | None = None
    """What the caller wants looked up, whether it is answered already or not."""
