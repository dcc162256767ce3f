"""Postal addresses: a street with its number, in the ways of seven languages, and what follows it."""

import re
from collections.abc import Iterator, Sequence
from functools import cache

from workbench.privacy.number_runs import NumberRun
from workbench.privacy.spans import Pii, Span, Token

_BEHIND = {
    "en": "street|st|road|rd|avenue|ave|lane|ln|drive|dr|court|ct|boulevard|blvd|crescent|cres|square|sq|"
    "terrace|place|pl|close|parkway|pkwy|highway|hwy|way|row|grove|gardens|mews|hill|circle|trail|loop|walk|alley|"
    "quay|plaza|center|centre|parks?|isle|dale|hills|flats|lodge|fort|villages?|ville|mission|field|fields|harbor|cove",
    "de": r"\w*(?:stra(?:ß|ss)e|str|weg|platz|gasse|allee|ufer|damm|ring|steig|graben|markt)",
    "nl": r"\w*(?:straat|weg|laan|plein|gracht|kade|singel|dijk|hof|steeg|dreef)",
}
"""What stands behind the name of a street; in German and Dutch as the end of one word."""
_BEFORE = {
    "fr": "rue|avenue|av|boulevard|bd|place|chemin|allée|impasse|quai|route|cours|square|passage",
    "es": "calle|c/|avenida|avda|plaza|paseo|carretera|camino|ronda|travesía|glorieta|calzada",
    "it": "via|viale|piazza|corso|largo|vicolo|strada|piazzale|lungomare",
    "pt": "rua|avenida|praça|travessa|alameda|estrada|largo|rodovia|r\\.",
}
_NORTHERN = (
    r"\w*(?:gatan|gata|vägen|väg|vej|gade|allé|gränd|katu|kuja|tie|ulica|ulice|útja|utca|vegen|veien|gaten)"
)
_UNITS = (
    r"(?:apt|apartment|suite|ste|unit|flat|floor|room|building|bldg|wohnung|appartement|appt|piso|interno|"
    r"apto|andar|p\.?\s?o\.?\s?box|postbox|po box|postfach|boîte postale|apartado(?: de correos)?|"
    r"casella postale|caixa postal|postbus)"
)
_LIVES = re.compile(
    r"\b(?:address(?:es)?(?: is| are|:)?|lives? (?:at|on|in)|live at|located at|moved to|ship (?:it )?to"
    r"|sent? (?:it |one |a new one )?to"
    r"|deliver(?:ed)? to|is at|are at|meet at|resid\w+ (?:at|in)|drops you off at|side of|corner of|"
    r"adresse (?:ist|lautet|est)|wohne?n?t? (?:in|an|am)|habite|vivo en|dirección es|abito in|"
    r"indirizzo è|moro n[ao]|morada é|endereço é|woon (?:op|in|aan)|adres is)\W{1,3}$",
    re.IGNORECASE,
)
_CAP = r"[^\W\d_a-zà-öø-ÿ][\w'’.\-]*"
_NAME = rf"(?:{_CAP}|(?:de|la|las|los|del|des|du|di|da|do|dos|das|van|von|der|den|the|of|y|e|et|á|í)\b)"
_NUMBER = r"\d{1,5}(?:[ -]?[A-Za-z]\b)?"
_TAIL = re.compile(
    rf"(?:[ \t]*[,\n]\s*|[ \t]+)(?:(?i:{_UNITS})[ .#:]*\w+|\d{{4,6}}(?:-\d{{3,4}})?\b(?:[ \t]+{_CAP}){{0,3}})"
)
"""A flat, or a postcode and its town."""
_TOWN = re.compile(
    rf"(?:\s*[,\n][\s,?]*{_CAP}(?:[ \t]{_NAME}){{0,4}}){{1,3}}[ ,()]+(?:\w{{2,3}}[ ]+)?"
    r"\d{4,6}(?:-\d{3,4})?\b"
)
"""Towns, states and countries up to the postcode behind them."""
_ZIP_LINE = re.compile(r"\s*(?:[^\n]{1,40}\n+){0,4}?[^\n\d]{0,30}\d{4,6}(?:-\d{3,4})?\b")
_MILITARY = re.compile(
    r"\b(?:(?:unit|psc) \d+,? box \d+|us(?:ns|nv|s|cgc) \w+)\s+[adf]po,? a[aep] \d{5}\b", re.IGNORECASE
)
_CORNER = re.compile(
    rf"\b(?:the )?corner of (?:\w+[ .]+){{1,5}}and (?:{_CAP}|\d+)(?: {_CAP}){{0,4}}", re.IGNORECASE
)


