"""Sessions whose connection is cut in every turn come out as the one that never was."""

import importlib.util
import os
import sys
from pathlib import Path

import pytest

from workbench.client.session import SessionSettings
from workbench.core.audio import AudioFormat, Encoding
from workbench.core.events import SessionOpened
from workbench.store.recording import load_recording

pytestmark = pytest.mark.anyio

SESSIONS = int(os.environ.get("WORKBENCH_TEST_CUTS", "60"))
"""Each is cut in every turn; ``benchmarks/cuts.py`` tries 200."""
TOGETHER = 20
"""Callers in real time, whom a busy machine can still serve."""

PATH = Path(__file__).parents[2] / "benchmarks" / "cuts.py"


@pytest.fixture
def anyio_backend() -> str:
    """Run without asyncio's debug mode: twenty callers in real time are work enough."""
    return "asyncio"


@pytest.fixture(scope="module")
def cuts():
    """Return the benchmark's module, which holds the conversations."""
    spec = importlib.util.spec_from_file_location("cuts_benchmark", PATH)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.timeout(400)
async def test_cut_sessions_come_out_as_the_uncut_one(cuts, start_endpoint, tmp_path):
    """A lost connection would lose a word, an answer or an order, or give it twice."""
    script = cuts.SCRIPT[:2]
    settings = {"max_sessions": str(TOGETHER + 2), "record": str(tmp_path)}
    with start_endpoint(script=cuts.json.dumps(script), **settings) as endpoint:
        uncut, outcomes = await cuts.compare(
            endpoint, "coffee", cuts.tones(script), sessions=SESSIONS, together=TOGETHER, seed=7
        )
    assert len(uncut.finals) == len(script)
    assert len(uncut.actions) == 2
    assert len(outcomes) == SESSIONS
    for outcome in outcomes:
        assert not outcome.missing, outcome.moments
        assert outcome.facts == uncut, outcome.moments
        assert outcome.resumed >= 1
        (opened,) = (e.body for e in outcome.timeline.events if isinstance(e.body, SessionOpened))
        kept = load_recording(tmp_path / opened.session).timeline.events
        assert [(e.seq, e.body) for e in outcome.timeline.events] == [(e.seq, e.body) for e in kept]
    moments = {moment for outcome in outcomes for moment in outcome.moments}
    assert moments == set(cuts.MOMENTS)


async def test_cut_sessions_in_opus_come_out_as_the_uncut_one(cuts, start_endpoint):
    """What is sent again would be decoded twice, or out of order, or a decoder begin anew in the middle."""
    script = cuts.SCRIPT[:2]
    opus = SessionSettings(
        input=AudioFormat(Encoding.OPUS, 16_000), output=AudioFormat(Encoding.OPUS, 48_000)
    )
    with start_endpoint(script=cuts.json.dumps(script), max_sessions="12") as endpoint:
        uncut, outcomes = await cuts.compare(
            endpoint, "coffee", cuts.tones(script), sessions=10, together=10, seed=7, settings=opus
        )
    assert len(uncut.finals) == len(script)
    for outcome in outcomes:
        assert not outcome.missing, outcome.moments
        assert outcome.facts == uncut, outcome.moments
        assert outcome.resumed >= 1
