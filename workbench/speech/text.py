"""How written English is read aloud: numbers, times, money, dates and abbreviations as words.

Whatever is not recognised stays as written, but for digits, which are always read; a reading never loses the
text it came from, so that word times can be given for the words on the screen.
"""

import re
from functools import cache

from workbench.core.languages import region
from workbench.speech import english_amounts as amounts, english_patterns as english, numbers
from workbench.speech.dates import date
from workbench.speech.english_kinds import bare, counted, phone, said_as, signed
from workbench.speech.language_patterns import LONG, is_code
from workbench.speech.phones import phone_spans
from workbench.speech.reading_habits import folded, looked_up
from workbench.speech.roman import read_roman
from workbench.speech.stretches import Reader, Reading, stretches

Match = re.Match[str]

_MONTH_FIRST = ("", "US", "CA", "PH")
"""Regions (or none) that write the month before the day."""


def readings(text: str, language: str = "en") -> tuple[Reading, ...]:
    """Return ``text`` cut into stretches; their ``written`` parts joined are ``text``.

    Parameters
    ----------
    language : a BCP 47 tag; its region tells whether dates are written day first, as in ``en-GB``

    >>> [reading.spoken for reading in readings("At 2:30 pm for $5.")]
    ['At ', 'two thirty pee em', ' for ', 'five dollars', '.']
    >>> [readings("3/4/2026", tag)[0].spoken for tag in ("en", "en-GB")]
    ['March fourth, twenty twenty-six', 'April third, twenty twenty-six']
    """
    calls = [(start, end, phone(text[start:end])) for start, end in phone_spans(text, language)]
    return stretches(text, english.pattern(), _readers(_order(language)), calls)


def read_as(text: str, kind: str, form: str = "", *, language: str = "en") -> str:
    """Return how ``text`` is said when it is known to be ``kind``, one of ``ssml.scales.SAY_AS``.

    Text that is not of that kind is read as usual. ``form`` is the order of a date, as ``dmy``.

    >>> read_as("42nd", "digits"), read_as("K9", "characters"), read_as("3", "ordinal")
    ('four two', 'kay nine', 'third')
    >>> read_as("3/4/2026", "date", "dmy"), read_as("2/5", "fraction"), read_as("1:30", "duration")
    ('April third, twenty twenty-six', 'two fifths', 'one minute thirty seconds')
    """
    three = re.fullmatch(r"\s*\d{1,2}\D\d{1,2}\D\d{1,4}\s*", text)
    said = said_as(text, kind, form or (_order(language) if kind == "date" and three else ""))
    return said or "".join(reading.spoken for reading in readings(text, language))


def _order(language: str) -> str:
    """Return the order of day and month that a language's region writes; empty for the month first."""
    return "" if region(language) in _MONTH_FIRST else "dmy"


@cache
def _readers(order: str) -> dict[str, Reader]:
    """Return how each kind that is looked for is read; ``order`` is that of dates."""
    return {
        "iso": lambda m: (date(m[0].rstrip("Tt")) or m[0]) + (", " if m["at"] else ""),
        "date": lambda m: _date(m[0], order),
        "named": lambda m: date(folded(m[0]).replace("-", " ")) or m[0],
        "years": lambda m: f"{numbers.year(int(m['since']))} to {numbers.year(int(m['until']))}",
        "season": _season,
        "decade": lambda m: _decade(m["tens"]) + (" to " if m["till_decade"] else ""),
        "across": lambda m: " by ".join(signed(part) for part in re.split("x", m[0], flags=re.IGNORECASE)),
        "degrees": amounts.degrees,
        "turned": amounts.turned,
        "groups": lambda m: phone(m[0]),
        "phone": lambda m: phone(m[0]),
        "time": _time,
        "hours": _hour,
        "from_hour": lambda m: f"{numbers.cardinal(int(m['early']))} to ",
        "sums": amounts.sums,
        "money": amounts.money,
        "percent": amounts.share,
        "nth": _nth,
        "size": lambda m: f"{signed(m['feet'])} foot {signed(m['inches'])}",
        "fraction": amounts.ratio,
        "vulgar": amounts.vulgar,
        "length": amounts.length,
        "measured": amounts.measured,
        "range": _low,
        "owed": lambda _: "minus ",
        "minus": lambda m: f"minus {signed(m['below'])}",
        "number": _number,
        "dotted": lambda m: _dotted(m[0]),
        "roman": lambda m: read_roman(m, "en", numbers.cardinal, lambda worth, _: numbers.ordinal(worth)),
        "numbered": lambda m: f"{looked_up(english.NUMBERED, m['kind_of'])} ",
        "street": _street,
        "operator": _operator,
        "mixed": lambda m: _mixed(m[0]),
        "word": lambda m: looked_up(english.WORDS, m[0]),
        "rest": lambda m: numbers.decimal(m[0]),
    }


