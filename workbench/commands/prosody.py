"""``workbench prosody``: experiments on how voices speak, what presets do in them, recordings in numbers."""

import argparse
import math
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from workbench.analysis.experiment import Design, Experiment, Plan, factor, run_experiment
from workbench.analysis.experiment_effects import Row, effects, to_frame
from workbench.analysis.experiment_page import Reported, effect_text, render_experiment
from workbench.analysis.export import write_text
from workbench.analysis.preset_effects import Done, preset_effects
from workbench.analysis.sweep_executors import open_executor
from workbench.audio.files import load_audio_with_rate
from workbench.commands.compare import make_folder, read_texts
from workbench.core.audio import Samples
from workbench.errors import ParameterError
from workbench.prosody.contours import f0_contour
from workbench.prosody.loudness import clipping, loudness_lufs
from workbench.prosody.pitch import pitch_figures
from workbench.prosody.rhythm import rhythm
from workbench.speech.voices import named
from workbench.ssml.presets import Presets, load_presets

VOICES = ("af_heart", "bm_george")

_UNPRINTED = ("duration", "declination")
"""Measures that the page and the table tell."""


def add_parser(commands: Any) -> None:
    """Add ``prosody`` and its verbs to the command line."""
    parser = commands.add_parser(
        "prosody",
        description="Vary how voices speak and measure what it changes; see what the presets do in a voice; "
        "measure recordings.",
    )
    verbs = parser.add_subparsers(metavar="VERB", required=True)
    said = argparse.ArgumentParser(add_help=False)
    said.add_argument(
        "--texts",
        type=Path,
        metavar="FILE",
        help="CSV with the columns language and text; ten shipped sentences in eight languages without it",
    )
    said.add_argument("--limit", type=int, metavar="N", help="only the first N texts of each language")
    said.add_argument("--languages", nargs="+", metavar="TAG", help="only the texts in these languages")
    said.add_argument(
        "--across", action="store_true", help="a voice of Kokoro says the texts of every language"
    )
    said.add_argument(
        "--presets", type=Path, metavar="FILE", help="YAML with presets of your own (the shipped ones)"
    )
    said.add_argument(
        "--executor",
        default="processes",
        metavar="WHERE",
        help="here, processes[:N] or tcp://HOST:PORT (Dask)",
    )
    said.add_argument(
        "--out", type=Path, default=Path("experiment"), metavar="FOLDER", help="where to write (experiment)"
    )

    verb = verbs.add_parser(
        "experiment",
        parents=[said],
        help="vary rate, pitch and the like, and measure what each level changes",
        description="Each level is compared with the first of its factor in the same sentence. Written are "
        "experiment.html, effects.csv, and the cells that a second run (or compare) finds again.",
    )
    verb.add_argument(
        "--factor",
        action="append",
        required=True,
        metavar="NAME=LEVELS",
        help="rate=1,0.9,1.1 pitch=0,-2,2 range=0,-30,30 volume=0,3 pause=voice,0.3,0.6 "
        "emphasis=none,strong (of *words between asterisks*) or style=plain,calm; repeatable, the first "
        "level is the reference",
    )
    verb.add_argument(
        "--voices", nargs="+", default=list(VOICES), metavar="VOICE", help=f"({' '.join(VOICES)})"
    )
    verb.add_argument("--full", action="store_true", help="every combination of levels, not one at a time")
    verb.add_argument(
        "--interaction",
        action="append",
        default=[],
        metavar="NAME:NAME",
        help="how much more two factors do together (with --full); repeatable",
    )
    verb.add_argument("--recognise", action="store_true", help="also what it costs in intelligibility")
    verb.add_argument("--seed", type=int, default=0, metavar="N", help="of the random order (0)")
    verb.set_defaults(run=_experiment)

    verb = verbs.add_parser(
        "presets",
        parents=[said],
        help="what calm, warm, apologetic, urgent and celebratory ask for, whose finding it is, what it does",
        description="Without voices: the settings and their sources. With voices: what each preset changes "
        "in them, measured: ✓ the way its sources found in people, ✗ the other way, ○ not clearly.",
    )
    verb.add_argument(
        "voices", nargs="*", metavar="VOICE", help="measure in these, such as af_heart espeak:de"
    )
    verb.set_defaults(run=_presets)

    verb = verbs.add_parser("measure", help="f0, tempo, pauses and loudness of recordings of one speaker")
    verb.add_argument("files", nargs="+", type=Path, metavar="FILE")
    verb.set_defaults(run=_measure)


