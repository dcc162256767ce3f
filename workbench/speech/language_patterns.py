"""What numbers, dates, times and money look like in German, Spanish, French, Italian and Portuguese."""

import re
from collections.abc import Iterable
from functools import cache

from workbench.speech.language_habits import HABITS
from workbench.speech.language_units import SIGNS, UNITS, currency_codes
from workbench.speech.reading_habits import Habits
from workbench.speech.roman import roman_pattern

LONG = r"(?![1-9]\d{0,9}0{5,9}$)\d{7,}"
"""Digits without marks that are read one by one: many, and no round number."""

_CODES = {
    "en": r"(?:PIN|code|passcode|password|OTP|ZIP|card ends in|ending in)(?: is|:)?",
    "de": r"(?:PIN|\w*code|\w*kennwort|Postleitzahl|PLZ|endet auf|Endziffern)(?: ist| lautet|:)?",
    "es": r"(?:PIN|código|clave|código postal|termina(?:da)? en)(?: es|:)?",
    "fr": r"(?:PIN|code|code postal|(?:finissant|se terminant|se termine) par)(?: est|:| :)?",
    "it": r"(?:PIN|codice|CAP|(?:termina|che finisce|finisce) con)(?: è|:)?",
    "pt": r"(?:PIN|código|senha|CEP|cartão final|termina(?:da)? em)(?: é|:)?",
}
"""What stands before digits that are told one by one."""


def is_code(match: re.Match[str], language: str) -> bool:
    """Return whether a number of four to six digits is a code, a PIN or the end of a card's number.

    What may be a year is one only behind ``PIN``: a season, too, is "ending in 2026". Round thousands
    count something: "the code is 5000 lines long".
    """
    if not re.fullmatch(r"(?!\d+000$)\d{4,6}", match["amount"]):
        return False
    before = match.string[max(0, match.start() - 32) : match.start()]
    found = re.search(rf"\b{_CODES[language]}\s$", before, re.IGNORECASE)
    may_be_year = re.fullmatch(r"(?:19|20)\d\d", match["amount"]) is not None
    return found is not None and (not may_be_year or found[0].startswith("PIN"))


VULGAR = "¼½¾⅐⅑⅒⅓⅔⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞"
"""Fractions of one character."""

OWED = r"(?<![\w)\].,€$£¥%-])(?<![\d€$£¥]\s)[-−–](?=(?:R|US|A)?[$£€¥]\s?\d)"
"""A minus in front of a sign of money, as in ``-$5``."""


