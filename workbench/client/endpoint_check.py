"""Whether an endpoint is there and takes our key: asked before anyone is told to speak."""

from dataclasses import dataclass
from typing import Literal

import httpx

from workbench.client.local import Endpoint
from workbench.client.trust import context_for, lost
from workbench.errors import ParameterError
from workbench.security.keys import load_key
from workbench.security.tokens import Scope, mint_token

CHECK_TIMEOUT = 10.0
"""Seconds for the endpoint to answer when it is busy; where none is, that is known at once."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Why no session can be held."""

    reason: Literal["endpoint-down", "wrong-token"]
    sentence: str


async def what_is_wrong(endpoint: Endpoint) -> Problem | None:
    """Return why ``endpoint`` would refuse us, None if it would not.

    With the key at hand an administrator's question is asked, which shows whether the key is accepted;
    without it only whether anybody answers.
    """
    if not endpoint.alive():
        return Problem("endpoint-down", "the endpoint has ended")
    url = endpoint.url.replace("ws", "http", 1)
    try:
        tls = context_for(endpoint.url, endpoint.trust)
    except ParameterError as error:
        return Problem("endpoint-down", str(error))
    try:
        path, headers = _question(endpoint)
        async with httpx.AsyncClient(timeout=CHECK_TIMEOUT, trust_env=False, verify=tls or True) as client:
            answer = await client.get(url + path, headers=headers)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return Problem("endpoint-down", str(lost(endpoint.url, error, endpoint.trust)))
    except ParameterError as error:
        return Problem("wrong-token", str(error))
    if answer.status_code in (401, 403):
        return Problem("wrong-token", f"the endpoint refuses our key: status {answer.status_code}")
    if answer.status_code == 404:
        return Problem("endpoint-down", f"something else than the endpoint answers at {endpoint.url}")
    return None


def _question(endpoint: Endpoint) -> tuple[str, dict[str, str]]:
    if endpoint.tokens is not None:
        return "/readyz", {}
    token = mint_token(endpoint.key or load_key(), scopes=(Scope.ADMIN,), lifetime=10)
    return "/v1/sessions", {"Authorization": f"Bearer {token}"}
