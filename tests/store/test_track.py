"""Tracks in files: as long as is said, and decoded when they are wanted."""

from pathlib import Path

import numpy as np
import pytest

from workbench.audio.files import save_flac
from workbench.core.audio import Samples
from workbench.errors import AudioFileError
from workbench.store.track import FileTrack


@pytest.fixture
def samples(tmp_path: Path) -> Samples:
    """Return what lies in ``a.flac``."""
    whole = np.random.default_rng(1).integers(-20_000, 20_000, 40_000).astype(np.float32) / 32_768
    save_flac(tmp_path / "a.flac", whole, 16_000)
    return whole


@pytest.mark.parametrize("decoded", [False, True])
@pytest.mark.parametrize(("first", "last"), [(0, 10), (12_345, 30_000), (39_990, 50_000), (50_000, 60_000)])
def test_a_window_is_what_lies_there(
    tmp_path: Path, samples: Samples, decoded: bool, first: int, last: int
) -> None:
    """A reply's silence would be looked for in the wrong place, or found only once all is decoded."""
    track = FileTrack(tmp_path / "a.flac", len(samples), 16_000)
    if decoded:
        np.testing.assert_array_equal(track.samples(), samples)
    np.testing.assert_array_equal(track.window(first, last), samples[first:last])


def test_samples_are_decoded_once(tmp_path: Path, samples: Samples) -> None:
    """Each look at an hour would take seconds."""
    track = FileTrack(tmp_path / "a.flac", len(samples), 16_000)
    assert len(track) == len(samples)
    assert track.samples() is track.samples()


def test_another_track_s_file_is_refused_before_it_is_decoded(tmp_path: Path, samples: Samples) -> None:
    """What was measured would be of another session."""
    with pytest.raises(AudioFileError, match="holds 40000 samples at 16000 Hz, expected 7 at 24000 Hz"):
        FileTrack(tmp_path / "a.flac", 7, 24_000)


def test_a_damaged_file_is_told_when_it_is_looked_at(tmp_path: Path, samples: Samples) -> None:
    """Half a track would be drawn as a whole one."""
    data = bytearray((tmp_path / "a.flac").read_bytes())
    data[len(data) // 2 : -8] = b"\x55" * (len(data) - len(data) // 2 - 8)
    (tmp_path / "a.flac").write_bytes(data)
    track = FileTrack(tmp_path / "a.flac", len(samples), 16_000)
    with pytest.raises(AudioFileError, match=r"a\.flac: "):
        track.samples()


def test_a_track_without_samples_needs_no_file(tmp_path: Path) -> None:
    """A session that was closed at once could not be looked at."""
    track = FileTrack(tmp_path / "none.flac", 0, 16_000)
    assert len(track.samples()) == len(track) == 0
