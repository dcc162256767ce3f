"""How a connection begins: what its client wants, whether it can have it, and what it is told if not."""

import secrets
from contextlib import suppress
from dataclasses import dataclass

import anyio

from workbench.audio.streams import decoder_for
from workbench.audio.voice_activity import VoiceActivity
from workbench.conversation.assistant_model import Assistant
from workbench.core.audio import AudioFormat
from workbench.core.events import ErrorRaised, Event, Source
from workbench.core.languages import SessionLanguage, session_language
from workbench.core.wire import event_to_json
from workbench.endpoint.host import Host
from workbench.endpoint.outbox import Outbox, Socket
from workbench.endpoint.session_voice import in_session
from workbench.endpoint.thinking import Mind
from workbench.errors import ConnectionLost, EngineMissing, ParameterError, ProtocolError, WorkbenchError
from workbench.protocol.native import (
    PROTOCOL_VERSION,
    CloseCode,
    FirstMessage,
    Observe,
    Open,
    Resume,
    parse_client,
)
from workbench.security.tokens import Grant, Scope

REFUSE_TIMEOUT = 3.0
"""Seconds to say why there will be no session."""


class SessionOver(Exception):  # noqa: N818  an outcome, not an error
    """Ends a session, or refuses one, from anywhere inside it."""

    def __init__(self, code: CloseCode, reason: str, message: str = "") -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason
        self.message = message
        """One sentence for the client, sent as a fatal error event; none for a normal end."""


def check_open(over: SessionOver | None) -> None:
    """Raise SessionOver if a session ends by ``over``: for good if revoked, else it may be resumed soon."""
    if over is None:
        return
    if over.code is CloseCode.FORBIDDEN:
        raise SessionOver(CloseCode.FORBIDDEN, "error", over.message)
    raise SessionOver(CloseCode.RESTARTING, "error", "the session is being put away; try again")


async def first_message(socket: Socket, limit: float) -> FirstMessage:
    """Return the client's first message.

    Raises SessionOver if it is none that begins anything, ConnectionLost if the client leaves before.
    """
    try:
        with anyio.fail_after(limit):
            message = await socket.receive()
    except TimeoutError:
        raise SessionOver(CloseCode.IDLE, "idle", f"no first message within {limit:g} s") from None
    if message is None:
        raise ConnectionLost("the client left before it opened a session")
    if isinstance(message, bytes):
        raise bad("the first message was binary, expected open, resume or observe")
    try:
        first = parse_client(message)
    except ProtocolError as error:
        raise bad(str(error)) from None
    if not isinstance(first, Open | Resume | Observe):
        raise bad(f"the first message was {first.type}, expected open, resume or observe")
    if first.version != PROTOCOL_VERSION:
        raise bad(f"protocol version {first.version}, expected {PROTOCOL_VERSION}")
    return first


def bad(problem: str) -> SessionOver:
    """Return the end of a client that does not keep to the protocol."""
    return SessionOver(CloseCode.BAD_MESSAGE, "error", problem)


def new_name() -> str:
    """Return a name for a session; it is no secret."""
    return secrets.token_hex(6)


@dataclass(frozen=True, slots=True)
class Prepared:
    """What takes a while to make for one session."""

    assistant: Assistant
    """As it speaks in this session."""
    language: SessionLanguage
    """What is heard."""
    mind: Mind
    voice_activity: VoiceActivity


def permit(grant: Grant, name: str, *, wanted: tuple[Scope, ...]) -> None:
    """Raise SessionOver if ``grant`` has none of the scopes or is bound to another session than ``name``."""
    if not any(map(grant.allows, wanted)):
        scopes = " or ".join(wanted)
        raise SessionOver(CloseCode.FORBIDDEN, "error", f"the session token's scope is not {scopes}")
    if grant.session not in (None, name):
        raise SessionOver(CloseCode.FORBIDDEN, "error", "the session token is bound to another session")


def prepare(wish: Open, host: Host, grant: Grant, *, language: SessionLanguage | None = None) -> Prepared:
    """Return the assistant, compiled, and a voice activity of the session's own; raises SessionOver.

    Takes long enough to stay off the event loop. ``language`` is what the session was held in before.
    """
    if grant.assistants and wish.assistant not in grant.assistants:
        problem = "the session token does not allow this assistant"
        raise SessionOver(CloseCode.UNKNOWN_ASSISTANT, "error", problem)
    try:
        assistant, project = host.assistant(wish.assistant), host.projects.of(grant.project)
        language = language or session_language(
            client=wish.settings.language,
            assistant=assistant.language,
            project=project.language,
            endpoint=host.settings.language,
        )
        _check_heard(language, host)
        speaking = in_session(assistant, project, language)
        return Prepared(speaking, language, host.thinking.mind(assistant), host.engines.voice_activity())
    except WorkbenchError as error:
        raise SessionOver(CloseCode.UNKNOWN_ASSISTANT, "error", str(error)) from None


def _check_heard(language: SessionLanguage, host: Host) -> None:
    """Raise SessionOver if speech in the session's language would not be recognised."""
    if not host.engines.hear(language.tag):
        problem = f"{language.tag}, which the {language.by} asks for, is not recognised by this endpoint"
        raise SessionOver(CloseCode.UNKNOWN_LANGUAGE, "error", problem)


def formats(wish: Open) -> tuple[AudioFormat, AudioFormat]:
    """Return the formats of the caller's and the agent's stream; raises SessionOver."""
    try:
        found = wish.input.to_format(), wish.output.to_format()
        for one in found:
            decoder_for(one)  # says so if this endpoint lacks the codec
        return found
    except (ParameterError, EngineMissing) as error:
        raise SessionOver(CloseCode.UNKNOWN_FORMAT, "error", str(error)) from None


async def refuse(socket: Socket, over: SessionOver) -> None:
    """Say why there will be no session: one error event, then the close code; to who listens, for a while."""
    outbox = Outbox(4)
    error = ErrorRaised(code=code_name(over), message=over.message, fatal=True)
    outbox.put(event_to_json(Event(seq=0, at=0.0, turn=0, source=Source.ENDPOINT, body=error)))
    outbox.close()
    with anyio.move_on_after(REFUSE_TIMEOUT):
        with suppress(ConnectionLost):
            await outbox.run(socket)
        await socket.close(over.code, over.message)


def code_name(over: SessionOver) -> str:
    """Return the word for programs of an end's close code."""
    return over.code.name.lower().replace("_", "-")
