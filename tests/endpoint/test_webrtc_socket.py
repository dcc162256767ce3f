"""A WebRTC connection as the session sees it, on a data channel made of lists; what an offer must have."""

import json

import anyio
import numpy as np
import pytest
from patience import PATIENCE

from workbench.audio.codecs import encode
from workbench.core.audio import AudioFormat
from workbench.endpoint.media import MediaSocket, Streams
from workbench.endpoint.webrtc_offer import CANDIDATES_MAX, checked
from workbench.endpoint.webrtc_socket import READ_AHEAD_MAX, RtcSocket
from workbench.endpoint.webrtc_voice import FRAME
from workbench.errors import ConnectionLost, ParameterError
from workbench.protocol.packets import AudioPacket, Direction, pack, unpack

pytestmark = pytest.mark.anyio

OUTPUT = AudioFormat(rate=24_000)


class Channel:
    """Keeps what is sent; ``gone`` breaks it, ``full`` makes it slow."""

    def __init__(self) -> None:
        self.sent: list[dict] = []
        self.waited: list[int] = []
        self.gone = False
        self.closed = 0

    def send(self, text: str) -> None:
        """Keep a message."""
        if self.gone:
            raise ConnectionLost("the client left while it was sent to")
        self.sent.append(json.loads(text))

    async def below(self, limit: int) -> None:
        """Note what was waited for."""
        self.waited.append(limit)

    async def close(self) -> None:
        """Count."""
        self.closed += 1


@pytest.fixture
def channel() -> Channel:
    return Channel()


@pytest.fixture
def socket(channel) -> RtcSocket:
    made = RtcSocket(channel)
    made.carries(
        Streams(input=AudioFormat(), output=OUTPUT, position=0, packet=5, zero=None, now=anyio.current_time)
    )
    return made


def packet(seq: int, position: int, reply: int = 1) -> bytes:
    payload = encode(np.full(2_400, 0.25, np.float32), OUTPUT)
    return pack(AudioPacket(Direction.AGENT, seq, position, payload, reply))


def control(action: str, reply: int = 1, samples: int = 0) -> str:
    wire = {"seq": 0, "at": 0.0, "type": "playback-control", "action": action, "reply": reply}
    return json.dumps({**wire, "samples": samples})


async def next_of(socket: RtcSocket) -> dict:
    with anyio.fail_after(PATIENCE):
        message = await socket.receive()
    assert isinstance(message, str)
    return json.loads(message)


async def test_it_is_told_of_streams_and_makes_numbered_packets(socket):
    """The session would never hear the caller."""
    assert isinstance(socket, MediaSocket)
    socket.told(json.dumps({"type": "audio-clock", "seq": 0, "at": 0.0, "device_zero": anyio.current_time()}))
    await next_of(socket)
    for number in range(60):
        socket.heard(number * FRAME, np.full(FRAME, 0.1, np.float32))
        await anyio.sleep(0.005)
    first, second = unpack(await socket.receive()), unpack(await socket.receive())
    assert (first.seq, first.position, second.seq) == (5, 0, 6)


async def test_nobody_is_heard_before_a_session_is_carried(channel):
    """What was said before would be heard in somebody's session."""
    socket = RtcSocket(channel)
    socket.heard(0, np.ones(FRAME, np.float32))
    assert not socket.frame().any()
    socket.left()
    assert await socket.receive() is None


async def test_a_reply_is_heard_and_the_page_told(socket, channel):
    """The page could not say what was heard."""
    await socket.send(packet(0, 0))
    await socket.send(control("end", samples=2_400))
    frames = [socket.frame() for _ in range(7)]
    assert np.abs(frames[1]).max() == pytest.approx(0.25, abs=0.02)
    voices = [one for one in channel.sent if one["type"] == "voice"]
    assert voices == [
        {"type": "voice", "reply": 1, "position": 0, "state": "playing"},
        {"type": "voice", "reply": 1, "position": 2_400, "state": "silent"},
    ]
    assert [one["type"] for one in channel.sent].count("playback-control") == 1


async def test_what_was_heard_counts_as_received(socket):
    """After a lost connection all replies would be sent, and heard, again from their beginning."""
    for seq in range(4):
        await socket.send(packet(seq, seq * 2_400))
    await socket.send(packet(4, 0, reply=2))
    seen = {"events": 7, "controls": 1, "audio": 0}
    socket.told(json.dumps({"type": "ack", "seen": seen}))
    assert await next_of(socket) == {"type": "ack", "seen": seen}
    for heard, state, audio in ((4_799, "playing", 1), (4_800, "playing", 2), (5_000, "stopped", 4)):
        played = {"type": "playback", "seq": 0, "at": 0.0, "state": state, "reply": 1, "heard": heard}
        socket.told(json.dumps({**played, "device_position": 0}))
        assert await next_of(socket) == {"type": "ack", "seen": {**seen, "audio": audio}}
        assert (await next_of(socket))["type"] == "playback"
    socket.told(json.dumps({"type": "ack", "seen": {**seen, "events": 9}}))
    assert await next_of(socket) == {"type": "ack", "seen": {"events": 9, "controls": 1, "audio": 4}}


async def test_a_flush_silences_the_next_frame(socket, channel):
    """Who interrupts the assistant would be talked over."""
    await socket.send(packet(0, 0))
    socket.frame()
    await socket.send(control("flush"))
    assert not socket.frame()[200:].any()
    assert channel.sent[-1] == {"type": "voice", "reply": 1, "position": 480, "state": "silent"}


