"""How well an assistant understands recogniser output, from a dump of readings: no audio, seconds to run.

    python benchmarks/understanding.py DUMP.json LABELS.csv [--others DUMP.json] [--assistant NAME] [--json]

A dump maps a file name to its readings: ``{"base": [best first, ...], "tiny": [...]}``, or a list.
Labels have ``file, intent, slots`` (slots as JSON). Other recordings are about something else: all of them
should be rejected. Articles and plurals don't count in slot values.
"""

import argparse
import csv
import json
import statistics
import time
from collections.abc import Sequence
from pathlib import Path

from workbench.conversation.assistants import load_assistant
from workbench.conversation.understanding import Interpretation, Understanding

Dump = dict[str, dict[str, list[str]] | list[str]]


def _readings(entry: dict[str, list[str]] | list[str]) -> list[str]:
    if isinstance(entry, list):
        return entry
    return [*entry.get("base", ()), *entry.get("tiny", ())]


def _plain(slots: dict[str, str]) -> dict[str, str]:
    """Return the slots without articles and plural endings."""
    return {
        slot: " ".join(
            word.removesuffix("s") if len(word) > 4 else word
            for word in value.lower().split()
            if word not in ("a", "an", "the")
        )
        for slot, value in slots.items()
    }


def _interpret(understanding: Understanding, readings: Sequence[str]) -> tuple[Interpretation, float]:
    began = time.perf_counter()
    heard = understanding.interpret(readings[0] if readings else "", alternatives=readings[1:])
    return heard, time.perf_counter() - began


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("dump", type=Path)
    parser.add_argument("labels", type=Path)
    parser.add_argument("--others", type=Path, help="dump of recordings about something else")
    parser.add_argument("--assistant", default="coffee")
    parser.add_argument("--best-only", action="store_true", help="use the first reading alone")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    assistant = load_assistant(arguments.assistant)
    understanding = Understanding(assistant)
    dump: Dump = json.loads(arguments.dump.read_text())
    with arguments.labels.open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["file"] in dump]
    critical = [name for name, slot in assistant.slots.items() if slot.critical]
    right, whole, seconds = 0, 0, []
    for row in rows:
        readings = _readings(dump[row["file"]])[: 1 if arguments.best_only else None]
        heard, took = _interpret(understanding, readings)
        seconds.append(took)
        wanted, got = _plain(json.loads(row["slots"])), _plain(heard.slots)
        right += all(got.get(slot) == wanted.get(slot) for slot in critical)
        exact = heard.intent == row["intent"] and got == wanted
        whole += exact
        if not exact and not arguments.json:
            print(f"{row['file']}: wanted {wanted}, got {got} ({heard.confidence:.2f})")
    report: dict[str, float] = {
        "n": len(rows),
        "drink_right": right / max(1, len(rows)),
        "all_slots_right": whole / max(1, len(rows)),
        "milliseconds_p50": 1000 * statistics.median(seconds) if seconds else 0.0,
    }
    if arguments.others:
        others: Dump = json.loads(arguments.others.read_text())
        tasks = {name for name, intent in assistant.intents.items() if intent.required}
        kept = {
            name: heard
            for name, entry in others.items()
            for heard, _ in (_interpret(understanding, _readings(entry)),)
            if heard.intent in tasks
        }
        report["others"] = len(others)
        report["rejected"] = 1 - len(kept) / max(1, len(others))
        if not arguments.json:
            for name, heard in kept.items():
                print(f"{name}: not rejected ({heard.confidence:.2f})")
    print(
        json.dumps(report)
        if arguments.json
        else "\n".join(f"{key} {value:.4g}" for key, value in report.items())
    )


if __name__ == "__main__":
    main()
