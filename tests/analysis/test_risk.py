"""Risk: intervals that cover, promises that are kept at the stated rate."""

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from hypothesis.extra import numpy as arrays
from scipy import stats

from workbench.analysis.risk import bootstrap, conversations_needed, p_value, pareto
from workbench.analysis.risk_choice import Budget, choose, parse_budget
from workbench.errors import ParameterError


def test_a_bootstrap_interval_covers_at_its_rate_although_turns_depend_on_each_other() -> None:
    """An interval would be too narrow, because turns of one caller were taken for independent."""
    rng = np.random.default_rng(1)
    covered = apart = 0
    owners = [f"c{number}" for number in range(40) for _ in range(10)]
    for _ in range(150):
        values = np.repeat(rng.normal(size=40), 10) + 0.2 * rng.normal(size=400)
        found = bootstrap(values, owners, level=0.9, draws=300, seed=int(rng.integers(1 << 30)))
        alone = bootstrap(values, [str(n) for n in range(400)], level=0.9, draws=300)
        covered += found.low <= 0 <= found.high
        apart += alone.low <= 0 <= alone.high
    assert 0.8 <= covered / 150 <= 0.97
    assert apart / 150 < 0.6


def test_a_bootstrap_of_a_median_leaves_out_what_has_no_value() -> None:
    """Turns without an answer would move the median."""
    found = bootstrap([1.0, np.nan, 3.0, 2.0], ["a", "a", "b", "b"], quantile=0.5, draws=200)
    assert found.value == 2.0
    assert 1.0 <= found.low <= found.high <= 3.0
    with pytest.raises(ParameterError, match="there are no values to draw from"):
        bootstrap([np.nan], ["a"])


@pytest.mark.parametrize("quantile", [None, 0.5])
def test_a_bootstrap_is_that_of_another_library(quantile: float | None) -> None:
    """Conversations of many turns would count as those of one, or the interval be another one."""
    rng = np.random.default_rng(6)
    held = [rng.exponential(1 + number % 3, size=1 + 7 * (number % 4)) for number in range(25)]
    owners = [f"c{number}" for number, one in enumerate(held) for _ in one]

    def pooled(places: np.ndarray) -> float:
        turns = np.concatenate([held[int(one)] for one in places])
        return float(turns.mean() if quantile is None else np.quantile(turns, quantile))

    theirs = stats.bootstrap(
        (np.arange(25),), pooled, n_resamples=4_000, vectorized=False, method="percentile", random_state=1
    ).confidence_interval
    ours = bootstrap(np.concatenate(held), owners, quantile=quantile, draws=4_000)
    assert ours.value == pytest.approx(pooled(np.arange(25)))
    width = theirs.high - theirs.low
    assert [ours.low, ours.high] == pytest.approx([theirs.low, theirs.high], abs=0.08 * width)


@settings(max_examples=60, deadline=None)
@given(
    costs=arrays.arrays(
        np.float64, st.tuples(st.integers(1, 12), st.integers(1, 3)), elements=st.integers(0, 4).map(float)
    )
)
def test_the_pareto_front_is_what_nothing_beats(costs: np.ndarray) -> None:
    """A good policy would be missing from the figure, or a bad one be in it."""
    wanted = [not any(np.all(other <= row) and np.any(other < row) for other in costs) for row in costs]
    assert pareto(costs).tolist() == wanted


def test_p_values_by_hand() -> None:
    """A promise would be made on too little."""
    # no loss in 44 conversations: 0.95 ** 44 = 0.10467, in 45: 0.09944
    assert p_value(np.zeros(44), 0.05) == pytest.approx(0.95**44)
    assert p_value(np.zeros(45), 0.05) < 0.1 < p_value(np.zeros(44), 0.05)
    # one in two: 0.75 ** 2 + 2 * 0.25 * 0.75
    assert p_value(np.array([0.0, 1.0]), 0.25) == pytest.approx(0.9375)