@pytest.mark.parametrize("text", ["no JSON", "[1]", '"ack"', '{"type": "ack", "seen": 3}', '{"type": 3}'])
async def test_what_is_no_message_is_left_to_the_session_to_refuse(socket, text):
    """A page's garbage would end the connection with an error nobody handles."""
    socket.told(text)
    assert await socket.receive() == text


@pytest.mark.parametrize("value", ["x", None, True, [], -1, 1e400, 1e300, -1e300])
async def test_odd_values_do_no_harm(socket, value):
    """A page's garbage would end the connection with an error nobody handles."""
    for message in (
        {"type": "audio-clock", "device_zero": value},
        {"type": "playback", "reply": value, "heard": value, "state": value},
        {"type": "ack", "seen": {"audio": value}},
    ):
        socket.told(json.dumps(message))
        await socket.receive()
    for number in range(60):
        socket.heard(number * FRAME, np.zeros(FRAME, np.float32))


async def test_audio_by_the_data_channel_is_refused_as_a_packet(socket):
    """It would be heard beside what comes by RTP, each shifting the other."""
    socket.told(packet(0, 0))
    assert await socket.receive() == b""


async def test_a_message_too_big_ends_the_connection(socket, channel):
    """A page could fill the memory."""
    socket.told("x" * 65_537)
    assert await socket.receive() is None
    closed = {"type": "closed", "code": 1009, "reason": "a message has over 65536 bytes"}
    assert channel.sent == [closed]
    assert channel.closed == 1


async def test_messages_that_nobody_takes_end_the_connection_frames_are_dropped(socket, channel):
    """A page could fill the memory."""
    for number in range(READ_AHEAD_MAX + 60):
        socket.heard(number * FRAME, np.zeros(FRAME, np.float32))
    assert socket.lost_frames > 0
    socket.told("{}")
    while await socket.receive() is not None:
        pass
    assert channel.sent[-1]["code"] == 4400


async def test_closing_says_why_once(socket, channel):
    """A page would take a refused token for a broken network, and try for ever."""
    await socket.close(4401, "the session token has expired" + "." * 200)
    await socket.close(1000, "")
    (closed,) = channel.sent
    assert (closed["type"], closed["code"], len(closed["reason"])) == ("closed", 4401, 120)
    assert channel.waited == [0]
    assert channel.closed == 1
    socket.told("{}")  # late words are nobody's
    socket.heard(0, np.zeros(FRAME, np.float32))
    assert await socket.receive() is None


async def test_a_peer_that_is_gone_is_noticed_where_it_is_sent_to(socket, channel):
    """A session would never be held."""
    channel.gone = True
    with pytest.raises(ConnectionLost):
        await socket.send("{}")
    await socket.send(packet(0, 0))
    socket.frame()
    assert await socket.receive() is None


# --- offers

PRINT = f"a=fingerprint:sha-256 {':'.join(['AB'] * 32)}\r\n"
OTHER = PRINT.replace("AB", "CD")
HEAD = "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n" + PRINT
AUDIO = "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n"
DATA = "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n"


def candidate(address: str) -> str:
    return f"a=candidate:1 1 udp 2113937151 {address} 54321 typ host generation 0\r\n"


async def test_candidates_that_can_not_be_used_are_left_out():
    """Each connection would begin a second later, or the endpoint send wherever a page likes."""
    many = [candidate(f"192.0.2.{number}") for number in range(100)]
    left = checked(
        HEAD + AUDIO + candidate("4c1d9e6e-77a1.local") + "".join(many) + "a=candidate:odd\r\n" + DATA
    )
    assert left.count("a=candidate:") == CANDIDATES_MAX
    assert ".local" not in left
    assert left.endswith(DATA)
    assert checked(left) == left


@pytest.mark.parametrize(
    ("sdp", "text"),
    [
        (HEAD + AUDIO, "the offer has audio, expected one audio stream and one data channel"),
        (HEAD + DATA + AUDIO + AUDIO.replace("audio", "video"), "the offer has application, audio, video,"),
        ("nothing", "the offer has nothing, expected one audio stream and one data channel"),
        ((HEAD + AUDIO + DATA).replace("fingerprint", "x"), "the offer has no fingerprint, so nobody could"),
        (HEAD.replace(PRINT, "") + AUDIO + PRINT + DATA, "the offer has no fingerprint, so nobody could"),
        (
            HEAD + AUDIO + OTHER + DATA,
            "the offer has fingerprints of several certificates, expected those",
        ),
        (
            HEAD + OTHER + AUDIO + DATA,
            "the offer has fingerprints of several certificates, expected those",
        ),
        (
            HEAD.replace(PRINT, "") + AUDIO + PRINT + DATA + OTHER,
            "the offer has fingerprints of several certificates, expected those of one",
        ),
        (
            HEAD.replace("sha-256", "sha-1") + AUDIO + DATA,
            "the offer has a fingerprint that is none of sha-",
        ),
        (
            HEAD.replace("AB", "AB:AB") + AUDIO + DATA,
            "the offer has a fingerprint that is none of sha-",
        ),
        (HEAD.replace("AB:", "AB", 1) + AUDIO + DATA, "the offer has a fingerprint that is none of sha-256"),
    ],
)
async def test_an_offer_of_anything_else_is_refused(sdp, text):
    """A library would read what nobody meant it to, or anybody could answer for the page."""
    with pytest.raises(ParameterError) as raised:
        checked(sdp)
    assert str(raised.value).startswith(text)
