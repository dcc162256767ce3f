"""Any audio file as mono samples, and samples as a FLAC file."""

from pathlib import Path

import numpy as np
import soundfile
import soxr

from workbench.core.audio import Samples
from workbench.errors import AudioFileError, ParameterError

LONGEST = 3600.0
"""Seconds of audio a file may hold."""

_FULL_SCALE = 32_767 / 32_768  # the largest positive 16-bit value; -1 itself is representable


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


def load_audio_with_rate(path: Path | str) -> tuple[Samples, int]:
    """Return a file's samples as mono and the file's sample rate in Hz; raises as :func:`load_audio`."""
    path = Path(path)
    if path.is_dir():
        raise AudioFileError(path, "is a folder, expected an audio file")
    if not path.exists():
        raise AudioFileError(path, "no such file")
    if not path.stat().st_size:
        raise AudioFileError(path, "holds no bytes, expected audio")
    try:
        with soundfile.SoundFile(path) as file:
            own = int(file.samplerate)
            if file.frames > LONGEST * own:
                raise AudioFileError(
                    path, f"lasts {file.frames / own:.0f} s, expected at most {LONGEST:.0f} s"
                )
            read, whole = file.read(dtype="float32"), file.subtype.startswith("PCM")
    except (soundfile.SoundFileError, OSError, TypeError) as error:  # TypeError: headerless, by its name
        raise AudioFileError(path, f"can't be read as audio: {_cause(error)}") from error
    if not len(read):
        raise AudioFileError(path, "holds no samples, expected at least 1")
    samples: Samples = read if read.ndim == 1 else read.mean(axis=1, dtype=np.float32)
    if not whole and not np.isfinite(samples).all():  # whole numbers always are
        raise AudioFileError(path, "holds samples that are not numbers")
    return samples, own


def save_flac(path: Path | str, samples: Samples, rate: int) -> int:
    """Write mono samples as a 16-bit FLAC file and return how many had to be clipped.

    Parameters
    ----------
    path : where to write; an existing file is replaced
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
        raise AudioFileError(path, f"can't be written: {_cause(error)}") from error
    return clipped


def _cause(error: Exception) -> str:
    """Return libsndfile's own words, without the path it repeats."""
    text = getattr(error, "error_string", None) or getattr(error, "strerror", None) or type(error).__name__
    return str(text).strip().rstrip(".").lower()
