"""How often numbers, money and dates are read as two libraries of others would write and say them.

Babel writes random values the way a language does (CLDR's formats), ``num2words`` (LGPL, only ever run here)
says them: its names of numbers are its own, those of the workbench CLDR's. A reading is right if the words
are the same, whatever their case, hyphens, commas and the word for "and". ``num2words`` errs as well: see
``--wrong``. ``--seed`` draws other values.
"""

import argparse
import json
import random
import re
import sys
import unicodedata
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

from babel.dates import format_date, get_month_names
from babel.numbers import format_currency, format_decimal, format_percent
from documents import put_between
from num2words import num2words

from workbench.errors import WorkbenchError
from workbench.speech.reading import read_as, readings

LANGUAGES = ("en", "de", "es", "fr", "it", "pt-BR", "pt-PT", "fr-CH", "fr-BE")
BEGIN = "<!-- number readings -->"
CURRENCIES = ("EUR", "USD", "GBP")
AND = {"en": "and", "de": "und", "es": "y", "fr": "et", "it": "e", "pt": "e"}
Case = tuple[str, str, str]
"""What is written, the words for it, and the kind that ``say-as`` would name (or none)."""


def cases(kind: str, language: str, seed: int, count: int) -> Iterator[Case]:
    """Yield random cases of one kind."""
    rng = random.Random(f"{kind} {language} {seed}")
    for _ in range(count):
        yield KINDS[kind](rng, language)


def _cardinal(rng: random.Random, language: str) -> Case:
    value = int(10 ** rng.uniform(0, 9.5))
    return format_decimal(value, locale=_locale(language)), _said(value, language), "cardinal"


def _negative(rng: random.Random, language: str) -> Case:
    value = -int(10 ** rng.uniform(0, 6))
    return format_decimal(value, locale=_locale(language)), _said(value, language), ""


def _ordinal(rng: random.Random, language: str) -> Case:
    value = rng.choice((rng.randint(1, 31), rng.randint(1, 120)))
    said = num2words(value, to="ordinal", lang=_spoken_locale(language))
    return str(value), f"{said}r" if _primary(language) == "de" else said, "ordinal"


def _year(rng: random.Random, language: str) -> Case:
    value = rng.randint(1100, 2099)
    return str(value), num2words(value, to="year", lang=_spoken_locale(language)), ""


def _percent(rng: random.Random, language: str) -> Case:
    value = rng.randint(0, 300)
    words = {"en": "percent", "de": "Prozent", "fr": "pour cent", "it": "percento"}
    said = f"{_said(value, language)} {words.get(_primary(language), 'por ciento')}"
    if _primary(language) == "pt":
        said = said.replace("por ciento", "por cento")
    return format_percent(value / 100, locale=_locale(language)), said, ""


def _money(rng: random.Random, language: str) -> Case:
    value = round(10 ** rng.uniform(0, 5), 2) if rng.random() < 0.7 else float(int(10 ** rng.uniform(0, 6)))
    currency = "BRL" if language == "pt-BR" else rng.choice(CURRENCIES)
    written = format_currency(value, currency, locale=_locale(language))
    if value == int(value):
        written = re.sub(r"[.,]00(?!\d)", "", written)
    if language == "pt-BR":  # it has no other currency there
        return written, num2words(value, to="currency", lang="pt_BR"), "currency"
    said = num2words(value, to="currency", currency=currency, lang=_spoken_locale(language), separator=" ")
    return written, _without_no_cents(said), "currency"


def _date(form: str) -> Callable[[random.Random, str], Case]:
    years = (1970, 2069) if form == "short" else (1920, 2059)  # what two digits may stand for

    def made(rng: random.Random, language: str) -> Case:
        first, last = (date(year, month, 1).toordinal() for year, month in zip(years, (1, 12), strict=True))
        day = date.fromordinal(rng.randint(first, last))
        return format_date(day, form, locale=_locale(language)), _dated(day, language), "date"

    return made


def _dated(day: date, language: str) -> str:
    """Return a date in words: a number of ``num2words`` for the day, Babel's name of the month, the year."""
    spoken, primary = _spoken_locale(language), _primary(language)
    month = get_month_names("wide", locale=_locale(language))[day.month]
    year = num2words(day.year, to="year", lang=spoken)
    ordinal = primary in ("en", "de") or (day.day == 1 and primary in ("es", "fr", "it", "pt"))
    told = num2words(day.day, to="ordinal" if ordinal else "cardinal", lang=spoken)
    if primary == "en":
        return f"{month} {told} {year}"
    if primary == "de":
        return f"{told}r {month} {year}"
    joint = " de " if primary in ("es", "pt") else " "
    return joint.join((told, month, year))


