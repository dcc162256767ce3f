"""How written English is read aloud: numbers, times, money, dates and abbreviations as words.

Whatever is not recognised stays as written; a reading never loses the text it came from, so that word times
can be given for the words on the screen.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from workbench.speech import numbers
from workbench.speech.dates import MONTHS, date

_AMOUNT = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_HALF = r"(?:(?P<half>[ap])\.\s?m\.?|(?P<half2>[ap])m)(?!\w)"
_MONTH = (
    "(?:Jan(?:uary)?|Feb(?:ruary)?|Apr(?:il)?|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|"
    "Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?|(?-i:May|Mar|March))"  # may and march are words as well
)
_DAY = r"(?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?"
_UNITS = {
    "oz": "ounce",
    "lb": "pound",
    "lbs": "pound",
    "kg": "kilogram",
    "km": "kilometer",
    "cm": "centimeter",
    "mm": "millimeter",
    "ft": "foot",
    "ml": "milliliter",
    "min": "minute",
    "mins": "minute",
    "hr": "hour",
    "hrs": "hour",
    "sec": "second",
    "ms": "millisecond",
    "mph": "mile per hour",
}
_WORDS = {
    "mr.": "mister",
    "mrs.": "missus",
    "ms.": "miz",
    "dr.": "doctor",
    "prof.": "professor",
    "jr.": "junior",
    "sr.": "senior",
    "etc.": "et cetera",
    "e.g.": "for example",
    "i.e.": "that is",
    "vs.": "versus",
    "approx.": "approximately",
    "w/": "with",
    "&": "and",
    "@": "at",
    "+": "plus",
    "=": "equals",
    "°": "degrees",
    "°f": "degrees Fahrenheit",
    "°c": "degrees Celsius",
}
_PLURALS = {"foot": "feet", "mile per hour": "miles per hour"}
_FRACTIONS = {
    "1/2": "one half",
    "1/3": "one third",
    "2/3": "two thirds",
    "1/4": "one quarter",
    "3/4": "three quarters",
}


@dataclass(frozen=True, slots=True)
class Reading:
    """A stretch of text and how it is said."""

    written: str
    spoken: str


def readings(text: str) -> tuple[Reading, ...]:
    """Return ``text`` cut into stretches; their ``written`` parts joined are ``text``.

    >>> [reading.spoken for reading in readings("At 2:30 pm for $5.")]
    ['At ', 'two thirty pee em', ' for ', 'five dollars', '.']
    """
    found: list[Reading] = []
    at = 0
    for match in _PATTERN.finditer(text):
        spoken = _READERS[match.lastgroup or ""](match)
        if match.start() > at:
            plain = text[at : match.start()]
            found.append(Reading(plain, plain))
        found.append(Reading(match[0], spoken))
        at = match.end()
    if at < len(text):
        found.append(Reading(text[at:], text[at:]))
    return tuple(found)


def read_as(text: str, kind: str, form: str = "") -> str:
    """Return how ``text`` is said when it is known to be ``kind``, one of ``ssml.scales.SAY_AS``.

    Text that is not of that kind is read as usual. ``form`` is the order of a date, as ``dmy``.

    >>> read_as("42nd", "digits"), read_as("K9", "characters"), read_as("3", "ordinal")
    ('four two', 'kay nine', 'third')
    >>> read_as("3/4/2026", "date", "dmy"), read_as("2/5", "fraction"), read_as("1:30", "duration")
    ('April third, twenty twenty-six', 'two fifths', 'one minute thirty seconds')
    """
    bare = text.strip()
    if kind in ("characters", "spell-out", "verbatim"):
        return numbers.letters(bare) or text
    if kind == "date":
        return date(bare, form) or "".join(reading.spoken for reading in readings(text))
    if kind in ("fraction", "duration"):
        said = _fraction(bare) if kind == "fraction" else _duration(bare)
        return said or "".join(reading.spoken for reading in readings(text))
    if kind in ("bleep", "expletive"):
        return "bleep"
    if kind == "digits":
        return numbers.digits(bare) or text
    if kind == "telephone":
        groups = (numbers.digits(group) for group in re.split(r"\D+", bare))
        said = ", ".join(group for group in groups if group)
        return f"{'plus ' if bare.startswith('+') else ''}{said}" if said else text
    if kind in ("cardinal", "number", "ordinal") and re.fullmatch(r"[\d,]{1,15}", bare) and bare.strip(","):
        value = int(bare.replace(",", ""))
        return numbers.ordinal(value) if kind == "ordinal" else numbers.cardinal(value)
    return "".join(reading.spoken for reading in readings(text))


def _fraction(text: str) -> str | None:
    """Return ``2/3`` or ``1 1/2`` (also ``1+1/2``) in words."""
    match = re.fullmatch(r"(?:(\d{1,9})(?:\s+|\s*\+\s*))?(\d{1,9})\s*/\s*(\d{1,9})", text)
    if match is None or int(match[3]) < 2:
        return None
    top, bottom = int(match[2]), int(match[3])
    many = top != 1
    if bottom == 2:
        name = "halves" if many else "half"
    elif bottom == 4:
        name = "quarters" if many else "quarter"
    else:
        name = numbers.ordinal(bottom) + ("s" if many else "")
    whole = f"{numbers.cardinal(int(match[1]))} and " if match[1] else ""
    one = "a" if whole and not many else numbers.cardinal(top)
    return f"{whole}{one} {name}"


def _duration(text: str) -> str | None:
    """Return ``1:30`` (minutes) or ``2:05:00`` (hours) in words."""
    match = re.fullmatch(r"(?:(\d{1,3}):)?(\d{1,3}):([0-5]\d)", text)
    if match is None:
        return None
    counts = zip((match[1], match[2], match[3]), ("hour", "minute", "second"), strict=True)
    said = [
        f"{numbers.cardinal(int(count))} {unit}{'' if int(count) == 1 else 's'}"
        for count, unit in counts
        if count is not None and int(count)
    ]
    return " ".join(said) or "zero seconds"


def _time(match: re.Match[str]) -> str:
    hour, minute = int(match["hour"]), int(match["minute"] or "0")
    half = match["clock"] or match["clock2"]
    return numbers.time_of_day(hour, minute, f"{half.lower()}m" if half else "")


def _decade(text: str) -> str:
    """Return ``1980s`` in words."""
    words = numbers.year(int(text[:-1]))
    return f"{words[:-1]}ies" if words.endswith("y") else f"{words}s"


def _degrees(match: re.Match[str]) -> str:
    heat = match["heat"]
    said = f"minus {numbers.decimal(heat[1:])}" if heat.startswith("-") else numbers.decimal(heat)
    name = "Celsius" if match["scale_of"].upper() == "C" else "Fahrenheit"
    return f"{said} degree{'' if heat in ('1', '-1') else 's'} {name}"


def _hour(match: re.Match[str]) -> str:
    half = match["late"] or match["late2"]
    return numbers.time_of_day(int(match["oclock"]), 0, f"{half.lower()}m")


def _money(match: re.Match[str]) -> str:
    symbol, amount, scale = match["symbol"], match["amount"], match["scale"]
    if scale:
        return f"{numbers.decimal(amount)} {scale} {numbers.money(symbol, '2').split()[-1]}"
    return numbers.money(symbol, amount)


def _date(match: re.Match[str]) -> str:
    month, day = int(match["month"]), int(match["day"])
    return f"{MONTHS[month - 1]} {numbers.ordinal(day)}, {numbers.year(int(match['year_of']))}"


def _nth(match: re.Match[str]) -> str:
    digits = match["ordinal"].replace(",", "")
    return numbers.ordinal(int(digits)) if len(digits) <= len(str(numbers.LARGEST)) else match[0]


def _measured(match: re.Match[str]) -> str:
    unit = _UNITS[match["unit"].lower()]
    if match["measure"] != "1":
        unit = _PLURALS.get(unit, f"{unit}s")
    return f"{numbers.decimal(match['measure'])} {unit}"


def _number(match: re.Match[str]) -> str:
    text = match[0]
    if re.fullmatch(r"1[1-9]\d\d|20\d\d", text):
        return numbers.year(int(text))
    if re.fullmatch(r"\d{7,}", text):
        return numbers.digits(text)
    return numbers.decimal(text)


def _mixed(text: str) -> str:
    runs = re.findall(r"\d+|[a-zA-Z]+", text)
    return " ".join(
        numbers.decimal(run) if run.isdigit() else run if len(run) > 2 else numbers.letters(run)
        for run in runs
    )


_READERS: dict[str, Callable[[re.Match[str]], str]] = {
    "date": _date,
    "named": lambda match: date(match[0]) or match[0],
    "iso": lambda match: date(match[0]) or match[0],
    "decade": lambda match: _decade(match[0]),
    "degrees": _degrees,
    "groups": lambda match: read_as(match[0], "telephone"),
    "phone": lambda match: read_as(match[0], "telephone"),
    "time": _time,
    "hours": _hour,
    "money": _money,
    "percent": lambda match: f"{numbers.decimal(match[0][:-1].strip())} percent",
    "nth": _nth,
    "fraction": lambda match: _FRACTIONS[match[0]],
    "measured": _measured,
    "range": lambda match: f"{numbers.decimal(match['low'])} to {numbers.decimal(match['high'])}",
    "minus": lambda match: f"minus {numbers.decimal(match[0][1:])}",
    "number": _number,
    "mixed": lambda match: _mixed(match[0]),
    "word": lambda match: _WORDS[match[0].lower()],
}

_PATTERN = re.compile(
    "|".join(
        (
            r"(?P<date>\b(?P<month>0?[1-9]|1[0-2])/(?P<day>0?[1-9]|[12]\d|3[01])/(?P<year_of>\d{4})\b)",
            rf"(?P<named>\b(?:{_MONTH}\.?\s+{_DAY}\b|{_DAY}\s+{_MONTH}\b)(?:,?\s+[12]\d{{3}}\b)?)",
            r"(?P<iso>\b(?:1[5-9]|20)\d\d(?P<iso_mark>[-/])(?:0?[1-9]|1[0-2])(?P=iso_mark)(?:0?[1-9]|[12]\d|3[01])\b)",
            r"(?P<phone>(?<![\w.])(?:\+?\d{1,2}[ -]?)?(?:\(\d{3}\)[ -]?|\d{3}[ -])?\d{3}-\d{4}(?:-\d{4})?\b)",
            r"(?P<groups>(?<![\w.-])\d{2,4}-\d{2,4}-\d{2,4}(?![\w-]))",
            r"(?P<decade>\b(?:1[5-9]|20)\d0s\b)",
            rf"(?P<degrees>(?<![\w.])(?P<heat>-?(?:{_AMOUNT}))\s?°\s?(?P<scale_of>[CF])\b)",
            r"(?P<time>\b(?P<hour>[01]?\d|2[0-3]):(?P<minute>[0-5]\d)(?!\d|:\d)(?:\s?"
            + _HALF.replace("<half", "<clock")
            + r")?)",
            r"(?P<hours>\b(?P<oclock>0?[1-9]|1[0-2])\s?" + _HALF.replace("<half", "<late") + r")",
            rf"(?P<money>(?P<symbol>[$£€])\s?(?P<amount>{_AMOUNT})(?:\s(?P<scale>million|billion|trillion))?)",
            rf"(?P<percent>(?<![\w.])(?:{_AMOUNT})\s?%)",
            r"(?P<nth>\b(?P<ordinal>\d{1,3}(?:,\d{3})+|\d{1,9})(?:st|nd|rd|th)\b)",
            r"(?P<fraction>(?<![\w/])(?:1/2|[12]/3|[13]/4)(?![\w/]))",
            rf"(?P<measured>(?<![\w.])(?P<measure>{_AMOUNT})(?:\s|-)?(?P<unit>{'|'.join(_UNITS)})\b)",
            rf"(?P<range>(?<![\w.])(?P<low>{_AMOUNT})\s?[-–]\s?(?P<high>{_AMOUNT})(?![\w-]))",
            rf"(?P<minus>(?<![\w)])-(?:{_AMOUNT})(?!\w))",
            rf"(?P<number>(?<![\w.])(?:{_AMOUNT})(?!\w))",
            r"(?P<mixed>\b(?=\w*\d)(?=\w*[a-z])[a-z0-9]+\b)",
            r"(?P<word>(?<!\w)(?:"
            + "|".join(re.escape(word) for word in sorted(_WORDS, key=len, reverse=True))
            + r")(?!\w))",
        )
    ),
    re.IGNORECASE,
)
