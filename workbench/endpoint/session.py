"""One session of the native protocol: from ``open`` to the last byte."""

import logging
import secrets
from collections.abc import Callable
from dataclasses import asdict, dataclass, field

import anyio
from anyio.streams.memory import MemoryObjectSendStream

from workbench.aio import close_within, task_group
from workbench.conversation.assistant_model import Assistant
from workbench.conversation.barge_in import BACKCHANNELS, BargeInSettings
from workbench.conversation.early_synthesis import EarlySynthesisSettings
from workbench.conversation.endpointing import EndpointingSettings
from workbench.conversation.understanding import Understanding
from workbench.core.audio import AudioFormat, Frame, Samples
from workbench.core.clock import MonotonicClock
from workbench.core.events import Body, ErrorRaised, Event, SessionClosed, SessionOpened, Source
from workbench.core.timeline import Timeline
from workbench.endpoint.answering import Answering
from workbench.endpoint.conversing import Conversing
from workbench.endpoint.listening import Listening, Observation
from workbench.endpoint.outbox import Outbox, Socket
from workbench.endpoint.receiving import Receiving
from workbench.endpoint.recording import Recorder
from workbench.endpoint.settings import EndpointSettings
from workbench.endpoint.speaking import Speaking
from workbench.errors import ConnectionLost, ParameterError, ProtocolError, WorkbenchError
from workbench.protocol.native import (
    PROTOCOL_VERSION,
    AudioClock,
    AudioEnd,
    Close,
    CloseCode,
    Open,
    Ping,
    Playback,
    Pong,
    parse_client,
    unpack,
)
from workbench.security.tokens import Grant
from workbench.speech.engines import Engines

log = logging.getLogger(__name__)

FRAMES_WAITING = 50
"""Caller's frames that may wait for the listening stage; then the socket is read no further."""

OBSERVATIONS_WAITING = 64
"""Observations that may wait for the conversing stage; then listening waits."""


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


async def run_session(socket: Socket, host: Host, grant: Grant) -> None:
    """Lead one session until either side ends it. Whatever happens, the socket is closed with a code."""
    if host.live >= host.settings.max_sessions:
        await socket.close(CloseCode.TOO_MANY_SESSIONS, f"{host.live} sessions are open, the most allowed")
        return
    host.live += 1
    try:
        await _run(socket, host, grant)
    except ConnectionLost:
        log.info("a client left before its session was opened")
    except Exception as error:
        log.exception("a session failed with %s", type(error).__name__)
        await socket.close(CloseCode.INTERNAL, "the endpoint failed")
    finally:
        host.live -= 1


async def _run(socket: Socket, host: Host, grant: Grant) -> None:
    try:
        wish = await _opening(socket, host.settings.open_timeout)
        formats = _formats(wish)
        assistant, understanding = await anyio.to_thread.run_sync(_assistant, wish, host, grant)
    except SessionOver as over:
        await _refuse(socket, over)
        return
    await _Session(socket, host, wish, assistant, understanding, *formats).run()


async def _opening(socket: Socket, limit: float) -> Open:
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
        opening = parse_client(message)
    except ProtocolError as error:
        raise SessionOver(CloseCode.BAD_MESSAGE, "error", str(error)) from None
    if not isinstance(opening, Open):
        problem = f"the first message was {opening.type}, expected open"
        raise SessionOver(CloseCode.BAD_MESSAGE, "error", problem)
    if opening.version != PROTOCOL_VERSION:
        problem = f"protocol version {opening.version}, expected {PROTOCOL_VERSION}"
        raise SessionOver(CloseCode.BAD_MESSAGE, "error", problem)
    return opening


def _assistant(wish: Open, host: Host, grant: Grant) -> tuple[Assistant, Understanding]:
    """Return the assistant and its compiled understanding; takes long enough to stay off the event loop."""
    if grant.assistants and wish.assistant not in grant.assistants:
        problem = "the session token does not allow this assistant"
        raise SessionOver(CloseCode.UNKNOWN_ASSISTANT, "error", problem)
    try:
        assistant = host.assistant(wish.assistant)
        return assistant, Understanding(assistant)
    except WorkbenchError as error:
        raise SessionOver(CloseCode.UNKNOWN_ASSISTANT, "error", str(error)) from None


