"""How loud a recording is to a listener, and whether it is clipped."""

import math
from dataclasses import dataclass

import numpy as np

from workbench.core.audio import Samples
from workbench.errors import ParameterError

BLOCK = 0.4
"""Seconds of one block of the measurement; less sound than that has no loudness."""

_FULL = 0.999  # of full scale: 16-bit files reach 32767 of 32768
_RUN = 3  # samples at full scale in a row that are a flat top, not a peak


@dataclass(frozen=True, slots=True)
class Clipping:
    """Flat tops of a recording."""

    runs: int
    """Stretches of three or more samples in a row at full scale."""
    share: float
    """Share of all samples that lie in them, 0..1."""


def loudness_lufs(samples: Samples, rate: int) -> float:
    """Return the integrated loudness of a mono recording in LUFS; NaN if it is silent or under 0.4 s.

    A mono file counts as one front channel: 3 dB less than the same sound from two loudspeakers.

    Raises
    ------
    ParameterError
        If the samples are not mono or not numbers, or the rate is under 8000 Hz.

    Source: ITU-R BS.1770-4, by pyloudnorm.
    """
    import pyloudnorm

    if samples.ndim != 1:
        raise ParameterError(f"samples have shape {samples.shape}, expected (n,)")
    if rate < 8000:
        raise ParameterError(f"rate is {rate} Hz, expected at least 8000 for loudness")
    if not np.isfinite(samples).all():
        raise ParameterError("samples hold values that are not numbers")
    if len(samples) < math.ceil(BLOCK * rate) or not np.any(samples):
        return math.nan
    meter = pyloudnorm.Meter(rate, block_size=BLOCK)
    with np.errstate(divide="ignore", invalid="ignore"):  # blocks of digital silence
        found = float(meter.integrated_loudness(np.asarray(samples, dtype=np.float64)))
    return found if math.isfinite(found) else math.nan


def clipping(samples: Samples) -> Clipping:
    """Return the flat tops in ``samples``, shape (n,): sound that was too loud for its format."""
    full = np.concatenate(([False], np.abs(samples) >= _FULL, [False]))
    edges = np.flatnonzero(np.diff(full.astype(np.int8))).reshape(-1, 2)
    lengths = edges[:, 1] - edges[:, 0]
    flat = lengths[lengths >= _RUN]
    return Clipping(len(flat), float(flat.sum() / len(samples)) if len(samples) else 0.0)
