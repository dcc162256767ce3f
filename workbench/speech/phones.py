"""Numbers to call in a text, by the numbering plans of where its language is spoken."""

import re
from collections.abc import Iterator

import phonenumbers

from workbench.core.languages import primary, region

_PLACES = {
    "en": ("US", "GB", "AU", "IN"),
    "de": ("DE", "AT", "CH"),
    "es": ("ES", "MX", "AR", "CO"),
    "fr": ("FR", "BE", "CH", "CA"),
    "it": ("IT", "CH"),
    "pt": ("BR", "PT"),
}
"""Where numbers may be from that have no country in front, the likeliest first."""

_CANDIDATE = re.compile(
    r"(?<![\w.,:/$€£%-])(?:\+|\(\+?)?\d(?:[\d()/\u00a0\u202f -]|\.(?!\s)){5,30}\d"
    r"(?![\w%°]|[.,:/-]\d|\s?[€$£%])"
)
_NONE = re.compile(
    r"\d{1,4}[./-]\d{1,2}[./-]\d{2,4}"  # a date
    r"|\d{1,3}(?:[ .\u00a0\u202f]\d{3})+"  # thousands
    r"|\d{4}\s?[-/]\s?\d{2,4}"  # years
    r"|\d+(?:\.\d+)*"  # one number, a version, an address
)
_MOST = 20
"""Candidates that are looked up in one text; each takes up to a millisecond."""


def phone_spans(text: str, language: str) -> Iterator[tuple[int, int]]:
    """Yield where valid numbers to call stand in ``text``, whatever their groups.

    Parameters
    ----------
    language : a BCP 47 tag; its region is tried first

    >>> list(phone_spans("Ring 020 7946 0958 or 1 000 000 000", "en"))
    [(5, 18)]
    """
    places = _places(language)
    for count, match in enumerate(_CANDIDATE.finditer(text)):
        if count >= _MOST:
            return
        found = match[0]
        if not _NONE.fullmatch(found) and any(_valid(found, place) for place in places):
            yield match.span()


def _valid(text: str, place: str) -> bool:
    try:
        number = phonenumbers.parse(text, place)
    except phonenumbers.NumberParseException:
        return False
    return phonenumbers.is_valid_number(number)


def _places(language: str) -> tuple[str, ...]:
    places, own = _PLACES.get(primary(language), ()), region(language)
    return (own, *places) if own else places
