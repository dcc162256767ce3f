"""The words as spoken behind a written transcript: ``20-oz, 2:30 p.m.`` is twenty ounce two thirty pm."""

import re
from collections.abc import Iterator

_ONES = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_ORDINALS = {
    "one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth", "nine": "ninth",
    "twelve": "twelfth",
}  # fmt: skip
_UNITS = {
    "oz": "ounce", "ozs": "ounces", "hr": "hour", "hrs": "hours", "min": "minutes", "mins": "minutes",
    "h": "hours", "o'clock": "o'clock", "oclock": "o'clock", "am": "am", "pm": "pm",
}  # fmt: skip

_PIECE = re.compile(
    r"(?P<clock>\d{1,2}[:.][0-5]\d)(?!\d)"
    r"|(?P<ordinal>\d+)(?:st|nd|rd|th)\b"
    r"|(?P<number>\d+)"
    r"|(?P<half>½)"
    r"|(?P<noon>(?:a|p)\.?\s?m\b\.?)"
    r"|(?P<word>[^\W\d_]+(?:'[^\W\d_]+)*)"
)


def number_words(number: int) -> tuple[str, ...]:
    """Return the English words of 0..999999; larger numbers digit by digit."""
    if number < 0 or number > 999_999:
        return tuple(_ONES[int(digit)] for digit in str(abs(number)))
    if number < 20:
        return (_ONES[number],)
    if number < 100:
        tens, ones = divmod(number, 10)
        return (_TENS[tens - 2], *((_ONES[ones],) if ones else ()))
    size, name = (1000, "thousand") if number >= 1000 else (100, "hundred")
    head, rest = divmod(number, size)
    return (*number_words(head), name, *(number_words(rest) if rest else ()))


def number_from(words: tuple[str, ...]) -> int | None:
    """Return the number that words such as ``("twenty", "five")`` say, below 100; None if they say none."""
    for number in range(100):
        if number_words(number) == words:
            return number
    return None


def _ordinal_words(number: int) -> tuple[str, ...]:
    *head, last = number_words(number)
    regular = last[:-1] + "ieth" if last.endswith("y") else last + "th"
    return (*head, _ORDINALS.get(last, regular))


def _clock_words(text: str) -> tuple[str, ...]:
    hour, minute = (int(part) for part in re.split("[:.]", text))
    if not minute:
        return number_words(hour)
    if minute < 10:
        return (*number_words(hour), "oh", *number_words(minute))
    return (*number_words(hour), *number_words(minute))


def _pieces(text: str) -> Iterator[str]:
    for found in _PIECE.finditer(text):
        piece = found.group()
        match found.lastgroup:
            case "clock":
                yield from _clock_words(piece)
            case "ordinal":
                yield from _ordinal_words(int(found.group("ordinal")))
            case "number":
                yield from number_words(int(piece)) if len(piece) < 7 else (_ONES[int(d)] for d in piece)
            case "half":
                yield "half"
            case "noon":
                yield piece[0] + "m"
            case _:
                yield _UNITS.get(piece, piece)


def words_from(text: str) -> tuple[str, ...]:
    """Return the lower-case words somebody says when reading ``text`` aloud, without punctuation.

    >>> words_from("A 20-oz iced mocha, at 2:30 p.m.")
    ('a', 'twenty', 'ounce', 'iced', 'mocha', 'at', 'two', 'thirty', 'pm')
    """
    plain = text.lower().replace("’", "'").replace("é", "e")
    return tuple(_pieces(plain))