@pytest.mark.parametrize("limit", [0.01, 0.05, 0.2])
@pytest.mark.parametrize("quarters", [(0, 0, 1), (1, 2), (1, 1, 1, 1, 1), (4, 4, 1), (4, 4), (4,) * 20])
def test_p_values_are_those_of_the_formula(limit: float, quarters: tuple[int, ...]) -> None:
    """Conversations with some turns gone wrong would be counted as if all, or none, had."""
    count = 80
    losses = np.zeros(count)
    losses[: len(quarters)] = np.array(quarters) / 4
    total = sum(quarters) / 4
    binomial = stats.binom.cdf(np.ceil(total), count, limit)
    rate = min(total / count, limit)
    hoeffding = np.exp(-count * (stats.entropy([rate, 1 - rate], [limit, 1 - limit])))
    whole = set(quarters) <= {0, 4}
    wanted = binomial if whole else min(1.0, hoeffding, np.e * binomial)
    assert p_value(losses, limit) == pytest.approx(wanted)


def test_a_p_value_is_no_smaller_than_its_chance_whatever_the_losses_are_made_of() -> None:
    """Losses that happen to be whole in a sample are judged by another test: a promise could hide in that."""
    count, share = 20, 0.5
    some, all_ = np.meshgrid(np.arange(count + 1), np.arange(count + 1))
    rows = np.stack([some.ravel(), all_.ravel()], axis=1)
    # how many conversations went wrong in half of their turns, and how many in all
    rows = rows[rows.sum(axis=1) <= count]
    losses = np.zeros((len(rows), count))
    for row, (halves, wholes) in zip(losses, rows, strict=True):
        row[:halves], row[halves : halves + wholes] = share, 1.0
    for limit in (0.05, 0.2):
        p = p_value(losses, limit)
        for part in (0.02, 0.1, 0.5, 0.9):  # of the risk, from half conversations
            chances = [1 - limit * (part / share + 1 - part), limit * part / share, limit * (1 - part)]
            likely = stats.multinomial(count, chances).pmf(
                np.concatenate([count - rows.sum(axis=1, keepdims=True), rows], axis=1)
            )
            order = np.argsort(p)
            assert np.all(np.cumsum(likely[order])[np.searchsorted(p[order], p, "right") - 1] <= p + 1e-9)


def test_a_p_value_below_its_level_is_as_rare_as_it_says() -> None:
    """The test under every promise would be wrong."""
    rng = np.random.default_rng(2)
    wholes = (rng.random((4_000, 80)) < 0.1).astype(float)
    parts = rng.beta(0.1 * 3, 0.9 * 3, size=(4_000, 80))  # also 0.1 on average
    for losses in (wholes, parts):
        assert (p_value(losses, 0.1) <= 0.1).mean() <= 0.115
    assert (p_value(wholes, 0.2) <= 0.1).mean() > 0.8  # and it does find what is far below the limit


def population(rng: np.random.Generator, risks: np.ndarray, conversations: int) -> np.ndarray:
    """Return losses of policies on the same conversations, turns of one depending on each other."""
    hard = rng.random((conversations,))  # how hard a conversation is, to all policies alike
    turns = rng.integers(1, 6, size=conversations)
    own = 0.5 * hard[None, :, None] + 0.5 * rng.random((len(risks), conversations, 5))
    edge = np.sqrt(np.asarray(risks) / 2)  # the mean of two uniforms is below it with that probability
    happened = (own < edge[:, None, None]) & (np.arange(5) < turns[:, None])[None]
    return happened.sum(axis=2) / turns


def test_the_promise_is_kept_at_the_stated_rate() -> None:
    """A promise of at most 5 % with 90 % confidence would be words."""
    rng = np.random.default_rng(3)
    risks = np.linspace(0.09, 0.005, 30)  # the bolder the faster
    speed = np.linspace(0.3, 1.0, 30)
    responses = np.repeat(speed[:, None], 200, axis=1)
    broken = made = naive = 0
    runs = 300
    for run in range(runs):
        losses = population(rng, risks, 200)
        budget = Budget({"cut": 0.05})
        found = choose(speed, {"cut": losses}, budget, responses=responses, seed=run)
        made += found.promised
        broken += found.promised and risks[found.place] > 0.05
        naive += risks[int(np.argmax(losses.mean(axis=1) <= 0.05))] > 0.05
    assert broken / runs <= 0.1 + 2 * np.sqrt(0.09 / runs)
    assert made / runs > 0.75
    assert naive / runs > 0.3  # choosing what kept to the budget in the recordings is no promise


def test_what_orders_the_policies_does_not_test_them() -> None:
    """Of a hundred policies a bit too risky one would seem safe by chance, and be promised."""
    rng = np.random.default_rng(7)
    broken = 0
    for run in range(200):
        losses = (rng.random((100, 120)) < 0.06).astype(float)
        speed = np.arange(100.0)
        found = choose(speed, {"cut": losses}, Budget({"cut": 0.05}), responses=losses, seed=run)
        broken += found.promised
    assert broken / 200 <= 0.1


