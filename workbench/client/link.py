"""A session's way to its endpoint: one connection after another, until the session ends or it is given up."""

import json
import logging
import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal, Protocol

import anyio
import websockets
from websockets.asyncio.client import ClientConnection

from workbench.aio import close_within, task_group
from workbench.client.dialling import CONNECT_TIMEOUT, dial, fresh_token
from workbench.client.local import Endpoint
from workbench.client.mirror import Mirror
from workbench.client.resume import GiveUp, Reconnecting, ResumeSettings
from workbench.client.unacknowledged import Unacknowledged
from workbench.core.clock import MonotonicClock
from workbench.errors import ConnectionLost, GatewayRefused, ParameterError, ProtocolError
from workbench.protocol.native import (
    Acknowledged,
    CloseCode,
    Open,
    Ping,
    PlaybackControl,
    Pong,
    Received,
    Refresh,
    Refreshed,
    Resume,
    SessionMessage,
    Suspend,
    Welcome,
    parse_control,
)
from workbench.protocol.packets import unpack

log = logging.getLogger(__name__)

TEND_EVERY = 0.25
"""Seconds between acknowledgements, and looks at the token."""

PING_EVERY = 10.0
"""Seconds between pings, once the clock offset is known."""

PINGS = 5
"""Round trips measured at the start of each connection; the quickest tells the clock offset."""

UNSENT_MAX = 50
"""Messages that may wait for a connection that is slower than the stream; then ``room`` waits."""

REFRESH_AT = 0.75
"""Share of a token's life after which a new one is sent."""

REFRESH_AGAIN = 1.0
"""Seconds after which a token that could not be got is asked for again."""


@dataclass(frozen=True, slots=True)
class ConnectionStatus:
    """How the connection stands, for whoever shows it."""

    status: Literal["connecting", "connected", "reconnecting", "suspended", "lost"]
    detail: str = ""
    """One sentence, or nothing."""


class Receiver(Protocol):
    """Whose link it is."""

    def welcomed(self, welcome: Welcome) -> None:
        """Learn that a connection carries the session."""

    def pong(self, pong: Pong) -> None:
        """Take an answer to a ping."""

    def now(self) -> float:
        """Return the session time, as far as this side knows."""

    async def arrived(self) -> None:
        """Learn that something has been added to the mirror."""


