"""A saved calibration: what it says of a score, and what is refused."""

import json
import math
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from workbench.conversation.calibration import Calibration, Curve, load_calibration
from workbench.errors import ParameterError

CURVE = Curve((0.2, 0.6, 1.0), (0.1, 0.3, 0.9))


@pytest.mark.parametrize(
    ("score", "worth"), [(0.0, 0.1), (0.2, 0.1), (0.4, 0.2), (0.6, 0.3), (0.9, 0.75), (1.0, 0.9)]
)
def test_a_score_between_points_lies_on_the_line(score: float, worth: float) -> None:
    """A confidence would jump, or be another one than was fitted."""
    assert CURVE.apply(score) == pytest.approx(worth)


@given(first=st.floats(0, 1), second=st.floats(0, 1))
def test_a_higher_score_is_never_worth_less(first: float, second: float) -> None:
    """The order of hypotheses would change."""
    low, high = sorted((first, second))
    assert CURVE.apply(low) <= CURVE.apply(high)


def test_without_a_curve_a_score_stays_as_it_is() -> None:
    """An engine that was never calibrated would be silenced."""
    assert Calibration().apply(0.37, "intent", engine="x") == 0.37
    assert math.isnan(CURVE.apply(math.nan))


def test_the_nearest_curve_is_taken() -> None:
    """One engine's scores would be read by another's measure although its own is known."""
    flat = {share: Curve((0.0, 1.0), (share, share)) for share in (0.1, 0.2, 0.3, 0.4)}
    known = Calibration(
        {
            ("intent", "whisper", "de"): flat[0.1],
            ("intent", "whisper", ""): flat[0.2],
            ("intent", "", "de"): flat[0.3],
            ("intent", "", ""): flat[0.4],
        }
    )
    asked = [("whisper", "de"), ("whisper", "fr"), ("other", "de"), ("other", "fr")]
    assert [known.apply(0.5, "intent", engine=e, language=lang) for e, lang in asked] == [0.1, 0.2, 0.3, 0.4]
    assert known.apply(0.5, "word", engine="whisper", language="de") == 0.5


def test_a_calibration_comes_back_as_it_was_saved(tmp_path: Path) -> None:
    """The live pipeline would load something else than was fitted."""
    known = Calibration({("intent", "whisper", "en"): CURVE, ("word", "", ""): Curve()})
    known.save(tmp_path / "c.json")
    assert load_calibration(tmp_path / "c.json") == known


@pytest.mark.parametrize(
    ("described", "match"),
    [
        ({"version": 2, "curves": []}, r"c\.json: the calibration has version 2, expected 1$"),
        ([], r"c\.json: not a calibration: TypeError$"),
        (
            {"version": 1, "curves": [{"kind": "mood", "engine": "", "language": ""}]},
            "a curve is of kind 'mood', expected word or intent",
        ),
        (
            {
                "version": 1,
                "curves": [
                    {"kind": "word", "engine": "", "language": "", "scores": [0.1, 0.2], "shares": [1, 0]}
                ],
            },
            "expected as many, in 0..1, scores rising and shares not falling",
        ),
    ],
)
def test_what_is_no_calibration_is_refused(described: object, match: str, tmp_path: Path) -> None:
    """Confidence would be replaced by nonsense, or a session end in a KeyError."""
    path = tmp_path / "c.json"
    path.write_text(json.dumps(described), encoding="utf-8")
    with pytest.raises(ParameterError, match=match):
        load_calibration(path)
    with pytest.raises(ParameterError, match="not a calibration: FileNotFoundError"):
        load_calibration(tmp_path / "none.json")
