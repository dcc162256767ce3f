"""Where the dialog stands when an answer of several parts is interrupted."""

from dataclasses import dataclass, replace

import pytest

from workbench.conversation.assistants import load_assistant
from workbench.conversation.dialog import Dialog
from workbench.conversation.preparing import Answer
from workbench.conversation.standing import Standing
from workbench.conversation.understanding import Understanding

AHEAD, LAST = "One large latte.", "Coming right up."


@dataclass(eq=False)
class Reply:
    """A reply that was given."""

    number: int = 1
    turn: int = 0
    text: str = LAST
    started: bool = False


def interrupted(*, started: bool, ahead: str) -> Standing[Reply]:
    """Return where an order stands of which the last part was cut off after its first word."""
    assistant = load_assistant("coffee")
    dialog = Dialog(assistant)
    standing: Standing[Reply] = Standing(
        dialog=dialog, record=lambda *_, **__: None, changed=lambda: None, state=dialog.start()
    )
    heard = Understanding(assistant).interpret("a large latte please")
    response = dialog.respond(standing.state, heard, text="a large latte please")
    assert response.text == f"{AHEAD} {LAST}"
    response = replace(response, state=replace(response.state, confirming=True))
    reply = Reply(started=started)
    standing.given(reply, Answer("a large latte please", heard, response), ahead=ahead)
    standing.interrupted(reply, "Coming" if started else "")
    return standing


@pytest.mark.parametrize(("ahead", "asked"), [(AHEAD, True), ("", False)])  # 4 of 6 words, or 1
def test_what_was_heard_before_the_last_part_was_heard(*, ahead: str, asked: bool) -> None:
    """A yes to a question that was heard would answer nothing."""
    assert interrupted(started=True, ahead=ahead).state.confirming is asked


def test_an_answer_whose_last_part_nobody_heard_was_not_given() -> None:
    """An order would stand that was interrupted before it was taken."""
    standing = interrupted(started=False, ahead=AHEAD)
    assert standing.state.filled == ()
    assert standing.carried == "a large latte please"
