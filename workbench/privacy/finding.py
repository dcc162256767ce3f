"""Personal data in a text: names, phones, cards, addresses and the like, written or spoken."""

from dataclasses import replace

from workbench.privacy.addresses import address_spans
from workbench.privacy.dates import birth_spans
from workbench.privacy.identifiers import identifier_spans
from workbench.privacy.names import name_spans
from workbench.privacy.number_runs import number_runs
from workbench.privacy.number_words import LANGUAGES
from workbench.privacy.patterns import pattern_spans
from workbench.privacy.spans import Span, settled, tokens_of, without_masks
from workbench.privacy.spelled import spelled_spans

SCORE = 0.5
"""Least score of what is found."""
PIECE = 2000
"""Letters looked at together; longer texts are cut behind a sentence or a word: so time stays linear."""


def find(text: str, language: str = "en", *, score: float = SCORE) -> tuple[Span, ...]:
    """Return the personal data in a text, by place; no span overlaps another.

    Masks and tokens that stand for some already are none.

    Parameters
    ----------
    text : what was said or written
    language : BCP 47 tag; en, de, fr, es, it, pt and nl are known, others are read as English
    score : least score of a span, 0..1
    """
    language, text = known_language(language), without_masks(text)
    found: list[Span] = []
    start = 0
    while start < len(text):
        end = _cut(text, start)
        for span in _found(text[start:end], language, score):
            found.append(replace(span, start=span.start + start, end=span.end + start))
        start = end
    return tuple(found)


def known_language(tag: str) -> str:
    """Return the language of a BCP 47 tag as the finder knows it; English where it does not."""
    language = tag.lower().replace("_", "-").split("-")[0]
    return language if language in LANGUAGES else "en"


def _cut(text: str, start: int) -> int:
    """Return where the piece that begins at ``start`` ends."""
    end = start + PIECE
    if end >= len(text):
        return len(text)
    for mark in ("\n", ". ", " "):
        place = text.rfind(mark, start + PIECE // 2, end)
        if place >= 0:
            return place + len(mark)
    return end


def _found(text: str, language: str, score: float) -> tuple[Span, ...]:
    tokens = tokens_of(text)
    runs = number_runs(text, tokens, language)
    found = [
        *pattern_spans(text),
        *spelled_spans(text, tokens, language),
        *(span for run in runs for span in identifier_spans(run, text, language)),
        *birth_spans(text, tokens, language),
        *address_spans(text, tokens, runs, language),
        *name_spans(text, tokens, language),
    ]
    return settled(span for span in found if span.score >= score)
