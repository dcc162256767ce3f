"""Conversations with questions that are looked up, and with callers who are known."""

import pytest

from workbench.conversation.assistants import load_assistant
from workbench.conversation.dialog import Dialog
from workbench.conversation.facts import Facts, Question
from workbench.conversation.understanding import Understanding
from workbench.core.events import ActionTaken
from workbench.lookups.shipped import open_lookups

ROOMS = load_assistant("rooms")
UNDERSTANDING = Understanding(ROOMS)
DIALOG = Dialog(ROOMS)
PROJECTOR = Question(intent="askAboutRooms", lookup="knowledge", text="what rooms have projector")
PARKING = Question(intent="askAboutRooms", lookup="knowledge", text="is there parking")
HAVE = "The rooms in New York, London and Seattle have a projector."
ASKED = Facts(lookups=frozenset({"knowledge"}))
WAIT = "Let me look that up."
PLACE = "Where would you like to meet?"


def facts(answers, **caller):
    return Facts(caller=caller, lookups=frozenset({"knowledge"}), answers=answers)


def say(state, text, known=ASKED):
    heard = UNDERSTANDING.interpret(text, expecting=state.expecting)
    return DIALOG.respond(state, heard, text=text, facts=known)


def booking():
    return say(DIALOG.start(), "book a room").state


@pytest.mark.parametrize(
    ("known", "text"),
    [
        ({}, "Hello! I can book a room for you."),
        ({"caller": "Anna"}, "Hello, Anna! I can book a room for you."),
    ],
)
def test_a_known_caller_is_greeted_by_name(known, text):
    """A regular would be greeted like a stranger, or a stranger with a hole in the sentence."""
    assert DIALOG.opening(facts=facts({}, **known)).text == text


def test_names_and_answers_are_no_markup():
    """A customer's name or a page of the knowledge base could change how, or whether, a reply is spoken."""
    opening = DIALOG.opening(facts=facts({}, caller="<break time='9s'/>&"))
    assert opening.ssml.startswith("<speak>Hello, &lt;break time='9s'/&gt;&amp;!")
    assert opening.text.startswith("Hello, <break time='9s'/>&!")
    answered = say(DIALOG.start(), "what rooms have a projector", facts({PROJECTOR: "A < B & {place}."}))
    assert answered.ssml == "<speak>A &lt; B &amp; {place}.</speak>"
    assert answered.text == "A < B & {place}."


def test_an_answer_that_is_there_is_the_reply():
    """The caller would be told to wait for what is known."""
    reply = say(DIALOG.start(), "What rooms have a projector?", facts({PROJECTOR: HAVE}))
    assert (reply.text, reply.asks, reply.effects) == (HAVE, PROJECTOR, ())
    assert reply.state.owed == ()


def test_an_answer_in_the_middle_of_a_booking_keeps_the_question_open():
    """Asking about the rooms would lose the booking's place."""
    reply = say(booking(), "what rooms have a projector", facts({PROJECTOR: HAVE}))
    assert reply.text == f"{HAVE} {PLACE}"
    assert reply.expecting == "place"
    then = say(reply.state, "London")
    assert then.state.values == {"place": "London"}
    assert then.expecting == "day"


def test_a_place_in_a_question_is_not_booked():
    """Asking how big a room is would book it."""
    question = Question(intent="askAboutRooms", lookup="knowledge", text="how many people fit into zurich")
    reply = say(booking(), "how many people fit into Zurich?", facts({question: "Zurich fits six people."}))
    assert reply.text == f"Zurich fits six people. {PLACE}"
    assert reply.state.values == {}


def test_what_is_not_there_yet_is_owed_and_comes_with_the_pending_question():
    """The caller would wait for an answer that never comes, or be left without the booking's question."""
    waiting = say(booking(), "what rooms have a projector")
    assert (waiting.text, waiting.asks, waiting.state.owed) == (WAIT, PROJECTOR, (PROJECTOR,))
    assert DIALOG.addition(waiting.state, facts=ASKED) is None
    addition = DIALOG.addition(waiting.state, facts=facts({PROJECTOR: HAVE}))
    assert addition.text == f"{HAVE} {PLACE}"
    assert addition.state.owed == ()
    assert addition.expecting == "place"
    assert addition.effects == ()


def test_a_late_answer_stands_in_front_of_the_next_reply():
    """A caller who talks on would never hear it, or hear it as the answer to something else."""
    waiting = say(booking(), "what rooms have a projector")
    reply = say(waiting.state, "London", facts({PROJECTOR: HAVE}))
    assert reply.text == f"{HAVE} Which day?"
    assert reply.ssml == f"<speak>{HAVE} Which day?</speak>"
    assert reply.state.values == {"place": "London"}
    assert reply.state.owed == ()
    still = say(waiting.state, "London")
    assert (still.text, still.state.owed) == ("Which day?", (PROJECTOR,))


