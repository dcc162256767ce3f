"""Who gets in: every request is refused here, cheapest question first, or carries a grant from here on.

The order: has the path the endpoint's prefix, is it known, is the head sane, is the address blocked, can
the origin be right, is the address within its rate, is the token good, does it fit origin and path, is it
revoked, does its project let it in and is within its rate. A refusal is an HTTP response without an upgrade:
``{"error": {"code": 401, "kind": "expired", "message": "one sentence"}}``.
"""

import json
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Protocol, TypeAlias

from workbench.core.names import ORIGIN
from workbench.endpoint.addresses import LOCAL, Proxies, network_of
from workbench.endpoint.admin_gate import AdminGate, is_same_origin
from workbench.endpoint.cross_origin import answer_preflight, is_preflight, readable
from workbench.endpoint.limits import Limits, TryLater
from workbench.endpoint.projects import ProjectBook
from workbench.endpoint.request_heads import (
    OPEN_PATHS,
    AsgiScope,
    Head,
    below,
    check_path,
    origin_of,
    prefix_of,
    read_head,
    token_of,
)
from workbench.endpoint.settings import EndpointSettings
from workbench.errors import GatewayRefused, ParameterError
from workbench.security.keyring import Keyring
from workbench.security.tokens import Grant, Scope, check_token