@cache
def pattern(language: str) -> re.Pattern[str]:
    """Return what is looked for in a language: a named group for each kind, and groups for its parts.

    The name of the kind is the match's ``lastgroup``, as its group closes last.
    """
    habits = HABITS[language]
    amount = amount_pattern(habits)
    parts = {
        "iso": r"\b(?P<iso_year>1[5-9]\d\d|20\d\d)(?P<iso_mark>[-/.])(?P<iso_month>0?[1-9]|1[0-2])"
        r"(?P=iso_mark)(?P<iso_day>0?[1-9]|[12]\d|3[01])\b",
        "date": r"\b(?P<day>0?[1-9]|[12]\d|3[01])(?P<mark>[./-])(?P<month>0?[1-9]|1[0-2])(?P=mark)"
        r"(?P<year>[12]\d{3}|\d{2})\b(?!(?P=mark)\d)",
        "days": _DAYS if habits.code == "de" else _NEVER,
        "named": _named(habits),
        "phone": _PHONES[habits.code],
        "time": _times(habits.code),
        "money": _monies(habits, amount),
        "range": rf"(?<![\w.,/–-])(?P<low>{amount})(?P<dash>-|\s?–\s?|\s-\s(?=[^=]*\d\s?(?:[%€$£h]|Uhr)))"
        rf"(?=(?P<high>{amount})(?![\w:/-]|[.,]\d|\s?[–=]))",
        "percent": rf"(?<![\w.,])(?P<share>[-−–]?{amount})\s?(?P<hundred>[%‰])",
        "scaled": rf"(?<![\w.,])(?P<share_of>[-−–]?{amount})\s?"
        rf"(?P<short_scale>{any_of(name for name in habits.short_scales if len(name) > 1)})(?!\w)",
        "measured": rf"(?<![\w.,])(?P<measure>[-−–]?{amount})(?:\s(?P<times>{habits.scales})\b)?"
        rf"(?P<between>\s?)(?P<unit>{any_of({**UNITS, **habits.units})})(?![\w/²³€$£¥]){_each('each')}",
        "turned": rf"(?<![\w.,])(?P<angle>[-−–]?{amount})\s?°(?!\s?[CF]\b|\w){_UNLESS_NTH[habits.code]}",
        "short_date": _SHORT_DATES if habits.code == "de" else _NEVER,
        "nth": _ORDINAL_SIGNS[habits.code],
        "decade": r"(?<![\w.,])(?P<tens>\d{1,4})er(?P<declined>n|s)?\b" if habits.code == "de" else _NEVER,
        "nineties": r"(?<!\w)['’](?=\d0(?!\w))",
        "season": r"\b(?P<since>(?:1[5-9]|20)\d\d)(?P<stroke>[/–-])(?P<until>\d\d)(?![\w/–-]|[.,]\d)",
        "halved": r"(?<![\w/.,])(?:1[/⁄]2|(?<!\d\s)½)(?=\s(?P<half_of>[^\W\d_]{3,}))",
        "across": r"(?<![\w.,])\d{1,9}(?:x\d{1,9}){1,3}(?!\w)",
        "ratio": r"(?<![\w/.,])(?P<ratio_of>[-−–]?(?:\d{1,3}\s)?(?P<top>\d{1,2})[/⁄](?P<bottom>\d{1,4}))"
        r"(?![\w/]|[.,]\d)(?=(?P<of>\s(?:de|di|du|d['’])\s?[^\W\d_])?)",
        "vulgar": rf"(?:(?<![\w.,/])(?P<wholes>[-−–]?\d{{0,9}})\s?)?(?P<part_of>[{VULGAR}])"
        rf"(?:\s?(?P<portion>{any_of({**UNITS, **habits.units})})(?![\w/]))?",
        "elided": r"(?<![\w.,])1(?P<gap>\s)(?=(?P<vowel>[aeiou][^\W\d_]{2,}))"
        if habits.code == "it"
        else _NEVER,
        "owed": OWED,
        "minus": rf"(?<![\w)\].,])[-−–](?P<below>{amount})(?![\w])",
        "number": rf"(?<![\w.,])(?P<amount>{amount})(?!\w)(?![.,]\d)(?:(?=\s+(?P<next>[^\W\d_]+)))?",
        "dotted": r"(?<![\w.,])\d+(?:[.,]\d+)+(?!\w)",
        "roman": roman_pattern(habits.code),
        "numbered": rf"(?<![\w/])(?P<kind_of>{any_of(habits.numbered)})(?P<space>\s?)(?=\d|(?-i:[IVXL]+)\b)",
        "word": rf"(?<!\w){_OTHERWISE.get(habits.code, '')}"
        rf"(?P<short>{any_of(habits.abbreviations)})(?!\w)",
        "arithmetic": r"(?<![\w.,)])(?P<plus>[+±])\s?(?=\d)"
        rf"|(?<=[\d%)°{VULGAR}])\s?(?P<operator>[+×·÷=]|(?<=\s)[x:](?=\s))\s?(?=[(\d-]|$|[^\W\d_]\b)",
        "rest": r"\d+",
    }
    return re.compile("|".join(f"(?P<{name}>{part})" for name, part in parts.items()), re.IGNORECASE)


def amount_pattern(habits: Habits) -> str:
    """Return what a number looks like: with marks between thousands, or decimals, or both.

    Marks as others write them are taken where they can't be misread: ``1,250.50`` where a comma is decimal.
    """
    mark, other = (r"\.", ",") if habits.decimal == "." else (",", r"\.")
    decimals = rf"(?:{mark}\d+)?"
    groups = "{1,9}" if habits.spaced else "{2,9}"
    first = r"\d{1,3}" if habits.spaced else r"\d{1,2}"
    forms = [
        rf"\d{{1,3}}(?:{mark}\d{{3}}){{1,9}}{other}\d+(?!\d)",
        rf"\d{{1,3}}(?:{mark}\d{{3}}){{2,9}}(?!\d)",
        r"\d{1,3}(?:['’\u00a0\u202f]\d{3}){1,9}(?!\d)(?:[.,]\d+)?",
        rf"{first}(?: \d{{3}}){groups}(?!\d){decimals}",
        rf"\d{{1,3}}(?: \d{{3}}){{1,9}}{mark}\d+",
        r"\d{1,3}(?: 000){1,9}(?!\d)",
        rf"\d+{decimals}",
    ]
    grouped = rf"\d{{1,3}}(?:{other}\d{{3}}){{1,9}}(?!\d)"
    thousands = (
        [rf"{grouped}{mark}\d+", rf"\d{{1,3}}(?:{other}\d{{3}}){{2,9}}(?!\d)"]
        if habits.spaced
        else [rf"{grouped}{decimals}"]
    )
    return f"(?:{'|'.join([*forms[:2], *thousands, *forms[2:]])})"


