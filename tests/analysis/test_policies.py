"""Policies: all at once they decide what the very deciders decide one by one."""

from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from workbench.analysis.outcomes import Decisions, outcomes
from workbench.analysis.outcomes_made import made_turns
from workbench.analysis.policies import Policy, decide
from workbench.analysis.policies_driven import drive
from workbench.conversation.early_synthesis import EarlySynthesisSettings
from workbench.conversation.endpointing import EndpointingSettings
from workbench.conversation.leading import LeadSettings
from workbench.errors import ParameterError

ROUND = st.sampled_from([0.0, 0.1, 0.5, 0.8, 1.0])
UNIT = ROUND | st.floats(0, 1)

TIMES = st.sampled_from([0.5, 1.0, 1.0, 1.5])


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    low = draw(st.sampled_from([0.1, 0.5, 0.512]) | st.floats(0.1, 1.5))
    return Policy(
        early=EarlySynthesisSettings(
            enabled=draw(st.booleans() | st.just(True)),
            confidence=draw(UNIT),
            stability=draw(UNIT),
            end_of_turn=draw(st.just(0.0) | UNIT),
            silence=draw(st.sampled_from([0.0, 0.08, 0.1]) | st.floats(0, 0.6)),
            starts_max=draw(st.integers(0, 4)),
        ),
        lead=LeadSettings(
            prefixes=draw(st.sampled_from([(), ("So.",)])),
            prefix_confidence=draw(UNIT),
            sentences=draw(st.booleans()),
            clauses=draw(st.integers(0, 4)),
            confidence=draw(UNIT),
            further_confidence=draw(UNIT),
        ),
        endpointing=EndpointingSettings(
            hangover_min=low,
            hangover_max=low + draw(st.sampled_from([0.0, 0.9]) | st.floats(0, 2)),
            turn_max=draw(st.sampled_from([60.0, 60.0, 3.0]) | st.floats(0.5, 8)),
            pause_margin=draw(st.sampled_from([0.0, 0.15, 0.5])),
            sure=draw(st.sampled_from([0.8, 1.0]) | st.floats(0.01, 1)),
            unknown=draw(UNIT),
            patience=draw(st.sampled_from([0.0, 3.0]) | st.floats(0, 4)),
            pace=draw(ROUND),
            long=draw(st.sampled_from([1.0, 1.0, 2.0]) | st.floats(1, 4)),
            **{one: draw(TIMES) for one in ("yes_no", "choice", "date", "list")},
        ),
    )


SEEDS = st.integers(0, 2**32 - 1)


def row(decisions: Decisions, place: int) -> Decisions:
    return Decisions(**{one.name: getattr(decisions, one.name)[[place]] for one in fields(Decisions)})


def assert_same(left: Decisions, right: Decisions) -> None:
    for one in fields(Decisions):
        if one.name == "wasted":  # a sum of seconds, in another order
            np.testing.assert_allclose(left.wasted, right.wasted, atol=1e-9)
        else:
            np.testing.assert_array_equal(getattr(left, one.name), getattr(right, one.name), one.name)


@settings(max_examples=60, deadline=None)
@given(seed=SEEDS, chosen=st.lists(policies(), min_size=1, max_size=4), per=st.integers(1, 4))
def test_all_at_once_is_one_by_one(seed: int, chosen: list[Policy], per: int) -> None:
    """The sweep would choose settings that the live pipeline treats otherwise."""
    turns = made_turns(seed, 7, per_conversation=per)
    together = decide(turns, chosen)
    for place, policy in enumerate(chosen):
        assert_same(row(together, place), drive(turns, policy))


def test_the_made_turns_reach_every_decision() -> None:
    """The comparison above would compare nothing but zeros."""
    turns = made_turns(1, 300)
    loose = Policy(
        lead=LeadSettings(prefixes=("So.",), sentences=True),
        endpointing=EndpointingSettings(hangover_min=0.2, hangover_max=0.6, turn_max=4.0),
    )
    decided = decide(turns, [loose])
    for one in fields(Decisions):
        assert np.nansum(getattr(decided, one.name)) > 0, one.name


def test_many_policies_are_decided_in_parts_as_in_one() -> None:
    """What a policy decides would depend on which others are swept beside it."""
    turns = made_turns(3, 40)
    rng = np.random.default_rng(3)
    many = [Policy(early=EarlySynthesisSettings(confidence=float(one))) for one in rng.random(2_000)]
    together = decide(turns, many)
    for place in (0, 1_000, 1_999):
        assert_same(row(together, place), decide(turns, [many[place]]))


@settings(max_examples=40, deadline=None)
@given(
    seed=SEEDS,
    policy=policies(),
    name=st.sampled_from(["confidence", "stability", "end_of_turn", "silence"]),
    by=UNIT,
)
def test_a_stricter_threshold_never_starts_earlier(seed: int, policy: Policy, name: str, by: float) -> None:
    """Raising a threshold for safety would make early starts bolder."""
    value = getattr(policy.early, name)
    stricter = replace(policy, early=replace(policy.early, **{name: value + (1 - value) * by}))
    decided = decide(made_turns(seed, 8), [policy, stricter])
    first, later = np.nan_to_num(decided.first_start, nan=np.inf)
    assert np.all(first <= later)


@settings(max_examples=40, deadline=None)
@given(
    seed=SEEDS,
    policy=policies(),
    name=st.sampled_from(["hangover_min", "hangover_max", "both", "patience", "choice", "date"]),
    by=st.floats(0, 1),
)
def test_a_longer_hangover_never_ends_a_turn_earlier(seed: int, policy: Policy, name: str, by: float) -> None:
    """Waiting longer would cut more callers off."""
    ends = replace(policy.endpointing, turn_max=60.0)
    low, high = ends.hangover_min, ends.hangover_max
    if name in ("hangover_max", "both"):
        high += by
    if name in ("hangover_min", "both"):
        low = min(high, low + by)
    waits = {"hangover_min": low, "hangover_max": high}
    if name in ("patience", "choice", "date"):
        waits[name] = getattr(ends, name) + by
    longer = replace(policy, endpointing=replace(ends, **waits))
    turns = made_turns(seed, 12)
    decided = decide(turns, [replace(policy, endpointing=ends), longer])
    assert np.all(decided.end[1] >= decided.end[0])
    assert np.all(decided.cut_offs[1] <= decided.cut_offs[0])


def test_an_early_start_is_committed_or_discarded() -> None:
    """Replies in preparation would be lost from the account."""
    turns = made_turns(5, 400)
    decided = decide(turns, [Policy(), Policy(endpointing=EndpointingSettings(hangover_min=0.1))])
    np.testing.assert_array_equal(decided.starts, decided.commits + decided.discards)


def test_early_synthesis_never_costs_time() -> None:
    """A reply prepared early would be heard later than one that was not."""
    came = outcomes(decide(turns := made_turns(6, 300), [Policy()]), turns)
    assert np.nanmin(came.time_saved) >= 0
    assert np.nanmax(came.time_saved) > 0.1


def test_nothing_to_decide_is_refused() -> None:
    """An empty folder would end in an error from within numpy."""
    with pytest.raises(ParameterError, match="there are no turns to decide, expected at least one"):
        decide([], [Policy()])
