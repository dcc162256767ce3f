"""``workbench tune FOLDER...``: choose turn taking and early synthesis on recorded sessions."""

import argparse
import shlex
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.progress import Progress

from workbench.analysis.calibration import Fit, calibration_of
from workbench.analysis.export import expect_place, write_text
from workbench.analysis.outcomes import TurnRecord, outcomes
from workbench.analysis.policies import Policy, decide
from workbench.analysis.risk import bootstrap, pareto
from workbench.analysis.risk_choice import CONFIDENCE, Choice, choose, parse_budget
from workbench.analysis.sweep import Result, evaluate, sweep
from workbench.analysis.sweep_bayes import search
from workbench.analysis.sweep_executors import open_executor
from workbench.analysis.sweep_kept import content_hash
from workbench.analysis.sweep_report import CHOSEN, WAITING, Tuning, findings, promise, render_tuning
from workbench.analysis.sweep_space import Space, parse_space, silence_alone
from workbench.analysis.sweep_yaml import policy_yaml
from workbench.analysis.tuner_reading import read_sessions
from workbench.conversation.leading import LeadSettings
from workbench.errors import ParameterError

BUDGET = "wrong=0.01,cut=0.05"
WAITS = tuple(float(one) for one in np.round(np.arange(0.2, 2.01, 0.1), 2))
"""Seconds of silence alone that are compared with, and tried."""


