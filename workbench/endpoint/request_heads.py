"""What a request asks for and brings along: its path, its headers each once, its origin, its token."""

import hmac
from collections.abc import MutableMapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from workbench.core.names import ORIGIN
from workbench.endpoint.settings import EndpointSettings
from workbench.errors import GatewayRefused
from workbench.protocol.native import PATH
from workbench.security.tokens import Scope

AsgiScope: TypeAlias = MutableMapping[str, Any]

SUBPROTOCOL = "workbench.v1"
"""What a browser asks for beside its token, and is answered with."""
TOKEN_PREFIX = "workbench-token."  # noqa: S105  what a token is led in by
BODY_MAX = 4096
"""Most bytes of a request's body."""
SPEECH_BODY_MAX = 65_536
"""Most bytes of what is asked to be spoken."""

OPEN_PATHS = frozenset({b"/healthz", b"/readyz"})
"""Asked without a token."""
ADMIN_PATHS = {b"/v1/sessions": "GET", b"/v1/revocations": "POST"}
"""Asked with a token of scope ``admin``, and by this method."""
ADMIN_PREFIX = b"/v1/admin/"
"""Below it an administrator's API says itself what is there, if the endpoint has one."""
SPEECH_PATH = b"/v1/speech"
"""Asked by POST with a token of scope ``speak``."""

WEBRTC_PATH = b"/v1/webrtc"
"""Asked by POST with a token that opens a session."""
OFFER_BODY_MAX = 32_768
"""Most bytes of an offer."""

_SESSION_PATH = PATH.encode("ascii")
_SESSION_SCOPES = (Scope.TRANSCRIBE, Scope.SPEAK, Scope.CONVERSE, Scope.OBSERVE)
_POST_SCOPES = {SPEECH_PATH: (Scope.SPEAK,), WEBRTC_PATH: _SESSION_SCOPES}
_BODIES = {SPEECH_PATH: SPEECH_BODY_MAX, WEBRTC_PATH: OFFER_BODY_MAX}
_ONCE = frozenset(
    {
        b"authorization",
        b"content-length",
        b"content-type",
        b"host",
        b"origin",
        b"sec-websocket-extensions",
        b"sec-websocket-key",
        b"sec-websocket-protocol",
        b"sec-websocket-version",
        b"transfer-encoding",
        b"upgrade",
        b"x-forwarded-for",
    }
)
_HEADER_MAX = 8192


@dataclass(frozen=True, slots=True)
class Head:
    """The headers that are looked at, each at most once."""

    fields: dict[bytes, bytes]

    def text(self, name: bytes) -> str:
        """Return a header as text, empty if it was not sent."""
        return self.fields.get(name, b"").decode("latin-1")


def prefix_of(settings: EndpointSettings) -> bytes:
    """Return what every path begins with, empty or ``/`` and a name."""
    return f"/{settings.path_prefix}".encode("ascii") if settings.path_prefix else b""


def below(scope: AsgiScope, prefix: bytes) -> AsgiScope:
    """Return ``scope`` as if asked without ``prefix``; raises GatewayRefused if its path lies elsewhere.

    The comparison takes as long wherever they differ: the prefix can't be found out letter by letter.
    """
    if not prefix or scope["type"] == "lifespan":
        return scope
    path: bytes = scope["raw_path"]
    if not hmac.compare_digest(path[: len(prefix) + 1], prefix + b"/"):
        raise GatewayRefused(404, "there is nothing at this path", "unknown-path")
    rest = path[len(prefix) :]
    return {**scope, "raw_path": rest, "path": rest.decode("latin-1")}


def check_path(scope: AsgiScope) -> tuple[Scope, ...]:
    """Return the scopes of which one is needed; raises GatewayRefused if nothing is there.

    Compares what was sent, not what it decodes to: there is one way to write each path.
    """
    path = scope["raw_path"]
    if path == _SESSION_PATH:
        if scope["type"] != "websocket":
            raise GatewayRefused(426, "a session needs an upgrade to a WebSocket", "no-upgrade")
        return _SESSION_SCOPES
    if path.startswith(ADMIN_PREFIX) and scope["type"] == "http":
        return (Scope.ADMIN,)
    method = "POST" if path in (SPEECH_PATH, WEBRTC_PATH) else ADMIN_PATHS.get(path)
    if method is None or scope["type"] != "http":
        raise GatewayRefused(404, "there is nothing at this path", "unknown-path")
    if scope["method"] != method:
        raise GatewayRefused(405, f"this path takes {method} only", "wrong-method")
    return _POST_SCOPES.get(path, (Scope.ADMIN,))


def read_head(scope: AsgiScope) -> Head:
    """Return the headers that matter; raises GatewayRefused if they contradict themselves."""
    fields: dict[bytes, bytes] = {}
    for name, value in scope["headers"]:
        if name not in _ONCE:
            continue
        if name in fields:
            raise GatewayRefused(400, f"the header {name.decode('ascii')} was sent twice", "malformed")
        if len(value) > _HEADER_MAX:
            raise GatewayRefused(431, f"the header {name.decode('ascii')} is too large", "too-large")
        fields[name] = value
    if b"host" not in fields:
        raise GatewayRefused(400, "the header host is missing", "malformed")
    if b"transfer-encoding" in fields:
        raise GatewayRefused(400, "a body of unknown length is not taken", "malformed")
    if scope["query_string"]:
        reason = "this path takes no query: a token in an address would end up in logs and histories"
        raise GatewayRefused(400, reason, "query")
    length = fields.get(b"content-length", b"0")
    if not length.isdigit() or (scope["type"] == "websocket" and length.strip(b"0")):
        raise GatewayRefused(400, "the request has a body where none belongs", "malformed")
    most = _BODIES.get(scope.get("raw_path", b""), BODY_MAX)
    if len(length) > 10 or int(length) > most:
        raise GatewayRefused(413, f"the body has over {most} bytes", "too-large")
    return Head(fields)


def origin_of(head: Head) -> str | None:
    """Return whence a browser's page came, None without a browser; raises GatewayRefused if it is none."""
    if b"origin" not in head.fields:
        return None
    origin = head.text(b"origin")
    if not ORIGIN.fullmatch(origin):
        raise GatewayRefused(403, "the origin is none that could be allowed", "wrong-origin")
    return origin


def token_of(scope: AsgiScope, head: Head) -> tuple[str, str | None]:
    """Return the token and the subprotocol to answer with; raises GatewayRefused if they contradict."""
    offered = [part.strip(" \t") for part in head.text(b"sec-websocket-protocol").split(",") if part]
    tokens = [part.removeprefix(TOKEN_PREFIX) for part in offered if part.startswith(TOKEN_PREFIX)]
    if offered and SUBPROTOCOL not in offered:
        raise GatewayRefused(400, f"the subprotocols offered do not include {SUBPROTOCOL}", "subprotocol")
    if b"authorization" in head.fields:
        scheme, _, token = head.text(b"authorization").partition(" ")
        if scheme.lower() != "bearer":
            raise GatewayRefused(401, "the header authorization holds no bearer token", "missing-token")
        tokens.append(token.strip(" "))
    if len(tokens) > 1:
        raise GatewayRefused(400, "more than one session token was sent", "malformed")
    if not tokens:
        raise GatewayRefused(401, "no session token was sent", "missing-token")
    return tokens[0], SUBPROTOCOL if offered else None
