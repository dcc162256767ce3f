"""Audio packets and messages: what goes out comes in, and garbage is a protocol error."""

import json
from typing import get_args

import pytest
from hypothesis import given, strategies as st

from workbench.core.audio import AudioFormat, Encoding
from workbench.errors import ParameterError, ProtocolError
from workbench.protocol.native import (
    MAX_MESSAGE_BYTES,
    MAX_PACKET_SAMPLES,
    PROTOCOL_VERSION,
    Acknowledged,
    AudioClock,
    AudioEnd,
    ClientMessage,
    Close,
    CloseCode,
    FormatWish,
    Observe,
    Open,
    Ping,
    Playback,
    PlaybackControl,
    Pong,
    Refresh,
    Resume,
    Say,
    Seen,
    SessionWish,
    Suspend,
    Tune,
    parse_client,
    parse_control,
)
from workbench.protocol.packets import AudioPacket, Direction, pack, unpack

PACKETS = st.builds(
    AudioPacket,
    direction=st.sampled_from(Direction),
    seq=st.integers(0, 2**32 - 1),
    reply=st.integers(0, 2**32 - 1),
    position=st.integers(0, 2**64 - 1),
    payload=st.binary(max_size=100),
)


@given(packet=PACKETS)
def test_a_packet_comes_back_as_it_went(packet: AudioPacket) -> None:
    """Audio would be played at another place, or as another reply."""
    assert unpack(pack(packet)) == packet


def test_the_bytes_of_a_packet_are_as_documented() -> None:
    """Clients written in other languages would no longer be understood."""
    packet = AudioPacket(direction=Direction.AGENT, seq=2**32 + 5, reply=3, position=480, payload=b"\x01\x02")
    assert pack(packet).hex() == "5742" + "01" + "02" + "00000005" + "00000003" + "00000000000001e0" + "0102"


@given(data=st.binary(max_size=40) | st.binary(max_size=40).map(lambda data: b"WB\x01" + data))
def test_whatever_bytes_come_only_a_protocol_error_is_raised(data: bytes) -> None:
    """Garbage frames would end a session with an error nobody handles."""
    try:
        packet = unpack(data)
    except ProtocolError as error:
        assert str(error).endswith("(bad-packet)")  # noqa: PT017
    else:
        assert pack(packet) == data


GOOD = pack(AudioPacket(direction=Direction.CALLER, seq=0, position=0, payload=b""))


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"", "0 bytes, expected a header of 20 (bad-packet)"),
        (GOOD[:19], "19 bytes, expected a header of 20 (bad-packet)"),
        (b"XB" + GOOD[2:], "no audio packet of version 1 (bad-packet)"),
        (b"WB\x02" + GOOD[3:], "no audio packet of version 1 (bad-packet)"),
        (b"WB\x01\x00" + GOOD[4:], "direction 0, expected 1 (caller) or 2 (agent) (bad-packet)"),
        (b"WB\x01\x03" + GOOD[4:], "direction 3, expected 1 (caller) or 2 (agent) (bad-packet)"),
    ],
)
def test_what_is_wrong_with_a_packet_is_said(data: bytes, text: str) -> None:
    """Whoever writes a client would have to guess."""
    with pytest.raises(ProtocolError) as raised:
        unpack(data)
    assert str(raised.value) == text


def test_the_largest_packet_fits_into_a_message() -> None:
    """A packet that is allowed would close the connection."""
    packet = AudioPacket(direction=Direction.CALLER, seq=0, position=0, payload=bytes(2 * MAX_PACKET_SAMPLES))
    assert len(pack(packet)) <= MAX_MESSAGE_BYTES


def playback(**change: object) -> dict[str, object]:
    plain = {
        "type": "playback",
        "seq": 3,
        "state": "playing",
        "reply": 1,
        "heard": 480,
        "device_position": 960,
        "at": 1.5,
    }
    return plain | change


