"""What a language has to say of itself so that numbers, dates, times and money can be read in it."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple, TypeVar

Value = TypeVar("Value")


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

    code: str
    """The language, as ``de``."""
    rules: str
    """Whose names of numbers and units are used, as ``fr_CH``."""
    minus: str = "minus"
    plus: str = "plus"
    times: str
    over: str
    equals: str
    plus_minus: str
    """What the signs of arithmetic are called."""
    decimal: str = ","
    """What is written before decimals."""
    comma: str
    """What that is called."""
    point: str
    """What the point in a version or an address is called."""
    together: int
    """How many decimals are read as one number; more, or with a nought in front, are read one by one."""
    pairs: bool = False
    """Whether four decimals are read as two numbers."""
    spaced: bool = False
    """Whether thousands are parted by a space, not by a point."""
    percent: str
    per_mille: str
    degrees: tuple[str, str]
    """Of angles or of a heat whose scale isn't told: one, several."""
    per: str
    """Between a price or a measure and what it is for; empty in Italian, which has it agree."""
    months: tuple[str, ...]
    date: str
    """With ``{day}``, ``{month}`` and ``{year}``; what precedes the year is left out with it."""
    first: str
    """The first of a month; empty where days are ordinals."""
    hours: tuple[str, str, str]
    """After one hour, after several, and before the minutes."""
    hour_gender: str
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
    short_scales: Mapping[str, Noun]
    """What is short for thousands, millions and more before a currency."""
    currencies: Mapping[str, Currency]
    """Those whose hundredths are told, by what stands for them."""
    units: Mapping[str, str]
    """What stands for units in this language only, with their names in CLDR."""
    fractions: Mapping[int, tuple[str, str]]
    """Halves, thirds and so on: of one, and of several."""
    abbreviations: Mapping[str, str]
    numbered: Mapping[str, str]
    """What is short only before a number, as ``p.`` for pages."""


def money_of(euro: str, dollar: str, pound: str, yen: str, franc: str, real: str) -> Mapping[str, Currency]:
    """Return currencies by what stands for them, each written ``whole / hundredth``."""
    found: dict[str, Currency] = {}
    symbols = ("€ EUR", "$ US$ $US USD", "£ £GB GBP", "¥ JPY", "CHF", "R$ BRL")
    for written, text in zip(symbols, (euro, dollar, pound, yen, franc, real), strict=True):
        whole, part = (Noun(*each.split("|")) for each in text.split(" / "))
        found |= {symbol: Currency(whole, part) for symbol in written.split()}
    return MappingProxyType(found)


def months_of(names: str) -> tuple[str, ...]:
    """Return twelve names from one text."""
    return tuple(names.split())


def words_of(**told: str) -> Mapping[str, str]:
    """Return words by what is written, given as ``word="short, other short"``."""
    return MappingProxyType({short: word for word, shorts in told.items() for short in shorts.split(", ")})


def looked_up(known: Mapping[str, Value], text: str) -> Value:
    """Return what ``known`` has under ``text``, or else under what differs from it by its case.

    >>> looked_up({"M": 1, "m": 2}, "m"), looked_up({"Std.": 3}, "\u017fTD.")
    (2, 3)
    """
    if text in known:
        return known[text]
    return {folded(key): value for key, value in known.items()}[folded(text)]


def folded(text: str) -> str:
    """Return ``text`` without the differences that a pattern that ignores case ignores: also the Turkish i's.

    >>> folded("\u017f"), folded("\u0130"), folded("\u0131"), folded("\u212a")
    ('s', 'i', 'i', 'k')
    """
    return text.casefold().replace("\u0307", "").replace("\u0131", "i")
