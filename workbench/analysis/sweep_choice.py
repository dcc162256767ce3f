"""What a choice among policies is worth: on conversations it was not made on, and at equal delay.

The fastest of many policies looks faster, and safer, on the conversations it was chosen on than it is. So the
choice is made again without each of some parts of the conversations and judged on the part left out.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from workbench.analysis.outcomes import Floats, TurnRecord, outcomes
from workbench.analysis.policies import Policy, decide
from workbench.analysis.policy_results import Result, conversations, parts
from workbench.analysis.risk import ENDS, Interval
from workbench.analysis.risk_choice import CONFIDENCE, Budget, Choice, choose
from workbench.analysis.sweep_budgets import Rates
from workbench.conversation.leading import LeadSettings


def choose_policy(
    results: Sequence[Result],
    budget: Budget,
    *,
    confidence: float = CONFIDENCE,
    seed: int = 0,
    without: int | None = None,
) -> Choice:
    """Return which of the policies that ``results`` came of is the fastest within the budget.

    Parameters
    ----------
    without : part of the conversations that is left out (:func:`~workbench.analysis.policy_results.parts`)
    """
    losses = {name: np.array([getattr(one, f"{name}s") for one in results]) for name in ("wrong", "cut")}
    responses = np.array([one.responses for one in results])
    speed = [one.response_median if without is None else one.medians[without] for one in results]
    used = np.ones(responses.shape[1], np.bool_)
    if without is not None:
        used = parts(len(used)) != without
    return choose(
        speed,
        {name: values[:, used] for name, values in losses.items()},
        budget,
        responses=responses[:, used],
        confidence=confidence,
        seed=seed,
    )


def waiting_for_the_final(policy: Policy) -> Policy:
    """Return the policy without early synthesis, its early final and what is led."""
    return replace(policy, early=replace(policy.early, enabled=False), lead=LeadSettings())


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """Policies on turns: of each turn the one that was chosen for it, and the same waiting for the final."""

    response: float
    """Median response time, seconds."""
    waiting: float
    """That of waiting for the final."""
    sooner: Interval
    """How much sooner than waiting for the final: the difference of both, with its 95 % interval."""
    delay: float
    """Mean endpoint delay, seconds."""
    wrong: int
    """Turns in which wrong audio was heard."""
    cut: int
    """Turns cut off."""
    turns: int


def judge(
    turns: Sequence[TurnRecord], policies: Sequence[Policy], chosen: Sequence[int], weights: Floats
) -> Judged:
    """Return how policies do on turns.

    Parameters
    ----------
    policies : those there are
    chosen : which of them decides each conversation
    weights : bootstrap draws of the conversations, shape (draws, conversations)
    """
    place = {name: number for number, name in enumerate(conversations(turns))}
    owner = np.array([place[turn.conversation] for turn in turns])
    own = np.asarray(chosen)[owner], np.arange(len(turns))
    came = outcomes(decide(turns, policies), turns)
    late = outcomes(decide(turns, [waiting_for_the_final(one) for one in policies]), turns)
    response, waiting = came.response_time[own], late.response_time[own]
    answered = np.isfinite(response)
    response, waiting, owner = response[answered], waiting[answered], owner[answered]
    found = []
    for row in weights:
        times = row[owner].astype(np.int64)
        if times.any():
            found.append(np.median(np.repeat(waiting, times)) - np.median(np.repeat(response, times)))
    quick, slow = (float(np.median(one)) if len(one) else np.nan for one in (response, waiting))
    low = high = np.nan
    if weights.shape[1] > 1 and found:
        low, high = (float(one) for one in np.quantile(found, ENDS))
    delay = came.endpoint_delay[own][answered]
    return Judged(
        response=quick,
        waiting=slow,
        sooner=Interval(slow - quick, low, high),
        delay=float(delay.mean()) if len(delay) else np.nan,
        wrong=int((came.wrong_heard[own] > 0).sum()),
        cut=int((came.cut_offs[own] > 0).sum()),
        turns=len(turns),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """Silence alone that ends turns as soon, on average, as what it is compared with."""

    cut: float
    """Share of turns cut off, between the two waits next to it; NaN if it never ends them as soon."""
    wait: float
    """Seconds it waits."""
    more: Interval
    """How much larger that share is, with its 95 % interval over draws in which both end turns as soon."""


def silence_as_soon(
    waits: Sequence[float], silence: Rates, other: Rates, place: int, weights: Floats
) -> Silence:
    """Return what silence alone does at the mean endpoint delay of another policy.

    Parameters
    ----------
    waits : of silence alone, rising
    other, place : the policy it is compared with
    weights : bootstrap draws of the conversations
    """
    one = slice(place, place + 1)
    everything = np.ones((1, weights.shape[1]))
    mores = []
    for drawn in (everything, weights):
        delays, cuts = silence.drawn("delay", drawn), silence.drawn("cut", drawn)
        delay, cut = other.drawn("delay", drawn, one)[:, 0], other.drawn("cut", drawn, one)[:, 0]
        mores.append([_at(now, *row) for now, *row in zip(delay, delays, cuts, strict=True)] - cut)
    known = mores[1][np.isfinite(mores[1])]
    low = high = np.nan
    if weights.shape[1] > 1 and len(known) > len(weights) / 2:
        low, high = (float(value) for value in np.quantile(known, ENDS))
    (delays,), ((delay,),) = silence.drawn("delay", everything), other.drawn("delay", everything, one)
    (cuts,) = silence.drawn("cut", everything)
    return Silence(
        cut=_at(delay, delays, cuts),
        wait=_at(delay, delays, np.asarray(waits)),
        more=Interval(float(mores[0][0]), low, high),
    )


def _at(delay: float, delays: Floats, values: Floats) -> float:
    """Return the value at a mean delay, between the two next to it; NaN before the first."""
    if not np.isfinite(delay) or np.isnan(delays).any() or delay < delays[0]:
        return np.nan
    return float(np.interp(delay, delays, values))


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldOut:
    """The choice, each time made without a part of the conversations and judged on that part."""

    parts: int
    judged: Judged
    silence_cut: float
    """Share that silence alone cuts off ending turns as soon; NaN if it never does."""


def held_out(
    turns: Sequence[TurnRecord],
    policies: Sequence[Policy],
    places: Sequence[int],
    silence: Rates,
    weights: Floats,
) -> HeldOut | None:
    """Return what is left of a choice on conversations it was not made on; None for a single conversation.

    Parameters
    ----------
    policies : those there are
    places : which of them is chosen without each part
    """
    part = parts(weights.shape[1])
    if len(part) < 2:
        return None
    judged = judge(turns, [policies[place] for place in places], part.tolist(), weights)
    everything = np.ones((1, len(part)))
    ((delays,), (cuts,)) = (silence.drawn(name, everything) for name in ("delay", "cut"))
    return HeldOut(
        parts=int(part.max()) + 1,
        judged=judged,
        silence_cut=_at(judged.delay, delays, cuts),
    )
