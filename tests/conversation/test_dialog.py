"""Conversations turn by turn, and what a response may and may not do."""

import pytest
from hypothesis import given, settings, strategies as st

from workbench.conversation.assistants import load_assistant
from workbench.conversation.dialog import Dialog, DialogState
from workbench.conversation.understanding import Interpretation, Understanding
from workbench.core.events import ActionTaken, ClarificationAsked, SlotConfirmed

ASSISTANTS = {name: load_assistant(name) for name in ("coffee", "rooms")}
UNDERSTANDING = {name: Understanding(assistant) for name, assistant in ASSISTANTS.items()}
DIALOGS = {name: Dialog(assistant) for name, assistant in ASSISTANTS.items()}


def talk(name, *sentences):
    """Return every response of a conversation, the opening first."""
    responses = [DIALOGS[name].opening()]
    for text in sentences:
        state = responses[-1].state
        heard = UNDERSTANDING[name].interpret(text, expecting=state.expecting)
        responses.append(DIALOGS[name].respond(state, heard, text=text))
    return responses


def actions(responses):
    return [
        effect for response in responses for effect in response.effects if isinstance(effect, ActionTaken)
    ]


def questions(response):
    return [
        (effect.slot, effect.reason) for effect in response.effects if isinstance(effect, ClarificationAsked)
    ]


def order(drink, sure, **others):
    slots = {"coffeeDrink": drink, **others}
    return Interpretation(
        intent="orderDrink",
        slots=slots,
        confidence=0.9,
        slot_confidences={slot: sure if slot == "coffeeDrink" else 1.0 for slot in slots},
        complete=True,
    )


SIX_TURNS = ("book a room", "mountain view", "today", "two thirty pm", "half an hour", "two people")


def test_six_turns_book_a_room():
    """The booking of the recorded dialogue would not complete."""
    responses = talk("rooms", *SIX_TURNS)
    assert [response.expecting for response in responses] == [
        None, "place", "day", "time", "duration", "people", None,
    ]  # fmt: skip
    assert [questions(response) for response in responses[1:-1]] == [
        [(slot, "missing")] for slot in ("place", "day", "time", "duration", "people")
    ]
    (action,) = actions(responses)
    assert action in responses[-1].effects
    assert action.action == "bookRoom"
    assert action.arguments == {
        "place": "Mountain View",
        "day": "today",
        "time": "two thirty pm",
        "duration": "half an hour",
        "people": "two people",
    }
    for value in ("Mountain View", "today", "two thirty PM", "half an hour", "two people"):
        assert value in responses[-1].text


def test_the_same_booking_in_one_sentence():
    """Slots given ahead would be asked for again."""
    *_, last = talk(
        "rooms", "Book a room in Mountain View today at 2:30 p.m. for half an hour for two people"
    )
    (action,) = actions([last])
    assert action.arguments == actions(talk("rooms", *SIX_TURNS))[0].arguments


def test_a_change_after_the_booking_is_a_new_action_of_the_same_request():
    """A correction would be ignored, or book a second room."""
    responses = talk("rooms", *SIX_TURNS, "no, three people")
    first, second = actions(responses)
    assert second.arguments == {**first.arguments, "people": "three people"}
    assert first.key.startswith("bookRoom:1.0:")
    assert second.key.startswith("bookRoom:1.1:")
    assert "three people" in responses[-1].text


def test_saying_the_same_again_does_not_act_again():
    """An action would happen twice because the caller repeated a detail."""
    assert len(actions(talk("rooms", *SIX_TURNS, "yes, two people"))) == 1


def test_a_coffee_in_one_utterance():
    """The order would not be taken, or not be repeated to the caller."""
    *_, last = talk("coffee", "Can I get a large iced mocha with soy milk and a lot of sugar?")
    assert last.text == "One large iced mocha with soy milk and a lot of sugar. Coming right up."
    assert last.ssml == f"<speak>{last.text}</speak>"
    (action,) = actions([last])
    assert action.arguments == {
        "coffeeDrink": "iced mocha",
        "size": "large",
        "milkAmount": "soy milk",
        "sugarAmount": "a lot of sugar",
    }  # fmt: skip
    assert {effect.slot for effect in last.effects if isinstance(effect, SlotConfirmed)} == set(
        action.arguments
    )


