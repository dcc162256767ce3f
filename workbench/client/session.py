"""A session as its client sees it: audio out, events and reply audio in, one timeline.

::

    async with open_session("coffee") as session:  # starts an endpoint of its own
        await session.send(samples)
        async for event in session.events():
            print(event.at, event.body.type)
"""

import json
import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import anyio
import websockets
from websockets.asyncio.client import ClientConnection, connect

from workbench.aio import close_within, task_group
from workbench.audio.codecs import decode, encode
from workbench.client.local import Endpoint, open_endpoint
from workbench.client.playout import Playout, Report
from workbench.conversation.assistants import load_assistant
from workbench.core.audio import AudioFormat, Encoding, Samples
from workbench.core.clock import MonotonicClock
from workbench.core.events import ErrorRaised, Event, SessionClosed, SessionOpened
from workbench.core.timeline import Timeline
from workbench.core.wire import event_from_wire
from workbench.errors import ConnectionLost, GatewayRefused, ParameterError, ProtocolError
from workbench.protocol.native import (
    MAX_MESSAGE_BYTES,
    MAX_PACKET_SAMPLES,
    PATH,
    AudioClock,
    AudioEnd,
    AudioPacket,
    Close,
    Direction,
    FormatWish,
    Open,
    Ping,
    Playback,
    PlaybackControl,
    Pong,
    SessionWish,
    pack,
    parse_control,
    unpack,
)

CONNECT_TIMEOUT = 10.0
"""Seconds to reach the endpoint and to be answered."""

PINGS = 5
"""Round trips measured at the start to estimate the clock offset; the quickest counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionSettings:
    """How a session shall be."""

    input: AudioFormat = AudioFormat()
    output: AudioFormat = AudioFormat(Encoding.PCM16, 24_000)
    early_synthesis: bool = True
    """Whether anything is prepared before the caller's turn has ended."""
    greet: bool = False
    """Whether the assistant speaks first."""


@asynccontextmanager
async def open_session(
    assistant: str | Path = "coffee",
    *,
    endpoint: Endpoint | None = None,
    settings: SessionSettings | None = None,
) -> AsyncIterator["Session"]:
    """Open a session with ``assistant`` and close it at the end of the block.

    Parameters
    ----------
    assistant : name of one that the endpoint offers, or (without ``endpoint``) a file
    endpoint : where to connect; without it an embedded endpoint is started for this session
    settings : formats and behaviour

    Raises
    ------
    ParameterError
        If the assistant or a format is not offered.
    GatewayRefused
        If the token is refused or there is no room.
    ConnectionLost
        If the endpoint can't be reached, or is lost inside the block.
    """
    settings = settings or SessionSettings()
    async with AsyncExitStack() as stack:
        if endpoint is None:
            files = (Path(assistant),) if is_file(assistant) else ()
            assistant = load_assistant(assistant).name
            endpoint = await stack.enter_async_context(open_endpoint(assistants=files))
        connection = await _connect(endpoint)
        stack.push_async_callback(close_within, 3, connection.close)
        session = Session(connection, settings)
        async with task_group() as group:
            opened = anyio.Event()
            group.start_soon(session._receive, opened)
            try:
                await session._open(str(assistant), opened)
                yield session
            finally:
                await close_within(3, session._close)
                group.cancel_scope.cancel()


def is_file(assistant: str | Path) -> bool:
    """Return whether ``assistant`` means a file rather than a name."""
    return isinstance(assistant, Path) or assistant.endswith((".yaml", ".yml")) or os.sep in assistant


async def _connect(endpoint: Endpoint) -> ClientConnection:
    headers = {"Authorization": f"Bearer {endpoint.token()}"}
    try:
        return await connect(
            endpoint.url + PATH,
            additional_headers=headers,
            max_size=4 * MAX_MESSAGE_BYTES,
            compression=None,
            open_timeout=CONNECT_TIMEOUT,
            proxy=None,
        )
    except websockets.InvalidStatus as error:
        raise GatewayRefused(error.response.status_code, _reason(error.response.body)) from None
    except (OSError, TimeoutError, websockets.WebSocketException) as error:
        problem = type(error).__name__
        raise ConnectionLost(f"no endpoint answered at {endpoint.url}: {problem}") from None


