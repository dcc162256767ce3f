"""The endpoint as an ASGI application: the native protocol, and whether it is alive and ready."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, Response, WebSocket
from starlette.websockets import WebSocketDisconnect, WebSocketState

from workbench.aio import task_group
from workbench.endpoint.edge import Edge
from workbench.endpoint.gateway import Gateway
from workbench.endpoint.opening import Host
from workbench.endpoint.session import run_session
from workbench.endpoint.speech_service import speech_router
from workbench.errors import ConnectionLost
from workbench.protocol.native import PATH, PROTOCOL_VERSION

log = logging.getLogger(__name__)


def make_app(host: Host, edge: Edge) -> Gateway:
    """Return the application, behind the gateway.

    Parameters
    ----------
    host : settings and loaded engines
    edge : lets in whoever has a good token
    """

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with task_group() as group:
            group.start_soon(edge.run)
            yield
            group.cancel_scope.cancel()

    app = FastAPI(
        title="workbench endpoint", docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan
    )

    app.include_router(speech_router(host))

    @app.get("/healthz")
    async def healthz() -> dict[str, object]:
        """Say that the process answers."""
        return {"status": "ok"}

    @app.get("/readyz")
    async def readyz(response: Response) -> dict[str, object]:
        """Say whether a session would be accepted now."""
        full = host.live >= host.settings.max_sessions
        response.status_code = 503 if full else 200
        return {
            "status": "full" if full else "ready",
            "sessions": host.live,
            "max_sessions": host.settings.max_sessions,
            "engines": host.engines.name,
            "protocol": PROTOCOL_VERSION,
        }

    @app.websocket(PATH)
    async def session(websocket: WebSocket) -> None:
        """Lead one session with what the gateway let in."""
        await websocket.accept(subprotocol=websocket.state.subprotocol)
        await run_session(_StarletteSocket(websocket), host, websocket.state.grant)

    return edge.around(app)


class _StarletteSocket:
    """Adapts Starlette's WebSocket to the endpoint's port."""

    def __init__(self, websocket: WebSocket) -> None:
        self._websocket = websocket

    async def receive(self) -> str | bytes | None:
        message = await self._websocket.receive()
        if message["type"] == "websocket.disconnect":
            return None
        text: str | None = message.get("text")
        return text if text is not None else bytes(message.get("bytes") or b"")

    async def send(self, message: str | bytes) -> None:
        try:
            if isinstance(message, str):
                await self._websocket.send_text(message)
            else:
                await self._websocket.send_bytes(message)
        except (WebSocketDisconnect, RuntimeError):
            raise ConnectionLost("the client left while it was sent to") from None

    async def close(self, code: int, reason: str) -> None:
        if self._websocket.client_state is WebSocketState.CONNECTED:
            try:
                await self._websocket.close(code, reason[:120])
            except (WebSocketDisconnect, RuntimeError):
                log.debug("the client had left before the close")
