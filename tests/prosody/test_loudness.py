import shutil
import subprocess

import numpy as np
import pytest

from workbench.audio.files import save_flac
from workbench.errors import ParameterError
from workbench.prosody.loudness import clipping, loudness_lufs

RATE = 48_000


def tone(*parts: tuple[float, float], hz: float = 1000.0) -> np.ndarray:
    """Return a tone with peaks of so many dBFS for so many seconds each."""
    levels = np.concatenate([np.full(round(seconds * RATE), 10 ** (db / 20)) for db, seconds in parts])
    return (levels * np.sin(2 * np.pi * hz * np.arange(len(levels)) / RATE)).astype(np.float32)


@pytest.mark.parametrize(
    ("parts", "stereo"),
    [
        ([(-23.0, 20.0)], -23.0),
        ([(-33.0, 20.0)], -33.0),
        ([(-36.0, 10.0), (-23.0, 60.0), (-36.0, 10.0)], -23.0),
        ([(-72.0, 10.0), (-36.0, 10.0), (-23.0, 60.0), (-36.0, 10.0), (-72.0, 10.0)], -23.0),
        ([(-26.0, 20.0), (-20.0, 20.1), (-26.0, 20.0)], -23.0),
    ],
)
def test_the_reference_tones_have_their_loudness(parts: list[tuple[float, float]], stereo: float) -> None:
    """EBU Tech 3341, cases 1 to 5: stereo tones, in one channel 3.01 dB less; allowed is 0.1."""
    assert loudness_lufs(tone(*parts), RATE) == pytest.approx(stereo - 3.01, abs=0.1)


def test_low_tones_count_less() -> None:
    """Loudness would be mere level: at 25 Hz the standard's filter takes 11 dB off."""
    assert loudness_lufs(tone((-23.0, 5.0), hz=25.0), RATE) < loudness_lufs(tone((-23.0, 5.0)), RATE) - 8


@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg is not installed")
def test_another_program_finds_the_same(rng: np.random.Generator, tmp_path) -> None:
    """A mistake of the library would be ours."""
    noise = rng.normal(0, 0.05, 6 * RATE).astype(np.float32)
    noise[2 * RATE : 3 * RATE] *= 0.001
    save_flac(tmp_path / "noise.flac", noise, RATE)
    asked = ["ffmpeg", "-i", str(tmp_path / "noise.flac"), "-af", "ebur128", "-f", "null", "-"]
    told = subprocess.run(asked, capture_output=True, text=True, check=True, timeout=60).stderr
    loudness = float(told.rsplit("I:", 1)[1].split("LUFS")[0])
    assert loudness_lufs(noise, RATE) == pytest.approx(loudness, abs=0.1)


def test_silence_and_a_blink_have_no_loudness() -> None:
    """They would be minus infinity, which no table can hold."""
    assert np.isnan(loudness_lufs(np.zeros(RATE, np.float32), RATE))
    assert np.isnan(loudness_lufs(tone((-23.0, 0.2)), RATE))


@pytest.mark.parametrize(
    ("samples", "rate", "problem"),
    [
        (np.zeros((10, 2), np.float32), RATE, r"samples have shape \(10, 2\), expected \(n,\)"),
        (np.zeros(RATE, np.float32), 4000, "rate is 4000 Hz, expected at least 8000 for loudness"),
        (np.full(RATE, np.inf, np.float32), RATE, "samples hold values that are not numbers"),
    ],
)
def test_what_has_no_loudness_is_refused(samples: np.ndarray, rate: int, problem: str) -> None:
    """The library would fail in words of its own."""
    with pytest.raises(ParameterError, match=problem):
        loudness_lufs(samples, rate)


def test_flat_tops_are_counted_and_peaks_are_not() -> None:
    """A voice that is too loud would pass, or a clean one with full peaks would not."""
    clipped = np.clip(tone((6.0, 1.0), hz=100.0), -1, 1)
    found = clipping(clipped)
    assert found.runs == 200  # each half wave of a 100 Hz tone
    over = np.mean(np.abs(tone((6.0, 1.0), hz=100.0)) >= 1)
    assert found.share == pytest.approx(over, abs=0.01)
    assert clipping(tone((0.0, 1.0), hz=4000.0)).runs == 0
    assert clipping(np.zeros(0, np.float32)).share == 0
