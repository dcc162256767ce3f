"""What a session must remember to go on in another process: the conversation, not the sound."""

from functools import cache

from pydantic import TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from workbench.conversation.dialog import DialogState, Response
from workbench.conversation.speaker import Speaker
from workbench.errors import ParameterError

VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenReply:
    """The reply that was committed last."""

    number: int
    turn: int
    said: str
    """The words it answers."""
    response: Response
    before: DialogState
    """The dialog before it."""
    started: bool
    """Whether the client has begun to play it."""
    over: bool
    """Whether it has been heard to its end, or stopped."""
    text: str = ""
    ssml: str = ""
    """What it says itself, where it is the last part of the response only."""
    ahead: str = ""
    """What of the response is heard before it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """A snapshot of one session's conversation."""

    version: int = VERSION
    turn: int = 0
    """The caller's turn at hand."""
    position: int = 0
    """Samples of the caller's stream, at its own rate, that need not be heard again."""
    state: DialogState | None = None
    carried: str = ""
    """Words of a turn that was cut off, to be answered with the next."""
    given: GivenReply | None = None
    replies: int = 0
    """Replies numbered so far."""
    speaker: Speaker | None = None
    """What was learned of how this caller speaks; None before anything was."""


@cache
def _adapter() -> TypeAdapter[Context]:
    return TypeAdapter(Context)


def context_to_json(context: Context) -> str:
    """Return ``context`` as JSON."""
    return _adapter().dump_json(context).decode()


def context_from_json(text: str) -> Context:
    """Return the context in ``text``.

    Raises
    ------
    ParameterError
        If it is none, or of another version; never shows its content.
    """
    try:
        context = _adapter().validate_json(text)
    except ValidationError as error:
        raise ParameterError(f"a stored context has {error.error_count()} faults") from None
    if context.version != VERSION:
        raise ParameterError(f"a stored context has version {context.version}, expected {VERSION}")
    return context
