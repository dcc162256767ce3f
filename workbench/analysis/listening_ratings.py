"""What ratings come to: means by system with intervals over listeners, and their differences."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from scipy.stats import norm, rankdata, t as student, wilcoxon

from workbench.analysis.listening import Role
from workbench.analysis.listening_answers import Answer
from workbench.analysis.risk import Interval, bootstrap
from workbench.errors import ParameterError

FEWEST = 3
"""Listeners below which an interval over listeners has no ends."""


EXACT_MAX = 50
"""Differences up to which a signed-rank test counts all ways to set the signs."""


@dataclass(frozen=True, slots=True)
class Rating:
    """One score of one sound."""

    listener: str
    system: str
    item: str
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Rated:
    """What a system was rated."""

    system: str
    mean: Interval
    """95 %, drawing whole listeners; NaN ends for fewer than three."""
    median: float
    ratings: int
    listeners: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """How much better the first of two systems was rated."""

    first: str
    second: str
    mean: Interval
    """Over the listeners who rated both, of their own differences; 95 %, drawing listeners."""
    p: float
    """Wilcoxon's signed-rank test over listeners; 1 where all differences are 0."""
    p_holm: float
    """The same, allowing for how many pairs were tested."""
    listeners: int


def ratings(answers: Sequence[Answer]) -> list[Rating]:
    """Return the counted scores of a MOS or a MUSHRA test."""
    found = []
    for one in answers:
        if one.trial.role is Role.TEST:
            given = one.given if isinstance(one.given, tuple) else (one.given,)
            found += [
                Rating(one.listener, system, one.trial.item, float(score))
                for system, score in zip(one.trial.shown, given, strict=True)
            ]
    return found


def rated(scores: Sequence[Rating], *, seed: int = 0) -> list[Rated]:
    """Return what each system was rated, best first; raises ParameterError without scores."""
    if not scores:
        raise ParameterError("there are no ratings, expected at least one")
    found = []
    for system in dict.fromkeys(one.system for one in scores):
        own = [one for one in scores if one.system == system]
        found.append(
            Rated(
                system=system,
                mean=_mean([one.score for one in own], [one.listener for one in own], seed),
                median=float(np.median([one.score for one in own])),
                ratings=len(own),
                listeners=len({one.listener for one in own}),
            )
        )
    return sorted(found, key=lambda one: -one.mean.value)


def listener_means(scores: Sequence[Rating], system: str) -> dict[str, float]:
    """Return each listener's mean score of a system, in order of arrival."""
    held: dict[str, list[float]] = {}
    for one in scores:
        if one.system == system:
            held.setdefault(one.listener, []).append(one.score)
    return {listener: float(np.mean(values)) for listener, values in held.items()}


def paired(scores: Sequence[Rating], first: str, second: str) -> dict[str, float]:
    """Return each listener's mean difference of two systems, over the items they rated both in."""
    return {listener: float(np.mean(own)) for listener, own in _apart(scores, first, second).items()}


def shares_higher(scores: Sequence[Rating], first: str, second: str) -> dict[str, float]:
    """Return in what share of items a listener rated ``first`` higher than ``second``, ties as halves."""
    apart = _apart(scores, first, second)
    return {listener: float(np.mean(np.sign(own)) + 1) / 2 for listener, own in apart.items()}


def _apart(scores: Sequence[Rating], first: str, second: str) -> dict[str, list[float]]:
    """Return each listener's differences, an item each, in order of arrival."""
    own: dict[tuple[str, str, str], list[float]] = {}
    for one in scores:
        own.setdefault((one.listener, one.item, one.system), []).append(one.score)
    held: dict[str, list[float]] = {}
    for (listener, item, system), values in own.items():
        other = own.get((listener, item, second))
        if system == first and other:
            held.setdefault(listener, []).append(float(np.mean(values) - np.mean(other)))
    return held


def differences(scores: Sequence[Rating], *, seed: int = 0) -> list[Difference]:
    """Return every pair of systems, the better rated first, with Wilcoxon's test over listeners."""
    order = [one.system for one in rated(scores, seed=seed)] if scores else []
    held = [(one, other, paired(scores, one, other)) for one, other in combinations(order, 2)]
    held = [one for one in held if one[2]]
    p = [signed_rank(list(own.values())) for _, _, own in held]
    return [
        Difference(
            first=one,
            second=other,
            mean=_mean(list(own.values()), list(own), seed),
            p=p[number],
            p_holm=adjusted,
            listeners=len(own),
        )
        for (number, (one, other, own)), adjusted in zip(enumerate(held), holm(p), strict=True)
    ]


def signed_rank(values: Sequence[float]) -> float:
    """Return the p of Wilcoxon's signed-rank test against a median of 0, two-sided; 1 if all are 0.

    Exact, with ties too, up to ``EXACT_MAX`` differences: five listeners can't give less than 1 in 16.
    """
    found = np.asarray(values, dtype=np.float64)
    found = np.round(found[np.abs(found) > 1e-12], 12)  # ties in rank are not to depend on rounding
    if not len(found):
        return 1.0
    if len(found) > EXACT_MAX:
        return float(wilcoxon(found, method="asymptotic", correction=True).pvalue)
    doubled = np.rint(2 * rankdata(np.abs(found))).astype(int)  # ranks of ties end in a half
    counts = np.ones(1)
    for rank in doubled:  # how many of all ways to set the signs give each sum of ranks
        counts = np.pad(counts, (0, rank)) + np.pad(counts, (rank, 0))
    above = int(doubled[found > 0].sum())
    tail = min(counts[: above + 1].sum(), counts[above:].sum()) / counts.sum()
    return float(min(1.0, 2 * tail))


def holm(p: Sequence[float]) -> list[float]:
    """Return p values that allow for all tests together.

    >>> [round(one, 3) for one in holm([0.01, 0.04, 0.03])]
    [0.03, 0.06, 0.06]

    Source: Holm (1979).
    """
    order = sorted(range(len(p)), key=lambda place: p[place])
    found, most = [0.0] * len(p), 0.0
    for rank, place in enumerate(order):
        most = max(most, min(1.0, p[place] * (len(p) - rank)))
        found[place] = most
    return found


def _mean(values: Sequence[float], owners: Sequence[str], seed: int) -> Interval:
    if len(set(owners)) < FEWEST:
        return Interval(float(np.mean(values)), math.nan, math.nan)
    return bootstrap(values, owners, level=widened(len(set(owners))), seed=seed)


def widened(listeners: int, level: float = 0.95) -> float:
    """Return the level at which percentiles of so few drawn listeners hold the truth as often as ``level``.

    Source: Hesterberg (2015), expanded percentile intervals.
    """
    narrow = math.sqrt(listeners / (listeners - 1)) * student.ppf((1 + level) / 2, listeners - 1)
    return float(1 - 2 * norm.cdf(-narrow))
