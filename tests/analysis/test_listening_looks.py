"""How many listeners a test takes, and what looking after each of them costs."""

import math

import numpy as np
import pytest
from scipy.stats import binomtest

from workbench.analysis.listening_power import fixed_listeners, more_listeners, needed, spread_of_shares
from workbench.analysis.listening_ratings import (
    rated,
)
from workbench.analysis.listening_sequential import (
    Stop,
    coin_e_value,
    confidence_sequence,
    decide,
    e_values,
    guess_e_value,
)
from workbench.errors import ParameterError


def test_the_capital_of_single_answers_is_the_integral() -> None:
    """Evidence would be counted that is not there."""
    chances = (np.arange(200_000) + 0.5) / 200_000
    wins, losses = 14, 5
    ratio = (2 * chances) ** wins * (2 * (1 - chances)) ** losses
    assert coin_e_value(wins, losses) == pytest.approx(ratio.mean(), rel=1e-6)
    assert guess_e_value(wins, losses) == pytest.approx(ratio[chances > 0.5].mean(), rel=1e-6)
    assert coin_e_value(0, 0) == guess_e_value(0, 0) == pytest.approx(1)
    assert guess_e_value(1_200, 0) == math.inf  # more than a number holds


def test_no_bet_wins_on_average_if_nothing_is_there() -> None:
    """The error would be larger than stated: the capital has to be fair whatever listeners are like."""
    for values, chances in (((0.0, 1.0), (0.5, 0.5)), ((0.0, 0.4, 1.0), (0.36, 0.4, 0.24)), ((0.5,), (1.0,))):
        mean = float(np.dot(values, chances))
        expected = 0.0
        for path in np.ndindex(*[len(values)] * 5):  # every course of five listeners
            weight = math.prod(chances[place] for place in path)
            expected += weight * e_values([values[place] for place in path], mean=mean)[-1]
        assert expected == pytest.approx(1, abs=1e-9)


def test_the_order_of_listeners_does_not_matter_and_more_is_more() -> None:
    """The same answers would come to another verdict."""
    scores = [0.9, 0.4, 0.7, 1.0, 0.6]
    assert e_values(scores)[-1] == pytest.approx(e_values(scores[::-1])[-1])
    ends = confidence_sequence(scores * 8, alpha=0.05)
    assert (np.diff(ends[:, 0]) >= 0).all()
    assert (np.diff(ends[:, 1]) <= 0).all()
    assert ends[-1, 0] < np.mean(scores) < ends[-1, 1]
    assert (confidence_sequence([], alpha=0.05)).shape == (0, 2)


def test_a_clear_preference_stops_the_test_and_none_does_not() -> None:
    """A test would go on for ever, or end with the wrong voice."""
    first = decide([0.8, 0.7, 0.9, 1.0] * 6)
    assert first.stop is Stop.FIRST
    assert first.after < 24
    assert first.mean.low > 0.5
    assert first.e_value >= 20
    second = decide([0.2, 0.3, 0.1, 0.0] * 6)
    assert second.stop is Stop.SECOND
    assert second.after == first.after
    assert decide([0.4, 0.6] * 10).stop is Stop.GO_ON
    alike = decide([0.45, 0.55, 0.5] * 40, alike=0.1)
    assert alike.stop is Stop.ALIKE
    assert 0.4 <= alike.mean.low < alike.mean.high <= 0.6
    nobody = decide([])
    assert (nobody.stop, nobody.after, nobody.e_value) == (Stop.GO_ON, 0, 1.0)
    with pytest.raises(ParameterError, match="scores reach beyond 0..1, expected shares"):
        decide([1.2])
    with pytest.raises(ParameterError, match="alpha is 1, expected above 0 and below 1"):
        decide([0.5], alpha=1)


def test_looking_after_each_listener_keeps_the_stated_error() -> None:
    """A difference would be claimed far too often where there is none."""
    rng = np.random.default_rng(11)
    panels, listeners, alpha = 1500, 60, 0.05
    fans = rng.integers(0, 2, (panels, listeners)).astype(float)  # half love the one, half the other
    coins = rng.binomial(10, 0.5, (panels, listeners)) / 10
    for scores in (fans, coins):
        ever = (e_values(scores) >= 1 / alpha).any(axis=1).sum()
        # the exact binomial test against "at most alpha" is not to reject
        assert binomtest(int(ever), panels, alpha, alternative="greater").pvalue > 0.001
    # the usual way, a t test after each listener, is far above it
    counts = np.arange(1, listeners + 1)
    means = coins.cumsum(axis=1) / counts
    spread = np.sqrt(np.maximum(0, (coins**2).cumsum(axis=1) / counts - means**2))
    naive = (np.abs(means - 0.5) > 2 * spread / np.sqrt(counts))[:, 9:].any(axis=1).mean()
    assert naive > 3 * alpha


def test_the_interval_holds_the_truth_at_all_looks() -> None:
    """An interval looked at again and again would miss the truth."""
    rng = np.random.default_rng(5)
    missed = 0
    for _ in range(120):
        ends = confidence_sequence(rng.beta(3, 2, 40), alpha=0.1)
        missed += bool(((ends[:, 0] > 0.6) | (ends[:, 1] < 0.6)).any())
    assert binomtest(missed, 120, 0.1, alternative="greater").pvalue > 0.001


# --- how many


def test_a_fixed_number_is_students() -> None:
    """A test would be planned with too few. G*Power's figures for a paired t test."""
    assert fixed_listeners(0.5, 1.0) == 34
    assert fixed_listeners(0.2, 1.0) == 199
    assert fixed_listeners(0.8, 1.0) == 15
    assert fixed_listeners(0.5, 1.0, power=0.95) == 54
    assert fixed_listeners(0.01, 1.0) is None
    assert fixed_listeners(0.1, 0.0) == 2
    assert spread_of_shares(0.5, 4) == pytest.approx(0.25)
    assert spread_of_shares(0.5, 1, between=0.2) == pytest.approx(0.5)


def test_looking_costs_some_listeners_and_saves_others() -> None:
    """How many are needed would be promised too low."""
    found = needed(0.7, answers=10)
    assert found.fixed < found.peeking
    assert found.median < found.peeking < 3 * found.fixed
    assert needed(0.3, answers=10).fixed == found.fixed
    more = more_listeners([0.7, 0.9, 0.6, 0.8, 0.5])
    assert more.fixed <= more.peeking
    assert more_listeners([0.7, 0.9, 0.6, 0.8, 0.5], preference=0.55).fixed > more.fixed


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: needed(0.5, answers=3), "a preference of 0.5 in 3 answers can't be planned for"),
        (lambda: needed(0.7, answers=3, power=1), "alpha is 0.05 and power 1, expected both between 0 and 1"),
        (
            lambda: needed(0.9, answers=3, between=0.4),
            "can't have a standard deviation of 0.4, expected less than 0.30",
        ),
        (lambda: more_listeners([0.5, 1]), "2 listeners have answered, expected 3 to plan with"),
        (lambda: more_listeners([0.5, 0.5, 0.5]), "a preference of 0.5 can't be planned for"),
        (lambda: fixed_listeners(0, 1), "a difference of 0 with a spread of 1 can't be planned for"),
        (lambda: rated([]), "there are no ratings, expected at least one"),
    ],
)
def test_what_can_not_be_worked_out(call, said: str) -> None:
    """A number would be returned that means nothing."""
    with pytest.raises(ParameterError) as caught:
        call()
    assert said in str(caught.value)
