"""What an f0 contour amounts to: its median, its range, how it falls; and contours in semitones."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workbench.errors import ParameterError
from workbench.prosody.contours import Contour, Floats

_LEAST_VOICED = 5  # frames below which a median says nothing
_LEAST_FALL = 0.3  # seconds of voiced span below which a slope says nothing
_ENDS = (0.05, 0.95)  # quantiles between which the range lies: octave errors stay outside


@dataclass(frozen=True, slots=True, kw_only=True)
class PitchFigures:
    """One contour in numbers; NaN where there is too little voice for them."""

    median_hz: float
    range_semitones: float
    """From the 5th to the 95th percentile."""
    deviation_semitones: float
    """Standard deviation around the mean in semitones."""
    declination: float
    """Semitones a second, negative when f0 falls: the median slope between all pairs of voiced frames."""
    voiced: float
    """Share of frames that are voiced, 0..1."""


def semitones(f0_hz: npt.ArrayLike, reference_hz: float) -> Floats:
    """Return how far ``f0_hz`` is above ``reference_hz`` in semitones; NaN stays NaN.

    >>> semitones([110.0, 220.0, 233.08], 110.0).round(2).tolist()
    [0.0, 12.0, 13.0]
    """
    if not (math.isfinite(reference_hz) and reference_hz > 0):
        raise ParameterError(f"reference is {reference_hz:g} Hz, expected more than 0")
    return np.asarray(12 * np.log2(np.asarray(f0_hz, dtype=np.float64) / reference_hz))


def pitch_figures(contour: Contour) -> PitchFigures:
    """Return what ``contour`` amounts to.

    The slope is robust to octave errors and to accents at one end. Source: Theil (1950), Sen (1968).
    """
    from scipy.stats import theilslopes

    voiced = contour.voiced
    share = float(np.mean(voiced)) if len(voiced) else 0.0
    if np.count_nonzero(voiced) < _LEAST_VOICED:
        nan = math.nan
        return PitchFigures(
            median_hz=nan, range_semitones=nan, deviation_semitones=nan, declination=nan, voiced=share
        )
    median = float(np.median(contour.f0_hz[voiced]))
    heights = semitones(contour.f0_hz[voiced], median)
    low, high = np.quantile(heights, _ENDS)
    at = contour.at[voiced]
    lasting = at[-1] - at[0] >= _LEAST_FALL
    return PitchFigures(
        median_hz=median,
        range_semitones=float(high - low),
        deviation_semitones=float(np.std(heights)),
        declination=float(theilslopes(heights, at).slope) if lasting else math.nan,
        voiced=share,
    )
