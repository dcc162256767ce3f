"""Calibration: scores that lie are put right, on conversations they were not fitted to."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from scipy.special import expit, logit
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.calibration import CalibratedClassifierCV, calibration_curve
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss

from workbench.analysis.calibration import (
    METHODS,
    Bin,
    Method,
    Scored,
    brier,
    calibration_of,
    cross_fitted,
    expected_error,
    fit,
    fit_all,
    fitted_curve,
    judged,
    reliability,
)
from workbench.errors import ParameterError


def test_expected_calibration_error_by_hand() -> None:
    """The figure that calibration is judged by would be another one."""
    scores = np.array([0.12, 0.18, 0.92, 0.94, 0.96, 1.0])
    right = np.array([0.0, 1.0, 1.0, 1.0, 1.0, 0.0])
    bins = reliability(scores, right)
    assert bins == (Bin(pytest.approx(0.15), 0.5, 2), Bin(pytest.approx(0.955), 0.75, 4))
    # (2 * 0.35 + 4 * 0.205) / 6
    assert expected_error(bins) == pytest.approx(0.253333, abs=1e-6)
    assert brier(np.array([0.2, 0.9]), np.array([0.0, 1.0])) == pytest.approx((0.04 + 0.01) / 2)


def overconfident(
    seed: int,
    count: int = 600,
    conversations: int = 60,
    told: Callable[[float], float] = lambda one: one**0.25,
) -> list[Scored]:
    """Return scores, what is ``told`` of a chance, that are right much less often than they say."""
    rng = np.random.default_rng(seed)
    truth = rng.beta(1.5, 1.5, size=count)
    return [
        Scored(
            kind="intent",
            engine="made",
            language="en",
            conversation=f"c{number % conversations}",
            score=float(told(chance)),
            right=bool(rng.random() < chance),
        )
        for number, chance in enumerate(truth)
    ]


def raised(seed: int) -> list[Scored]:
    return overconfident(seed)


def exaggerated(seed: int) -> list[Scored]:
    """Return scores too far from one half, either way: what one temperature can put right."""
    return overconfident(seed, told=lambda chance: expit(4 * logit(chance)))


def overconfident_arrays(seed: int) -> tuple[np.ndarray, np.ndarray, list[str]]:
    made = overconfident(seed)
    scores = np.array([one.score for one in made])
    return scores, np.array([float(one.right) for one in made]), [one.conversation for one in made]


@pytest.mark.parametrize("seed", range(4))
def test_every_figure_is_that_of_other_software(seed: int) -> None:
    """Tuning would be told errors that nobody else finds."""
    scores, right, _ = overconfident_arrays(seed)
    bins = reliability(scores, right)
    shares, means = calibration_curve(right, scores, n_bins=10)
    np.testing.assert_allclose([one.right for one in bins], shares)
    np.testing.assert_allclose([one.score for one in bins], means)
    counts = np.histogram(scores, bins=np.linspace(0, 1, 11))[0]
    assert [one.count for one in bins] == counts[counts > 0].tolist()
    by_hand = np.sum(counts[counts > 0] * np.abs(shares - means)) / len(scores)
    assert expected_error(bins) == pytest.approx(by_hand)
    assert brier(scores, right) == pytest.approx(brier_score_loss(right, scores))


class AsScored(ClassifierMixin, BaseEstimator):
    """A classifier whose decision is what it is given: what scikit-learn calibrates."""

    def fit(self, scores: np.ndarray, right: np.ndarray) -> "AsScored":
        """Learn which classes there are."""
        self.classes_ = np.unique(right)
        return self

    def decision_function(self, log_odds: np.ndarray) -> np.ndarray:
        """Return what is given."""
        return log_odds[:, 0]

    def predict(self, log_odds: np.ndarray) -> np.ndarray:
        """Return the likelier class."""
        return self.classes_[(log_odds[:, 0] > 0).astype(int)]


def log_odds(scores: np.ndarray) -> np.ndarray:
    inside = np.clip(scores, 1e-4, 1 - 1e-4)
    return np.log(inside / (1 - inside))[:, None]


@pytest.mark.parametrize("seed", range(3))
def test_temperature_is_that_of_scikit_learn(seed: int) -> None:
    """A curve would be called temperature scaling and be something else."""
    scores, right, _ = overconfident_arrays(seed)
    frozen = FrozenEstimator(AsScored().fit(log_odds(scores), right))
    theirs = CalibratedClassifierCV(frozen, method="temperature").fit(log_odds(scores), right)
    asked = np.linspace(0, 1, 501)
    wanted = theirs.predict_proba(log_odds(asked))[:, 1]
    curve = fitted_curve(scores, right, "temperature")
    np.testing.assert_allclose([curve.apply(one) for one in asked], wanted, atol=0.002)
    assert curve.apply(0.5) == pytest.approx(0.5, abs=0.001)


@pytest.mark.parametrize("slope", [0.1, 0.6, 3.0])
def test_the_points_of_a_curve_follow_its_formula(slope: float) -> None:
    """Where most scores lie, close to certainty, they would be worth what nobody fitted."""
    rng = np.random.default_rng(8)
    scores = rng.beta(2, 0.5, size=4_000)
    right = (rng.random(4_000) < expit(slope * log_odds(scores)[:, 0] - 0.5)).astype(float)
    model = LogisticRegression(C=1e6).fit(log_odds(scores), right)
    asked = np.linspace(0, 1, 2_001)
    curve = fitted_curve(scores, right, "platt")
    wanted = model.predict_proba(log_odds(asked))[:, 1]
    np.testing.assert_allclose([curve.apply(one) for one in asked], wanted, atol=0.004)


def test_choosing_the_best_method_is_judged_on_conversations_it_was_not_chosen_on() -> None:
    """Of many methods one is best by luck: what it is said to be worth would be too good."""
    rng = np.random.default_rng(11)
    chosen, nested, fresh = [], [], []
    for _ in range(12):
        scores, right = rng.random(60), (rng.random(60) < 0.5).astype(float)
        owners = [f"c{number // 6}" for number in range(60)]
        best, calibrated = judged(scores, right, owners)
        chosen.append(brier(cross_fitted(scores, right, owners, best), right))
        nested.append(brier(calibrated, right))
        curve = fitted_curve(scores, right, best)
        later, truth = rng.random(2_000), (rng.random(2_000) < 0.5).astype(float)
        fresh.append(brier(np.array([curve.apply(one) for one in later]), truth))
    optimism, error = np.mean(nested) - np.mean(chosen), np.mean(nested) - np.mean(fresh)
    assert optimism > 0.001
    assert error > -0.002  # if anything it says too little for the method, fitted to fewer than there are


def test_of_two_conversations_the_simplest_method_is_judged() -> None:
    """Two sessions would have no figure, or one that was chosen on the conversation it is about."""
    scores, right, owners = overconfident_arrays(7)
    pair = ["first" if owner < "c3" else "second" for owner in owners]
    _, calibrated = judged(scores, right, pair)
    np.testing.assert_array_equal(calibrated, cross_fitted(scores, right, pair, "temperature"))


@pytest.mark.parametrize("method", METHODS)
def test_the_error_is_at_least_halved_on_other_conversations(method: Method) -> None:
    """Calibration would only look good on what it was fitted to."""
    made = exaggerated if method == "temperature" else raised
    found = fit(made(1), method=method)
    assert found.error_after < 0.5 * found.error_before
    assert found.brier_after < found.brier_before
    fresh = made(2)
    calibrated = np.array([found.curve.apply(one.score) for one in fresh])
    right = np.array([float(one.right) for one in fresh])
    raw = np.array([one.score for one in fresh])
    assert expected_error(reliability(calibrated, right)) < 0.5 * expected_error(reliability(raw, right))


def test_no_conversation_is_judged_by_itself() -> None:
    """The error after would be too small: every caller's mistakes were known beforehand."""
    rng = np.random.default_rng(3)
    owners = [f"c{number // 10}" for number in range(200)]
    scores = rng.random(200)
    right = np.repeat(rng.random(20) < 0.5, 10).astype(float)  # a caller is right always or never
    together = cross_fitted(scores, right, owners, "isotonic")
    for owner in sorted(set(owners))[:5]:
        own = np.array([one == owner for one in owners])
        curve = fitted_curve(scores[~own], right[~own], "isotonic")
        assert np.abs(curve.shares).max() <= 1
        assert len(together[own]) == 10
    assert brier(together, right) > 0.2  # nothing can be learnt of other callers
    with pytest.raises(
        ParameterError, match="scores of 1 conversations are to be calibrated, expected at le"
    ):
        cross_fitted(scores, right, ["one"] * 200, "platt")


