"""Whether a conversation may be stored is asked first, once more if need be, and never taken for granted."""

import pytest
from pydantic import ValidationError

from workbench.conversation.assistant_model import Consents
from workbench.conversation.assistants import load_assistant
from workbench.conversation.dialog import Dialog, Response
from workbench.conversation.expecting import expected_in
from workbench.conversation.understanding import Interpretation, Understanding
from workbench.core.consent import Consent
from workbench.core.events import ActionTaken, ConsentSettled

QUESTION = "May I keep a recording of this call?"
COFFEE = load_assistant("coffee").model_copy(
    update={"consent": Consents(level=Consent.TRANSCRIPT, ask=(QUESTION,))}
)
DIALOG, UNDERSTANDING = Dialog(COFFEE), Understanding(COFFEE)


def talk(*said: str, greet: bool = True) -> list[Response]:
    """Return the responses of a conversation, the opening among them if there is one."""
    start = DIALOG.start(consent=True)
    responses = [DIALOG.opening(start)] if greet else []
    for text in said:
        state = responses[-1].state if responses else start
        heard = UNDERSTANDING.interpret(text, expecting=state.expecting)
        responses.append(DIALOG.respond(state, heard, text=text))
    return responses


def settled(responses: list[Response]) -> list[str]:
    return [
        effect.level
        for response in responses
        for effect in response.effects
        if isinstance(effect, ConsentSettled)
    ]


def test_a_yes_allows_what_the_file_says_and_the_greeting_follows() -> None:
    """The caller's answer would be lost, or the conversation end with it."""
    asked, answered, ordered = talk("yes", "a large latte with oat milk")
    assert asked.text == QUESTION
    assert expected_in(asked.state, COFFEE) == "yes-no"
    assert answered.text == "Thank you. Hi there! What can I get you?"
    assert answered.state.consenting is None
    assert settled([asked]) == []
    assert settled([answered]) == ["transcript"]
    assert any(isinstance(effect, ActionTaken) for effect in ordered.effects)


@pytest.mark.parametrize("no", ["no", "never mind"])
def test_a_no_allows_nothing(no: str) -> None:
    """A refusal would be taken for consent, or end the call."""
    responses = talk(no)
    assert settled(responses) == ["none"]
    assert responses[-1].text == "All right, nothing is recorded. Hi there! What can I get you?"


def test_what_the_caller_wanted_first_is_answered_after_the_question() -> None:
    """Who speaks first would have to say it again."""
    asked, answered = talk("a large latte with oat milk", "yes", greet=False)
    assert asked.text == QUESTION
    assert asked.effects == ()
    assert answered.text.startswith("Thank you. ")
    assert "latte" in answered.text
    assert [type(effect) for effect in answered.effects].count(ActionTaken) == 1
    assert settled([answered]) == ["transcript"]


def test_two_answers_that_are_neither_are_a_no() -> None:
    """A caller who ignores the question would be asked for ever, or be stored."""
    asked, again, refused = talk("a large latte with oat milk", "a small mocha with oat milk")
    assert (asked.text, again.text) == (QUESTION, QUESTION)
    assert settled([asked, again]) == []
    assert settled([refused]) == ["none"]
    assert "mocha" in refused.text


def test_a_yes_to_a_question_that_was_not_heard_is_none() -> None:
    """Who talks into the first word of the question has agreed to nothing."""
    asked = DIALOG.opening(DIALOG.start(consent=True))
    cut = DIALOG.heard(asked.state, asked, "May I")
    heard = UNDERSTANDING.interpret("yes")
    again = DIALOG.respond(cut, heard, text="yes")
    assert settled([again]) == []
    assert again.text == QUESTION
    most = DIALOG.heard(asked.state, asked, "May I keep a recording of")
    assert settled([DIALOG.respond(most, heard, text="yes")]) == ["transcript"]


def test_a_yes_that_is_not_sure_is_asked_again() -> None:
    """A cough would be consent."""
    asked = DIALOG.opening(DIALOG.start(consent=True))
    doubtful = Interpretation(intent="yes", confidence=0.36, complete=True)
    assert settled([DIALOG.respond(asked.state, doubtful, text="yes")]) == []


def test_without_the_question_nothing_is_asked() -> None:
    """Everybody would be asked, also where the backend has the consent."""
    assert Dialog(COFFEE).opening().text == "Hi there! What can I get you?"


def test_a_question_needs_something_to_ask_for() -> None:
    """A file would ask, and a yes allow nothing."""
    with pytest.raises(ValidationError, match="has a question, expected level to be transcript or full"):
        Consents(ask=("May I?",))
    without_no = COFFEE.model_dump() | {"intents": {"yes": COFFEE.intents["yes"]}}
    with pytest.raises(ValidationError, match="asks for consent, expected the intents no"):
        type(COFFEE).model_validate(without_no)


def test_what_is_said_about_it_is_worth_preparing() -> None:
    """The first thing said would wait for its synthesis."""
    assert {QUESTION, "Thank you.", "All right, nothing is recorded."} <= set(COFFEE.fixed_prompts)
