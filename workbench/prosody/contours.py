"""How f0 and level move through an utterance."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workbench.audio.levels import SILENT
from workbench.core.audio import Samples
from workbench.errors import ParameterError

STEP = 0.01
"""Seconds between the frames of every contour."""

LOW, HIGH = 65.0, 400.0
"""Range in Hz in which f0 is looked for unless told otherwise; it covers most adult voices."""

_RATE = 16_000  # f0 is looked for at this rate: what lies above 8 kHz says nothing of it
_PERIODS = 3.25  # of the lowest f0 in a frame: pYIN needs two and a bit
_FINE_PERIODS = 3.0  # of the lowest f0 in the window of the refinement, as Praat takes
_NEAR = 0.06  # how far, as a share, the refinement may move: pYIN works in steps of a tenth of a semitone
_BATCH = 512  # frames refined at once

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Contour:
    """The f0 of one utterance over time; both arrays have shape (frames,)."""

    at: Floats
    """Frame centres in seconds from the first sample, :data:`STEP` apart."""
    f0_hz: Floats
    """NaN where nothing is voiced."""

    @property
    def voiced(self) -> npt.NDArray[np.bool_]:
        """Return which frames are voiced."""
        return np.isfinite(self.f0_hz)

    def at_times(self, times: npt.ArrayLike) -> Floats:
        """Return f0 at ``times``, between frames linearly; NaN beside an unvoiced frame or outside."""
        result = np.interp(np.asarray(times, float), self.at, self.f0_hz, left=np.nan, right=np.nan)
        return np.asarray(result)


def f0_contour(samples: Samples, rate: int, *, low: float = LOW, high: float = HIGH) -> Contour:
    """Estimate the f0 contour of one utterance.

    pYIN finds voicing and f0 to a tenth of a semitone (librosa); each value is then moved to the nearest peak
    of the frame's autocorrelation, divided by that of its window, to a fraction of a sample. On human
    recordings in ten languages the values are within 0.3 % of Praat's (median of the frames both call
    voiced), with few octave errors; fewer frames are called voiced: of Praat's about four in five, in noise
    down to one in five (``benchmarks/prosody.py``). Takes about a tenth of the recording's length on one
    core, and a second or two more the first time.

    Parameters
    ----------
    samples : float array, shape (n,), in -1..1
    rate : sample rate in Hz
    low, high : search range in Hz; a range narrowed to the speaker avoids octave errors

    Returns
    -------
    Contour
        No frame is voiced in silence and in steady noise.

    Raises
    ------
    ParameterError
        If the range is empty, not within 30..1000 Hz or above half the rate, there are fewer samples than
        one frame, or some are not numbers.

    Source: Mauch & Dixon (2014), pYIN; Boersma (1993), the division by the window's autocorrelation.
    """
    import librosa
    import soxr

    if not 30 <= low < high <= min(1000.0, rate / 2):
        raise ParameterError(f"f0 range is {low:g} to {high:g} Hz, expected a range within 30 to 1000")
    frame = 2 * round(_PERIODS * _RATE / low / 2)
    if len(samples) < frame / _RATE * rate:
        raise ParameterError(
            f"samples last {len(samples) / rate:.3f} s, expected at least {frame / _RATE:.3f} s for f0"
        )
    if not np.isfinite(samples).all():
        raise ParameterError("samples hold values that are not numbers")
    sound = np.asarray(samples, dtype=np.float64)
    if rate != _RATE:
        sound = np.asarray(soxr.resample(sound, rate, _RATE))
    found, _, _ = librosa.pyin(
        sound, fmin=low, fmax=high, sr=_RATE, frame_length=frame, hop_length=round(STEP * _RATE)
    )
    at: Floats = np.arange(len(found), dtype=np.float64) * STEP
    return Contour(at=at, f0_hz=_refined(sound, np.asarray(found, dtype=np.float64), at, low))


def energy_contour(samples: Samples, rate: int) -> Floats:
    """Return the level around each frame of a contour in dBFS, shape (frames,).

    Root mean square under a Hann window of 32 ms; :data:`workbench.audio.levels.SILENT` for digital silence.
    Frames lie as those of :func:`f0_contour`.
    """
    count = int(len(samples) / rate / STEP) + 1
    if not len(samples):
        return np.full(count, SILENT)
    width = max(3, round(0.032 * rate)) | 1
    shape = np.hanning(width + 2)[1:-1]
    whole = np.convolve(np.square(samples, dtype=np.float64), shape / shape.sum(), mode="full")
    power = whole[width // 2 : width // 2 + len(samples)]
    places = np.minimum(np.round(np.arange(count) * STEP * rate).astype(int), len(samples) - 1)
    return np.asarray(np.maximum(10 * np.log10(np.maximum(power[places], 1e-30)), SILENT))


def _refined(sound: Floats, f0_hz: Floats, at: Floats, low: float) -> Floats:
    """Return ``f0_hz`` with every voiced frame moved to the peak of its autocorrelation nearby."""
    width = round(_FINE_PERIODS * _RATE / low)
    padded = np.pad(sound, width)
    window = np.hanning(width + 2)[1:-1]
    size = 1 << int(np.ceil(np.log2(2 * width)))
    own = np.fft.irfft(np.abs(np.fft.rfft(window, size)) ** 2)[:width]
    refined = f0_hz.copy()
    voiced = np.flatnonzero(np.isfinite(f0_hz))
    for first in range(0, len(voiced), _BATCH):
        places = voiced[first : first + _BATCH]
        starts = np.round(at[places] * _RATE).astype(int) - width // 2 + width
        frames = padded[starts[:, None] + np.arange(width)]
        frames = (frames - frames.mean(axis=1, keepdims=True)) * window
        power = np.abs(np.fft.rfft(frames, size, axis=1)) ** 2
        likeness = np.fft.irfft(power, axis=1)[:, :width] / own
        for place, row in zip(places, likeness, strict=True):
            refined[place] = _nearest_peak(row, _RATE / f0_hz[place])
    return refined


def _nearest_peak(likeness: Floats, period: float) -> float:
    """Return f0 in Hz at the highest peak near ``period`` samples; that of ``period`` if there is none."""
    lowest, highest = int(period * (1 - _NEAR)), int(np.ceil(period * (1 + _NEAR)))
    lowest, highest = max(1, min(lowest, round(period) - 1)), min(highest, len(likeness) - 2)
    top = lowest + int(np.argmax(likeness[lowest : highest + 1]))
    if top in (lowest, highest):
        return _RATE / period
    before, here, after = likeness[top - 1 : top + 2]
    return float(_RATE / (top + 0.5 * (before - after) / (before - 2 * here + after)))
