"""Audio files in and out, and one clear sentence for each that can't be used."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from workbench.audio.files import load_audio, load_audio_with_rate, save_flac
from workbench.errors import AudioFileError, ParameterError


def tone(rate: int = 16_000, hz: float = 440.0, seconds: float = 0.5) -> np.ndarray:
    return (0.5 * np.sin(2 * np.pi * hz * np.arange(round(seconds * rate)) / rate)).astype(np.float32)


@pytest.mark.parametrize(
    ("name", "subtype", "tolerance"),
    [
        ("a.wav", "PCM_16", 2**-15),
        ("a.wav", "PCM_24", 2**-22),
        ("a.wav", "FLOAT", 0),
        ("a.flac", "PCM_16", 2**-15),
        ("a.wav", "ULAW", 0.02),
        ("a.wav", "ALAW", 0.02),
        ("a.ogg", "VORBIS", 0.05),
    ],
)
def test_reads_what_was_written(tmp_path: Path, name: str, subtype: str, tolerance: float) -> None:
    """A format read at the wrong scale or byte order would fail this."""
    soundfile.write(tmp_path / name, tone(), 16_000, subtype=subtype)
    samples, rate = load_audio_with_rate(tmp_path / name)
    assert rate == 16_000
    assert samples.dtype == np.float32
    assert np.abs(samples - tone()).max() <= tolerance


def test_stereo_is_averaged(tmp_path: Path) -> None:
    """A dropped channel would lose one speaker of a two-channel call."""
    left, right = tone(), tone(hz=100)
    soundfile.write(tmp_path / "two.wav", np.stack([left, right], axis=1), 16_000, subtype="FLOAT")
    np.testing.assert_allclose(load_audio(tmp_path / "two.wav"), (left + right) / 2, atol=1e-7)


def test_converts_to_the_rate_asked_for(tmp_path: Path) -> None:
    """Audio given to a recogniser at the wrong rate would be heard too fast or slow."""
    soundfile.write(tmp_path / "a.wav", tone(44_100), 44_100, subtype="FLOAT")
    samples = load_audio(tmp_path / "a.wav", rate=16_000)
    assert len(samples) == 8_000
    np.testing.assert_allclose(samples[800:-800], tone()[800:-800], atol=1e-3)


def test_flac_comes_back_to_the_bit(tmp_path: Path) -> None:
    """A recording that changes on disk would change what is measured on it."""
    whole = np.array([0, 1, -1, 16_384, -16_384, 32_767, -32_768], dtype=np.int16)
    assert save_flac(tmp_path / "a.flac", (whole / 32_768).astype(np.float32), 24_000) == 0
    back, rate = soundfile.read(tmp_path / "a.flac", dtype="int16")
    assert rate == 24_000
    np.testing.assert_array_equal(back, whole)


def test_clipping_is_counted(tmp_path: Path) -> None:
    """Samples beyond full scale must not wrap round or go unnoticed."""
    assert save_flac(tmp_path / "a.flac", np.array([0.0, 1.5, -1.5, 1.0], dtype=np.float32), 8_000) == 2
    np.testing.assert_allclose(load_audio(tmp_path / "a.flac"), [0, 1, -1, 1], atol=2**-15)


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("none.wav", None, "no such file"),
        ("empty.wav", b"", "holds no bytes, expected audio"),
        ("text.wav", b"not audio at all, just text" * 9, "can't be read as audio: format not recognised"),
    ],
)
def test_what_is_not_audio_is_refused(tmp_path: Path, name: str, content: bytes | None, problem: str) -> None:
    """A traceback from a library, or a vague text, would fail this."""
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(AudioFileError) as caught:
        load_audio(path)
    assert caught.value.problem == problem


def test_a_folder_is_refused(tmp_path: Path) -> None:
    """A folder given by mistake gets a sentence, not a permission error."""
    with pytest.raises(AudioFileError, match="is a folder, expected an audio file"):
        load_audio(tmp_path)


def test_a_file_without_samples_is_refused(tmp_path: Path) -> None:
    """A header without audio would otherwise become a session that never hears anything."""
    soundfile.write(tmp_path / "a.wav", np.zeros(0, dtype=np.float32), 16_000)
    with pytest.raises(AudioFileError, match="holds no samples, expected at least 1"):
        load_audio(tmp_path / "a.wav")


def test_more_than_an_hour_is_refused(tmp_path: Path) -> None:
    """A file too long for memory must be refused before it is read."""
    soundfile.write(tmp_path / "a.flac", np.zeros(3_601 * 8, dtype=np.int16), 8)
    with pytest.raises(AudioFileError, match="lasts 3601 s, expected at most 3600 s"):
        load_audio(tmp_path / "a.flac")


def test_samples_that_are_not_numbers_are_refused(tmp_path: Path) -> None:
    """NaN would spread silently through every level and every score."""
    bad = np.array([0.0, np.nan, 0.0], dtype=np.float32)
    soundfile.write(tmp_path / "a.wav", bad, 16_000, subtype="FLOAT")
    with pytest.raises(AudioFileError, match="holds samples that are not numbers"):
        load_audio(tmp_path / "a.wav")
    with pytest.raises(ParameterError, match="samples hold values that are not numbers"):
        save_flac(tmp_path / "b.flac", bad, 16_000)


def test_a_wrong_shape_or_rate_or_place_is_refused(tmp_path: Path) -> None:
    """Stereo handed to a mono writer, a zero rate, or a missing folder must each be named."""
    with pytest.raises(ParameterError, match=r"samples have shape \(4, 2\), expected \(n,\)"):
        save_flac(tmp_path / "a.flac", np.zeros((4, 2), dtype=np.float32), 16_000)
    soundfile.write(tmp_path / "a.wav", tone(), 16_000)
    with pytest.raises(ParameterError, match="rate is 0 Hz, expected at least 1"):
        load_audio(tmp_path / "a.wav", rate=0)
    with pytest.raises(AudioFileError, match="can't be written"):
        save_flac(tmp_path / "no" / "a.flac", tone(), 16_000)