def add_parser(commands: Any) -> None:
    """Add ``tune`` to the command line."""
    parser = commands.add_parser(
        "tune",
        description="Try settings of early synthesis and turn taking on recorded sessions and choose the "
        "fastest that keep to a budget of mistakes. Prints them as lines for an assistant's file.",
    )
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER", help="session folders, or of such")
    parser.add_argument(
        "--grid",
        nargs="+",
        default=[],
        metavar="NAME=VALUES",
        help="settings to try, as early.confidence=0.3,0.6 or =0.3:0.9:0.1",
    )
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--random", type=int, metavar="N", help="try N random policies within the grid's ranges")
    how.add_argument("--bayes", type=int, metavar="N", help="let a Bayesian search propose N policies")
    parser.add_argument("--seed", type=int, default=0, help="of every random draw (0)")
    parser.add_argument("--budget", default=BUDGET, help=f"largest shares of turns that go wrong ({BUDGET})")
    parser.add_argument("--confidence", type=float, default=CONFIDENCE, help=f"of the promise ({CONFIDENCE})")
    parser.add_argument(
        "--executor",
        default="processes",
        metavar="WHERE",
        help="here, processes[:N] or tcp://HOST:PORT (Dask)",
    )
    parser.add_argument(
        "--keep", type=Path, metavar="FOLDER", help="keep results here, to go on after an end"
    )
    parser.add_argument("--price", type=float, default=0.0, help="of a thousand characters synthesised (0)")
    parser.add_argument("--report", type=Path, metavar="FILE", help="write one HTML page")
    parser.add_argument("--calibration", type=Path, metavar="FILE", help="write what confidence is worth")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Tune and return 0 if the budget can be promised, 1 if not."""
    budget = parse_budget(arguments.budget)
    if not 0 <= arguments.price < float("inf"):
        raise ParameterError(f"the price is {arguments.price}, expected 0 or more")
    for file in filter(None, (arguments.report, arguments.calibration)):
        expect_place(file)  # not after hours of a sweep
    read = read_sessions(arguments.folders)
    turns, base, fits = read.turns, read.base, read.fits
    space = parse_space(arguments.grid, base)
    try:
        policies, results = _swept(turns, space, arguments)
    except KeyboardInterrupt:
        print(_goes_on(arguments.keep), file=sys.stderr)
        raise
    choice = choose(
        [one.response_median for one in results],
        {name: np.array([getattr(one, f"{name}s") for one in results]) for name in ("wrong", "cut")},
        budget,
        responses=np.array([one.responses for one in results]),
        confidence=arguments.confidence,
        seed=arguments.seed,
    )
    chosen = policies[choice.place]
    named = {
        "as recorded": base,
        WAITING: replace(chosen, early=replace(chosen.early, enabled=False), lead=LeadSettings()),
        CHOSEN: chosen,
    }
    tuning = _tuning(turns, named, results, choice, fits, arguments)
    _print(tuning)
    if arguments.report is not None:
        print(f"report: {write_text(arguments.report, render_tuning(tuning))}")
    if arguments.calibration is not None:
        calibration = calibration_of(fits)
        calibration.save(arguments.calibration)
        print(f"calibration: {arguments.calibration}, for {calibration.known}")
        if calibration.curves:
            print(f"  use it: workbench serve --calibration {arguments.calibration}")
    return 0 if choice.promised else 1


def _goes_on(keep: Path | None) -> str:
    if keep is None:
        return "workbench: nothing was kept; with --keep FOLDER the same command would go on from here"
    return f"workbench: what is done is kept in {keep}; the same command goes on from there"


def _swept(
    turns: Sequence[TurnRecord], space: Space, arguments: argparse.Namespace
) -> tuple[Sequence[Policy], Sequence[Result]]:
    console = Console(file=sys.stderr)
    with open_executor(arguments.executor) as executor, Progress(console=console, transient=True) as bar:
        task = bar.add_task("trying policies", total=arguments.bayes)
        proposed = 0

        def tried(policies: Sequence[Policy]) -> list[Result]:
            nonlocal proposed
            first, proposed = proposed, proposed + len(policies)

            def progress(done: int, total: int) -> None:
                whole = arguments.bayes or total
                bar.update(task, completed=min(whole, first + done), total=whole)

            return sweep(
                turns,
                policies,
                executor=executor,
                keep=arguments.keep,
                price=arguments.price,
                progress=progress,
            )

        if arguments.bayes is not None:
            policies = search(
                space, arguments.bayes, parse_budget(arguments.budget), tried, seed=arguments.seed
            )
        elif arguments.random is not None:
            policies = space.random(arguments.random, seed=arguments.seed)
        else:
            policies = space.grid()
        return policies, tried(policies)


def _tuning(
    turns: Sequence[TurnRecord],
    named: Mapping[str, Policy],
    results: Sequence[Result],
    choice: Choice,
    fits: Sequence[Fit],
    arguments: argparse.Namespace,
) -> Tuning:
    owners = [turn.conversation for turn in turns]
    times = outcomes(decide(turns, list(named.values())), turns).response_time
    silent = silence_alone(named["as recorded"], WAITS)
    costs = np.array([[one.response_median, one.wrong, one.cut] for one in results])
    return Tuning(
        command="workbench " + shlex.join(["tune", *_again(arguments)]),
        content=content_hash(turns, arguments.price),
        sessions=len(set(owners)),
        turns=len(turns),
        results=results,
        front=np.flatnonzero(pareto(costs)).tolist(),
        named=dict(zip(named, evaluate(turns, list(named.values()), arguments.price), strict=True)),
        intervals={
            name: bootstrap(row, owners, quantile=0.5, seed=arguments.seed)
            for name, row in zip(named, times, strict=True)
        },
        silence_only=evaluate(turns, list(silent.values())),
        budget=parse_budget(arguments.budget),
        confidence=arguments.confidence,
        choice=choice,
        yaml=policy_yaml(named["chosen"]),
        price=arguments.price,
        fits=fits,
    )


def _again(arguments: argparse.Namespace) -> list[str]:
    """Return what leads to the same result: not where it was worked out or written."""
    words = [str(one) for one in arguments.folders]
    for name in ("random", "bayes"):
        if getattr(arguments, name) is not None:
            words += [f"--{name}", str(getattr(arguments, name))]
    words += ["--seed", str(arguments.seed), "--budget", arguments.budget]
    words += ["--confidence", str(arguments.confidence), "--price", str(arguments.price)]
    return [*words, "--grid", *arguments.grid] if arguments.grid else words


def _print(tuning: Tuning) -> None:
    sessions = "1 session" if tuning.sessions == 1 else f"{tuning.sessions} sessions"
    print(f"{tuning.turns} turns in {sessions}, {len(tuning.results)} policies")
    head = f"{'':24}{'median':>10}{'nine of ten':>13}{'wrong':>8}{'cut':>8}{'starts':>8}{'discards':>10}"
    print(head + (f"{'cost a turn':>14}" if tuning.price else ""))
    for name, one in tuning.named.items():
        median, ninth = f"{one.response_median * 1000:.0f} ms", f"{one.response_p90 * 1000:.0f} ms"
        rates = f"{one.wrong:>8.1%}{one.cut:>8.1%}{one.starts:>8.2f}{one.discards:>10.2f}"
        cost = f"{one.cost_mean:>14.5f}" if tuning.price else ""
        print(f"{name:24}{median:>10}{ninth:>13}{rates}{cost}")
    for fit in tuning.fits:
        print(
            f"{fit.kind} confidence ({fit.engine}, {fit.language}): calibration error "
            f"{fit.error_before:.3f}, calibrated {fit.error_after:.3f} on other conversations"
        )
    for sentence in findings(tuning):
        print(sentence)
    print(promise(tuning))
    print(f"\n{tuning.yaml}", end="")
