"""Replies that follow each other are sent in their order, however long each takes."""

import threading
from dataclasses import dataclass, field, replace

import anyio
import pytest
from patience import PATIENCE

from workbench.core.audio import AudioFormat
from workbench.core.events import SynthesisReady
from workbench.core.timeline import Timeline
from workbench.endpoint.speaking import Speaking
from workbench.speech.scripted import ScriptedSynthesizer

pytestmark = pytest.mark.anyio


@dataclass
class SlowFirst:
    """A synthesiser that waits, before a text with "first" in it, until it is let go on."""

    go_on: threading.Event = field(default_factory=threading.Event)
    scripted: ScriptedSynthesizer = field(default_factory=ScriptedSynthesizer)

    @property
    def capabilities(self):
        """Return what it claims: not to be instant."""
        return replace(self.scripted.capabilities, instant=False)

    def synthesize(self, ssml, *, voice):
        """Yield the clauses."""
        if "first" in ssml:
            self.go_on.wait(PATIENCE)
        yield from self.scripted.synthesize(ssml, voice=voice)


@dataclass
class Order:
    """A connection that notes what comes."""

    got: list[tuple[str, int]] = field(default_factory=list)
    is_connected: bool = True

    async def connected(self):
        """Return at once."""

    def audio(self, reply, position, payload):
        """Take a packet."""
        if ("audio", reply) not in self.got:
            self.got.append(("audio", reply))

    def control(self, action, reply, *, at, samples=0):
        """Take a message."""
        self.got.append((action, reply))


def speaking_with(synthesizer, order, timeline):
    """Return the stage that speaks, all of a reply at once."""
    return Speaking(
        synthesizer=synthesizer,
        threads=anyio.CapacityLimiter(2),
        audio_format=AudioFormat(rate=24_000),
        output=order,
        send_ahead=100.0,
        record=timeline.record,
        now=timeline.now,
    )


async def spoken(then):
    """Return what was sent of two replies, the second of which is synthesised first."""
    timeline, order, slow = Timeline(), Order(), SlowFirst()
    speaking = speaking_with(slow, order, timeline)
    ready = anyio.Event()
    timeline.subscribe(lambda event: ready.set() if isinstance(event.body, SynthesisReady) else None)
    async with anyio.create_task_group() as group:
        group.start_soon(speaking.run)
        await anyio.wait_all_tasks_blocked()
        first, second = (
            speaking.prepare(text=text, ssml=text, voice="v", turn=0) for text in ("the first.", "then this.")
        )
        speaking.commit(first)
        speaking.follow(second)
        with anyio.fail_after(PATIENCE):
            await ready.wait()
            then(speaking)
            slow.go_on.set()
            await second.sent.wait()
        group.cancel_scope.cancel()
    return order.got


async def test_what_follows_is_sent_after_what_it_follows():
    """A client that has begun a later reply takes nothing of an earlier one: it would never be heard."""
    assert await spoken(lambda speaking: None) == [("audio", 1), ("end", 1), ("audio", 2), ("end", 2)]


async def test_stopping_silences_both():
    """What was to follow would be heard after the caller had interrupted."""
    assert await spoken(lambda speaking: speaking.stop()) == [("flush", 1), ("flush", 2)]


async def test_withdrawing_silences_what_is_withdrawn_and_lets_the_rest_be_heard():
    """A clause that is wrong would be heard, or the right one before it be cut off."""
    order = Order()
    speaking = speaking_with(ScriptedSynthesizer(), order, Timeline())
    async with anyio.create_task_group() as group:
        group.start_soon(speaking.run)
        await anyio.wait_all_tasks_blocked()
        made = [
            speaking.prepare(text=text, ssml=f"<speak>{text}</speak>", voice="v", turn=0, part=part)
            for text, part in (("One.", "first"), ("Two.", "next"), ("Three.", "next"))
        ]
        speaking.commit(made[0])
        for one in made[1:]:
            speaking.follow(one)
        speaking.withdraw(made[1])
        assert speaking.current is made[0]
        assert [one.stopped for one in made] == [False, True, True]
        rest = speaking.prepare(text="No.", ssml="<speak>No.</speak>", voice="v", turn=0, part="rest")
        speaking.follow(rest)
        with anyio.fail_after(PATIENCE):
            await rest.sent.wait()
        speaking.withdraw(made[2])  # it is gone already
        assert speaking.current is rest
        speaking.withdraw(made[0])
        assert speaking.current is None
        group.cancel_scope.cancel()
    assert order.got == [
        *(("flush", 2), ("flush", 3), ("audio", 1), ("end", 1), ("audio", 4), ("end", 4)),
        *(("flush", 1), ("flush", 4)),
    ]


@dataclass
class OneByOne:
    """A synthesiser that notes whether it is asked for a second text while the first is being made."""

    asked: threading.Event = field(default_factory=threading.Event)
    both: list[bool] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    scripted: ScriptedSynthesizer = field(default_factory=ScriptedSynthesizer)

    @property
    def capabilities(self):
        """Return what it claims: not to be instant."""
        return replace(self.scripted.capabilities, instant=False)

    def synthesize(self, ssml, *, voice):
        """Yield the clauses."""
        self.said.append(ssml)
        if "Booked" in ssml:
            self.both.append(self.asked.wait(0.2))
        else:
            self.asked.set()
        yield from self.scripted.synthesize(ssml, voice=voice)


async def test_the_parts_of_an_answer_are_made_one_after_another_with_the_pause_between_them():
    """The first would be there later for the sake of one that is heard after it, or run into that."""
    maker = OneByOne()
    speaking = speaking_with(maker, Order(), Timeline())
    async with anyio.create_task_group() as group:
        group.start_soon(speaking.run)
        await anyio.wait_all_tasks_blocked()
        first, rest = (
            speaking.prepare(text=text, ssml=f"<speak>{text}</speak>", voice="v", turn=0, part=part)
            for text, part in (("Booked:", "first"), ("London.", "rest"))
        )
        speaking.commit(first)
        speaking.follow(rest)
        with anyio.fail_after(PATIENCE):
            await rest.sent.wait()
        group.cancel_scope.cancel()
    assert maker.both == [False]
    assert maker.said == ['<speak>Booked:<break time="190ms"/></speak>', "<speak>London.</speak>"]
    assert rest.requested > first.requested
