"""How large a difference between paired measurements is, in its own unit and against the usual spread.

The pairs are of the same sentence; intervals say what other sentences of the kind might have given.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workbench.analysis.risk import Interval
from workbench.errors import ParameterError

Floats = npt.NDArray[np.float64]

DRAWS = 10_000
"""Bootstrap draws of an interval."""

LEAST = 5
"""Sentences below which no interval is given: a bootstrap of fewer promises too much."""

_SURE = 0.975


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """A mean difference over sentences; ends of intervals are NaN with fewer than :data:`LEAST` of them."""

    difference: Interval
    """In the unit of the values."""
    standardised: Interval
    """Hedges' g: over the mean of both standard deviations between sentences; NaN without any spread."""
    sentences: int


def paired_effect(changed: npt.ArrayLike, reference: npt.ArrayLike, *, seed: int = 0) -> Effect:
    """Return how far ``changed`` lies above ``reference``, both of shape (sentences,) in the same order.

    Pairs with a NaN are left out. Intervals are 95 % percentile intervals over drawn sentences, widened for
    few of them so that they are as wide as Student's where differences are normal.

    Raises
    ------
    ParameterError
        If the shapes differ.

    Source: Hesterberg (2015), the expanded percentile interval; Cumming (2012), Lakens (2013), Hedges' g_av.
    """
    one, other = (np.asarray(values, dtype=np.float64) for values in (changed, reference))
    if one.shape != other.shape or one.ndim != 1:
        raise ParameterError(f"values have shapes {one.shape} and {other.shape}, expected one length")
    known = np.isfinite(one) & np.isfinite(other)
    one, other = one[known], other[known]
    count = len(one)
    value = float(np.mean(one - other)) if count else math.nan
    size = float(_hedges(one, other)) if count > 1 else math.nan
    if count < LEAST:
        return Effect(
            difference=Interval(value, math.nan, math.nan),
            standardised=Interval(size, math.nan, math.nan),
            sentences=count,
        )
    drawn = np.random.default_rng(seed).integers(count, size=(DRAWS, count))
    return Effect(
        difference=Interval(value, *_ends((one - other)[drawn].mean(axis=1), count)),
        standardised=Interval(size, *_ends(_hedges(one[drawn], other[drawn]), count)),
        sentences=count,
    )


def mean_effect(differences: npt.ArrayLike, *, seed: int = 0) -> Interval:
    """Return the mean of ``differences``, shape (sentences,), with its interval as :func:`paired_effect`."""
    values = np.asarray(differences, dtype=np.float64)
    return paired_effect(values, np.zeros_like(values), seed=seed).difference


def through(interval: Interval, change: Callable[[float], float]) -> Interval:
    """Return an interval in another unit; ``change`` must rise."""
    return Interval(change(interval.value), change(interval.low), change(interval.high))


def _hedges(one: Floats, other: Floats) -> Floats:
    """Return g_av along the last axis; NaN where nothing spreads."""
    count = one.shape[-1]
    spread = np.sqrt((one.var(axis=-1, ddof=1) + other.var(axis=-1, ddof=1)) / 2)
    exact = 1 - 3 / (4 * (count - 1) - 1)
    tiny = 1e-9 * (1 + np.abs(other).max(axis=-1))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(spread > tiny, exact * (one - other).mean(axis=-1) / spread, np.nan)


def _ends(draws: Floats, count: int) -> tuple[float, float]:
    from scipy.stats import norm, t

    below = float(norm.cdf(-math.sqrt(count / (count - 1)) * t.ppf(_SURE, count - 1)))
    values = draws[np.isfinite(draws)]
    if not len(values):
        return math.nan, math.nan
    low, high = np.quantile(values, [below, 1 - below])
    return float(low), float(high)
