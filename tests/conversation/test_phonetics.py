"""How words sound and how far apart sounds are."""

import numpy as np
import pytest
from hypothesis import given, strategies as st

from workbench.conversation.phonetics import (
    PHONES,
    distance,
    drop_costs,
    phones_of,
    spelled_phones,
    substitution_costs,
)

runs = st.lists(st.integers(0, len(PHONES) - 1), max_size=8).map(tuple)


def names(word):
    return " ".join(PHONES[phone] for phone in phones_of(word))


@pytest.mark.parametrize(
    ("word", "sound"),
    [
        ("roast", "R OW S T"),
        ("rose", "R OW Z"),
        ("light", "L AY T"),
        ("dark", "D AA R K"),
        ("cream", "K R IY M"),
        ("trip", "T R IH P"),
        ("shot", "SH AA T"),
        ("brown", "B R OW N"),
        ("knife", "N AY F"),
        ("phone", "F OW N"),
        ("making", "M EY K IH NG"),
        ("station", "S T EY SH AH N"),
    ],
)
def test_letters_become_sounds(word, sound):
    """The letter rules would misread ordinary words, and near sounds would look far apart."""
    assert names(word) == sound


@pytest.mark.parametrize(
    ("said", "meant", "other"),
    [
        ("americana", "americano", "cappuccino"),
        ("rose", "roast", "shot"),
        ("mocker", "mocha", "milk"),
        ("trip", "drip", "single"),
        ("hours", "ounce", "roast"),
        ("sweeter", "sweetener", "sugar"),
    ],
)
def test_misheard_words_are_nearest_to_what_was_said(said, meant, other):
    """A recognition error would be taken for another word of the assistant."""
    respelled = {"mocha": "moh kah"}
    heard = phones_of(said)
    assert distance(heard, spelled_phones(meant, respelled)) < distance(
        heard, spelled_phones(other, respelled)
    )


def test_a_respelling_wins_over_the_letters():
    """An assistant could not say how its own words sound."""
    assert spelled_phones("latte", {"latte": "lah tay"}) == phones_of("lah") + phones_of("tay")
    assert spelled_phones("latte", {}) == phones_of("latte")


def test_voicing_costs_less_than_place_and_vowels_never_pass_for_stops():
    """Near sounds would cost as much as far ones."""
    costs = substitution_costs()
    t, d, k, iy, ih = (PHONES.index(name) for name in ("T", "D", "K", "IY", "IH"))
    assert costs[t, d] < costs[t, k] < costs[t, iy]
    assert costs[iy, ih] < 0.4
    assert np.array_equal(costs, costs.T)
    assert (np.diag(costs) == 0).all()
    assert ((drop_costs() >= 0.3) & (drop_costs() <= 0.7)).all()


@given(runs, runs)
def test_distance_is_symmetric_and_zero_only_for_the_same(one, other):
    """Distances would depend on which word was heard."""
    assert distance(one, other) == pytest.approx(distance(other, one))
    assert (distance(one, other) == 0) == (one == other)


@given(runs, runs, runs)
def test_dropping_everything_bounds_the_distance(one, other, rest):
    """A change could cost more than hearing nothing and adding the rest."""
    drops = drop_costs()
    assert distance(one, other) <= sum(drops[list(one)]) + sum(drops[list(other)]) + 1e-9
    assert distance(one + rest, other + rest) <= distance(one, other) + 1e-9
