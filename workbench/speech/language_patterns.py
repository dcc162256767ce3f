"""What numbers, dates, times and money look like in German, Spanish, French, Italian and Portuguese."""

import re
from collections.abc import Iterable
from functools import cache

from workbench.speech.language_habits import HABITS
from workbench.speech.reading_habits import Habits


@cache
def pattern(language: str) -> re.Pattern[str]:
    """Return what is looked for in a language: a named group for each kind, and groups for its parts.

    The name of the kind is the match's ``lastgroup``, as its group closes last.
    """
    habits = HABITS[language]
    gap = "[ \u00a0\u202f]" if habits.spaced else r"[.\u00a0\u202f]"
    amount = rf"(?:\d{{1,3}}(?:{gap}\d{{3}})+(?!\d)|\d{{1,3}}(?: 000)+(?!\d)|\d+)(?:,\d+)?"
    parts = {
        "iso": r"\b(?P<iso_year>1[5-9]\d\d|20\d\d)(?P<iso_mark>[-/.])(?P<iso_month>0?[1-9]|1[0-2])"
        r"(?P=iso_mark)(?P<iso_day>0?[1-9]|[12]\d|3[01])\b",
        "date": r"\b(?P<day>0?[1-9]|[12]\d|3[01])(?P<mark>[./-])(?P<month>0?[1-9]|1[0-2])(?P=mark)"
        r"(?P<year>[12]\d{3}|\d{2})\b(?!(?P=mark)\d)",
        "named": _named(habits),
        "phone": _PHONES[language],
        "time": _times(language),
        "range": rf"(?<![\w.,/–-])(?P<low>{amount})(?P<dash>-|\s?–\s?)"
        rf"(?=(?P<high>{amount})(?![\w:/-]|[.,]\d|\s?–))",
        "money": _monies(habits, amount),
        "percent": rf"(?<![\w.,])(?P<share>[-−–]?{amount})\s?%",
        "measured": rf"(?<![\w.,])(?P<measure>[-−–]?{amount})(?:\s(?P<times>{habits.scales})\b)?"
        rf"(?P<between>\s?)(?P<unit>{_any(habits.units)})(?![\w/²³€$£¥])",
        "short_date": _SHORT_DATES if language == "de" else _NEVER,
        "nth": _ORDINAL_SIGNS[language],
        "ratio": r"(?<![\w/.,])(?P<ratio_of>[-−–]?(?:\d{1,3}\s)?(?P<top>\d{1,2})/(?P<bottom>\d{1,3}))"
        r"(?![\w/])",
        "minus": rf"(?<![\w)\].,])[-−–](?P<below>{amount})(?![\w])",
        "number": rf"(?<![\w.,])(?P<amount>{amount})(?!\w)(?![.,]\d)(?:(?=\s+(?P<next>[^\W\d_]+)))?",
        "dotted": r"(?<![\w.,])\d+(?:[.,]\d+)+(?!\w)",
        "word": rf"(?<!\w)(?P<short>{_any(habits.abbreviations)})(?!\w)",
    }
    return re.compile("|".join(f"(?P<{name}>{part})" for name, part in parts.items()), re.IGNORECASE)


