"""The settings worth looking at: all of a grid, those nothing beats, the one for a budget."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from workbench.analysis.outcomes import TurnRecord
from workbench.analysis.policies import Policy
from workbench.analysis.risk import pareto
from workbench.analysis.risk_choice import CONFIDENCE, Budget
from workbench.analysis.sweep import Progress, sweep
from workbench.analysis.sweep_choice import choose_policy
from workbench.analysis.sweep_space import GRID, Space, settings_of
from workbench.analysis.tuning_told import promise_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Front:
    """What a grid of settings came to, JSON-ready."""

    points: list[dict[str, Any]]
    """Of each: ``settings`` by dotted name, ``median`` s, shares ``cut`` and ``wrong``, and ``best``: whether
    nothing beats it in all three."""
    chosen: int
    """Place of the fastest that keeps to the budget, or comes nearest to it."""
    promise: str
    """What can be said of that."""


def front_of(
    turns: Sequence[TurnRecord],
    base: Policy,
    budget: Budget,
    *,
    progress: Progress = lambda done, total: None,
) -> Front:
    """Return what a grid around ``base`` comes to; ``progress`` may raise to stop it."""
    policies = Space(dict(GRID), base).grid()
    results = sweep(turns, policies, progress=progress)
    choice = choose_policy(results, budget)
    best = pareto(np.array([[one.response_median, one.cut, one.wrong] for one in results]))
    points = [
        {
            "settings": settings_of(policy),
            "median": one.response_median,
            "cut": one.cut,
            "wrong": one.wrong,
            "best": bool(is_best),
        }
        for policy, one, is_best in zip(policies, results, best, strict=True)
    ]
    return Front(points=points, chosen=choice.place, promise=promise_of(budget, CONFIDENCE, choice))
