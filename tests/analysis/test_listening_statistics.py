"""Statistics of listening tests against published tables, closed forms, and libraries that share no code."""

import math
from itertools import combinations

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.stats import PermutationMethod, beta, binom, binomtest, t, wilcoxon

from workbench.analysis.listening import ANCHOR, MUFFLED, Design, Method, Role, Trial
from workbench.analysis.listening_answers import Answer
from workbench.analysis.listening_power import fixed_listeners, more_listeners, needed, spread_of_shares
from workbench.analysis.listening_preference import (
    Choice,
    bradley_terry,
    choices,
    discrimination,
    pair_scores,
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
from workbench.analysis.listening_screening import Screening, screen
from workbench.analysis.listening_sequential import (
    Stop,
    coin_e_value,
    confidence_sequence,
    decide,
    e_values,
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


# --- looking after each listener


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


# --- who counts


def answer(who: str, role: Role, shown: tuple[str, ...], given, *, item: str = "i", hidden=None) -> Answer:
    trial = Trial(number=0, role=role, item=item, shown=shown, hidden=hidden)
    return Answer(listener=who, trial=trial, given=given, seconds=0, plays=())


def test_who_misses_known_answers_is_not_counted() -> None:
    """A guesser's answers would dilute a real preference."""
    muffled = "a" + MUFFLED
    told = [answer("kim", Role.CATCH, ("a", muffled), 0), answer("kim", Role.CATCH, (muffled, "a"), 1)]
    told += [answer("lou", Role.CATCH, ("a", muffled), 0), answer("lou", Role.CATCH, (muffled, "a"), 0)]
    told += [
        answer("max", Role.CATCH, ("a", muffled), "tie"),
        answer("max", Role.CATCH, (muffled, "a"), "tie"),
    ]
    told += [answer(who, Role.TEST, ("a", "b"), 0) for who in ("kim", "lou", "max")]
    kept, screened = screen(Design(method=Method.PREFERENCE), told)
    assert {one.listener for one in kept} == {"kim"}
    assert screened[1].reasons == ("1 of 2 trials with a known answer right",)
    assert screened[2].catches == (0, 2)
    assert [one.first_position for one in screened] == [1.0] * 3


def test_the_rules_of_bs_1534() -> None:
    """A listener who does not hear the reference would be counted, or one be lost for a single slip."""
    design = Design(method=Method.MUSHRA, reference="ref")
    shown = ("ref", "x", ANCHOR)

    def listener(who: str, low: int, high: int) -> list[Answer]:
        rows = [(89 if number < low else 90, 50, 91 if number < high else 90) for number in range(20)]
        return [answer(who, Role.TEST, shown, row, item=str(number)) for number, row in enumerate(rows)]

    told = [*listener("three", 3, 0), *listener("four", 4, 0), *listener("anchor", 0, 4)]
    kept, screened = screen(design, told)
    assert {one.listener for one in kept} == {"three"}  # 3 of 20 are 15 %, not more
    assert screened[1].reasons == ("hidden reference below 90 in 20% of trials",)
    assert screened[2].reasons == ("anchor above 90 in 20% of trials",)


def test_repeats_are_told_and_exclude_only_if_asked() -> None:
    """Who hears no difference would be excluded for answering by chance."""
    told = [answer("kim", Role.TEST, ("a", "b"), 0), answer("kim", Role.REPEAT, ("b", "a"), 0)]
    told += [answer("lou", Role.TEST, ("a", "b"), 0), answer("lou", Role.REPEAT, ("b", "a"), 1)]
    design = Design(method=Method.PREFERENCE)
    kept, screened = screen(design, told)
    assert len(kept) == 4
    assert [one.repeats for one in screened] == [(0, 1), (1, 1)]
    kept, screened = screen(design, told, Screening(repeats_same=0.5))
    assert {one.listener for one in kept} == {"lou"}
    assert screened[0].reasons == ("0 of 1 repeats answered as before",)


def test_a_muffled_sound_is_to_be_rated_below_the_clear_one() -> None:
    """Whoever gives everything a three would be counted."""
    design = Design(method=Method.MOS)
    told = []
    for who, clear, muffled in (("kim", 4, 2), ("lou", 3, 3), ("max", 1, 1)):
        told += [answer(who, Role.TEST, ("a",), clear), answer(who, Role.CATCH, ("a" + MUFFLED,), muffled)]
        told += [answer(who, Role.REPEAT, ("a",), clear - 1 if clear > 1 else 3)]
    kept, screened = screen(design, told)
    assert {one.listener for one in kept} == {"kim", "max"}
    assert [one.repeats for one in screened] == [(1, 1), (1, 1), (0, 1)]


def test_shares_are_of_counted_trials_only() -> None:
    """Practice, repeats and catches would be counted twice."""
    told = [answer("kim", role, ("a", "b"), 0) for role in (Role.PRACTICE, Role.REPEAT)]
    told += [answer("kim", Role.TEST, ("b", "a"), 0), answer("kim", Role.TEST, ("a", "b"), "tie")]
    counted = choices(told)
    assert [one.won for one in counted] == [1.0, 0.5]
    assert pair_scores(counted, "a", "b") == {"kim": 0.25}
    assert pair_scores(counted, "b", "a") == {"kim": 0.75}
