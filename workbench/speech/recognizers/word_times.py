"""Word times that fit the sound: Whisper's words swallow the silence before them.

Each word is cut back to the sounding part of its span, and to the length anyone would need for its letters.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from workbench.core.events import Word

LEVELS_PER_SECOND = 100
_LEAST = 0.04  # seconds; no word is shorter
_LONGEST = 0.4  # seconds for a word of one letter ...
_PER_LETTER = 0.12  # ... and for each further one: slow, clear speech


def fitted(words: Sequence[Word], sounding: npt.NDArray[np.bool_]) -> tuple[Word, ...]:
    """Return ``words`` with times cut back; order is kept and no word ends before it starts.

    Parameters
    ----------
    words : times in seconds, ascending
    sounding : whether each 10 ms of the same audio stands out from its background
    """
    result: list[Word] = []
    length = len(sounding) / LEVELS_PER_SECOND
    for word in words:
        earliest = result[-1].end if result else 0.0
        start = min(max(word.start, earliest), length)
        end = min(max(word.end, start), length)
        first, last = round(start * LEVELS_PER_SECOND), round(end * LEVELS_PER_SECOND)
        heard = np.flatnonzero(sounding[first:last])
        if len(heard):
            start = (first + int(heard[0])) / LEVELS_PER_SECOND
            end = (first + int(heard[-1]) + 1) / LEVELS_PER_SECOND
        longest = _LONGEST + _PER_LETTER * max(0, len(word.text) - 1)
        start = max(start, end - longest)
        result.append(replace(word, start=start, end=min(max(end, start + _LEAST), max(length, start))))
    return tuple(result)
