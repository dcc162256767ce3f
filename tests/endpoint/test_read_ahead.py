"""A connection that is ahead of its session is read no further; small messages leave at once."""

import asyncio
import socket

import anyio.lowlevel
import pytest
import uvicorn
from uvicorn.server import ServerState

from workbench.endpoint.read_ahead import READ_AGAIN, READ_AHEAD_MAX, ReadAhead
from workbench.endpoint.server import _bind
from workbench.endpoint.settings import EndpointSettings

pytestmark = pytest.mark.anyio


class Transport:
    """Remembers whether it is read."""

    reading = True

    def pause_reading(self) -> None:
        """Stop; twice in a row is an error."""
        assert self.reading
        self.reading = False

    def resume_reading(self) -> None:
        """Go on; twice in a row is an error."""
        assert not self.reading
        self.reading = True


@pytest.fixture
async def protocol():
    config = uvicorn.Config(app=lambda scope: None, ws=ReadAhead, log_config=None)
    made = ReadAhead(config, ServerState(), {})
    made.transport = Transport()
    return made


def came(protocol, number: int) -> None:
    protocol.curr_msg_data_type = "bytes"
    protocol.frames = [b"%d" % number]
    protocol.send_receive_event_to_app()


async def test_reading_stops_when_too_many_messages_wait_and_goes_on_when_few_are_left(protocol):
    """Without the stop a session that can't keep up would fill the memory; without the rest it would hang."""
    for number in range(READ_AHEAD_MAX):
        assert protocol.transport.reading
        came(protocol, number)
    assert not protocol.transport.reading
    came(protocol, READ_AHEAD_MAX)  # was in the same read: kept, and reading is not stopped twice
    taken = []
    while len(taken) < READ_AHEAD_MAX + 1 - READ_AGAIN:
        assert not protocol.transport.reading
        taken.append((await protocol.receive())["bytes"])
    assert protocol.transport.reading
    while len(taken) <= READ_AHEAD_MAX:
        taken.append((await protocol.receive())["bytes"])
    assert taken == [b"%d" % number for number in range(READ_AHEAD_MAX + 1)]


async def test_messages_after_our_close_stop_nothing(protocol):
    """The peer's answer to the close must still be read."""
    protocol.close_sent = True
    for number in range(2 * READ_AHEAD_MAX):
        came(protocol, number)
    assert protocol.transport.reading
    assert protocol.queue.empty()


async def test_small_messages_are_not_held_back():
    """With Nagle's algorithm the second of two events waits 20 ms for the caller's next frame."""
    listener = _bind(EndpointSettings(port=0))
    listener.listen()
    with listener, socket.create_connection(listener.getsockname()):
        accepted, _ = listener.accept()
        transport, _ = await asyncio.get_running_loop().connect_accepted_socket(asyncio.Protocol, accepted)
        assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        transport.close()
        await anyio.lowlevel.checkpoint()
