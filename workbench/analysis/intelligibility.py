"""How much of what a voice says is understood: said by a synthesiser, written down by a recogniser.

The recogniser makes mistakes of its own: its error on human speech belongs beside every figure.
"""

import math
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from workbench.analysis.risk import Interval

DRAWS = 2_000
"""Bootstrap draws of an interval."""

UNSPACED = ("zh", "cmn", "yue", "ja", "th", "lo", "km", "my")
"""Languages without spaces between words: they have characters only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Errors:
    """What was misheard in one text."""

    word_errors: int
    words: int
    """0 in a language without spaces: it has no word error rate."""
    character_errors: int
    characters: int


def comparable(text: str) -> str:
    """Return ``text`` without case, punctuation and doubled spaces, in one Unicode form.

    >>> comparable("Grüß Gott – it's  FIVE o’clock!")
    "grüss gott it's five o'clock"
    """
    folded = unicodedata.normalize("NFKC", text.replace("’", "'")).casefold()
    kept = (
        char if char == "'" or unicodedata.category(char)[0] in "LMN" else " "
        for char in unicodedata.normalize("NFKC", folded)
    )
    return " ".join("".join(kept).split())


def errors_in(said: str, heard: str, *, language: str) -> Errors:
    """Return the fewest words, and characters, to change, leave out or put in to get ``heard`` from ``said``.

    Characters are counted without spaces.
    """
    one, other = comparable(said), comparable(heard)
    spaced = language.split("-")[0].lower() not in UNSPACED
    words, heard_words = (one.split(), other.split()) if spaced else ([], [])
    characters, heard_characters = one.replace(" ", ""), other.replace(" ", "")
    return Errors(
        word_errors=_distance(words, heard_words),
        words=len(words),
        character_errors=_distance(characters, heard_characters),
        characters=len(characters),
    )


def word_error_rate(told: Sequence[Errors], *, seed: int = 0) -> Interval | None:
    """Return errors over words of all texts, with a 95 % interval (NaN for one text); None without words."""
    return _rate([one.word_errors for one in told], [one.words for one in told], seed)


def character_error_rate(told: Sequence[Errors], *, seed: int = 0) -> Interval | None:
    """Return errors over characters of all texts, with a 95 % interval as above; None without characters."""
    return _rate([one.character_errors for one in told], [one.characters for one in told], seed)


def _rate(errors: Sequence[int], lengths: Sequence[int], seed: int) -> Interval | None:
    """Return the ratio of the sums; the interval draws whole texts, as errors come in clusters.

    Where nothing was misheard the upper end is that of the rule of three; a single text with errors says
    nothing of the spread: the ends are NaN. Source: Bisani & Ney (2004).
    """
    total = sum(lengths)
    if not total:
        return None
    wrong, counts = np.asarray(errors, dtype=np.float64), np.asarray(lengths, dtype=np.float64)
    if not wrong.any():
        return Interval(0.0, 0.0, min(1.0, 1 - 0.05 ** (1 / total)))
    value = float(wrong.sum() / total)
    if np.count_nonzero(counts) < 2:
        return Interval(value, math.nan, math.nan)
    drawn = np.random.default_rng(seed).integers(len(wrong), size=(DRAWS, len(wrong)))
    sums = counts[drawn].sum(axis=1)
    rates = wrong[drawn].sum(axis=1)[sums > 0] / sums[sums > 0]
    low, high = np.quantile(rates, [0.025, 0.975])
    return Interval(value, float(low), float(high))


def _distance(one: Sequence[str], other: Sequence[str]) -> int:
    """Return the edit distance of two sequences; each change, gap and insertion costs one."""
    row = list(range(len(other) + 1))
    for place, left in enumerate(one, start=1):
        before, row[0] = row[0], place
        for column, right in enumerate(other, start=1):
            before, row[column] = (
                row[column],
                min(row[column] + 1, row[column - 1] + 1, before + (left != right)),
            )
    return row[-1]


def percent(rate: Interval | None) -> str:
    """Return a rate for reading, with its interval if known: ``4.0 % (1.2 to 8.1)``; a dash for no rate."""
    if rate is None or math.isnan(rate.value):
        return "–"
    told = f"{rate.value * 100:.1f} %"
    return told if math.isnan(rate.low) else f"{told} ({rate.low * 100:.1f} to {rate.high * 100:.1f})"
