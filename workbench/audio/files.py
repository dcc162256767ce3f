"""Any audio file as mono samples, and samples as a FLAC file."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import soundfile
import soxr

from workbench.core.audio import Samples
from workbench.errors import AudioFileError, ParameterError

LONGEST = 3600.0
"""Seconds of audio a file may hold."""

_FULL_SCALE = 32_767 / 32_768  # the largest positive 16-bit value; -1 itself is representable


@dataclass(frozen=True, slots=True)
class Content:
    """What is in a file, where it can't be read from the file itself."""

    path: Path
    """What errors call it."""
    data: bytes = field(repr=False)


def load_audio(path: Path | str, *, rate: int | None = None) -> Samples:
    """Return a file's samples as mono, at its own sample rate or at ``rate``.

    Parameters
    ----------
    path : whatever libsndfile reads: WAV (mu-law too), FLAC, OGG, Opus, MP3, AIFF, ...
    rate : sample rate in Hz to convert to; None keeps the file's

    Returns
    -------
    float array, shape (n,), nominally in -1..1
        Channels are averaged. Files with float samples, and resampling, may slightly exceed 1.

    Raises
    ------
    AudioFileError
        If there is no such file, it is not audio, holds no samples, samples that are not numbers,
        or more than an hour.
    ParameterError
        If ``rate`` is below 1 Hz.
    """
    if rate is not None and rate < 1:
        raise ParameterError(f"rate is {rate} Hz, expected at least 1")
    samples, own = load_audio_with_rate(path)
    if rate is None or rate == own:
        return samples
    return np.ascontiguousarray(soxr.resample(samples, own, rate), dtype=np.float32)


def load_audio_with_rate(source: Path | str | Content) -> tuple[Samples, int]:
    """Return a file's samples as mono and the file's sample rate in Hz; raises as :func:`load_audio`."""
    path = _path(source)
    with _opened(source) as file:
        own = int(file.samplerate)
        if file.frames > LONGEST * own:
            raise AudioFileError(path, f"lasts {file.frames / own:.0f} s, expected at most {LONGEST:.0f} s")
        samples = _mono(path, file, -1)
    if not len(samples):
        raise AudioFileError(path, "holds no samples, expected at least 1")
    return samples, own


def load_window(source: Path | str | Content, first: int, last: int) -> Samples:
    """Return the samples ``first`` to ``last``, exclusive, of a file as mono; fewer where it ends.

    Raises as :func:`load_audio`; a window without samples is empty.
    """
    path = _path(source)
    with _opened(source) as file:
        first, last = min(max(0, first), file.frames), min(last, file.frames)
        if last <= first:
            return np.zeros(0, np.float32)
        file.seek(first)
        return _mono(path, file, last - first)


def length_and_rate(source: Path | str | Content) -> tuple[int, int]:
    """Return how many samples a file has, and its sample rate in Hz; raises as :func:`load_audio`."""
    with _opened(source) as file:
        return int(file.frames), int(file.samplerate)


@contextmanager
def _opened(source: Path | str | Content) -> Iterator[soundfile.SoundFile]:
    """Open an audio file, and say what is wrong with it in our words."""
    path = _path(source)
    held = source.data if isinstance(source, Content) else None
    if held is not None:
        if not held:
            raise AudioFileError(path, "holds no bytes, expected audio")
    elif path.is_dir():
        raise AudioFileError(path, "is a folder, expected an audio file")
    elif not path.exists():
        raise AudioFileError(path, "no such file")
    elif not path.stat().st_size:
        raise AudioFileError(path, "holds no bytes, expected audio")
    try:
        with soundfile.SoundFile(path if held is None else io.BytesIO(held)) as file:
            yield file
    except (soundfile.SoundFileError, OSError, TypeError) as error:  # TypeError: headerless, by its name
        raise AudioFileError(path, f"can't be read as audio: {_cause(error)}") from error


def _path(source: Path | str | Content) -> Path:
    return source.path if isinstance(source, Content) else Path(source)


def _mono(path: Path, file: soundfile.SoundFile, count: int) -> Samples:
    """Return the next ``count`` samples, or all, as mono."""
    read = file.read(count, dtype="float32")
    samples: Samples = read if read.ndim == 1 else read.mean(axis=1, dtype=np.float32)
    whole = file.subtype.startswith("PCM")  # whole numbers are always numbers
    if not whole and not np.isfinite(samples).all():
        raise AudioFileError(path, "holds samples that are not numbers")
    return samples


def save_flac(path: Path | str | io.BytesIO, samples: Samples, rate: int) -> int:
    """Write mono samples as a 16-bit FLAC file and return how many had to be clipped.

    Parameters
    ----------
    path : where to write; an existing file is replaced, into memory it is written where that stands
    samples : float array, shape (n,); what lies outside -1..1 is clipped and counted
    rate : sample rate in Hz, 1..655350

    Raises
    ------
    ParameterError
        If the samples are not mono or not numbers.
    AudioFileError
        If the file can't be written.
    """
    if samples.ndim != 1:
        raise ParameterError(f"samples have shape {samples.shape}, expected (n,)")
    if not np.isfinite(samples).all():
        raise ParameterError("samples hold values that are not numbers")
    clipped = int(np.count_nonzero((samples > 1.0) | (samples < -1.0)))
    whole = np.rint(np.clip(samples, -1.0, _FULL_SCALE) * 32_768).astype(np.int16)
    try:
        soundfile.write(path, whole, rate, format="FLAC", subtype="PCM_16")
    except (soundfile.SoundFileError, OSError) as error:
        place = "a track in memory" if isinstance(path, io.BytesIO) else path
        raise AudioFileError(place, f"can't be written: {_cause(error)}") from error
    return clipped


def _cause(error: Exception) -> str:
    """Return libsndfile's own words, without the path it repeats."""
    text = getattr(error, "error_string", None) or getattr(error, "strerror", None) or type(error).__name__
    return str(text).strip().rstrip(".").lower()
