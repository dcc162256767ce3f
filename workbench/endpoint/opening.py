"""How a session opens: what the client wants, whether it can have it, and what it is told if not."""

from collections.abc import Callable
from dataclasses import dataclass, field

import anyio

from workbench.audio.voice_activity import VoiceActivity
from workbench.conversation.assistant_model import Assistant
from workbench.conversation.understanding import Understanding
from workbench.core.audio import AudioFormat
from workbench.core.events import ErrorRaised, Event, Source
from workbench.endpoint.outbox import Outbox, Socket
from workbench.endpoint.settings import EndpointSettings
from workbench.errors import ConnectionLost, ParameterError, ProtocolError, WorkbenchError
from workbench.protocol.native import PROTOCOL_VERSION, CloseCode, Open, parse_client
from workbench.security.tokens import Grant
from workbench.speech.engines import Engines


@dataclass(slots=True)
class Host:
    """What the sessions of one process share."""

    settings: EndpointSettings
    engines: Engines
    assistant: Callable[[str], Assistant]
    """Finds an assistant by name; raises ParameterError."""
    hearing_threads: anyio.CapacityLimiter = field(default_factory=lambda: anyio.CapacityLimiter(2))
    speaking_threads: anyio.CapacityLimiter = field(default_factory=lambda: anyio.CapacityLimiter(2))
    live: int = 0
    """Sessions open now."""


class SessionOver(Exception):  # noqa: N818  an outcome, not an error
    """Ends a session from anywhere inside it."""

    def __init__(self, code: CloseCode, reason: str, message: str = "") -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason
        self.message = message
        """One sentence for the client, sent as a fatal error event; none for a normal end."""


async def opening(socket: Socket, limit: float) -> Open:
    """Return the client's first message.

    Raises SessionOver if it is none that opens a session, ConnectionLost if the client leaves before.
    """
    try:
        with anyio.fail_after(limit):
            message = await socket.receive()
    except TimeoutError:
        raise SessionOver(CloseCode.IDLE, "idle", f"no open message within {limit:g} s") from None
    if message is None:
        raise ConnectionLost("the client left before it opened a session")
    if isinstance(message, bytes):
        raise SessionOver(CloseCode.BAD_MESSAGE, "error", "the first message was binary, expected open")
    try:
        first = parse_client(message)
    except ProtocolError as error:
        raise SessionOver(CloseCode.BAD_MESSAGE, "error", str(error)) from None
    if not isinstance(first, Open):
        problem = f"the first message was {first.type}, expected open"
        raise SessionOver(CloseCode.BAD_MESSAGE, "error", problem)
    if first.version != PROTOCOL_VERSION:
        problem = f"protocol version {first.version}, expected {PROTOCOL_VERSION}"
        raise SessionOver(CloseCode.BAD_MESSAGE, "error", problem)
    return first


@dataclass(frozen=True, slots=True)
class Prepared:
    """What takes a while to make for one session."""

    assistant: Assistant
    understanding: Understanding
    voice_activity: VoiceActivity


def prepare(wish: Open, host: Host, grant: Grant) -> Prepared:
    """Return the assistant, compiled, and a voice activity of the session's own; raises SessionOver.

    Takes long enough to stay off the event loop.
    """
    if grant.assistants and wish.assistant not in grant.assistants:
        problem = "the session token does not allow this assistant"
        raise SessionOver(CloseCode.UNKNOWN_ASSISTANT, "error", problem)
    try:
        assistant = host.assistant(wish.assistant)
        return Prepared(assistant, Understanding(assistant), host.engines.voice_activity())
    except WorkbenchError as error:
        raise SessionOver(CloseCode.UNKNOWN_ASSISTANT, "error", str(error)) from None


def formats(wish: Open) -> tuple[AudioFormat, AudioFormat]:
    """Return the formats of the caller's and the agent's stream; raises SessionOver."""
    try:
        return wish.input.to_format(), wish.output.to_format()
    except ParameterError as error:
        raise SessionOver(CloseCode.UNKNOWN_FORMAT, "error", str(error)) from None


async def refuse(socket: Socket, over: SessionOver) -> None:
    """Say why before there is a timeline: one error event, then the close code."""
    outbox = Outbox(4)
    error = ErrorRaised(code=over.code.name.lower().replace("_", "-"), message=over.message, fatal=True)
    outbox.event(Event(seq=0, at=0.0, turn=0, source=Source.ENDPOINT, body=error))
    outbox.close()
    await outbox.run(socket)
    await socket.close(over.code, over.message)
