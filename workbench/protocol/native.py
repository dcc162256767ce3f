"""The native wire protocol, version 1: audio packets and control messages, as values.

One WebSocket carries a session. Text messages are JSON objects with a ``type``; binary messages are audio
packets. The client opens with ``open``; the endpoint answers with the event ``session-opened``. After that
the endpoint sends every event of the timeline (see ``core.wire``) and the few control messages below.
"""

import struct
from dataclasses import dataclass
from enum import IntEnum
from functools import cache
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from workbench.core.audio import AudioFormat, Encoding
from workbench.core.wire import problem_of
from workbench.errors import ParameterError, ProtocolError

PROTOCOL_VERSION = 1

PATH = "/v1/session"
"""Where the endpoint offers the native protocol."""

MAX_MESSAGE_BYTES = 65_536
"""Largest message either side sends; a larger one is refused with close code 1009."""

MAX_PACKET_SAMPLES = 24_000
"""Most samples in one audio packet."""

_MAX_COUNT = 2**53
"""Largest count a message may name: JSON's exact integers end here."""

_HEADER = struct.Struct("!2sBBIIQ")
_MAGIC = b"WB"


class CloseCode(IntEnum):
    """Why the endpoint closed; codes of 4000 and above are ours."""

    COMPLETED = 1000
    GOING_AWAY = 1001
    TOO_BIG = 1009
    INTERNAL = 1011
    BAD_MESSAGE = 4400
    UNKNOWN_ASSISTANT = 4404
    UNKNOWN_FORMAT = 4406
    IDLE = 4408
    TOO_LONG = 4410
    TOO_SLOW = 4411
    TOO_MANY_SESSIONS = 4429


class Direction(IntEnum):
    """Whose voice a packet carries."""

    CALLER = 1
    AGENT = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioPacket:
    """A run of encoded samples; 20 bytes of header, then the payload."""

    direction: Direction
    seq: int
    """Packets of this direction before it, modulo 2**32."""
    reply: int = 0
    """The reply an agent packet belongs to; 0 for the caller."""
    position: int
    """Timestamp: samples of the caller's stream, or of the reply, before this packet."""
    payload: bytes


def pack(packet: AudioPacket) -> bytes:
    """Return the bytes of ``packet``."""
    header = _HEADER.pack(
        _MAGIC, PROTOCOL_VERSION, packet.direction, packet.seq & 0xFFFFFFFF, packet.reply, packet.position
    )
    return header + packet.payload


def unpack(data: bytes) -> AudioPacket:
    """Return the packet in ``data``; raises ProtocolError ``bad-packet``."""
    if len(data) < _HEADER.size:
        raise ProtocolError("bad-packet", f"{len(data)} bytes, expected a header of {_HEADER.size}")
    magic, version, direction, seq, reply, position = _HEADER.unpack_from(data)
    if magic != _MAGIC or version != PROTOCOL_VERSION:
        raise ProtocolError("bad-packet", f"no audio packet of version {PROTOCOL_VERSION}")
    if direction not in (Direction.CALLER, Direction.AGENT):
        raise ProtocolError("bad-packet", f"direction {direction}, expected 1 (caller) or 2 (agent)")
    return AudioPacket(
        direction=Direction(direction), seq=seq, reply=reply, position=position, payload=data[_HEADER.size :]
    )


class _Message(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class FormatWish(_Message):
    """An audio format as a client asks for it."""

    encoding: str = "pcm16"
    rate: int = 16_000

    def to_format(self) -> AudioFormat:
        """Return the format; raises ParameterError if it is not offered."""
        try:
            encoding = Encoding(self.encoding)
        except ValueError:
            offered = ", ".join(encoding.value for encoding in Encoding)
            raise ParameterError(f"unknown encoding, expected one of {offered}") from None
        return AudioFormat(encoding, self.rate)


class SessionWish(_Message):
    """How a client wants its session to behave."""

    early_synthesis: bool = True
    """Whether anything is prepared before the caller's turn has ended."""
    greet: bool = False
    """Whether the assistant speaks first."""


class Open(_Message):
    """First message of a client."""

    type: Literal["open"] = "open"
    version: int = PROTOCOL_VERSION
    assistant: str = Field(max_length=200)
    input: FormatWish = FormatWish()
    output: FormatWish = FormatWish(rate=24_000)
    settings: SessionWish = SessionWish()


class Ping(_Message):
    """Asks for a ``pong`` with the session time, to estimate the clock offset."""

    type: Literal["ping"] = "ping"
    sent: float


class AudioClock(_Message):
    """When the first sample of the client's device was captured, on the session clock."""

    type: Literal["audio-clock"] = "audio-clock"
    device_zero: float


class Playback(_Message):
    """How far a reply has been played."""

    type: Literal["playback"] = "playback"
    state: Literal["started", "playing", "paused", "resumed", "stopped"]
    reply: int = Field(ge=0, le=0xFFFFFFFF)
    heard: int = Field(ge=0, le=_MAX_COUNT)
    """Samples of the reply played."""
    device_position: int = Field(ge=0, le=_MAX_COUNT)
    """Samples the device has played since it started."""
    at: float
    """The same moment on the session clock."""
    underrun: int = Field(default=0, ge=0, le=_MAX_COUNT)
    reason: Literal["", "finished", "barge-in", "closed"] = ""


class AudioEnd(_Message):
    """The caller's stream is over; the session goes on until the reply has been heard."""

    type: Literal["audio-end"] = "audio-end"


class Close(_Message):
    """The client leaves."""

    type: Literal["close"] = "close"


ClientMessage: TypeAlias = Open | Ping | AudioClock | Playback | AudioEnd | Close


class Pong(_Message):
    """Answers a ``ping``."""

    type: Literal["pong"] = "pong"
    sent: float
    at: float


class PlaybackControl(_Message):
    """What the client shall do with a reply's audio, now."""

    type: Literal["playback-control"] = "playback-control"
    action: Literal["pause", "resume", "flush", "end"]
    """``end``: no more audio follows; ``samples`` says how much there was."""
    reply: int
    samples: int = 0


ControlMessage: TypeAlias = Pong | PlaybackControl


@cache
def _client_messages() -> TypeAdapter[ClientMessage]:
    return TypeAdapter(Annotated[ClientMessage, Field(discriminator="type")])


@cache
def _control_messages() -> TypeAdapter[ControlMessage]:
    return TypeAdapter(Annotated[ControlMessage, Field(discriminator="type")])


def parse_client(text: str) -> ClientMessage:
    """Return the client's message; raises ProtocolError ``bad-message`` naming the field, not its content."""
    try:
        return _client_messages().validate_json(text)
    except ValidationError as error:
        raise _bad_message(error) from None


def parse_control(wire: dict[str, Any]) -> ControlMessage | None:
    """Return the control message, or None if ``wire`` is an event; raises ProtocolError ``bad-message``."""
    if wire.get("type") not in ("pong", "playback-control"):
        return None
    try:
        return _control_messages().validate_python(wire)
    except ValidationError as error:
        raise _bad_message(error) from None


def _bad_message(error: ValidationError) -> ProtocolError:
    first = error.errors(include_input=False, include_url=False, include_context=False)[0]
    if first["type"] == "json_invalid":
        return ProtocolError("bad-message", "a text message is not JSON")
    return ProtocolError("bad-message", problem_of(error, "a message"))
