"""An endpoint is killed in the middle of persistent sessions: they go on, and come out as if it never was."""

import os

import pytest
from killing import JUMP_MAX, killed

pytestmark = pytest.mark.anyio

KILLS = int(os.environ.get("WORKBENCH_TEST_KILLS", "6"))
"""On each database; 100 take some ten minutes."""


@pytest.fixture
def anyio_backend() -> str:
    """Run without asyncio's debug mode: callers in real time are work enough."""
    return "asyncio"


@pytest.mark.timeout(400 + 30 * KILLS)
async def test_killed_sessions_come_out_as_the_unkilled_one(store_url):
    """After a crash a word, an answer or an order would be lost or doubled, or the store need a repair."""
    unkilled, outcomes = await killed.run(store_url, kills=KILLS, together=2, seed=20_240_607)
    assert len(unkilled.facts.finals) == len(unkilled.facts.replies) == len(killed.SCRIPT)
    assert len(unkilled.facts.actions) == len(killed.SCRIPT)
    assert len({key for _, key in unkilled.facts.actions}) == len(killed.SCRIPT)
    assert all(text.startswith("finished: ") for text in unkilled.facts.heard)
    moments = [moment for outcome in outcomes for moment in outcome.moments]
    assert len(moments) >= KILLS
    assert set(moments) == set(killed.MOMENTS)
    for outcome in outcomes:
        assert killed.faults(outcome, unkilled, jump_max=JUMP_MAX) == [], outcome.moments
