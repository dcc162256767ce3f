"""The endpoint as an ASGI application: the native protocol, and whether it is alive and ready."""

import logging

from fastapi import FastAPI, Response, WebSocket
from fastapi.responses import JSONResponse
from starlette.websockets import WebSocketDisconnect, WebSocketState

from workbench.endpoint.opening import Host
from workbench.endpoint.session import run_session
from workbench.errors import ConnectionLost, GatewayRefused
from workbench.protocol.native import PATH, PROTOCOL_VERSION
from workbench.security.tokens import Scope, check_token

log = logging.getLogger(__name__)

_BEARER = "bearer "


def make_app(host: Host, key: str) -> FastAPI:
    """Return the application.

    Parameters
    ----------
    host : settings and loaded engines
    key : checks the signatures of session tokens
    """
    app = FastAPI(title="workbench endpoint", docs_url=None, redoc_url=None)

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
        """Check the token before the upgrade, then lead one session."""
        header = websocket.headers.get("authorization", "")
        token = header[len(_BEARER) :] if header.lower().startswith(_BEARER) else ""
        try:
            grant = check_token(token, key)
            if not grant.allows(Scope.CONVERSE):
                raise GatewayRefused(403, "the session token does not allow a conversation", "wrong-scope")
        except GatewayRefused as refusal:
            log.info("refused a session: %s", refusal)
            body = {"error": {"code": refusal.code, "message": refusal.reason}}
            await websocket.send_denial_response(JSONResponse(body, status_code=refusal.code))
            return
        await websocket.accept()
        await run_session(_StarletteSocket(websocket), host, grant)

    return app


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