def test_few_scores_never_become_certainty() -> None:
    """Three lucky guesses would be worth 1.0, and start anything."""
    scores = np.concatenate([np.full(20, 0.3), np.full(3, 0.9)])
    right = np.concatenate([np.zeros(20), np.ones(3)])
    curve = fitted_curve(scores, right, "isotonic")
    assert curve.apply(0.9) == pytest.approx(1 - 1 / 5)
    assert curve.apply(0.3) == pytest.approx(1 / 22, abs=1e-5)
    always = fitted_curve(np.array([0.2, 0.8]), np.ones(2), "platt")
    assert always.apply(0.5) == pytest.approx(0.75)


def test_what_never_helps_is_left_out_of_the_artefact() -> None:
    """The live pipeline would load a curve that makes things worse."""
    rng = np.random.default_rng(5)
    honest = [
        Scored(
            kind="word",
            engine="honest",
            language="en",
            conversation=f"c{number % 50}",
            score=float(score),
            right=bool(rng.random() < score),
        )
        for number, score in enumerate(rng.random(400))
    ]
    few = overconfident(4, count=20)
    fits = fit_all([*honest, *overconfident(4), *[one for one in few if one.kind == "none"]])
    assert [(one.kind, one.engine) for one in fits] == [("intent", "made"), ("word", "honest")]
    made = calibration_of(fits)
    assert ("intent", "made", "en") in made.curves
    kept = ("word", "honest", "en") in made.curves
    assert kept == (fits[1].brier_after < fits[1].brier_before)
    with pytest.raises(ParameterError, match="20 scores are to be calibrated, expected at least 30"):
        fit(few)


def test_languages_and_engines_are_fitted_apart() -> None:
    """What one recogniser says in one language would be measured by what another says in another."""
    groups = {("a", "de"): 1.0, ("a", "en"): 0.25, ("b", "en"): 4.0}
    mixed = [
        replace(one, engine=engine, language=language)
        for place, ((engine, language), power) in enumerate(groups.items())
        for one in overconfident(place, told=lambda chance, power=power: chance**power)
    ]
    np.random.default_rng(1).shuffle(mixed)  # sessions come as their folders are named
    fits = {(one.engine, one.language): one for one in fit_all(mixed)}
    assert set(fits) == set(groups)
    for key, power in groups.items():
        curve = fits[key].curve
        assert curve.apply(0.5**power) == pytest.approx(0.5, abs=0.2), key
