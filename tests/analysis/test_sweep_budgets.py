"""Two budgets: the least within a limit, its interval, and what is left of it on other conversations."""

from collections.abc import Sequence

import numpy as np
import pytest

from workbench.analysis.outcomes_made import made_turns
from workbench.analysis.policies import Policy
from workbench.analysis.policies_prepared import pauses_of
from workbench.analysis.policy_results import PARTS, PAUSE_MIN, Result, Sizes, evaluate, parts
from workbench.analysis.sweep_budgets import Point, Rates, bootstrap_weights, reached
from workbench.analysis.sweep_space import Space, silence_alone

WITHIN_CUT = Point(least="delay", within="cut", limit=0.05)
WITHIN_DELAY = Point(least="cut", within="delay", limit=0.5)
BY_THE_PAUSE = Point(least="delay", within="cut_a_pause", limit=0.25)


def rates(
    delays: Sequence[Sequence[float]],
    cuts: Sequence[Sequence[float]],
    *,
    turns: Sequence[int],
    pauses: Sequence[int] = (),
) -> Rates:
    """Return rates of policies whose mean delay and turns cut off in each conversation are given."""
    counts = np.array(turns, float)
    cut = np.array(cuts, float)
    return Rates(
        delay=(np.array(delays) * counts, counts),
        response=(np.array(delays) * counts + counts, counts),
        cut=(cut, counts),
        cut_a_pause=(cut, np.array(pauses or turns, float)),
    )


def test_the_least_within_a_limit_by_hand() -> None:
    """The figures compared with other systems would be others."""
    # 10 and 30 turns: 0.4 s would do, but it cuts off 3 of 40; 0.5 s cuts off 2 of 40, which is 5 %
    found = rates(
        [[0.4, 0.4], [0.6, 0.5], [0.9, 0.9]], [[1, 2], [1, 1], [0, 0]], turns=[10, 30], pauses=[4, 4]
    )
    (one, other, paused) = reached(found, np.ones((1, 2)), [WITHIN_CUT, WITHIN_DELAY, BY_THE_PAUSE])
    assert (one.place, one.value) == (1, pytest.approx((10 * 0.6 + 30 * 0.5) / 40))
    assert (other.place, other.value) == (0, pytest.approx(3 / 40))
    assert (paused.place, paused.value) == (1, pytest.approx(0.525))  # 2 of 8 pauses


def test_of_equal_ones_the_one_further_from_the_limit_is_taken() -> None:
    """Whichever was tried first would be told, with needless cut-offs."""
    found = rates([[0.5, 0.5], [0.5, 0.5]], [[1, 0], [0, 0]], turns=[20, 20])
    (one,) = reached(found, np.ones((1, 2)), [WITHIN_CUT])
    assert one.place == 1


def test_what_no_policy_reaches_is_said_to_be_not_reached() -> None:
    """A limit that was passed over would look kept."""
    found = rates([[0.6, 0.7]], [[1, 1]], turns=[10, 10])
    for one in reached(found, bootstrap_weights(2, draws=50), [WITHIN_CUT, WITHIN_DELAY]):
        assert (one.place, one.value) == (-1, np.inf)


def test_on_others_is_judged_on_conversations_that_chose_nothing() -> None:
    """The best of many would be told as if it had not been chosen for these very conversations."""
    # each policy is quick but cuts off one conversation; without that one it looks safe
    quick = [[0.3, 0.3], [0.3, 0.3], [0.8, 0.8]]
    found = rates(quick, [[10, 0], [0, 10], [0, 0]], turns=[10, 10])
    (one,) = reached(found, np.ones((1, 2)), [WITHIN_CUT])
    assert one.value == pytest.approx(0.8)
    assert (one.held, one.held_within) == (pytest.approx(0.3), 1.0)


def test_what_is_not_reached_without_some_part_is_not_reached_on_others() -> None:
    """A figure would be pieced together of the parts that suit."""
    found = rates([[0.3, 0.3], [0.9, 0.9]], [[0, 10], [0, 5]], turns=[10, 10])
    (one,) = reached(found, np.ones((1, 2)), [WITHIN_CUT])
    assert one.held == np.inf


def test_an_interval_chooses_anew_in_every_draw() -> None:
    """How sure a choice is would be told of one policy, as if it had been the only one."""
    # whoever is drawn twice, some policy is good for both: chosen anew, the least is always 0.2
    found = rates([[0.2, 0.6], [0.6, 0.2], [0.5, 0.5]], [[0, 0], [0, 0], [0, 0]], turns=[10, 10])
    weights = np.array([[2.0, 0.0], [0.0, 2.0]])
    (one,) = reached(found, weights, [WITHIN_CUT])
    assert (one.low, one.high) == (pytest.approx(0.2), pytest.approx(0.2))
    assert one.value == pytest.approx(0.4)


def test_a_single_conversation_has_no_interval_and_no_others() -> None:
    """It would look as sure as many."""
    found = rates([[0.4], [0.5]], [[0], [0]], turns=[8])
    (one,) = reached(found, bootstrap_weights(1, draws=20), [WITHIN_CUT])
    assert one.value == pytest.approx(0.4)
    assert np.all(np.isnan([one.low, one.high, one.held]))


def test_many_policies_are_looked_at_block_by_block_as_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of large sweeps only the last policies would count."""
    turns = made_turns(4, 60)
    results = evaluate(turns, Space({"endpointing.hangover_min": (0.2, 1.2)}).random(40))
    weights, own = bootstrap_weights(12, draws=60), Rates.of(results, Sizes.of(turns))
    together = reached(own, weights)
    monkeypatch.setattr("workbench.analysis.sweep_budgets._BLOCK", 7)
    assert repr(reached(own, weights)) == repr(together)


def test_rates_are_those_of_the_results() -> None:
    """Drawn once each, the conversations would give other figures than the sweep."""
    turns = made_turns(7, 50)
    results: list[Result] = evaluate(turns, list(silence_alone(Policy(), [0.3, 0.9]).values()))
    own, once = Rates.of(results, Sizes.of(turns)), np.ones((1, 10))
    for name in ("delay_mean", "cut", "cut_a_pause"):
        (drawn,) = own.drawn(name.removesuffix("_mean"), once)
        assert drawn == pytest.approx([getattr(one, name) for one in results])
    answered = [turn for turn in turns if turn.answered]
    assert own.delay[1].sum() == len(answered)
    counted = sum(one >= PAUSE_MIN for turn in turns for one in pauses_of(turn))
    assert own.cut_a_pause[1].sum() == counted > 20


def test_conversations_are_dealt_into_parts_of_a_size() -> None:
    """What is judged on others would rest on hardly any."""
    assert np.bincount(parts(12)).tolist() == [3, 3, 2, 2, 2]
    assert parts(3).tolist() == [0, 1, 2]
    assert parts(1).tolist() == [0]
    assert PARTS == 5
