"""Lookups in a conversation: fast, slow, failing, and such as never come back."""

from dataclasses import replace

import anyio
import pytest
from looking_up import line
from patience import PATIENCE

from workbench.conversation.dialog import DialogState
from workbench.conversation.facts import Question
from workbench.core.events import (
    EarlySynthesisDiscarded,
    ErrorRaised,
    ReplyChosen,
    SpeechStarted,
)
from workbench.endpoint.context import Context, context_from_json, context_to_json
from workbench.endpoint.enriching import LookupThreads
from workbench.errors import LookupFailed
from workbench.lookups.ports import Customer
from workbench.lookups.scripted import Gate, ScriptedCustomers, ScriptedKnowledge

pytestmark = pytest.mark.anyio

PROJECTOR = "what rooms have a projector"
SAID = "what rooms have projector"
HAVE = "The rooms in London and Seattle have a projector."
GREETING = "I can book a room for you."
WAIT = "Let me look that up."
PLACE = "Where would you like to meet?"
NOTHING = "Sorry, I don't know that."
ANNA = Customer(id="anna", name="Anna Lindqvist", spoken="Anna", place="Zurich")


def slow(**answers):
    """Return a knowledge base that answers when it is let."""
    return ScriptedKnowledge({SAID: HAVE, **answers}, gate=Gate(closed=True))


async def test_a_lookup_that_never_returns_delays_no_reply():
    """One slow lookup would make the assistant fall silent."""
    knowledge = slow()
    async with line(knowledge) as call:
        await call.say("book a room")
        await call.play()
        await call.say(PROJECTOR)
        assert call.replies[-1] == WAIT
        await call.play()
        await call.say("London")
        assert call.replies[-1] == "Which day?"
        assert knowledge.asked == [SAID]
        assert call.lookups == []


async def test_an_answer_that_is_there_is_in_the_reply():
    """The caller would be told to wait for what is known already."""
    async with line(ScriptedKnowledge({SAID: HAVE})) as call:
        await call.begin()
        await call.partial(PROJECTOR)
        await call.until(lambda: call.lookups)
        await call.end(PROJECTOR)
        await call.until(lambda: len(call.replies) == 2)
        assert call.replies[1] == HAVE
        assert call.lookups == [("knowledge", "found")]


async def test_an_early_reply_from_before_the_answer_is_not_spoken():
    """A reply prepared without the answer would be committed, or the answer spoken twice."""
    knowledge = slow()
    async with line(knowledge, early=True) as call:
        await call.begin()
        await call.partial(PROJECTOR)
        await call.until(lambda: WAIT in call.replies)
        knowledge.gate.open()
        await call.until(lambda: call.of(EarlySynthesisDiscarded))
        await call.end(PROJECTOR)
        await call.play()
        assert call.replies[1:] == [HAVE]
        assert call.of(EarlySynthesisDiscarded)[0].reason == "reply-changed"


async def test_a_late_answer_is_added_once_the_reply_was_heard():
    """A late answer would cut off what is being said, or never come."""
    knowledge = slow()
    async with line(knowledge) as call:
        await call.say("book a room")
        await call.play()
        await call.say(PROJECTOR)
        knowledge.gate.open()
        await call.until(lambda: call.lookups)
        call.pull()
        assert call.lookups == [("knowledge", "late")]
        assert call.replies[-1] == WAIT
        await call.play()
        await call.until(lambda: len(call.replies) == 4)
        assert call.replies[-1] == f"{HAVE} {PLACE}"
        await call.play()
        assert not call.answering.owed
        await call.say("London")
        assert call.replies[-1] == "Which day?"


async def test_a_late_answer_waits_for_a_silent_moment_and_comes_by_itself():
    """An answer that comes while nobody speaks would wait for the caller's next word."""
    knowledge = slow()
    async with line(knowledge) as call:
        await call.say(PROJECTOR)
        await call.play()
        knowledge.gate.open()
        await call.until(lambda: len(call.replies) == 3)
        assert call.replies[-1] == HAVE
        addition = [event for event in call.timeline.events if isinstance(event.body, ReplyChosen)][-1]
        assert addition.turn == 0


async def test_a_late_answer_stands_before_the_next_reply_if_the_caller_speaks_first():
    """The assistant would speak over the caller, or forget what it promised."""
    knowledge = slow()
    async with line(knowledge) as call:
        await call.say("book a room")
        await call.play()
        await call.say(PROJECTOR)
        await call.play()
        await call.begin()
        await call.until(lambda: len(call.of(SpeechStarted)) == 3)
        knowledge.gate.open()
        await call.until(lambda: call.lookups)
        await call.tick(0.3, silence=0.0)
        await anyio.wait_all_tasks_blocked()
        assert call.replies[-1] == WAIT
        await call.end("London")
        await call.until(lambda: len(call.replies) == 4)
        assert call.replies[-1] == f"{HAVE} Which day?"
        await call.play()
        assert len(call.replies) == 4


