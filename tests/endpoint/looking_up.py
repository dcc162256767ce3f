"""A session with lookups of which the test is the caller: it speaks in words and plays what comes."""

from collections.abc import Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import anyio
from deaf import Deaf
from patience import PATIENCE

from workbench.audio.codecs import decode
from workbench.client.playout import Playout
from workbench.conversation.assistants import load_assistant
from workbench.conversation.barge_in import BargeInSettings
from workbench.conversation.early_synthesis import EarlySynthesisSettings
from workbench.conversation.endpointing import Endpointing
from workbench.conversation.enrichment import EnrichmentSettings
from workbench.conversation.observations import Began, Heard, Observation, Pass, Tick
from workbench.conversation.understanding import Understanding
from workbench.core.audio import AudioFormat
from workbench.core.events import (
    EarlySynthesisDiscarded,
    LookupDone,
    PlaybackStopped,
    ReplyChosen,
    SpeechStarted,
)
from workbench.core.timeline import Timeline
from workbench.endpoint.answering import Answering
from workbench.endpoint.conversing import Conversing
from workbench.endpoint.enriching import Enriching, LookupThreads
from workbench.endpoint.observed import Observed
from workbench.endpoint.speaking import Speaking
from workbench.endpoint.thinking import ThreadMind
from workbench.lookups.scripted import ScriptedCustomers, ScriptedKnowledge
from workbench.lookups.shipped import Lookups
from workbench.protocol.native import Playback
from workbench.speech.scripted import ScriptedRecognizer, ScriptedSynthesizer

FORMAT = AudioFormat(rate=24_000)
BLOCK = 2_400
ROOMS = load_assistant("rooms")
UNDERSTANDING = Understanding(ROOMS)


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
        with anyio.fail_after(PATIENCE):
            while not true():
                self.recorded = anyio.Event()
                await self.recorded.wait()

    async def begin(self):
        """Begin to speak."""
        self.utterance += 1
        self.at += 0.5
        event = SpeechStarted(position=round(self.at * 16_000), rate=16_000, probability=0.9)
        self.send(Began(self.utterance, event, resumed=False))
        await self.tick(0.5, silence=0.0)

    async def tick(self, seconds, *, silence):
        """Let time pass in the caller's audio."""
        self.at += seconds
        position = round(self.at * 16_000)
        voiced = position - round(silence * 16_000)
        self.send(Tick(position=position, silence=silence, voiced_end=voiced))

    async def partial(self, text):
        """Have a pass that has heard the words so far, and a little silence."""
        await self.tick(0.2, silence=0.2)
        self.send(self._heard(text, Pass.PARTIAL))

    async def end(self, text):
        """Fall silent: the turn ends with these words."""
        await self.tick(2.0, silence=2.0)
        self.send(self._heard(text, Pass.FINAL))

    async def say(self, text):
        """Speak one turn, and wait for the reply to begin."""
        before = len(self.replies)
        await self.begin()
        await self.end(text)
        await self.until(lambda: len(self.replies) > before)

    async def play(self):
        """Play the current reply to its end."""
        before = len(self.of(PlaybackStopped))
        with anyio.fail_after(PATIENCE):
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
    observed = Observed(64)
    call = Line(timeline, observed.put)
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
        endpointing=Endpointing(),
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
        group.start_soon(conversing.run, observed)
        await enriching.caller_known()
        if context is None:
            answering.greet()
            await call.play()
        yield call
        observed.end()
        for book in (books.knowledge, books.customers):
            book.gate.open()
        group.cancel_scope.cancel()
