"""Who stands at the door of an endpoint that takes TLS: counts a connection, then leads its handshake.

So connections that never speak are counted and cut like all others, before there is anything to decrypt.
"""

import asyncio
import ssl
from typing import Any, ClassVar, cast

from workbench.endpoint.addresses import LOCAL, network_of
from workbench.endpoint.handshake import LINGER, Entrance, Http


class _Early(asyncio.Protocol):
    """Keeps what comes between the end of the handshake and the moment its reader is ready."""

    def __init__(self) -> None:
        self.data: list[bytes] = []
        self.over = False

    def data_received(self, data: bytes) -> None:
        self.data.append(data)

    def connection_lost(self, exc: Exception | None) -> None:
        self.over = True


class Doorman(asyncio.Protocol):
    """One connection until it is encrypted; then ``Http`` has it."""

    entrance: ClassVar[Entrance]
    context: ClassVar[ssl.SSLContext]
    http: ClassVar[type[Http]]
    greeting: ClassVar[set[asyncio.Task[None]]]

    def __init__(self, *arguments: Any, **named: Any) -> None:
        self._http = self.http(*arguments, **named)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Count it, and begin the handshake; one too many is closed without a word it could not read."""
        peer = transport.get_extra_info("peername")
        address = network_of(peer[0] if isinstance(peer, tuple) else LOCAL)
        if self.entrance.enter(address) is not None:
            self.entrance.turned_away()
            transport.close()
            return
        loop = asyncio.get_running_loop()
        task = loop.create_task(self._greet(cast(asyncio.Transport, transport), address))
        self.greeting.add(task)
        task.add_done_callback(self.greeting.discard)

    async def _greet(self, transport: asyncio.Transport, address: str) -> None:
        early = _Early()
        secure = None
        try:
            secure = await asyncio.get_running_loop().start_tls(
                transport,
                early,
                self.context,
                server_side=True,
                ssl_handshake_timeout=self.entrance.settings.handshake_timeout,
                ssl_shutdown_timeout=LINGER,
            )
        except OSError:  # no TLS, none of ours, no certificate where one is wanted, too slow, gone
            self.entrance.turned_away()
        finally:
            if secure is None or early.over:
                self.entrance.leave(address)
        if secure is None or early.over:
            return
        secure.set_protocol(self._http)
        self._http.counted(address)
        self._http.connection_made(secure)
        for data in early.data:
            self._http.data_received(data)


def behind_tls(http: type[Http], entrance: Entrance, context: ssl.SSLContext) -> type[Doorman]:
    """Return what uvicorn makes for each connection in place of ``http``."""

    class Door(Doorman):
        pass

    Door.entrance, Door.context, Door.http, Door.greeting = entrance, context, http, set()
    return Door