def _date(text: str, order: str) -> str:
    parts = re.findall(r"\d+", text)
    first, second = int(parts[0]), int(parts[1])
    if first > 12 and second > 12:
        return " ".join(numbers.decimal(part) for part in parts)
    if first > 12 or second > 12:
        order = "dmy" if first > 12 else "mdy"
    return date(text, order) or text


def _time(match: Match) -> str:
    half = match["clock"] or match["clock2"]
    hour, minute, second = int(match["hour"]), int(match["minute"] or match["minute2"]), match["second"]
    said = numbers.time_of_day(hour, minute, f"{half.lower()}m" if half else "")
    if second:
        parts = [counted(hour, "hour"), counted(minute, "minute"), "and", counted(int(second), "second")]
        said = " ".join([*parts, numbers.letters(f"{half}m")] if half else parts)
    return f"{said} to " if match["till"] else said


def _season(match: Match) -> str:
    """Return ``2023/24`` or ``1960-80``."""
    until = "to " if match["stroke"] == "-" else ""
    return f"{numbers.year(int(match['winter']))} {until}{numbers.decimal(match['spring'])}"


def _decade(text: str) -> str:
    """Return ``1980s`` or ``'80s`` in words."""
    digits = re.sub(r"\D", "", text)
    words = numbers.year(int(digits)) if len(digits) == 4 else numbers.cardinal(int(digits))
    return f"{words[:-1]}ies" if words.endswith("y") else f"{words}s"


def _hour(match: Match) -> str:
    half = match["late"] or match["late2"]
    said = numbers.time_of_day(int(match["oclock"]), 0, f"{half.lower()}m")
    return f"{said} to " if match["till2"] else said


def _nth(match: Match) -> str:
    digits = match["ordinal"].replace(",", "")
    return numbers.ordinal(int(digits)) if len(digits) <= len(str(numbers.LARGEST)) else match[0]


def _low(match: Match) -> str:
    """Return the lower end of a range and what leads to the upper; what falls stays as it is."""
    low, high = (float(bare(match[name])) for name in ("low", "high"))
    said = numbers.decimal(bare(match["low"]))
    return f"{said} to " if low < high else f"{said}{match['dash']}"


def _number(match: Match) -> str:
    text = match["amount"]
    if is_code(match, "en"):
        return numbers.digits(text)
    if re.fullmatch(r"1[1-9]\d\d|20\d\d", text):
        return numbers.year(int(text))
    if re.fullmatch(LONG, text):
        return numbers.digits(text)
    return numbers.decimal(bare(text))


def _dotted(text: str) -> str:
    """Return a version, or an address of four parts digit by digit."""
    version = "vee " if text[0] in "vV" else ""
    parts = text.lstrip("vV").split(".")
    if len(parts) == 4 and not version:
        return " dot ".join(numbers.digits(part) for part in parts)
    return version + " point ".join(numbers.decimal(part) for part in parts)


def _street(match: Match) -> str:
    """Return a road or a saint: a road's name stands in front, with a capital letter inside its sentence."""
    if match[0] == "Rd.":
        return "road"
    before, after = match.string[: match.start()], match.string[match.end() :]
    named = re.search(r"[\w,;]\s+(?:[A-Z]\w*|\d+(?:st|nd|rd|th))\s$", before)
    return "saint" if re.match(r"\s[A-Z]", after) and not named else "street"


def _operator(match: Match) -> str:
    if match["plus"]:
        return "plus or minus " if "±" in match["plus"] else "plus "
    names = {"+": "plus", "=": "equals", "÷": "divided by"}
    return f" {names.get(match['sum_of'].strip(), 'times')} "


def _mixed(text: str) -> str:
    runs = re.findall(r"\d+|[^\W\d_]+", text)
    return " ".join(
        numbers.decimal(run) if run.isdecimal() else run if len(run) > 2 else numbers.letters(run)
        for run in runs
    )
