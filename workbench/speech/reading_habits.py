"""What a language has to say of itself so that numbers, dates, times and money can be read in it."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple


class Noun(NamedTuple):
    """A word that is counted."""

    gender: str
    """m, f or n."""
    one: str
    many: str


class Currency(NamedTuple):
    """A currency and its hundredth part."""

    whole: Noun
    part: Noun


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """One language's way of reading."""

    minus: str = "minus"
    plus: str = "plus"
    comma: str
    """What the decimal comma is called."""
    point: str
    """What the point in a version or an address is called."""
    together: int
    """How many decimals are read as one number; more, or with a nought in front, are read one by one."""
    pairs: bool = False
    """Whether four decimals are read as two numbers."""
    spaced: bool = False
    """Whether thousands are parted by a space, not by a point."""
    percent: str
    months: tuple[str, ...]
    date: str
    """With ``{day}``, ``{month}`` and ``{year}``; what precedes the year is left out with it."""
    first: str
    """The first of a month; empty where days are ordinals."""
    hours: tuple[str, str, str]
    """After one hour, after several, and before the minutes."""
    hour_gender: str
    seconds: tuple[str, str]
    """After minutes, and after seconds, where seconds are told."""
    link: str
    """And."""
    joint: str
    """Between the whole and the hundredths of an amount of money."""
    until: str
    """Between the ends of a range."""
    of: str
    """Between millions and what they are of."""
    scales: str
    """What millions and more are called, as a pattern."""
    currencies: Mapping[str, Currency]
    units: Mapping[str, Noun]
    fractions: Mapping[int, tuple[str, str]]
    """Halves, thirds and so on: of one, and of several."""
    abbreviations: Mapping[str, str]


def nouns(**told: str) -> dict[str, Noun]:
    """Return nouns, each written ``gender|one|many``."""
    return {name: Noun(*value.split("|")) for name, value in told.items()}


def money_of(euro: str, dollar: str, pound: str, yen: str, franc: str, real: str) -> Mapping[str, Currency]:
    """Return currencies by what stands for them, each written ``whole / hundredth``."""
    found: dict[str, Currency] = {}
    symbols = ("€ EUR", "$ US$ USD", "£ GBP", "¥ JPY", "CHF", "R$ BRL")
    for written, text in zip(symbols, (euro, dollar, pound, yen, franc, real), strict=True):
        whole, part = (Noun(*each.split("|")) for each in text.split(" / "))
        found |= {symbol: Currency(whole, part) for symbol in written.split()}
    return MappingProxyType(found)


def units_of(hour: str, minute: str, second: str, **others: str) -> Mapping[str, Noun]:
    """Return units by their symbols; km/h, m² and °C are kmh, m2 and degrees here, and so on."""
    known = nouns(**others)
    renamed = {"kmh": "km/h", "m2": "m²", "m3": "m³", "km2": "km²", "cm3": "cm³", "degrees": "°C"}
    found = {renamed.get(name, name): noun for name, noun in known.items()}
    found |= nouns(h=hour, min=minute, s=second)
    return MappingProxyType(found)


def months_of(names: str) -> tuple[str, ...]:
    """Return twelve names from one text."""
    return tuple(names.split())
