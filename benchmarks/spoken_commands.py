"""Spoken commands through the whole pipeline, in real time, with and without early synthesis.

Every recording of FOLDER's ``labels.csv`` (columns ``file, intent, slots``; slots as JSON) is a session of
its own; the two runs have an endpoint process each, so that no reply of the one is in the cache of the other.
Reported are the understanding (exact slot sets; articles and plural ignored), the response time read off the
two-channel recordings, what became of early synthesis, and what the endpoint process cost: processor seconds
per second of caller's audio streamed (and, stricter, per second of the recordings), and its peak memory.
"""

import argparse
import csv
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import anyio
import numpy as np
import psutil

from workbench.analysis.latency import TurnReport, turns
from workbench.audio.files import load_audio
from workbench.client.caller import call
from workbench.client.local import Endpoint, open_endpoint
from workbench.client.session import SessionSettings
from workbench.errors import ParameterError, WorkbenchError

ARTICLES = {"a", "an", "the"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One labelled recording."""

    path: Path
    intent: str
    slots: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What one session made of it."""

    command: Command
    reports: tuple[TurnReport, ...]
    seconds: float
    """Length of the session's audio."""

    @property
    def slots(self) -> dict[str, str]:
        """Return what was understood over all turns of the session; a later turn overrides."""
        merged: dict[str, str] = {}
        for report in self.reports:
            merged.update(report.slots)
        return {name: plain(value) for name, value in merged.items() if value}

    @property
    def wanted(self) -> dict[str, str]:
        """Return the labelled slots in the form they are compared in."""
        return {name: plain(value) for name, value in self.command.slots.items()}


def plain(phrase: str) -> str:
    """Return ``phrase`` without articles and plural.

    >>> plain("A lot of sugars")
    'lot of sugar'
    """
    words = [word for word in phrase.lower().split() if word not in ARTICLES]
    return " ".join(word[:-1] if len(word) > 3 and word.endswith("s") else word for word in words)


def load_commands(folder: Path, limit: int | None) -> list[Command]:
    """Return the labelled recordings of ``folder``."""
    index = folder / "labels.csv"
    if not index.is_file():
        raise ParameterError(f"{index}: no such file, expected columns file, intent, slots")
    with index.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    if rows and not {"file", "intent", "slots"} <= rows[0].keys():
        raise ParameterError(f"{index}: columns are {', '.join(rows[0])}, expected file, intent, slots")
    return [
        Command(path=folder / row["file"], intent=row["intent"], slots=json.loads(row["slots"]))
        for row in rows[:limit]
    ]


async def run(commands: Sequence[Command], assistant: str) -> dict[str, object]:
    """Return the figures over ``commands``."""
    async with open_endpoint() as endpoint:
        process = psutil.Process(endpoint.process)
        before = _cpu(process)
        with_early = await _sessions(commands, assistant, endpoint, early=True)
        cpu = _cpu(process) - before
        peak = peak_memory_mb(process)
    async with open_endpoint() as endpoint:  # a new process: the first has the very replies in its cache
        without = await _sessions(commands, assistant, endpoint, early=False)
    reports = [report for outcome in with_early for report in outcome.reports]
    streamed = sum(outcome.seconds for outcome in with_early)
    recorded = sum(_seconds(command) for command in commands)
    return {
        "n": len(commands),
        "drink_right": _share(
            outcome.slots.get("coffeeDrink") == outcome.wanted.get("coffeeDrink") for outcome in with_early
        ),
        "intent_right": _share(any(r.intent == o.command.intent for r in o.reports) for o in with_early),
        "all_slots_right": _share(outcome.slots == outcome.wanted for outcome in with_early),
        **_response_times(with_early, ""),
        **_response_times(without, "_without_early"),
        "early_started": sum(report.early_started for report in reports),
        "early_committed": sum(report.early_committed for report in reports),
        "early_discarded": sum(report.early_discarded for report in reports),
        "wrong_audio_heard": sum(report.wrong_audio_heard for report in reports),
        "first_partial_p50": _percentile([r.first_partial for r in reports], 50),
        "unexplained_max": max(
            (abs(r.unexplained) for r in reports if r.unexplained is not None), default=None
        ),
        "turns": len(reports),
        "cpu_per_audio_second": cpu / streamed,
        "cpu_per_recorded_second": cpu / recorded,
        "peak_memory_mb": peak,
        "wrong": [_mistake(outcome) for outcome in with_early if outcome.slots != outcome.wanted],
    }


async def _sessions(
    commands: Sequence[Command], assistant: str, endpoint: Endpoint, *, early: bool
) -> list[Outcome]:
    outcomes = []
    for number, command in enumerate(commands, start=1):
        outcomes.append(await _session(command, assistant, endpoint, early=early))
        mode = "with" if early else "without"
        print(f"\r{mode} early synthesis: {number} of {len(commands)} ", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return outcomes


async def _session(command: Command, assistant: str, endpoint: Endpoint, *, early: bool) -> Outcome:
    settings = SessionSettings(early_synthesis=early)
    samples = load_audio(command.path, rate=settings.input.rate)
    recording = await call(assistant, [samples], endpoint=endpoint, settings=settings)
    return Outcome(command=command, reports=turns(recording), seconds=recording.duration)


def _response_times(outcomes: Sequence[Outcome], suffix: str) -> dict[str, float | None]:
    times = [report.response_time for outcome in outcomes for report in outcome.reports]
    return {
        f"response_time_p50{suffix}": _percentile(times, 50),
        f"response_time_p95{suffix}": _percentile(times, 95),
    }


def _percentile(values: Sequence[float | None], percent: float) -> float | None:
    known = [value for value in values if value is not None]
    return float(np.percentile(known, percent)) if known else None


def _share(flags: Iterable[bool]) -> float:
    values = list(flags)
    return sum(values) / len(values)


def _seconds(command: Command) -> float:
    return len(load_audio(command.path, rate=16_000)) / 16_000


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def peak_memory_mb(process: psutil.Process) -> float:
    """Return the most memory the process ever held, MB; what it holds now where the kernel can't say."""
    try:
        status = Path(f"/proc/{process.pid}/status").read_text(encoding="ascii")
    except OSError:
        return float(process.memory_info().rss) / 1e6
    peak = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(peak.split()[1]) * 1024 / 1e6


def _mistake(outcome: Outcome) -> dict[str, object]:
    return {
        "file": outcome.command.path.name,
        "final": [report.final for report in outcome.reports],
        "understood": outcome.slots,
        "wanted": outcome.wanted,
    }


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    parser.add_argument("--assistant", default="coffee", help="who is spoken to (coffee)")
    parser.add_argument("--limit", type=int, metavar="N", help="only the first N recordings")
    parser.add_argument("--json", action="store_true", help="print one object to standard output")
    arguments = parser.parse_args()
    try:
        commands = load_commands(arguments.folder, arguments.limit)
        if not commands:
            raise ParameterError(f"{arguments.folder}: labels.csv lists no recordings")
        figures = anyio.run(run, commands, arguments.assistant)
    except WorkbenchError as error:
        print(f"spoken_commands: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    if arguments.json:
        print(json.dumps(figures))
        return 0
    for name, value in figures.items():
        if name != "wrong":
            print(f"{name:36} {value:.3f}" if isinstance(value, float) else f"{name:36} {value}")
    for mistake in figures["wrong"]:  # type: ignore[attr-defined]
        print(json.dumps(mistake))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
