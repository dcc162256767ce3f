"""Tokens that end while a session goes on, through a real endpoint process."""

from dataclasses import replace

import anyio
import numpy as np
import pytest
from patience import PATIENCE

from workbench.client.session import open_session
from workbench.core.events import AudioIn, OrderBroken, SessionHeld, SessionResumed
from workbench.errors import GatewayRefused
from workbench.security.tokens import mint_token

pytestmark = pytest.mark.anyio

LIFETIME = 2.0
BEYOND = 5.5
"""Seconds after which the first token has ended, its grace included."""


async def stream(session, seconds: float) -> None:
    """Send silence in real time."""
    for _ in range(round(seconds / 0.02)):
        await session.send(np.zeros(320, np.float32))
        await anyio.sleep(0.02)


def of(session, kind):
    return [event.body for event in session.timeline.events if isinstance(event.body, kind)]


async def both(plain, *, refuses: bool):
    """Lead a session beyond its first token; return it and how many tokens were asked for."""
    asked: list[bool] = []

    def token() -> str:
        asked.append(True)
        if refuses and len(asked) == 2:
            raise GatewayRefused(503, "who gives tokens is away")
        if refuses and sessions and sessions[0].connection.status == "connected":
            raise GatewayRefused(503, "who gives tokens is away")
        return mint_token(plain.key, lifetime=LIFETIME)

    sessions = []
    async with open_session("coffee", endpoint=replace(plain, tokens=token)) as session:
        sessions.append(session)
        with anyio.fail_after(PATIENCE):
            await stream(session, BEYOND)
            async for event in session.events():
                if isinstance(event.body, AudioIn) and event.body.position >= (BEYOND - 1) * 16_000:
                    break
    return session, len(asked)


async def test_tokens_are_renewed_without_a_gap_and_without_them_the_session_is_resumed(start_endpoint):
    """A call would break off when its token ends; or have a hole where a new one was sent."""
    with start_endpoint() as endpoint:
        outcomes = {}

        async def run(name: str, refuses: bool) -> None:
            outcomes[name] = await both(endpoint, refuses=refuses)

        async with anyio.create_task_group() as group:
            group.start_soon(run, "renewed", False)
            group.start_soon(run, "resumed", True)
    session, asked = outcomes["renewed"]
    assert asked >= 3
    assert session._link.connections == 1
    assert not of(session, SessionHeld)
    session_without, _ = outcomes["resumed"]
    assert [held.reason for held in of(session_without, SessionHeld)][0] == "token-expired"
    assert len(of(session_without, SessionResumed)) >= 1
    for each in (session, session_without):
        assert not of(each, OrderBroken)
        assert sum(arrived.lost for arrived in of(each, AudioIn)) == 0
        assert [event.seq for event in each.timeline.events] == list(range(len(each.timeline)))
