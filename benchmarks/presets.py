"""What the shipped presets change in voices of several languages: ``python benchmarks/presets.py VOICE...``.

Each voice says sentences of its language plainly and with every preset; changes are means over sentences with
95 % intervals. ``--write FILE`` puts the table into a document, between its two comments. Cells are kept in
``--keep``, so that voices can be measured in several runs.
"""

import argparse
import json
import math
import sys
from pathlib import Path

from documents import put_between

from workbench.analysis.experiment import Design, factor, run_experiment
from workbench.analysis.experiment_effects import effects, to_frame
from workbench.analysis.experiment_page import effect_text
from workbench.analysis.preset_effects import CHECKED, Done, preset_effects
from workbench.analysis.sweep_executors import open_executor
from workbench.commands.compare import read_texts
from workbench.errors import WorkbenchError
from workbench.speech.voices import named
from workbench.ssml.presets import Presets, load_presets

VOICES = (
    *("af_heart", "bm_george", "ef_dora", "ff_siwis", "if_sara", "pf_dora"),
    *("espeak:en-us", "espeak:es", "espeak:de"),
)
SENTENCES = 5
BEGIN = "<!-- presets -->"


def measured(voices: list[str], presets: Presets, keep: Path) -> list[Done]:
    """Return what every preset changed in every voice."""
    found = tuple(named(voice) for voice in voices)
    design = Design(
        factors=(factor("style", ["plain", *presets.presets], presets),),
        texts=tuple(read_texts(None, SENTENCES, [voice.language for voice in found])),
        voices=found,
    )
    with open_executor("processes") as executor:
        return preset_effects(effects(run_experiment(design, executor=executor, keep=keep)), presets)


def table(done: list[Done], presets: Presets) -> list[str]:
    """Return the table: a line what is asked, then one a voice."""
    lines = [
        "| preset | voice | tempo, % | f0, semitones | range of f0, % | loudness, LU |",
        "|---|---|---|---|---|---|",
    ]
    for name, preset in presets.presets.items():
        own = [one for one in done if one.row.level == name]
        asked = {one.row.measure.name: one.row.asked for one in own}
        cells = [_asked(asked.get(measure, math.nan)) for measure in CHECKED]
        lines.append(f"| **{name}**, near {preset.near} | asked | {' | '.join(cells)} |")
        for voice in dict.fromkeys(one.row.voice for one in own):
            by = {one.row.measure.name: one for one in own if one.row.voice == voice}
            language = next(iter(by.values())).row.language
            cells = [_done(by.get(measure)) for measure in CHECKED]
            lines.append(f"| | {voice} ({language}) | {' | '.join(cells)} |")
    return lines


def _asked(value: float) -> str:
    return "" if math.isnan(value) else f"{value:+.3g}".replace("-", "−")


def _done(one: Done | None) -> str:
    if one is None:
        return ""
    mark = one.verdict[-1]
    return effect_text(one.row.difference) + (f" {mark}" if mark in "✗○?" else "")


def main() -> int:
    """Measure, print, and write the table if asked."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("voices", nargs="*", default=list(VOICES), metavar="VOICE")
    parser.add_argument("--write", type=Path, metavar="FILE")
    parser.add_argument("--keep", type=Path, default=Path("experiment/cells"), metavar="FOLDER")
    parser.add_argument("--json", action="store_true", help="print the effects as one JSON list instead")
    arguments = parser.parse_args()
    try:
        presets = load_presets()
        done = measured(arguments.voices, presets, arguments.keep)
        lines = table(done, presets)
        if arguments.write is not None:
            put_between(arguments.write, BEGIN, "\n".join(lines))
    except WorkbenchError as error:
        print(f"presets: {error}", file=sys.stderr)
        return 2
    if arguments.json:
        print(json.dumps(to_frame([one.row for one in done]).to_dict("records")))
    else:
        print("\n".join(lines))
        marks = [one.verdict[-1] for one in done]
        print(", ".join(f"{marks.count(mark)} {mark}" for mark in "✓○✗?"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
