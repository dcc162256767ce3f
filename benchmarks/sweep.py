"""How fast many policies are decided on many recorded turns, all at once and by driving the deciders.

The ratio is of the same work in the same run: seconds a policy takes on all turns, driven and vectorised.
With ``--dask`` a sweep is done by a scheduler on this machine, with one worker process of one thread and
with two, in turns; ``--dask-policies`` says how many policies it tries.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from time import perf_counter

import numpy as np

from workbench.analysis.outcomes import TurnRecord, outcomes
from workbench.analysis.outcomes_made import made_turns
from workbench.analysis.policies import Policy, decide
from workbench.analysis.policies_driven import drive
from workbench.analysis.sweep import PART, sweep
from workbench.analysis.sweep_executors import open_executor
from workbench.conversation.early_synthesis import EarlySynthesisSettings
from workbench.conversation.endpointing import EndpointingSettings


def random_policies(count: int) -> list[Policy]:
    """Return ``count`` policies spread over what is sensible."""
    rng = np.random.default_rng(7)
    made = []
    for confidence, stability, low, more in rng.random((count, 4)):
        ends = EndpointingSettings(hangover_min=0.2 + low, hangover_max=0.2 + low + more)
        early = EarlySynthesisSettings(confidence=float(confidence), stability=float(stability))
        made.append(Policy(early=early, endpointing=ends))
    return made


def dask_seconds(turns: Sequence[TurnRecord], policies: Sequence[Policy], workers: int) -> float:
    """Return the seconds a sweep takes by so many worker processes of one thread, once they are warm."""
    from distributed import LocalCluster

    address = {"n_workers": workers, "threads_per_worker": 1, "processes": True, "dashboard_address": ":0"}
    with LocalCluster(**address) as cluster, open_executor(cluster.scheduler_address) as executor:
        sweep(turns, random_policies(workers * PART), executor=executor)
        since = perf_counter()
        sweep(turns, policies, executor=executor)
        return perf_counter() - since


def dask_figures(turns: Sequence[TurnRecord], count: int, rounds: int) -> dict[str, float]:
    """Return the medians of one worker and of two, measured in turns, and their ratio."""
    policies = random_policies(count)
    took: dict[int, list[float]] = {1: [], 2: []}
    for _ in range(rounds):
        for workers, own in took.items():
            own.append(dask_seconds(turns, policies, workers))
    one, two = (float(np.median(own)) for own in took.values())
    return {"dask_policies": count, "one_worker": one, "two_workers": two, "dask_ratio": one / two}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark and print its figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=1_000)
    parser.add_argument("--policies", type=int, default=1_000)
    parser.add_argument("--driven", type=int, default=3, help="policies the deciders are driven with")
    parser.add_argument("--dask", action="store_true", help="measure one and two Dask workers too")
    parser.add_argument("--dask-policies", type=int, default=8_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parsed = parser.parse_args(arguments)
    turns, policies = made_turns(1, parsed.turns), random_policies(parsed.policies)
    decide(turns[:10], policies[:10])
    since = perf_counter()
    outcomes(decide(turns, policies), turns)
    together = perf_counter() - since
    since = perf_counter()
    outcomes(decide(turns, policies[:1]), turns)
    one = perf_counter() - since
    since = perf_counter()
    for policy in policies[: parsed.driven]:
        drive(turns, policy)
    driven = (perf_counter() - since) / parsed.driven
    figures = {
        "turns": parsed.turns,
        "policies": parsed.policies,
        "seconds": round(together, 3),
        "one_policy_ms": round(one * 1000, 1),
        "driven_policy_ms": round(driven * 1000, 1),
        "ratio": round(driven / (together / parsed.policies), 1),
    }
    if parsed.dask:
        found = dask_figures(turns, parsed.dask_policies, parsed.rounds)
        figures |= {name: round(value, 2) for name, value in found.items()}
    if parsed.json:
        print(json.dumps(figures))
        return 0
    print(f"{parsed.turns} turns x {parsed.policies} policies: {together:.2f} s")
    print(f"one policy on all turns: {one * 1000:.0f} ms; driving the deciders: {driven * 1000:.0f} ms")
    print(f"{figures['ratio']:.0f} times as fast as driving the deciders")
    if parsed.dask:
        told = f"{figures['one_worker']} s by one Dask worker, {figures['two_workers']} s by two"
        print(f"{parsed.dask_policies} policies: {told}: {figures['dask_ratio']} times as fast")
    return 0


if __name__ == "__main__":
    sys.exit(main())