def _formats(wish: Open) -> tuple[AudioFormat, AudioFormat]:
    try:
        return wish.input.to_format(), wish.output.to_format()
    except ParameterError as error:
        raise SessionOver(CloseCode.UNKNOWN_FORMAT, "error", str(error)) from None


async def _refuse(socket: Socket, over: SessionOver) -> None:
    """Say why before there is a timeline: one error event, then the close code."""
    outbox = Outbox(4)
    error = ErrorRaised(code=over.code.name.lower().replace("_", "-"), message=over.message, fatal=True)
    outbox.event(Event(seq=0, at=0.0, turn=0, source=Source.ENDPOINT, body=error))
    outbox.close()
    await outbox.run(socket)
    await socket.close(over.code, over.message)


class _Session:
    def __init__(  # noqa: PLR0913  what the opening settled
        self,
        socket: Socket,
        host: Host,
        wish: Open,
        assistant: Assistant,
        understanding: Understanding,
        input_format: AudioFormat,
        output_format: AudioFormat,
    ) -> None:
        self._socket = socket
        self._settings = host.settings
        self._wish = wish
        self.name = secrets.token_hex(6)
        self._timeline = Timeline(MonotonicClock())
        self._outbox = Outbox(host.settings.outbox_max)
        self._receiving = Receiving(input_format)
        self._bad_messages = 0
        self._device_zero: float | None = None
        folder = host.settings.record
        self._recorder = Recorder(folder / self.name if folder else None, input_format, output_format)
        send, self._observations = anyio.create_memory_object_stream[Observation](OBSERVATIONS_WAITING)
        self._listening = Listening(
            recognizer=host.engines.recognizer(),
            language=assistant.language,
            vocabulary=assistant.vocabulary,
            voice_activity=host.engines.voice_activity(),
            outbox=send,
            threads=host.hearing_threads,
            partial_every=host.settings.partial_every,
        )
        self._speaking = Speaking(
            synthesizer=host.engines.synthesizer(),
            threads=host.speaking_threads,
            audio_format=output_format,
            record=self._timeline.record,
            output=self._outbox,
            send_ahead=host.settings.send_ahead,
            now=self._timeline.now,
        )
        early = EarlySynthesisSettings(
            enabled=wish.settings.early_synthesis,
            confidence=assistant.early.confidence,
            stability=assistant.early.stability,
        )
        self._answering = Answering(
            assistant=assistant,
            understanding=understanding,
            early=early,
            speaking=self._speaking,
            record=self._timeline.record,
            now=self._timeline.now,
        )
        endpointing = EndpointingSettings(
            hangover_min=assistant.endpointing.hangover_min,
            hangover_max=assistant.endpointing.hangover_max,
            turn_max=assistant.endpointing.longest_turn,
        )
        self._conversing = Conversing(
            endpointing=endpointing,
            barge_in=BargeInSettings(backchannels=assistant.backchannels or BACKCHANNELS),
            listening=self._listening,
            answering=self._answering,
            speaking=self._speaking,
            record=self._timeline.record,
            now=self._timeline.now,
        )
        self._timeline.subscribe(self._outbox.event)
        self._opened = SessionOpened(
            session=self.name,
            assistant=assistant.name,
            input_encoding=input_format.encoding.value,
            input_rate=input_format.rate,
            output_encoding=output_format.encoding.value,
            output_rate=output_format.rate,
            settings={
                "early_synthesis": asdict(early),
                "endpointing": asdict(endpointing),
                "engines": host.engines.name,
                "voice": assistant.voice,
            },
        )

    async def run(self) -> None:
        """Lead the session; close the socket with the code that says how it ended."""
        self._record(self._opened)
        log.info("session %s opened", self.name)
        over = SessionOver(CloseCode.INTERNAL, "error", "the endpoint failed")
        try:
            async with task_group() as group:
                group.start_soon(self._outbox.run, self._socket)
                await self._converse()
        except SessionOver as end:
            over = end
        except ConnectionLost:
            over = SessionOver(CloseCode.COMPLETED, "connection-lost")
        except anyio.get_cancelled_exc_class():
            over = SessionOver(CloseCode.GOING_AWAY, "shutdown", "the endpoint is shutting down")
            raise
        except Exception as error:
            log.exception("session %s failed with %s", self.name, type(error).__name__)
        finally:
            await close_within(3, lambda: self._leave(over))

    async def _converse(self) -> None:
        async with task_group() as group:
            frames, inbox = anyio.create_memory_object_stream[Frame](FRAMES_WAITING)
            group.start_soon(self._speaking.run)
            group.start_soon(self._listening.run, inbox)
            group.start_soon(self._conversing.run, self._observations)
            group.start_soon(self._watch)
            if self._wish.settings.greet:
                await anyio.lowlevel.checkpoint()  # lets the speaking stage begin
                self._answering.greet()
            async with frames:
                await self._receive(frames)

    async def _receive(self, frames: MemoryObjectSendStream[Frame]) -> None:
        timeout = self._settings.message_timeout
        while True:
            try:
                with anyio.fail_after(timeout):
                    message = await self._socket.receive()
            except TimeoutError:
                raise SessionOver(CloseCode.IDLE, "idle", f"nothing came for {timeout:g} s") from None
            if message is None:
                raise ConnectionLost("the client left without closing the session")
            try:
                await self._take(message, frames)
            except ProtocolError as error:
                self._complain(error)

    async def _take(self, message: str | bytes, frames: MemoryObjectSendStream[Frame]) -> None:
        if isinstance(message, bytes):
            taken = self._receiving.take(unpack(message))
            if taken is not None:
                await self._hear(*taken, frames)
            return
        match parse_client(message):
            case Ping(sent=sent):
                self._outbox.control(Pong(sent=sent, at=self._timeline.now()))
            case AudioClock(device_zero=zero):
                self._device_zero = zero
            case Playback() as playback:
                self._recorder.played(playback, self._speaking.find(playback.reply))
                self._conversing.playback(playback)
            case AudioEnd():
                frames.close()
            case Close():
                raise SessionOver(CloseCode.COMPLETED, "client-left")
            case Open():
                raise ProtocolError("bad-message", "a second open came in one session")

    async def _hear(self, samples: Samples, frame: Frame, frames: MemoryObjectSendStream[Frame]) -> None:
        captured = None
        if self._device_zero is not None:
            captured = self._device_zero + self._receiving.position / self._receiving.audio_format.rate
        report = self._receiving.report(captured)
        if report is not None:
            self._record(report)
        self._recorder.heard(samples)
        if len(frame.samples):
            try:
                await frames.send(frame)
            except anyio.ClosedResourceError:
                raise ProtocolError("bad-packet", "audio came after audio-end") from None

    def _complain(self, error: ProtocolError) -> None:
        self._bad_messages += 1
        if self._bad_messages > self._settings.bad_messages_max:
            problem = f"{self._bad_messages} messages could not be understood, the last: {error.problem}"
            raise SessionOver(CloseCode.BAD_MESSAGE, "error", problem)
        self._record(ErrorRaised(code=error.code, message=error.problem))

    async def _watch(self) -> None:
        """End the session when it is silent, too long, or its client reads too slowly."""
        limits = self._settings
        while not self._outbox.overflowed.is_set():
            with anyio.move_on_after(min(1.0, limits.silence_timeout / 4)):
                await self._outbox.overflowed.wait()
            now = self._timeline.now()
            if now > limits.session_max:
                problem = f"the session has lasted {limits.session_max:g} s"
                raise SessionOver(CloseCode.TOO_LONG, "too-long", problem)
            if now - self._conversing.last_active > limits.silence_timeout:
                problem = f"nobody spoke for {limits.silence_timeout:g} s"
                raise SessionOver(CloseCode.IDLE, "idle", problem)
        raise SessionOver(CloseCode.TOO_SLOW, "error", "the client reads too slowly")

    async def _leave(self, over: SessionOver) -> None:
        if over.message:
            code = over.code.name.lower().replace("_", "-")
            self._record(ErrorRaised(code=code, message=over.message, fatal=True))
        self._record(SessionClosed(reason=over.reason, code=int(over.code)))
        log.info("session %s closed: %s", self.name, over.reason)
        await self._recorder.finish(self._timeline, self._device_zero)
        if over.reason != "connection-lost":
            self._outbox.close()
            with anyio.move_on_after(1):
                await self._outbox.run(self._socket)
        await self._socket.close(over.code, over.message or over.reason)

    def _record(self, body: Body) -> Event:
        return self._timeline.record(body, turn=self._conversing.turn, source=Source.ENDPOINT)
