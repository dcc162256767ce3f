"""``workbench settings``: what counts and where it comes from, and what production would refuse."""

import argparse
import json
import sys
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from workbench.commands.stores import settings_options
from workbench.endpoint.production import unsafe
from workbench.endpoint.settings_layers import (
    FILE,
    Effective,
    Source,
    load_settings,
    settings_file,
    shown,
)


def add_parser(commands: Any) -> None:
    """Add ``settings`` to the command line."""
    parser = commands.add_parser(
        "settings",
        description="Print the endpoint's settings as they count, with secrets masked, and where each comes "
        f"from: the default, the settings file ({settings_file()}, or --settings, or {FILE}), a profile in "
        "it, a WORKBENCH_* environment variable. What `workbench serve` is told counts over all of these.",
    )
    settings_options(parser)
    parser.add_argument("--all", action="store_true", help="also those that are at their default")
    parser.add_argument(
        "--check",
        action="store_true",
        help="only say what production refuses; exit status 1 if it does",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object instead")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print them; return 1 if production refuses them and that was asked, or counts."""
    effective = load_settings(file=arguments.settings, profile=arguments.profile)
    production = effective.settings.profile == "production"
    problems = list(dict.fromkeys(unsafe(effective))) if arguments.check or production else []
    if arguments.json:
        print(json.dumps(_facts(effective, problems)))
    else:
        if not arguments.check:
            _print(effective, whole=arguments.all)
        if problems and not arguments.check:
            print(file=sys.stderr)
        _tell(problems, checked=arguments.check or production)
    return 1 if problems else 0


def _print(effective: Effective, *, whole: bool) -> None:
    console = Console(highlight=False)
    table = Table(box=None, pad_edge=False)
    for title in ("setting", "value", "from"):
        table.add_column(title, overflow="fold")
    for name, source in effective.sources.items():
        if whole or source.kind != "default" or name == "profile":
            table.add_row(*map(Text, (name, shown(effective, name), _said(source))))  # brackets are no markup
    console.print(table)
    left = sum(source.kind == "default" for name, source in effective.sources.items() if name != "profile")
    if left and not whole:
        console.print(f"{left} more are at their default (--all shows them)")
    if effective.file is None:
        console.print(f"no settings file: there is none at {settings_file()}", markup=False)
    else:
        console.print(f"settings file: {effective.file}", markup=False, soft_wrap=True)


def _tell(problems: list[str], *, checked: bool) -> None:
    if problems:
        print(f"production refuses {len(problems)} of these:", file=sys.stderr)
        for problem in problems:
            print(f"  - {problem}", file=sys.stderr)
    elif checked:
        print("production accepts these settings")


def _said(source: Source) -> str:
    """Return where a value comes from; the file's own path is told once, below the table."""
    place = source.place
    if source.kind in ("file", "profile"):
        place = place[place.rfind("[") :] if place.endswith("]") else ""
    return f"{source.kind} {place}{f' = {source.reference}' if source.reference else ''}".rstrip()


def _facts(effective: Effective, problems: list[str]) -> dict[str, object]:
    return {
        "profile": effective.settings.profile,
        "file": str(effective.file) if effective.file else None,
        "settings": {
            name: {
                "value": shown(effective, name),
                "from": source.kind,
                "place": source.place,
                "reference": source.reference,
            }
            for name, source in effective.sources.items()
        },
        "refused": problems,
    }
