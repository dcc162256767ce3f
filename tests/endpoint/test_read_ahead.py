"""A connection that is ahead of its session is read no further; small messages leave at once."""

import asyncio
import socket
from typing import NamedTuple

import anyio.lowlevel
import pytest
import uvicorn
from hypothesis import given, strategies as st
from uvicorn.server import ServerState
from websockets.client import ClientProtocol
from websockets.frames import Frame, Opcode
from websockets.uri import parse_uri

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


class Piece(NamedTuple):
    """What a client sends: a message, whole or in two frames, or a ping, and how its frame is cut."""

    kind: str
    size: int


PIECES = st.lists(
    st.builds(
        Piece,
        st.sampled_from(["binary", "text", "fragmented", "ping"]),
        st.integers(0, 300) | st.just(70_000),
    ),
    max_size=8,
)


def wire(pieces: list[Piece]) -> tuple[bytes, list[bytes | str]]:
    """Return the masked frames, and the messages in them."""
    data, messages = bytearray(), []
    for number, (kind, size) in enumerate(pieces):
        payload = bytes([97 + number]) * size
        opcode = {"text": Opcode.TEXT, "ping": Opcode.PING}.get(kind, Opcode.BINARY)
        if kind == "ping":
            payload = payload[:125]
        if kind == "fragmented":
            data += Frame(opcode, payload, fin=False).serialize(mask=True)
            data += Frame(Opcode.CONT, b"end", fin=True).serialize(mask=True)
            payload += b"end"
        else:
            data += Frame(opcode, payload).serialize(mask=True)
        if kind != "ping":
            messages.append(payload.decode() if kind == "text" else payload)
    return bytes(data), messages


class Wire(Transport):
    """A connection on which anything may be written."""

    def __init__(self) -> None:
        self.written: list[bytes] = []

    def close(self) -> None:
        """Be closed."""

    def write(self, data: bytes) -> None:
        """Keep it."""
        self.written.append(data)

    def is_closing(self) -> bool:
        """Return False: it stays."""
        return False


def upgraded() -> ReadAhead:
    """Return the protocol of a connection after its handshake."""
    config = uvicorn.Config(app=lambda scope: None, ws=ReadAhead, log_config=None, ws_max_size=100_000)
    protocol = ReadAhead(config, ServerState(), {}, _loop=object())
    client = ClientProtocol(parse_uri("ws://there/"))
    client.send_request(client.connect())
    conn = protocol.conn
    conn.receive_data(b"".join(client.data_to_send()))
    (request,) = conn.events_received()
    conn.send_response(conn.accept(request))
    conn.data_to_send()
    protocol.transport, protocol.handshake_initiated = Wire(), True
    return protocol


def received(protocol: ReadAhead) -> bytes | str:
    """Return the next message of those that wait."""
    try:
        protocol.receive().send(None)
    except StopIteration as done:
        return done.value["text"] if "text" in done.value else bytes(done.value["bytes"])
    raise AssertionError("no message waits")


@given(PIECES, st.lists(st.integers(0, 1500), max_size=30), st.randoms(use_true_random=False))
def test_whatever_way_frames_are_cut_every_message_comes_once_and_in_order(pieces, cuts, random):
    """Audio would be lost, doubled or overtake a text; or the library read frames from their middle."""
    protocol = upgraded()
    data, messages = wire(pieces)
    came: list[bytes | str] = []

    def take(message: str | bytes) -> bool:
        if random.random() < 0.2:
            return False
        came.append(message if isinstance(message, str) else bytes(message))
        return True

    def drain() -> None:
        while not protocol.queue.empty():
            came.append(received(protocol))

    protocol.promptly(take)
    at = 0
    for cut in (*cuts, len(data)):
        protocol.data_received(data[at : at + cut])
        at += cut
        if random.random() < 0.5:
            drain()
    drain()
    assert protocol.conn.parser_exc is None
    assert came == messages


def test_a_text_that_is_no_text_is_left_to_the_library():
    """It would be taken for a message, or end the session without the code for it."""
    protocol = upgraded()
    taken: list[str | bytes] = []
    protocol.promptly(lambda message: not taken.append(message))
    protocol.data_received(Frame(Opcode.TEXT, b"text").serialize(mask=True))
    protocol.data_received(Frame(Opcode.TEXT, b"\xff\xfe").serialize(mask=True))
    assert taken == ["text"]
    assert (1007).to_bytes(2) in protocol.transport.written[-1]


def test_a_message_is_sent_at_once_unless_the_client_reads_too_slowly_or_leaves():
    """Each event would wake a task, a slow reader fill the memory, or a message follow the close."""
    protocol = upgraded()
    protocol.handshake_complete = True
    assert protocol.send_at_once("text")
    assert protocol.send_at_once(b"binary")
    sent = b"".join(protocol.transport.written[-2:])
    assert sent == b"\x81\x04text" + b"\x82\x06binary"
    protocol.pause_writing()
    assert not protocol.send_at_once("more than it reads")
    protocol.resume_writing()
    assert protocol.send_at_once("again")
    protocol.conn.send_close(1000)
    assert not protocol.send_at_once("after the close")
    assert protocol.transport.written[-1].endswith(b"again")


def test_a_whole_frame_of_audio_does_not_go_through_the_queue():
    """Each 20 ms of each caller's audio would wake a task."""
    protocol = upgraded()
    taken: list[bytes] = []
    protocol.promptly(lambda message: not taken.append(message))
    frame = Frame(Opcode.BINARY, b"x" * 660).serialize(mask=True)
    protocol.data_received(frame + frame)
    assert [bytes(message) for message in taken] == [b"x" * 660] * 2
    assert protocol.queue.empty()


def test_frames_that_are_wrong_are_left_to_the_library():
    """A frame without a mask, or with a reserved bit, would get past RFC 6455."""
    for bad in (Frame(Opcode.BINARY, b"bare").serialize(mask=False), b"\xc2\x84abcdabcd"):
        protocol = upgraded()
        taken: list[bytes] = []
        protocol.promptly(lambda message, taken=taken: not taken.append(message))
        protocol.data_received(bad)
        assert protocol.conn.parser_exc is not None
        assert taken == []
