"""What was found: which kind of personal data, and where it stands in a text."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum


class Pii(StrEnum):
    """The kinds of personal data."""

    PERSON = "person"
    PHONE = "phone"
    EMAIL = "email"
    CARD = "card"
    IBAN = "iban"
    NATIONAL_ID = "national-id"
    ADDRESS = "address"
    BIRTH = "date-of-birth"
    URL = "url"
    IP = "ip-address"
    ACCOUNT = "account"
    """Numbers of accounts, customers, policies; and long numbers that are nothing else."""
    SLOT = "sensitive"
    """What an assistant's file declares to be sensitive."""


_MASK = re.compile(rf"\[(?:{'|'.join(kind.value.upper() for kind in Pii)})(?:_\d+)?\]")
"""What stands for personal data already: ``[CARD]``, ``[PERSON_1]``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """One piece of personal data in a text."""

    type: Pii
    start: int
    """First letter of it in the text."""
    end: int
    """Behind the last."""
    score: float
    """How sure, 0..1; not a probability: a checksum that fits gives 1, a lone name 0.55."""
    value: str
    """In one form however it was said: digits alone, lower case; the same value has the same text."""


@dataclass(frozen=True, slots=True)
class Token:
    """One word of a text, and where it stands."""

    text: str
    low: str
    """In lower case, an apostrophe always straight."""
    start: int
    end: int


_MOST = 0.2  # what covering most of a cluster is worth, in score

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*|\d+")


def tokens_of(text: str) -> list[Token]:
    """Return the words and the runs of digits of a text, in order.

    >>> [token.text for token in tokens_of("It's 4-11, ok?")]
    ["It's", '4', '11', 'ok']
    """
    return [
        Token(found[0], found[0].lower().replace("’", "'"), found.start(), found.end())
        for found in _WORD.finditer(text)
    ]


def is_mask(text: str) -> bool:
    """Return whether ``text`` is a mask or a token, and nothing else."""
    return _MASK.fullmatch(text) is not None


def without_masks(text: str) -> str:
    """Return ``text`` with marks in place of the masks and tokens in it, all else where it was.

    >>> without_masks("I'm [PERSON_1].")
    "I'm ||||||||||."
    """
    return _MASK.sub(lambda found: "|" * len(found[0]), text)


def settled(found: Iterable[Span]) -> tuple[Span, ...]:
    """Return spans of which none overlaps another, by place.

    Those that overlap become one that covers them all. It has the type and value of the surest of them, where
    one that covers more than half of them counts for a little more, then of the longest.
    """
    chosen: list[Span] = []
    cluster: list[Span] = []
    for one in sorted(found, key=lambda span: (span.start, -span.end)):
        if cluster and one.start >= max(span.end for span in cluster):
            chosen.append(_united(cluster))
            cluster = []
        cluster.append(one)
    return (*chosen, _united(cluster)) if cluster else tuple(chosen)


def _united(cluster: list[Span]) -> Span:
    start, end = cluster[0].start, max(span.end for span in cluster)
    best = max(
        cluster,
        key=lambda span: (
            span.score + _MOST * (2 * (span.end - span.start) > end - start),
            span.end - span.start,
        ),
    )
    return replace(best, start=start, end=end)
