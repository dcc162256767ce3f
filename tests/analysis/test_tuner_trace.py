"""One turn moment by moment, against all turns at once; and which sessions a folder holds."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from workbench.analysis.outcomes import OFFER, RATE
from workbench.analysis.outcomes_made import made_turns
from workbench.analysis.policies import Policy, decide
from workbench.analysis.tuner_reading import read_sessions
from workbench.analysis.tuner_trace import BINS, trace, turn_picture, waveform
from workbench.conversation.endpointing import EndpointingSettings
from workbench.data import data_folder
from workbench.errors import ParameterError
from workbench.store.recording import load_recording

FOLDER = data_folder() / "tuning"


@settings(deadline=None, max_examples=15)
@given(
    seed=st.integers(0, 1_000),
    low=st.floats(0.1, 1.0),
    more=st.floats(0.0, 1.0),
    sure=st.floats(0.1, 1.0),
    longest=st.sampled_from([3.0, 30.0]),
)
def test_a_turn_ends_and_is_cut_where_all_turns_at_once_are(
    seed: int, low: float, more: float, sure: float, longest: float
) -> None:
    """The picture would show another end than the table beside it."""
    turns = made_turns(seed, 8)
    ends = EndpointingSettings(hangover_min=low, hangover_max=low + more, sure=sure, turn_max=longest)
    policy = Policy(endpointing=ends)
    decided = decide(turns, [policy])
    for place, turn in enumerate(turns):
        before = [one for one in turns[:place] if one.conversation == turn.conversation]
        found = trace(turn, before, policy)
        assert found.end == decided.end[0, place] / RATE
        assert len(found.cuts) == decided.cut_offs[0, place]
        assert len(found.starts) == decided.starts[0, place]
        early = decided.early[0, place]
        assert np.isnan(early) or early == found.starts[-1]


def test_the_turn_ends_where_the_silence_reaches_the_wait() -> None:
    """The lines of the picture would cross elsewhere than the mark."""
    (turn,) = made_turns(12, 1)
    found = trace(turn, [], Policy())
    waits = [wait for at, wait in found.waits if at <= found.end]
    silence = found.end - turn.voiced_end / RATE
    assert waits[-1] <= silence < waits[-1] + 0.032 or silence < waits[-1] + 0.064
    assert waits[0] == 1.4  # nothing is known yet


def test_a_picture_holds_every_offer_pause_and_word() -> None:
    """A threshold would be drawn over dots that are missing."""
    read = read_sessions([FOLDER])
    for turn in read.turns:
        drawn = turn_picture(turn)
        assert len(drawn["offers"]) == int((turn.kind == OFFER).sum())
        assert all(0 <= one["end_of_turn"] <= 1 for one in drawn["offers"])
        assert drawn["pauses"][-1] == {"from": turn.voiced_end / RATE, "to": None}
        assert all(one["from"] < one["to"] for one in drawn["pauses"][:-1])
        assert drawn["from"] < drawn["said"] < drawn["to"]
    assert turn_picture(turn, until=drawn["said"] + 5)["to"] == drawn["said"] + 5
    assert turn_picture(turn, until=np.nan)["to"] == drawn["said"] + 3
    assert turn_picture(turn, until=drawn["said"] + 99)["to"] == drawn["said"] + 8


def test_a_waveform_is_the_lowest_and_highest_of_each_stretch() -> None:
    """A sound would be drawn where there is none."""
    recording = load_recording(FOLDER / "coffee")
    both = np.frombuffer(waveform(recording, 1.0, 2.0), "<i2").reshape(2, BINS, 2) / 32_767
    part = recording.caller[16_000:32_000].reshape(BINS, -1)
    assert both[0, :, 0] == pytest.approx(part.min(axis=1), abs=1e-4)
    assert both[0, :, 1] == pytest.approx(part.max(axis=1), abs=1e-4)
    beyond = np.frombuffer(waveform(recording, 9_000, 9_001), "<i2")
    assert not beyond.any()


def test_recordings_folders_and_folders_of_folders_are_read_alike(tmp_path: Path) -> None:
    """A session would be tuned on twice, or not at all."""
    folders = read_sessions([FOLDER])
    given_recordings = read_sessions([load_recording(FOLDER / "coffee"), load_recording(FOLDER / "rooms")])
    assert folders.texts == given_recordings.texts
    assert folders.base == given_recordings.base
    assert [one.turn for one in folders.turns] == [one.turn for one in given_recordings.turns]
    assert {one.conversation for one in given_recordings.turns} == {"session 1", "session 2"}
    assert folders.recording(folders.turns[0].conversation) is not None
    assert folders.recording("elsewhere") is None
    assert len(read_sessions([FOLDER / "rooms"]).turns) == 6
    with pytest.raises(ParameterError, match="no recorded session in it"):
        read_sessions([tmp_path])
