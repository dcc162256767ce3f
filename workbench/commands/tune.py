"""``workbench tune FOLDER...``: choose turn taking and early synthesis on recorded sessions."""

import argparse
import shlex
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from workbench import __version__
from workbench.analysis.calibration import calibration_of, fit_all
from workbench.analysis.calibration_reading import scored
from workbench.analysis.export import expect_place, write_text
from workbench.analysis.policies import Policy
from workbench.analysis.policy_results import Result
from workbench.analysis.risk_choice import CONFIDENCE, parse_budget
from workbench.analysis.sweep import sweep
from workbench.analysis.sweep_bayes import search
from workbench.analysis.sweep_executors import open_executor
from workbench.analysis.sweep_space import Space, parse_space
from workbench.analysis.tuner_reading import Readable, TunedOn, readable_sessions, tuned_on
from workbench.analysis.tuning import Asked, Tuning, tuning_of
from workbench.analysis.tuning_data import facts_of
from workbench.analysis.tuning_groups import grouped, parse_by
from workbench.analysis.tuning_page import TuningReport, render_tuning
from workbench.analysis.tuning_told import warnings
from workbench.commands.tune_progress import told_progress
from workbench.commands.tune_text import print_tuning
from workbench.errors import ParameterError

BUDGET = "wrong=0.01,cut=0.05"
_SHOWN = 5  # sessions left out that are named in the terminal


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
    parser.add_argument(
        "--by", metavar="WHAT", help="choose for each assistant, language or assistant,language"
    )
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--random", type=int, metavar="N", help="try N random policies within the grid's ranges")
    how.add_argument("--bayes", type=int, metavar="N", help="let a Bayesian search propose N policies")
    parser.add_argument("--seed", type=int, default=0, help="of every random draw (0)")
    parser.add_argument(
        "--budget",
        default=BUDGET,
        help=f"largest shares of a conversation's turns that go wrong, on average ({BUDGET})",
    )
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
    asked = _asked(arguments)
    by = parse_by(arguments.by) if arguments.by is not None else ()
    for file in filter(None, (arguments.report, arguments.calibration)):
        expect_place(file)  # not after hours of a sweep
    read = readable_sessions(arguments.folders)
    left_out = {name: str(error) for name, error in read.left_out.items()}
    groups, dropped = _groups(read, by)
    left_out |= dropped
    _warn_left_out(left_out)
    tunings = {}
    try:
        for name, own in groups.items():
            tunings[name] = _tuned(name, own, asked, arguments)
    except KeyboardInterrupt:
        print(_goes_on(arguments.keep), file=sys.stderr)
        raise
    for name, tuning in tunings.items():
        for text in warnings(tuning):
            print(f"workbench: warning: {f'{name}: ' if name else ''}{text}", file=sys.stderr)
        print_tuning(tuning, name)
    if arguments.report is not None:
        report = TuningReport(
            tunings=tunings, command=_command(arguments), version=__version__, left_out=left_out
        )
        print(f"report: {write_text(arguments.report, render_tuning(report))}")
    if arguments.calibration is not None:
        _calibrate(read, arguments.calibration)
    return 0 if all(one.choice.promised for one in tunings.values()) else 1


def _asked(arguments: argparse.Namespace) -> Asked:
    if not 0 <= arguments.price < float("inf"):
        raise ParameterError(f"the price is {arguments.price}, expected 0 or more")
    if not 0 < arguments.confidence < 1:
        raise ParameterError(f"the confidence is {arguments.confidence}, expected above 0 and below 1")
    if arguments.seed < 0:
        raise ParameterError(f"the seed is {arguments.seed}, expected 0 or more")
    return Asked(
        budget=parse_budget(arguments.budget),
        confidence=arguments.confidence,
        seed=arguments.seed,
        price=arguments.price,
    )


def _groups(read: Readable, by: Sequence[str]) -> tuple[Mapping[str, TunedOn], Mapping[str, str]]:
    """Return what is tuned on, by the name of what it is for; and the sessions of which nothing can be."""
    facts = [facts_of(recording, name) for name, recording in read.recordings.items()]
    found: dict[str, TunedOn] = {}
    dropped: dict[str, str] = {}
    for name, sessions in grouped(facts, by).items():
        try:
            found[name] = tuned_on({one: read.recordings[one] for one in sessions})
        except ParameterError as error:
            if not by:
                raise
            dropped |= dict.fromkeys(sessions, f"{name}: {error}")
    if not found:
        raise ParameterError(next(iter(dropped.values())))
    return found, dropped


def _warn_left_out(left_out: Mapping[str, str]) -> None:
    for problem in list(left_out.values())[:_SHOWN]:
        print(f"workbench: warning: session left out: {problem}", file=sys.stderr)
    if len(left_out) > _SHOWN:
        more = len(left_out) - _SHOWN
        print(f"workbench: warning: and {more} more sessions are left out", file=sys.stderr)


def _goes_on(keep: Path | None) -> str:
    if keep is None or not keep.is_dir():
        return "workbench: nothing was kept; with --keep FOLDER the same command goes on from what is done"
    return f"workbench: what is done is kept in {keep}; the same command goes on from there"


def _tuned(name: str, read: TunedOn, asked: Asked, arguments: argparse.Namespace) -> Tuning:
    tried = _swept(name, read, arguments)
    facts = [facts_of(one, session) for session in read.sessions if (one := read.recording(session))]
    return tuning_of(read.turns, read.base, tried, asked, facts=facts, fits=read.fits)


def _swept(
    name: str, read: TunedOn, arguments: argparse.Namespace
) -> tuple[Sequence[Policy], Sequence[Result]]:
    space = parse_space(arguments.grid, read.base)
    title = f"trying policies for {name}" if name else "trying policies"
    with open_executor(arguments.executor) as executor, told_progress(title) as tell:
        proposed = 0

        def tried(policies: Sequence[Policy]) -> list[Result]:
            nonlocal proposed
            first, proposed = proposed, proposed + len(policies)

            def progress(done: int, total: int) -> None:
                whole = arguments.bayes or total
                tell(min(whole, first + done), whole)

            return sweep(
                read.turns,
                policies,
                executor=executor,
                keep=arguments.keep,
                price=arguments.price,
                progress=progress,
            )

        policies = _proposed(space, arguments, tried)
        return policies, tried(policies)


def _proposed(space: Space, arguments: argparse.Namespace, tried: Any) -> Sequence[Policy]:
    if arguments.bayes is not None:
        budget = parse_budget(arguments.budget)
        return search(space, arguments.bayes, budget, tried, seed=arguments.seed)
    if arguments.random is not None:
        return space.random(arguments.random, seed=arguments.seed)
    return space.grid()


def _calibrate(read: Readable, file: Path) -> None:
    fits = fit_all(one for name, each in read.recordings.items() for one in scored(each, name))
    calibration = calibration_of(fits)
    calibration.save(file)
    print(f"calibration: {file}, for {calibration.known}")
    if calibration.curves:
        print(f"  use it: workbench serve --calibration {file}")


def _command(arguments: argparse.Namespace) -> str:
    """Return what leads to the same result: not where it was worked out or written."""
    words = ["tune", *(str(one) for one in arguments.folders)]
    for name in ("by", "random", "bayes"):
        if getattr(arguments, name) is not None:
            words += [f"--{name}", str(getattr(arguments, name))]
    words += ["--seed", str(arguments.seed), "--budget", arguments.budget]
    words += ["--confidence", str(arguments.confidence), "--price", str(arguments.price)]
    words += ["--grid", *arguments.grid] if arguments.grid else []
    return f"workbench {shlex.join(words)}"
