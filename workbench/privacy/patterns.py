"""What letters and marks alone tell: e-mail addresses, URLs, IP addresses, IBANs, ids with letters."""

import importlib
import ipaddress
import re
from collections.abc import Iterator
from functools import cache
from types import ModuleType

from stdnum import bitcoin, iban

from workbench.privacy.spans import Pii, Span

_EMAIL = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_TLD = (
    "com|net|org|edu|gov|mil|info|biz|io|co|me|tv|app|dev|ai|eu|uk|us|ca|au|nz|ie|de|at|ch|li|fr|be|nl|lu|es|pt|"
    "it|br|mx|ar|cl|pl|cz|sk|hu|ro|bg|gr|cy|tr|ru|ua|se|no|dk|fi|is|ee|lv|lt|si|hr|rs|jp|cn|kr|in|za|il|ly|gl|"
    "sg|hk|tw|online|shop|site|store|xyz|cloud|tech|blog"
)
_URL = re.compile(
    rf"(?:https?://|ftp://|www\.)[^\s<>\"'()]{{3,200}}|(?<![@\w.-])(?:[\w-]{{2,63}}\.){{1,4}}(?:{_TLD})\b(?:/[^\s<>\"'()]*)?",
    re.IGNORECASE,
)
_IP = re.compile(
    r"(?<![\w.:])(?:\d{1,3}(?:\.\d{1,3}){3}|(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{0,4})(?![\w:])", re.IGNORECASE
)
_IBAN = re.compile(r"\b[A-Za-z]{2}\d{2}(?:[ \-]?[A-Za-z0-9]{1,4}){2,8}\b")
_CODE = re.compile(
    r"(?<![\w@.])(?=[A-Za-z0-9+\-./]{7,24}(?!\w))(?=[^\s]*\d)[A-Za-z0-9]+(?:[+\-./][A-Za-z0-9]+)*(?!\w)"
)
_BITCOIN = re.compile(r"\b(?:[13][1-9A-HJ-NP-Za-km-z]{25,34}|bc1[a-z0-9]{25,71})\b")

_NINO = re.compile(r"\b[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z](?: ?\d{2}){3} ?[A-D]\b", re.IGNORECASE)
"""A British national insurance number."""

_WITH_LETTERS = (
    "it.codicefiscale es.nif es.nie fi.hetu ie.pps mx.curp mx.rfc cl.rut pl.pesel nl.bsn fr.nir "
    "se.personnummer no.fodselsnummer sg.uen in_.pan hr.oib si.emso"
)


def pattern_spans(text: str) -> Iterator[Span]:
    """Yield what is found in a text as it is written."""
    if "@" in text:
        for found in _EMAIL.finditer(text):
            value = found[0].rstrip(".-")
            yield _span(Pii.EMAIL, found.start(), found.start() + len(value), 1.0, value.lower())
    for found in _URL.finditer(text):
        value = found[0].rstrip(".,;:!?")
        yield _span(Pii.URL, found.start(), found.start() + len(value), 0.9, value.lower())
    for found in _IP.finditer(text):
        if _is_address(found[0]):
            yield _span(Pii.IP, found.start(), found.end(), 0.95, found[0].lower())
    yield from iban_spans(text)
    if any(letter.isdigit() for letter in text):
        yield from _codes(text)


def iban_spans(text: str) -> Iterator[Span]:
    """Yield the IBANs of a text: those whose check digits fit, and such a shape behind the word."""
    for found in _IBAN.finditer(text):
        end = _iban_end(text, found)
        if end is not None:
            value = re.sub(r"[ \-]", "", text[found.start() : end]).upper()
            yield _span(Pii.IBAN, found.start(), end, 1.0, value)
        elif "iban" in text[max(0, found.start() - 25) : found.start()].lower():
            value = re.sub(r"[ \-]", "", found[0]).upper()
            yield _span(Pii.IBAN, found.start(), found.end(), 0.8, value)


def _iban_end(text: str, found: re.Match[str]) -> int | None:
    """Return where the longest beginning of a match with right check digits ends."""
    end = found.end()
    while end - found.start() >= 15:
        if iban.is_valid(text[found.start() : end], check_country=False):
            return end
        cut = max(text.rfind(" ", found.start(), end), text.rfind("-", found.start(), end))
        end = cut
    return None


def _codes(text: str) -> Iterator[Span]:
    for found in _BITCOIN.finditer(text):
        if bitcoin.is_valid(found[0]):
            yield _span(Pii.ACCOUNT, found.start(), found.end(), 1.0, found[0])
    for found in _NINO.finditer(text):
        value = found[0].replace(" ", "").upper()
        yield _span(Pii.NATIONAL_ID, found.start(), found.end(), 0.9, value)
    for found in _CODE.finditer(text):
        code = found[0]
        if any(letter.isalpha() for letter in code) and any(
            _check(name).is_valid(code) for name in _WITH_LETTERS.split()
        ):
            yield _span(Pii.NATIONAL_ID, found.start(), found.end(), 0.9, code.upper())


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return len(text) > 3


@cache
def _check(name: str) -> ModuleType:
    return importlib.import_module(f"stdnum.{name}")


def _span(kind: Pii, start: int, end: int, score: float, value: str) -> Span:
    return Span(type=kind, start=start, end=end, score=score, value=value)
