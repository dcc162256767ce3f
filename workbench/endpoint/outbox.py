"""What waits to be sent on one connection."""

from collections import deque
from collections.abc import Callable
from typing import Protocol, TypeAlias, runtime_checkable

import anyio

Taker: TypeAlias = Callable[[str | bytes], bool]
"""Takes a message; returns whether it did."""


class Socket(Protocol):
    """One accepted connection, whatever carries it."""

    async def receive(self) -> str | bytes | None:
        """Return the next message; None when the client has left."""

    async def send(self, message: str | bytes) -> None:
        """Send one message; raises ConnectionLost when the client has left."""

    async def close(self, code: int, reason: str) -> None:
        """Close, saying why; closing twice is harmless."""


class ShortWay(Protocol):
    """What a connection can do without waking a task."""

    def promptly(self, take: Taker) -> None:
        """Offer each whole message to ``take`` first, in order; what it does not take is received."""

    def send_at_once(self, message: str | bytes) -> bool:
        """Send a message now, if the client reads as fast as it is sent to; return whether it was sent."""


@runtime_checkable
class PromptSocket(Socket, ShortWay, Protocol):
    """A socket that can hand over and send messages at once."""


class Outbox:
    """Messages waiting for one client, in order.

    Putting never blocks. When more than ``limit`` wait, the client reads too slowly: the rest is dropped and
    ``overflowed`` is set, whereupon the connection closes.
    """

    def __init__(self, limit: int) -> None:
        self._waiting: deque[str | bytes] = deque()
        self._limit = limit
        self._news = anyio.Event()
        self._closed = False
        self._at_once: Callable[[str | bytes], bool] | None = None
        self.overflowed = False

    def put(self, message: str | bytes) -> None:
        """Send a message, at once if nothing waits and the socket can, or else as soon as it can."""
        if self._at_once is not None and not self._waiting and self._at_once(message):
            return
        if len(self._waiting) >= self._limit:
            self.overflowed = True
            return
        self._waiting.append(message)
        self._news.set()

    def close(self) -> None:
        """Let :meth:`run` return once all is sent."""
        self._closed = True
        self._news.set()

    async def run(self, socket: Socket) -> None:
        """Send until closed and empty; raises ConnectionLost when the client has left."""
        at_once = socket.send_at_once if isinstance(socket, PromptSocket) else None
        while True:
            while self._waiting:
                await socket.send(self._waiting[0])
                self._waiting.popleft()
            if self._closed:
                return
            self._at_once = at_once
            await self._news.wait()
            self._news = anyio.Event()