@pytest.mark.parametrize(
    ("wire", "message"),
    [
        ({"type": "open", "assistant": "coffee"}, Open(assistant="coffee")),
        (
            {
                "type": "open",
                "version": 1,
                "assistant": "rooms",
                "input": {"encoding": "mulaw", "rate": 8000},
                "output": {"rate": 48000},
                "settings": {"early_synthesis": False, "greet": True},
            },
            Open(
                assistant="rooms",
                input=FormatWish(encoding="mulaw", rate=8_000),
                output=FormatWish(rate=48_000),
                settings=SessionWish(early_synthesis=False, greet=True),
            ),
        ),
        ({"type": "ping", "sent": 0.5}, Ping(sent=0.5)),
        (
            {"type": "audio-clock", "seq": 0, "at": 0.5, "device_zero": -0.01},
            AudioClock(seq=0, at=0.5, device_zero=-0.01),
        ),
        (playback(), Playback(seq=3, state="playing", reply=1, heard=480, device_position=960, at=1.5)),
        ({"type": "say", "seq": 4, "at": 1, "text": "Hi."}, Say(seq=4, at=1.0, text="Hi.")),
        (
            {"type": "tune", "seq": 5, "at": 2, "settings": {"early.enabled": False, "early.silence": 1}},
            Tune(seq=5, at=2.0, settings={"early.enabled": False, "early.silence": 1}),
        ),
        ({"type": "audio-end", "seq": 5, "at": 2}, AudioEnd(seq=5, at=2.0)),
        ({"type": "close", "seq": 6, "at": 2.5}, Close(seq=6, at=2.5)),
        ({"type": "suspend"}, Suspend()),
        ({"type": "refresh", "token": "a.b.c"}, Refresh(token="a.b.c")),
        (
            {"type": "ack", "seen": {"events": 7, "controls": 1, "audio": 90}},
            Acknowledged(seen=Seen(events=7, controls=1, audio=90)),
        ),
        (
            {"type": "resume", "session": "a1", "handle": "h", "position": 320, "otherwise": None},
            Resume(session="a1", handle="h", position=320),
        ),
        ({"type": "observe", "session": "a1"}, Observe(session="a1", since=0)),
    ],
)
def test_every_message_of_a_client_is_read(wire: dict[str, object], message: ClientMessage) -> None:
    """A client that follows the protocol would be refused."""
    assert parse_client(json.dumps(wire)) == message
    assert parse_client(message.model_dump_json()) == message


def test_an_open_message_has_the_documented_defaults() -> None:
    """A client that sends the least would get another session than it was promised."""
    message = Open(assistant="coffee")
    assert message.version == PROTOCOL_VERSION == 1
    assert message.input.to_format() == AudioFormat(Encoding.PCM16, 16_000)
    assert message.output.to_format() == AudioFormat(Encoding.PCM16, 24_000)
    assert message.settings == SessionWish(early_synthesis=True, greet=False)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "a text message is not JSON"),
        ("{", "a text message is not JSON"),
        ("null", r"field type of a message: .*"),
        ("[]", r"field type of a message: .*"),
        ('{"type": "secret"}', "field type of a message: unknown or missing"),
        ('{"sent": 1}', "field type of a message: unknown or missing"),
        ('{"type": "ping"}', r"field ping\.sent of a message: field required"),
        (
            '{"type": "ping", "sent": "secret"}',
            r"field ping\.sent of a message: input should be a valid number.*",
        ),
        ('{"type": "ping", "sent": NaN}', r"field ping\.sent of a message: input should be a finite number"),
        (
            '{"type": "ping", "sent": 1e999}',
            r"field ping\.sent of a message: input should be a finite number",
        ),
        (
            '{"type": "suspend", "x": "secret"}',
            r"field suspend\.x of a message: extra inputs are not permitted",
        ),
        ('{"type": "close"}', r"field close\.seq of a message: field required"),
        (json.dumps(playback(seq=-1)), r"field playback\.seq of a message: .*greater than or equal to 0"),
        (json.dumps(playback(seq=10**9)), r"field playback\.seq of a message: .*less than or equal to .*"),
        (
            json.dumps({"type": "suspend", "x\n\x1b" + "y" * 500: 1}),
            r"field suspend\.x\?\?y{69} of a message: extra inputs are not permitted",
        ),
        (json.dumps(playback(heard=-1)), r"field playback\.heard of a message: .*greater than or equal to 0"),
        (
            json.dumps(playback(heard=10**400)),
            r"field playback\.heard of a message: .*less than or equal to .*",
        ),
        (json.dumps(playback(state="secret")), r"field playback\.state of a message: input should be .*"),
        (json.dumps(playback(reply=2**32)), r"field playback\.reply of a message: .*"),
        (
            json.dumps({"type": "open", "assistant": "secret" * 100}),
            r"field open\.assistant of a message: string should have at most 200 characters",
        ),
    ],
)
def test_what_is_wrong_with_a_message_is_said_without_its_content(text: str, problem: str) -> None:
    """Speech and tokens would enter logs, or numbers beyond reason the session's arithmetic."""
    with pytest.raises(ProtocolError, match=f"^{problem} \\(bad-message\\)$") as raised:
        parse_client(text)
    assert "secret" not in str(raised.value)


