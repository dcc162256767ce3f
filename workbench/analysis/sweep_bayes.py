"""Bayesian search: policies proposed from what came of those before."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from workbench.analysis.policies import Policy
from workbench.analysis.policy_results import Result
from workbench.analysis.risk_choice import Budget
from workbench.analysis.sweep_space import POLICIES_MAX, Setting, Space, policy_with
from workbench.errors import EngineMissing, ParameterError

if TYPE_CHECKING:
    import optuna

BATCH = 32
"""Policies proposed at once: the same whatever the executor, so that a seed gives the same search."""

_BEYOND = 20.0  # seconds of response time that a share of mistakes of 1 beyond the budget weighs

Sweep = Callable[[Sequence[Policy]], Sequence[Result]]


def search(space: Space, count: int, budget: Budget, sweep: Sweep, *, seed: int = 0) -> tuple[Policy, ...]:
    """Return the policies tried, about ``count``, ever more of them where it is fast within the budget.

    Raises
    ------
    EngineMissing
        If optuna is not installed.
    """
    try:
        import optuna
    except ImportError as error:
        raise EngineMissing("a Bayesian search", "optuna", "tune") from error
    if not 1 <= count <= POLICIES_MAX:
        raise ParameterError(f"a search of {count} policies is asked for, expected 1 to {POLICIES_MAX}")
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    sampler = optuna.samplers.TPESampler(seed=seed)
    study = optuna.create_study(sampler=sampler)
    tried: dict[Policy, None] = {}
    for first in range(0, count, BATCH):
        trials = [study.ask() for _ in range(min(BATCH, count - first))]
        proposed = [_policy(trial, space) for trial in trials]
        policies = [one for one in proposed if one is not None]
        results = iter(sweep(policies))
        for trial, policy in zip(trials, proposed, strict=True):
            if policy is None:
                study.tell(trial, state=optuna.trial.TrialState.FAIL)
            else:
                study.tell(trial, _worth(next(results), budget))
                tried[policy] = None
    if not tried:
        raise ParameterError("the search proposed no policy that makes sense, expected a wider space")
    return tuple(tried)


def _worth(result: Result, budget: Budget) -> float:
    """Return the response time, with what goes beyond the budget counted as time."""
    risks = {name: float(np.mean(getattr(result, f"{name}s"))) for name in budget.limits}
    beyond = sum(max(0.0, risks[name] - limit) for name, limit in budget.limits.items())
    return result.response_median + _BEYOND * beyond


def _policy(trial: "optuna.Trial", space: Space) -> Policy | None:
    changes: dict[str, Setting] = {}
    for name, values in space.values.items():
        if all(isinstance(one, float) for one in values) and len(values) > 1:
            changes[name] = round(trial.suggest_float(name, min(values), max(values)), 4)
        else:
            changes[name] = trial.suggest_categorical(name, list(values))
    try:
        return policy_with(space.base, changes)
    except ParameterError:
        return None
