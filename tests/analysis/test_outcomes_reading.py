"""Reading turns off recorded sessions: the recorded settings give the recorded decisions and times."""

from pathlib import Path

import anyio
import numpy as np
import pytest
from spoken_sessions import plain_session, voice

from workbench.analysis.latency import turns
from workbench.analysis.outcomes import OFFER, RESUMED, RIGHT, SILENT, outcomes
from workbench.analysis.outcomes_reading import turn_records
from workbench.analysis.policies import Policy, decide
from workbench.analysis.policies_driven import drive
from workbench.analysis.turn_events import of_kind
from workbench.client.caller import call
from workbench.client.local import open_endpoint
from workbench.conversation.early_synthesis import EarlySynthesisSettings
from workbench.conversation.endpointing import EndpointingSettings
from workbench.core.events import SessionOpened, TurnEnded
from workbench.errors import ParameterError
from workbench.store.recording import Recording

SCRIPT = '["I want a large latte with soy milk"]'


async def _recorded() -> Recording:
    """Let a caller who pauses in the middle order from scripted engines, in real time."""
    said = np.concatenate([voice(1.2, 16_000), np.zeros(5_600, np.float32), voice(1.6, 16_000)])
    environment = {
        "WORKBENCH_ENGINES": "scripted",
        "WORKBENCH_SCRIPT": SCRIPT,
        "WORKBENCH_STORE": "sqlite://",
    }
    async with open_endpoint(environment=environment) as endpoint:
        return await call("coffee", [said], endpoint=endpoint)


@pytest.fixture(scope="module")
def recording() -> Recording:
    return anyio.run(_recorded)


def policy_of(recording: Recording) -> Policy:
    settings = of_kind(recording.timeline.events, SessionOpened)[0][1].settings
    return Policy(
        early=EarlySynthesisSettings(**settings["early_synthesis"]),
        endpointing=EndpointingSettings(**settings["endpointing"]),
    )


def test_the_recorded_settings_give_the_recorded_decisions(recording: Recording) -> None:
    """Every prediction would start from a turn that never was."""
    (turn,) = turn_records([recording], ["one"])
    policy = policy_of(recording)
    (report,) = turns(recording)
    ((_, ended),) = of_kind(recording.timeline.events, TurnEnded)
    for decided in (decide([turn], [policy]), drive([turn], policy)):
        assert decided.end.item() == ended.decided
        assert decided.starts.item() == report.early_started
        assert decided.commits.item() == report.early_committed
        assert decided.discards.item() == report.early_discarded
    came = outcomes(decide([turn], [policy]), [turn])
    # the stages of a busy machine begin later than the positions say: 10 to 50 ms, seldom more
    assert came.response_time.item() == pytest.approx(report.response_time, abs=0.25)
    assert came.wrong_heard.item() == 0


def test_a_pause_is_a_pause_and_the_final_is_right(recording: Recording) -> None:
    """A caller who hesitates would be taken for two turns, or every early reply for a wrong one."""
    (turn,) = turn_records([recording], ["one"])
    pauses = turn.kind[turn.kind != OFFER]
    assert pauses.tolist() == [SILENT, RESUMED, SILENT]
    assert turn.reply[turn.kind == OFFER][-1] == RIGHT
    assert turn.answered
    assert turn.stages.measured
    hasty = EndpointingSettings(hangover_min=0.1, hangover_max=0.1)
    assert decide([turn], [Policy(endpointing=hasty)]).cut_offs.item() == 1


def test_a_recording_without_the_voice_activity_is_refused() -> None:
    """Turns would be judged on what was never recorded."""
    with pytest.raises(ParameterError, match=r"^session old was recorded without voice activity"):
        turn_records([plain_session()], ["old"])


def test_sessions_in_which_nothing_was_answered_are_refused(recording: Recording) -> None:
    """Response times would be worked out of nothing."""
    with pytest.raises(ParameterError, match="none of 0 turns was answered and heard"):
        turn_records([], [])


def test_turns_read_twice_are_the_same(recording: Recording, tmp_path: Path) -> None:
    """A sweep could not be gone on with: its recordings would seem to be others."""
    from workbench.analysis.sweep_kept import content_hash
    from workbench.store.recording import load_recording

    recording.save(tmp_path / "s")
    kept = content_hash(turn_records([load_recording(tmp_path / "s")], ["s"]))
    assert kept == content_hash(turn_records([load_recording(tmp_path / "s")], ["s"]))
