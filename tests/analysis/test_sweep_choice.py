"""What a choice is worth: on other conversations, and against silence alone at equal delay."""

from dataclasses import replace

import numpy as np
import pytest

from workbench.analysis.outcomes import outcomes
from workbench.analysis.outcomes_made import made_turns
from workbench.analysis.policies import Policy, decide
from workbench.analysis.policy_results import Sizes, evaluate, parts
from workbench.analysis.risk_choice import Budget
from workbench.analysis.sweep_budgets import Rates, bootstrap_weights
from workbench.analysis.sweep_choice import (
    choose_policy,
    held_out,
    judge,
    silence_as_soon,
    waiting_for_the_final,
)
from workbench.analysis.sweep_space import Space, silence_alone

TURNS = made_turns(21, 100)
POLICIES = Space(
    {"endpointing.hangover_min": (0.2, 0.4, 0.8), "early.confidence": (0.2, 0.8)}, Policy()
).grid()
BUDGET = Budget({"cut": 0.3})


def test_a_policy_chosen_without_a_part_is_that_of_the_others_alone() -> None:
    """The part left out would have a say in what it judges."""
    results = evaluate(TURNS, POLICIES)
    part = np.repeat(parts(20), 5)
    for without in range(5):
        others = [turn for turn, own in zip(TURNS, part, strict=True) if own != without]
        alone = evaluate(others, POLICIES)
        assert [one.medians[without] for one in results] == [one.response_median for one in alone]
        left_out = choose_policy(results, BUDGET, without=without)
        assert left_out == choose_policy(alone, BUDGET)


def test_what_is_judged_is_what_the_chosen_policy_does_in_its_own_part() -> None:
    """Figures of one policy would be told for another."""
    weights, part = bootstrap_weights(20, draws=40), parts(20)
    places = [0, 1, 2, 3, 4]
    silence = Rates.of(evaluate(TURNS, list(silence_alone(Policy(), [0.1, 5.0]).values())), Sizes.of(TURNS))
    found = held_out(TURNS, POLICIES, places, silence, weights)
    assert found is not None
    came = outcomes(decide(TURNS, POLICIES), TURNS)
    late = outcomes(decide(TURNS, [waiting_for_the_final(one) for one in POLICIES]), TURNS)
    own = [part[number // 5] for number in range(100)]
    quick, slow = (
        np.nanmedian([one.response_time[own[turn], turn] for turn in range(100)]) for one in (came, late)
    )
    assert found.judged.response == pytest.approx(quick)
    assert found.judged.sooner.value == pytest.approx(slow - quick)
    assert found.judged.sooner.low <= found.judged.sooner.value <= found.judged.sooner.high
    assert found.judged.cut == sum(came.cut_offs[own[turn], turn] > 0 for turn in range(100))
    assert found.judged.wrong == sum(came.wrong_heard[own[turn], turn] > 0 for turn in range(100))
    assert found.parts == 5


def test_waiting_for_the_final_ends_turns_the_same() -> None:
    """What early synthesis is worth would be mixed with what endpointing is."""
    for policy in POLICIES:
        late = waiting_for_the_final(policy)
        assert not late.early.enabled
        assert late == replace(policy, early=replace(policy.early, enabled=False))


def test_silence_as_soon_lies_between_the_waits_next_to_it() -> None:
    """At the next shorter wait of a coarse grid silence alone looks worse than it is."""
    counts = np.array([10.0])

    def made(delays: list[float], cuts: list[float]) -> Rates:
        delay, cut = (np.array(one)[:, None] * 10 for one in (delays, cuts))
        return Rates(
            delay=(delay, counts), response=(delay, counts), cut=(cut, counts), cut_a_pause=(cut, counts)
        )

    silence = made([0.4, 0.6, 0.8], [0.3, 0.2, 0.0])
    once = np.ones((1, 1))
    found = silence_as_soon([0.3, 0.5, 0.7], silence, made([0.55], [0.1]), 0, once)
    assert (found.cut, found.wait) == (pytest.approx(0.225), pytest.approx(0.45))
    assert found.more.value == pytest.approx(0.125)
    never = silence_as_soon([0.3, 0.5, 0.7], silence, made([0.39], [0.1]), 0, once)
    assert np.isnan(never.cut)


def test_silence_compared_with_itself_is_no_worse() -> None:
    """All evidence would be credited with what comes of the comparison alone."""
    waits = [round(0.1 + 0.01 * step, 2) for step in range(150)]
    sizes, weights = Sizes.of(TURNS), bootstrap_weights(20, draws=100)
    silence = Rates.of(evaluate(TURNS, list(silence_alone(Policy(), waits).values())), sizes)
    found = silence_as_soon(waits, silence, silence, 40, weights)
    assert found.wait == pytest.approx(0.5, abs=0.02)
    assert found.more.value == pytest.approx(0.0)
    assert (found.more.low, found.more.high) == (pytest.approx(0.0), pytest.approx(0.0))


def test_judging_one_conversation_gives_no_interval() -> None:
    """A single caller would look like all of them."""
    one = judge(TURNS[:5], [Policy()], [0], bootstrap_weights(1, draws=10))
    assert np.isnan(one.sooner.low)
    silence = Rates.of(evaluate(TURNS[:5], [Policy()]), Sizes.of(TURNS[:5]))
    assert held_out(TURNS[:5], POLICIES, [], silence, bootstrap_weights(1, draws=10)) is None
