"""What kind of answer the caller was asked for: how long people think in mid-answer depends on it."""

from enum import StrEnum

from workbench.conversation.assistant_model import Assistant
from workbench.conversation.dialog_state import DialogState

_OF_KINDS = {"clock-time": "date", "day": "date", "duration": "date"}


class Expected(StrEnum):
    """Kinds of answers."""

    ANYTHING = ""
    """Nothing in particular was asked."""
    YES_NO = "yes-no"
    CHOICE = "choice"
    """One of some values, or a number."""
    DATE = "date"
    """A day, a time of day or a duration."""
    LIST = "list"
    """Several things, one after another."""


def expected_in(state: DialogState, assistant: Assistant) -> Expected:
    """Return what the question asked last wants for an answer."""
    if state.confirming or state.consenting is not None:
        return Expected.YES_NO
    slot = assistant.slots.get(state.expecting or "")
    if slot is None:
        return Expected.ANYTHING
    return Expected(slot.expects or _OF_KINDS.get(slot.kind or "", Expected.CHOICE))
