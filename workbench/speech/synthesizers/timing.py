"""Where the words and marks of a synthesised clause lie in its samples."""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from workbench.core.events import SpokenWord
from workbench.speech.synthesizers.clauses import Unit
from workbench.speech.synthesizers.kokoro_model import PUNCTUATION, RATE
from workbench.speech.synthesizers.phonemes import Phonemes
from workbench.ssml.flatten import Marked

Placed: TypeAlias = Mapping[int, tuple[float, float]]
"""Start and end of each unit that is heard, seconds from the clause's first sample."""


def placed(found: Phonemes, starts: npt.NDArray[np.int64], *, first: int, factor: float) -> Placed:
    """Return where each unit lies.

    Parameters
    ----------
    starts : shape (symbols + 1,): first sample of each symbol, and the end of the last
    first : samples cut off before the clause
    factor : how much faster the samples were made afterwards
    """
    spans: dict[int, tuple[float, float]] = {}
    for place, (symbol, owner) in enumerate(zip(found.symbols, found.owners, strict=True)):
        if symbol in PUNCTUATION or symbol == " ":
            continue
        start, end = (float(starts[place + step] - first) / RATE / factor for step in (0, 1))
        spans[owner] = (min(start, spans.get(owner, (start,))[0]), end)
    return spans


def words(units: Sequence[Unit], spans: Placed, length: float) -> tuple[SpokenWord, ...]:
    """Return the written words; parts without a space between them are one word.

    What is not heard (a lone dash) takes no time, at the end of the word before it.
    """
    found: list[tuple[str, float, float]] = []
    for place, unit in enumerate(units):
        before = found[-1][2] if found else 0.0
        start, end = spans.get(place, (before, before))
        if found and not unit.spaced:
            text, start, _ = found.pop()
            found.append((text + unit.written, start, end))
        else:
            found.append((unit.written, start, end))
    return tuple(
        SpokenWord(text=text, start=_within(start, length), end=_within(end, length))
        for text, start, end in found
    )


def marks(items: Sequence[Unit | Marked], spans: Placed, length: float) -> tuple[SpokenWord, ...]:
    """Return the marks, each where the next word begins, or at the end of the clause."""
    found = []
    units = sum(isinstance(item, Unit) for item in items)
    place = 0
    for item in items:
        if isinstance(item, Unit):
            place += 1
            continue
        at = next((spans[unit][0] for unit in range(place, units) if unit in spans), length)
        found.append(SpokenWord(text=item.name, start=_within(at, length), end=_within(at, length)))
    return tuple(found)


def _within(at: float, length: float) -> float:
    return min(max(at, 0.0), length)
