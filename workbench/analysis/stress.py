"""How much the words to be stressed stand out: longer, higher, louder than the rest of the sentence."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from workbench.audio.levels import dbfs
from workbench.core.audio import Samples
from workbench.core.events import SpokenWord
from workbench.prosody.contours import Contour

_LEAST = 3  # voiced frames in the words, and beside them, below which a median says nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Stress:
    """The stressed words of one utterance; NaN where there are none, or their times are not known."""

    seconds: float = math.nan
    """How long they take together."""
    semitones: float = math.nan
    """Their median f0 above that of the rest."""
    level_db: float = math.nan
    """Their level above that of the rest."""


def stress(text: str, words: Sequence[SpokenWord], samples: Samples, rate: int, contour: Contour) -> Stress:
    """Return how the words between asterisks in ``text`` stand out.

    Parameters
    ----------
    words : what was said, each with its seconds in ``samples``: as many as ``text`` has between spaces
    contour : f0 of ``samples``
    """
    wanted = _wanted(text)
    if len(wanted) != len(words) or not any(wanted) or all(wanted):
        return Stress()
    spans = [(word.start, word.end) for word, own in zip(words, wanted, strict=True) if own]
    inside, others = np.zeros(len(samples), np.bool_), np.zeros(len(samples), np.bool_)
    for word, own in zip(words, wanted, strict=True):
        (inside if own else others)[round(word.start * rate) : round(word.end * rate)] = True
    own_frames = np.zeros(len(contour.at), np.bool_)
    for start, end in spans:
        own_frames |= (contour.at >= start) & (contour.at < end)
    high, rest = contour.f0_hz[own_frames & contour.voiced], contour.f0_hz[~own_frames & contour.voiced]
    known = min(len(high), len(rest)) >= _LEAST
    return Stress(
        seconds=sum(end - start for start, end in spans),
        semitones=12 * math.log2(float(np.median(high)) / float(np.median(rest))) if known else math.nan,
        level_db=dbfs(samples[inside]) - dbfs(samples[others]) if inside.any() and others.any() else math.nan,
    )


def _wanted(text: str) -> list[bool]:
    """Return for each word of ``text``, as spaces part them, whether some of it lies between asterisks.

    >>> _wanted("I want *two of* these, *Al*'s")
    [False, False, True, True, False, True]
    """
    found: list[bool] = []
    stressed = False
    for word in text.split():
        pieces = word.split("*")
        found.append(any(piece and stressed ^ (place % 2 == 1) for place, piece in enumerate(pieces)))
        stressed ^= len(pieces) % 2 == 0
    return found