def test_only_the_drink_is_asked_for():
    """A caller would be asked for a roast he does not care about."""
    responses = talk("coffee", "I'd like a large one with soy milk", "cappuccino")
    assert questions(responses[1]) == [("coffeeDrink", "missing")]
    assert actions(responses)[0].arguments == {
        "coffeeDrink": "cappuccino", "size": "large", "milkAmount": "soy milk",
    }  # fmt: skip


def test_changes_to_an_order():
    """A change of mind would not change the order."""
    responses = talk(
        "coffee", "a small mocha with soy milk", "no, large", "actually make it a latte", "without milk"
    )
    assert [action.arguments for action in actions(responses)] == [
        {"coffeeDrink": "mocha", "size": "small", "milkAmount": "soy milk"},
        {"coffeeDrink": "mocha", "size": "large", "milkAmount": "soy milk"},
        {"coffeeDrink": "latte", "size": "large", "milkAmount": "soy milk"},
        {"coffeeDrink": "latte", "size": "large"},
    ]
    assert [action.key.split(":")[1] for action in actions(responses)] == ["1.0", "1.1", "1.2", "1.3"]


def test_a_second_order_starts_empty():
    """The second coffee would get the milk of the first."""
    responses = talk("coffee", "a small mocha with soy milk", "and an espresso")
    assert actions(responses)[1].arguments == {"coffeeDrink": "espresso"}
    assert actions(responses)[1].key.startswith("orderDrink:2.0:")


def test_a_doubtful_drink_is_confirmed_before_anything_is_done():
    """A misheard drink would be brewed."""
    dialog = DIALOGS["coffee"]
    asked = dialog.respond(dialog.start(), order("mocha", 0.3, size="large"), text="a large mucker")
    assert asked.text == "Was that mocha?"
    assert questions(asked) == [("coffeeDrink", "unsure")]
    assert asked.expecting == "coffeeDrink"
    assert not actions([asked])
    said_yes = dialog.respond(asked.state, Interpretation(intent="yes", confidence=1.0), text="yes")
    assert SlotConfirmed(slot="coffeeDrink", value="mocha") in said_yes.effects
    assert actions([said_yes])[0].arguments == {"coffeeDrink": "mocha", "size": "large"}
    said_no = dialog.respond(asked.state, Interpretation(intent="no", confidence=1.0), text="no")
    assert said_no.text == "Which coffee would you like?"
    assert said_no.state.values == {"size": "large"}
    other = dialog.respond(asked.state, order("latte", 1.0), text="no, a latte")
    assert actions([other])[0].arguments == {"coffeeDrink": "latte", "size": "large"}


def test_saying_a_doubtful_value_twice_settles_it():
    """A caller with an unusual voice would be asked for ever."""
    dialog = DIALOGS["coffee"]
    asked = dialog.respond(dialog.start(), order("mocha", 0.3), text="a mucker")
    again = dialog.respond(asked.state, order("mocha", 0.3), text="a mucker")
    assert actions([again])[0].arguments == {"coffeeDrink": "mocha"}


def test_an_ignored_confirmation_is_not_a_yes():
    """A doubtful drink would slip in with the next remark."""
    dialog = DIALOGS["coffee"]
    asked = dialog.respond(dialog.start(), order("mocha", 0.3), text="a mucker")
    milk = Interpretation(
        intent="orderDrink",
        slots={"milkAmount": "soy milk"},
        confidence=1.0,
        slot_confidences={"milkAmount": 1.0},
    )
    then = dialog.respond(asked.state, milk, text="with soy milk")
    assert not actions([then])
    assert questions(then) == [("coffeeDrink", "missing")]


@pytest.mark.parametrize(
    ("text", "reason"), [("", "not-heard"), ("...", "not-heard"), ("how old is the bridge", "out-of-scope")]
)
def test_what_was_not_understood(text, reason):
    """The caller would get no answer, or the wrong kind."""
    *_, last = talk("coffee", text)
    assert questions(last) == [(None, reason)]
    assert last.text.startswith("Sorry")


def test_an_unknown_answer_asks_the_same_question_again():
    """The booking would lose its place after one misunderstanding."""
    responses = talk("rooms", "book a room", "Narnia", "London")
    assert questions(responses[2]) == [("place", "unknown-value")]
    assert responses[2].expecting == "place"
    assert responses[2].text.endswith("Where would you like to meet?")
    assert responses[3].state.values == {"place": "London"}


def test_help_and_repeat_keep_the_question_open():
    """Asking for help in the middle would end the booking."""
    responses = talk("rooms", "book a room", "help", "what did you say", "London")
    assert responses[2].expecting == responses[3].expecting == "place"
    assert responses[2].text.endswith("Where would you like to meet?")
    assert responses[3].text == responses[2].text
    assert responses[4].expecting == "day"


