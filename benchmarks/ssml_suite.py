"""Which verdicts on published SSML cases are right.

Reads a folder with ``azure_schema_cases.tsv`` (documents with the verdict of Azure's schema),
``ssmlverifier_cases.tsv`` (fragments with the verdict of SSMLVerifier for a platform), ``attack`` (bombs and
external entities), ``speechmarkdown`` (shorthand with the SSML it stands for) and ``espeak``. A verdict that
differs is listed; where the published one goes against the standard, with the reason.
"""

import argparse
import json
import sys
import time
import tracemalloc
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from workbench.errors import ParameterError, SsmlError, WorkbenchError
from workbench.ssml.check import check
from workbench.ssml.parse import parse
from workbench.ssml.render import plain_text, render
from workbench.ssml.shorthand import parse_shorthand

PLATFORMS = {"All": None, "Google": "google", "Amazon": "alexa"}

REASONS = {
    "ReturnValidForInvalidSpeedWithMalformedPercentage": "speed is a percentage in SSML 1.1 and at Google",
    "ReturnValidWithTimeMinusValue": "a break can't be shorter than nothing (SSML 1.1, 3.2.3)",
    "ReturnValidForUsingOptionalAlias": "sub contains text only (SSML 1.1, 3.1.11)",
    "ReturnInvalidForMissingAttributeAlphabet": "alphabet is optional (SSML 1.1, 3.1.10)",
    "ShouldReturnValidWithOnlyAnInvalidPlatformSpecificTag": "Google speaks lang today",
    "ShouldReturnInvalidWithMalformedXml": "the outermost element is not speak; the case's name agrees",
    "LangStrategy.ReturnInvalidForInvalidAttributeValue": "not-valid is well formed (BCP 47, 2.1)",
    "multiple-modifiers-same-text": "say-as contains text only (SSML 1.1, 3.1.9)",
}
"""Why a published verdict is not followed, by the case's name."""


@dataclass(frozen=True, slots=True)
class Case:
    """One published case and what is said of it here."""

    suite: str
    name: str
    wanted: str
    found: str
    says: str = ""

    @property
    def right(self) -> bool:
        """Return whether both agree."""
        return self.wanted == self.found


def verdict(text: str, target: str | None) -> tuple[str, str]:
    """Return ``valid`` or ``invalid``, and the first mistake."""
    wrong = [str(finding) for finding in check(text, target) if finding.wrong]
    return ("invalid", wrong[0]) if wrong else ("valid", "")


def azure(folder: Path) -> Iterator[Case]:
    """Yield the documents judged by Azure's schema."""
    for line, row in enumerate(_rows(folder / "azure_schema_cases.tsv"), start=2):
        wanted, text = row[0], row[1]
        found, says = verdict(text, "azure")
        yield Case("azure", f"line {line}", "valid" if wanted == "Pass!" else "invalid", found, says)


def verifier(folder: Path) -> Iterator[Case]:
    """Yield the fragments judged by SSMLVerifier."""
    for area, name, wanted, platform, text in _rows(folder / "ssmlverifier_cases.tsv"):
        document = text if text.startswith("<speak") else f"<speak>{text}</speak>"
        found, says = verdict(document, PLATFORMS[platform])
        yield Case("ssmlverifier", f"{area}.{name}", wanted, found, says)


def attacks(folder: Path) -> Iterator[Case]:
    """Yield the bombs, external entities and other XML: all are to be refused."""
    for file in sorted([*(folder / "attack").iterdir(), folder / "espeak" / "billion-laughs.ssml"]):
        found, says = verdict(file.read_text("utf-8"), None)
        yield Case("attack", file.name, "invalid", found, says)


def documents(folder: Path) -> Iterator[Case]:
    """Yield documents of engines' own tests: all are to be read."""
    for file in sorted([*(folder / "espeak").glob("*.ssml"), *(folder / "google").glob("*.ssml")]):
        if file.name != "billion-laughs.ssml":
            found, says = verdict(file.read_text("utf-8"), None)
            yield Case("documents", file.name, "valid", found, says)


def shorthand(folder: Path) -> Iterator[Case]:
    """Yield SpeechMarkdown with the SSML for Alexa and the plain text it stands for."""
    for file in sorted((folder / "speechmarkdown").glob("*/*.smd")):
        document = parse_shorthand(file.read_text("utf-8"))
        wanted = file.with_suffix(".alexa.ssml").read_text("utf-8")
        plain = " ".join(file.with_suffix(".txt").read_text("utf-8").split())
        try:
            same = _tidy(render(document)) == _tidy(render(parse(wanted.strip())))
            says = "" if same else f"{_tidy(render(document))} for {_tidy(wanted)}"
        except SsmlError as error:
            same, says = False, f"the published document is refused: {error}"
        yield Case("shorthand", file.stem, "same", "same" if same else "other", says)
        shown = plain_text(document)
        yield Case("shorthand text", file.stem, "same", "same" if shown == plain else "other", shown)


def cost(folder: Path) -> dict[str, float]:
    """Return the longest time and the most memory any attack takes."""
    longest, most = 0.0, 0
    for file in sorted([*(folder / "attack").iterdir(), folder / "espeak" / "billion-laughs.ssml"]):
        text = file.read_text("utf-8")
        began = time.perf_counter()
        verdict(text, None)
        longest = max(longest, time.perf_counter() - began)
        tracemalloc.start()
        verdict(text, None)
        most = max(most, tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    return {"longest_ms": round(longest * 1000, 2), "most_kb": round(most / 1000, 1)}


def _tidy(text: str) -> str:
    return "".join(text.split())


def _reason(case: Case) -> str:
    return REASONS.get(case.name) or REASONS.get(case.name.rpartition(".")[2], "")


def _rows(file: Path) -> list[list[str]]:
    lines = file.read_text("utf-8").splitlines()
    return [line.split("\t") for line in lines[1:] if line.strip()]


def run(folder: Path) -> dict[str, object]:
    """Return the score of each suite, and the cases that differ."""
    if not folder.is_dir():
        raise ParameterError(f"{folder}: no such folder, expected the published cases")
    parse("<speak>warm</speak>")
    cases = [case for suite in (azure, verifier, attacks, documents, shorthand) for case in suite(folder)]
    scores: dict[str, dict[str, int]] = {}
    for case in cases:
        score = scores.setdefault(case.suite, {"right": 0, "of": 0})
        score["right"] += case.right
        score["of"] += 1
    differ = [{**asdict(case), "reason": _reason(case)} for case in cases if not case.right]
    return {"scores": scores, "attacks": cost(folder), "differ": differ}


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    parser.add_argument("--json", action="store_true", help="print one object to standard output")
    arguments = parser.parse_args()
    try:
        figures = run(arguments.folder)
    except WorkbenchError as error:
        print(f"ssml_suite: {error}", file=sys.stderr)
        return 2
    if arguments.json:
        print(json.dumps(figures))
        return 0
    for suite, score in figures["scores"].items():  # type: ignore[attr-defined]
        print(f"{suite:15} {score['right']:3} of {score['of']}")
    print("attacks         at most {longest_ms} ms, {most_kb} kB".format(**figures["attacks"]))  # type: ignore[arg-type]
    for case in figures["differ"]:  # type: ignore[attr-defined]
        print(f"{case['suite']} {case['name']}: {case['found']}, published as {case['wanted']}")
        print(f"    {case['reason'] or case['says'] or 'nothing wrong was found'}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
