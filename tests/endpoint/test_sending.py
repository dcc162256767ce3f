"""What the endpoint sends, whichever connection carries it."""

import json

import anyio
import pytest

from workbench.core.events import AudioOut, Event, Source
from workbench.endpoint.outbox import Outbox
from workbench.endpoint.sending import KEPT_MAX, Sending
from workbench.protocol.native import Seen
from workbench.protocol.packets import unpack

pytestmark = pytest.mark.anyio


def event(seq: int) -> Event:
    return Event(seq=seq, at=0.0, turn=0, source=Source.ENDPOINT, body=AudioOut(position=0, rate=24_000))


class Wire:
    """A socket that keeps what was sent."""

    def __init__(self) -> None:
        self.sent: list[str | bytes] = []

    async def receive(self) -> None:
        """Return that this client has left."""

    async def send(self, message: str | bytes) -> None:
        """Keep the message."""
        self.sent.append(message)

    async def close(self, code: int, reason: str) -> None:
        """Do nothing."""


async def sent(outbox: Outbox) -> list[str]:
    """Return what waits, shortly: kind and number."""
    wire = Wire()
    outbox.close()
    await outbox.run(wire)
    short = []
    for message in wire.sent:
        if isinstance(message, bytes):
            short.append(f"audio {unpack(message).seq}")
        else:
            read = json.loads(message)
            short.append(f"{read['type'].split('-')[0]} {read['seq']}")
    return short


async def test_without_a_connection_everything_is_kept_for_the_next() -> None:
    """What is said while the network is away would be lost."""
    sending = Sending(Seen())
    assert not sending.is_connected
    sending.event(event(0))
    sending.control("pause", 1, at=0.0)
    sending.audio(1, 0, b"ab")
    sending.control("resume", 1, at=0.0)
    outbox = Outbox(10)
    sending.attach(outbox, Seen(), [event(0)])
    sending.audio(1, 1, b"ab")
    assert await sent(outbox) == ["audio 0", "playback 0", "audio 0", "playback 1", "audio 1"]


async def test_the_next_connection_gets_what_the_client_has_not() -> None:
    """A caller would hear a word twice, or miss the one that was under way."""
    sending, first, second = Sending(Seen()), Outbox(10), Outbox(10)
    sending.attach(first, Seen(), [])
    for place in range(4):
        sending.audio(1, place, b"ab")
        sending.control("pause", 1, at=0.0)
    sending.detach()
    sending.attach(second, Seen(controls=2, audio=3), [])
    assert await sent(second) == ["playback 2", "audio 3", "playback 3"]
    assert len(await sent(first)) == 8


async def test_what_is_acknowledged_is_forgotten() -> None:
    """An hour of reply audio would be kept."""
    sending, outbox = Sending(Seen(controls=5, audio=9)), Outbox(10)
    sending.audio(1, 0, b"ab")
    sending.control("end", 1, at=0.0)
    sending.acknowledged(Seen(controls=5, audio=10))
    sending.attach(outbox, Seen(controls=5, audio=10), [])
    assert await sent(outbox) == ["playback 5"]


async def test_a_client_that_acknowledges_nothing_costs_a_bounded_memory() -> None:
    """One such client would fill it."""
    sending, outbox = Sending(Seen()), Outbox(2 * KEPT_MAX)
    for place in range(KEPT_MAX + 50):
        sending.audio(1, place, b"ab")
    sending.attach(outbox, Seen(), [])
    assert (await sent(outbox))[0] == "audio 50"
    assert len(sending._kept) == KEPT_MAX


@pytest.mark.parametrize(
    ("seen", "possible"),
    [
        (Seen(), True),
        (Seen(events=7, controls=3, audio=6), True),
        (Seen(events=8), False),
        (Seen(controls=4), False),
        (Seen(audio=7), False),
    ],
)
async def test_nobody_has_seen_what_was_never_sent(seen: Seen, possible: bool) -> None:
    """A forged claim would make the endpoint drop what the client still needs."""
    sending = Sending(Seen(controls=2, audio=5))
    for seq in range(7):
        sending.event(event(seq))
    sending.control("pause", 1, at=0.0)
    sending.audio(1, 0, b"ab")
    assert sending.may_have_seen(seen) is possible


async def test_speaking_can_wait_for_a_connection() -> None:
    """A reply would be sent into nothing while the session is held, faster than anyone hears it."""
    sending, waited = Sending(Seen()), []
    sending.attach(Outbox(9), Seen(), [])
    sending.detach()

    async def wait() -> None:
        await sending.connected()
        waited.append(sending.is_connected)

    async with anyio.create_task_group() as group:
        group.start_soon(wait)
        await anyio.wait_all_tasks_blocked()
        assert waited == []
        sending.attach(Outbox(9), Seen(), [])
    assert waited == [True]
