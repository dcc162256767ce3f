"""One session of the native protocol: from ``open`` to the last byte."""

import logging
import secrets
import traceback
from dataclasses import asdict

import anyio
from anyio.streams.memory import MemoryObjectSendStream

from workbench.aio import close_within, task_group
from workbench.conversation.barge_in import BACKCHANNELS, BargeInSettings
from workbench.conversation.early_synthesis import EarlySynthesisSettings
from workbench.conversation.endpointing import EndpointingSettings
from workbench.core.audio import AudioFormat, Frame, Samples
from workbench.core.clock import MonotonicClock
from workbench.core.events import Body, ErrorRaised, Event, SessionClosed, SessionOpened, Source
from workbench.core.timeline import Timeline
from workbench.endpoint.answering import Answering
from workbench.endpoint.conversing import Conversing
from workbench.endpoint.listening import Listening, Observation
from workbench.endpoint.opening import Host, Prepared, SessionOver, formats, opening, prepare, refuse
from workbench.endpoint.outbox import Outbox, Socket
from workbench.endpoint.receiving import Receiving
from workbench.endpoint.recording import Recorder
from workbench.endpoint.speaking import Speaking
from workbench.errors import ConnectionLost, ProtocolError, WorkbenchError
from workbench.protocol.native import (
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

log = logging.getLogger(__name__)

FRAMES_WAITING = 50
"""Caller's frames that may wait for the listening stage; then the socket is read no further."""

RECORD_TIMEOUT = 60.0
"""Seconds to write a recording; beyond it there is none, and its folder says that it is not whole."""

AHEAD_MAX = 10.0
"""Seconds a client's audio and playback may be ahead of the session clock."""

PLAYBACKS_PER_SECOND = 20
"""Playback reports taken, on average; a device sends about six."""

OBSERVATIONS_WAITING = 64
"""Observations that may wait for the conversing stage; then listening waits."""


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
        log_failure("a session", error)
        await socket.close(CloseCode.INTERNAL, "the endpoint failed")
    finally:
        host.live -= 1


async def _run(socket: Socket, host: Host, grant: Grant) -> None:
    try:
        wish = await opening(socket, host.settings.open_timeout)
        audio_formats = formats(wish)
        prepared = await anyio.to_thread.run_sync(prepare, wish, host, grant)
    except SessionOver as over:
        await refuse(socket, over)
        return
    await _Session(socket, host, wish, prepared, *audio_formats).run()


def log_failure(what: str, error: Exception) -> None:
    """Log where ``error`` arose, without its text: that may hold what was said."""
    where = "".join(traceback.format_tb(error.__traceback__))
    log.error("%s failed with %s\n%s", what, type(error).__name__, where)


class _Session:
    def __init__(  # noqa: PLR0913  what the opening settled
        self,
        socket: Socket,
        host: Host,
        wish: Open,
        prepared: Prepared,
        input_format: AudioFormat,
        output_format: AudioFormat,
    ) -> None:
        assistant = prepared.assistant
        self._socket = socket
        self._settings = host.settings
        self._wish = wish
        self.name = secrets.token_hex(6)
        self._timeline = Timeline(MonotonicClock())
        self._outbox = Outbox(host.settings.outbox_max)
        self._receiving = Receiving(input_format)
        self._bad_messages = 0
        self._playbacks = 0
        self._device_zero: float | None = None
        folder = host.settings.record
        self._recorder = Recorder(folder / self.name if folder else None, input_format, output_format)
        send, self._observations = anyio.create_memory_object_stream[Observation](OBSERVATIONS_WAITING)
        self._listening = Listening(
            recognizer=host.engines.recognizer(),
            language=assistant.language,
            vocabulary=assistant.vocabulary,
            voice_activity=prepared.voice_activity,
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
            understanding=prepared.understanding,
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
            log_failure(f"session {self.name}", error)
        finally:
            await close_within(3, lambda: self._leave(over))
            await close_within(RECORD_TIMEOUT, self._keep)

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
            taken = self._receiving.take(unpack(message), until=self._timeline.now() + AHEAD_MAX)
            if taken is not None:
                await self._hear(*taken, frames)
            return
        match parse_client(message):
            case Ping(sent=sent):
                self._outbox.control(Pong(sent=sent, at=self._timeline.now()))
            case AudioClock(device_zero=zero):
                self._device_zero = zero
            case Playback() as playback:
                self._check_playback(playback)
                self._recorder.played(playback, self._speaking.find(playback.reply))
                self._conversing.playback(playback)
            case AudioEnd():
                frames.close()
            case Close():
                raise SessionOver(CloseCode.COMPLETED, "client-left")
            case Open():
                raise ProtocolError("bad-message", "a second open came in one session")

    def _check_playback(self, playback: Playback) -> None:
        """Refuse what no device can have played by now, and more reports than any device makes."""
        self._playbacks += 1
        now = self._timeline.now() + AHEAD_MAX
        seconds = max(playback.device_position, playback.heard) / self._opened.output_rate
        if seconds > now or self._playbacks > PLAYBACKS_PER_SECOND * now:
            raise ProtocolError("bad-message", "playback was reported ahead of time, or too often")

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
        if over.reason != "connection-lost":
            self._outbox.close()
            with anyio.move_on_after(1):
                await self._outbox.run(self._socket)
        await self._socket.close(over.code, over.message or over.reason)

    async def _keep(self) -> None:
        try:
            await self._recorder.finish(self._timeline, self._device_zero)
        except WorkbenchError as error:
            log.error("session %s could not be recorded: %s", self.name, error)

    def _record(self, body: Body) -> Event:
        return self._timeline.record(body, turn=self._conversing.turn, source=Source.ENDPOINT)