MESSAGES = st.dictionaries(
    st.sampled_from(["type", "sent", "assistant", "input", "heard", "reply", "state", "at"]),
    st.sampled_from(["open", "ping", "playback", "close"])
    | st.none()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
)


@given(text=st.text() | MESSAGES.map(json.dumps))
def test_whatever_text_comes_only_a_protocol_error_is_raised(text: str) -> None:
    """Garbage would end a session with an error nobody handles."""
    try:
        message = parse_client(text)
    except ProtocolError as error:
        assert str(error).endswith("(bad-message)")  # noqa: PT017
    else:
        assert isinstance(message, get_args(ClientMessage))


def test_deep_nesting_is_not_followed() -> None:
    """A line of brackets would exhaust the stack."""
    with pytest.raises(ProtocolError, match=r"\(bad-message\)$"):
        parse_client('{"type":' + "[" * 60_000)


def test_control_messages_are_told_from_events() -> None:
    """The client would take an order for a thing that happened, or the other way round."""
    assert parse_control({"type": "pong", "sent": 1.0, "at": 2.0}) == Pong(sent=1.0, at=2.0)
    control = PlaybackControl(seq=1, at=2.5, action="flush", reply=2)
    assert parse_control(control.model_dump()) == control
    assert parse_control({"type": "audio-out", "seq": 0}) is None


def test_a_control_message_that_is_none_is_a_protocol_error() -> None:
    """The client would end with an error of a library."""
    with pytest.raises(
        ProtocolError,
        match=r"^field playback-control\.action of a message: input should be .* \(bad-message\)$",
    ):
        parse_control({"type": "playback-control", "seq": 0, "at": 0, "action": "explode", "reply": 1})


def test_only_offered_formats_are_granted() -> None:
    """A session would open in a format that is not there; the wish itself stays out of the text."""
    with pytest.raises(ParameterError, match=r"^unknown encoding, expected one of pcm16, mulaw, opus$"):
        FormatWish(encoding="vorbis").to_format()
    assert FormatWish(encoding="opus", rate=48_000, bitrate=16_000, fec=True).to_format() == AudioFormat(
        Encoding.OPUS, 48_000, 16_000, fec=True
    )
    with pytest.raises(
        ParameterError, match=r"^rate is 44100 Hz, expected one of 8000, 16000, 24000, 48000$"
    ):
        FormatWish(rate=44_100).to_format()


def test_close_codes_are_those_clients_know() -> None:
    """A client would try again where it must not, or give up where it could try again."""
    assert {code.name: int(code) for code in CloseCode} == {
        "COMPLETED": 1000,
        "GOING_AWAY": 1001,
        "TOO_BIG": 1009,
        "INTERNAL": 1011,
        "RESTARTING": 1012,
        "BAD_MESSAGE": 4400,
        "TOKEN_EXPIRED": 4401,
        "FORBIDDEN": 4403,
        "UNKNOWN_ASSISTANT": 4404,
        "UNKNOWN_LANGUAGE": 4405,
        "UNKNOWN_FORMAT": 4406,
        "STALLED": 4407,
        "IDLE": 4408,
        "REPLACED": 4409,
        "TOO_LONG": 4410,
        "TOO_SLOW": 4411,
        "GONE": 4412,
        "TOO_MANY_SESSIONS": 4429,
        "QUOTA_SPENT": 4430,
        "PROJECT_CLOSED": 4431,
    }
