"""Statistics of listening tests against published tables, closed forms, and libraries that share no code."""

import math
from itertools import combinations

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.stats import PermutationMethod, beta, binom, binomtest, t, wilcoxon

from workbench.analysis.listening_preference import (
    Choice,
    bradley_terry,
    discrimination,
)
from workbench.analysis.listening_ratings import (
    Rating,
    differences,
    holm,
    listener_means,
    paired,
    rated,
    shares_higher,
    signed_rank,
)
from workbench.analysis.listening_sequential import (
    guess_e_value,
)
from workbench.errors import ParameterError

BASEBALL = {
    "Milwaukee": {"Detroit": 7, "Toronto": 9, "New York": 7, "Boston": 7, "Cleveland": 9, "Baltimore": 11},
    "Detroit": {"Milwaukee": 6, "Toronto": 7, "New York": 5, "Boston": 11, "Cleveland": 9, "Baltimore": 9},
    "Toronto": {"Milwaukee": 4, "Detroit": 6, "New York": 7, "Boston": 7, "Cleveland": 8, "Baltimore": 12},
    "New York": {"Milwaukee": 6, "Detroit": 8, "Toronto": 6, "Boston": 6, "Cleveland": 7, "Baltimore": 10},
    "Boston": {"Milwaukee": 6, "Detroit": 2, "Toronto": 6, "New York": 7, "Cleveland": 7, "Baltimore": 12},
    "Cleveland": {"Milwaukee": 4, "Detroit": 4, "Toronto": 5, "New York": 6, "Boston": 6, "Baltimore": 6},
    "Baltimore": {"Milwaukee": 2, "Detroit": 4, "Toronto": 1, "New York": 3, "Boston": 1, "Cleveland": 7},
}
"""Wins in the eastern American League, 1987. Agresti, Categorical Data Analysis, table 10.10."""

PUBLISHED = {
    "Boston": (1.1077, 0.3339),
    "Cleveland": (0.6839, 0.3319),
    "Detroit": (1.4364, 0.3396),
    "Milwaukee": (1.5814, 0.3433),
    "New York": (1.2476, 0.3359),
    "Toronto": (1.2945, 0.3367),
}
"""Abilities above Baltimore's and their standard errors. Turner & Firth (2012), BradleyTerry2."""


def games() -> list[Choice]:
    return [
        Choice("league", winner, loser, 1.0)
        for winner, beaten in BASEBALL.items()
        for loser, times in beaten.items()
        for _ in range(times)
    ]


def test_worths_are_those_of_the_published_table() -> None:
    """The winner of a test would be another one."""
    found = bradley_terry(games())
    assert not found.by_listener
    assert not found.smoothed
    base = found.systems.index("Baltimore")
    for team, (ability, error) in PUBLISHED.items():
        place = found.systems.index(team)
        spread = found.covariance
        own = math.sqrt(spread[place, place] + spread[base, base] - 2 * spread[place, base])
        assert found.worth[place].value - found.worth[base].value == pytest.approx(ability, abs=6e-5)
        assert own == pytest.approx(error, abs=6e-5)
    assert sum(one.value for one in found.worth) == pytest.approx(0, abs=1e-9)


def test_two_systems_with_ties_have_a_closed_form() -> None:
    """Ties would be taken as losses, or thrown away."""
    wins, losses, ties = 30, 12, 18
    told = [
        Choice("x", "a", "b", won)
        for won, times in ((1.0, wins), (0.0, losses), (0.5, ties))
        for _ in range(times)
    ]
    found = bradley_terry(told)
    apart = found.worth[0].value - found.worth[1].value
    assert apart == pytest.approx(math.log(wins / losses), abs=1e-8)
    assert found.tie == pytest.approx(ties / math.sqrt(wins * losses), abs=1e-8)
    assert found.preferred("a", "b").value == pytest.approx(wins / (wins + losses))
    # answers in the other order are the same answers
    turned = [Choice("x", "b", "a", 1 - one.won) for one in told]
    assert bradley_terry(turned).tie == pytest.approx(found.tie)
    # a log odds' variance is 1/wins + 1/losses, ties or not
    low = apart - 1.959964 * math.sqrt(1 / wins + 1 / losses)
    assert found.preferred("a", "b").low == pytest.approx(1 / (1 + math.exp(-low)), abs=1e-6)


def test_ties_of_three_systems_against_a_general_optimizer(rng) -> None:
    """Newton's steps would stop beside the maximum."""
    names = ("a", "b", "c")
    told = [
        Choice(
            f"l{number % 6}", *rng.permutation(names)[:2], float(rng.choice([0, 0.5, 1], p=[0.3, 0.25, 0.45]))
        )
        for number in range(150)
    ]

    def cost(theta: np.ndarray) -> float:
        worth = dict(zip(names, [0.0, theta[0], theta[1]], strict=True))
        total = 0.0
        for one in told:
            first, second = math.exp(worth[one.first]), math.exp(worth[one.second])
            tie = math.exp(theta[2]) * math.sqrt(first * second)
            total -= math.log({1: first, 0: second, 0.5: tie}[one.won] / (first + second + tie))
        return total

    best = minimize(cost, np.zeros(3), method="Nelder-Mead", options={"xatol": 1e-8, "fatol": 1e-10}).x
    found = bradley_terry(told)
    apart = [one.value - found.worth[0].value for one in found.worth]
    assert apart == pytest.approx([0, best[0], best[1]], abs=1e-4)
    assert found.tie == pytest.approx(math.exp(best[2]), abs=1e-4)
    assert found.by_listener


