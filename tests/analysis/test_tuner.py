"""Figures of recorded turns under other settings, against the sweep that works them out another way."""

from dataclasses import astuple

import numpy as np
import pytest

from workbench.analysis.outcomes import RATE
from workbench.analysis.outcomes_made import made_turns
from workbench.analysis.policies import Policy
from workbench.analysis.policies_driven import drive
from workbench.analysis.policy_results import evaluate
from workbench.analysis.risk import Draws, bootstrap
from workbench.analysis.tuner import FIGURES, TURN_COLUMNS, Tuner
from workbench.conversation.early_synthesis import EarlySynthesisSettings
from workbench.conversation.endpointing import EndpointingSettings

TURNS = made_turns(5, 60)
QUICK = Policy(
    early=EarlySynthesisSettings(confidence=0.4),
    endpointing=EndpointingSettings(hangover_min=0.2, hangover_max=0.6),
)


@pytest.fixture(scope="module")
def tuner() -> Tuner:
    return Tuner(TURNS, Policy(), price=15.0)


def test_the_figures_are_those_of_a_sweep(tuner: Tuner) -> None:
    """The tuner and the command line would tell two stories of the same settings."""
    (swept,) = evaluate(TURNS, [QUICK], price=15.0)
    figures = tuner.decide(QUICK).figures
    assert set(figures) == set(FIGURES)
    told = {name: figure.value for name, figure in figures.items()}
    same = {
        "response_median": swept.response_median,
        "response_p90": swept.response_p90,
        "starts": swept.starts,
        "commits": swept.commits,
        "discards": swept.discards,
        "wrong": swept.wrong,
        "cut": swept.cut,
        "wasted": swept.wasted_mean,
        "cost": swept.cost_mean,
        "saved": swept.saved_mean,
        "delay": swept.delay_mean,
    }
    assert told == pytest.approx(same, abs=1e-8)


def test_each_turn_is_as_the_very_deciders_leave_it(tuner: Tuner) -> None:
    """A turn's row would show an end of turn that would never be."""
    driven = drive(TURNS, QUICK)
    columns = tuner.columns(tuner.decide(QUICK))
    assert set(columns) == set(TURN_COLUMNS)
    said = np.array([turn.voiced_end / RATE for turn in TURNS])
    assert columns["wait"] == pytest.approx(driven.end[0] / RATE - said)
    assert columns["early"] == pytest.approx(driven.early[0] - said, nan_ok=True)
    assert (columns["cut"] == driven.cut_offs[0]).all()
    assert (columns["starts"] == driven.starts[0]).all()
    answered = np.array([turn.answered for turn in TURNS])
    assert (np.isfinite(columns["response"]) == answered).all()


def test_intervals_are_those_of_drawing_whole_conversations_one_by_one() -> None:
    """An interval would be that of other draws than it says."""
    owners = [turn.conversation for turn in TURNS]
    values = np.random.default_rng(2).gamma(2.0, size=len(owners))
    draws = Draws(owners, count=300, seed=4)
    one_by_one = bootstrap(values, owners, draws=300, seed=4)
    assert astuple(draws.mean(values)) == pytest.approx(astuple(one_by_one))
    for wanted, found in zip((0.5, 0.9), draws.quantiles(values, (0.5, 0.9)), strict=True):
        one_by_one = bootstrap(values, owners, quantile=wanted, draws=300, seed=4)
        assert astuple(found) == pytest.approx(astuple(one_by_one))


def test_turns_without_a_value_count_for_nothing() -> None:
    """Turns nobody answered would pull the response time to zero, or make all of it unknown."""
    draws = Draws(["a", "a", "b", "b", "c"], count=200)
    values = np.array([1.0, np.nan, 2.0, 3.0, np.nan])
    assert draws.mean(values).value == 2.0
    (median,) = draws.quantiles(values, [0.5])
    assert median.value == 2.0
    assert 1.0 <= median.low <= median.high <= 3.0
    nothing = draws.mean(np.full(5, np.nan))
    assert np.isnan(astuple(nothing)).all()
    assert np.isnan(astuple(*draws.quantiles(np.full(5, np.nan), [0.5]))).all()
