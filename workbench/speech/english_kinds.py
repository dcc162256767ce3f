"""How an English text of a stated kind is said."""

import re
from collections.abc import Callable

from workbench.speech import numbers
from workbench.speech.dates import date

Kind = Callable[[str, str], str | None]
"""Says a text, with what is told of its form; none if it is of another kind."""


def said_as(text: str, kind: str, form: str = "") -> str | None:
    """Return how ``text`` is said as ``kind``, one of ``ssml.scales.SAY_AS``; none if it isn't of that kind.

    >>> said_as("K9", "characters"), said_as("1:30", "duration"), said_as("soon", "ordinal")
    ('kay nine', 'one minute thirty seconds', None)
    """
    reader = _KINDS.get(kind)
    return reader(text.strip(), form) if reader is not None else None


def signed(text: str) -> str:
    """Return a number with its sign in words, whatever stands between its thousands.

    >>> signed("−1,250.5"), signed("1.250,50"), signed("1 000 000")
    ('minus one thousand two hundred fifty point five', 'one thousand two hundred fifty point five zero', \
'one million')
    """
    minus = "minus " if text[:1] in ("-", "−", "–") else ""
    return minus + numbers.decimal(bare(text.lstrip("-−–")))


def bare(text: str) -> str:
    """Return a number without marks between its thousands, and with a point before its decimals.

    >>> bare("1,250.5"), bare("1.250,5"), bare("1.250.500")
    ('1250.5', '1250.5', '1250500')
    """
    text = re.sub(r"['’\s]", "", text)
    if text.rfind(",") > text.rfind(".") and "." in text:
        return text.replace(".", "").replace(",", ".")
    return text.replace(".", "") if text.count(".") > 1 else text.replace(",", "")


def phone(text: str) -> str:
    """Return a number to call, digit by digit; empty if there are none.

    >>> phone("+44 20 79")
    'plus four four, two zero, seven nine'
    """
    said = ", ".join(numbers.digits(group) for group in re.findall(r"\d+", text))
    return f"{'plus ' if text.lstrip('(').startswith('+') else ''}{said}" if said else ""


def fraction(text: str) -> str | None:
    """Return ``2/3`` or ``1 1/2`` (also ``1+1/2``) in words.

    >>> fraction("2/5"), fraction("1 1/2"), fraction("1/1")
    ('two fifths', 'one and a half', None)
    """
    match = re.fullmatch(r"([-−–])?(?:(\d{1,9})(?:\s+|\s*\+\s*))?(\d{1,9})\s*[/⁄]\s*(\d{1,9})", text)
    if match is None or int(match[4]) < 2:
        return None
    top, bottom = int(match[3]), int(match[4])
    many = top != 1
    if bottom == 2:
        name = "halves" if many else "half"
    elif bottom == 4:
        name = "quarters" if many else "quarter"
    else:
        name = numbers.ordinal(bottom) + ("s" if many else "")
    whole = f"{numbers.cardinal(int(match[2]))} and " if match[2] else ""
    one = "a" if whole and not many else numbers.cardinal(top)
    return f"{'minus ' if match[1] else ''}{whole}{one} {name}"


def counted(count: int, name: str) -> str:
    """Return so many of what has a plural in s.

    >>> counted(1, "hour"), counted(2, "minute")
    ('one hour', 'two minutes')
    """
    return f"{numbers.cardinal(count)} {name}{'' if count == 1 else 's'}"


def _duration(text: str, _: str) -> str | None:
    """Return ``1:30`` (minutes) or ``2:05:00`` (hours) in words."""
    match = re.fullmatch(r"(?:(\d{1,3}):)?(\d{1,3}):([0-5]\d)", text)
    if match is None:
        return None
    counts = zip((match[1], match[2], match[3]), ("hour", "minute", "second"), strict=True)
    said = [counted(int(count), name) for count, name in counts if count is not None and int(count)]
    return " ".join(said) or "zero seconds"


def _counted(name: Callable[[int], str]) -> Kind:
    def said(text: str, _: str) -> str | None:
        if not re.fullmatch(r"[-−–]?\d[\d,]{0,18}", text):
            return None
        value = int(re.sub(r"\D", "", text))
        return f"{'minus ' if text[0] in '-−–' else ''}{name(value)}" if value <= numbers.LARGEST else None

    return said


def _letters(text: str, _: str) -> str:
    return numbers.letters(text) or text


_KINDS: dict[str, Kind] = {
    "characters": _letters,
    "spell-out": _letters,
    "verbatim": _letters,
    "digits": lambda text, _: numbers.digits(text) or text,
    "telephone": lambda text, _: phone(text) or text,
    "date": date,
    "duration": _duration,
    "fraction": lambda text, _: fraction(text),
    "bleep": lambda _, __: "bleep",
    "expletive": lambda _, __: "bleep",
    "cardinal": _counted(numbers.cardinal),
    "number": _counted(numbers.cardinal),
    "ordinal": _counted(numbers.ordinal),
}