ADMISSION = "admission"
"""Under this name the state of a WebSocket's scope holds what ``admit`` returned before the upgrade."""

Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
Application: TypeAlias = Callable[[AsgiScope, Receive, Send], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Admission:
    """What a request is let in with."""

    grant: Grant
    subprotocol: str | None
    """What to answer a browser's offer with."""
    address: str
    """As limits count it."""


class Revoked(Protocol):
    """Knows what was revoked."""

    def revoked(self, grant: Grant, session: str | None = None) -> bool:
        """Return whether the token, its session, client or project was revoked."""


class Witness(Protocol):
    """Writes down who was refused."""

    def refused(self, refusal: GatewayRefused, *, address: str, grant: Grant | None = None) -> None:
        """Keep one refusal; must not block."""


class Gateway:
    """An ASGI application around another, which only ever sees admitted requests."""

    def __init__(
        self,
        app: Application,
        settings: EndpointSettings,
        *,
        keys: Callable[[], Keyring],
        limits: Limits,
        revoked: Revoked,
        witness: Witness,
        projects: ProjectBook | None = None,
    ) -> None:
        """Raises ParameterError if an origin, a trusted proxy or an admin address in ``settings`` is none."""
        self._app = app
        self._keys = keys
        self._limits = limits
        self._revoked = revoked
        self._witness = witness
        self._projects = projects or ProjectBook(None)
        self._admin = AdminGate(settings)
        self._proxies = Proxies(settings.trusted_proxies)
        self._origins = frozenset(settings.origins)
        self._prefix = prefix_of(settings)
        self._open_paths = frozenset(self._prefix + path for path in OPEN_PATHS)
        for origin in settings.origins:
            if not ORIGIN.fullmatch(origin):
                wanted = "scheme://host or scheme://host:port, in lower case"
                raise ParameterError(f"origin {origin[:100]!r} is none, expected {wanted}")

    async def __call__(self, scope: AsgiScope, receive: Receive, send: Send) -> None:
        """Admit or refuse one request."""
        if scope["type"] == "lifespan" or (
            scope["type"] == "http"
            and scope["raw_path"] in self._open_paths
            and scope["method"] in ("GET", "HEAD")
        ):
            await self._app(below(scope, self._prefix), receive, send)
            return
        path = scope["raw_path"].removeprefix(self._prefix)
        send = readable(scope, path, send)
        try:
            if is_preflight(scope, path):
                await answer_preflight(below(scope, self._prefix), send)
                return
            if self._admin.is_page(scope, path):
                self._admin.check(path, self._client(scope, read_head(scope)))
                await self._app(below(scope, self._prefix), receive, send)
                return
            admission = scope.get("state", {}).get(ADMISSION) or await self.admit(scope)
            self._limits.enter(admission.address, admission.grant.project)
        except GatewayRefused as refusal:
            await _refuse(scope, send, refusal)
            return
        scope = below(scope, self._prefix)
        scope.setdefault("state", {}).update(
            grant=admission.grant, subprotocol=admission.subprotocol, address=admission.address
        )
        try:
            await self._app(scope, receive, send)
        finally:
            self._limits.leave(admission.address, admission.grant.project)

    async def admit(self, scope: AsgiScope) -> Admission:
        """Return what a request is let in with; whoever is refused is written down and counted.

        Raises
        ------
        GatewayRefused
            With the HTTP status, a kind and a sentence.
        """
        address = network_of(_peer(scope))
        grant: Grant | None = None
        try:
            scope = below(scope, self._prefix)
            wanted = check_path(scope)
            head = read_head(scope)
            client = self._client(scope, head)
            address = network_of(client)
            self._limits.check_blocked(address)
            self._admin.check(scope["raw_path"], client)
            origin = origin_of(head)
            await self._limits.count_opening(address)
            token, subprotocol = token_of(scope, head)
            grant = check_token(token, self._keys())
            own = wanted == (Scope.ADMIN,) and is_same_origin(head, origin)
            self._check_grant(grant, None if own else origin, wanted)
            await self._limits.count_project(grant.project)
        except GatewayRefused as refusal:
            self._witness.refused(refusal, address=address, grant=grant)
            if refusal.code in (400, 401, 403) and not self._proxies.trusts(address):
                await self._limits.count_refusal(address)
            raise
        return Admission(grant, subprotocol, address)

    def _check_grant(self, grant: Grant, origin: str | None, wanted: tuple[Scope, ...]) -> None:
        """Raise GatewayRefused unless the token fits what is asked for, and whence."""
        if origin is not None or grant.origins:
            allowed = grant.origins or self._projects.of(grant.project).origins or self._origins
            if origin not in allowed:
                raise GatewayRefused(403, "this origin may not connect with this token", "wrong-origin")
        if not any(map(grant.allows, wanted)):
            raise GatewayRefused(403, "the session token's scope does not allow this", "wrong-scope")
        if self._revoked.revoked(grant):
            raise GatewayRefused(403, "the session token was revoked", "revoked")
        if wanted != (Scope.ADMIN,):
            self._projects.admit(grant, origin)

    def _client(self, scope: AsgiScope, head: Head) -> str:
        return self._proxies.client(_peer(scope), head.text(b"x-forwarded-for"))


def _peer(scope: AsgiScope) -> str:
    return str(scope["client"][0]) if scope.get("client") else LOCAL


def refusal_bytes(refusal: GatewayRefused) -> bytes:
    """Return a refusal as it stands on the wire, the connection's last words."""
    headers, body = _answer(refusal)
    lines = b"".join(b"%s: %s\r\n" % header for header in headers)
    phrase = HTTPStatus(refusal.code).phrase
    return f"HTTP/1.1 {refusal.code} {phrase}\r\n".encode("ascii") + lines + b"\r\n" + body


def _answer(refusal: GatewayRefused) -> tuple[list[tuple[bytes, bytes]], bytes]:
    error = {"code": refusal.code, "kind": refusal.kind, "message": refusal.reason}
    body = json.dumps({"error": error}).encode("ascii")
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode("ascii")),
        (b"connection", b"close"),
    ]
    if isinstance(refusal, TryLater):
        headers.append((b"retry-after", str(refusal.wait).encode("ascii")))
    if refusal.code == 401:
        headers.append((b"www-authenticate", b"Bearer"))
    return headers, body


async def _refuse(scope: AsgiScope, send: Send, refusal: GatewayRefused) -> None:
    headers, body = _answer(refusal)
    prefix = "http.response"
    if scope["type"] == "websocket":
        if "websocket.http.response" not in scope.get("extensions", {}):
            await send({"type": "websocket.close", "code": 1008})
            return
        prefix = "websocket.http.response"
    await send({"type": f"{prefix}.start", "status": refusal.code, "headers": headers})
    await send({"type": f"{prefix}.body", "body": body})
