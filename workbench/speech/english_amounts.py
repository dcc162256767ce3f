"""How money, measures and fractions are said in English."""

import re
import unicodedata

from workbench.speech import numbers
from workbench.speech.english_kinds import bare, fraction, signed
from workbench.speech.english_patterns import EACH, ENGLISH_UNITS, SCALES
from workbench.speech.language_amounts import parted
from workbench.speech.language_units import currency, unit
from workbench.speech.reading_habits import looked_up

Match = re.Match[str]
_MINUS = ("-", "−", "–")
_LETTERS = ("V", "W", "t", "m", "h", "L", "g", "s")
"""Units that are letters where no space parts them from the number, as in ``5s``."""


def money(match: Match) -> str:
    """Return an amount of money, and what it is for: ``$5/hr``."""
    sign = match["symbol"] or match["symbol2"]
    written = match["sum"] or match["sum2"]
    scale, short = match["scale"] or match["scale2"], match["short"] or match["short2"]
    if short:
        scale = looked_up(SCALES, short)
    minus = "minus " if written[0] in _MINUS else ""
    amount = bare(written.lstrip("-−–"))
    said = f"{numbers.decimal(amount)} {scale} {_names(sign)[1]}" if scale else _sum(sign, amount)
    return minus + said + _each(match["every"])


def sums(match: Match) -> str:
    """Return two sums of one currency, as in ``$5-10``."""
    sign, least = match["sign_of"], match["least"]
    first = signed(least) if bare(least).isdecimal() else _sum(sign, bare(least))
    return f"{first} to {_sum(sign, bare(match['most']))}"


def _sum(sign: str, amount: str) -> str:
    whole, _, rest = amount.partition(".")
    cents = rest.rstrip("0")
    if rest and len(cents) <= 2:
        amount = f"{whole or '0'}.{cents.ljust(2, '0')}" if cents else whole or "0"
    if sign in numbers.CENTS:
        return numbers.money(sign, amount)
    one, many = _names(sign)
    return f"{numbers.decimal(amount)} {one if amount == '1' else many}"


def _names(sign: str) -> tuple[str, str]:
    """Return what one and what several of a currency are called."""
    if sign in numbers.CENTS:
        name = numbers.CENTS[sign][0]
        return name, f"{name}s"
    noun = currency({"¥": "JPY", "US$": "USD"}.get(sign.upper(), sign), "en")
    return noun.one, noun.many


def _each(name: str | None) -> str:
    return f" per {EACH.get(name.lower(), name)}" if name else ""


def measured(match: Match) -> str:
    """Return a measure, and what it is for; ``20-ounce`` keeps its hyphen."""
    sign, between = match["unit"], match["between"]
    said = f"{signed(match['measure'])}{match['times'] or ''}"
    if (sign in _LETTERS and between is None) or sign in ("M", "G", "S", "T", "H"):
        return f"{said} {numbers.letters(sign)}"
    noun = unit(looked_up(ENGLISH_UNITS, sign), "en")
    one = not match["times"] and (between == "-" or match["measure"].lstrip("-−–") == "1")
    rate = " per second" if sign.lower().endswith("bps") else ""
    return (
        f"{said}{'-' if between == '-' else ' '}{noun.one if one else noun.many}{rate}{_each(match['each'])}"
    )


def degrees(match: Match) -> str:
    """Return a heat with its scale."""
    name = "Celsius" if match["scale_of"].upper() == "C" else "Fahrenheit"
    return f"{_turned(match['heat'])} {name}"


def turned(match: Match) -> str:
    """Return an angle, or a heat without its scale."""
    return _turned(match["angle"])


def _turned(text: str) -> str:
    return f"{signed(text)} degree{'' if text.lstrip('-−–') == '1' else 's'}"


def share(match: Match) -> str:
    """Return a percentage."""
    return f"{signed(match['share'])} {'percent' if match['hundred'] == '%' else 'per mille'}"


def length(match: Match) -> str:
    """Return ``5 ft 10 in``."""
    feet, inches = unit("length-foot", "en"), unit("length-inch", "en")
    return " ".join(
        f"{numbers.decimal(count)} {noun.one if count == '1' else noun.many}"
        for count, noun in ((match["long"], feet), (match["more"], inches))
    )


def ratio(match: Match) -> str:
    """Return a fraction; what may rather be a date or a count of days as two numbers."""
    top, bottom = int(match["top"]), int(match["bottom"])
    proper = (top < bottom or top > 31) and bottom <= 10
    if match["wholes"] or match["nth_part"] or proper or bottom in (16, 32, 64, 100):
        wholes = f"{match['wholes']} " if match["wholes"] else ""
        if said := fraction(f"{wholes}{top}/{bottom}"):
            return said
    return " ".join(numbers.decimal(part) for part in re.findall(r"\d+", match[0]))


def vulgar(match: Match) -> str:
    """Return a fraction of one character, with what stands before it and its unit: ``1½ km``."""
    parts = unicodedata.normalize("NFKD", match["part_of"]).replace("⁄", "/")
    wholes = match["wholes2"] or ""
    joint = " " if wholes[-1:].isdecimal() else ""
    said = fraction(f"{wholes}{joint}{parts}") or match[0].strip()
    if match["portion"]:
        noun = unit(looked_up(ENGLISH_UNITS, match["portion"]), "en")
        said += f" {noun.many if joint else noun.one}"
    return parted(match, said)