def _reason(body: bytes | bytearray | None) -> str:
    try:
        return str(json.loads(body or b"")["error"]["message"])
    except (ValueError, KeyError, TypeError):
        return "no reason was given"


class Session:
    """A live session. Made by :func:`open_session`; use it from one event loop."""

    def __init__(self, connection: ClientConnection, settings: SessionSettings) -> None:
        self._connection = connection
        self.settings = settings
        self.timeline = Timeline()
        """Mirror of the endpoint's timeline."""
        self.playout = Playout(settings.output.rate)
        self._clock = MonotonicClock()
        self._offset = 0.0
        self._best_round_trip = float("inf")
        self._device_zero: float | None = None
        self._sent = 0
        self._packets = 0
        self._pongs = 0
        self._news = anyio.Event()
        self._over = False

    @property
    def opened(self) -> SessionOpened:
        """Return how the endpoint opened the session."""
        for event in self.timeline.events[:8]:
            if isinstance(event.body, SessionOpened):
                return event.body
        raise ConnectionLost("the endpoint has not opened the session")

    @property
    def device_zero(self) -> float:
        """Return the session time of the device's first sample; 0 before any audio."""
        return self._device_zero or 0.0

    @property
    def round_trip(self) -> float:
        """Return the quickest round trip measured, seconds."""
        return self._best_round_trip

    def now(self) -> float:
        """Return the session time, as far as this side knows."""
        return self._clock.now() + self._offset

    async def send(self, samples: Samples) -> None:
        """Send the next samples of the caller's stream (mono, -1..1, at the input rate).

        Waits when the network is slower than the stream; the endpoint refuses what comes more than 10 s
        ahead of real time. Raises ConnectionLost.
        """
        audio_format = self.settings.input
        if self._device_zero is None:
            await self.start_device(self.now() - len(samples) / audio_format.rate)
        for start in range(0, len(samples), MAX_PACKET_SAMPLES):
            piece = samples[start : start + MAX_PACKET_SAMPLES]
            packet = AudioPacket(
                direction=Direction.CALLER,
                seq=self._packets,
                position=self._sent,
                payload=encode(piece, audio_format),
            )
            self._packets += 1
            self._sent += len(piece)
            await self._put(pack(packet))

    async def start_device(self, at: float) -> None:
        """Say that the device's first sample is captured (and played) at session time ``at``."""
        self._device_zero = at
        await self._put(AudioClock(device_zero=at).model_dump_json())

    async def end_audio(self) -> None:
        """Say that the caller's stream is over; the reply still comes."""
        await self._put(AudioEnd().model_dump_json())

    async def play(self, count: int) -> Samples:
        """Return the next ``count`` samples for the speaker (silence when there is no reply) and report them.

        A device calls this at its own pace, from its first sample on: its sample count is the clock of
        everything that is said to have been heard.
        """
        samples = self.playout.pull(count)
        await self._report()
        return samples

    async def events(self, since: int = 0) -> AsyncIterator[Event]:
        """Yield the session's events from ``since`` on, and end with the session."""
        while True:
            for event in self.timeline.since(since):
                since = event.seq + 1
                yield event
            if self._over and since >= len(self.timeline):
                return
            if since >= len(self.timeline):
                await self.news()

    async def news(self) -> None:
        """Wait for the next message of the endpoint, or the end of the session."""
        if not self._over:
            await self._news.wait()

    @property
    def over(self) -> bool:
        """Return whether the session has ended."""
        return self._over

    async def _open(self, assistant: str, opened: anyio.Event) -> None:
        wish = Open(
            assistant=assistant,
            input=_wish(self.settings.input),
            output=_wish(self.settings.output),
            settings=SessionWish(early_synthesis=self.settings.early_synthesis, greet=self.settings.greet),
        )
        with suppress(ConnectionLost):  # a refusal may come before the wish is sent; it is told below
            await self._put(wish.model_dump_json())
        with anyio.move_on_after(CONNECT_TIMEOUT) as limit:
            await opened.wait()
        if limit.cancelled_caught:
            raise ConnectionLost(f"the endpoint did not open a session within {CONNECT_TIMEOUT:g} s")
        self._raise_refusal()
        for _ in range(PINGS):
            before = self._pongs
            await self._put(Ping(sent=self._clock.now()).model_dump_json())
            with anyio.move_on_after(CONNECT_TIMEOUT) as limit:
                while self._pongs == before and not self._over:
                    await self.news()
            if limit.cancelled_caught:
                raise ConnectionLost(f"the endpoint did not answer a ping within {CONNECT_TIMEOUT:g} s")

    def _raise_refusal(self) -> None:
        first = self.timeline.events[0].body if len(self.timeline) else None
        if isinstance(first, ErrorRaised):
            kinds = {"unknown-assistant": ParameterError, "unknown-format": ParameterError}
            raise kinds.get(first.code, ConnectionLost)(first.message)
        if not isinstance(first, SessionOpened):
            code = self._connection.close_code or 1006
            raise GatewayRefused(code, self._connection.close_reason or "no reason was given")

    async def _receive(self, opened: anyio.Event) -> None:
        try:
            async for message in self._connection:
                if isinstance(message, bytes):
                    packet = unpack(message)
                    self.playout.add(packet.reply, decode(packet.payload, self.settings.output))
                else:
                    await self._take(message)
                    opened.set()
        except websockets.ConnectionClosedError as error:
            if error.rcvd is None:
                raise ConnectionLost("the endpoint went away without a word") from None
        except (ProtocolError, ParameterError) as error:
            raise ConnectionLost(f"the endpoint broke the protocol: {error}") from None
        finally:
            self._over = True
            opened.set()
            self._tell()

    async def _take(self, message: str) -> None:
        wire = _object(message)
        match parse_control(wire):
            case Pong(sent=sent, at=at):
                now = self._clock.now()
                if now - sent < self._best_round_trip:
                    self._best_round_trip = now - sent
                    self._offset = at - (sent + now) / 2
                self._pongs += 1
            case PlaybackControl() as control:
                self._control(control)
                await self._report()
            case None:
                self.timeline.append(event_from_wire(wire))
        self._tell()

    def _control(self, control: PlaybackControl) -> None:
        match control.action:
            case "pause":
                self.playout.pause(control.reply)
            case "resume":
                self.playout.resume(control.reply)
            case "flush":
                self.playout.flush(control.reply)
            case "end":
                self.playout.end(control.reply, control.samples)

    def _tell(self) -> None:
        news, self._news = self._news, anyio.Event()
        news.set()

    async def _report(self) -> None:
        for report in self.playout.reports():
            await self._put(self._playback(report).model_dump_json())

    def _playback(self, report: Report) -> Playback:
        return Playback(
            state=report.state,
            reply=report.reply,
            heard=report.heard,
            device_position=report.device_position,
            at=self.device_zero + report.device_position / self.settings.output.rate,
            underrun=report.underrun,
            reason=report.reason,
        )

    async def _put(self, message: str | bytes) -> None:
        try:
            await self._connection.send(message)
        except websockets.ConnectionClosed:
            raise ConnectionLost(self._ended()) from None

    def _ended(self) -> str:
        for event in reversed(self.timeline.events[-3:]):
            if isinstance(event.body, SessionClosed):
                return f"the endpoint ended the session: {event.body.reason} (code {event.body.code})"
        code, reason = self._connection.close_code, self._connection.close_reason
        return f"the endpoint went away: {reason} (code {code})" if reason else "the endpoint went away"

    async def _close(self) -> None:
        if self._over:
            return
        self.playout.close()
        try:
            await self._report()
            await self._put(Close().model_dump_json())
        except ConnectionLost:
            return
        while not self._over:  # the last events are still to come
            await self._news.wait()


def _object(message: str) -> dict[str, object]:
    try:
        wire = json.loads(message)
    except ValueError:
        raise ProtocolError("bad-json", "a text message is not JSON") from None
    if not isinstance(wire, dict):
        raise ProtocolError("bad-message", f"a message came as {type(wire).__name__}, expected an object")
    return wire


def _wish(audio_format: AudioFormat) -> FormatWish:
    return FormatWish(encoding=audio_format.encoding.value, rate=audio_format.rate)
