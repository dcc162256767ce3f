"""Dates of birth: any date behind a word of birth, and full dates that lie a while back, written or said."""

import re
from collections.abc import Iterator, Sequence

from workbench.privacy.contexts import distance
from workbench.privacy.number_runs import spoken_digits
from workbench.privacy.number_words import folded, number_words, words_of
from workbench.privacy.spans import Pii, Span, Token

_MONTHS = {
    "en": "january february march april may june july august september october november december "
    "jan feb mar apr may jun jul aug sep oct nov dec",
    "de": "januar februar märz april mai juni juli august september oktober november dezember "
    "jan feb mär apr mai jun jul aug sep okt nov dez",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "it": "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "pt": "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
    "nl": "januari februari maart april mei juni juli augustus september oktober november december",
}
MONTHS = frozenset(word for names in _MONTHS.values() for word in names.split() if word not in ("may", "mai"))
"""The names of the months in all languages, but for those that are first names or common words too."""
_ORDINALS = {
    "en": "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth "
    "fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth",
    "de": "erste zweite dritte vierte fünfte sechste siebte achte neunte zehnte elfte zwölfte dreizehnte "
    "vierzehnte fünfzehnte sechzehnte siebzehnte achtzehnte neunzehnte zwanzigste",
    "fr": "premier deuxième troisième", "es": "primero", "it": "primo", "pt": "primeiro",
    "nl": "eerste tweede derde",
}  # fmt: skip
_BETWEEN = words_of("of the de del di do da von of le el il den der am em en in st nd rd th e y et and und")
_NUMERIC = re.compile(
    r"(?<![\d./-])(?:(\d{1,2})([./-]) ?(\d{1,2})\2 ?(\d{4}|\d{2})"
    r"|(\d{4})([./-])(\d{1,2})\6(\d{1,2}))(?![\d/-])"
)

NEAR = 40
"""Letters between a word of birth and its date."""
LATEST = 2012
"""The last year of a full date that is taken for one of birth without such a word."""


def birth_spans(text: str, tokens: Sequence[Token], language: str) -> Iterator[Span]:
    """Yield the dates of birth of a text."""
    for found in _NUMERIC.finditer(text):
        if found[1]:
            day, month, year = int(found[1]), int(found[3]), _year(found[4])
        else:
            day, month, year = int(found[8]), int(found[7]), int(found[5])
        if day <= 31 and month <= 31 and min(day, month) <= 12 and min(day, month) > 0:
            yield from _judged(text, found.start(), found.end(), (day, month, year), language)
    months = _months(language)
    for place, token in enumerate(tokens):
        if folded(token.low) in months:
            yield from _around(text, tokens, place, months[folded(token.low)], language)
    yield from _bare_years(text, tokens, language)


def _months(language: str) -> dict[str, int]:
    found: dict[str, int] = {}
    for names_of in (_MONTHS["en"], _MONTHS.get(language, _MONTHS["en"])):
        for place, name in enumerate(folded(names_of).split()):
            found[name] = place % 12 + 1
    return found


def _judged(text: str, start: int, end: int, date: tuple[int, int, int], language: str) -> Iterator[Span]:
    day, month, year = date
    near = distance(Pii.BIRTH, text[max(0, start - NEAR - 15) : start].lower(), language)
    if near is not None and near <= NEAR:
        score = 0.95
    elif day and 1900 <= year <= LATEST:
        score = 0.55
    else:
        return
    value = f"{year:04d}-{month:02d}-{day:02d}"
    yield Span(type=Pii.BIRTH, start=start, end=end, score=score, value=value)


def _around(text: str, tokens: Sequence[Token], place: int, month: int, language: str) -> Iterator[Span]:
    """Yield the date around the name of a month: a day on one side or the other, and a year."""
    day, first = _day_before(tokens, place, language)
    behind = place + 1
    if not day:
        day, behind = _day_after(tokens, place, language)
    year, behind = _year_after(text, tokens, behind, language)
    if not day and not year:
        return
    start, end = tokens[first].start, tokens[behind - 1].end
    yield from _judged(text, start, end, (day, month, year), language)


def _day(tokens: Sequence[Token], place: int, language: str) -> tuple[int, int]:
    """Return the day of the month that is said at ``place``, and in how many words; 0 if none is."""
    ordinals = {
        folded(word): value for value, word in enumerate(_ORDINALS.get(language, "").split(), start=1)
    }
    low = folded(tokens[place].low)
    for ending in ("", "n", "r", "s"):
        if low.removesuffix(ending) in ordinals:
            return ordinals[low.removesuffix(ending)], 1
    if language == "en" and low in ("twenty", "thirty", "thirtieth") and place + 1 < len(tokens):
        if low == "thirtieth":
            return 30, 1
        unit = ordinals.get(folded(tokens[place + 1].low), 0)
        if 0 < unit < 10:
            return (20 if low == "twenty" else 30) + unit, 2
    digits, used = spoken_digits(tokens, place, number_words(language))
    return (int(digits), used) if digits.isdigit() and len(digits) <= 2 and 0 < int(digits) <= 31 else (0, 1)