def test_answers_of_one_listener_go_together() -> None:
    """Ten answers of each of eight people would count as eighty people."""
    alike = [Choice(f"l{who}", "a", "b", float(who < 5)) for who in range(8) for _ in range(10)]
    found = bradley_terry(alike).preferred("a", "b")
    fewer = bradley_terry([Choice(f"l{who}", "a", "b", float(who < 5)) for who in range(8)]).preferred(
        "a", "b"
    )
    assert found.value == pytest.approx(5 / 8)
    assert (found.low, found.high) == pytest.approx((fewer.low, fewer.high), abs=1e-9)
    assert found.high - found.low > 0.5


def test_who_wins_everything_has_a_worth_and_it_is_told() -> None:
    """A clear result would end in an error, or in an infinite worth."""
    told = [Choice(f"l{who}", *pair, 1.0) for who in range(6) for pair in combinations("abc", 2)]
    found = bradley_terry(told)
    assert found.smoothed
    assert all(math.isfinite(one.value) for one in found.worth)
    assert found.worth[0].value > found.worth[1].value > found.worth[2].value
    once = bradley_terry([Choice(f"l{who}", "a", "b", 1.0) for who in range(10)])
    sure = once.preferred("a", "b")
    # ten independent answers leave as much open: that all listeners agree does not make it certain
    assert sure.low < binomtest(10, 10).proportion_ci(method="exact").low < sure.value
    for listeners in (1, 6):
        never = bradley_terry([Choice(f"l{who}", "a", "b", 0.5) for who in range(listeners)])
        assert never.preferred("a", "b").value == pytest.approx(0.5)
        assert never.preferred("a", "b").low < 0.1
    with pytest.raises(ParameterError, match="some systems were never compared with the others"):
        bradley_terry([Choice("x", "a", "b", 1.0), Choice("x", "c", "d", 1.0)])
    with pytest.raises(ParameterError, match="there are no preferences, expected at least one answer"):
        bradley_terry([])


def test_abx_is_the_exact_binomial() -> None:
    """Twelve of sixteen would be called chance, or certainty."""
    found = discrimination(12, 16)
    assert found.p == pytest.approx(binom.sf(11, 16, 0.5))
    assert found.p == pytest.approx(0.0384, abs=1e-4)  # the well-known 12 of 16
    assert found.share.low == pytest.approx(beta.ppf(0.025, 12, 5))
    assert found.share.high == pytest.approx(beta.ppf(0.975, 13, 4))
    assert discrimination(16, 16).share.high == 1
    assert found.e_value == guess_e_value(12, 4) < 20 < discrimination(16, 16).e_value
    # of every course of twelve guesses the evidence is 1 on average
    fair = sum(binom.pmf(right, 12, 0.5) * discrimination(right, 12).e_value for right in range(13))
    assert fair == pytest.approx(1)
    with pytest.raises(ParameterError, match="there are no ABX answers"):
        discrimination(0, 0)


def test_ratings_are_averaged_over_listeners() -> None:
    """Items of one listener would count as listeners."""
    rng = np.random.default_rng(1)
    told = [
        Rating(f"l{who}", system, f"i{item}", base + who % 3 + rng.normal(0, 0.3))
        for who in range(12)
        for system, base in (("a", 3.0), ("b", 2.0))
        for item in range(4)
    ]
    best, worse = rated(told)
    assert (best.system, worse.system) == ("a", "b")
    assert best.mean.value == pytest.approx(np.mean([one.score for one in told if one.system == "a"]))
    assert best.mean.low < best.mean.value < best.mean.high
    (found,) = differences(told)
    own = list(paired(told, "a", "b").values())
    assert found.mean.value == pytest.approx(np.mean(own))
    assert found.p == pytest.approx(wilcoxon(own).pvalue)
    halves = [Rating("x", one, item, 3) for one in "ab" for item in "ij"] + [Rating("x", "a", "k", 5)]
    assert shares_higher([*halves, Rating("x", "b", "k", 4)], "a", "b") == {"x": pytest.approx(2 / 3)}
    # people differ by whole points, their differences by tenths
    assert found.mean.high - found.mean.low < (best.mean.high - best.mean.low) / 2
    # as wide as Student's interval, not narrower as plain percentiles of few listeners are
    means = np.array(list(listener_means(told, "a").values()))
    half = t.ppf(0.975, 11) * means.std(ddof=1) / math.sqrt(12)
    assert best.mean.high - best.mean.low == pytest.approx(2 * half, rel=0.1)
    assert math.isnan(rated(told[:8])[0].mean.low)  # one listener
    assert signed_rank([0.0, 0.0]) == 1
    assert signed_rank([1.0] * 5) == 1 / 16  # no five listeners can be rarer than that
    tied = [1.0, -1.0, 1.0, 2.0, 2.0, 3.0, -2.0, 2.0]
    every = PermutationMethod(n_resamples=2 ** len(tied))
    assert signed_rank(tied) == pytest.approx(wilcoxon(tied, method=every).pvalue)
    clear = [0.3, -0.1, 0.7, 1.9, 1.2, -0.5]
    assert signed_rank(clear) == pytest.approx(wilcoxon(clear, method="exact").pvalue)
    assert holm([0.2, 0.01, 0.02]) == pytest.approx([0.2, 0.03, 0.04])
