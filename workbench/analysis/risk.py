"""What can be promised of a policy from a limited number of conversations.

A risk is the expected share of a conversation's turns in which something went wrong. Conversations are taken
as drawn independently from those to come; the turns of one may depend on each other in any way.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import bdtr

from workbench.errors import ParameterError

Floats = npt.NDArray[np.float64]

ENDS = (0.025, 0.975)
"""Quantiles between which a 95 % bootstrap interval lies."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure with its bootstrap confidence interval."""

    value: float
    low: float
    high: float


def bootstrap(
    values: Sequence[float] | Floats,
    owners: Sequence[str],
    *,
    quantile: float | None = None,
    level: float = 0.95,
    draws: int = 1_000,
    seed: int = 0,
) -> Interval:
    """Return the mean (or a quantile) of ``values`` and a percentile interval, resampling whole owners.

    Parameters
    ----------
    values : one a turn; NaN where there is none
    owners : the conversation of each turn
    """
    numbers = np.asarray(values, dtype=np.float64)
    kept = np.isfinite(numbers)
    names, owner = np.unique(np.asarray(owners)[kept], return_inverse=True)
    if not len(names):
        raise ParameterError("there are no values to draw from, expected at least one")
    numbers = numbers[kept]
    held = [numbers[owner == number] for number in range(len(names))]
    rng = np.random.default_rng(seed)
    drawn = rng.integers(len(names), size=(draws, len(names)))
    if quantile is None:
        sums, counts = np.array([one.sum() for one in held]), np.array([len(one) for one in held])
        found = sums[drawn].sum(axis=1) / counts[drawn].sum(axis=1)
        value = float(numbers.mean())
    else:
        found = np.array([np.quantile(np.concatenate([held[o] for o in row]), quantile) for row in drawn])
        value = float(np.quantile(numbers, quantile))
    low, high = np.quantile(found, [(1 - level) / 2, (1 + level) / 2])
    return Interval(value, float(low), float(high))


class Draws:
    """Bootstrap draws of whole owners, made once and used for many figures of the same turns.

    Parameters
    ----------
    owners : the conversation of each turn
    count : draws
    """

    def __init__(self, owners: Sequence[str], *, count: int, seed: int = 0) -> None:
        names, self._owner = np.unique(np.asarray(owners), return_inverse=True)
        self.owners = len(names)
        rng = np.random.default_rng(seed)
        drawn = rng.integers(len(names), size=(count, len(names)))
        self._times = np.stack([np.bincount(row, minlength=len(names)) for row in drawn])

    def mean(self, values: Floats) -> Interval:
        """Return the mean of ``values`` (one a turn, NaN where there is none) and its 95 % interval."""
        kept = np.isfinite(values)
        if not kept.any():
            return Interval(np.nan, np.nan, np.nan)
        sums = np.bincount(self._owner, np.where(kept, values, 0.0), minlength=self.owners)
        counts = np.bincount(self._owner, kept, minlength=self.owners)
        total = self._times @ counts
        found = (self._times @ sums)[total > 0] / total[total > 0]
        low, high = np.quantile(found, ENDS)
        return Interval(float(values[kept].mean()), float(low), float(high))

    def quantiles(self, values: Floats, wanted: Sequence[float]) -> tuple[Interval, ...]:
        """Return quantiles of ``values``, interpolated linearly, and their 95 % intervals."""
        kept = np.flatnonzero(np.isfinite(values))
        if not len(kept):
            return tuple(Interval(np.nan, np.nan, np.nan) for _ in wanted)
        order = kept[np.argsort(values[kept])]
        rising = values[order]
        until = np.cumsum(self._times[:, self._owner[order]], axis=1)  # values drawn up to each, by draw
        until = until[until[:, -1] > 0]
        result = []
        for share in wanted:
            place = share * (until[:, -1] - 1)
            whole = np.floor(place)
            lower, upper = (
                rising[np.minimum((until <= which[:, None]).sum(axis=1), len(rising) - 1)]
                for which in (whole, whole + 1)
            )
            found = lower + (place - whole) * (upper - lower)
            low, high = np.quantile(found, ENDS)
            result.append(Interval(float(np.quantile(rising, share)), float(low), float(high)))
        return tuple(result)


def pareto(costs: Floats) -> npt.NDArray[np.bool_]:
    """Return which rows no other row is better than: nowhere worse and somewhere better; less is better.

    Parameters
    ----------
    costs : shape (rows, criteria)
    """
    order = np.lexsort(costs.T[::-1])
    best = np.zeros(len(costs), np.bool_)
    front: list[int] = []
    for row in order:
        held = costs[front]
        beaten = np.all(held <= costs[row], axis=1) & np.any(held < costs[row], axis=1)
        if not beaten.any():
            front.append(int(row))
    best[front] = True
    return best


def p_value(losses: Floats, limit: float) -> Floats:
    """Return how likely losses as small as these are if the risk is above ``limit``: Hoeffding-Bentkus.

    Exact (Clopper-Pearson) where every loss is 0 or 1.

    Parameters
    ----------
    losses : shape (..., conversations), each 0..1

    Source: Angelopoulos, Bates, Candes, Jordan, Lei (2021), Learn then Test; Bates et al. (2021).
    """
    count = losses.shape[-1]
    if not count or not 0 < limit < 1:
        raise ParameterError(
            f"a limit of {limit} is tested on {count} conversations, expected above 0, below 1, and some"
        )
    mean = losses.mean(axis=-1)
    below = np.minimum(mean, limit)
    hoeffding = np.exp(-count * _divergence(below, limit))
    total = np.ceil(np.round(losses.sum(axis=-1), 6))
    exact = bdtr(total, count, limit)
    whole = np.all((losses == 0) | (losses == 1), axis=-1)
    return np.asarray(np.where(whole, exact, np.minimum(1.0, np.minimum(hoeffding, np.e * exact))))


def conversations_needed(rate: float, limit: float, *, doubt: float) -> int | None:
    """Return how many conversations with losses at ``rate`` prove a risk below ``limit``, by Hoeffding.

    None when no number would: the rate is not below the limit.
    """
    if rate >= limit:
        return None
    return int(np.ceil(-np.log(doubt) / _divergence(np.array(rate), limit)))


def _divergence(rate: Floats, limit: float) -> Floats:
    """Return the relative entropy of coins that fall with ``rate`` and with ``limit``."""
    with np.errstate(divide="ignore", invalid="ignore"):
        first = np.where(rate > 0, rate * np.log(rate / limit), 0.0)
        second = np.where(rate < 1, (1 - rate) * np.log((1 - rate) / (1 - limit)), 0.0)
    return np.asarray(first + second)
