"""What kind of answer was asked for."""

import pytest

from workbench.conversation.assistants import load_assistant
from workbench.conversation.dialog_state import DialogState
from workbench.conversation.expecting import Expected, expected_in


@pytest.mark.parametrize(
    ("assistant", "state", "expected"),
    [
        ("coffee", DialogState(), Expected.ANYTHING),
        ("coffee", DialogState(expecting="coffeeDrink"), Expected.CHOICE),
        ("coffee", DialogState(expecting="coffeeDrink", confirming=True), Expected.YES_NO),
        ("rooms", DialogState(expecting="day"), Expected.DATE),
        ("rooms", DialogState(expecting="people"), Expected.CHOICE),
    ],
)
def test_a_question_tells_what_is_expected(assistant: str, state: DialogState, expected: Expected) -> None:
    """A yes would be waited for as long as a date."""
    assert expected_in(state, load_assistant(assistant)) is expected


def test_an_assistant_may_say_what_its_question_wants() -> None:
    """A question for several things could not be told from one for one."""
    coffee = load_assistant("coffee")
    slot = coffee.slots["milkAmount"].model_copy(update={"expects": "list"})
    listing = coffee.model_copy(update={"slots": {**coffee.slots, "milkAmount": slot}})
    assert expected_in(DialogState(expecting="milkAmount"), listing) is Expected.LIST
