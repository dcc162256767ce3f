"""Messages to one client: all of them, in order, and never too many."""

import anyio
import pytest

from workbench.core.events import AudioOut, Event, Source
from workbench.core.wire import event_from_json, event_to_json
from workbench.endpoint.outbox import Outbox
from workbench.errors import ConnectionLost

pytestmark = pytest.mark.anyio


class Wire:
    """A socket that keeps what was sent; each message waits until ``open`` is set."""

    def __init__(self) -> None:
        self.sent: list[str | bytes] = []
        self.open = anyio.Event()
        self.open.set()

    async def receive(self) -> str | bytes | None:
        """Return None: this client says nothing."""
        return None

    async def send(self, message: str | bytes) -> None:
        """Keep the message."""
        await self.open.wait()
        self.sent.append(message)

    async def close(self, code: int, reason: str) -> None:
        """Fail: closing is the session's part."""
        raise AssertionError("an outbox does not close")


class BrokenWire(Wire):
    """A socket whose client has left."""

    async def send(self, message: str | bytes) -> None:
        """Fail as a socket does then."""
        raise ConnectionLost("the client has left")


def event(seq: int) -> Event:
    return Event(seq=seq, at=0.0, turn=0, source=Source.ENDPOINT, body=AudioOut(position=seq, rate=24_000))


def text(seq: int) -> str:
    return event_to_json(event(seq))


def seqs(wire: Wire) -> list[int]:
    return [event_from_json(message).seq for message in wire.sent]


async def test_everything_is_sent_in_the_order_it_was_put() -> None:
    """Audio would overtake the event that announces it."""
    outbox, wire = Outbox(10), Wire()
    for message in ("one", b"two", "three"):
        outbox.put(message)
    outbox.close()
    await outbox.run(wire)
    assert wire.sent == ["one", b"two", "three"]


async def test_what_is_put_while_it_runs_is_sent_at_once() -> None:
    """A message would wait for the one after it."""
    outbox, wire = Outbox(10), Wire()
    async with anyio.create_task_group() as group:
        group.start_soon(outbox.run, wire)
        for seq in range(5):
            await anyio.wait_all_tasks_blocked()
            assert len(wire.sent) == seq
            outbox.put(text(seq))
        await anyio.wait_all_tasks_blocked()
        assert seqs(wire) == [0, 1, 2, 3, 4]
        outbox.close()


async def test_closing_sends_the_rest_first() -> None:
    """The last words of a session, the reason among them, would be lost."""
    outbox, wire = Outbox(10), Wire()
    wire.open = anyio.Event()
    async with anyio.create_task_group() as group:
        group.start_soon(outbox.run, wire)
        for seq in range(3):
            outbox.put(text(seq))
        await anyio.wait_all_tasks_blocked()
        outbox.close()
        await anyio.wait_all_tasks_blocked()
        assert wire.sent == []
        wire.open.set()
    assert seqs(wire) == [0, 1, 2]


async def test_a_reader_that_is_too_slow_is_noticed() -> None:
    """One client that stops reading would fill the endpoint's memory."""
    outbox, wire = Outbox(3), Wire()
    for seq in range(3):
        outbox.put(text(seq))
    assert not outbox.overflowed
    outbox.put(text(3))
    assert outbox.overflowed
    outbox.close()
    await outbox.run(wire)
    assert seqs(wire) == [0, 1, 2]


async def test_a_client_that_left_ends_the_sending() -> None:
    """The session would go on for a client that is gone."""
    outbox = Outbox(3)
    outbox.put(text(0))
    with pytest.raises(ConnectionLost):
        await outbox.run(BrokenWire())


class PromptWire(Wire):
    """A socket that sends at once while the client reads."""

    reads = True

    def promptly(self, take) -> None:
        """Hand nothing over."""

    def send_at_once(self, message: str | bytes) -> bool:
        """Keep the message, if the client reads."""
        if self.reads:
            self.sent.append(message)
        return self.reads


async def test_what_can_be_sent_at_once_wakes_no_task_and_overtakes_nothing() -> None:
    """Each event of each session would wake a task, or one would overtake those that wait."""
    outbox, wire = Outbox(3), PromptWire()
    async with anyio.create_task_group() as group:
        outbox.put("before it runs")
        group.start_soon(outbox.run, wire)
        await anyio.wait_all_tasks_blocked()
        outbox.put("at once")
        assert wire.sent == ["before it runs", "at once"]
        wire.reads, wire.open = False, anyio.Event()
        outbox.put("waits")
        wire.reads = True
        outbox.put("waits behind it")
        await anyio.wait_all_tasks_blocked()  # the first is being sent now
        outbox.put("the third that waits")
        outbox.put("too much for a slow reader")
        assert wire.sent[2:] == []
        assert outbox.overflowed
        wire.open.set()
        await anyio.wait_all_tasks_blocked()
        outbox.put("at once again")
        assert wire.sent[2:] == ["waits", "waits behind it", "the third that waits", "at once again"]
        group.cancel_scope.cancel()
