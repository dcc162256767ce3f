"""How often written numbers, dates, money and the like are read as published test cases want it.

Reads a folder with one folder a language and files ``TN_CLASS.txt`` in each, ``written~spoken`` a line (those
of NVIDIA NeMo's text processing). The workbench reads six languages; ``damga`` reads seven and is asked as
well where it is installed, as a peer. A reading is right if the words are the same, whatever their case,
hyphens, commas and ``and``; in German and Swedish whatever the spaces.
"""

import argparse
import json
import re
import sys
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path

from documents import put_between

from workbench.errors import ParameterError, WorkbenchError
from workbench.speech.reading import is_read, read_as, readings

Reader = Callable[[str], str]

KINDS = {
    "cardinal": "cardinal",
    "date": "date",
    "fraction": "fraction",
    "telephone": "telephone",
    "ordinal": "ordinal",
    "time": "time",
}
"""Classes whose kind ``say-as`` names."""

BEGIN = "<!-- readings -->"
SPOKEN_FIRST = {"de"}
"""Languages whose files have the spoken words first."""
JOINED = {"de", "sv", "hu", "ja", "zh", "ko"}
"""Languages whose words are compared without spaces."""


def cases(file: Path) -> Iterator[tuple[str, frozenset[str]]]:
    """Yield what is written, and every way it may be spoken."""
    lines = file.read_text("utf-8").splitlines()
    if file.stem == "TN_normalize_with_audio":
        yield from _spoken_in_ways(lines)
        return
    for line in lines:
        first, separator, second = line.partition("~")
        if file.parent.name in SPOKEN_FIRST:
            first, second = second, first
        if separator and first.strip() and second.strip():
            yield first, frozenset(second.split("~"))


def _spoken_in_ways(lines: list[str]) -> Iterator[tuple[str, frozenset[str]]]:
    written, ways = "", set[str]()
    for line in [*lines, "~"]:
        if line.startswith("~"):
            if written and ways:
                yield written, frozenset(ways)
            written, ways = line[1:].strip(), set()
        elif line.strip():
            ways.add(line)


def words(text: str, language: str) -> str:
    """Return what counts of a reading."""
    text = unicodedata.normalize("NFC", text).lower().replace("-", " ")
    kept = re.sub(r"[^\w\s]", " ", text).split()
    if language == "en":  # AM and "ay em" sound alike
        kept = [{"am": "ay em", "pm": "pee em"}.get(word, word) for word in kept if word != "and"]
    return ("" if language in JOINED else " ").join(kept)


def readers(language: str) -> dict[str, Reader]:
    """Return who reads a language."""
    found: dict[str, Reader] = {}
    if is_read(language):
        found["workbench"] = lambda text: "".join(reading.spoken for reading in readings(text, language))
    try:
        import damga
    except ImportError:
        return found
    if language in damga.available_languages():
        found["damga"] = damga.Normalizer("tn", language).normalize
    return found


def run(folder: Path) -> dict[str, object]:
    """Return the share of right readings by language, class and reader."""
    if not folder.is_dir():
        raise ParameterError(f"{folder}: no such folder, expected the published cases")
    scores: dict[str, dict[str, dict[str, object]]] = {}
    wrong: list[dict[str, str]] = []
    for file in sorted(folder.glob("*/TN_*.txt")):
        language, kind = file.parent.name, file.stem.removeprefix("TN_")
        asked = list(cases(file))
        score: dict[str, object] = {"cases": len(asked)}
        for name, reader in readers(language).items():
            right = 0
            for written, spoken in asked:
                said = words(reader(written), language)
                good = said in {words(way, language) for way in spoken}
                right += good
                if not good and name == "workbench":
                    wrong.append(
                        {
                            "class": f"{language} {kind}",
                            "written": written,
                            "said": said,
                            "wanted": min(spoken),
                        }
                    )
            score[name] = right / len(asked) if asked else None
        if is_read(language) and kind in KINDS and asked:
            told = sum(
                words(read_as(written, KINDS[kind], language=language), language)
                in {words(way, language) for way in spoken}
                for written, spoken in asked
            )
            score["workbench, told the kind"] = told / len(asked)
        scores.setdefault(language, {})[kind] = score
    return {"scores": scores, "wrong": wrong}


def table(figures: dict[str, object]) -> list[str]:
    """Return the shares as a table of Markdown; languages that nobody reads are left out."""
    lines = ["| language, class | cases | workbench | told | damga |", "|---|---|---|---|---|"]
    for language, kinds in figures["scores"].items():  # type: ignore[attr-defined]
        for kind, score in kinds.items():
            names = ("workbench", "workbench, told the kind", "damga")
            shares = ["" if score.get(name) is None else f"{score[name]:.0%}" for name in names]
            if any(shares):
                told = " | ".join([f"{language} {kind.replace('_', ' ')}", str(score["cases"]), *shares])
                lines.append(f"| {told} |")
    return lines


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    parser.add_argument("--wrong", action="store_true", help="also print what the workbench reads otherwise")
    parser.add_argument("--write", type=Path, metavar="FILE", help="put the table into this document")
    parser.add_argument("--json", action="store_true", help="print one object to standard output")
    arguments = parser.parse_args()
    try:
        figures = run(arguments.folder)
        if arguments.write is not None:
            put_between(arguments.write, BEGIN, "\n".join(table(figures)))
    except WorkbenchError as error:
        print(f"text_normalization: {error}", file=sys.stderr)
        return 2
    if arguments.json:
        print(json.dumps(figures))
        return 0
    for language, kinds in figures["scores"].items():  # type: ignore[attr-defined]
        for kind, score in kinds.items():
            shares = ", ".join(
                f"{name} {share:.0%}"
                for name, share in score.items()
                if name != "cases" and share is not None
            )
            print(f"{language} {kind:22} {score['cases']:4} cases  {shares or 'nobody reads it'}")
    if arguments.wrong:
        for case in figures["wrong"]:  # type: ignore[attr-defined]
            print("{class}: {written!r}: {said!r} for {wanted!r}".format(**case))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
