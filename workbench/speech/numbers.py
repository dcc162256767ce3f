"""English words for numbers, times of day, money and letters."""

from workbench.errors import ParameterError

_ONES = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven"),
    *("twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_TENS = "_ _ twenty thirty forty fifty sixty seventy eighty ninety".split()  # noqa: SIM905
_SCALES = ("", "thousand", "million", "billion", "trillion")
_ORDINALS = {
    "one": "first",
    "two": "second",
    "three": "third",
    "five": "fifth",
    "eight": "eighth",
    "nine": "ninth",
    "twelve": "twelfth",
}
_LETTER_NAMES = (
    "ay bee see dee ee eff gee aitch eye jay kay ell em en oh pee cue are ess tea you vee "
    "double-you ex why zee"
)
_LETTERS = dict(zip("abcdefghijklmnopqrstuvwxyz", _LETTER_NAMES.split(), strict=True))
CENTS = {"$": ("dollar", "cent"), "£": ("pound", "penny"), "€": ("euro", "cent")}
"""Currencies whose hundredths are told: what they are called, and what the hundredths are."""
LARGEST = 10**15 - 1
"""The largest number that has a name here; longer ones are read digit by digit."""


def cardinal(value: int) -> str:
    """Return ``value`` in words.

    >>> cardinal(1205)
    'one thousand two hundred five'

    Raises
    ------
    ParameterError
        If it is beyond ``LARGEST`` either way.
    """
    if abs(value) > LARGEST:
        raise ParameterError(
            f"number has {len(str(abs(value)))} digits, expected at most {len(str(LARGEST))}"
        )
    if value < 0:
        return f"minus {cardinal(-value)}"
    if value < 1000:
        return _below_thousand(value)
    parts = []
    for scale in _SCALES:
        value, group = divmod(value, 1000)
        if group:
            parts.append(f"{_below_thousand(group)} {scale}".strip())
    return " ".join(reversed(parts))


def ordinal(value: int) -> str:
    """Return the ordinal of ``value`` in words.

    >>> ordinal(22)
    'twenty-second'
    """
    words = cardinal(value)
    cut = max(words.rfind(" "), words.rfind("-")) + 1
    last = words[cut:]
    if last in _ORDINALS:
        return words[:cut] + _ORDINALS[last]
    return words[:cut] + (f"{last[:-1]}ieth" if last.endswith("y") else f"{last}th")


def year(value: int) -> str:
    """Return a year in words, in pairs where that is usual.

    >>> year(1999), year(2026), year(2005), year(1900)
    ('nineteen ninety-nine', 'twenty twenty-six', 'two thousand five', 'nineteen hundred')
    """
    century, rest = divmod(value, 100)
    if century < 11 or century > 99 or (century % 10 == 0 and rest < 10):
        return cardinal(value)
    if rest == 0:
        return f"{cardinal(century)} hundred"
    return f"{cardinal(century)} {'oh ' if rest < 10 else ''}{cardinal(rest)}"


def decimal(text: str) -> str:
    """Return a number written with digits, commas and at most one point, in words.

    >>> decimal("1,234.50"), decimal("007"), decimal(".5")
    ('one thousand two hundred thirty-four point five zero', 'zero zero seven', 'zero point five')
    """
    whole, point, fraction = text.replace(",", "").partition(".")
    if len(whole) > len(str(LARGEST)) or (len(whole) > 1 and whole[0] == "0"):
        words = digits(whole)
    else:
        words = cardinal(int(whole or "0"))
    return f"{words} point {digits(fraction)}" if point and fraction else words


def digits(text: str) -> str:
    """Return the digits of ``text`` one by one, everything else left out.

    >>> digits("4-0 7")
    'four zero seven'
    """
    return " ".join(_ONES[int(char)] for char in text if char.isdecimal())


def money(symbol: str, amount: str) -> str:
    """Return an amount of money in words; ``symbol`` is one of $, £, €.

    >>> money("$", "4.50"), money("£", "1"), money("$", "0.05")
    ('four dollars and fifty cents', 'one pound', 'five cents')
    """
    unit, small = CENTS[symbol]
    whole, point, fraction = amount.replace(",", "").partition(".")
    if len(whole) > len(str(LARGEST)) or (point and len(fraction) != 2):
        return f"{decimal(amount)} {unit}s"
    large, rest = int(whole or "0"), int(fraction or "0")
    parts = []
    if large or not rest:
        parts.append(f"{decimal(whole or '0')} {unit if large == 1 else unit + 's'}")
    if rest:
        plural = "pence" if small == "penny" else f"{small}s"
        parts.append(f"{cardinal(rest)} {small if rest == 1 else plural}")
    return " and ".join(parts)


def time_of_day(hour: int, minute: int, half: str = "") -> str:
    """Return a time in words; ``half`` is ``am``, ``pm`` or empty.

    >>> time_of_day(14, 30), time_of_day(2, 5, "pm"), time_of_day(9, 0), time_of_day(9, 0, "am")
    ('fourteen thirty', 'two oh five pee em', "nine o'clock", 'nine ay em')
    """
    words = [cardinal(hour)]
    if minute:
        words.append(f"oh {cardinal(minute)}" if minute < 10 else cardinal(minute))
    elif not half:
        words.append("o'clock" if 1 <= hour <= 12 else "hundred hours")
    if half:
        words.append(letters(half))
    return " ".join(words)


def letters(text: str) -> str:
    """Return the names of the letters and digits of ``text``, everything else left out.

    >>> letters("a1Z")
    'ay one zee'
    """
    names = (_LETTERS.get(char) or (_ONES[int(char)] if char.isdecimal() else "") for char in text.lower())
    return " ".join(name for name in names if name)


def _below_thousand(value: int) -> str:
    hundreds, rest = divmod(value, 100)
    words = [f"{_ONES[hundreds]} hundred"] if hundreds else []
    if rest or not hundreds:
        words.append(_below_hundred(rest))
    return " ".join(words)


def _below_hundred(value: int) -> str:
    if value < 20:
        return _ONES[value]
    tens, ones = divmod(value, 10)
    return _TENS[tens] + (f"-{_ONES[ones]}" if ones else "")