async def test_after_the_limit_the_caller_is_told():
    """A caller would wait for an answer that nobody looks for any more."""
    knowledge = slow()
    async with line(knowledge, limit=0.05) as call:
        await call.say("book a room")
        await call.play()
        await call.say(PROJECTOR)
        await call.until(lambda: call.lookups)
        assert call.lookups == [("knowledge", "timeout")]
        knowledge.gate.open()
        while len(call.replies) < 4:
            await call.play()
        assert call.replies[2:] == [WAIT, f"{NOTHING} {PLACE}"]
        assert not call.of(ErrorRaised)


async def test_a_failing_lookup_is_an_event_and_no_more():
    """A broken knowledge base would end sessions, or its error tell what was asked."""
    async with line(ScriptedKnowledge({}, failing=True)) as call:
        await call.begin()
        await call.partial(PROJECTOR)
        await call.until(lambda: call.lookups)
        await call.end(PROJECTOR)
        await call.until(lambda: len(call.replies) == 2)
        assert call.replies[1] == NOTHING
        assert call.lookups == [("knowledge", "failed")]
        (error,) = call.of(ErrorRaised)
        assert (error.code, error.message, error.fatal) == (
            "lookup-failed",
            "looking up in knowledge failed",
            False,
        )
        await call.play()
        await call.say("book a room")
        assert call.replies[-1] == PLACE


async def test_an_addition_that_was_not_heard_is_owed_again():
    """A caller who begins to speak in that moment would lose the answer."""
    knowledge = slow()
    async with line(knowledge) as call:
        await call.say(PROJECTOR)
        await call.play()
        knowledge.gate.open()
        await call.until(lambda: len(call.replies) == 3)
        reply = call.speaking.current
        call.speaking.stop()
        call.answering.standing.interrupted(reply, "")
        assert [question.text for question in call.answering.owed] == [SAID]
        assert call.answering.standing.carried == ""
        await call.say("book a room")
        assert call.replies[-1] == f"{HAVE} {PLACE}"


async def test_what_was_promised_before_a_restart_is_looked_up_again():
    """A caller who was told to wait would wait for ever after a restart."""
    question = Question(intent="askAboutRooms", lookup="knowledge", text=SAID)
    context = replace(Context(turn=1), state=DialogState(turn=2, owed=(question,)))
    context = context_from_json(context_to_json(context))
    async with line(ScriptedKnowledge({SAID: HAVE}), context=context) as call:
        await call.until(lambda: call.replies)
        assert call.replies == [HAVE]


@pytest.mark.parametrize(
    ("caller", "greeting", "lookups"),
    [
        ("anna", f"Hello, Anna! {GREETING}", [("customers", "found")]),
        ("nobody", f"Hello! {GREETING}", [("customers", "nothing")]),
        (None, f"Hello! {GREETING}", []),
    ],
)
async def test_a_known_caller_is_greeted_by_name(caller, greeting, lookups):
    """A regular would be greeted like a stranger, or a stranger looked for."""
    async with line(customers=ScriptedCustomers({"anna": ANNA}), caller=caller) as call:
        assert call.replies == [greeting]
        assert call.lookups == lookups


async def test_a_customer_book_that_hangs_does_not_keep_the_greeting():
    """One slow database would make every call begin with silence."""
    customers = ScriptedCustomers({"anna": ANNA}, gate=Gate(closed=True))
    async with line(customers=customers, caller="anna") as call:
        assert call.replies == [f"Hello! {GREETING}"]
        assert call.lookups == []


async def test_a_customer_book_that_fails_is_an_event_and_no_more():
    """A broken customer book would keep customers out."""
    async with line(customers=ScriptedCustomers({}, failing=True), caller="anna") as call:
        assert call.replies == [f"Hello! {GREETING}"]
        assert call.lookups == [("customers", "failed")]
        assert call.of(ErrorRaised)[0].message == "looking up in customers failed"


async def test_abandoned_threads_count_and_are_few():
    """Lookups that hang would take one thread after another until the process has none."""
    threads, gate = LookupThreads(most=2), Gate(closed=True)
    try:
        for _ in range(2):
            with anyio.move_on_after(0.05) as scope:
                await threads.run(gate.pass_through)
            assert scope.cancelled_caught
        with pytest.raises(LookupFailed, match="2 lookups are at work, the most allowed"):
            await threads.run(gate.pass_through)
    finally:
        gate.open()
    with anyio.fail_after(PATIENCE):
        while threads._taken:
            await anyio.lowlevel.checkpoint()
    assert await threads.run(lambda: "free") == "free"
