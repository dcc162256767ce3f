"""E-mail addresses and URLs as they are said, and what is spelled letter by letter.

``j o h n dot smith at gmail dot com``, ``www dot example dot org``, ``G B two nine N W B K ...``: written as
a keyboard would have it, with the place of what each part came from.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from workbench.privacy.number_runs import spoken_digits
from workbench.privacy.number_words import folded, number_words, words_of
from workbench.privacy.patterns import iban_spans
from workbench.privacy.spans import Pii, Span, Token

_AT = {
    "en": "at", "de": "at ät klammeraffe", "fr": "arobase at", "es": "arroba at", "it": "chiocciola at",
    "pt": "arroba at", "nl": "apenstaartje at",
}  # fmt: skip
_DOT = {
    "en": "dot",
    "de": "punkt dot",
    "fr": "point",
    "es": "punto",
    "it": "punto",
    "pt": "ponto",
    "nl": "punt",
}
_MARKS = {
    "underscore": "_", "unterstrich": "_", "souligne": "_", "subrayado": "_", "guionbajo": "_",
    "sottolineato": "_", "sublinhado": "_", "dash": "-", "hyphen": "-", "minus": "-", "bindestrich": "-",
    "tiret": "-", "guion": "-", "trattino": "-", "hifen": "-", "traco": "-", "streepje": "-", "plus": "+",
}  # fmt: skip
_STOP = words_of(
    "is my email mail address it's its the an and to me us that's at e or send write in for of use on "
    "ist meine adresse lautet an und die der das mir est mon adresse c'est ma et la le a es mi correo "
    "direccion electronico y el mia indirizzo posta elettronica meu minha endereco o do mijn adres het "
    "en de sono email's reach contact as mailadresse"
)
_ENDS = words_of(
    "com net org edu gov io co me eu uk us de at ch fr be nl es pt it br mx ar ie ca au info biz app dev"
)
_LOCAL_MAX = 14
"""Most words of what stands before the at sign."""
_CODE_LEAST = 15
"""Letters and digits of the shortest IBAN."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    text: str
    start: int
    end: int


def spelled_spans(text: str, tokens: Sequence[Token], language: str) -> Iterator[Span]:
    """Yield the e-mail addresses, URLs and IBANs that are said rather than written."""
    at = frozenset(folded(word) for word in _AT.get(language, "at").split())
    dot = frozenset(_DOT.get(language, "dot").split()) | {"dot"}
    place = 0
    while place < len(tokens):
        domain = _domain(text, tokens, place, dot)
        if domain is None:
            place += 1
            continue
        name, behind = domain
        url = tokens[place].low in ("www", "http", "https")
        local = _local(text, tokens, place - 1, at, dot, language)
        if local is not None:
            first, written = local
            yield _span(Pii.EMAIL, tokens[first].start, tokens[behind - 1].end, f"{written}@{name}")
        elif url or behind - place > 2 and _said(tokens, place, behind, dot):
            yield _span(Pii.URL, tokens[place].start, tokens[behind - 1].end, name)
        place = behind
    yield from _codes(text, tokens, language)


def _span(kind: Pii, start: int, end: int, value: str) -> Span:
    return Span(type=kind, start=start, end=end, score=0.9, value=value.lower())


def _said(tokens: Sequence[Token], first: int, behind: int, dot: frozenset[str]) -> bool:
    return any(folded(token.low) in dot for token in tokens[first:behind])


def _domain(text: str, tokens: Sequence[Token], place: int, dot: frozenset[str]) -> tuple[str, int] | None:
    """Return the domain that begins at ``place``, and the token behind it: labels, a known end."""
    labels, here = [tokens[place].low], place + 1
    end: tuple[str, int] | None = None
    while here < len(tokens) and _near(text, tokens, here):
        if folded(tokens[here].low) in dot and here + 1 < len(tokens):
            step = 2
        elif tokens[here].start == tokens[here - 1].end + 1 and labels and _dotted(tokens, here):
            step = 1
        elif folded(tokens[here].low) in _MARKS and here + 1 < len(tokens) and end is None:
            labels[-1] += _MARKS[folded(tokens[here].low)] + tokens[here + 1].low
            here += 2
            continue
        else:
            break
        labels.append(tokens[here + step - 1].low)
        here += step
        if labels[-1] in _ENDS:
            end = ".".join(labels), here
    return end


