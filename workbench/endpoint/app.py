"""The endpoint as an ASGI application: the gateway around the native protocol, health and administration."""

from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Any

import anyio
from fastapi import FastAPI, Response

from workbench.endpoint.admin import add_admin
from workbench.endpoint.admin_api import REFUSALS_MAX, Admin, admin_app
from workbench.endpoint.admin_page import page_headers, page_router
from workbench.endpoint.destroying import Destroying
from workbench.endpoint.edge import make_edge
from workbench.endpoint.gateway import Receive, Send
from workbench.endpoint.host import Host
from workbench.endpoint.leasing import Leasing
from workbench.endpoint.orchestrator import Orchestrator
from workbench.endpoint.outbox import ShortWay, Taker
from workbench.endpoint.projects import DISABLED, SPENT, UNKNOWN
from workbench.endpoint.read_ahead import PROMPTLY
from workbench.endpoint.request_heads import ADMIN_PREFIX, AsgiScope
from workbench.endpoint.session import LiveSession
from workbench.endpoint.speech_service import speech_router
from workbench.endpoint.storing import Storing
from workbench.endpoint.sweeping import Sweeping, retention_of
from workbench.endpoint.webrtc import Peers
from workbench.errors import ConnectionLost
from workbench.protocol.native import PATH, PROTOCOL_VERSION, CloseCode
from workbench.security.keyring import Keyring
from workbench.store.store import Store
from workbench.store.trail import Wanted


class Application:
    """Gateway, orchestrator and store of one process, put together.

    Parameters
    ----------
    host : settings and loaded engines; it is given the store and what decides who may come in
    keys : returns the keys of session tokens as they are now
    store : for persistent sessions, used tokens, revocations and the audit trail
    beside : what else runs as long as the endpoint does
    """

    def __init__(
        self,
        host: Host,
        keys: Callable[[], Keyring],
        store: Store,
        *,
        beside: Sequence[Callable[[], Coroutine[Any, Any, None]]] = (),
    ) -> None:
        self._host = host
        self._beside = beside
        self._storing = Storing(store)
        self.edge = make_edge(host.settings, store, keys=keys, on_revoked=self._revoked)
        host.storing, host.use, host.renew = self._storing, self.edge.ledger.claim, self.edge.renew
        host.revoked, host.note = self.edge.ledger.revoked, self.edge.auditing.put
        host.destroying = Destroying(self._storing, host.process)
        host.projects = self.edge.projects
        self.orchestrator = Orchestrator(host)
        self._sweeping = Sweeping(
            self._storing,
            retention_of(host.settings, self.edge.projects.of),
            live=lambda: [session.name for session in self.orchestrator.sessions],
            speakers=host.speakers,
            known=lambda: self.edge.projects.known,
        )
        self._leasing = Leasing(
            self._storing,
            host.process,
            live=lambda: [session.name for session in self.orchestrator.sessions if session.persistent],
        )
        self.peers = Peers(
            self.orchestrator.serve, self.edge.limits, peers_max=host.settings.webrtc_peers_max
        )
        self._storing.on_failure(lambda failure: self._unstored(lambda session: session.persistent))
        self._storing.on_refusal(lambda name, error: self._unstored(lambda session: session.name == name))
        self._routed = self._routes()
        self._admin = admin_app(self._administration(store))
        self.gateway = self.edge.around(self._serve)

    def _revoked(self) -> None:
        def concerned(session: LiveSession) -> bool:
            return self.edge.ledger.revoked(session.grant, session.name)

        self.orchestrator.end_where(
            concerned, code=CloseCode.FORBIDDEN, reason="revoked", message="the session's token was revoked"
        )

    def _end_of_projects(self) -> None:
        """End the sessions of projects that are closed, or have used up their minutes."""
        projects = self.edge.projects

        def spent(session: LiveSession) -> bool:
            return projects.is_spent(session.grant.project)

        def closed(session: LiveSession, *, why: str) -> bool:
            return projects.closed(session.grant.project) == why

        for why in (UNKNOWN, DISABLED):
            self.orchestrator.end_where(
                partial(closed, why=why), code=CloseCode.PROJECT_CLOSED, reason="project", message=why
            )
        self.orchestrator.end_where(spent, code=CloseCode.QUOTA_SPENT, reason="quota", message=SPENT)

    async def _serve(self, scope: AsgiScope, receive: Receive, send: Send) -> None:
        """Lead sessions here, without the routing's layers around every message; the rest is routed."""
        if scope["type"] != "websocket" or scope["path"] != PATH:
            administers = scope["type"] == "http" and scope["raw_path"].startswith(ADMIN_PREFIX)
            await (self._admin if administers else self._routed)(scope, receive, send)
            return
        socket = _AsgiSocket(receive, send, scope["state"].get(PROMPTLY))
        if await socket.accept(scope["state"]["subprotocol"]):
            await self.orchestrator.serve(socket, scope["state"]["grant"])

    def _unstored(self, concerned: Callable[[LiveSession], bool]) -> None:
        """End sessions that can't be stored: what was not stored was not sent, so nothing seen is lost."""
        message = "the session can't be stored"
        self.orchestrator.end_where(concerned, code=CloseCode.INTERNAL, reason="error", message=message)

    @asynccontextmanager
    async def _lifespan(self, app: FastAPI) -> AsyncIterator[None]:
        async with anyio.create_task_group() as group:
            group.start_soon(self._storing.run)
            await self.edge.projects.look()  # before anybody is let in
            group.start_soon(self.edge.run)
            group.start_soon(
                self.edge.projects.run, lambda: self.orchestrator.sessions, self._end_of_projects
            )
            for run in self._beside:
                group.start_soon(run)
            async with anyio.create_task_group() as afterwards:  # ends before what writes to the store
                afterwards.start_soon(self._host.destroying.run)
                afterwards.start_soon(self._sweeping.run)
                afterwards.start_soon(self._leasing.run)
                async with anyio.create_task_group() as sessions:  # ends before what stores their last words
                    await sessions.start(self.orchestrator.run)
                    await sessions.start(self.peers.run)
                    yield
                    sessions.cancel_scope.cancel()
                afterwards.cancel_scope.cancel()
            group.cancel_scope.cancel()

    def _administration(self, store: Store) -> Admin:
        return Admin(
            self.edge.projects,
            store.projects,
            sessions=lambda: self.orchestrator.sessions,
            refusals=lambda: store.trail.records(limit=REFUSALS_MAX, wanted=Wanted(kind="refused")),
            note=self.edge.auditing.put,
        )

    def _routes(self) -> FastAPI:
        app = FastAPI(
            title="workbench endpoint",
            docs_url=None,
            redoc_url=None,
            openapi_url=None,
            lifespan=self._lifespan,
        )
        add_admin(app, self.edge.ledger, lambda: self.orchestrator.sessions, self.edge.auditing.put)
        app.include_router(speech_router(self._host))
        app.include_router(self.peers.router())
        app.include_router(page_router(page_headers(self._host.settings)))

        @app.get("/healthz")
        async def healthz() -> dict[str, object]:
            """Say that the process answers."""
            return {"status": "ok"}

        @app.get("/readyz")
        async def readyz(response: Response) -> dict[str, object]:
            """Say whether a session would be accepted now."""
            full = self.orchestrator.full
            response.status_code = 503 if full else 200
            return {
                "status": "full" if full else "ready",
                "sessions": len(self.orchestrator.sessions),
                "max_sessions": self._host.settings.max_sessions,
                "engines": self._host.engines.name,
                "protocol": PROTOCOL_VERSION,
            }

        return app


