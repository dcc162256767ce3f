"""Calibration: scores that lie are put right, on conversations they were not fitted to."""

import numpy as np
import pytest

from workbench.analysis.calibration import (
    Bin,
    Scored,
    brier,
    calibration_of,
    cross_fitted,
    expected_error,
    fit,
    fit_all,
    fitted_curve,
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


def overconfident(seed: int, count: int = 600, conversations: int = 60) -> list[Scored]:
    """Return scores that are right much less often than they say."""
    rng = np.random.default_rng(seed)
    truth = rng.beta(1.5, 1.5, size=count)
    return [
        Scored(
            kind="intent",
            engine="made",
            language="en",
            conversation=f"c{number % conversations}",
            score=float(chance**0.25),
            right=bool(rng.random() < chance),
        )
        for number, chance in enumerate(truth)
    ]


@pytest.mark.parametrize("method", ["isotonic", "platt"])
def test_the_error_is_at_least_halved_on_other_conversations(method: str) -> None:
    """Calibration would only look good on what it was fitted to."""
    found = fit(overconfident(1), method=method)
    assert found.error_after < 0.5 * found.error_before
    assert found.brier_after < found.brier_before
    fresh = overconfident(2)
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