def _any(words: Iterable[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


def _named(habits: Habits) -> str:
    short = [f"{name}\\." for name in short_months(habits)]
    month = "|".join([*habits.months, *short])
    linked = " de " in habits.date
    point = r"\.\s*" if not habits.first else r"\s+(?:de\s+)?" if linked else r"\s+"
    year = r"\s+(?:del?\s+)?" if linked else r"\s+"
    return (
        rf"\b(?P<named_day>0?[1-9]|[12]\d|3[01]){point}(?P<named_month>{month})(?!\w)"
        rf"(?:{year}(?P<named_year>1[5-9]\d\d|20\d\d)\b)?"
    )


def short_months(habits: Habits) -> dict[str, int]:
    """Return every beginning of a month's name of three to five letters that stands for one month only."""
    found: dict[str, list[int]] = {}
    for place, name in enumerate(habits.months, start=1):
        for length in range(3, min(6, len(name))):
            found.setdefault(name[:length].lower(), []).append(place)
    return {short: places[0] for short, places in found.items() if len(places) == 1}


_NO_YEARS = r"(?!(?:1[5-9]|20)\d\d-(?:1[5-9]|20)\d\d(?!\d))"
_PHONES = {
    "de": r"(?<![\w.])(?:\+\d{1,3}[ -]\d[\d -]{5,}\d"
    r"|\(0\d{2,5}\)\s?\d[\d -]{3,}\d|0\d{2,4}[ /-]\d{5,9})(?!\w)",
    "es": _NO_YEARS + r"(?<![\w.])(?:\+\d{1,3}[ -](?:\(\d+\)[ -]?)?\d[\d -]{5,}\d|\d{3,4}-\d{3}-?\d{1,4}"
    r"|[6-9]\d{2} \d{3} \d{3}|[6-9]\d{2}(?: \d{2}){3})(?!\w)",
    "fr": r"(?<![\w.])(?:\+\d{1,3}[ -]\d[\d -]{5,}\d|0\d(?:[ .]\d{2}){4})(?!\w)",
    "it": r"(?<![\w.])(?:\+\d{1,3}[ -]\d[\d -]{5,}\d|3\d{2}[ -]\d{3}[ -]?\d{4}|0\d{1,3}[ -]\d{5,8})(?!\w)",
    "pt": _NO_YEARS + r"(?<![\w.])(?:\+\d{1,3}[ -](?:\(?\d{2}\)?[ -])?\d[\d -]{5,}\d"
    r"|(?:\(\d{2}\)\s?)?9?\d{4}-\d{4})(?!\w)",
}
_NEVER = r"(?!x)x"
_ARTICLES = "am im der die das den dem des zum zur vom beim"


def _after(words: str) -> str:
    return "(?:" + "|".join(rf"(?<=\b{word}\s)" for word in words.split()) + ")"


_SHORT_DATES = (
    _after(f"{_ARTICLES} ab bis seit") + r"(?P<short_day>0?[1-9]|[12]\d|3[01])\.\s?"
    r"(?P<short_month>0?[1-9]|1[0-2])\.(?!\d)"
)
_ORDINAL_SIGNS = {
    "de": rf"{_after(_ARTICLES)}(?P<nth_of>\d{{1,3}})\.(?=\s+[^\W\d_]|(?P<last>\s*$))",
    "es": r"(?<![\w.,])(?P<nth_of>\d{1,3}(?:\.\d{3})*)\.?(?P<sign>[ºª°]|er(?!\w))(?!\s?C)",
    "fr": r"(?<![\w.,])(?P<nth_of>\d{1,3}(?:[ \u00a0\u202f]?\d{3})*)"
    r"(?P<sign>ères?|ers?|ère|re|èmes?|e|nde?|°)(?![\w])(?!\s?C)",
    "it": r"(?<![\w.,])(?P<nth_of>\d{1,3}(?:\.\d{3})*)(?P<sign>[ºª°])(?!\s?C)",
    "pt": r"(?<![\w.,])(?P<nth_of>\d{1,3}(?:\.\d{3})*)\.?(?P<sign>[ºª°])(?!\s?C)",
}


def _times(language: str) -> str:
    clock = r"(?P<hour>[01]?\d|2[0-4])(?::(?P<minute>[0-5]\d)(?::(?P<second>[0-5]\d))?(?![:\d])"
    after = {
        "de": r"(?:\s?(?:Uhr|h)\b)?)|(?P<hour2>[01]?\d|2[0-4])(?:\.(?P<minute2>[0-5]\d))?\s?Uhr\b",
        "es": r"(?:\s?h\b)?)(?P<half>\s?[ap]\.?\s?m\.?(?!\w))?"
        r"|(?P<hour2>[01]?\d|2[0-4])\.(?P<minute2>[0-5]\d)(?:\s?h\b|(?P<half2>\s?[ap]\.?\s?m\.?(?!\w)))",
        "fr": r"(?:\s?h\b)?)|(?P<hour2>[01]?\d|2[0-4])\s?h(?:\s?(?P<minute2>[0-5]\d))?\b",
        "it": r")|(?:(?<=\bore )|(?<=alle )|(?=[\d.]{4,5}\s*(?:in punto|circa|di)))"
        r"(?P<hour2>[01]?\d|2[0-4])\.(?P<minute2>[0-5]\d)(?![\d.,])",
        "pt": r"(?:\s?h\b)?)|(?P<hour2>[01]?\d|2[0-4])h(?P<minute2>[0-5]\d)?\b",
    }
    return rf"\b(?:{clock}{after[language]})"


def _monies(habits: Habits, amount: str) -> str:
    symbols = _any(habits.currencies)
    amount = rf"(?:\d+\.\d\d(?![\d.,])|{amount}(?![.,]?\d))"
    return (
        rf"(?<!\w)(?:(?P<symbol>{symbols})\s?(?P<sum>[-−–]?{amount})(?:\s(?P<scale>{habits.scales})\b)?"
        rf"|(?P<sum2>[-−–]?{amount})(?:\s(?P<scale2>{habits.scales}))?\s?(?P<symbol2>{symbols}))(?!\w)"
    )
