"""The native wire protocol, version 1: its messages, as values.

A session is carried by one WebSocket at a time. Text messages are JSON objects with a ``type``; binary
messages are audio packets (``packets``). Messages that belong to the *session* are numbered (``seq``),
acknowledged, and sent again on the next connection when one was lost; messages that belong to the
*connection* are not.
"""

from enum import IntEnum
from functools import cache
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from workbench.core.audio import OPUS_BITRATE, AudioFormat, Encoding
from workbench.core.consent import Consent
from workbench.core.languages import checked_tag
from workbench.core.wire import problem_of
from workbench.errors import ParameterError, ProtocolError

PROTOCOL_VERSION = 1

PATH = "/v1/session"
"""Where the endpoint offers the native protocol."""

MAX_MESSAGE_BYTES = 65_536
"""Largest message either side sends; a larger one is refused with close code 1009."""

MAX_PACKET_SAMPLES = 24_000
"""Most samples in one audio packet."""

SAID_MAX = 2000
"""Most characters of a text that a client wants spoken."""

_MAX_COUNT = 2**53
"""Largest count a message may name: JSON's exact integers end here."""

_MAX_EVENTS = 10_000_000
"""Largest number of events, messages, turns or replies a client may claim."""

_MAX_SECONDS = 10_000_000.0


class CloseCode(IntEnum):
    """Why the endpoint closed; codes of 4000 and above are ours."""

    COMPLETED = 1000
    GOING_AWAY = 1001
    TOO_BIG = 1009
    INTERNAL = 1011
    RESTARTING = 1012
    BAD_MESSAGE = 4400
    TOKEN_EXPIRED = 4401
    FORBIDDEN = 4403
    UNKNOWN_ASSISTANT = 4404
    UNKNOWN_LANGUAGE = 4405
    UNKNOWN_FORMAT = 4406
    STALLED = 4407
    IDLE = 4408
    REPLACED = 4409
    TOO_LONG = 4410
    TOO_SLOW = 4411
    GONE = 4412
    TOO_MANY_SESSIONS = 4429
    QUOTA_SPENT = 4430
    PROJECT_CLOSED = 4431


HELD_CODES = frozenset(
    {CloseCode.GOING_AWAY, CloseCode.RESTARTING, CloseCode.TOKEN_EXPIRED, CloseCode.STALLED}
)
"""Codes after which the session is held and a client may resume it, as after no code at all."""


