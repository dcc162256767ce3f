"""A saved calibration: what it says of a score, and what is refused."""

import json
import math
from dataclasses import asdict
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from workbench.conversation.calibration import (
    AS_SCORED,
    POINTS_MAX,
    Calibration,
    Curve,
    Worth,
    load_calibration,
    worth_from,
)
from workbench.core.events import Word
from workbench.core.hypothesis import Hypothesis
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
        ([], r"c\.json: not a calibration, expected the JSON that tuning writes$"),
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
    with pytest.raises(ParameterError, match=match) as refused:
        load_calibration(path)
    assert str(refused.value).startswith(f"{path}: ")
    with pytest.raises(ParameterError, match=r"none\.json: can't read the calibration: no such file"):
        load_calibration(tmp_path / "none.json")


def test_a_language_has_the_curve_of_its_first_part() -> None:
    """Whoever speaks en-GB would be scored as by no one."""
    known = Calibration({("intent", "whisper", "en"): CURVE})
    assert known.curve("intent", engine="whisper", language="en-GB") == CURVE
    assert known.worth(engine="whisper", language="en-GB") == Worth(intent=CURVE)
    assert known.worth(engine="whisper", language="EN_gb") == Worth(intent=CURVE)
    assert known.worth(engine="whisper", language="de") is None
    assert known.worth(engine="other", language="en") is None
    assert known.known == "whisper in en"


def test_words_keep_their_own_score_beside_what_it_is_worth() -> None:
    """A session could not be calibrated anew, nor replayed."""
    said = Hypothesis(words=(Word(text="tea", start=0, end=0.2, confidence=0.6),), confidence=0.6)
    (word,) = Worth(word=CURVE).calibrated(said).words
    assert (word.confidence, word.score) == (pytest.approx(0.3), 0.6)
    assert AS_SCORED.calibrated(said) is said


def test_what_a_session_says_of_its_calibration_is_read_back() -> None:
    """A replay would decide on other scores than the session did."""
    worth = Worth(word=CURVE)
    assert worth_from(json.loads(json.dumps(asdict(worth)))) == worth
    assert worth_from({}) == AS_SCORED
    for held in ([], {"word": []}, {"mood": {"scores": [], "shares": []}}, {"word": {"scores": 3}}):
        with pytest.raises(ParameterError, match="calibration among the session's settings is not one"):
            worth_from(held)


def test_a_curve_of_too_many_points_is_refused() -> None:
    """The opening of a session would not fit into a message."""
    scores = tuple(one / 1_000 for one in range(POINTS_MAX + 1))
    with pytest.raises(ParameterError, match=r"has 401 points, expected at most 400$"):
        Curve(scores, scores)
