"""Which words of a session are hidden: what its final transcripts hold, wherever else it shows.

A partial may show the half of a number that no pattern knows yet; a reply repeats a name. So the finals are
looked at first; what else was heard in the same turn is held against them word by word, and every text of the
session against the values found.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from functools import lru_cache

from workbench.privacy.finding import find, known_language
from workbench.privacy.masking import Tokens, masked
from workbench.privacy.name_lists import is_listed, is_word
from workbench.privacy.number_runs import number_runs
from workbench.privacy.number_words import folded
from workbench.privacy.spans import Pii, Span, is_mask, settled, tokens_of

_WORD = re.compile(r"\S+")
_SURE = 2.0
"""Score of what is hidden whatever the finder says: above all of its own."""
DIGITS_LEAST = 4
"""Digits of a number that was found, from which a part of it is hidden elsewhere."""


@dataclass(slots=True)
class Heard:
    """The final words of one turn, and which of them are hidden."""

    words: list[str] = field(default_factory=list)
    """Folded, without marks."""
    hidden: list[Span | None] = field(default_factory=list)

    def add(self, text: str, spans: Sequence[Span]) -> None:
        """Add one final transcript."""
        for word in _WORD.finditer(text):
            self.words.append(_plain(word[0]))
            self.hidden.append(
                next((one for one in spans if one.start < word.end() and one.end > word.start()), None)
            )


class Hiding:
    """What is hidden in one session; ask it about texts once all finals are added.

    Parameters
    ----------
    tokens : what stands for what
    language : BCP 47 tag of texts that say none
    """

    def __init__(self, tokens: Tokens, language: str = "en") -> None:
        self._tokens = tokens
        self._language = language
        self._turns: dict[int, Heard] = {}
        self._values: dict[tuple[Pii, str], Span] = {}
        self._phrases: dict[tuple[str, ...], Span] = {}

    def add_final(self, turn: int, text: str, spans: Sequence[Span]) -> None:
        """Add a final transcript of ``turn`` with what is hidden of it."""
        self._turns.setdefault(turn, Heard()).add(text, spans)
        for span in spans:
            self.add_value(text[span.start : span.end], span)

    def add_value(self, said: str, span: Span) -> None:
        """Hide ``said`` wherever it shows, and of a person each name alone; a mask stays what it is."""
        if is_mask(said):
            return
        self._values[span.type, span.value] = span
        self._tokens.learn(span, said)
        words = tuple(filter(None, (_plain(word) for word in said.split())))
        if words and not (len(words) == 1 and len(words[0]) < 3):
            self._phrases[words] = span
        if span.type is Pii.PERSON:
            for word in words:
                if len(word) > 2 and is_listed(word) and not is_word(word, known_language(self._language)):
                    self._phrases.setdefault((word,), span)

    def spans(self, text: str, *, turn: int | None = None, language: str = "") -> tuple[Span, ...]:
        """Return what is hidden of a text.

        Parameters
        ----------
        text : any text of the session
        turn : the turn, if these are the caller's own words: they are held against its finals
        language : BCP 47 tag
        """
        language = known_language(language or self._language)
        spans = [*_found(text, language), *self._known(text, language)]
        if turn is not None and turn in self._turns:
            spans += self._aligned(text, self._turns[turn])
        return settled(spans)

    def hidden(self, text: str, *, turn: int | None = None, language: str = "") -> str:
        """Return a text without what is hidden."""
        return masked(text, self.spans(text, turn=turn, language=language), self._tokens)

    def token(self, span: Span) -> str:
        """Return what stands for a span."""
        return self._tokens.of(span)

    def _known(self, text: str, language: str) -> Iterable[Span]:
        """Yield the values of the session in a text: its phrases, and parts of its numbers."""
        found = [(word.start(), word.end(), _plain(word[0])) for word in _WORD.finditer(text)]
        plain = [word for _, _, word in found]
        for phrase, span in self._phrases.items():
            for first in range(len(plain) - len(phrase) + 1):
                if tuple(plain[first : first + len(phrase)]) == phrase:
                    start, end = _trimmed(text, found[first][0], found[first + len(phrase) - 1][1])
                    yield _at(span, start, end)
        numbers = [span for (_, value), span in self._values.items() if value.strip("+").isdigit()]
        if numbers:
            for run in number_runs(text, tokens_of(text), language):
                for span in numbers:
                    if len(run.digits) >= DIGITS_LEAST and run.digits in span.value:
                        yield _at(span, run.start, run.end)

    def _aligned(self, text: str, heard: Heard) -> Iterable[Span]:
        """Yield what of a turn's own words stands where a final has what is hidden."""
        found = [(word.start(), word.end(), _plain(word[0])) for word in _WORD.finditer(text)]
        owners: list[Span | None] = [None] * len(found)
        plain = [word for _, _, word in found]
        matching = SequenceMatcher(None, plain, heard.words, autojunk=False)
        for kind, first, last, there, behind in matching.get_opcodes():
            if kind == "equal":
                owners[first:last] = heard.hidden[there:behind]
            elif kind == "replace":
                hidden = [span for span in heard.hidden[there:behind] if span is not None]
                if hidden:
                    owners[first:last] = [hidden[0]] * (last - first)
            elif kind == "delete":
                before = heard.hidden[there - 1] if there else None
                after = heard.hidden[there] if there < len(heard.hidden) else None
                if before is not None and (before is after or there == len(heard.hidden)):
                    owners[first:last] = [before] * (last - first)
        place = 0
        while place < len(found):
            behind = place + 1
            owner = owners[place]
            while behind < len(found) and owners[behind] is owner:
                behind += 1
            if owner is not None:
                start, end = _trimmed(text, found[place][0], found[behind - 1][1])
                yield _at(owner, start, end)
            place = behind


def _at(span: Span, start: int, end: int) -> Span:
    return Span(type=span.type, start=start, end=end, score=_SURE, value=span.value)


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """Return a place without the marks around it: they stay."""
    while end - start > 1 and text[end - 1] in ".,;:!?)\"'":
        end -= 1
    while end - start > 1 and text[start] in "(\"'":
        start += 1
    return start, end


def _plain(word: str) -> str:
    return folded(word.strip(".,;:!?()\"'“”„«»…-"))


@lru_cache(maxsize=4096)
def _found(text: str, language: str) -> tuple[Span, ...]:
    return find(text, language)
