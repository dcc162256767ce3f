"""One connection: what is received is handed on, what waits is sent, and it ends with a code."""

import math
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial

import anyio

from workbench.aio import close_within
from workbench.endpoint.outbox import Outbox, PromptSocket, Socket
from workbench.errors import ConnectionLost
from workbench.protocol.native import CloseCode

DRAIN = 1.0
"""Seconds that what waits is still sent when the connection is to end."""

CLOSE = 2.0
"""Seconds for the closing handshake."""

Take = Callable[[str | bytes], bool]
"""Takes a message whole; returns whether the next may come at once."""

CatchUp = Callable[[], Awaitable[object]]
"""Waits until the next may come."""


async def nothing_waits() -> None:
    """Catch up with nothing."""


class Line:
    """A socket with the outbox of its client.

    Parameters
    ----------
    socket : accepted
    limit : messages that may wait for the client
    idle : seconds the client may send nothing at all
    """

    def __init__(self, socket: Socket, *, limit: int, idle: float = math.inf) -> None:
        self._socket = socket
        self._idle = idle
        self._scope = anyio.CancelScope()
        self._done = anyio.Event()
        self._waits = False
        self._behind = False
        self._received = 0
        self._end: tuple[CloseCode, str] | None = None
        self.outbox = Outbox(limit)

    async def run(self, take: Take, catch_up: CatchUp = nothing_waits) -> CloseCode | None:
        """Carry messages until either side ends it; return the endpoint's code, None if the client left.

        What was taken is caught up with, also when the connection ends meanwhile.
        """
        try:
            with self._scope:
                async with anyio.create_task_group() as group:
                    group.start_soon(self._deliver)
                    if self._idle < math.inf:
                        group.start_soon(self._watch)
                    await self._receive(take, catch_up)
                    self._scope.cancel()
        finally:
            self._done.set()
            code, reason = self._end or (CloseCode.COMPLETED, "")
            await close_within(CLOSE, lambda: self._socket.close(code, reason))
        return self._end[0] if self._end else None

    def end(self, code: CloseCode, reason: str) -> None:
        """Send what waits, for ``DRAIN`` seconds at most, then close; the first to end it is heard."""
        if self._end is None:
            self._end = code, reason
            self.outbox.close()
            self._scope.deadline = anyio.current_time() + DRAIN

    async def ended(self) -> None:
        """Wait until nothing more is received or sent."""
        await self._done.wait()

    async def _deliver(self) -> None:
        with suppress(ConnectionLost):
            await self.outbox.run(self._socket)
        self._scope.cancel()

    async def _receive(self, take: Take, catch_up: CatchUp) -> None:
        """Receive and take, fifty times a second: one scope for all, shielded while it catches up."""
        if isinstance(self._socket, PromptSocket):
            self._socket.promptly(partial(self._promptly, take))
        with anyio.CancelScope() as whole:
            while True:
                self._waits = True
                message = await self._socket.receive()
                self._waits = False
                if message is None:
                    return
                await self._catch_up(whole, catch_up)  # with what came promptly
                self._received += 1
                self._behind = not take(message)
                await self._catch_up(whole, catch_up)

    async def _catch_up(self, whole: anyio.CancelScope, catch_up: CatchUp) -> None:
        if self._behind:
            whole.shield = True
            await catch_up()
            whole.shield = False
            self._behind = False

    def _promptly(self, take: Take, message: str | bytes) -> bool:
        """Take a message the moment it comes; False if earlier ones are still dealt with: it shall wait."""
        if not self._waits or self._behind or self._scope.cancel_called:
            return False
        self._received += 1
        self._behind = not take(message)
        return True

    async def _watch(self) -> None:
        """End the connection when nothing has come for ``idle`` seconds, noticed within an eighth more.

        A message that is still being taken is not waited for: then it is the session that is slow.
        """
        received, looks = 0, 0
        while looks < 8:
            await anyio.sleep(self._idle / 8)
            quiet = self._waits and self._received == received
            received, looks = self._received, looks + 1 if quiet else 0
        self.end(CloseCode.STALLED, f"nothing came for {self._idle:g} s")
