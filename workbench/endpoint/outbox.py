"""Everything on its way to one client, in order: events, control messages, audio."""

import json
from collections import deque
from typing import Protocol

import anyio

from workbench.core.events import Event
from workbench.core.wire import event_to_json
from workbench.protocol.native import AudioPacket, ControlMessage, pack


class Socket(Protocol):
    """One accepted connection, whatever carries it."""

    async def receive(self) -> str | bytes | None:
        """Return the next message; None when the client has left."""

    async def send(self, message: str | bytes) -> None:
        """Send one message; raises ConnectionLost when the client has left."""

    async def close(self, code: int, reason: str) -> None:
        """Close, saying why; closing twice is harmless."""


class Outbox:
    """Messages waiting for the client.

    Putting never blocks. When more than ``limit`` wait, the client reads too slowly: the rest is dropped and
    ``overflowed`` is set, whereupon the session closes.
    """

    def __init__(self, limit: int) -> None:
        self._waiting: deque[str | bytes] = deque()
        self._limit = limit
        self._news = anyio.Event()
        self._closed = False
        self.overflowed = anyio.Event()

    def event(self, event: Event) -> None:
        """Queue an event."""
        self._put(event_to_json(event))

    def control(self, message: ControlMessage) -> None:
        """Queue a control message."""
        self._put(json.dumps(message.model_dump(), separators=(",", ":")))

    def audio(self, packet: AudioPacket) -> None:
        """Queue an audio packet."""
        self._put(pack(packet))

    def close(self) -> None:
        """Let :meth:`run` return once all is sent."""
        self._closed = True
        self._news.set()

    async def run(self, socket: Socket) -> None:
        """Send until closed and empty."""
        while True:
            while self._waiting:
                await socket.send(self._waiting[0])
                self._waiting.popleft()
            if self._closed:
                return
            await self._news.wait()
            self._news = anyio.Event()

    def _put(self, message: str | bytes) -> None:
        if len(self._waiting) >= self._limit:
            self.overflowed.set()
            return
        self._waiting.append(message)
        self._news.set()
