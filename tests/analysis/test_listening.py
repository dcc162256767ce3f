from collections import Counter
from itertools import combinations, pairwise

import numpy as np
import pytest

from workbench.analysis.listening import (
    ANCHOR,
    GAP,
    MUFFLED,
    Design,
    Method,
    Role,
    check,
    listeners_for_balance,
    plan,
)
from workbench.errors import ParameterError

SYSTEMS = ("ann", "bob", "cem")
ITEMS = tuple(f"item {number}" for number in range(5))
PREFERENCE = Design(method=Method.PREFERENCE)


def counted(design: Design, listener: int, systems=SYSTEMS) -> list:
    return [one for one in plan(design, systems, ITEMS, listener) if one.role is Role.TEST]


def test_every_pair_comes_equally_often_in_both_positions() -> None:
    """Whoever stands first is chosen more often: a voice would win by its place."""
    design = Design(method=Method.PREFERENCE, trials=6, seed=4)
    rounds = listeners_for_balance(design, len(SYSTEMS), len(ITEMS))
    assert rounds == 5
    seen = Counter((one.item, one.shown) for number in range(rounds) for one in counted(design, number))
    wanted = {(item, pair) for item in ITEMS for pair in combinations(SYSTEMS, 2)}
    wanted |= {(item, pair[::-1]) for item, pair in wanted}
    assert dict(seen) == dict.fromkeys(wanted, 1)
    for number in range(rounds):  # and within a listener, within one
        pairs = Counter(frozenset(one.shown) for one in counted(design, number))
        assert set(pairs.values()) == {2}


def test_a_listener_has_half_of_each_pair_the_other_way_round() -> None:
    """One listener alone would be biased by positions."""
    shown = Counter(one.shown for one in counted(PREFERENCE, 0))
    for one, other in combinations(SYSTEMS, 2):
        assert abs(shown[one, other] - shown[other, one]) <= 1


def test_x_is_either_as_often_in_either_order() -> None:
    """X could be told by always answering B."""
    design = Design(method=Method.ABX)
    rounds = listeners_for_balance(design, 2, len(ITEMS))
    assert rounds == 4
    every = [one for number in range(rounds) for one in counted(design, number, SYSTEMS[:2])]
    seen = Counter((one.item, one.shown, one.hidden) for one in every)
    assert len(seen) == 4 * len(ITEMS)
    assert set(seen.values()) == {1}


def test_each_system_of_mushra_stands_in_each_row_as_often() -> None:
    """The first row is rated apart from the others."""
    design = Design(method=Method.MUSHRA, reference="ann", repeats=0)
    rounds = listeners_for_balance(design, len(SYSTEMS), len(ITEMS))
    rows = Counter(
        (one.item, row, name)
        for number in range(rounds)
        for one in counted(design, number)
        for row, name in enumerate(one.shown)
    )
    assert rounds == len(SYSTEMS) + 1
    assert set(rows.values()) == {1}
    assert len(rows) == len(ITEMS) * (len(SYSTEMS) + 1) ** 2
    assert ANCHOR in counted(design, 0)[0].shown


def test_each_system_is_rated_in_each_item() -> None:
    """A voice would be rated on easier texts."""
    seen = Counter((one.item, one.shown) for one in counted(Design(method=Method.MOS), 3))
    assert dict(seen) == {(item, (name,)): 1 for item in ITEMS for name in SYSTEMS}


def test_the_order_is_seeded_and_another_for_each_listener() -> None:
    """Nobody could run the test again, or all would tire at the same pair."""
    assert plan(PREFERENCE, SYSTEMS, ITEMS, 1) == plan(PREFERENCE, SYSTEMS, ITEMS, 1)
    orders = {tuple(one.item for one in counted(PREFERENCE, number)) for number in range(6)}
    assert len(orders) == 6
    assert counted(Design(method=Method.PREFERENCE, seed=1), 0) != counted(PREFERENCE, 0)


@pytest.mark.parametrize("method", [Method.PREFERENCE, Method.ABX, Method.MOS])
def test_practice_comes_first_and_known_answers_are_known(method: Method) -> None:
    """Practice would be counted, or a listener be excluded for a right answer."""
    for listener in range(8):
        trials = plan(Design(method=method), SYSTEMS, ITEMS, listener)
        assert [one.number for one in trials] == list(range(len(trials)))
        roles = [one.role for one in trials]
        assert roles[:2] == [Role.PRACTICE] * 2
        assert Role.PRACTICE not in roles[2:]
        caught = [one for one in trials if one.role is Role.CATCH]
        assert len(caught) == 4
        for one in caught:
            muffled = [name for name in one.shown if name.endswith(MUFFLED)]
            assert len(muffled) == 1
            assert {name.removesuffix(MUFFLED) for name in one.shown} <= set(SYSTEMS)
            assert (one.hidden is None) == (method is not Method.ABX)


def test_a_repeat_comes_later_with_positions_swapped() -> None:
    """A listener would remember the answer, or always choosing the left would look like agreement."""
    for listener in range(10):
        trials = plan(PREFERENCE, SYSTEMS, ITEMS, listener)
        repeated = [one for one in trials if one.role is Role.REPEAT]
        assert len(repeated) == 2
        for one in repeated:
            first = next(
                other
                for other in trials
                if other.role is Role.TEST and other.item == one.item and other.shown == one.shown[::-1]
            )
            assert one.number > first.number + min(GAP, 1)


def test_a_part_for_each_listener_adds_up_to_all() -> None:
    """Some pairs would never be heard."""
    design = Design(method=Method.MOS, trials=4)
    seen = Counter((one.item, one.shown) for number in range(15) for one in counted(design, number))
    assert set(seen.values()) == {4}
    assert len(seen) == len(SYSTEMS) * len(ITEMS)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (
            lambda: Design(method="mos"),
            "the method is 'mos', expected Method.PREFERENCE, Method.ABX, Method.MOS, Method.MUSHRA",
        ),
        (lambda: Design(method=Method.MOS, repeats=-1), "repeats is -1, expected 0 to 40"),
        (lambda: Design(method=Method.MUSHRA), "the mushra test has reference '', expected one"),
        (lambda: Design(method=Method.ABX, reference="a"), "the abx test has reference 'a', expected none"),
        (lambda: check(PREFERENCE, ("a",), ITEMS), "the preference test has 1 systems, expected 2 to 12"),
        (lambda: check(PREFERENCE, ("a", ANCHOR), ITEMS), "a system is called 'anchor', expected another"),
        (lambda: check(PREFERENCE, ("a", "a"), ITEMS), "2 systems and 5 items, expected each name once"),
        (
            lambda: check(Design(method=Method.MUSHRA, reference="x"), ("a", "b"), ITEMS),
            "reference 'x' is none of a, b",
        ),
        (
            lambda: check(PREFERENCE, SYSTEMS, [str(number) for number in range(140)]),
            "a listener would be given 428 trials, expected at most 400: set trials",
        ),
    ],
)
def test_a_test_that_can_not_be(make, said: str) -> None:
    """A test would end in the middle, or mean nothing."""
    with pytest.raises(ParameterError) as caught:
        make()
    assert said in str(caught.value)


def test_the_same_text_seldom_comes_twice_running() -> None:
    """The order would be that of the texts."""
    runs = [
        np.mean([one.item == other.item for one, other in pairwise(counted(PREFERENCE, number))])
        for number in range(20)
    ]
    assert np.mean(runs) < 0.3
