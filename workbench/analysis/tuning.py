"""What a sweep found: the policy chosen, what it is compared with, and how sure all of that is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from workbench.analysis.calibration import Fit
from workbench.analysis.outcomes import TurnRecord, outcomes
from workbench.analysis.policies import Policy, decide
from workbench.analysis.policy_results import PARTS, Result, Sizes, conversations, evaluate
from workbench.analysis.risk import Draws, Interval, pareto
from workbench.analysis.risk_choice import Budget, Choice
from workbench.analysis.sweep_budgets import DRAWS, Rates, Reached, bootstrap_weights, reached
from workbench.analysis.sweep_choice import (
    HeldOut,
    Judged,
    Silence,
    choose_policy,
    held_out,
    judge,
    silence_as_soon,
    waiting_for_the_final,
)
from workbench.analysis.sweep_kept import content_hash
from workbench.analysis.sweep_space import silence_alone
from workbench.analysis.sweep_yaml import policy_yaml
from workbench.analysis.tuning_data import SessionFacts

RECORDED, WAITING, CHOSEN = "as recorded", "waiting for the final", "chosen"
"""Names of the settings recorded under, of the chosen ones without early synthesis and its early final, and
of the chosen ones."""

EVIDENCE, SILENCE = "all evidence", "silence alone"
"""Names of the policies tried, and of those that wait the same whatever is said."""

WAITS = tuple(float(one) for one in np.round(np.arange(0.1, 3.501, 0.01), 2))
"""Seconds of silence alone that are compared with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What was asked of a sweep."""

    budget: Budget
    confidence: float
    seed: int = 0
    price: float = 0.0
    """Of a thousand characters; costs are told if there is one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tuning:
    """What a sweep found."""

    asked: Asked
    content: str
    """The content hash of the turns."""
    facts: Sequence[SessionFacts]
    """Of each session."""
    sizes: Sizes
    """Of each session that has a turn."""
    policies: Sequence[Policy]
    results: Sequence[Result]
    """Of each of them."""
    front: Sequence[int]
    """Places of the results that no other is better than in response time, wrong audio and false cut-offs."""
    named: Mapping[str, Result]
    """Policies to compare with, by name; the chosen one is among them."""
    intervals: Mapping[str, Interval]
    """Median response time of the named ones, with its confidence interval."""
    silence_only: Sequence[Result]
    """Endpointing by silence alone, one for each of :data:`WAITS`, with the chosen early synthesis."""
    budgets: Mapping[str, Sequence[Reached]]
    """What all evidence, silence alone and the chosen policy reach at each of the points of two budgets."""
    silence: Silence
    """Silence alone that ends turns as soon as the chosen policy."""
    judged: Judged
    """The chosen policy on the turns it was chosen on."""
    held: HeldOut | None
    """The choice on turns it was not made on; None of a single conversation."""
    choice: Choice
    yaml: str
    copies: int = 0
    """Sessions whose turns are those of another."""
    fits: Sequence[Fit] = ()

    @property
    def turns(self) -> int:
        """Return how many turns there are."""
        return self.judged.turns


def tuning_of(
    turns: Sequence[TurnRecord],
    base: Policy,
    tried: tuple[Sequence[Policy], Sequence[Result]],
    asked: Asked,
    *,
    facts: Sequence[SessionFacts] = (),
    fits: Sequence[Fit] = (),
) -> Tuning:
    """Return what is to be told of policies tried on turns.

    Parameters
    ----------
    base : the settings recorded under
    tried : the policies and what came of each
    """
    policies, results = tried
    choice = choose_policy(results, asked.budget, confidence=asked.confidence, seed=asked.seed)
    chosen = policies[choice.place]
    named = {RECORDED: base, WAITING: waiting_for_the_final(chosen), CHOSEN: chosen}
    silent = list(silence_alone(chosen, WAITS).values())
    silence_only = evaluate(turns, silent)
    count = len(conversations(turns))
    sizes, weights = Sizes.of(turns), bootstrap_weights(count, seed=asked.seed)
    rates = {EVIDENCE: Rates.of(results, sizes), SILENCE: Rates.of(silence_only, sizes)}
    rates[CHOSEN] = Rates.of([results[choice.place]], sizes)
    without = [
        choose_policy(results, asked.budget, confidence=asked.confidence, seed=asked.seed, without=part).place
        for part in range(min(PARTS, count) if count > 1 else 0)
    ]
    costs = np.array([[one.response_median, one.wrong, one.cut] for one in results])
    return Tuning(
        asked=asked,
        content=content_hash(turns, asked.price),
        facts=facts,
        sizes=sizes,
        policies=policies,
        results=results,
        front=np.flatnonzero(pareto(costs)).tolist(),
        named=dict(zip(named, evaluate(turns, list(named.values()), asked.price), strict=True)),
        intervals=_medians(turns, named, asked.seed),
        silence_only=silence_only,
        budgets={name: reached(one, weights) for name, one in rates.items()},
        silence=silence_as_soon(WAITS, rates[SILENCE], rates[CHOSEN], 0, weights),
        judged=judge(turns, [chosen], [0] * count, weights),
        held=held_out(turns, policies, without, rates[SILENCE], weights),
        choice=choice,
        yaml=policy_yaml(chosen),
        copies=_copies(turns),
        fits=fits,
    )


def _copies(turns: Sequence[TurnRecord]) -> int:
    """Return how many conversations have the very turns of one before them."""
    held: dict[str, list[TurnRecord]] = {}
    for turn in turns:
        held.setdefault(turn.conversation, []).append(turn)
    return len(held) - len({content_hash(own) for own in held.values()})


def _medians(turns: Sequence[TurnRecord], named: Mapping[str, Policy], seed: int) -> dict[str, Interval]:
    """Return the median response time of each policy, with its interval."""
    draws = Draws([turn.conversation for turn in turns], count=DRAWS, seed=seed)
    times = outcomes(decide(turns, list(named.values())), turns).response_time
    return {name: draws.quantiles(row, [0.5])[0] for name, row in zip(named, times, strict=True)}
