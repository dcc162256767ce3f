"""Recorded sessions in sealed folders: read with the key only; what was changed is noticed and named."""

import json
import os
import shutil
import threading
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from searching import found

from workbench.audio.files import save_flac
from workbench.core.clock import ManualClock
from workbench.core.events import ErrorRaised, SessionClosed, Source
from workbench.core.timeline import Timeline
from workbench.errors import KeyMissing, ParameterError, StoreDamaged
from workbench.security.keyring import Key, Keyring
from workbench.security.store_keys import StoreKeys
from workbench.store import folders
from workbench.store.folders import KEY, is_sealed, master_of, rewrap_folder
from workbench.store.recording import (
    Recording,
    is_whole,
    load_recording,
    load_timeline,
    load_unheard,
    remove_recording,
)

FIRST, SECOND = Key("a" * 40), Key("b" * 40)
KEYS = StoreKeys(Keyring([FIRST]))
PARTS = ["events", "caller", "agent", "meta"]
SAID = "marmalade and quicksilver"


def some_recording(seed: int = 1) -> Recording:
    timeline = Timeline(ManualClock(1.5))
    for body in (ErrorRaised(code="x", message=SAID), SessionClosed(reason="completed")):
        timeline.record(body, turn=0, source=Source.ENDPOINT)
    chance = np.random.default_rng(seed)
    return Recording(
        timeline=timeline,
        caller=chance.uniform(-0.5, 0.5, 3_000).astype(np.float32),
        caller_rate=16_000,
        agent=chance.uniform(-0.5, 0.5, 4_000).astype(np.float32),
        agent_rate=24_000,
        device_zero=0.25,
        meta={"assistant": "zeppelin"},
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return some_recording().save_sealed(tmp_path / "s1", "s1", KEYS)


def needles(recording: Recording, beside: Path) -> list[bytes]:
    """Return what would give the recording away: words, runs of samples as such and as FLAC has them."""
    runs = [
        np.rint(track * scale).astype(kind)[at : at + 16].tobytes()
        for track in (recording.caller, recording.agent)
        for scale, kind in ((32_767, "<i2"), (32_768, "<i2"), (1, "<f4"))
        for at in (0, 1_000, 2_500)
    ]
    plain = beside / "plain.flac"
    save_flac(plain, recording.caller, 16_000)
    coded = plain.read_bytes()
    plain.unlink()
    return [b"marmalade", b"quicksilver", b"zeppelin", b"fLaC", coded[200:232], coded[-64:-32], *runs]


def test_the_search_finds_a_readable_recording(tmp_path: Path) -> None:
    """The test below would pass whatever is written."""
    folder = some_recording().save(tmp_path / "s1")
    hits = found(needles(load_recording(folder), tmp_path), folder)
    assert set(hits) == {"events.jsonl", "meta.json", "caller.flac", "agent.flac"}


def test_no_file_holds_what_was_said(folder: Path, tmp_path: Path) -> None:
    """Whoever gets hold of the disk would hear the caller."""
    assert found(needles(load_recording(folder, KEYS), tmp_path), folder) == {}
    assert sorted(path.name for path in folder.iterdir()) == [
        "agent.sealed",
        "caller.sealed",
        "events.sealed",
        KEY,
        "meta.sealed",
    ]


def test_it_comes_back_the_same(folder: Path, tmp_path: Path) -> None:
    """What is measured would depend on whether it was sealed."""
    plain = load_recording(some_recording().save(tmp_path / "plain"))
    back, unheard = load_recording(folder, KEYS), load_unheard(folder, KEYS)
    for one in (back, unheard):
        np.testing.assert_array_equal(one.agent_window(100, 900), plain.agent_window(100, 900))
        np.testing.assert_array_equal(one.caller, plain.caller)
        np.testing.assert_array_equal(one.agent, plain.agent)
        assert one.timeline.events == plain.timeline.events
        assert (one.duration, one.device_zero, dict(one.meta)) == (plain.duration, 0.25, dict(plain.meta))
    assert load_timeline(folder, KEYS).events == plain.timeline.events
    assert load_timeline(tmp_path / "plain").events == plain.timeline.events


@pytest.mark.parametrize("part", PARTS)
def test_a_flipped_bit_is_noticed_and_the_rest_read(folder: Path, part: str) -> None:
    """A recording could be changed into another that sounds as true."""
    path = folder / f"{part}.sealed"
    whole = path.read_bytes()

    @settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.integers(0, 8 * len(whole) - 1))
    def flip(bit: int) -> None:
        changed = bytearray(whole)
        changed[bit // 8] ^= 1 << bit % 8
        path.write_bytes(changed)
        with pytest.raises(StoreDamaged, match=rf"session s1: the {part}.sealed is not what was written"):
            load_recording(folder, KEYS)
        if part != "events":
            assert len(load_timeline(folder, KEYS)) == 2

    flip()
    path.write_bytes(whole)
    assert load_recording(folder, KEYS).duration > 0


@pytest.mark.parametrize("length", [0, 10, -1])
@pytest.mark.parametrize("part", PARTS)
def test_what_was_cut_off_is_noticed(folder: Path, part: str, length: int) -> None:
    """The end of a conversation could be taken away."""
    path = folder / f"{part}.sealed"
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises(StoreDamaged, match=rf"the {part}.sealed is not what was written"):
        load_recording(folder, KEYS)


def test_swapped_parts_are_noticed(folder: Path, tmp_path: Path) -> None:
    """The caller could be made to have said what the agent said, or what another caller said."""
    other = some_recording(2).save_sealed(tmp_path / "s2", "s2", KEYS)
    mine = (folder / "caller.sealed").read_bytes()
    for wrong in (other / "caller.sealed", folder / "agent.sealed"):
        (folder / "caller.sealed").write_bytes(wrong.read_bytes())
        with pytest.raises(StoreDamaged, match=r"session s1: the caller.sealed is not what was written"):
            load_recording(folder, KEYS)
    (folder / "caller.sealed").write_bytes(mine)
    key = json.loads((folder / KEY).read_text()) | {"session": "s2"}
    (folder / KEY).write_text(json.dumps(key))
    with pytest.raises(StoreDamaged, match="session s2: the key is not what was written"):
        load_recording(folder, KEYS)
    assert load_recording(other, KEYS).duration > 0


@pytest.mark.parametrize("part", PARTS)
def test_an_older_part_put_back_is_noticed(folder: Path, part: str) -> None:
    """A session that was gone on with could be shown with what it was before."""
    old = (folder / f"{part}.sealed").read_bytes()
    some_recording().save_sealed(folder, "s1", KEYS)
    (folder / f"{part}.sealed").write_bytes(old)
    with pytest.raises(StoreDamaged, match=rf"the {part}.sealed is not what was written"):
        load_recording(folder, KEYS)


@pytest.mark.parametrize("part", PARTS)
def test_a_missing_part_is_named(folder: Path, part: str) -> None:
    """Half a session would be taken for the whole."""
    (folder / f"{part}.sealed").unlink()
    with pytest.raises(ParameterError, match=rf"not a whole recording, {part}\.\w+ missing"):
        load_recording(folder, KEYS)
    assert is_whole(folder) == (part != "meta")


def test_saving_anew_leaves_nothing_of_the_other_kind(folder: Path, tmp_path: Path) -> None:
    """A readable track would stay beside the sealed one, or be read in its place."""
    some_recording().save(folder)
    assert not is_sealed(folder)
    assert len(list(folder.iterdir())) == 4
    some_recording().save_sealed(folder, "s1", KEYS)
    assert found(needles(load_recording(folder, KEYS), tmp_path), folder) == {}


def test_a_key_that_is_missing_is_named(folder: Path) -> None:
    """One would not know which key to look for."""
    with pytest.raises(
        KeyMissing, match=rf"s1: master key {FIRST.key_id} is needed, looked in a ring given .holds"
    ):
        load_recording(folder, StoreKeys(Keyring([SECOND])))


@pytest.mark.parametrize("text", ["", "{", "[]", '{"version": 1}', '{"version": 1, "wrapped": 7}'])
def test_what_is_no_key_is_named(folder: Path, text: str) -> None:
    """A damaged file would end in a traceback."""
    (folder / KEY).write_text(text)
    with pytest.raises(ParameterError, match=r"key\.json: not the key of a sealed folder"):
        load_recording(folder, KEYS)


def test_rotation_leaves_the_tracks_as_they_are(folder: Path) -> None:
    """A rotation would write hours of audio anew, or lose them."""
    before = {part: (folder / f"{part}.sealed").read_bytes() for part in PARTS}
    both = StoreKeys(Keyring([SECOND, FIRST]))
    assert rewrap_folder(folder, both)
    assert not rewrap_folder(folder, both)
    assert master_of(folder) == SECOND.key_id
    assert {part: (folder / f"{part}.sealed").read_bytes() for part in PARTS} == before
    assert load_recording(folder, StoreKeys(Keyring([SECOND]))).duration > 0


def test_a_recording_written_while_keys_are_wrapped_anew_keeps_its_own(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The key of the recording before would be put beside it, and it could never be heard."""
    both = StoreKeys(Keyring([SECOND, FIRST]))
    waiting, opening = threading.Event(), folders.open_folder
    writers: list[threading.Thread] = []

    def opened(path: Path, keys: StoreKeys) -> folders.Folder:
        found = opening(path, keys)
        if not writers:  # between reading the key and writing it, another process records
            writers.append(threading.Thread(target=record))
            writers[0].start()
            waiting.wait(0.2)  # as long as it takes, were nothing in its way
        return found

    def record() -> None:
        some_recording(2).save_sealed(folder, "s1", KEYS)
        waiting.set()

    monkeypatch.setattr(folders, "open_folder", opened)
    assert rewrap_folder(folder, both)
    writers[0].join()
    kept = load_recording(folder, both)
    assert np.allclose(kept.caller, some_recording(2).caller, atol=1e-3)


def test_others_can_t_enter(tmp_path: Path) -> None:
    """Who shares the machine would see who called when, and what to copy for later."""
    before = os.umask(0o022)
    try:
        some_recording().save_sealed(tmp_path / "recordings" / "s1", "s1", KEYS)
    finally:
        os.umask(before)
    modes = {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "recordings").rglob("*")}
    assert modes.pop("s1") == (tmp_path / "recordings").stat().st_mode & 0o777 == 0o700
    assert set(modes.values()) == {0o600}


def test_erasing_leaves_nothing(folder: Path, tmp_path: Path) -> None:
    """What was recorded of a deleted session could be heard."""
    shutil.copytree(folder, tmp_path / "copy")
    assert remove_recording(folder)
    assert not folder.exists()
    assert not remove_recording(folder)
    (tmp_path / "copy" / KEY).unlink()  # without its key, the rest of a copy is noise
    with pytest.raises(ParameterError):
        load_recording(tmp_path / "copy", KEYS)