KINDS: dict[str, Callable[[random.Random, str], Case]] = {
    "cardinal": _cardinal,
    "below nought": _negative,
    "ordinal": _ordinal,
    "year": _year,
    "percent": _percent,
    "money": _money,
    "long date": _date("long"),
    "short date": _date("short"),
}


def _said(value: int, language: str) -> str:
    return str(num2words(value, lang=_spoken_locale(language)))


def _without_no_cents(said: str) -> str:
    return re.sub(
        r"\b(?:e |y |et |and |und )?(?:zero|null|cero|zéro) (?:cents?|cent|pence|céntimos|centimes|"
        r"centesimi|centavos|cêntimos|penny|pence|peniques)$",
        "",
        said,
        flags=re.IGNORECASE,
    ).strip()


def _primary(language: str) -> str:
    return language.partition("-")[0]


def _locale(language: str) -> str:
    return "en_US" if language == "en" else language.replace("-", "_")


def _spoken_locale(language: str) -> str:
    return {"pt-PT": "pt"}.get(language, language.replace("-", "_"))


def words(text: str, language: str) -> str:
    """Return what counts of a reading: neither "and", spaces in compounds, nor agreement that isn't heard."""
    text = unicodedata.normalize("NFC", text).lower().replace("-", " ").replace("\u00ad", "")
    kept = [word for word in re.sub(r"[^\w\s]", " ", text).split() if word != AND[_primary(language)]]
    silent = {"fr": {"cents": "cent", "vingts": "vingt"}, "en": {"euro": "euros", "sterling": ""}}
    kept = [silent.get(_primary(language), {}).get(word, word) for word in kept]
    joined = "".join(kept)
    return joined if _primary(language) in ("de", "it") else " ".join(word for word in kept if word)


def run(seed: int, count: int) -> dict[str, object]:
    """Return the share of equal readings by language and kind."""
    scores: dict[str, dict[str, float]] = {}
    wrong: list[dict[str, str]] = []
    for language in LANGUAGES:
        for kind in KINDS:
            right = 0
            for written, wanted, named in cases(kind, language, seed, count):
                told = kind == "ordinal"
                said = (
                    read_as(written, named, language=language)
                    if told
                    else "".join(one.spoken for one in readings(written, language))
                )
                good = words(said, language) == words(wanted, language)
                right += good
                if not good:
                    wrong.append(
                        {"class": f"{language} {kind}", "written": written, "said": said, "wanted": wanted}
                    )
            scores.setdefault(language, {})[kind] = right / count
    return {"count": count, "seed": seed, "scores": scores, "wrong": wrong}


def table(figures: dict[str, object]) -> list[str]:
    """Return the shares as a table of Markdown."""
    lines = [f"| language | {' | '.join(KINDS)} |", "|---" * (len(KINDS) + 1) + "|"]
    for language, kinds in figures["scores"].items():  # type: ignore[attr-defined]
        lines.append(f"| {language} | {' | '.join(f'{share:.0%}' for share in kinds.values())} |")
    return lines


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seed", type=int, default=0, help="which values are drawn")
    parser.add_argument("--count", type=int, default=200, help="values of each kind and language")
    parser.add_argument("--wrong", action="store_true", help="also print what is read otherwise")
    parser.add_argument("--write", type=Path, metavar="FILE", help="put the table into this document")
    parser.add_argument("--json", action="store_true", help="print one object to standard output")
    arguments = parser.parse_args()
    try:
        figures = run(arguments.seed, arguments.count)
        if arguments.write is not None:
            put_between(arguments.write, BEGIN, "\n".join(table(figures)))
    except WorkbenchError as error:
        print(f"number_reading: {error}", file=sys.stderr)
        return 2
    if arguments.json:
        print(json.dumps(figures))
        return 0
    print("\n".join(table(figures)))
    if arguments.wrong:
        for case in figures["wrong"]:  # type: ignore[attr-defined]
            print("{class}: {written!r}: {said!r} for {wanted!r}".format(**case))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
