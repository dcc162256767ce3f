"""Where a reading begins to repeat itself without the audio doing so.

Whisper loops when it misses the end of the speech. The words of a loop have nowhere to go in the audio:
aligned, most of them have no length. Someone who says a thing twice takes time for each.
"""

from collections.abc import Sequence

from workbench.core.events import Word

_NO_LENGTH = 0.025  # seconds; one frame of Whisper's is 0.02
FASTEST = 20.0
"""Letters a second that a text with repeats may have; conversational English has about 14."""


def before_loop(words: Sequence[Word], keys: Sequence[str]) -> int:
    """Return how many leading ``words`` to keep, by their aligned times.

    Parameters
    ----------
    words : as aligned, times in seconds
    keys : the same words, comparable
    """
    kept = before_repeat(keys)
    copies = words[kept:]
    squeezed = sum(word.end - word.start < _NO_LENGTH for word in copies)
    return kept if copies and 2 * squeezed >= len(copies) else len(words)


def too_fast(keys: Sequence[str], seconds: float) -> bool:
    """Tell whether a text without times repeats itself and has more letters than fit into ``seconds``."""
    return before_repeat(keys) < len(keys) and sum(map(len, keys)) > FASTEST * seconds


def before_repeat(keys: Sequence[str]) -> int:
    """Return how many words there are before the end repeats them; all of them if it does not.

    >>> before_repeat(["book", "a", "room", "book", "a", "room", "book"])
    3
    >>> before_repeat(["a", "lot", "of", "milk"])
    4
    >>> before_repeat(["go", "on", "and", "on", "and", "on"])
    3
    """
    count = len(keys)
    for unit in range(1, count // 2 + 1):
        start = count - unit
        while start > 0 and keys[start - 1] == keys[start - 1 + unit]:
            start -= 1
        # From ``start`` on, each word is the one ``unit`` before the next: the last copy may be cut short.
        if count - start >= 2 * unit:
            return start + unit
    return count
