"""Dates in English words, from digits and a stated order or from a month's name."""

import re

from workbench.speech import numbers

MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July", "August", "September", "October"),
    *("November", "December"),
)
_BY_NAME = {name[:length].lower(): place for place, name in enumerate(MONTHS, 1) for length in (3, len(name))}
_BY_NAME["sept"] = 9
_NUMBERS = re.compile(r"\s*(\d{1,4})(?:([-/. ])(\d{1,4})(?:\2(\d{1,4}))?)?\s*")
_DAY_FIRST = re.compile(
    r"(?P<day>\d{1,2})(?:st|nd|rd|th)?\s+(?P<month>[A-Za-z]{3,9})\.?(?:,?\s+(?P<year>\d{4}))?"
)
_NAMED = (
    re.compile(r"(?P<month>[A-Za-z]{3,9})\.?\s+(?P<day>\d{1,2})(?:st|nd|rd|th)?(?:,?\s+(?P<year>\d{4}))?"),
    _DAY_FIRST,
    re.compile(r"(?P<month>[A-Za-z]{3,9})\.?,?\s+(?P<year>\d{4})"),
)


def date(text: str, order: str = "") -> str | None:
    """Return a date in words, or none if ``text`` is none.

    Parameters
    ----------
    order : which of day, month and year the numbers are, as ``dmy`` or ``yyyymmdd``; without it a year in
        front comes first (``ymd``), and otherwise the month, unless it is over 12

    >>> date("1/2/2003"), date("1/2/2003", "dmy"), date("2026-11-27")
    ('January second, two thousand three', 'February first, two thousand three', \
'November twenty-seventh, twenty twenty-six')
    >>> date("25 July 2012"), date("July 25"), date("12/1999", "my"), date("soon")
    ('the twenty-fifth of July, twenty twelve', 'July twenty-fifth', 'December nineteen ninety-nine', None)
    >>> date("20030204", "yyyymmdd")
    'February fourth, two thousand three'
    """
    if (named := _named(text.strip())) is not None:
        return named
    parts = _parts(text, order)
    if parts is None:
        return None
    return _words(parts.get("y"), parts.get("m"), parts.get("d"))


def _named(text: str) -> str | None:
    for pattern in _NAMED:
        match = pattern.fullmatch(text)
        month = _BY_NAME.get(match["month"].lower()) if match else None
        if match is None or month is None:
            continue
        given = match.groupdict()
        year, day = (int(given[name]) if given.get(name) else None for name in ("year", "day"))
        if pattern is _DAY_FIRST and day is not None and 1 <= day <= 31:
            of = f"the {numbers.ordinal(day)} of {MONTHS[month - 1]}"
            return of if year is None else f"{of}, {numbers.year(year)}"
        return _words(year, month, day)
    return None


def _parts(text: str, order: str) -> dict[str, int] | None:
    """Return the numbers of a date by ``y``, ``m``, ``d``."""
    order = order.lower().replace("-", "")
    if re.fullmatch(r"\s*\d{8}\s*", text) and order in ("", "yyyymmdd", "ymd"):
        whole = text.strip()
        return {"y": int(whole[:4]), "m": int(whole[4:6]), "d": int(whole[6:])}
    if (match := _NUMBERS.fullmatch(text)) is None:
        return None
    found = [part for part in (match[1], match[3], match[4]) if part is not None]
    order = order if order not in ("", "yyyymmdd") else _guessed(found)
    if len(order) != len(found):
        return None
    return {name: int(part) for name, part in zip(order, found, strict=True)}


def _guessed(found: list[str]) -> str:
    if len(found) == 1:
        return "y" if len(found[0]) == 4 else "d"
    if len(found[0]) == 4:
        return "ymd"[: len(found)]
    if len(found) == 2:
        return "my" if len(found[1]) == 4 else ("dm" if int(found[0]) > 12 else "md")
    return "dmy" if int(found[0]) > 12 else "mdy"


def _words(year: int | None, month: int | None, day: int | None) -> str | None:
    if (month is not None and not 1 <= month <= 12) or (day is not None and not 1 <= day <= 31):
        return None
    said = [MONTHS[month - 1]] if month is not None else []
    if day is not None:
        said.append(numbers.ordinal(day))
    words = " ".join(said)
    if year is None:
        return words
    whole = numbers.year(_full(year))
    return f"{words}{',' if day is not None else ''} {whole}".strip() if words else whole


def _full(year: int) -> int:
    """Return a year of two digits as one of this century or the last."""
    if year >= 100:
        return year
    return 2000 + year if year < 70 else 1900 + year