def bare(text: str, habits: Habits) -> str:
    """Return a number without marks between its thousands, and with a comma before its decimals.

    >>> [bare(text, HABITS["de"]) for text in ("1.250,5", "1,250.5", "1'250.5", "1.250", "0,25")]
    ['1250,5', '1250,5', '1250,5', '1250', '0,25']
    """
    grouped = re.search(r"['’\s]", text) is not None
    text = re.sub(r"['’\s]", "", text)
    marks = [char for char in text if char in ".,"]
    if not marks:
        return text
    lone = len(marks) == 1 and marks[0] != habits.decimal and not grouped
    if lone or (len(marks) > 1 and len(set(marks)) == 1):
        return text.replace(marks[0], "")
    whole, _, rest = text.rpartition(marks[-1])
    return f"{re.sub('[.,]', '', whole)},{rest}"


def any_of(words: Iterable[str]) -> str:
    """Return a pattern for any of some words, the longer ones first."""
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


def _each(name: str) -> str:
    """Return what a price or a measure is for, as in ``km/h`` or ``€/Monat``."""
    return rf"(?:\s?/\s?(?P<{name}>[^\W\d_]{{1,12}})(?!\w))?"


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
    r"|\(0\d{2,5}\)\s?\d[\d -]{3,}\d|0\d{2,4}[ /-]\d{4,9})(?!\w)",
    "es": _NO_YEARS + r"(?<![\w.])(?:\+\d{1,3}[ -](?:\(\d+\)[ -]?)?\d[\d -]{5,}\d|\d{3,4}-\d{3}-?\d{1,4}"
    r"|[6-9]\d{2} \d{3} \d{3}|[6-9]\d{2}(?: \d{2}){3})(?!\w)",
    "fr": r"(?<![\w.])(?:\+\d{1,3}[ -]\d[\d -]{5,}\d|0\d(?:[ .]\d{2}){4})(?!\w)",
    "it": r"(?<![\w.])(?:\+\d{1,3}[ -]\d[\d -]{5,}\d|3\d{2}[ -]\d{3}[ -]?\d{4}|0\d{1,3}[ -]\d{5,8}"
    r"|8\d{2} \d{3} \d{3})(?!\w)",
    "pt": _NO_YEARS + r"(?<![\w.])(?:\+\d{1,3}[ -](?:\(?\d{2}\)?[ -])?\d[\d -]{5,}\d"
    r"|(?:\(\d{2}\)\s?)?9?\d{4}-\d{4}|9\d{2} \d{3} \d{3}|\d{3}-\d{4}(?!\s?(?:[%€$]|[^\W\d_])))(?!\w)",
}
_NEVER = r"(?!x)x"
_OTHERWISE = {
    "de": r"(?!fr\.(?!\s(?-i:[A-ZÄÖÜ])))(?!(?:(?<=[-–/])|(?<=[-–/]\s)|(?<=\b(?:am|ab)\s)|(?<=\bbis\s))fr\.)",
    "es": r"(?!(?-i:da)\.)",
}
"""Keeps what only looks like an abbreviation from being read as one: a Friday (``Fr.``), the verb ``da.``"""
_ARTICLES = "am im der die das den dem des zum zur vom beim"


def _after(words: str) -> str:
    return "(?:" + "|".join(rf"(?<=\b{word}\s)" for word in words.split()) + ")"


