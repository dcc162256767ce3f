"""A session as its client sees it: audio out, events and reply audio in, one timeline.

::

    async with open_session("coffee") as session:  # starts an endpoint of its own
        await session.send(samples)
        async for event in session.events():
            print(event.at, event.body.type)
"""

import os
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path

import anyio

from workbench.aio import close_within, task_group
from workbench.audio.streams import encoder_for
from workbench.client.dialling import CONNECT_TIMEOUT
from workbench.client.link import PINGS, ConnectionStatus, Link
from workbench.client.local import Endpoint, open_endpoint
from workbench.client.mirror import Mirror
from workbench.client.playout import Playout, Report
from workbench.client.settings import SessionSettings as SessionSettings
from workbench.client.unacknowledged import Unacknowledged
from workbench.client.wishes import saying, tuning
from workbench.conversation.assistants import load_assistant
from workbench.conversation.tuning import Setting
from workbench.core.audio import Encoded, Samples, expect_samples
from workbench.core.clock import MonotonicClock
from workbench.core.consent import Consent
from workbench.core.events import ErrorRaised, Event, SessionClosed, SessionOpened
from workbench.core.timeline import Timeline
from workbench.errors import ConnectionLost, GatewayRefused, ParameterError
from workbench.protocol.native import (
    MAX_PACKET_SAMPLES,
    AudioClock,
    AudioEnd,
    Close,
    ConsentGiven,
    Ping,
    Playback,
    Pong,
    SessionMessage,
    Welcome,
)
from workbench.protocol.packets import AudioPacket, Direction, pack

KEPT = 60.0
"""Seconds of the caller's audio kept until the endpoint has it; the oldest is dropped."""


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
        If the assistant or a format is not offered, or the endpoint's address or what is trusted can't be
        used: a token goes unencrypted to nowhere but loopback.
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
        session = Session(endpoint, str(assistant), settings)
        async with task_group() as group:
            group.start_soon(session._run)
            try:
                await session._opening()
                yield session
            finally:
                await close_within(settings.closing, session._close)
                group.cancel_scope.cancel()


def is_file(assistant: str | Path) -> bool:
    """Return whether ``assistant`` means a file rather than a name."""
    return isinstance(assistant, Path) or assistant.endswith((".yaml", ".yml")) or os.sep in assistant


