"""Lookups in a conversation: fast, slow, failing, and such as never come back."""

from collections.abc import Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

import anyio
import pytest

from workbench.audio.codecs import decode
from workbench.client.playout import Playout
from workbench.conversation.assistants import load_assistant
from workbench.conversation.barge_in import BargeInSettings
from workbench.conversation.dialog import DialogState
from workbench.conversation.early_synthesis import EarlySynthesisSettings
from workbench.conversation.endpointing import EndpointingSettings
from workbench.conversation.enrichment import EnrichmentSettings
from workbench.conversation.facts import Question
from workbench.conversation.observations import Began, Heard, Observation, Pass, Tick
from workbench.conversation.understanding import Understanding
from workbench.core.audio import AudioFormat
from workbench.core.events import (
    EarlySynthesisDiscarded,
    ErrorRaised,
    LookupDone,
    PlaybackStopped,
    ReplyChosen,
    SpeechStarted,
)
from workbench.core.timeline import Timeline
from workbench.endpoint.answering import Answering
from workbench.endpoint.context import Context, context_from_json, context_to_json
from workbench.endpoint.conversing import Conversing
from workbench.endpoint.enriching import Enriching, LookupThreads
from workbench.endpoint.speaking import Speaking
from workbench.endpoint.thinking import ThreadMind
from workbench.errors import LookupFailed
from workbench.lookups.ports import Customer
from workbench.lookups.scripted import Gate, ScriptedCustomers, ScriptedKnowledge
from workbench.lookups.shipped import Lookups
from workbench.protocol.native import Playback
from workbench.speech.scripted import ScriptedRecognizer, ScriptedSynthesizer

pytestmark = pytest.mark.anyio

FORMAT = AudioFormat(rate=24_000)
BLOCK = 2_400
ROOMS = load_assistant("rooms")
UNDERSTANDING = Understanding(ROOMS)
PROJECTOR = "what rooms have a projector"
SAID = "what rooms have projector"
HAVE = "The rooms in London and Seattle have a projector."
GREETING = "I can book a room for you."
WAIT = "Let me look that up."
PLACE = "Where would you like to meet?"
NOTHING = "Sorry, I don't know that."
ANNA = Customer(id="anna", name="Anna Lindqvist", spoken="Anna", place="Zurich")


class Deaf:
    """A listening stage that hears nothing: the test says what was noticed."""

    position = 0

    def want(self, kind):
        """Take a wish."""

    def end_utterance(self, *, final):
        """Take the end."""


@dataclass
class Line:
    """A session of which the test is the caller: it speaks in words and plays what comes."""

    timeline: Timeline
    send: Callable[[Observation], object]
    speaking: Speaking = field(init=False)
    answering: Answering = field(init=False)
    conversing: Conversing = field(init=False)
    playout: Playout = field(default_factory=lambda: Playout(FORMAT.rate))
    recorded: anyio.Event = field(default_factory=anyio.Event)
    utterance: int = -1
    at: float = 0.0

    is_connected = True

    def audio(self, reply, position, payload):
        """Take a packet."""
        self.playout.add(reply, decode(payload, FORMAT))

    def control(self, action, reply, *, at, samples=0):
        """Take a message."""
        if action == "end":
            self.playout.end(reply, samples)
        else:
            getattr(self.playout, action)(reply)

    def of(self, kind):
        """Return the bodies of that kind so far."""
        return [event.body for event in self.timeline.events if isinstance(event.body, kind)]

    @property
    def replies(self):
        """Return what was said so far, without replies that were thrown away."""
        dropped = {body.reply for body in self.of(EarlySynthesisDiscarded)}
        return [body.text for body in self.of(ReplyChosen) if body.reply not in dropped]

    @property
    def lookups(self):
        """Return what became of each lookup."""
        return [(body.name, body.status) for body in self.of(LookupDone)]

    async def until(self, true):
        """Wait until ``true()``, looked at after each event."""
        with anyio.fail_after(10):
            while not true():
                self.recorded = anyio.Event()
                await self.recorded.wait()

    async def begin(self):
        """Begin to speak."""
        self.utterance += 1
        self.at += 0.5
        event = SpeechStarted(position=round(self.at * 16_000), rate=16_000, probability=0.9)
        await self.send(Began(self.utterance, event, resumed=False))
        await self.tick(0.5, silence=0.0)

    async def tick(self, seconds, *, silence):
        """Let time pass in the caller's audio."""
        self.at += seconds
        position = round(self.at * 16_000)
        voiced = position - round(silence * 16_000)
        await self.send(Tick(position=position, silence=silence, voiced_end=voiced))

    async def partial(self, text):
        """Have a pass that has heard the words so far, and a little silence."""
        await self.tick(0.2, silence=0.2)
        await self.send(self._heard(text, Pass.PARTIAL))

    async def end(self, text):
        """Fall silent: the turn ends with these words."""
        await self.tick(2.0, silence=2.0)
        await self.send(self._heard(text, Pass.FINAL))

    async def say(self, text):
        """Speak one turn, and wait for the reply to begin."""
        before = len(self.replies)
        await self.begin()
        await self.end(text)
        await self.until(lambda: len(self.replies) > before)

    async def play(self):
        """Play the current reply to its end."""
        before = len(self.of(PlaybackStopped))
        with anyio.fail_after(10):
            while len(self.of(PlaybackStopped)) == before:
                await anyio.wait_all_tasks_blocked()
                self.pull()

    def pull(self):
        """Play a tenth of a second, and report it."""
        self.playout.pull(BLOCK)
        for report in self.playout.reports():
            message = {name: getattr(report, name) for name in ("state", "reply", "heard", "reason")}
            self.conversing.playback(
                Playback(**message, seq=0, device_position=report.device_position, at=0.0)
            )

    def _heard(self, text, kind):
        hypothesis = ScriptedRecognizer([text]).listen(language="en-US").final()
        return Heard(
            utterance=self.utterance,
            kind=kind,
            hypothesis=hypothesis,
            position=round(self.at * 16_000),
            duration=0.0,
        )