def _experiment(arguments: argparse.Namespace) -> int:
    presets = load_presets(arguments.presets)
    design = Design(
        factors=tuple(factor(*parse_factor(one), presets) for one in arguments.factor),
        texts=tuple(read_texts(arguments.texts, arguments.limit, _languages(arguments))),
        voices=tuple(named(voice) for voice in dict.fromkeys(arguments.voices)),
        plan=Plan.FULL if arguments.full else Plan.ONE_AT_A_TIME,
        seed=arguments.seed,
        recognised=arguments.recognise,
        across=arguments.across,
    )
    pairs = [_pair(one) for one in arguments.interaction]
    effects(Experiment(design=design, cells=()), interactions=pairs)  # a wrong pair shows before the work
    experiment = _run(design, arguments)
    found = effects(experiment, interactions=pairs)
    reported = Reported(experiment=experiment, effects=found, command=_again(arguments))
    page = write_text(arguments.out / "experiment.html", render_experiment(reported))
    table = write_text(arguments.out / "effects.csv", to_frame(found).to_csv(index=False))
    _print_effects(found)
    print(f"page: {page}\ntable: {table}")
    return 0


def _languages(arguments: argparse.Namespace) -> list[str] | None:
    """Return the languages asked for; without --across, those of the voices."""
    if arguments.languages is not None or arguments.across:
        return None if arguments.languages is None else list(arguments.languages)
    return [named(voice).language for voice in arguments.voices]


def _run(design: Design, arguments: argparse.Namespace) -> Experiment:
    out: Path = arguments.out
    make_folder(out)
    with (
        open_executor(arguments.executor) as executor,
        Progress(console=Console(file=sys.stderr), transient=True) as bar,
    ):
        task = bar.add_task("saying and measuring")
        return run_experiment(
            design,
            executor=executor,
            keep=out / "cells",
            progress=lambda done, total: bar.update(task, completed=done, total=total),
        )


def parse_factor(text: str) -> tuple[str, list[str]]:
    """Return the name and the levels in ``rate=1,0.9``.

    Raises
    ------
    ParameterError
        If it says something else.
    """
    name, sign, levels = text.partition("=")
    if not sign or not name.strip() or not levels.strip():
        raise ParameterError(f"factor {text!r}, expected one such as rate=1,0.9,1.1")
    return name.strip(), [level.strip() for level in levels.split(",")]


def _pair(text: str) -> tuple[str, str]:
    one, sign, other = text.partition(":")
    if not sign:
        raise ParameterError(f"interaction {text!r}, expected two factors such as rate:pitch")
    return one.strip(), other.strip()


def _print_effects(rows: Sequence[Row]) -> None:
    table = Table("level", "voice", "measure", "asked", "effect (95 %)", "g", box=None)
    for row in rows:
        if row.measure.name in _UNPRINTED:
            continue
        asked = "" if math.isnan(row.asked) else f"{row.asked:+.1f}".replace("-", "−")
        size = "" if math.isnan(row.size.value) else f"{row.size.value:+.1f}".replace("-", "−")
        voice = row.voice if row.voice == row.language else f"{row.voice} ({row.language})"
        measured = f"{row.measure.title}, {row.measure.unit}"
        table.add_row(f"{row.factor} {row.level}", voice, measured, asked, effect_text(row.difference), size)
    Console(width=max(Console().width, 130)).print(table)


