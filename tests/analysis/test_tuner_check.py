"""Whether live turns lie where they were predicted: the range, the verdict, and how many turns they take."""

import numpy as np
import pytest
from hypothesis import given, strategies as st
from scipy.stats import betabinom

from workbench.analysis.tuner_check import RARE, TURNS_MAX, Range, expected, judged

EIGHT = np.array([1.6, 0.9, 1.0, 1.1, np.nan, 1.5, 1.2, 1.3, 1.4])
NEAR, FAR = 1.2, 3.0


def test_few_turns_span_the_range_and_are_not_said_to_be_nine_of_ten() -> None:
    """Eight recorded turns would promise more of the next ones than they can."""
    found = expected(EIGHT)
    assert (found.low, found.high, found.share) == (0.9, 1.6, pytest.approx(7 / 9))
    many = expected(np.arange(1.0, 1000.0))
    assert (many.low, many.high, many.share) == (50.0, 950.0, 0.9)


@pytest.mark.parametrize("times", [[], [1.0], [np.nan, 1.0]])
def test_less_than_two_turns_promise_nothing(times: list[float]) -> None:
    """A single recorded turn would be the only right answer."""
    verdict = judged(expected(np.array(times)), [1.0, 2.0])
    assert (verdict.kind, verdict.refuting) == ("open", TURNS_MAX)


@pytest.mark.parametrize(
    ("near", "far", "kind", "confirming", "refuting"),
    [
        (0, 0, "open", 5, 4),  # 1/2 ** 5 is 0.03; 2/9 * 3/10 * 4/11 * 5/12 is 0.010, and three of them 0.024
        (4, 0, "open", 1, 9),
        (5, 0, "inside", 0, 0),
        (0, 3, "open", 10, 1),
        (0, 4, "outside", 0, 0),
        (3, 2, "open", 6, 6),
        (7, 1, "inside", 0, 0),
    ],
)
def test_a_verdict_says_how_many_turns_it_still_takes(
    near: int, far: int, kind: str, confirming: int, refuting: int
) -> None:
    """One quick answer would confirm a prediction, or one slow one refute it."""
    verdict = judged(expected(EIGHT), [NEAR] * near + [FAR] * far)
    assert (verdict.kind, verdict.within, verdict.later) == (kind, near, far)
    assert (verdict.confirming, verdict.refuting) == (confirming, refuting)
    if kind == "open":
        assert judged(expected(EIGHT), [NEAR] * (near + confirming) + [FAR] * far).kind == "inside"
        assert judged(expected(EIGHT), [NEAR] * (near + confirming - 1) + [FAR] * far).kind == "open"
        assert judged(expected(EIGHT), [NEAR] * near + [FAR] * (far + refuting)).kind == "outside"
        assert judged(expected(EIGHT), [NEAR] * near + [FAR] * (far + refuting - 1)).kind == "open"


@given(gaps=st.integers(3, 60), near=st.integers(0, 30), far=st.integers(0, 30))
def test_outside_is_what_the_beta_binomial_law_makes_rare(gaps: int, near: int, far: int) -> None:
    """A prediction would be refuted by what chance does every day."""
    outer = max(1, gaps // 20)
    found = judged(Range(1.0, 2.0, gaps - 2 * outer, gaps), [1.5] * near + [0.5] * far)
    rare = betabinom.cdf(near, near + far, gaps - 2 * outer, 2 * outer) <= RARE
    assert (found.kind == "outside") == rare
    assert found.sooner == far


@pytest.mark.parametrize("recorded", [8, 60])
def test_who_looks_after_every_turn_is_seldom_told_wrongly(recorded: int, rng: np.random.Generator) -> None:
    """Watching the table for long enough would refute every prediction."""
    wrong, sessions = 0, 400
    for _ in range(sessions):
        times = rng.lognormal(size=recorded + 20)
        found = expected(times[:recorded])
        kinds = {judged(found, times[recorded:][:count].tolist()).kind for count in range(1, 21)}
        wrong += "outside" in kinds
    assert wrong / sessions < 0.08