class _AsgiSocket:
    """Adapts the server's WebSocket to the endpoint's port; ``way`` leads round ASGI, if there is one."""

    def __init__(self, receive: Receive, send: Send, way: ShortWay | None) -> None:
        self._receive = receive
        self._send = send
        self._way = way
        self._closed = False

    async def accept(self, subprotocol: str | None) -> bool:
        """Upgrade; return whether the client is still there."""
        await self._receive()
        try:
            await self._send({"type": "websocket.accept", "subprotocol": subprotocol})
        except OSError:
            return False
        return True

    def promptly(self, take: Taker) -> None:
        if self._way is not None:
            self._way.promptly(take)

    def send_at_once(self, message: str | bytes) -> bool:
        return self._way is not None and self._way.send_at_once(message)

    async def receive(self) -> str | bytes | None:
        if self._closed:
            return None
        message = await self._receive()
        if message["type"] != "websocket.receive":
            self._closed = True
            return None
        text: str | None = message.get("text")
        return text if text is not None else bytes(message.get("bytes") or b"")

    async def send(self, message: str | bytes) -> None:
        kind = "text" if isinstance(message, str) else "bytes"
        try:
            await self._send({"type": "websocket.send", kind: message})
        except (OSError, RuntimeError):
            raise ConnectionLost("the client left while it was sent to") from None

    async def close(self, code: int, reason: str) -> None:
        if not self._closed:
            self._closed = True
            with suppress(OSError, RuntimeError):  # the client left before
                await self._send({"type": "websocket.close", "code": int(code), "reason": reason[:120]})