def _near(text: str, tokens: Sequence[Token], here: int) -> bool:
    """Return whether a token follows the one before without the end of a sentence between them."""
    between = text[tokens[here - 1].end : tokens[here].start]
    return len(between) <= 2 and not (between[:1] in (".", "!", "?", ";") and between[1:])


def _dotted(tokens: Sequence[Token], here: int) -> bool:
    """Return whether a token may be the end of a domain that is written: ``gmail.com``."""
    return tokens[here].low in _ENDS


def _local(
    text: str, tokens: Sequence[Token], place: int, at: frozenset[str], dot: frozenset[str], language: str
) -> tuple[int, str] | None:
    """Return where what stands before the at sign at ``place`` begins, and how it is written, if anything."""
    if place < 1 or folded(tokens[place].low) not in at:
        return None
    first = place
    while first > 0 and place - first < _LOCAL_MAX:
        low = folded(tokens[first - 1].low)
        gap = tokens[first].start - tokens[first - 1].end
        single = len(low) == 1 and low.isalpha()
        if (
            gap > 3
            or (low in _STOP and not single)
            or (single and low in ("a", "o") and _is_word(tokens, first - 1))
        ):
            break
        first -= 1
    while first < place and folded(tokens[first].low) in dot | _MARKS.keys():
        first += 1
    if first == place:
        return None
    written, here = "", first
    while here < place:
        low = folded(tokens[here].low)
        digits, used = spoken_digits(tokens, here, number_words(language))
        between = text[tokens[here - 1].end : tokens[here].start] if here > first else ""
        written += between if between in (".", "-", "+") else ""
        written += "." if low in dot else _MARKS.get(low, low if digits in ("", "o") else digits)
        here += used
    return first, written


def _is_word(tokens: Sequence[Token], place: int) -> bool:
    """Return whether a single letter stands alone, not among others that are spelled."""
    around = [tokens[near] for near in (place - 1, place + 1) if 0 <= near < len(tokens)]
    return not any(len(token.text) == 1 and token.text.isalpha() for token in around)


def _codes(text: str, tokens: Sequence[Token], language: str) -> Iterator[Span]:
    """Yield the IBANs among what is spelled."""
    words = number_words(language)
    parts: list[_Part] = []
    here = 0
    while here <= len(tokens):
        part, used = None, 1
        if here < len(tokens):
            token = tokens[here]
            digits, count = spoken_digits(tokens, here, words)
            short = token.text.isalpha() and (
                len(token.text) == 1 or (token.text.isupper() and len(token.text) <= 4)
            )
            if digits.isdigit() and not (short and len(token.text) == 1):
                part, used = _Part(text=digits, start=token.start, end=tokens[here + count - 1].end), count
            elif short and token.text.isascii():
                part = _Part(text=token.text, start=token.start, end=token.end)
            elif token.low in ("oh", *words.between) and parts:
                part = _Part(text="0" if token.low == "oh" else "", start=token.start, end=token.end)
        if part is None:
            yield from _iban(parts)
            parts = []
        else:
            parts.append(part)
        here += used


def _iban(parts: Sequence[_Part]) -> Iterator[Span]:
    written = "".join(part.text for part in parts)
    if len(written) < _CODE_LEAST:
        return
    owners = [part for part in parts for _ in part.text]
    for first in range(len(written) - _CODE_LEAST + 1):
        if not (written[first : first + 2].isalpha() and written[first + 2 : first + 4].isdigit()):
            continue
        for span in iban_spans(written[first : first + 34]):
            start, last = first + span.start, first + span.end - 1
            yield Span(
                type=Pii.IBAN, start=owners[start].start, end=owners[last].end, score=1.0, value=span.value
            )
            return