class _Message(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class FormatWish(_Message):
    """An audio format as a client asks for it."""

    encoding: str = "pcm16"
    rate: int = 16_000
    bitrate: int = OPUS_BITRATE
    """Bits per second, of Opus only."""
    fec: bool = False
    """Whether Opus packets repeat their predecessor in brief, against loss."""

    def to_format(self) -> AudioFormat:
        """Return the format; raises ParameterError if it is not offered."""
        try:
            encoding = Encoding(self.encoding)
        except ValueError:
            offered = ", ".join(encoding.value for encoding in Encoding)
            raise ParameterError(f"unknown encoding, expected one of {offered}") from None
        return AudioFormat(encoding, self.rate, self.bitrate, self.fec)


class SessionWish(_Message):
    """How a client wants its session to behave."""

    early_synthesis: bool = True
    """Whether anything is prepared before the caller's turn has ended."""
    greet: bool = False
    """Whether the assistant speaks first."""
    persistent: bool = False
    """Whether the session is stored as it goes, and outlives the endpoint's process, if consent allows it."""
    consent: Consent | None = None
    """What may be stored; no more than the token says."""
    language: Annotated[str, AfterValidator(checked_tag)] | None = None
    """BCP 47 tag of what the caller speaks; None leaves that to the assistant, the project, the endpoint."""


class Open(_Message):
    """First message of a client that begins a session."""

    type: Literal["open"] = "open"
    version: int = PROTOCOL_VERSION
    assistant: str = Field(max_length=200)
    input: FormatWish = FormatWish()
    output: FormatWish = FormatWish(rate=24_000)
    settings: SessionWish = SessionWish()


class Seen(_Message):
    """How much of the endpoint's numbered messages the client has: of each kind, the next number expected."""

    events: int = Field(default=0, ge=0, le=_MAX_EVENTS)
    controls: int = Field(default=0, ge=0, le=_MAX_EVENTS)
    audio: int = Field(default=0, ge=0, le=0xFFFFFFFF)


class Resume(_Message):
    """First message of a client that lost its connection."""

    type: Literal["resume"] = "resume"
    version: int = PROTOCOL_VERSION
    session: str = Field(max_length=64)
    handle: str = Field(max_length=128)
    """The secret of the session's ``welcome``."""
    seen: Seen = Seen()
    at: float = Field(default=0.0, ge=0, le=_MAX_SECONDS)
    """When the last event it has happened."""
    turn: int = Field(default=0, ge=0, le=_MAX_EVENTS)
    reply: int = Field(default=0, ge=0, le=_MAX_EVENTS)
    """The newest reply it has heard of."""
    received: int = Field(default=0, ge=0, le=_MAX_COUNT)
    """Samples of that reply it has."""
    messages: int = Field(default=0, ge=0, le=_MAX_EVENTS)
    """The oldest of its own messages it can send again."""
    position: int = Field(default=0, ge=0, le=_MAX_COUNT)
    """The oldest sample of its own stream it can send again."""
    otherwise: Open | None = None
    """What to begin anew if the session is gone; without it the connection is closed with 4412."""


class Observe(_Message):
    """First message of a client that only follows the events of another's session."""

    type: Literal["observe"] = "observe"
    version: int = PROTOCOL_VERSION
    session: str = Field(max_length=64)
    since: int = Field(default=0, ge=0, le=_MAX_EVENTS)
    """The first event wanted."""


class Ping(_Message):
    """Asks for a ``pong`` with the session time, to estimate the clock offset."""

    type: Literal["ping"] = "ping"
    sent: float


class Acknowledged(_Message):
    """What the client has of the endpoint's numbered messages; the endpoint keeps the rest."""

    type: Literal["ack"] = "ack"
    seen: Seen


class Refresh(_Message):
    """A new token, before the present one expires."""

    type: Literal["refresh"] = "refresh"
    token: str = Field(max_length=8192)


class Suspend(_Message):
    """The client goes away for a while; the session is held."""

    type: Literal["suspend"] = "suspend"


class _Numbered(_Message):
    """A message of the session, kept by its sender until it is acknowledged."""

    seq: int = Field(ge=0, le=_MAX_EVENTS)
    """Numbered messages of this sender before it."""
    at: float = Field(ge=-_MAX_SECONDS, le=_MAX_SECONDS)
    """When it was made, on the session clock, as far as the sender knows."""


class AudioClock(_Numbered):
    """When the first sample of the client's device was captured, on the session clock."""

    type: Literal["audio-clock"] = "audio-clock"
    device_zero: float


class Playback(_Numbered):
    """How far a reply has been played; ``at`` is that moment."""

    type: Literal["playback"] = "playback"
    state: Literal["started", "playing", "paused", "resumed", "stopped"]
    reply: int = Field(ge=0, le=0xFFFFFFFF)
    heard: int = Field(ge=0, le=_MAX_COUNT)
    """Samples of the reply played."""
    device_position: int = Field(ge=0, le=_MAX_COUNT)
    """Samples the device has played since it started."""
    underrun: int = Field(default=0, ge=0, le=_MAX_COUNT)
    reason: Literal["", "finished", "barge-in", "closed"] = ""


class Say(_Numbered):
    """Speak this: plain text, or SSML if it begins with ``<speak``."""

    type: Literal["say"] = "say"
    text: str = Field(min_length=1, max_length=SAID_MAX)


class Tune(_Numbered):
    """Go on under other settings of turn taking; what is not named stays."""

    type: Literal["tune"] = "tune"
    settings: dict[Annotated[str, Field(max_length=64)], bool | int | float] = Field(
        min_length=1, max_length=40
    )
    """By dotted name, as ``early.confidence``."""


class ConsentGiven(_Numbered):
    """What may be stored from now on: less than before, or the answer where the caller is to be asked."""

    type: Literal["consent"] = "consent"
    level: Consent


class AudioEnd(_Numbered):
    """The caller's stream is over; the session goes on until the reply has been heard."""

    type: Literal["audio-end"] = "audio-end"


class Close(_Numbered):
    """The client leaves."""

    type: Literal["close"] = "close"


SessionMessage: TypeAlias = AudioClock | Playback | Say | Tune | ConsentGiven | AudioEnd | Close
"""The numbered messages of a client."""

FirstMessage: TypeAlias = Open | Resume | Observe

ClientMessage: TypeAlias = FirstMessage | Ping | Acknowledged | Refresh | Suspend | SessionMessage


class Welcome(_Message):
    """Answers ``open``, ``resume`` and ``observe``: which session this is, and where it goes on."""

    type: Literal["welcome"] = "welcome"
    session: str
    handle: str
    """The secret that resumes the session; empty for an observer."""
    how: Literal["opened", "resumed", "restored", "reset", "observed"]
    """``restored``: read back from the store; ``reset``: begun anew, for the old one was gone."""
    hold: float
    """Seconds the session is held after a lost connection."""
    expires_in: float
    """Seconds until the token expires; a ``refresh`` is due before."""
    messages: int = 0
    """The next number expected of the client's messages."""
    position: int = 0
    """The next sample expected of the caller's stream."""
    at: float
    consent: Literal["none", "transcript", "full", "asked"] = "none"
    """What may be stored now; ``asked``: nothing until the caller has answered."""
    asks: Consent = Consent.NONE
    """What a yes would allow, where the caller is to be asked."""
    stored: bool = False
    """Whether the session is stored as it goes; if not, it ends with the endpoint's process."""
    records: bool = False
    """Whether the endpoint records its sessions, as far as may be stored."""


class Refreshed(_Message):
    """Answers a ``refresh``."""

    type: Literal["refreshed"] = "refreshed"
    expires_in: float


class Received(_Message):
    """What the endpoint has of the client's stream and messages; the client keeps the rest.

    Of a persistent session this is what a new process would not need again.
    """

    type: Literal["ack"] = "ack"
    messages: int
    position: int
    at: float


class Pong(_Message):
    """Answers a ``ping``."""

    type: Literal["pong"] = "pong"
    sent: float
    at: float


class PlaybackControl(_Numbered):
    """What the client shall do with a reply's audio, now."""

    type: Literal["playback-control"] = "playback-control"
    action: Literal["pause", "resume", "flush", "end"]
    """``end``: no more audio follows; ``samples`` says how much there was."""
    reply: int
    samples: int = 0


ConnectionMessage: TypeAlias = Welcome | Refreshed | Received | Pong
ControlMessage: TypeAlias = ConnectionMessage | PlaybackControl
"""What the endpoint sends besides events and audio."""

_CONTROL_TYPES = frozenset({"welcome", "refreshed", "ack", "pong", "playback-control"})


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
    if wire.get("type") not in _CONTROL_TYPES:
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