class Session:
    """A live session. Made by :func:`open_session`; use it from one event loop.

    A lost connection does not end it: what is sent meanwhile is kept, and sent when the connection is back.
    """

    def __init__(self, endpoint: Endpoint, assistant: str, settings: SessionSettings) -> None:
        self.settings = settings
        self._mirror = Mirror(settings.output)
        self._link = Link(
            endpoint,
            settings.wish(assistant),
            self._mirror,
            self,
            settings=settings.resume,
            log=Unacknowledged(round(KEPT * settings.input.rate)),
        )
        self._clock = MonotonicClock()
        self._offset = 0.0
        self._best_round_trip = float("inf")
        self._device_zero: float | None = None
        self._audio_ended = False
        self._encoder = encoder_for(settings.input, packet=MAX_PACKET_SAMPLES)
        self._packets = 0
        self._pongs = 0
        self._news = anyio.Event()
        self._over = False
        self._failure: BaseException | None = None

    @property
    def timeline(self) -> Timeline:
        """Return the mirror of the endpoint's timeline."""
        return self._mirror.timeline

    @property
    def playout(self) -> Playout:
        """Return the buffer of reply audio."""
        return self._mirror.playout

    @property
    def opened(self) -> SessionOpened:
        """Return how the endpoint opened the session."""
        if self._mirror.opened is None:
            raise ConnectionLost("the endpoint has not opened the session")
        return self._mirror.opened

    @property
    def connection(self) -> ConnectionStatus:
        """Return how the connection stands."""
        return self._link.status

    @property
    def lost_samples(self) -> int:
        """Return how many samples of replies never came; silence was played for them."""
        return self._mirror.lost

    def watch_connection(self, watcher: Callable[[ConnectionStatus], None]) -> Callable[[], None]:
        """Call ``watcher`` with each new status of the connection until the returned function is called."""
        return self._link.watch(watcher)

    async def suspend(self) -> None:
        """Leave the connection, for instance while a page is hidden; the endpoint holds the session."""
        await self._link.suspend()

    def wake(self) -> None:
        """Come back after :meth:`suspend`."""
        self._link.wake()

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
        ahead of real time. Without a connection the last ``KEPT`` seconds are kept for the next. Raises
        ConnectionLost when the session is over, ParameterError if they are no such samples.
        """
        samples = expect_samples(samples)
        audio_format = self.settings.input
        if self._device_zero is None:
            await self.start_device(self.now() - len(samples) / audio_format.rate)
        await self._post_audio(self._encoder.feed(samples))

    async def _post_audio(self, encoded: list[Encoded]) -> None:
        for one in encoded:
            packet = AudioPacket(
                direction=Direction.CALLER, seq=self._packets, position=one.position, payload=one.payload
            )
            self._packets += 1
            self._check()
            await self._link.post_audio(one.end, one.samples, pack(packet))

    async def start_device(self, at: float) -> None:
        """Say that the device's first sample is captured (and played) at session time ``at``."""
        self._device_zero = at
        self._post(lambda seq: AudioClock(seq=seq, at=self.now(), device_zero=at))

    async def end_audio(self) -> None:
        """Say that the caller's stream is over; the reply still comes."""
        if not self._audio_ended:
            await self._post_audio(self._encoder.flush())
        self._audio_ended = True
        self._post(lambda seq: AudioEnd(seq=seq, at=self.now()))

    async def say(self, text: str) -> None:
        """Let the assistant's voice speak ``text``, plain or SSML; needs a token with scope ``speak``.

        Raises ParameterError if it is empty or longer than 2,000 characters.
        """
        said = saying(text, at=self.now())
        self._post(lambda seq: said.model_copy(update={"seq": seq}))

    def tune(self, changes: Mapping[str, Setting]) -> None:
        """Go on under changed settings of turn taking, by names such as ``early.confidence``.

        The event ``turn-taking-tuned`` tells that they count, an ``error`` of code ``bad-setting`` why they
        do not; needs a token with scope ``converse``.

        Raises
        ------
        ParameterError
            If there are none or more than 40, or a value is no number.
        """
        made = tuning(changes, at=self.now())
        self._post(lambda seq: made.model_copy(update={"seq": seq}))

    def withdraw_consent(self, level: Consent = Consent.NONE) -> None:
        """Have no more than ``level`` stored of the session from now on, and what was stored destroyed.

        The event ``consent-settled`` tells that it is done. Where the caller is still to be asked, this is
        the answer. An ``error`` of code ``bad-consent`` tells that it would allow more than before. With
        nothing stored the session goes on, but can't outlive its endpoint.
        """
        self._post(lambda seq: ConsentGiven(seq=seq, at=self.now(), level=level))

    async def play(self, count: int) -> Samples:
        """Return the next ``count`` samples for the speaker (silence when there is no reply) and report them.

        A device calls this at its own pace, from its first sample on: its sample count is the clock of
        everything that is said to have been heard.
        """
        samples = self.playout.pull(count)
        self._report()
        return samples

    async def events(self, since: int = 0) -> AsyncIterator[Event]:
        """Yield the session's events from ``since`` on, and end with the session."""
        while True:
            for event in self.timeline.since(since):
                since = event.seq + 1
                yield event
            if self._over and since >= self.timeline.next_seq:
                return
            if since >= self.timeline.next_seq:
                await self.news()

    async def news(self) -> None:
        """Wait for the next message of the endpoint, or the end of the session."""
        if not self._over:
            await self._news.wait()

    @property
    def over(self) -> bool:
        """Return whether the session has ended."""
        return self._over

    # --- the link's receiver

    def welcomed(self, welcome: Welcome) -> None:
        """Go on with the session on a new connection."""
        if welcome.how == "opened":
            self._offset = welcome.at - self._clock.now()
            return
        if welcome.how != "resumed":  # another process, another clock: the next pongs tell
            self._best_round_trip = float("inf")
        zero = self._device_zero
        if zero is not None:
            self._link.post(lambda seq: AudioClock(seq=seq, at=self.now(), device_zero=zero))
        if self._audio_ended:
            self._link.post(lambda seq: AudioEnd(seq=seq, at=self.now()))

    def pong(self, pong: Pong) -> None:
        """Improve the clock offset."""
        now = self._clock.now()
        if now - pong.sent < self._best_round_trip:
            self._best_round_trip = now - pong.sent
            self._offset = pong.at - (pong.sent + now) / 2
        self._pongs += 1

    async def arrived(self) -> None:
        """Tell who waits, and what was played."""
        if not self._over:
            self._report()
        self._tell()

    # --- its beginning and end

    async def _run(self) -> None:
        try:
            await self._link.run()
        except (ConnectionLost, GatewayRefused, ParameterError) as error:
            self._failure = error
        finally:
            self._over = True
            self._tell()
        if self._failure is not None and self._link.connections:
            raise self._failure

    async def _opening(self) -> None:
        """Wait until the session is open and its clock is known."""
        with anyio.move_on_after(2 * CONNECT_TIMEOUT) as limit:
            while self._mirror.opened is None and not self._over:
                await self._news.wait()
        if limit.cancelled_caught:
            raise ConnectionLost(f"the endpoint did not open a session within {2 * CONNECT_TIMEOUT:g} s")
        self._raise_refusal()
        for _ in range(PINGS):
            before = self._pongs
            await self._link.say(Ping(sent=self._clock.now()))
            with anyio.move_on_after(CONNECT_TIMEOUT) as limit:
                while self._pongs == before and not self._over:
                    await self.news()
            if limit.cancelled_caught:
                raise ConnectionLost(f"the endpoint did not answer a ping within {CONNECT_TIMEOUT:g} s")

    def _raise_refusal(self) -> None:
        if self._failure is not None:
            raise self._failure
        first = self.timeline.events[0].body if len(self.timeline) else None
        if isinstance(first, ErrorRaised):
            kinds = {"unknown-assistant": ParameterError, "unknown-format": ParameterError}
            refused = kinds.get(first.code)
            if refused is not None:
                raise refused(first.message)
            raise GatewayRefused(self._link.close_code or 1006, first.message)
        if not isinstance(first, SessionOpened):
            code = self._link.close_code or 1006
            raise GatewayRefused(code, self._link.close_reason or "no reason was given")

    def _tell(self) -> None:
        news, self._news = self._news, anyio.Event()
        news.set()

    def _report(self) -> None:
        for report in self.playout.reports():
            self._link.post(partial(self._playback, report))

    def _playback(self, report: Report, seq: int) -> Playback:
        return Playback(
            seq=seq,
            state=report.state,
            reply=report.reply,
            heard=report.heard,
            device_position=report.device_position,
            at=self.device_zero + report.device_position / self.settings.output.rate,
            underrun=report.underrun,
            reason=report.reason,
        )

    def _post(self, message: Callable[[int], SessionMessage]) -> None:
        self._check()
        self._link.post(message)

    def _check(self) -> None:
        if self._over:
            raise ConnectionLost(self._ended()) from None

    def _ended(self) -> str:
        for event in reversed(self.timeline.events[-3:]):
            if isinstance(event.body, SessionClosed):
                return f"the endpoint ended the session: {event.body.reason} (code {event.body.code})"
        code, reason = self._link.close_code, self._link.close_reason
        return f"the endpoint went away: {reason} (code {code})" if reason else "the endpoint went away"

    async def _close(self) -> None:
        if self._over:
            return
        self.playout.close()
        self._report()
        self._link.post(lambda seq: Close(seq=seq, at=self.now()))
        while not self._over and self.connection.status != "suspended":  # the last events are still to come
            await self._news.wait()
