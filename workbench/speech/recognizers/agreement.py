"""How much of a growing utterance's latest hypothesis can be relied upon.

LocalAgreement-2 (Liu, Spanakis & Niehues, 2020): the leading words on which two successive hypotheses agree
are stable; what follows is the unstable tail. The latest hypothesis is never overruled by an earlier one. How
many in a row have agreed on a word and all before it decides its stability.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

from workbench.core.events import Word
from workbench.speech.recognizers.confidence import partial_confidence, partial_stability

EDGE = 0.1
"""A word that ends within so many seconds of the audio's end may be cut in two: it is not stable."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreed:
    """A hypothesis and how far it can be relied upon."""

    words: tuple[Word, ...] = ()
    """With confidence and stability filled in."""
    stable: int = 0
    """Leading words on which two successive hypotheses agreed."""
    stability: float = 0.0
    """How likely all words are to survive, 0..1: that of the least likely."""
    confidence: float = 0.0
    """How likely all words are right, 0..1: that of the least likely."""


class Agreement:
    """Follows the successive hypotheses of one utterance."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._counts: list[int] = []

    def update(self, words: Sequence[Word], *, audio_end: float) -> Agreed:
        """Return ``words`` weighed against the hypotheses before.

        Parameters
        ----------
        words : the whole hypothesis; confidence is the engine's probability, stability is not used
        audio_end : seconds of audio it is based on, on the clock of the words' times
        """
        parts = [part for word in words for part in comparable(word.text)]
        counts = self._agreeing(parts)
        self._parts, self._counts = parts, counts
        weighed, stable, first = [], 0, 0
        for place, word in enumerate(words):
            last = first + len(comparable(word.text))
            count = min(counts[first:last], default=1)
            at_edge = word.end > audio_end - EDGE
            confidence = partial_confidence(word.confidence, agreed=count, at_edge=at_edge)
            stability = partial_stability(word.confidence, agreed=count, at_edge=at_edge)
            weighed.append(replace(word, confidence=confidence, stability=stability))
            if stable == place and count >= 2 and not at_edge:
                stable += 1
            first = last
        return Agreed(
            words=tuple(weighed),
            stable=stable,
            stability=min((word.stability for word in weighed), default=0.0),
            confidence=min((word.confidence for word in weighed), default=0.0),
        )

    def _agreeing(self, parts: list[str]) -> list[int]:
        """Return, for each part, how many hypotheses in a row had it and all before it."""
        counts = []
        agreed = True
        for place, part in enumerate(parts):
            agreed = agreed and place < len(self._parts) and self._parts[place] == part
            counts.append(self._counts[place] + 1 if agreed else 1)
        return counts


def comparable(text: str) -> list[str]:
    """Return the parts of a word that count when hypotheses are compared: no case, no punctuation."""
    return re.findall(r"[^\W_]+(?:['’][^\W_]+)*", text.casefold())  # noqa: RUF001


def confirmed(words: Sequence[Word], other: str) -> list[bool]:
    """Return for each of ``words`` whether ``other``, another reading of the same audio, has it there too."""
    keys = [" ".join(comparable(word.text)) for word in words]
    blocks = SequenceMatcher(
        None, keys, [" ".join(comparable(text)) for text in other.split()], autojunk=False
    )
    matched = {block.a + place for block in blocks.get_matching_blocks() for place in range(block.size)}
    return [place in matched for place in range(len(keys))]
