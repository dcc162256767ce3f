"""What listening tests find in simulated panels: how often a preference is claimed, and after how many.

Usage: ``python benchmarks/listening.py [--panels 400] [--only claims]``; prints Markdown tables. Each panel
is a whole test: planned, answered, screened, and looked at after each listener (or after each answer).
"""

import argparse
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import binomtest, t as student

from workbench.analysis.listening import Design, Method
from workbench.analysis.listening_answers import Answer
from workbench.analysis.listening_preference import bradley_terry, choices, discrimination, pair_scores
from workbench.analysis.listening_ratings import rated, ratings, shares_higher
from workbench.analysis.listening_screening import screen
from workbench.analysis.listening_sequential import coin_e_value, e_values
from workbench.analysis.listening_simulated import Panel, simulated

ALPHA = 0.05
SYSTEMS = ("a", "b")
ITEMS = tuple(f"text {number}" for number in range(8))


@dataclass(frozen=True, slots=True)
class Look:
    """Where a test that is looked at would have been stopped; 0 for never."""

    listener: int
    answer: int
    naive: int


def share(count: int, total: int) -> str:
    """Return a share with its exact 95 % interval."""
    low, high = binomtest(count, total).proportion_ci()
    return f"{100 * count / total:.1f} % ({100 * low:.1f} to {100 * high:.1f})"


def first(reached: np.ndarray) -> int:
    """Return where it was first reached, from 1; 0 for never."""
    return int(reached.argmax()) + 1 if reached.any() else 0


def looked_at(answers: Sequence[Answer]) -> Look:
    """Return when each way to look would have stopped."""
    counted = choices(answers)
    scores = np.array(list(pair_scores(counted, *SYSTEMS).values()))
    won = [one.won if one.first == SYSTEMS[0] else 1 - one.won for one in counted]
    wins, losses = np.cumsum(np.equal(won, 1)), np.cumsum(np.equal(won, 0))
    coins = [coin_e_value(int(a), int(b)) for a, b in zip(wins, losses, strict=True)]
    counts = np.arange(1, len(scores) + 1)
    means = scores.cumsum() / counts
    spread = np.maximum(0, (scores**2).cumsum() / counts - means**2)
    with np.errstate(divide="ignore", invalid="ignore"):
        t = np.abs(means - 0.5) / np.sqrt(spread / np.maximum(1, counts - 1))
    p = np.where((counts < 5) | (spread < 1e-12), 1.0, 2 * student.sf(t, np.maximum(1, counts - 1)))
    return Look(
        first(e_values(scores) >= 1 / ALPHA),
        first(np.array(coins) >= 1 / ALPHA),
        first(p < ALPHA),
    )


def preference(panel: Panel, panels: int, listeners: int) -> tuple[list[Look], int, int]:
    """Return the looks at panels, how many bad listeners there were and how many of them were counted."""
    design = Design(method=Method.PREFERENCE)
    looks, bad, passed = [], 0, 0
    for seed in range(panels):
        answers = simulated(design, SYSTEMS, ITEMS, panel, listeners=listeners, seed=seed)
        kept, _ = screen(design, answers)
        looks.append(looked_at(kept))
        own = {one.listener for one in kept}
        liars = {f"simulated {number + 1}" for number in liars_of(panel, listeners, seed)}
        bad, passed = bad + len(liars), passed + len(liars & own)
    return looks, bad, passed


def liars_of(panel: Panel, listeners: int, seed: int) -> list[int]:
    """Return which listeners of a simulated panel do not listen."""
    from workbench.analysis.listening_simulated import Kind, kinds

    drawn = kinds(panel, listeners, np.random.default_rng(seed))
    return [number for number, kind in enumerate(drawn) if kind is not Kind.HONEST]


def worth_of(chance: float) -> dict[str, float]:
    """Return worths with which the first is chosen so often."""
    return {"a": math.log(chance / (1 - chance)), "b": 0.0}