class Link:
    """Carries one session.

    Parameters
    ----------
    endpoint : where to connect, again and again
    wish : what to open
    mirror : takes what the endpoint sends
    receiver : whose link it is
    settings : how patiently to come back
    log : what is sent, until it is acknowledged
    """

    def __init__(
        self,
        endpoint: Endpoint,
        wish: Open,
        mirror: Mirror,
        receiver: Receiver,
        *,
        settings: ResumeSettings,
        log: Unacknowledged,
    ) -> None:
        self._endpoint, self._wish, self._mirror, self._receiver = endpoint, wish, mirror, receiver
        self._log = log
        self._clock = MonotonicClock()
        self._decider = Reconnecting(settings, random.random)
        self._connection: ClientConnection | None = None
        self._session: tuple[str, str] | None = None
        self._numbered = 0
        self._refresh_at = float("inf")
        self._news, self._sent = anyio.Event(), anyio.Event()
        self._awake = anyio.Event()
        self._awake.set()
        self._left = False
        self._watchers: list[Callable[[ConnectionStatus], None]] = []
        self.status = ConnectionStatus("connecting")
        self.close_code: int | None = None
        self.close_reason = ""
        self.connections = 0
        """Connections that carried the session so far."""

    def watch(self, watcher: Callable[[ConnectionStatus], None]) -> Callable[[], None]:
        """Call ``watcher`` with each new status until the returned function is called.

        A watcher that raises is dropped and noted in the log; the session goes on.
        """
        self._watchers.append(watcher)

        def unwatch() -> None:
            if watcher in self._watchers:
                self._watchers.remove(watcher)

        return unwatch

    async def run(self) -> None:
        """Carry the session to its end.

        Raises
        ------
        GatewayRefused
            If the endpoint refuses the first connection, or the token of a later one.
        ConnectionLost
            If no connection came about for as long as the settings allow.
        """
        lost: Exception | None = None
        while True:
            if not self._awake.is_set():
                self._tell(ConnectionStatus("suspended"))
                await self._awake.wait()
                self._decider.woken()
            try:
                connection = await dial(self._endpoint)
            except (ConnectionLost, GatewayRefused) as error:
                if not self.connections:
                    raise
                lost = error
                status = error.code if isinstance(error, GatewayRefused) else None
                decision = self._decider.failed(self._clock.now(), status)
            else:
                lost = await self._carry(connection)
                if not self.connections:  # refused, or gone before it was opened
                    break
                left = self._left and self.close_code == CloseCode.COMPLETED
                code = self.close_code if lost is None and not left else None
                decision = self._decider.lost(self._clock.now(), code)
            if not self._awake.is_set():
                continue
            if isinstance(decision, GiveUp) or not self._endpoint.alive():
                break
            self._tell(ConnectionStatus("reconnecting", f"trying again in {decision.seconds:.1f} s"))
            await anyio.sleep(decision.seconds)
        if lost is None and self.close_code not in (None, 1005, 1006):
            self._tell(ConnectionStatus("lost", self.close_reason))
            return
        self._tell(ConnectionStatus("lost", str(lost or "the connection broke")))
        if self.connections or lost is not None:
            raise lost or ConnectionLost("the endpoint went away without a word")

    def post(self, message: Callable[[int], SessionMessage]) -> None:
        """Send the message that ``message`` makes of its number, now or when there is a connection."""
        text = message(self._numbered).model_dump_json()
        self._log.add_text(self._numbered, text)
        self._numbered += 1
        self._news.set()

    async def post_audio(self, end: int, samples: int, data: bytes) -> None:
        """Send a packet of ``samples`` that ends at position ``end``; waits for a slow connection."""
        self._log.add_audio(end, samples, data)
        self._news.set()
        while self._connection is not None and self._log.unsent > UNSENT_MAX:
            await self._sent.wait()

    async def say(self, message: Ping | Acknowledged | Refresh | Suspend) -> None:
        """Send a message of the connection; without one it is nothing."""
        if self._connection is not None:
            await _put(self._connection, message.model_dump_json())

    async def suspend(self) -> None:
        """Leave the connection until :meth:`wake`; the endpoint holds the session."""
        self._awake = anyio.Event()
        await self._leave()

    def wake(self) -> None:
        """Come back after :meth:`suspend`."""
        self._awake.set()

    async def _leave(self) -> None:
        self._left = True
        await self.say(Suspend())

    # --- one connection

    async def _carry(self, connection: ClientConnection) -> ConnectionLost | None:
        """Carry the session over one connection; return why it broke, None if it was closed."""
        broke: ConnectionLost | None = None
        try:
            async with task_group() as group:
                await _put(connection, self._first().model_dump_json())
                group.start_soon(self._tend, connection)
                group.start_soon(self._send, connection)
                try:
                    await self._receive(connection)
                except (ProtocolError, ParameterError) as error:
                    broke = ConnectionLost(f"the endpoint broke the protocol: {error}")
                group.cancel_scope.cancel()
        finally:
            self._connection = None
            self._went()
            await close_within(3, connection.close)
        self.close_code, self.close_reason = connection.close_code, connection.close_reason or ""
        if broke is None and self._session is None and self.close_code in (None, 1006):
            return ConnectionLost(
                f"the endpoint opened no session: it went away, or was silent for {CONNECT_TIMEOUT:g} s"
            )
        return broke

    def _first(self) -> Open | Resume:
        if self._session is None:
            return self._wish
        messages, position = self._log.oldest
        session, handle = self._session
        events = self._mirror.timeline.events
        return Resume(
            session=session,
            handle=handle,
            seen=self._mirror.seen,
            at=max(self._receiver.now(), events[-1].at if events else 0.0),
            turn=events[-1].turn if events else 0,
            reply=self._mirror.reply,
            received=self._mirror.received,
            messages=messages,
            position=position,
            otherwise=self._wish,
        )

    async def _receive(self, connection: ClientConnection) -> None:
        with suppress(websockets.ConnectionClosedError):  # the close code tells
            async for message in connection:
                if isinstance(message, bytes):
                    self._mirror.audio(unpack(message))
                else:
                    self._understand(message, connection)
                await self._receiver.arrived()

    def _understand(self, text: str, connection: ClientConnection) -> None:
        wire = _object(text)
        match parse_control(wire):
            case Welcome() as welcome:
                self._welcomed(welcome, connection)
            case Received(messages=messages, position=position):
                self._log.acknowledge(messages, position)
            case Refreshed(expires_in=left):
                self._refresh_at = self._clock.now() + REFRESH_AT * left
            case Pong() as pong:
                self._receiver.pong(pong)
            case PlaybackControl() as control:
                self._mirror.control(control)
            case None:
                self._mirror.event(wire)

    def _welcomed(self, welcome: Welcome, connection: ClientConnection) -> None:
        self._connection, self._left = connection, False
        self._session = welcome.session, welcome.handle
        self._log.rewind(welcome.messages, welcome.position)
        self._refresh_at = self._clock.now() + REFRESH_AT * welcome.expires_in
        self._decider.hold = welcome.hold
        self._decider.connected(self._clock.now())
        self.connections += 1
        self._receiver.welcomed(welcome)
        self._tell(ConnectionStatus("connected", welcome.how))
        self._news.set()

    async def _send(self, connection: ClientConnection) -> None:
        while True:
            message = self._log.next() if self._connection is connection else None
            if message is None:
                await self._news.wait()
                self._news = anyio.Event()
                continue
            await _put(connection, message)
            self._went()

    def _went(self) -> None:
        sent, self._sent = self._sent, anyio.Event()
        sent.set()

    async def _tend(self, connection: ClientConnection) -> None:
        """Acknowledge, ping, and refresh the token; give up a connection that is never welcomed."""
        acknowledged, pings, pinged = self._mirror.seen, 0, self._clock.now()
        began = pinged
        while True:
            await anyio.sleep(TEND_EVERY)
            now = self._clock.now()
            if self._connection is None and now - began > CONNECT_TIMEOUT:
                connection.transport.abort()
            if self._connection is not None and not self._awake.is_set() and not self._left:
                await self._leave()  # it was to leave while there was no connection yet
            if self._mirror.seen != acknowledged:
                acknowledged = self._mirror.seen
                await self.say(Acknowledged(seen=acknowledged))
            if pings < PINGS or now - pinged > PING_EVERY:
                pings, pinged = pings + 1, now
                await self.say(Ping(sent=now))
            if now > self._refresh_at:
                self._refresh_at = float("inf")
                await self._refresh()

    async def _refresh(self) -> None:
        try:
            token = await fresh_token(self._endpoint)
        except (ConnectionLost, GatewayRefused, ParameterError):
            # without one the connection ends with the token, and the attempt to resume says why
            self._refresh_at = self._clock.now() + REFRESH_AGAIN
            return
        await self.say(Refresh(token=token))

    def _tell(self, status: ConnectionStatus) -> None:
        self.status = status
        for watcher in tuple(self._watchers):
            try:
                watcher(status)
            except Exception as error:
                log.warning("a watcher failed with %s and was dropped", type(error).__name__)
                if watcher in self._watchers:
                    self._watchers.remove(watcher)


async def _put(connection: ClientConnection, message: str | bytes) -> None:
    """Send; a connection that has ended is noticed where it is read."""
    with suppress(websockets.ConnectionClosed):
        await connection.send(message)


def _object(message: str) -> dict[str, object]:
    try:
        wire = json.loads(message)
    except ValueError:
        raise ProtocolError("bad-json", "a text message is not JSON") from None
    if not isinstance(wire, dict):
        raise ProtocolError("bad-message", f"a message came as {type(wire).__name__}, expected an object")
    return wire
