"""What preferences come to: Bradley and Terry's worths with ties, shares by listener, exact ABX counts."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse.csgraph import connected_components
from scipy.stats import binomtest, norm, t as student

from workbench.analysis.listening import Role
from workbench.analysis.listening_answers import TIE, Answer
from workbench.analysis.listening_sequential import guess_e_value
from workbench.analysis.risk import Interval
from workbench.errors import ParameterError

Floats = npt.NDArray[np.float64]

FEW = 5
"""Fewer listeners than this say nothing of how listeners differ: answers are then taken as independent."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer to a pair."""

    listener: str
    first: str
    second: str
    won: float
    """1 if the first was chosen, 0 if the second, 0.5 for no difference."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Worths:
    """How much each system is worth, in log-odds around their mean: Bradley and Terry's model."""

    systems: tuple[str, ...]
    worth: tuple[Interval, ...]
    covariance: Floats
    """Of the worths, shape (systems, systems); positive semi-definite, rows add up to 0."""
    tie: float
    """Davidson's nu: 0 without ties, 2 where two equals tie every other time."""
    by_listener: bool
    """Whether the intervals allow for answers of one listener going together; else they are independent."""
    smoothed: bool
    """Whether half a win each way was added to each pair, as some system won or lost everything, or nobody
    chose. Intervals then add what independent answers leave open."""
    degrees: float
    """Degrees of freedom of the intervals."""

    def preferred(self, one: str, other: str, *, level: float = 0.95) -> Interval:
        """Return the probability that ``one`` is preferred to ``other`` where a difference is heard."""
        a, b = self.systems.index(one), self.systems.index(other)
        value = self.worth[a].value - self.worth[b].value
        spread = self.covariance[a, a] + self.covariance[b, b] - 2 * self.covariance[a, b]
        half = _quantile(level, self.degrees) * math.sqrt(max(0.0, spread))
        odds = (1 / (1 + math.exp(-x)) for x in (value, value - half, value + half))
        return Interval(*odds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Discrimination:
    """How often X was told."""

    right: int
    trials: int
    share: Interval
    """Of right answers; Clopper and Pearson's interval."""
    p: float
    """Probability of as many right answers or more by guessing alone, if their number was decided before."""
    e_value: float
    """Evidence against guessing that may be looked at after each answer: at 1/alpha a difference is heard."""


def choices(answers: Sequence[Answer]) -> list[Choice]:
    """Return the counted answers of a preference test."""
    won: dict[object, float] = {0: 1.0, 1: 0.0, TIE: 0.5}
    found = []
    for one in answers:
        if one.trial.role is Role.TEST:
            first, second = one.trial.shown
            found.append(Choice(one.listener, first, second, won[one.given]))
    return found


def pair_scores(counted: Sequence[Choice], one: str, other: str) -> dict[str, float]:
    """Return each listener's share of preferring ``one`` to ``other``, ties as halves, as they came."""
    held: dict[str, list[float]] = {}
    for choice in counted:
        if (choice.first, choice.second) == (one, other):
            held.setdefault(choice.listener, []).append(choice.won)
        elif (choice.first, choice.second) == (other, one):
            held.setdefault(choice.listener, []).append(1 - choice.won)
    return {listener: float(np.mean(values)) for listener, values in held.items()}


def bradley_terry(counted: Sequence[Choice], *, level: float = 0.95) -> Worths:
    """Return the worths that make the answers most likely.

    A tie has the weight that Davidson gives it: nu times the geometric mean of both worths. Intervals are
    Student's over the scores of listeners (a sandwich), from ``FEW`` listeners on.

    Raises
    ------
    ParameterError
        If there are no answers, or some systems were never compared with the others.

    Source: Bradley & Terry (1952); Davidson (1970); Liang & Zeger (1986).
    """
    systems = tuple(sorted({name for one in counted for name in (one.first, one.second)}))
    if not systems:
        raise ParameterError("there are no preferences, expected at least one answer")
    outcome, own = _counts(counted, systems)
    smoothed = not _strong(outcome) or not outcome[:, :, 0].any()
    weights = outcome + (0.5 * _compared(outcome)[:, :, None] * np.array([1.0, 0.0]) if smoothed else 0.0)
    ties = bool(outcome[:, :, 1].any())
    theta = _fitted(weights, ties)
    information = _information(theta, weights, ties)
    inverse = np.linalg.inv(information)
    by_listener = len(own) >= FEW
    if by_listener:
        scores = np.array([_gradient(theta, one, ties) for one in own.values()])
        many = len(own)
        between = inverse @ (scores.T @ scores) @ inverse * (many / (many - 1))
        # listeners who all choose alike do not differ at all: that alone would promise next to certainty
        inverse = between + inverse if smoothed else between
    degrees = float(len(own) - 1) if by_listener else math.inf
    count = len(systems)
    centred = np.eye(count) - 1 / count
    spread = np.zeros((count, count))
    spread[1:, 1:] = inverse[: count - 1, : count - 1]
    covariance = centred @ spread @ centred
    worth = centred @ np.concatenate([[0.0], theta[: count - 1]])
    half = _quantile(level, degrees) * np.sqrt(np.maximum(0, np.diag(covariance)))
    return Worths(
        systems=systems,
        worth=tuple(Interval(float(w), float(w - h), float(w + h)) for w, h in zip(worth, half, strict=True)),
        covariance=covariance,
        tie=math.exp(theta[-1]) if ties else 0.0,
        by_listener=by_listener,
        smoothed=smoothed,
        degrees=degrees,
    )


def abx(answers: Sequence[Answer], *, level: float = 0.95) -> Discrimination:
    """Return how often X was told in the counted trials; raises ParameterError without any."""
    told = [one.given == one.trial.hidden for one in answers if one.trial.role is Role.TEST]
    return discrimination(sum(told), len(told), level=level)


def discrimination(right: int, trials: int, *, level: float = 0.95) -> Discrimination:
    """Return what ``right`` of ``trials`` answers come to: the exact binomial test against guessing."""
    if not trials:
        raise ParameterError("there are no ABX answers, expected at least one")
    low, high = binomtest(right, trials).proportion_ci(confidence_level=level, method="exact")
    p = float(binomtest(right, trials, alternative="greater").pvalue)
    share = Interval(right / trials, float(low), float(high))
    evidence = guess_e_value(right, trials - right)
    return Discrimination(right=right, trials=trials, share=share, p=p, e_value=evidence)


# --- the model, as a multinomial logit: a win's utility is its worth, a tie's their mean and log nu


def _counts(counted: Sequence[Choice], systems: tuple[str, ...]) -> tuple[Floats, dict[str, Floats]]:
    """Return wins and ties, (systems, systems, 2), in all and by listener; ties stand above the diagonal."""
    place = {name: number for number, name in enumerate(systems)}
    own: dict[str, Floats] = {}
    for one in counted:
        table = own.setdefault(one.listener, np.zeros((len(systems), len(systems), 2)))
        a, b = place[one.first], place[one.second]
        if one.won == 0.5:
            table[min(a, b), max(a, b), 1] += 1
        else:
            table[(a, b) if one.won == 1 else (b, a)][0] += 1
    return np.sum(list(own.values()), axis=0), own


def _compared(outcome: Floats) -> Floats:
    held = outcome.sum(axis=2)
    return np.asarray((held + held.T) > 0, dtype=np.float64)


def _strong(outcome: Floats) -> bool:
    """Return whether the likelihood has a maximum: no group of systems won or lost all against the rest."""
    if connected_components(_compared(outcome))[0] > 1:
        raise ParameterError("some systems were never compared with the others, expected a chain of pairs")
    beats = outcome[:, :, 0] + outcome[:, :, 1] + outcome[:, :, 1].T
    return bool(connected_components(beats, connection="strong")[0] == 1)


def _pairs(theta: Floats, outcome: Floats, *, ties: bool) -> tuple[Floats, Floats, Floats]:
    """Return of each pair: counts (win, loss, tie), their probabilities, and the utilities' coefficients."""
    count = outcome.shape[0]
    upper = np.column_stack(np.triu_indices(count, 1))
    kinds = 3 if ties else 2
    design = np.zeros((len(upper), kinds, count + ties))
    for number, (a, b) in enumerate(upper):
        design[number, 0, a] = design[number, 1, b] = 1
        if ties:
            design[number, 2, [a, b]] = 0.5
            design[number, 2, -1] = 1
    design = design[:, :, 1:]  # the first system is worth 0
    a, b = upper.T
    seen = np.stack([outcome[a, b, 0], outcome[b, a, 0], outcome[a, b, 1]][:kinds], axis=1)
    utility = design @ theta
    odds = np.exp(utility - utility.max(axis=1, keepdims=True))
    return seen, odds / odds.sum(axis=1, keepdims=True), design


def _gradient(theta: Floats, outcome: Floats, ties: bool) -> Floats:
    seen, odds, design = _pairs(theta, outcome, ties=ties)
    left = seen - seen.sum(axis=1, keepdims=True) * odds
    return np.asarray(np.einsum("pk,pkj->j", left, design))


def _information(theta: Floats, outcome: Floats, ties: bool) -> Floats:
    seen, odds, design = _pairs(theta, outcome, ties=ties)
    mean = np.einsum("pk,pkj->pj", odds, design)
    around = design - mean[:, None, :]
    return np.asarray(np.einsum("p,pk,pki,pkj->ij", seen.sum(axis=1), odds, around, around))


def _fitted(outcome: Floats, ties: bool) -> Floats:
    """Return the maximum of a concave likelihood, by Newton's steps, halved where they go too far."""
    theta: Floats = np.zeros(outcome.shape[0] - 1 + ties)
    for _ in range(100):
        step = np.linalg.solve(_information(theta, outcome, ties), _gradient(theta, outcome, ties))
        theta = theta + step / max(1.0, float(np.abs(step).max()))
        if np.abs(step).max() < 1e-10:
            return theta
    raise ParameterError("the worths of the systems do not settle, expected more answers")


def _quantile(level: float, degrees: float) -> float:
    upper = (1 + level) / 2
    return float(norm.ppf(upper) if math.isinf(degrees) else student.ppf(upper, degrees))