def claims(panels: int, listeners: int) -> None:
    """Print how often a preference is claimed."""
    cases = {
        "nobody hears a difference": Panel(worth=worth_of(0.5), ties=0.3),
        "the same, a quarter do not listen": Panel(worth=worth_of(0.5), ties=0.3, bad=0.25),
        "each has a favourite, none is ahead": Panel(worth=worth_of(0.5), between=2.0, ties=0.3),
        "the same, a quarter do not listen ": Panel(worth=worth_of(0.5), between=2.0, ties=0.3, bad=0.25),
        "first preferred 60 to 40": Panel(worth=worth_of(0.6), ties=0.3),
        "first preferred 70 to 30": Panel(worth=worth_of(0.7), ties=0.3),
        "70 to 30, listeners differ": Panel(worth=worth_of(0.7), between=0.7, ties=0.3),
        "70 to 30, listeners differ, a quarter do not listen": Panel(
            worth=worth_of(0.7), between=0.7, ties=0.3, bad=0.25
        ),
    }
    print(f"\nClaims in {panels} panels of {listeners}, 8 answers each, looked at all the time:\n")
    heads = ("planted", "listeners as units", "single answers as units", "t test each time", "median stop")
    print(f"| {' | '.join(heads)} |\n|---|---|---|---|---|")
    for name, panel in cases.items():
        looks, bad, passed = preference(panel, panels, listeners)
        told = [share(sum(get(one) > 0 for one in looks), panels) for get in GETS]
        stops = sorted(one.listener or math.inf for one in looks)
        median = stops[len(stops) // 2]
        print(
            f"| {name.strip()} | {' | '.join(told)} | {median if math.isfinite(median) else '–'} |",
            flush=True,
        )
        if bad:
            print(f"<!-- of {bad} who do not listen {100 * passed / bad:.0f} % were counted -->")


GETS: tuple[Callable[[Look], int], ...] = (
    lambda one: one.listener,
    lambda one: one.answer,
    lambda one: one.naive,
)


def abx_claims(panels: int) -> None:
    """Print how often ABX finds a difference."""
    design = Design(method=Method.ABX)
    print(f"\nABX, {panels} panels of 4 listeners with 8 answers each, exact binomial test at {ALPHA:g}:\n")
    print("| planted | difference found |\n|---|---|")
    for name, worth in (("alike", 0.0), ("told in 3 of 4", math.log(2))):
        found = 0
        for seed in range(panels):
            answers = simulated(
                design, SYSTEMS, ITEMS, Panel(worth={"a": worth, "b": 0}), listeners=4, seed=seed
            )
            tests = [one for one in answers if one.trial.role == "test"]
            found += discrimination(sum(one.given == one.trial.hidden for one in tests), len(tests)).p < ALPHA
        print(f"| {name} | {share(found, panels)} |")


def intervals(panels: int) -> None:
    """Print how often 95 % intervals hold what was planted, by the number of listeners."""
    print(f"\nHow often 95 % intervals hold the truth, {panels} panels:\n")
    print("| listeners | Bradley-Terry worths, ties | mean opinion scores |")
    print("|---|---|---|")
    worth = {"a": 0.8, "b": 0.2, "c": -1.0}
    meant = {"a": 4.0, "b": 3.0}
    panel = Panel(worth=worth, ties=0.5)
    scored = Panel(worth=meant, between=0.5, noise=0.7)
    mos = Design(method=Method.MOS)
    truth = {one: mean_of(value) for one, value in meant.items()}
    for listeners in (6, 12, 24, 48):
        held = [0, 0, 0, 0]
        for seed in range(panels):
            answers = simulated(
                Design(method=Method.PREFERENCE),
                tuple(worth),
                ITEMS[:4],
                panel,
                listeners=listeners,
                seed=seed,
            )
            found = bradley_terry(choices(answers))
            held[0] += sum(
                one.low < worth[name] < one.high for one, name in zip(found.worth, found.systems, strict=True)
            )
            held[1] += len(worth)
            for one in rated(
                ratings(simulated(mos, SYSTEMS, ITEMS[:4], scored, listeners=listeners, seed=seed))
            ):
                held[2] += one.mean.low < truth[one.system] < one.mean.high
                held[3] += 1
        print(f"| {listeners} | {share(held[0], held[1])} | {share(held[2], held[3])} |", flush=True)


def clear_intervals(panels: int) -> None:
    """Print how often intervals hold a preference that is so clear that all answers may agree."""
    print(f"\nOne clearly preferred, 4 answers each, {panels} panels:\n")
    print("| listeners | preferred | interval holds it | all agreed | interval then holds it |")
    print("|---|---|---|---|---|")
    for listeners in (4, 6, 12):
        for chance in (0.9, 0.95, 0.98):
            looks = [_looked_clear(chance, listeners, seed) for seed in range(panels)]
            agreed = [good for good, smoothed in looks if smoothed]
            held = share(sum(good for good, _ in looks), panels)
            then = share(sum(agreed), len(agreed)) if agreed else "–"
            alike = f"{100 * len(agreed) / panels:.0f} %"
            print(f"| {listeners} | {100 * chance:.0f} % | {held} | {alike} | {then} |", flush=True)


def _looked_clear(chance: float, listeners: int, seed: int) -> tuple[bool, bool]:
    """Return whether one panel's interval holds the planted preference, and whether all agreed."""
    panel = Panel(worth=worth_of(chance), ties=0.0)
    design = Design(method=Method.PREFERENCE)
    answers = simulated(design, SYSTEMS, ITEMS[:4], panel, listeners=listeners, seed=seed)
    found = bradley_terry(choices(answers))
    preferred = found.preferred(*SYSTEMS)
    return preferred.low < chance < preferred.high, found.smoothed


def mean_of(meant: float) -> float:
    """Return the mean score of many listeners who mean it: rounding and the ends of the scale move it."""
    rng = np.random.default_rng(0)
    drawn = meant + 0.5 * rng.standard_normal(1_000_000) + 0.7 * rng.standard_normal(1_000_000)
    return float(np.clip(np.round(drawn), 1, 5).mean())


def rating_claims(panels: int, listeners: int) -> None:
    """Print how often ratings are called different, looked at after each listener."""
    design = Design(method=Method.MOS)
    print(f"\nMean opinion scores, {panels} panels of {listeners}, 8 items, looked at after each listener:\n")
    print("| planted difference | claimed | median stop |\n|---|---|---|")
    for apart in (0.0, 0.3, 0.6):
        panel = Panel(worth={"a": 3 + apart, "b": 3.0}, between=0.3, noise=0.7, bad=0.2)
        stops = []
        for seed in range(panels):
            kept, _ = screen(design, simulated(design, SYSTEMS, ITEMS, panel, listeners=listeners, seed=seed))
            scores = list(shares_higher(ratings(kept), *SYSTEMS).values())
            stops.append(first(e_values(scores) >= 1 / ALPHA) or math.inf)
        median = sorted(stops)[len(stops) // 2]
        told = f"{median}" if math.isfinite(median) else "–"
        print(f"| {apart:g} | {share(sum(map(math.isfinite, stops)), panels)} | {told} |", flush=True)


TABLES = {
    "claims": claims,
    "ratings": rating_claims,
    "abx": lambda panels, _: abx_claims(panels),
    "intervals": lambda panels, _: intervals(panels),
    "clear": lambda panels, _: clear_intervals(panels),
}


def main() -> None:
    """Print the tables that are asked for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--panels", type=int, default=400)
    parser.add_argument("--listeners", type=int, default=60)
    parser.add_argument("--only", choices=TABLES, help="one of the tables")
    asked = parser.parse_args()
    for name, table in TABLES.items():
        if asked.only in (None, name):
            began = time.perf_counter()
            table(asked.panels, asked.listeners)
            print(f"\n{name}: {time.perf_counter() - began:.0f} s", flush=True)


if __name__ == "__main__":
    main()
