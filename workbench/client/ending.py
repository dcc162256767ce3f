"""End a session from outside: for whoever has the endpoint's key and no hold on its page."""

import httpx

from workbench.client.local import Endpoint
from workbench.client.trust import context_for
from workbench.errors import ConnectionLost, GatewayRefused
from workbench.security.keys import load_key
from workbench.security.tokens import Scope, mint_token

END_TIMEOUT = 5.0
"""Seconds for the endpoint to answer."""


async def end_session(endpoint: Endpoint, session: str) -> None:
    """Revoke ``session``: it ends with close code 4403, connected or held.

    Raises
    ------
    ConnectionLost
        If the endpoint can't be reached.
    GatewayRefused
        If it does not take our word.
    """
    tls = context_for(endpoint.url, endpoint.trust)
    token = mint_token(endpoint.key or load_key(), scopes=(Scope.ADMIN,), lifetime=10)
    url = endpoint.url.replace("ws", "http", 1) + "/v1/revocations"
    try:
        async with httpx.AsyncClient(timeout=END_TIMEOUT, trust_env=False, verify=tls or True) as client:
            answer = await client.post(
                url,
                json={"kind": "session", "name": session},
                headers={"Authorization": f"Bearer {token}"},
            )
    except httpx.HTTPError as error:
        raise ConnectionLost(f"session {session} could not be ended: {type(error).__name__}") from None
    if answer.status_code not in (201, 503):  # 503: revoked there, though its store did not take it
        raise GatewayRefused(answer.status_code, f"session {session} could not be ended")
