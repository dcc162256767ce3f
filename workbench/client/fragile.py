"""A way to an endpoint that can be cut: a loopback proxy whose connections break on command.

A cut is first a blackout (what either side sends is swallowed, as by a dead network), then a reset of both
connections. So what was sent last is lost, and each side learns of it late.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from urllib.parse import urlsplit

import anyio
from anyio.abc import SocketAttribute, SocketStream

from workbench.client.local import Endpoint

_CHUNK = 65_536
_BROKEN = (anyio.BrokenResourceError, anyio.ClosedResourceError, anyio.EndOfStream, OSError)


class Fragile:
    """Forwards connections to one address.

    Parameters
    ----------
    host, port : where to
    """

    def __init__(self, host: str, port: int) -> None:
        self._host, self._port = host, port
        self._pairs: set[tuple[SocketStream, SocketStream]] = set()
        self._dark = False
        self.cuts = 0
        """Cuts that hit at least one connection."""

    async def cut(self, *, blackout: float = 0.0) -> None:
        """Swallow what is sent for ``blackout`` seconds, then reset every connection."""
        pairs = tuple(self._pairs)
        self._dark = True
        await anyio.sleep(blackout)
        self._dark = False
        self.cuts += bool(pairs)
        for stream in (stream for pair in pairs for stream in pair):
            with suppress(*_BROKEN):
                await anyio.aclose_forcefully(stream)

    async def carry(self, client: SocketStream) -> None:
        """Forward one connection until either side ends it."""
        try:
            server = await anyio.connect_tcp(self._host, self._port)
        except OSError:
            await anyio.aclose_forcefully(client)
            return
        pair = (client, server)
        self._pairs.add(pair)
        try:
            async with client, server, anyio.create_task_group() as group:
                for source, target in (pair, pair[::-1]):
                    group.start_soon(self._forward, source, target, group.cancel_scope)
        finally:
            self._pairs.discard(pair)

    async def _forward(self, source: SocketStream, target: SocketStream, scope: anyio.CancelScope) -> None:
        with suppress(*_BROKEN):
            while True:
                data = await source.receive(_CHUNK)
                if not self._dark:
                    await target.send(data)
        scope.cancel()


@asynccontextmanager
async def fragile_way(endpoint: Endpoint) -> AsyncIterator[tuple[Endpoint, Fragile]]:
    """Open a way to ``endpoint`` that can be cut; yields the endpoint as reached through it."""
    target = urlsplit(endpoint.url)
    fragile = Fragile(target.hostname or "127.0.0.1", target.port or 80)
    async with await anyio.create_tcp_listener(local_host="127.0.0.1") as listener:
        port = listener.extra(SocketAttribute.local_port)
        async with anyio.create_task_group() as group:
            group.start_soon(listener.serve, fragile.carry)
            yield replace(endpoint, url=f"{target.scheme}://127.0.0.1:{port}{target.path}"), fragile
            group.cancel_scope.cancel()
