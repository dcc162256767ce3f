"""``workbench ssml``: check SSML, write it as a target takes it, and say what is lost."""

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from workbench.errors import ParameterError, SsmlError
from workbench.speech.reading import is_read, read_as
from workbench.ssml.check import check
from workbench.ssml.dialect import Level
from workbench.ssml.dialects import FEATURES, dialect, dialects
from workbench.ssml.document import Speak
from workbench.ssml.downlevel import Note, Rendered, render_for
from workbench.ssml.parse import MOST_CHARACTERS, parse
from workbench.ssml.shorthand import parse_shorthand

_SIGNS = {Level.HONOURED: "yes", Level.DEGRADED: "partly", Level.DROPPED: "-"}


def add_parser(commands: Any) -> None:
    """Add ``ssml`` and its verbs to the command line."""
    parser = commands.add_parser(
        "ssml",
        help="check SSML, write it for an engine or a vendor, say what is lost",
        description="FILE holds SSML, plain text, or SpeechMarkdown (--shorthand, or a name ending in .smd); "
        "- reads standard input.",
    )
    verbs = parser.add_subparsers(metavar="VERB", required=True)
    document = argparse.ArgumentParser(add_help=False)
    document.add_argument("file", metavar="FILE")
    document.add_argument("--shorthand", action="store_true", help="the text is SpeechMarkdown")

    verb = verbs.add_parser("check", parents=[document], help="mistakes, and what could be better")
    verb.add_argument("--target", metavar="NAME", help="also what this target refuses")
    verb.add_argument("--json", action="store_true", help="print one JSON object instead")
    verb.set_defaults(run=_check)

    verb = verbs.add_parser(
        "render", parents=[document], help="print the text for a target, and losses as errors"
    )
    verb.add_argument("--target", metavar="NAME", required=True, help="workbench ssml targets lists them")
    verb.set_defaults(run=_render)

    verb = verbs.add_parser("losses", parents=[document], help="what a target degrades or drops")
    verb.add_argument("--target", metavar="NAME", action="append", help="repeatable (all)")
    verb.add_argument("--all", action="store_true", help="also how the rest is honoured")
    verb.add_argument("--json", action="store_true", help="print one JSON object instead")
    verb.set_defaults(run=_losses)

    verb = verbs.add_parser("targets", help="what every target makes of SSML")
    verb.add_argument("target", nargs="?", metavar="NAME", help="one target, with reasons (all, as a table)")
    verb.add_argument("--markdown", action="store_true", help="print the table as Markdown")
    verb.set_defaults(run=_targets)


def _check(arguments: argparse.Namespace) -> int:
    """Return 1 if there is a mistake, else 0."""
    text = _text(arguments.file)
    found = check(text, arguments.target, read=parse_shorthand if _is_shorthand(arguments) else parse)
    wrong = sum(finding.wrong for finding in found)
    if arguments.json:
        print(json.dumps({"file": arguments.file, "findings": [asdict(finding) for finding in found]}))
        return 1 if wrong else 0
    for finding in found:
        print(f"{arguments.file}:{'' if finding.place else ' '}{finding}")
    print(f"{_count(wrong, 'mistake')}, {_count(len(found) - wrong, 'piece')} of advice")
    return 1 if wrong else 0


def _render(arguments: argparse.Namespace) -> int:
    rendered = _rendered(_document(arguments), arguments.target)
    for note in rendered.losses:
        print(f"{arguments.file}:{'' if note.place else ' '}{note}", file=sys.stderr)
    print(rendered.text)
    return 0


def _losses(arguments: argparse.Namespace) -> int:
    document = _document(arguments)
    notes: dict[str, tuple[Note, ...]] = {}
    for name in arguments.target or dialects():
        rendered = _rendered(document, name)
        notes[name] = rendered.notes if arguments.all else rendered.losses
    if arguments.json:
        print(json.dumps({name: [asdict(note) for note in found] for name, found in notes.items()}))
        return 0
    for name, found in notes.items():
        print(f"{name}: {dialect(name).title}")
        for note in found:
            print(f"  {note}")
        if not found:
            print("  nothing is lost")
    return 0


def _targets(arguments: argparse.Namespace) -> int:
    if arguments.markdown:
        print("\n".join(_markdown()))
        return 0
    if arguments.target is None:
        table = Table("element", *dialects(), box=None)
        for feature in FEATURES:
            table.add_row(feature, *(_SIGNS[each.entry(feature).level] for each in dialects().values()))
        Console(width=max(Console().width, 130)).print(table)
        print("workbench ssml targets NAME says how, and what is written instead")
        return 0
    chosen = dialect(arguments.target)
    print(f"{chosen.title}; source: {chosen.source}")
    for feature in (*FEATURES, *(name for name in chosen.features if ":" in name)):
        entry = chosen.entry(feature)
        why = f": {entry.why}" if entry.why else ""
        instead = "" if entry.level is Level.HONOURED else f"; {entry.instead}"
        print(f"{feature:22} {entry.level:9}{why}{instead}")
    return 0


def _markdown() -> Iterator[str]:
    targets = dialects()
    yield f"| element | {' | '.join(targets)} |"
    yield f"|---|{'---|' * len(targets)}"
    for feature in FEATURES:
        signs = " | ".join(_SIGNS[each.entry(feature).level] for each in targets.values())
        yield f"| {feature} | {signs} |"


def _rendered(document: Speak, target: str) -> Rendered:
    language = document.language or "en"
    return render_for(
        document, target, read_as=partial(read_as, language=language) if is_read(language) else None
    )


def _document(arguments: argparse.Namespace) -> Speak:
    text = _text(arguments.file)
    return parse_shorthand(text) if _is_shorthand(arguments) else parse(text)


def _is_shorthand(arguments: argparse.Namespace) -> bool:
    return bool(arguments.shorthand) or arguments.file.endswith(".smd")


def _text(file: str) -> str:
    """Return what a file, or standard input, holds.

    Raises
    ------
    ParameterError
        If it can't be read, or is no UTF-8.
    SsmlError
        If it is longer than any document may be.
    """
    try:
        if file == "-":
            content = sys.stdin.buffer.read(4 * MOST_CHARACTERS + 1)
        else:
            with Path(file).open("rb") as opened:
                content = opened.read(4 * MOST_CHARACTERS + 1)
        text = content.decode("utf-8-sig")
    except OSError as error:
        raise ParameterError(
            f"{file} can't be read: {(error.strerror or 'no reason given').lower()}"
        ) from error
    except UnicodeDecodeError as error:
        if len(content) > 4 * MOST_CHARACTERS:
            raise _too_long(file) from None
        raise ParameterError(f"{file} is no UTF-8 at byte {error.start}, expected text") from None
    if len(content) > 4 * MOST_CHARACTERS:
        raise _too_long(file)
    return text


def _too_long(file: str) -> SsmlError:
    return SsmlError(f"{file} has more than {MOST_CHARACTERS} characters, expected at most that")


def _count(number: int, what: str) -> str:
    return f"{number or 'no'} {what}{'' if number == 1 else 's'}"
