"""How a client gets a token and reaches its endpoint."""

import json
import logging

import anyio
import websockets
from websockets.asyncio.client import ClientConnection, connect

from workbench.client.local import Endpoint
from workbench.client.trust import context_for, lost
from workbench.errors import ConnectionLost, GatewayRefused, ParameterError
from workbench.protocol.native import MAX_MESSAGE_BYTES, PATH

_WIRE = logging.getLogger("workbench.client.wire")
_WIRE.setLevel(logging.WARNING)  # below it the library logs every message, and the token

CONNECT_TIMEOUT = 10.0
"""Seconds to get a token, to reach the endpoint, and to be answered."""


async def dial(endpoint: Endpoint) -> ClientConnection:
    """Return a connection that the gateway has admitted.

    Raises
    ------
    GatewayRefused
        If it refuses.
    ConnectionLost
        If nobody answers; CertificateRefused if one side does not take the other's certificate.
    ParameterError
        If the token would go to another machine unencrypted, or the URL is none of a WebSocket.
    """
    tls = context_for(endpoint.url, endpoint.trust)
    token = await fresh_token(endpoint)
    try:
        return await connect(
            endpoint.url + PATH,
            additional_headers={"Authorization": f"Bearer {token}"},
            max_size=4 * MAX_MESSAGE_BYTES,
            compression=None,
            open_timeout=CONNECT_TIMEOUT,
            proxy=None,
            ssl=tls,
            logger=_WIRE,
        )
    except websockets.InvalidStatus as error:
        raise GatewayRefused(error.response.status_code, _reason(error.response.body)) from None
    except websockets.InvalidURI:
        wanted = "expected ws:// or wss://host:port"
        raise ParameterError(f"{endpoint.url[:100]!r} is no address of a session, {wanted}") from None
    except (OSError, TimeoutError, websockets.WebSocketException) as error:
        raise lost(endpoint.url, error, endpoint.trust) from None


async def fresh_token(endpoint: Endpoint) -> str:
    """Return a token; whatever fails at who gives them may work in a while."""
    try:
        with anyio.fail_after(CONNECT_TIMEOUT):
            return await anyio.to_thread.run_sync(endpoint.token, abandon_on_cancel=True)
    except (GatewayRefused, ParameterError):
        raise
    except Exception as error:
        raise ConnectionLost(f"no session token was to be had: {type(error).__name__}") from None


def _reason(body: bytes | bytearray | None) -> str:
    try:
        return str(json.loads(body or b"")["error"]["message"])
    except (ValueError, KeyError, TypeError):
        return "no reason was given"
