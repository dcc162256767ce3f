"""``workbench compare VOICE...``: the same texts in several voices, heard, seen and measured."""

import argparse
import csv
import os
import re
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import Progress

from workbench.analysis.export import write_text
from workbench.analysis.intelligibility import (
    character_error_rate,
    errors_in,
    percent,
    word_error_rate,
)
from workbench.analysis.sweep_executors import open_executor
from workbench.analysis.voices import Cell, compare, jobs_for
from workbench.analysis.voices_cell import Text, heard_in, same_language
from workbench.analysis.voices_figures import name_of
from workbench.analysis.voices_page import Compared, Human, render_comparison
from workbench.analysis.voices_table import Row, rows, to_frame
from workbench.audio.files import load_audio
from workbench.data import data_folder
from workbench.errors import ParameterError, system_reason
from workbench.speech.ports import RECOGNIZER_RATE
from workbench.speech.voices import named
from workbench.ssml.presets import load_presets
from workbench.ssml.setting import Setting, setting_from

VOICES = ("af_heart", "am_michael", "bf_emma", "bm_george")
TEXTS_MAX, TEXT_LONGEST = 1_000, 1_000
"""Texts of a comparison, characters of one."""

_SETTING = re.compile(r"(?P<name>[\w -]+):(?P<values>.+)")