@asynccontextmanager
async def line(knowledge=None, customers=None, *, caller=None, early=False, limit=30.0, context=None):
    """Open a session with the rooms assistant and these lookups."""
    timeline = Timeline()
    send, receive = anyio.create_memory_object_stream(64)
    call = Line(timeline, send.send)
    speaking = Speaking(
        synthesizer=ScriptedSynthesizer(),
        threads=anyio.CapacityLimiter(2),
        audio_format=FORMAT,
        record=timeline.record,
        output=call,
        send_ahead=1_000.0,
        now=timeline.now,
    )
    books = Lookups(
        knowledge=knowledge or ScriptedKnowledge({}), customers=customers or ScriptedCustomers({})
    )
    enriching = Enriching(
        lookups=books,
        threads=LookupThreads(),
        caller=caller,
        record=timeline.record,
        now=timeline.now,
        settings=EnrichmentSettings(limit=limit),
    )
    answering = Answering(
        assistant=ROOMS,
        mind=ThreadMind(UNDERSTANDING),
        early=EarlySynthesisSettings(enabled=early, stability=0.2),
        speaking=speaking,
        record=timeline.record,
        now=timeline.now,
        enriching=enriching,
    )
    conversing = Conversing(
        endpointing=EndpointingSettings(),
        barge_in=BargeInSettings(),
        listening=Deaf(),
        answering=answering,
        speaking=speaking,
        record=timeline.record,
        now=timeline.now,
    )
    enriching.attach(changed=conversing.enriched, owed=lambda: answering.owed)
    call.speaking, call.answering, call.conversing = speaking, answering, conversing
    timeline.subscribe(lambda event: call.recorded.set())
    async with anyio.create_task_group() as group:
        group.start_soon(speaking.run)
        group.start_soon(enriching.run)
        await anyio.wait_all_tasks_blocked()
        if context is not None:
            answering.restore(context, acted=(), newest=0, received=0)
            conversing.restore(context, position=0)
        group.start_soon(conversing.run, receive)
        await enriching.caller_known()
        if context is None:
            answering.greet()
            await call.play()
        yield call
        send.close()
        for book in (books.knowledge, books.customers):
            book.gate.open()
        group.cancel_scope.cancel()


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
        call.answering.interrupted(reply, "")
        assert [question.text for question in call.answering.owed] == [SAID]
        assert call.answering.carried == ""
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
    with anyio.fail_after(10):
        while threads._taken:
            await anyio.lowlevel.checkpoint()
    assert await threads.run(lambda: "free") == "free"