@cache
def _streets(language: str) -> tuple[re.Pattern[str], ...]:
    """Return the shapes of streets with their numbers, those of English and of every other language too."""
    behind, before = "|".join((_BEHIND["de"], _BEHIND["nl"], _NORTHERN)), "|".join(_BEFORE.values())
    english = rf"(?:(?:{_NUMBER}[ ,]+){{1,2}}(?:{_CAP} ){{1,4}}(?i:{_BEHIND['en']})\b\.?)"
    joined = rf"(?:(?:{_CAP} ){{0,2}}(?i:{behind})\b\.?[ ,]+{_NUMBER})"
    leading = rf"(?:(?:{_NUMBER},? )?(?i:{before})[ .]+(?:{_NAME} ?){{1,5}}(?:,? ?(?:n[°º.]? ?)?{_NUMBER})?)"
    units = rf"(?:(?i:{_UNITS})[ .#:]*\d+\w*)"
    return tuple(re.compile(rf"(?<!\w){shape}(?!\w)") for shape in (english, joined, leading, units))


def address_spans(
    text: str, tokens: Sequence[Token], runs: Sequence[NumberRun], language: str
) -> Iterator[Span]:
    """Yield the addresses of a text, written or said."""
    for pattern in _streets(language):
        for found in pattern.finditer(text):
            if any(letter.isdigit() for letter in found[0]) or _LIVES.search(text[: found.start()]):
                yield _extended(text, found.start(), found.end(), 0.8)
    for pattern in (_MILITARY, _CORNER):
        for found in pattern.finditer(text):
            yield _extended(text, found.start(), found.end(), 0.8)
    yield from _numbered(text)
    yield from _said(text, tokens, runs, language)


def _extended(text: str, start: int, end: int, score: float) -> Span:
    """Return an address with a number before it, and what follows: flat, town, postcode."""
    lead = re.search(rf"(?:{_NUMBER}[ ,]+){{1,2}}$", text[max(0, start - 16) : start])
    if lead is not None:
        start -= len(lead[0])
    for _ in range(4):
        tail = _TAIL.match(text, end) or _TOWN.match(text, end)
        if tail is None or tail.end() - end > 90:
            break
        end = tail.end()
    value = " ".join(re.findall(r"\w+", text[start:end].lower()))
    return Span(type=Pii.ADDRESS, start=start, end=end, score=score, value=value)


_SHAPE = re.compile(
    rf"(?<![\w.,-])(?:\d{{1,5}} )?(?:{_NUMBER} )?(?:{_CAP} )(?:{_NAME} ){{0,3}}\d{{1,5}}\b"
    rf"|(?<![\w.,-])\d{{2,5}} (?:\d{{1,5}} )?{_CAP}(?: {_NAME}){{1,4}}"
)


_DATED = re.compile(
    r"(?i)\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|mai|märz|okt|dez|mei|maart)\w*\b"
)


def _numbered(text: str) -> Iterator[Span]:
    """Yield a name with a number, where the words before say that somebody or something is there."""
    for found in _SHAPE.finditer(text):
        line = found.start() == 0 or text[: found.start()].rstrip(" \t?•*-")[-1:] == "\n"
        block = line and _ZIP_LINE.match(text, text.find("\n", found.end()) + 1) is not None
        framed = found[0][0].isdigit() and found[0][-1].isdigit() and not _DATED.search(found[0])
        if _LIVES.search(text[: found.start()]) or block or framed:
            yield _extended(text, found.start(), found.end(), 0.7 if block else 0.6)


def _said(text: str, tokens: Sequence[Token], runs: Sequence[NumberRun], language: str) -> Iterator[Span]:
    """Yield addresses in words: a number, up to three words, and what streets are called; or reversed."""
    starts = {token.start: place for place, token in enumerate(tokens)}
    ends = {token.end: place for place, token in enumerate(tokens)}
    kinds = re.compile(_kinds(language), re.IGNORECASE)
    first = re.compile(_BEFORE.get(language, "(?!)"), re.IGNORECASE)
    for run in runs:
        if len(run.digits) > 5 or run.start not in starts or run.end not in ends:
            continue
        behind, before = ends[run.end] + 1, starts[run.start] - 1
        for place in range(behind + 1, min(behind + 4, len(tokens))):
            if (
                language == "en"
                and kinds.fullmatch(tokens[place].low)
                and _one_clause(text, run.end, tokens[place].end)
            ):
                yield _extended(text, run.start, tokens[place].end, 0.65)
                break
        for place in range(max(0, before - 4), before + 1):
            if _one_clause(text, tokens[place].start, run.start) and (
                (first.fullmatch(tokens[place].low) and place < before)
                or (language in ("de", "nl") and place == before and kinds.fullmatch(tokens[place].low))
            ):
                yield _extended(text, tokens[place].start, run.end, 0.65)
                break


def _kinds(language: str) -> str:
    if language == "en":
        return (
            "street|road|avenue|lane|drive|court|boulevard|crescent|square|terrace|close|parkway|highway|"
            "grove|mews"
        )
    return _BEHIND.get(language, "(?!)")


def _one_clause(text: str, start: int, end: int) -> bool:
    return end - start <= 45 and not re.search(r"[.!?\n;]", text[start:end])