def add_parser(commands: Any) -> None:
    """Add ``compare`` to the command line."""
    parser = commands.add_parser(
        "compare",
        description="Say the same texts in several voices, measure and recognise them, and write a page to "
        "listen to (comparison.html), a table (comparison.csv) and the cells that a second run finds again.",
    )
    parser.add_argument(
        "voices",
        nargs="*",
        default=list(VOICES),
        metavar="VOICE",
        help=f"such as af_heart, espeak:fr or espeak:fr+f2 ({' '.join(VOICES)})",
    )
    parser.add_argument(
        "--texts",
        type=Path,
        metavar="FILE",
        help="CSV with the columns language and text; ten shipped sentences in eight languages without it",
    )
    parser.add_argument("--limit", type=int, metavar="N", help="only the first N texts of each language")
    parser.add_argument(
        "--settings",
        nargs="+",
        default=[],
        metavar="SETTING",
        help=f"also said so: {', '.join(load_presets().presets)}, or your own as fast:rate=1.2 or "
        "low:rate=0.95,pitch=-1,range=-20,volume=2,pause=0.5,emphasis=strong (factor, semitones, percent, "
        "dB, seconds at punctuation, the words between *asterisks*)",
    )
    parser.add_argument(
        "--languages", nargs="+", metavar="TAG", help="only the texts in these languages, such as en es"
    )
    parser.add_argument(
        "--across", action="store_true", help="a voice of Kokoro says the texts of every language"
    )
    parser.add_argument("--deaf", action="store_true", help="recognise nothing: no error rates")
    parser.add_argument(
        "--human",
        type=Path,
        metavar="FILE",
        help="CSV with the columns file, text, language: human recordings, for the recogniser's own error",
    )
    parser.add_argument(
        "--executor",
        default="processes",
        metavar="WHERE",
        help="here, processes[:N] or tcp://HOST:PORT (Dask)",
    )
    parser.add_argument(
        "--out", type=Path, default=Path("comparison"), metavar="FOLDER", help="where to write (comparison)"
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Compare and return 0."""
    voices = [named(voice) for voice in dict.fromkeys(arguments.voices)]
    texts = read_texts(arguments.texts, arguments.limit, arguments.languages)
    settings = [Setting(), *(parse_setting(one) for one in arguments.settings)]
    jobs = jobs_for(texts, voices, settings, recognised=not arguments.deaf, across=arguments.across)
    human = [] if arguments.human is None else own_errors(arguments.human)
    out: Path = arguments.out
    make_folder(out)
    console = Console(file=sys.stderr)
    with open_executor(arguments.executor) as executor, Progress(console=console, transient=True) as bar:
        task = bar.add_task("saying and measuring", total=len(jobs))
        cells = compare(
            jobs,
            executor=executor,
            keep=out / "cells",
            progress=lambda done, total: bar.update(task, completed=done, total=total),
        )
    compared = Compared(
        cells=cells, command=_again(arguments), at_once=_at_once(arguments.executor), human=human
    )
    page = write_text(out / "comparison.html", render_comparison(compared))
    table = write_text(out / "comparison.csv", to_frame(cells).to_csv(index=False))
    _print(rows(cells), cells)
    print(f"page: {page}\ntable: {table}")
    return 0


def make_folder(path: Path) -> None:
    """Make the folder that the work is to fill; raise ParameterError if it can't be."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        problem = "it is a file" if path.is_file() else system_reason(error)
        raise ParameterError(f"{path}: can't be made a folder: {problem}") from error


def read_texts(
    path: Path | None, limit: int | None = None, languages: Sequence[str] | None = None
) -> list[Text]:
    """Return the texts of a CSV file, of each language (or of ``languages``) the first ``limit``.

    Raises
    ------
    ParameterError
        If it can't be read, lacks a column, or holds too much.
    """
    if limit is not None and limit < 1:
        raise ParameterError(f"--limit is {limit}, expected at least 1")
    path = data_folder() / "comparison" / "sentences.csv" if path is None else path
    found: list[Text] = []
    for line, row in _rows(path, ("language", "text")):
        if not row["text"].strip() or len(row["text"]) > TEXT_LONGEST:
            raise ParameterError(
                f"{path}:{line}: a text of {len(row['text'])} characters, expected 1 to 1000"
            )
        text = Text(row["text"].strip(), row["language"].strip())
        wanted = languages is None or any(same_language(text.language, one) for one in languages)
        if wanted and (limit is None or sum(one.language == text.language for one in found) < limit):
            found.append(text)
    if not found and languages is not None:
        raise ParameterError(f"{path}: holds no text in {', '.join(dict.fromkeys(languages))}")
    if not 1 <= len(found) <= TEXTS_MAX:
        raise ParameterError(f"{path}: holds {len(found)} texts, expected 1 to {TEXTS_MAX}")
    return found


def parse_setting(text: str) -> Setting:
    """Return what ``fast:rate=1.2,pitch=1`` says, or the preset of that name.

    Raises
    ------
    ParameterError
        If it says something else, or a value is out of range.
    """
    shipped = load_presets()
    if text in shipped.presets:
        return shipped.setting(text)
    match = _SETTING.fullmatch(text)
    if match is None:
        presets = ", ".join(shipped.presets)
        raise ParameterError(f"setting {text!r}, expected one such as fast:rate=1.2, or one of {presets}")
    parts = [part.partition("=") for part in match["values"].split(",")]
    return setting_from(match["name"], {name.strip(): value for name, _, value in parts})


def own_errors(path: Path) -> list[Human]:
    """Return the recogniser's error on the human recordings that a CSV file names, by language."""
    told: dict[str, list[Any]] = {}
    for _, row in _rows(path, ("file", "text", "language")):
        samples = load_audio(path.parent / row["file"], rate=RECOGNIZER_RATE)
        heard = heard_in(samples, RECOGNIZER_RATE, row["language"])
        told.setdefault(row["language"], []).append(errors_in(row["text"], heard, language=row["language"]))
    return [
        Human(
            language=language,
            recordings=len(errors),
            word_error=word_error_rate(errors),
            character_error=character_error_rate(errors),
        )
        for language, errors in told.items()
    ]


def _rows(path: Path, columns: Sequence[str]) -> list[tuple[int, dict[str, str]]]:
    """Return the rows of a CSV file with the line each ends on."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            missing = [name for name in columns if name not in (reader.fieldnames or ())]
            if missing:
                raise ParameterError(f"{path}: lacks the column {missing[0]}, expected {', '.join(columns)}")
            return [(reader.line_num, {name: row[name] or "" for name in columns}) for row in reader]
    except UnicodeDecodeError as error:
        raise ParameterError(f"{path}: is no UTF-8 at byte {error.start + 1}, expected CSV") from error
    except (OSError, csv.Error) as error:
        problem = getattr(error, "strerror", None) or str(error)
        raise ParameterError(f"{path}: can't be read as CSV: {problem.lower()}") from error


def _at_once(executor: str) -> int | None:
    """Return how many cells an executor measures at once on this machine; None if it is a cluster's."""
    kind, _, count = executor.partition(":")
    if kind == "processes":
        return int(count) if count else os.cpu_count() or 1
    return 1 if kind == "here" else None


def _again(arguments: argparse.Namespace) -> str:
    words = ["workbench", "compare", *arguments.voices]
    for name in ("texts", "limit", "human"):
        value = getattr(arguments, name)
        words += [f"--{name}", str(value)] if value is not None else []
    words += ["--settings", *arguments.settings] if arguments.settings else []
    words += ["--languages", *arguments.languages] if arguments.languages else []
    words += [f"--{name}" for name in ("across", "deaf") if getattr(arguments, name)]
    return shlex.join([*words, "--executor", arguments.executor])


def _print(found: Sequence[Row], cells: Sequence[Cell]) -> None:
    print(f"{len(cells)} cells")
    print(f"{'':30}{'first audio':>12}{'RTF':>8}{'syll/s':>8}{'f0':>8}{'LUFS':>8}  characters wrong")
    for row in found:
        label = f"{name_of(row)} ({row.language})"
        rate = "–" if row.speaking_rate != row.speaking_rate else f"{row.speaking_rate:.1f}"
        f0 = "–" if row.f0_median_hz != row.f0_median_hz else f"{row.f0_median_hz:.0f} Hz"
        print(
            f"{label:30}{row.first_audio * 1000:>9.0f} ms{row.real_time_factor:>8.3f}{rate:>8}{f0:>8}"
            f"{row.loudness_lufs:>8.1f}  {percent(row.character_error)}"
        )