_DAYS = (
    r"(?<![\w.,])(?P<first_day>0?[1-9]|[12]\d|3[01])\.(?P<till_day>\s?(?:-|–|bis|und|/)\s?)"
    r"(?=(?:0?[1-9]|[12]\d|3[01])\.\s?(?:[^\W\d_]{3,}|\d{1,2}\.))"
)
_WEEKDAYS = (
    r"(?:(?<=tag,\s)|(?<=woch,\s)|(?<=abend,\s)"
    r"|(?<=\b(?:mo|di|mi|do|fr|sa|so)[,.]\s)|(?<=\b(?:mo|di|mi|do|fr|sa|so)\.,\s))"
)
_SHORT_DATES = (
    rf"(?:{_after(f'{_ARTICLES} ab bis seit')}|{_WEEKDAYS})" + r"(?P<short_day>0?[1-9]|[12]\d|3[01])\.\s?"
    r"(?P<short_month>0?[1-9]|1[0-2])\.(?!\d)"
)
_RANKED = (
    r"(?P<ranked>Klasse|Etage|Liga|Bundesliga|Runde|Stufe|Auflage|Ausgabe|Staffel|Folge|Reihe|Halbzeit|Hälfte|"
    r"Stock|Weltkrieg|Platz|Teil|Tag|Gang|Rang|Versuch|Akt|Band|FC|Stockwerk|Kapitel|Jahrhundert|Quartal|"
    r"Halbjahr|Semester|Mal|Obergeschoss|OG)\b"
)
"""Nouns that a German ordinal is taken for one before, with no article to tell."""
_ORDINAL_SIGNS = {
    "de": rf"(?:{_after(_ARTICLES)}(?P<nth_of>\d{{1,3}})\.(?=\s+(?P<following>[^\W\d_]+)|(?P<last>\s*$))"
    rf"|(?<![\w.,])(?P<nth_of2>\d{{1,3}})\.(?=\s+{_RANKED})|(?<=\bals\s)(?P<nth_of3>\d{{1,3}})\.(?=\s[^\W\d_]))",
    "es": r"(?<![\w.,])(?P<nth_of>\d{1,3}(?:[. ]\d{3}){0,2}|\d{4,6})"
    r"(?:\.?(?P<sign>[ºª]|(?:er|ᵉʳ)(?!\w))|(?P<sign2>[rdtmvn][oa])(?!\w)|(?P<sign3>°)(?=\s(?:de\s)?[^\W\d_]{4,}))"
    r"(?!\s?C\b)",
    "fr": r"(?<![\w.,])(?P<nth_of>\d{1,3}(?:[ \u00a0\u202f]?\d{3})*)"
    r"(?P<sign>ères?|ers?|ère|res?|èmes?|e|nde?|°(?=\s[^\W\d_]{4,}))(?![\w])(?!\s?C\b)",
    "it": r"(?<![\w.,])(?P<nth_of>\d{1,3}(?:\.\d{3})*)(?P<sign>[ºª]|°(?=\s[^\W\d_]{4,}))(?!\s?C\b)",
    "pt": r"(?<![\w.,])(?P<nth_of>\d{1,3}(?:\.\d{3})*)\.?"
    r"(?P<sign>[ºª]|°(?=\s(?:de\s)?[^\W\d_]{4,}))(?!\s?C\b)",
}
_UNLESS_NTH = {
    "de": "",
    "es": r"(?!\s(?:de\s)?[^\W\d_]{4,})",
    "fr": r"(?!\s[^\W\d_]{4,})",
    "it": r"(?!\s[^\W\d_]{4,})",
    "pt": r"(?!\s(?:de\s)?[^\W\d_]{4,})",
}


def _times(code: str) -> str:
    clock = r"(?P<hour>[01]?\d|2[0-4])(?::(?P<minute>[0-5]\d)(?::(?P<second>[0-5]\d))?(?![:\d])"
    half = r"\s?[ap]\.?\s?m\.?(?!\w)"
    after = {
        "de": r"(?:\s?(?:Uhr|h)\b)?)|(?P<hour2>[01]?\d|2[0-4])(?:\.(?P<minute2>[0-5]\d))?\s?Uhr\b"
        r"|(?P<hour3>[01]?\d|2[0-4])(?=\s?[-–]\s?(?:[01]?\d|2[0-4])\s?Uhr\b)",
        "es": rf"(?:\s?h\b)?)(?P<half>{half})?"
        rf"|(?P<hour2>[01]?\d|2[0-4])\.(?P<minute2>[0-5]\d)(?:\s?h\b|(?P<half2>{half}))"
        rf"|(?P<hour3>0?[1-9]|1[0-2])(?P<half3>{half})",
        "fr": r"(?:\s?h\b)?)|(?P<hour2>[01]?\d|2[0-4])\s?h(?:\s?(?P<minute2>[0-5]\d)(?!\s?mi?n))?\b",
        "it": r")|(?:(?<=\bore )|(?<=alle )|(?=[\d.]{4,5}\s*(?:in punto|circa|di)))"
        r"(?P<hour2>[01]?\d|2[0-4])\.(?P<minute2>[0-5]\d)(?!\d|[.,]\d)",
        "pt": r"(?:\s?h\b)?)|(?P<hour2>[01]?\d|2[0-4])h(?P<minute2>[0-5]\d)?\b",
    }
    until = r"(?P<till>\s?[-–]\s?(?=(?:[01]?\d|2[0-4])(?::[0-5]\d|\s?h|\s?Uhr)))?"
    return rf"\b(?:{clock}{after[code]}){until}"


def _monies(habits: Habits, amount: str) -> str:
    symbols = rf"{any_of([*habits.currencies, *SIGNS])}|(?-i:{'|'.join(sorted(currency_codes()))})"
    amount = rf"(?:\d+\.\d\d(?![\d.,])|{amount}(?![.,]?\d))"
    shorts = any_of(habits.short_scales)
    scales = rf"\s(?P<scale>{habits.scales})\b|\s?(?P<tiny>{shorts})(?!\w)"
    scales2 = rf"\s(?P<scale2>{habits.scales})|\s?(?P<tiny2>{shorts})"
    return (
        rf"(?<![\w$])(?:(?P<symbol>{symbols})\s?(?P<sum>[-−–]?{amount})(?:,[-–—]{{1,2}}|{scales})?"
        rf"|(?P<sum2>[-−–]?{amount})(?:,[-–—]{{1,2}}|{scales2})?\s?(?P<symbol2>{symbols}))(?!\w){_each('every')}"
    )
