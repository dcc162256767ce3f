"""How a text of a stated kind is said in German, Spanish, French, Italian and Portuguese."""

import re
from collections.abc import Callable

from workbench.speech import language_numbers as numbers
from workbench.speech.language_habits import HABITS
from workbench.speech.language_patterns import bare
from workbench.speech.language_units import unit

Kind = Callable[[str, str, str], str | None]
"""Says a text in a language (a key of ``HABITS``) with what is told of its form; none if it is of another."""


def said_as(text: str, kind: str, language: str, form: str = "") -> str | None:
    """Return how ``text`` is said as ``kind``, one of ``ssml.scales.SAY_AS``; none if it isn't of that kind.

    >>> said_as("3/4/2026", "date", "es"), said_as("3/4/2026", "date", "es", "mdy")
    ('tres de abril de dos mil veintiséis', 'cuatro de marzo de dos mil veintiséis')
    >>> said_as("2/3", "fraction", "de"), said_as("3", "ordinal", "fr"), said_as("soon", "ordinal", "fr")
    ('zwei Drittel', 'troisième', None)
    """
    reader = _KINDS.get(kind)
    return reader(text.strip(), language, form) if reader is not None else None


def phone(text: str, language: str) -> str:
    """Return a number to call: a country of up to two digits as a number, the rest digit by digit."""
    groups = re.findall(r"\d+", text)
    said = [numbers.digits(group, language) for group in groups]
    if not text.lstrip("(").startswith("+") or not groups:
        return ", ".join(said)
    if len(groups[0]) <= 2:
        said[0] = numbers.cardinal(int(groups[0]), language)
    return f"{HABITS[language].plus} {', '.join(said)}"


def fraction(text: str, language: str, _: str = "") -> str | None:
    """Return ``2/3`` or ``1 1/2`` in words; none if it is no fraction."""
    match = re.fullmatch(r"([-−–])?(?:(\d{1,9})\s+)?(\d{1,9})\s*[/⁄]\s*(\d{1,9})", text)
    if match is None or int(match[4]) < 2:
        return None
    habits = HABITS[language]
    minus = f"{habits.minus} " if match[1] else ""
    top, bottom = int(match[3]), int(match[4])
    said = numbers.fraction(top, bottom, language)
    if not match[2]:
        return minus + said
    german = habits.code == "de"
    whole = numbers.cardinal(int(match[2]), language, "m" if german else "")
    if (top, bottom) == (1, 2):
        if german:
            return f"{minus}{whole}einhalb"
        said = habits.fractions[2][0]
    return f"{minus}{whole} {'' if german else habits.link + ' '}{said}"


def full_year(year: int) -> int:
    """Return a year of two digits as one of this century or the last."""
    if year >= 100:
        return year
    return 2000 + year if year < 70 else 1900 + year


def _letters(text: str, language: str, _: str) -> str:
    return " ".join(numbers.digits(char, language) or char for char in text if not char.isspace())


def _digits(text: str, language: str, _: str) -> str:
    return numbers.digits(text, language)


def _phone(text: str, language: str, _: str) -> str:
    return phone(text, language)


def _time(text: str, language: str, _: str) -> str | None:
    match = re.fullmatch(r"(\d{1,2})[:.h](\d{2})(?:[:.](\d{2}))?", text)
    if match is None or int(match[1]) > 24 or int(match[2]) > 59:
        return None
    second = None if match[3] is None else int(match[3])
    return numbers.time_of_day(int(match[1]), int(match[2]), second, language)


def _duration(text: str, language: str, _: str) -> str | None:
    match = re.fullmatch(r"(?:(\d{1,3}):)?(\d{1,3}):([0-5]\d)", text)
    if match is None:
        return None
    names = ("duration-hour", "duration-minute", "duration-second")
    told = [
        numbers.counted(str(int(count)), unit(name, HABITS[language].rules), language)
        for count, name in zip((match[1], match[2], match[3]), names, strict=True)
        if count is not None and int(count)
    ]
    return " ".join(told) or None


def _cardinal(text: str, language: str, _: str) -> str | None:
    value = _whole(text, language)
    return None if value is None else numbers.cardinal(value, language)


def _ordinal(text: str, language: str, _: str) -> str | None:
    value = _whole(text, language)
    return None if value is None else numbers.ordinal(value, language, "f" if text.endswith("ª") else "m")


def _whole(text: str, language: str) -> int | None:
    """Return a whole number that has a name, without the marks around it."""
    match = re.fullmatch(r"([-−–])?(\d[\d.,'’ \u00a0\u202f]{0,18}?)[ºª°.]?", text)
    plain = bare(match[2], HABITS[language]) if match is not None else ""
    if match is None or not plain.isdecimal():
        return None
    value = -int(plain) if match[1] else int(plain)
    return value if abs(value) <= numbers.LARGEST else None


def _date(text: str, language: str, form: str) -> str | None:
    found = [int(part) for part in re.findall(r"\d+", text)]
    if re.fullmatch(r"\d{8}", text) and form.lower() in ("", "ymd", "yyyymmdd"):
        found, form = [int(text[:4]), int(text[4:6]), int(text[6:])], "ymd"
    order = form.lower() or ("ymd" if re.match(r"\d{4}", text) else "dmy")[: len(found)]
    if re.search(r"[^\d./ -]", text) or not found or len(order) != len(found):
        return None
    parts = dict(zip(order, found, strict=True))
    day, month, year = (parts.get(name) for name in "dmy")
    if (month is not None and not 1 <= month <= 12) or (day is not None and not 1 <= day <= 31):
        return None
    if month is not None:
        return numbers.date(day, month, None if year is None else full_year(year), language)
    if order == "y":
        return numbers.year(found[0], language)
    return numbers.date_of_day(found[0], language) if order == "d" else None


_KINDS: dict[str, Kind] = {
    "characters": _letters,
    "spell-out": _letters,
    "verbatim": _letters,
    "digits": _digits,
    "telephone": _phone,
    "date": _date,
    "time": _time,
    "duration": _duration,
    "fraction": fraction,
    "cardinal": _cardinal,
    "number": _cardinal,
    "ordinal": _ordinal,
}