def _presets(arguments: argparse.Namespace) -> int:
    presets = load_presets(arguments.presets)
    if not arguments.voices:
        _print_presets(presets)
        return 0
    voices = tuple(named(voice) for voice in dict.fromkeys(arguments.voices))
    design = Design(
        factors=(factor("style", ["plain", *presets.presets], presets),),
        texts=tuple(read_texts(arguments.texts, arguments.limit, _languages(arguments))),
        voices=voices,
        across=arguments.across,
    )
    done = preset_effects(effects(_run(design, arguments)), presets)
    table = Table("preset", "voice", "measure", "asked", "done (95 %)", "found in people", box=None)
    for one in done:
        table.add_row(*told(one))
    Console(width=max(Console().width, 130)).print(table)
    return 0


def told(one: Done) -> tuple[str, ...]:
    """Return one change for reading."""
    asked = "" if math.isnan(one.row.asked) else f"{one.row.asked:+.1f}".replace("-", "−")
    return (
        one.row.level,
        f"{one.row.voice} ({one.row.language})",
        f"{one.row.measure.title}, {one.row.measure.unit}",
        asked,
        effect_text(one.row.difference),
        one.verdict,
    )


def _print_presets(presets: Presets) -> None:
    table = Table("preset", "near", "rate", "pitch", "range", "volume", "pause", box=None)
    for name, preset in presets.presets.items():
        setting = preset.setting
        table.add_row(
            name,
            preset.near,
            f"{100 * (setting.rate - 1):+.0f} %",
            f"{setting.pitch:+g} st",
            f"{setting.range:+.0f} %",
            f"{setting.volume:+g} dB",
            "the voice's" if setting.pause is None else f"{setting.pause:g} s",
        )
    console = Console(width=max(Console().width, 100))
    console.print(table)
    for name, preset in presets.presets.items():
        ways = [
            f"{field} {'higher' if each.sign > 0 else 'lower'} ({', '.join(each.sources)})"
            for field, each in preset.directions.items()
        ]
        console.print(f"{name}: {'; '.join(ways)}", soft_wrap=True)
    for key, text in presets.sources.items():
        console.print(f"{key}: {text}", soft_wrap=True)


def _measure(arguments: argparse.Namespace) -> int:
    headings = ("recording", "f0", "range", "slope", "speech", "pauses", "pausing", "LUFS", "clipped")
    table = Table(*headings, box=None)
    for file in arguments.files:
        samples, rate = load_audio_with_rate(file)
        try:
            table.add_row(file.name, *_measured(samples, rate))
        except ParameterError as error:
            raise ParameterError(f"{file}: {error}") from error
    Console(width=max(Console().width, 110)).print(table)
    return 0


def _measured(samples: Samples, rate: int) -> tuple[str, ...]:
    pitch = pitch_figures(f0_contour(samples, rate))
    timing = rhythm(samples, rate)
    return (
        _figure(pitch.median_hz, ".0f", "Hz"),
        _figure(pitch.range_semitones, ".1f", "st"),
        _figure(pitch.declination, "+.1f", "st/s"),
        "–" if timing is None else f"{timing.duration:.2f} s",
        "–" if timing is None else str(len(timing.pauses)),
        "–" if timing is None else f"{timing.pausing:.2f} s",
        _figure(loudness_lufs(samples, rate), ".1f", ""),
        str(clipping(samples).runs),
    )


def _figure(value: float, form: str, unit: str) -> str:
    return "–" if math.isnan(value) else f"{value:{form}} {unit}".strip().replace("-", "−")


def _again(arguments: argparse.Namespace) -> str:
    words = ["workbench", "prosody", "experiment"]
    for one in arguments.factor:
        words += ["--factor", one]
    words += ["--voices", *arguments.voices]
    for name in ("texts", "limit", "presets"):
        value = getattr(arguments, name)
        words += [f"--{name}", str(value)] if value is not None else []
    words += ["--languages", *arguments.languages] if arguments.languages else []
    for one in arguments.interaction:
        words += ["--interaction", one]
    words += [f"--{name}" for name in ("across", "full", "recognise") if getattr(arguments, name)]
    return shlex.join([*words, "--seed", str(arguments.seed), "--executor", arguments.executor])
