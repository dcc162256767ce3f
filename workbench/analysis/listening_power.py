"""How many listeners are needed: with a number fixed before, and when one looks after each."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import nct, t as student

from workbench.analysis.listening_sequential import e_values
from workbench.errors import ParameterError

LISTENERS_MAX = 400
PANELS = 400
"""Panels simulated to see how many listeners a test that is looked at needs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Needed:
    """How many listeners find a preference."""

    fixed: int | None
    """Decided before and not looked at until then: Student's test; None if above ``LISTENERS_MAX``."""
    median: int | None
    """Looked at after each: half the panels are done by then; None if above."""
    peeking: int | None
    """Looked at after each: a share of ``power`` of the panels are done by then."""


def spread_of_shares(preference: float, answers: int, *, between: float = 0.0) -> float:
    """Return the standard deviation of listeners' shares.

    Parameters
    ----------
    preference : mean share, 0..1
    answers : how many a share is of
    between : standard deviation of listeners' own preferences around the mean
    """
    own = min(between**2, preference * (1 - preference))
    return math.sqrt(own + max(0.0, preference * (1 - preference) - own) / answers)


def fixed_listeners(
    difference: float, spread: float, *, alpha: float = 0.05, power: float = 0.8
) -> int | None:
    """Return the fewest listeners with which Student's two-sided test finds a mean difference.

    Parameters
    ----------
    difference, spread : mean and standard deviation over listeners, in one unit

    >>> fixed_listeners(0.5, 1.0)
    34
    """
    _check(alpha, power)
    if not difference or spread < 0 or not math.isfinite(spread):
        raise ParameterError(
            f"a difference of {difference:g} with a spread of {spread:g} can't be planned for, expected a "
            "difference and a spread of at least 0"
        )
    for count in range(2, LISTENERS_MAX + 1):
        if not spread:
            return count
        limit = student.ppf(1 - alpha / 2, count - 1)
        away = abs(difference) / spread * math.sqrt(count)
        if 1 - nct.cdf(limit, count - 1, away) + nct.cdf(-limit, count - 1, away) >= power:
            return count
    return None


def needed(
    preference: float,
    *,
    answers: int,
    between: float = 0.15,
    alpha: float = 0.05,
    power: float = 0.8,
    seed: int = 0,
) -> Needed:
    """Return how many listeners find that a share of ``preference`` prefer the first of two.

    Parameters
    ----------
    preference : smallest share worth finding, above or below 0.5
    answers : counted answers to the pair from each listener
    between : standard deviation of listeners' own preferences; 0.15 is a guess, better take it from a pilot

    Raises
    ------
    ParameterError
        If there is nothing to find, or no such preferences can be.
    """
    _check(alpha, power)
    if not 0 < preference < 1 or preference == 0.5 or answers < 1:
        raise ParameterError(
            f"a preference of {preference:g} in {answers} answers can't be planned for, expected 0 to 1, not "
            "0.5, and an answer"
        )
    fixed = fixed_listeners(
        preference - 0.5, spread_of_shares(preference, answers, between=between), alpha=alpha, power=power
    )
    rng = np.random.default_rng(seed)
    own = own_preferences(rng, preference, between, (PANELS, LISTENERS_MAX))
    return _looked_at(rng.binomial(answers, own) / answers, fixed, alpha=alpha, power=power)


def more_listeners(
    scores: Sequence[float],
    *,
    preference: float | None = None,
    alpha: float = 0.05,
    power: float = 0.8,
    seed: int = 0,
) -> Needed:
    """Return how many listeners in all a test like this one needs, from those who have answered.

    Listeners to come are drawn from those there are, moved so that their mean is ``preference``; what is
    found with the mean of few listeners itself (the default) tends to promise too much.

    Parameters
    ----------
    scores : each listener's share of preferring the first

    Raises
    ------
    ParameterError
        If there are fewer than three listeners, or there is nothing to find.
    """
    _check(alpha, power)
    found = np.asarray(scores, dtype=np.float64)
    if len(found) < 3:
        raise ParameterError(f"{len(found)} listeners have answered, expected 3 to plan with")
    mean = float(found.mean()) if preference is None else preference
    if not 0 < mean < 1 or mean == 0.5:
        raise ParameterError(f"a preference of {mean:g} can't be planned for, expected 0 to 1, not 0.5")
    moved = np.clip(found + mean - found.mean(), 0, 1)
    fixed = fixed_listeners(mean - 0.5, float(found.std(ddof=1)), alpha=alpha, power=power)
    rng = np.random.default_rng(seed)
    drawn = rng.choice(moved, size=(PANELS, LISTENERS_MAX))
    return _looked_at(drawn, fixed, alpha=alpha, power=power)


def own_preferences(
    rng: np.random.Generator, mean: float, between: float, shape: tuple[int, ...]
) -> npt.NDArray[np.float64]:
    """Return listeners' own preferences: a beta distribution of that mean and standard deviation."""
    if not between:
        return np.full(shape, mean)
    both = mean * (1 - mean) / between**2 - 1
    if both <= 0:
        raise ParameterError(
            f"preferences around {mean:g} can't have a standard deviation of {between:g}, expected less than "
            f"{math.sqrt(mean * (1 - mean)):.2f}"
        )
    return rng.beta(mean * both, (1 - mean) * both, size=shape)


def _looked_at(scores: npt.NDArray[np.float64], fixed: int | None, *, alpha: float, power: float) -> Needed:
    """Return when panels, shape (panels, listeners), are done if one looks after each listener."""
    reached = e_values(scores) >= 1 / alpha
    order = np.sort(np.where(reached.any(axis=1), reached.argmax(axis=1) + 1, LISTENERS_MAX + 1))

    def by(share: float) -> int | None:
        count = int(order[math.ceil(share * len(order)) - 1])
        return count if count <= LISTENERS_MAX else None

    return Needed(fixed=fixed, median=by(0.5), peeking=by(power))


def _check(alpha: float, power: float) -> None:
    if not (0 < alpha < 1 and 0 < power < 1):
        raise ParameterError(f"alpha is {alpha:g} and power {power:g}, expected both between 0 and 1")