def _day_before(tokens: Sequence[Token], place: int, language: str) -> tuple[int, int]:
    last = place - 1
    while last >= 0 and folded(tokens[last].low) in _BETWEEN and place - last <= 2:
        last -= 1
    for first in range(max(0, last - 2), last + 1):
        day, used = _day(tokens, first, language)
        if day and first + used == last + 1 and tokens[place].start - tokens[last].end <= 10:
            return day, first
    return 0, place


def _day_after(tokens: Sequence[Token], place: int, language: str) -> tuple[int, int]:
    here = place + 1
    while here < len(tokens) and folded(tokens[here].low) in _BETWEEN and here - place <= 1:
        here += 1
    if here < len(tokens) and tokens[here].start - tokens[here - 1].end <= 2:
        day, used = _day(tokens, here, language)
        if day:
            behind = here + used
            if behind < len(tokens) and tokens[behind].low in ("st", "nd", "rd", "th"):
                behind += 1
            return day, behind
    return 0, place + 1


def _year_after(text: str, tokens: Sequence[Token], place: int, language: str) -> tuple[int, int]:
    here = place
    while here < len(tokens) and folded(tokens[here].low) in _BETWEEN and here - place < 2:
        here += 1
    if here >= len(tokens) or "." in text[tokens[here - 1].end : tokens[here].start - 1].strip():
        return 0, place
    year, used = _spoken_year(tokens, here, language)
    return (year, here + used) if year else (0, place)


def _spoken_year(tokens: Sequence[Token], place: int, language: str) -> tuple[int, int]:
    """Return a year that is said at ``place``, and in how many words: two halves, two digits, or hundreds."""
    words = number_words(language)
    first, used = spoken_digits(tokens, place, words)
    if first.isdigit() and len(first) == 4:
        return (int(first), used) if 1880 <= int(first) <= 2100 else (0, 1)
    here = place + used
    if first in ("19", "20", "18") and here < len(tokens):
        if folded(tokens[here].low) in words.hundred and here + 1 < len(tokens):
            here += 1
            if folded(tokens[here].low) in _BETWEEN and here + 1 < len(tokens):
                here += 1
        second, more = spoken_digits(tokens, here, words)
        if second == "o" and here + 1 < len(tokens):
            unit, more = spoken_digits(tokens, here + 1, words)
            return (
                (int(first + "0" + unit), here + 1 + more - place)
                if len(unit) == 1 and unit.isdigit()
                else (0, 1)
            )
        if second.isdigit() and len(second) == 2:
            return int(first + second), here + more - place
    year, used_here = _long_year(tokens, place, language)
    if year:
        return year, used_here
    if first.isdigit() and len(first) == 2:
        return _year(first), used
    return 0, 1


_THOUSANDS = {
    "de": (("neunzehnhundert", 1900), ("zweitausend", 2000)),
    "nl": (("negentienhonderd", 1900), ("tweeduizend", 2000)),
    "it": (("millenovecento", 1900), ("millenovecent", 1900), ("duemila", 2000)),
    "fr": (("mille neuf cent", 1900), ("mil neuf cent", 1900), ("deux mille", 2000)),
    "es": (("mil novecientos", 1900), ("dos mil", 2000)),
    "pt": (("mil novecentos", 1900), ("dois mil", 2000)),
    "en": (("two thousand", 2000),),
}


def _long_year(tokens: Sequence[Token], place: int, language: str) -> tuple[int, int]:
    """Return a year that is said as thousands or hundreds and the rest, and in how many words."""
    words = number_words(language)
    for said, base in _THOUSANDS.get(language, ()):
        parts = said.split()
        lows = [folded(token.low) for token in tokens[place : place + len(parts)]]
        if (
            lows[:-1] != parts[:-1]
            or not lows
            or len(lows) < len(parts)
            or not lows[-1].startswith(parts[-1])
        ):
            continue
        rest, used = lows[-1][len(parts[-1]) :], len(parts)
        if rest:
            digits = words.phrases.get((rest.removeprefix("und").removeprefix("en"),), "")
            if digits:
                return base + int(digits), used
            continue
        here = place + used
        if here < len(tokens) and folded(tokens[here].low) in _BETWEEN:
            here += 1
        if here < len(tokens):
            digits, more = spoken_digits(tokens, here, words)
            if digits.isdigit() and len(digits) <= 2:
                return base + int(digits), here + more - place
        return base, used
    return 0, 1


def _bare_years(text: str, tokens: Sequence[Token], language: str) -> Iterator[Span]:
    """Yield a year alone right behind a word of birth: ``born in 1984``."""
    for place, token in enumerate(tokens):
        digits, _ = spoken_digits(tokens, place, number_words(language))
        if not digits.isdigit():
            continue
        near = distance(Pii.BIRTH, text[max(0, token.start - 24) : token.start].lower(), language)
        if near is not None and near <= 8:
            year, used = _spoken_year(tokens, place, language)
            if year >= 1880 and (used > 1 or len(digits) == 4):
                end = tokens[place + used - 1].end
                yield Span(type=Pii.BIRTH, start=token.start, end=end, score=0.7, value=f"{year:04d}")


def _year(digits: str) -> int:
    """Return a year of two digits or four; of two, those above 26 lie in the twentieth century.

    >>> _year("84"), _year("07"), _year("1984")
    (1984, 2007, 1984)
    """
    value = int(digits)
    return value if len(digits) == 4 else value + (2000 if value <= 26 else 1900)