def test_a_question_that_finds_nothing_is_answered_so():
    """The caller would wait for nothing."""
    nothing = "Sorry, I don't know that."
    assert say(booking(), "what rooms have a projector", facts({PROJECTOR: ""})).text == f"{nothing} {PLACE}"
    waiting = say(booking(), "what rooms have a projector")
    assert DIALOG.addition(waiting.state, facts=facts({PROJECTOR: ""})).text == f"{nothing} {PLACE}"


def test_without_lookups_nobody_is_told_to_wait():
    """An endpoint without a knowledge base would promise answers."""
    reply = DIALOG.respond(
        DIALOG.start(), UNDERSTANDING.interpret("is there parking"), text="is there parking"
    )
    assert reply.text == "Sorry, I don't know that."
    assert reply.state.owed == ()


def test_asking_again_is_answered_once():
    """An impatient caller would get the answer twice in one breath."""
    waiting = say(booking(), "what rooms have a projector")
    again = say(waiting.state, "what rooms have a projector?")
    assert (again.text, again.state.owed) == (WAIT, (PROJECTOR,))
    answered = say(waiting.state, "what rooms have a projector", facts({PROJECTOR: HAVE}))
    assert answered.text == f"{HAVE} {PLACE}"
    repeated = say(waiting.state, "what did you say?", facts({PROJECTOR: HAVE}))
    assert repeated.text == f"{HAVE} {PLACE}"


def test_two_questions_are_owed_in_order():
    """The first answer would be lost when the caller asks something else meanwhile."""
    first = say(DIALOG.start(), "what rooms have a projector")
    second = say(first.state, "is there parking")
    assert second.state.owed == (PROJECTOR, PARKING)
    both = DIALOG.addition(second.state, facts=facts({PARKING: "Yes.", PROJECTOR: HAVE}))
    assert both.text == f"{HAVE} Yes."
    one = DIALOG.addition(second.state, facts=facts({PARKING: "Yes."}))
    assert (one.text, one.state.owed) == ("Yes.", (PROJECTOR,))


def test_owed_questions_are_few():
    """A caller who asks and asks would fill the state, and be answered for minutes."""
    state = DIALOG.start()
    for text in ("is there parking", "is there wifi", "is there coffee", "is there lunch", "is there tea"):
        state = say(state, text).state
    assert [question.text for question in state.owed] == [
        "is there coffee", "is there lunch", "is there tea",
    ]  # fmt: skip


def test_never_mind_takes_the_question_back():
    """A caller who gave up would be answered all the same."""
    waiting = say(booking(), "what rooms have a projector")
    reply = say(waiting.state, "never mind", facts({PROJECTOR: HAVE}))
    assert reply.text == "All right, never mind."
    assert reply.state.owed == ()


def test_what_was_misheard_is_looked_up_as_it_was_meant():
    """A question would find nothing because the recogniser wrote one word differently."""
    assert say(DIALOG.start(), "which rooms have a protector").asks.text == "which rooms have projector"


def test_a_reply_is_the_same_for_the_same_facts_only():
    """Early synthesis would speak a reply that is no longer true, or never be used."""
    state = booking()
    early, final = (say(state, "what rooms have a projector", ASKED) for _ in range(2))
    assert early == final
    assert say(state, "what rooms have a projector", facts({PROJECTOR: HAVE})).ssml != early.ssml


def test_six_turns_with_questions_book_the_same_room():
    """Questions on the way would change what is booked, or book twice."""
    state, taken = DIALOG.start(), []
    with open_lookups() as lookups:
        for text in (
            "book a room", "is there parking?", "mountain view", "how many people fit into Zurich?", "today",
            "what rooms have a projector?", "two thirty pm", "half an hour", "is there wifi?", "two people",
        ):  # fmt: skip
            asked = say(state, text).asks
            found = lookups.knowledge.find(asked.text, limit=1) if asked else ()
            reply = say(state, text, facts({asked: found[0].text} if found else {}))
            if text.endswith("?"):
                assert reply.text.startswith(found[0].text)
                assert reply.expecting == state.expecting
            taken += [effect for effect in reply.effects if isinstance(effect, ActionTaken)]
            state = reply.state
    (action,) = taken
    assert action.arguments == {
        "place": "Mountain View", "day": "today", "time": "two thirty pm", "duration": "half an hour",
        "people": "two people",
    }  # fmt: skip