def test_a_promise_on_two_risks_is_one_promise() -> None:
    """With each further risk the promise would be worth less."""
    rng = np.random.default_rng(4)
    speed = [0.3, 0.6, 0.9]
    bad = {"wrong": np.array([0.001, 0.011, 0.0]), "cut": np.array([0.055, 0.001, 0.055])}
    broken = 0
    for run in range(300):
        losses = {name: population(rng, risks, 400) for name, risks in bad.items()}
        found = choose(
            speed, losses, Budget({"wrong": 0.01, "cut": 0.05}), responses=np.ones((3, 400)), seed=run
        )
        broken += found.promised
    assert broken / 300 <= 0.1 + 2 * np.sqrt(0.09 / 300)


def test_too_little_data_is_said_with_how_much_is_needed() -> None:
    """A policy would be recommended as safe because nothing went wrong in ten conversations."""
    losses = {"wrong": np.zeros((2, 10)), "cut": np.zeros((2, 10))}
    budget = parse_budget("wrong=0.01, cut=0.05")
    found = choose([0.9, 0.4], losses, budget, responses=np.ones((2, 10)))
    assert not found.promised
    assert found.place == 1
    # ln 0.1 / ln 0.99 = 229.1 to be tested on, of 60 % of all: 384
    assert found.warning == (
        "wrong at most 0.01 can't be promised: about 384 conversations would be needed, there are 10; "
        "cut at most 0.05 can't be promised: about 75 conversations would be needed, there are 10"
    )
    some = {"wrong": np.zeros((1, 10)), "cut": np.full((1, 10), 0.04)}
    found = choose([0.9], some, budget, responses=np.ones((1, 10)))
    assert found.warning.endswith(
        "cut at most 0.05 can't be promised: about 3407 conversations would be needed "
        "at 0.04 of a conversation's turns, as seen, there are 10"
    )
    enough = {"wrong": np.zeros((2, 384)), "cut": np.zeros((2, 384))}
    found = choose([0.9, 0.4], enough, budget, responses=np.ones((2, 384)))
    assert found.promised
    assert (found.place, sorted(found.passed), found.warning) == (1, [0, 1], "")


def test_of_policies_as_fast_the_safest_is_chosen_and_of_those_the_soonest_on_average() -> None:
    """Callers would be cut off for a millisecond, or for nothing: medians are often the same."""
    speed = [0.4, 0.409, 0.409, 0.42]
    losses = {"cut": np.repeat([[0.02], [0.01], [0.01], [0.0]], 20, axis=1)}
    responses = np.repeat([[0.5], [0.6], [0.55], [0.5]], 20, axis=1)
    assert choose(speed, losses, Budget({"cut": 0.05}), responses=responses).place == 2
    many = {"cut": np.repeat(losses["cut"], 50, axis=1)}
    found = choose(speed, many, Budget({"cut": 0.05}), responses=np.repeat(responses, 50, axis=1))
    assert (found.promised, found.place) == (True, 2)
    beyond = choose(speed, losses, Budget({"cut": 0.001}), responses=responses)
    assert (beyond.promised, beyond.place) == (False, 3)  # nothing but it keeps to that


def test_a_budget_that_nothing_keeps_names_what_was_seen() -> None:
    """The nearest policy would be handed out as if it kept to the budget."""
    losses = {"cut": np.tile([[0.0, 1.0], [1.0, 1.0]], 50)}
    found = choose([0.9, 0.4], losses, Budget({"cut": 0.05}), responses=np.ones((2, 100)))
    assert (found.place, found.promised) == (0, False)
    assert found.warning == "cut at most 0.05 can't be promised: it is 0.5 in these 100 conversations"
    assert conversations_needed(0.5, 0.05, doubt=0.1) is None


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("wrong", "budget 'wrong', expected such as wrong=0.01,cut=0.05"),
        ("wrong=2", "the budget says wrong=2.0, expected wrong or cut above 0 and below 1"),
        ("speed=0.1", "the budget says speed=0.1, expected wrong or cut"),
    ],
)
def test_a_budget_that_makes_no_sense_is_refused(text: str, match: str) -> None:
    """A slip of the pen would be a budget nobody meant."""
    with pytest.raises(ParameterError, match=match):
        parse_budget(text)
