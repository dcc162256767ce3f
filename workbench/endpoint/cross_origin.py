"""What a browser asks before a page may post an offer to another origin, and what it must find in the answer.

A WebSocket needs none of this; ``fetch`` does. A preflight carries no token, so it is told only what it may
send; who may in fact come is decided when it comes (CORS as in the Fetch standard).
"""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, TypeAlias

from workbench.endpoint.request_heads import WEBRTC_PATH, AsgiScope, origin_of, read_head
from workbench.errors import GatewayRefused

Message: TypeAlias = MutableMapping[str, Any]
Send: TypeAlias = Callable[[Message], Awaitable[None]]

PREFLIGHT_SECONDS = b"600"
"""How long a browser may remember what it was told."""


def is_preflight(scope: AsgiScope, path: bytes) -> bool:
    """Return whether a browser asks what it may send to ``path``."""
    return bool(scope["type"] == "http" and path == WEBRTC_PATH and scope["method"] == "OPTIONS")


async def answer_preflight(scope: AsgiScope, send: Send) -> None:
    """Say what a page may send, through :func:`readable`; raises GatewayRefused if no page asks."""
    if origin_of(read_head(scope)) is None:
        raise GatewayRefused(405, "this path takes POST only", "wrong-method")
    headers = [
        (b"access-control-allow-methods", b"POST"),
        (b"access-control-allow-headers", b"authorization, content-type"),
        (b"access-control-allow-private-network", b"true"),
        (b"access-control-max-age", PREFLIGHT_SECONDS),
        (b"content-length", b"0"),
    ]
    await send({"type": "http.response.start", "status": 204, "headers": headers})
    await send({"type": "http.response.body", "body": b""})


def readable(scope: AsgiScope, path: bytes, send: Send) -> Send:
    """Return ``send`` such that the page that posted an offer may read the answer, a refusal too."""
    origins = [value for name, value in scope.get("headers", ()) if name == b"origin"]
    if scope["type"] != "http" or path != WEBRTC_PATH or len(origins) != 1:
        return send

    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            allowed = [(b"access-control-allow-origin", origins[0]), (b"vary", b"origin")]
            message = {**message, "headers": [*message.get("headers", ()), *allowed]}
        await send(message)

    return sent
