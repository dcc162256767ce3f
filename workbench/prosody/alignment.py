"""The same sentence from two voices, side by side: which moment of one is which of the other."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workbench.core.audio import Samples
from workbench.errors import ParameterError
from workbench.prosody.contours import STEP, Contour, Floats
from workbench.prosody.pitch import semitones

LONGEST = 60.0
"""Seconds of speech that can be aligned; the work grows with the product of both lengths."""

_RATE = 16_000
_LEAST = 5  # frames voiced in both, below which contours can't be compared


@dataclass(frozen=True, slots=True)
class Alignment:
    """Moments that belong together; both arrays have shape (pairs,) and never fall."""

    one: Floats
    """Seconds in the first recording."""
    other: Floats
    """Seconds in the second."""

    def to_other(self, times: npt.ArrayLike) -> Floats:
        """Return where moments of the first recording lie in the second."""
        return _through(self.one, self.other, times)

    def to_one(self, times: npt.ArrayLike) -> Floats:
        """Return where moments of the second recording lie in the first."""
        return _through(self.other, self.one, times)


@dataclass(frozen=True, slots=True, kw_only=True)
class ContourDifference:
    """How alike two melodies are once voice height and tempo are set aside; NaN with too little voice."""

    rms_semitones: float
    """Root mean square distance, each contour around its own median."""
    correlation: float
    """Pearson's, -1..1."""
    frames: int
    """Frames compared: voiced in both."""


def align(one: Samples, other: Samples, rate: int) -> Alignment:
    """Return which moments of two recordings of the same words belong together.

    Dynamic time warping over twelve mel cepstra (loudness left out), each normalised over its recording so
    that the voice matters less. Of one sentence at two tempi, words are found within some 30 ms (median); in
    another voice within some 60.

    Parameters
    ----------
    one, other : float arrays, shape (n,), of 0.1 to 60 s each, without long silence at the edges
    rate : sample rate of both in Hz

    Raises
    ------
    ParameterError
        If a recording is too short or too long.

    Source: Sakoe & Chiba (1978); Müller (2015), as librosa has it.
    """
    import librosa

    for samples in (one, other):
        if not 0.1 <= len(samples) / rate <= LONGEST:
            raise ParameterError(
                f"samples last {len(samples) / rate:.2f} s, expected 0.1 to {LONGEST:g} to align"
            )
    _, path = librosa.sequence.dtw(_cepstra(one, rate), _cepstra(other, rate), metric="cosine")
    path = path[::-1] * STEP
    return Alignment(path[:, 0].astype(np.float64), path[:, 1].astype(np.float64))


def contour_difference(one: Contour, other: Contour, alignment: Alignment) -> ContourDifference:
    """Return how alike the melodies of two aligned recordings are."""
    if not one.voiced.any() or not other.voiced.any():
        return ContourDifference(rms_semitones=math.nan, correlation=math.nan, frames=0)
    heights = semitones(one.f0_hz, float(np.nanmedian(one.f0_hz)))
    matched = semitones(other.at_times(alignment.to_other(one.at)), float(np.nanmedian(other.f0_hz)))
    both = np.isfinite(heights) & np.isfinite(matched)
    frames = int(np.count_nonzero(both))
    if frames < _LEAST:
        return ContourDifference(rms_semitones=math.nan, correlation=math.nan, frames=frames)
    apart = heights[both] - matched[both]
    moving = min(float(np.std(heights[both])), float(np.std(matched[both]))) > 1e-9
    return ContourDifference(
        rms_semitones=float(np.sqrt(np.mean(apart**2))),
        correlation=float(np.corrcoef(heights[both], matched[both])[0, 1]) if moving else math.nan,
        frames=frames,
    )


def _cepstra(samples: Samples, rate: int) -> Floats:
    import librosa
    import soxr

    sound = np.asarray(samples, dtype=np.float64)
    if rate != _RATE:
        sound = np.asarray(soxr.resample(sound, rate, _RATE))
    mel = librosa.feature.melspectrogram(
        y=sound, sr=_RATE, n_fft=512, hop_length=round(STEP * _RATE), n_mels=40, fmax=7000
    )
    found = librosa.feature.mfcc(S=librosa.power_to_db(mel, top_db=60), n_mfcc=13)[1:]
    spread = found.std(axis=1, keepdims=True)
    return np.asarray((found - found.mean(axis=1, keepdims=True)) / np.maximum(spread, 1e-9) + 1e-6)


def _through(here: Floats, there: Floats, times: npt.ArrayLike) -> Floats:
    """Return ``times`` of ``here`` in ``there``: where one moment meets several, their mean."""
    places, which = np.unique(here, return_inverse=True)
    means = np.bincount(which, weights=there) / np.bincount(which)
    return np.asarray(np.interp(np.asarray(times, dtype=np.float64), places, means))
