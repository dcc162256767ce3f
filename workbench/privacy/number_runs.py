"""Runs of digits in a text, however each was said or written, with the place of every digit.

A recogniser writes one number in many ways: ``4111 1111``, ``four one, one one``, ``double five``,
``forty-one eleven``. Each becomes its digits; each digit knows the words it came from.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from workbench.privacy.number_words import NumberWords, folded, number_words
from workbench.privacy.spans import Token

_LETTERS = re.compile(r"[^\W\d_]+")
_MARKS = re.compile(r"[\s\-–—−‑/().,+…]{0,6}")
_PAUSE = re.compile(r"[,.:;]\s")
_PLUS = re.compile(r"(\+|\b(plus|più|mas|mais))$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Digits:
    """What one word or phrase says."""

    text: str
    start: int
    end: int
    spoken: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberRun:
    """Digits that follow each other."""

    parts: tuple[Digits, ...]
    plus: bool
    """Whether a plus stands before."""

    @property
    def digits(self) -> str:
        """Return all of them."""
        return "".join(part.text for part in self.parts)

    @property
    def start(self) -> int:
        """Return where it begins in the text."""
        return self.parts[0].start

    @property
    def end(self) -> int:
        """Return where it ends in the text."""
        return self.parts[-1].end

    @property
    def spoken(self) -> bool:
        """Return whether any of it was written in words."""
        return any(part.spoken for part in self.parts)

    def windows(self, shortest: int, longest: int) -> Sequence["NumberRun"]:
        """Return the runs within it, whole parts each, of so many digits; longer ones first."""
        found = [
            NumberRun(parts=self.parts[first:last], plus=self.plus and first == 0)
            for first in range(len(self.parts))
            for last in range(first + 1, len(self.parts) + 1)
        ]
        fitting = [one for one in found if shortest <= len(one.digits) <= longest]
        return sorted(fitting, key=lambda one: -len(one.digits))


LETTERS_FROM = 4
"""Parts of a run from which a letter at its beginning is a nought."""
PARTS_MAX = 40
"""Parts of one run; a longer one is cut, so that looking at its windows stays short."""


def number_runs(text: str, tokens: Sequence[Token], language: str) -> list[NumberRun]:
    """Return the runs of digits in ``text``, in order."""
    words = number_words(language)
    runs: list[NumberRun] = []
    parts: list[Digits] = []
    place = 0
    while place < len(tokens):
        part, used = _digits(tokens, place, words)
        token = tokens[place]
        if part is None:
            if not (parts and folded(token.low) in words.between):
                _close(text, parts, runs)
                parts = []
            place += 1
            continue
        if parts and (len(parts) >= PARTS_MAX or not _follows(text, parts[-1], part, words)):
            _close(text, parts, runs)
            parts = []
        parts.append(part)
        place += used
    _close(text, parts, runs)
    return runs


def _close(text: str, parts: list[Digits], runs: list[NumberRun]) -> None:
    """Add the run that ``parts`` make; a lone letter that may be nought is none."""
    while parts and parts[0].text == "o" and len(parts) < LETTERS_FROM:
        parts = parts[1:]
    zeros = [
        Digits(text=part.text.replace("o", "0"), start=part.start, end=part.end, spoken=part.spoken)
        for part in parts
    ]
    if zeros:
        before = text[max(0, zeros[0].start - 8) : zeros[0].start].rstrip(" (").lower()
        runs.append(NumberRun(parts=tuple(zeros), plus=_PLUS.search(before) is not None))


def _follows(text: str, last: Digits, part: Digits, words: NumberWords) -> bool:
    """Return whether two parts belong to one number: nothing but marks and empty words lies between."""
    between = text[last.end : part.start]
    if "\n" in between:
        return False
    marks = _LETTERS.sub(lambda found: "" if folded(found[0]) in words.between else found[0], between)
    if not last.spoken and not part.spoken and _PAUSE.search(between):
        sizes = len(last.text), len(part.text)
        return (
            sizes == (1, 1) and ":" not in between or between == ", " and 2 <= min(sizes) <= max(sizes) <= 4
        )
    return _MARKS.fullmatch(marks) is not None


def _digits(tokens: Sequence[Token], place: int, words: NumberWords) -> tuple[Digits | None, int]:
    """Return what is said from ``place`` on, and in how many words; None if it is no number."""
    token = tokens[place]
    if token.text.isdigit():
        if not token.text.isascii():
            return None, 1
        return Digits(text=token.text, start=token.start, end=token.end, spoken=False), 1
    low = folded(token.low)
    if low in words.times and place + 1 < len(tokens):
        digit, used = spoken_digits(tokens, place + 1, words)
        if len(digit) == 1:
            end = tokens[place + used].end
            many = digit * words.times[low]
            return Digits(text=many, start=token.start, end=end, spoken=True), used + 1
    digits, used = spoken_digits(tokens, place, words)
    if not digits:
        return None, 1
    behind = place + used
    if len(digits) == 1 and behind < len(tokens) and folded(tokens[behind].low) in words.hundred:
        digits, used = digits + "00", used + 1
    return Digits(text=digits, start=token.start, end=tokens[place + used - 1].end, spoken=True), used


def spoken_digits(tokens: Sequence[Token], place: int, words: NumberWords) -> tuple[str, int]:
    """Return the digits that a phrase at ``place`` says, and in how many words; empty if it says none.

    A letter that is nought among digits (``oh``) comes back as ``o``.
    """
    if tokens[place].text.isdigit():
        return tokens[place].text, 1
    said, behind = list[str](), tokens[place].start
    for token in tokens[place : place + words.longest]:
        if said and token.start > behind + 1:
            break
        said.append(folded(token.low))
        behind = token.end
    for count in range(len(said), 0, -1):
        digits = words.phrases.get(tuple(said[:count]))
        if digits is not None:
            return digits, count
    return ("o", 1) if said[0] in words.letters else ("", 1)
