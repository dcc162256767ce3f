"""What a run of digits is: a card, a phone, a national id, an account, or nothing personal.

Checksums and numbering plans come first (Luhn; phonenumbers, that is Google's libphonenumber; python-stdnum);
the words before it decide between what fits several, and catch what a recogniser misheard a digit of.
"""

import importlib
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from types import ModuleType

import phonenumbers
from stdnum import luhn

from workbench.privacy.contexts import WINDOW, distance, says_number
from workbench.privacy.number_runs import NumberRun
from workbench.privacy.spans import Pii, Span

REGIONS = {
    "en": ("US", "GB", "AU", "IN", "IE", "NZ", "ZA"),
    "de": ("DE", "AT", "CH"),
    "fr": ("FR", "BE", "CH", "CA"),
    "es": ("ES", "MX", "AR", "CO", "CL"),
    "it": ("IT", "CH"),
    "pt": ("BR", "PT"),
    "nl": ("NL", "BE"),
}
"""Where numbers without a country code are looked up, by language."""

_IDS = {
    "en": "us.ssn us.itin ca.sin gb.nhs au.tfn za.idnr",
    "de": "de.idnr at.vnr ch.ssn",
    "fr": "fr.nir fr.nif be.nn",
    "es": "cl.rut ec.ci",
    "it": "it.iva",
    "pt": "br.cpf br.cnpj pt.nif",
    "nl": "nl.bsn be.nn",
}
_EVERYWHERE = "se.personnummer no.fodselsnummer kr.rrn tr.tckimlik bg.egn ch.ssn jp.cn pl.pesel dk.cpr"

_DATE = re.compile(r"(?:19|20)\d\d-[01]\d-[0-3]\d\b|[0-3]?\d[./-][01]?\d[./-](?:19|20)\d\d\b")
_EXTENSION = re.compile(r" ?(?:x|ext\.?|extension) ?\d{1,5}\b", re.IGNORECASE)

WINDOWS_MAX = 40
"""Stretches of one run that are looked up in the numbering plans."""
UNKNOWN_SPOKEN = 7
"""Digits from which a number that was said is masked, whatever it is."""
UNKNOWN_WRITTEN = 9
"""The same of a number that was written."""


def identifier_spans(run: NumberRun, text: str, language: str) -> Iterator[Span]:
    """Yield what a run may be; a run of fewer than three digits is nothing.

    Of what was said in words the whole run counts: where in it a number begins and ends, a recogniser's
    spelling does not tell.
    """
    for span in _candidates(run, text, language):
        yield replace(span, start=run.start, end=run.end) if run.spoken else span


def _candidates(run: NumberRun, text: str, language: str) -> Iterator[Span]:
    if len(run.digits) < 3:
        return
    before = text[max(0, run.start - WINDOW) : run.start].lower()
    near = {
        kind: distance(kind, before, language) for kind in (Pii.CARD, Pii.PHONE, Pii.NATIONAL_ID, Pii.ACCOUNT)
    }
    named = min(((at, kind) for kind, at in near.items() if at is not None), default=None)
    if named is None and says_number(before):
        named = (0, Pii.PHONE)
    found = [
        *_cards(run, near[Pii.CARD] is not None),
        *_national_ids(run, text, language, near[Pii.NATIONAL_ID] is not None),
        *_phones(run, text, language, near[Pii.PHONE] is not None),
    ]
    if named is not None and named[1] in (Pii.ACCOUNT, Pii.NATIONAL_ID):
        found = [replace(one, score=0.6) if one.type is Pii.PHONE and not run.plus else one for one in found]
    yield from found
    best = max((span.score for span in found), default=0.0)
    if named is not None and best < 0.9:
        yield from _named(run, *named)
    if best < 0.5 and len(run.digits) >= (UNKNOWN_SPOKEN if run.spoken else UNKNOWN_WRITTEN):
        score = 0.5 if run.spoken or (len(run.digits) <= 34 and len(run.parts) == 1) else 0.4
        yield _span(run, Pii.ACCOUNT, score)


def _named(run: NumberRun, at: int, kind: Pii) -> Iterator[Span]:
    """Yield what the words before it call the run, if it is long enough for that."""
    count = len(run.digits)
    least = {Pii.CARD: 12, Pii.PHONE: 6, Pii.NATIONAL_ID: 6, Pii.ACCOUNT: 4}[kind]
    most = {Pii.CARD: 23, Pii.PHONE: 15, Pii.NATIONAL_ID: 15, Pii.ACCOUNT: 34}[kind]
    if least <= count <= most and at <= 25:
        yield _span(run, kind, 0.7)
    elif kind is Pii.CARD and 4 <= count < least and at <= 25:  # its last digits, its code, its date
        yield _span(run, Pii.ACCOUNT, 0.6)