def test_cancelling_takes_the_action_back():
    """The room would stay booked."""
    responses = talk("rooms", *SIX_TURNS, "cancel the booking")
    assert [action.action for action in actions(responses)] == ["bookRoom", "bookRoom.cancel"]
    assert responses[-1].state.values == {}
    assert not actions(talk("rooms", "book a room", "never mind"))


def test_goodbye_ends():
    """The line would stay open after goodbye."""
    responses = talk("coffee", "a latte", "thanks", "goodbye")
    assert [response.ends for response in responses] == [False, False, False, True]


def test_the_opening_is_the_greeting():
    """The assistant would not say hello."""
    opening = DIALOGS["coffee"].opening()
    assert opening.text == ASSISTANTS["coffee"].greeting
    assert opening.state.values == {}


def test_the_key_is_the_same_for_the_same_move():
    """A reply prepared early and again at the end of the turn would act twice."""
    dialog = DIALOGS["coffee"]
    early = dialog.respond(dialog.start(), order("latte", 0.8), text="a latte")
    final = dialog.respond(dialog.start(), order("latte", 1.0), text="A latte.")
    other = dialog.respond(dialog.start(), order("mocha", 1.0), text="A mocha.")
    assert actions([early])[0].key == actions([final])[0].key != actions([other])[0].key
    assert early.text == final.text


def test_what_was_not_heard_is_not_confirmed():
    """After a barge-in the dialog would believe the caller heard everything."""
    dialog = DIALOGS["rooms"]
    before = talk("rooms", *SIX_TURNS[:-1])[-1].state
    heard = UNDERSTANDING["rooms"].interpret("two people", expecting="people")
    response = dialog.respond(before, heard, text="two people")
    cut = dialog.heard(before, response, "Your room is booked")
    whole = dialog.heard(before, response, response.text)
    assert [item.slot for item in cut.filled if not item.confirmed] == ["people"]
    assert all(item.confirmed for item in whole.filled)
    assert cut.values == whole.values


def test_answering_before_the_question_is_over_costs_nothing():
    """A caller who is quick would be asked to confirm what was clear."""
    dialog, understanding = DIALOGS["rooms"], UNDERSTANDING["rooms"]
    before = talk("rooms", "book a room")[-1].state
    asked = dialog.respond(before, understanding.interpret("London", expecting="place"), text="London")
    cut = dialog.heard(before, asked, "Which")
    then = dialog.respond(cut, understanding.interpret("today", expecting=cut.expecting), text="today")
    assert then.state.values == {"place": "London", "day": "today"}
    assert then.expecting == "time"


def test_a_question_that_was_not_heard_is_not_pending():
    """A yes to something else would confirm a drink nobody asked about."""
    dialog = DIALOGS["coffee"]
    asked = dialog.respond(dialog.start(), order("mocha", 0.3), text="a mucker")
    unheard = dialog.heard(dialog.start(), asked, "")
    assert asked.state.confirming
    assert not unheard.confirming
    yes = dialog.respond(unheard, Interpretation(intent="yes", confidence=1.0), text="yes")
    assert not actions([yes])
    assert dialog.heard(dialog.start(), asked, asked.text) == asked.state


SAID = st.sampled_from(
    ["a latte", "a mucker", "no", "yes", "large", "no, small", "without sugar", "with soy milk", "help", "",
     "repeat that", "cancel", "what's the weather", "thanks", "an iced mocha with lots of cream"]
)  # fmt: skip


@settings(deadline=None, max_examples=60)
@given(st.lists(SAID, max_size=6))
def test_responding_changes_nothing_and_repeats_itself(sentences):
    """A reply prepared early would leave traces when it is thrown away."""
    dialog, understanding = DIALOGS["coffee"], UNDERSTANDING["coffee"]
    state = dialog.start()
    assert state == DialogState()
    for text in sentences:
        heard = understanding.interpret(text, expecting=state.expecting)
        before = repr(state)
        slots = dict(heard.slots)
        response = dialog.respond(state, heard, text=text)
        assert repr(state) == before
        assert heard.slots == slots
        assert dialog.respond(state, heard, text=text) == response
        assert response.text
        for action in actions([response]):
            action.arguments.clear()
        assert dialog.respond(state, heard, text=text).state == response.state
        state = response.state
