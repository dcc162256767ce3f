"""Session folders: written whole, read back the same, refused when half there."""

import json
from pathlib import Path

import numpy as np
import pytest

from workbench.core.audio import Samples
from workbench.core.clock import ManualClock
from workbench.core.events import SessionClosed, SessionHeld, Source
from workbench.core.timeline import Timeline
from workbench.errors import AudioFileError, ParameterError
from workbench.store.recording import AGENT, CALLER, META, Recording, load_recording, load_unheard


def noise(seconds: float, rate: int) -> Samples:
    return np.random.default_rng(1).uniform(-0.5, 0.5, round(seconds * rate)).astype(np.float32)


def some_session(agent_seconds: float = 6.0, events: int = 2) -> Recording:
    timeline = Timeline(ManualClock(1.5))
    for body in (SessionHeld(reason="suspended"), SessionClosed(reason="completed"))[:events]:
        timeline.record(body, turn=0, source=Source.ENDPOINT)
    return Recording(
        timeline=timeline,
        caller=noise(6.0, 16_000),
        caller_rate=16_000,
        agent=noise(agent_seconds, 24_000),
        agent_rate=24_000,
        device_zero=0.25,
        meta={"assistant": "coffee"},
    )


def test_comes_back_the_same(tmp_path: Path) -> None:
    """Anything lost or shifted on disk would change what is measured later."""
    session = some_session()
    back = load_recording(session.save(tmp_path / "session"))
    assert back.timeline.events == session.timeline.events
    assert (back.caller_rate, back.agent_rate, back.device_zero) == (16_000, 24_000, 0.25)
    assert dict(back.meta) == {"assistant": "coffee"}
    np.testing.assert_allclose(back.caller, session.caller, atol=2**-16 + 1e-9)
    np.testing.assert_allclose(back.agent, session.agent, atol=2**-16 + 1e-9)
    assert sorted(path.name for path in (tmp_path / "session").iterdir()) == [
        "agent.flac",
        "caller.flac",
        "events.jsonl",
        "meta.json",
    ]


def test_an_unheard_recording_is_the_same_once_it_is_looked_at(tmp_path: Path) -> None:
    """What is shown first would differ from what is measured later."""
    whole = load_recording(some_session().save(tmp_path))
    unheard = load_unheard(tmp_path)
    assert unheard.duration == whole.duration
    assert unheard.timeline.events == whole.timeline.events
    np.testing.assert_array_equal(unheard.agent_window(100, 900), whole.agent[100:900])
    np.testing.assert_array_equal(unheard.agent, whole.agent)
    np.testing.assert_array_equal(unheard.caller, whole.caller)
    np.testing.assert_array_equal(whole.agent_window(100, 900), whole.agent[100:900])


def test_the_events_are_there_before_any_track_is_decoded(tmp_path: Path) -> None:
    """An hour's timeline would be drawn seconds later than it could be."""
    some_session().save(tmp_path)
    damaged = bytearray((tmp_path / CALLER).read_bytes())
    damaged[len(damaged) // 2 :] = bytes(len(damaged) - len(damaged) // 2)
    (tmp_path / CALLER).write_bytes(damaged)
    unheard = load_unheard(tmp_path)
    assert len(unheard.timeline) == 2
    with pytest.raises(AudioFileError):
        _ = unheard.caller


def test_saving_again_replaces(tmp_path: Path) -> None:
    """A second save into one folder must not mix two sessions."""
    some_session().save(tmp_path)
    other = some_session(1.0, 0)
    other.save(tmp_path)
    back = load_recording(tmp_path)
    assert len(back.timeline) == 0
    np.testing.assert_allclose(back.agent, other.agent, atol=2**-15)


def test_a_session_without_audio_is_kept(tmp_path: Path) -> None:
    """A client that left at once still leaves a session to look at."""
    nothing = np.zeros(0, dtype=np.float32)
    session = Recording(
        timeline=Timeline(),
        caller=nothing,
        caller_rate=16_000,
        agent=nothing,
        agent_rate=24_000,
        device_zero=0,
    )
    back = load_recording(session.save(tmp_path))
    assert (len(back.caller), len(back.agent), back.duration) == (0, 0, 0)


@pytest.mark.parametrize("name", ["events.jsonl", "caller.flac", "agent.flac", "meta.json"])
def test_a_half_written_folder_is_refused(tmp_path: Path, name: str) -> None:
    """A session cut off while saving must be named as such, not shown with a track missing."""
    some_session().save(tmp_path)
    (tmp_path / name).unlink()
    with pytest.raises(ParameterError, match=f"not a whole recording, {name} missing"):
        load_recording(tmp_path)


def test_a_save_that_fails_leaves_what_was_there(tmp_path: Path) -> None:
    """A track that can't be written would take the recording before with it, or be half there."""
    session = some_session()
    session.save(tmp_path)
    bad = some_session()
    bad.agent[5] = np.nan
    for folder in (tmp_path, tmp_path / "new"):
        with pytest.raises(ParameterError, match="samples hold values that are not numbers"):
            bad.save(folder)
    assert load_recording(tmp_path).timeline.events == session.timeline.events
    assert not (tmp_path / "new").exists()


def test_parts_of_different_sessions_are_refused(tmp_path: Path) -> None:
    """A track swapped for another would be measured against the wrong events."""
    some_session().save(tmp_path)
    some_session(1.0).save(tmp_path / "other")
    (tmp_path / AGENT).write_bytes((tmp_path / "other" / AGENT).read_bytes())
    with pytest.raises(AudioFileError, match="holds 24000 samples at 24000 Hz, expected 144000 at 24000 Hz"):
        load_recording(tmp_path)


def test_wrong_events_version_or_description_is_refused(tmp_path: Path) -> None:
    """Each broken part gets a sentence with the file's name."""
    some_session().save(tmp_path)
    whole = json.loads((tmp_path / META).read_text())
    for change, problem in (
        ({"version": 9}, "version is 9, expected 1"),
        ({"events": 3}, "holds 2 events, expected 3"),
        ({"tracks": {}}, "not the description of a recording"),
    ):
        (tmp_path / META).write_text(json.dumps(whole | change))
        with pytest.raises(ParameterError, match=problem):
            load_recording(tmp_path)


def test_no_folder_and_no_json_are_refused(tmp_path: Path) -> None:
    """A wrong path or an unserialisable meta must not end in a traceback from a library."""
    with pytest.raises(ParameterError, match="no such folder, expected a recorded session"):
        load_recording(tmp_path / "none")
    session = some_session()
    object.__setattr__(session, "meta", {"x": object()})
    with pytest.raises(ParameterError, match="meta of the recording is not JSON"):
        session.save(tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_session_time_becomes_track_time() -> None:
    """Marks would sit beside the sound they speak of."""
    assert some_session().second(1.0) == pytest.approx(0.75)