def _cards(run: NumberRun, named: bool) -> Iterator[Span]:
    for one in run.windows(12, 19):
        if one.digits[0] in "123456" and not one.plus and luhn.is_valid(one.digits):
            whole = len(one.parts) == len(run.parts)
            if named or one.spoken or whole:
                yield _span(run if run.spoken else one, Pii.CARD, 1.0 if named or whole else 0.8)
                return


def _phones(run: NumberRun, text: str, language: str, named: bool) -> Iterator[Span]:
    """Yield the phone number of a run: one that a numbering plan has, else what only looks like one."""
    if _DATE.match(text[run.start : run.end]):
        return
    for one in (run,) if run.spoken else run.windows(7, 15)[:WINDOWS_MAX]:
        written = text[one.start : one.end]
        abroad = one.plus or (one.digits.startswith("00") and len(one.digits) > 9)
        if abroad and _valid_abroad(one, written):
            yield _dialled(one, text, 1.0)
            return
        grouped = named or one.spoken or _looks_dialled(written)
        regions = (
            () if abroad or not grouped or _DATE.match(written) else REGIONS.get(language, REGIONS["en"])
        )
        if any(_valid(one.digits, region) for region in regions):
            yield _dialled(one, text, 0.9 if named else 0.75)
            return
    written = text[run.start : run.end]
    if run.plus and 8 <= len(run.digits) <= 16:
        yield _dialled(run, text, 0.7)
    elif 7 <= len(run.digits) <= 13 and not run.spoken and _looks_dialled(written):
        yield _dialled(run, text, 0.75 if named else 0.55)


def _valid_abroad(run: NumberRun, written: str) -> bool:
    """Return whether digits with a country code are a number; a nought in brackets is not dialled."""
    digits = run.digits if run.plus else run.digits.removeprefix("00")
    if "(0)" in written:
        digits = "".join(letter for letter in written.replace("(0)", "") if letter.isdigit())
    return _valid("+" + digits, None)


def _looks_dialled(written: str) -> bool:
    """Return whether digits stand in groups as phone numbers do."""
    groups = written.replace("(", " ").replace(")", " ").replace("-", " ").replace(".", " ").split()
    if not all(group.isdigit() for group in groups):
        return False
    lengths = [len(group) for group in groups]
    if len(groups) == 2:
        return lengths == [3, 4] or (groups[0][0] == "0" and sum(lengths) >= 8 and lengths[0] <= 5)
    return len(groups) >= 3 and max(lengths) <= 5 and sum(lengths) >= 8


def _dialled(run: NumberRun, text: str, score: float) -> Span:
    """Return a phone number with its bracket or plus, and the extension behind it."""
    start, end = run.start, run.end
    if not run.parts[0].spoken:
        while start and text[start - 1] in "(+":
            start -= 1
    extension = _EXTENSION.match(text, end)
    end = extension.end() if extension else end
    return Span(
        type=Pii.PHONE, start=start, end=end, score=score, value=("+" if run.plus else "") + run.digits
    )


@cache
def _valid(digits: str, region: str | None) -> bool:
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(digits, region))
    except phonenumbers.NumberParseException:
        return False


def _national_ids(run: NumberRun, text: str, language: str, named: bool) -> Iterator[Span]:
    written, digits = text[run.start : run.end], run.digits
    if _DATE.match(written):
        return
    if len(digits) == 9 and [len(part.text) for part in run.parts] == [3, 2, 4] and not run.spoken:
        yield _span(run, Pii.NATIONAL_ID, 1.0 if _check("us.ssn").is_valid(written) else 0.7)
        return
    names = _IDS.get(language, "").split()
    if named:
        names = [*names, *(name for ids in _IDS.values() for name in ids.split()), *_EVERYWHERE.split()]
    dashed = "-" in written or "+" in written
    if dashed and not run.spoken:
        names = [*names, "se.personnummer", "kr.rrn", "br.cpf", "dk.cpr", "bg.egn"]
    for name in names:
        if 8 <= len(digits) <= 15 and (_fits(name, digits) or (dashed and _fits(name, written))):
            yield _span(run, Pii.NATIONAL_ID, 0.95 if named else 0.6)
            return


def _fits(name: str, digits: str) -> bool:
    """Return whether a number fits; US social security numbers have no checksum, so all nine digits would."""
    return name != "us.ssn" and bool(_check(name).is_valid(digits))


@cache
def _check(name: str) -> ModuleType:
    return importlib.import_module(f"stdnum.{name}")


def _span(run: NumberRun, kind: Pii, score: float) -> Span:
    return Span(type=kind, start=run.start, end=run.end, score=score, value=run.digits)
