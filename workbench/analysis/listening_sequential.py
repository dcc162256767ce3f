"""Whether enough have listened: evidence that may be looked at after each answer.

The unit is the listener: each brings one score of 0 to 1 (how often they preferred the first system). Nothing
is assumed of how listeners differ, only that they are drawn alike. Each is a bet against "the mean is m"; the
capital of a fair bet exceeds 1/alpha ever, at any look, with a probability of at most alpha. So does a test
stay valid that is looked at after each listener and stopped when its answer is clear.

Where all answers are independent (one listener, or nobody can tell a difference), single answers may be bets.

Source: Waudby-Smith & Ramdas (2024), Estimating means of bounded random variables by betting; Ville (1939);
for single answers Robbins (1970).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt
from scipy.special import betainc, betaln

from workbench.analysis.risk import Interval
from workbench.errors import ParameterError

Floats = npt.NDArray[np.float64]

_BETS = np.concatenate([-np.linspace(0.05, 0.95, 19)[::-1], np.linspace(0.05, 0.95, 19)])
"""Shares of the largest bet that can't lose more than all; each has the same part of the capital."""
_LOG_MAX = 700.0
"""Above this a capital is beyond what a number holds."""
_MEANS = np.linspace(0.0, 1.0, 501)


class Stop(StrEnum):
    """What may be said by now."""

    FIRST = "first"
    """The first is preferred."""
    SECOND = "second"
    ALIKE = "alike"
    """The mean lies within what makes no difference."""
    GO_ON = "go on"


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What the scores so far come to."""

    stop: Stop
    after: int
    """Scores until then; all of them if the test goes on."""
    mean: Interval
    """Of those scores, with an interval that holds the truth at all looks together."""
    e_value: float
    """Largest capital against "no difference" so far."""


def e_values(scores: Sequence[float] | Floats, *, mean: float = 0.5) -> Floats:
    """Return the capital against "the mean is ``mean``" after each score; rows of scores are panels.

    Raises
    ------
    ParameterError
        If a score is not in 0..1.
    """
    found = np.asarray(scores, dtype=np.float64)
    if found.size and not (np.isfinite(found).all() and found.min() >= 0 and found.max() <= 1):
        raise ParameterError("scores reach beyond 0..1, expected shares")
    bets = _bets(np.array([mean]))[0]
    parts = np.log1p((found[..., None] - mean) * bets).cumsum(axis=-2)
    return np.asarray(np.exp(_log_mean(parts)))


def confidence_sequence(scores: Sequence[float], *, alpha: float = 0.05) -> Floats:
    """Return low and high after each score, shape (scores, 2): with 1 - alpha all hold the mean together."""
    found = np.asarray(scores, dtype=np.float64)
    if not found.size:
        return np.zeros((0, 2))
    held = np.maximum.accumulate(_log_capital(found, _MEANS), axis=1) < -math.log(alpha)
    any_left = held.any(axis=0)
    held[:, ~any_left] = held[:, [max(0, int(any_left.sum()) - 1)]]  # none is left: the last that were
    first = np.argmax(held, axis=0)
    last = len(_MEANS) - 1 - np.argmax(held[::-1], axis=0)
    step = _MEANS[1]
    low, high = _MEANS[first] - step, _MEANS[last] + step  # what lies between two means tried is kept
    return np.column_stack([np.maximum(low, 0), np.minimum(high, 1)])


def decide(scores: Sequence[float], *, alpha: float = 0.05, alike: float = 0.0) -> Evidence:
    """Return whether the scores so far are enough, and since which.

    Parameters
    ----------
    alpha : how often, at most, a difference is claimed where there is none, however often one looks
    alike : means within 0.5 +- this make no difference; with 0 a test is never stopped for that
    """
    if not 0 < alpha < 1:
        raise ParameterError(f"alpha is {alpha:g}, expected above 0 and below 1")
    capital = e_values(scores)
    ends = confidence_sequence(scores, alpha=alpha)
    found = np.asarray(scores, dtype=np.float64)
    for place, (low, high) in enumerate(ends):
        if capital[place] >= 1 / alpha:
            stop = Stop.FIRST if found[: place + 1].mean() > 0.5 else Stop.SECOND
        elif low >= 0.5 - alike and high <= 0.5 + alike:
            stop = Stop.ALIKE
        else:
            continue
        return _evidence(stop, place + 1, found, ends, capital)
    return _evidence(Stop.GO_ON, len(found), found, ends, capital)


def _evidence(stop: Stop, after: int, scores: Floats, ends: Floats, capital: Floats) -> Evidence:
    if not after:
        return Evidence(stop=stop, after=0, mean=Interval(math.nan, 0.0, 1.0), e_value=1.0)
    low, high = ends[after - 1]
    mean = Interval(float(scores[:after].mean()), float(low), float(high))
    return Evidence(stop=stop, after=after, mean=mean, e_value=float(capital[:after].max()))


def _bets(means: Floats) -> Floats:
    """Return the bets against each mean, shape (means, bets): none can lose more than all."""
    tiny = 1e-12
    ups, downs = 1 / np.maximum(means, tiny), 1 / np.maximum(1 - means, tiny)
    return np.where(_BETS > 0, _BETS * ups[:, None], _BETS * downs[:, None])


def _log_capital(scores: Floats, means: Floats) -> Floats:
    """Return the log of the capital against each mean after each score, shape (means, scores).

    A bet of ``b`` against ``m`` multiplies its part by ``1 + b (score - m)``: 1 on average if ``m`` is true.
    """
    bets = _bets(means)
    parts = np.zeros_like(bets)
    found = np.empty((len(means), len(scores)))
    for place, score in enumerate(scores):
        parts += np.log1p(bets * (score - means)[:, None])
        found[:, place] = _log_mean(parts)
    return found


def _log_mean(logs: Floats) -> Floats:
    """Return the log of the mean over the last axis."""
    top = logs.max(axis=-1)
    return np.asarray(top + np.log(np.exp(logs - top[..., None]).mean(axis=-1)))


def coin_e_value(first: int, second: int) -> float:
    """Return the capital against "both are chosen alike" after single, independent answers.

    The mean over all chances, each as likely, of their likelihood over a fair coin's. Ties are left out.
    """
    total = first + second
    log = float(betaln(first + 1, second + 1)) + total * math.log(2)
    return math.exp(log) if log < _LOG_MAX else math.inf


def guess_e_value(right: int, wrong: int) -> float:
    """Return the capital against guessing in an ABX test: the same over chances above one half only."""
    above = 1 - float(betainc(right + 1, wrong + 1, 0.5))
    return 2 * above * coin_e_value(right, wrong)
