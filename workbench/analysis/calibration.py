"""What scores are worth, fitted to what turned out right and judged on other conversations."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

import numpy as np
import numpy.typing as npt

from workbench.conversation.calibration import Calibration, Curve
from workbench.errors import ParameterError

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.intp]
Method = Literal["temperature", "platt", "isotonic"]

METHODS: tuple[Method, ...] = ("temperature", "platt", "isotonic")
"""Those with the fewest parameters first."""

BINS = 10
FOLDS = 5
SAMPLES_MIN = 30
"""Fewer scores than this are not fitted."""

_POINTS = 121  # of a curve that is a formula
_EDGE = 1e-4  # scores are taken as no surer than this: a logarithm follows
_FREE = 1e6  # so weak a penalty that it changes nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """One score and whether what was scored turned out right."""

    kind: str
    """word or intent."""
    engine: str
    language: str
    conversation: str
    score: float
    right: bool


@dataclass(frozen=True, slots=True)
class Bin:
    """Scores that lie together in a reliability diagram."""

    score: float
    """Their mean."""
    right: float
    """The share of them that was right."""
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """How a curve was found and what it is worth.

    "After" is on conversations that neither the curve was fitted nor its method chosen on.
    """

    kind: str
    engine: str
    language: str
    method: Method
    curve: Curve
    count: int
    conversations: int
    error_before: float
    """Expected calibration error."""
    error_after: float
    brier_before: float
    brier_after: float
    before: tuple[Bin, ...]
    after: tuple[Bin, ...]

    @property
    def helps(self) -> bool:
        """Return whether calibrated scores are better, by their Brier score, than those told."""
        return self.brier_after < self.brier_before


def reliability(scores: Floats, right: Floats, *, bins: int = BINS) -> tuple[Bin, ...]:
    """Return the bins of a reliability diagram, equally wide, without empty ones."""
    place = np.minimum((scores * bins).astype(np.int64), bins - 1)
    found = []
    for number in range(bins):
        chosen = place == number
        if chosen.any():
            found.append(Bin(float(scores[chosen].mean()), float(right[chosen].mean()), int(chosen.sum())))
    return tuple(found)


def expected_error(bins: Sequence[Bin]) -> float:
    """Return the expected calibration error: how far score and share lie apart, weighted by count."""
    total = sum(one.count for one in bins)
    return sum(one.count * abs(one.score - one.right) for one in bins) / total if total else 0.0


def brier(scores: Floats, right: Floats) -> float:
    """Return the mean squared distance of the scores from what was right (1) or wrong (0)."""
    return float(np.mean((scores - right) ** 2))


def fitted_curve(scores: Floats, right: Floats, method: Method) -> Curve:
    """Return what the scores are worth, as a curve.

    ``temperature`` divides the score's log odds by one number, found by logistic regression without
    intercept (scikit-learn's own wants a classifier and not a score; of two classes it finds the same).
    ``platt`` adds an offset. ``isotonic`` is the best rising curve; its ends stay as far from certainty as
    their number of scores allows (Laplace).

    Source: Guo et al. (2017), On calibration of modern neural networks; Platt (1999), Probabilistic outputs
    for support vector machines; Zadrozny & Elkan (2002), Transforming classifier scores.
    """
    if len(np.unique(right)) < 2:
        share = (right.sum() + 1) / (len(right) + 2)
        return Curve((0.0, 1.0), (float(share), float(share)))
    if method != "isotonic":
        from sklearn.linear_model import LogisticRegression

        model = LogisticRegression(C=_FREE, fit_intercept=method == "platt", solver="newton-cholesky")
        model.fit(_log_odds(scores)[:, None], right)
        slope = max(0.0, float(model.coef_[0, 0]))
        low, high = _log_odds(np.array([0.0, 1.0])).tolist()
        at = np.concatenate([[0.0], _shares(np.linspace(low, high, _POINTS)), [1.0]])
        return _curve(at, _shares(slope * _log_odds(at) + float(np.ravel(model.intercept_)[0])))
    from sklearn.isotonic import IsotonicRegression

    model = IsotonicRegression(y_min=0.0, y_max=1.0, out_of_bounds="clip").fit(scores, right)
    known, shares = np.asarray(model.X_thresholds_), np.asarray(model.y_thresholds_)
    counts = [max(1, int(np.sum(model.predict(scores) == one))) for one in (shares[0], shares[-1])]
    return _curve(known, np.clip(shares, 1 / (counts[0] + 2), 1 - 1 / (counts[1] + 2)))


def _log_odds(scores: Floats) -> Floats:
    inside = np.clip(scores, _EDGE, 1 - _EDGE)
    return np.asarray(np.log(inside / (1 - inside)))


def _shares(log_odds: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-log_odds)))


def _curve(scores: Floats, shares: Floats) -> Curve:
    known = {round(float(s), 6): round(float(v), 6) for s, v in zip(scores, shares, strict=True)}
    return Curve(tuple(known), tuple(np.maximum.accumulate(list(known.values())).tolist()))


def cross_fitted(scores: Floats, right: Floats, owners: Sequence[str], method: Method) -> Floats:
    """Return each score calibrated by a curve that was fitted to other conversations."""
    result = np.empty(len(scores))
    for fold in _folds(owners):
        result[fold] = _without([fold], scores, right, method)[fold]
    return result


def judged(
    scores: Floats, right: Floats, owners: Sequence[str], methods: Sequence[Method] = METHODS
) -> tuple[Method, Floats]:
    """Return the method that does best on other conversations, and what choosing so is worth.

    The latter is each score calibrated as if its conversation were to come: by a curve fitted to others, of
    the method that did best among those others, each again on conversations it was not fitted to (nested
    cross-validation). Of two conversations nothing is left to choose on: then by the first method.
    """
    folds = _folds(owners)
    alone = {name: cross_fitted(scores, right, owners, name) for name in methods}
    best = min(methods, key=lambda name: brier(alone[name], right))
    if len(methods) == 1:
        return best, alone[best]
    errors = {name: np.zeros(len(folds)) for name in methods}  # without a fold, in all others
    for (one, first), (other, second) in combinations(enumerate(folds), 2) if len(folds) > 2 else ():
        for name in methods:
            found = (_without([first, second], scores, right, name) - right) ** 2
            errors[name][one] += found[second].sum()
            errors[name][other] += found[first].sum()
    result = np.empty(len(scores))
    for place, fold in enumerate(folds):
        chosen = min(methods, key=lambda name: float(errors[name][place]))
        result[fold] = alone[chosen][fold]
    return best, result


def _folds(owners: Sequence[str]) -> list[Indices]:
    """Return the places of each fold's scores; those of a conversation are in one."""
    from sklearn.model_selection import GroupKFold

    folds = min(FOLDS, len(set(owners)))
    if folds < 2:
        raise ParameterError(f"scores of {folds} conversations are to be calibrated, expected at least 2")
    groups = np.asarray(owners)
    return [test for _, test in GroupKFold(folds).split(groups, groups=groups)]


def _without(folds: Sequence[Indices], scores: Floats, right: Floats, method: Method) -> Floats:
    """Return all scores calibrated by a curve fitted to those in no fold given."""
    known = np.ones(len(scores), np.bool_)
    known[np.concatenate(folds)] = False
    curve = fitted_curve(scores[known], right[known], method)
    return np.interp(scores, curve.scores, curve.shares)


def fit(samples: Sequence[Scored], *, method: Method | None = None) -> Fit:
    """Return the calibration of samples of one kind, engine and language.

    Without a ``method`` the one with the smallest Brier score on other conversations is taken.
    """
    if len(samples) < SAMPLES_MIN:
        raise ParameterError(f"{len(samples)} scores are to be calibrated, expected at least {SAMPLES_MIN}")
    scores = np.array([one.score for one in samples])
    right = np.array([float(one.right) for one in samples])
    owners = [one.conversation for one in samples]
    best, calibrated = judged(scores, right, owners, METHODS if method is None else (method,))
    before, after = reliability(scores, right), reliability(calibrated, right)
    return Fit(
        kind=samples[0].kind,
        engine=samples[0].engine,
        language=samples[0].language,
        method=best,
        curve=fitted_curve(scores, right, best),
        count=len(samples),
        conversations=len(set(owners)),
        error_before=expected_error(before),
        error_after=expected_error(after),
        brier_before=brier(scores, right),
        brier_after=brier(calibrated, right),
        before=before,
        after=after,
    )


def fit_all(samples: Iterable[Scored]) -> tuple[Fit, ...]:
    """Return a fit for each kind, engine and language with enough scores from at least two conversations."""
    grouped: dict[tuple[str, str, str], list[Scored]] = {}
    for one in samples:
        grouped.setdefault((one.kind, one.engine, one.language), []).append(one)
    return tuple(
        fit(own)
        for _, own in sorted(grouped.items())
        if len(own) >= SAMPLES_MIN and len({one.conversation for one in own}) >= 2
    )


def calibration_of(fits: Iterable[Fit]) -> Calibration:
    """Return the fits as what the live pipeline loads; those that made the Brier score no better stay out."""
    curves: Mapping[tuple[str, str, str], Curve] = {
        (one.kind, one.engine, one.language): one.curve for one in fits if one.helps
    }
    return Calibration(curves)
