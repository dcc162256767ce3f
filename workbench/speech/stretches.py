"""A text cut into stretches, each with how it is said."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

Reader = Callable[[re.Match[str]], str]
"""Says what was found."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A stretch of text and how it is said."""

    written: str
    spoken: str


def stretches(
    text: str,
    pattern: re.Pattern[str],
    readers: Mapping[str, Reader],
    known: Sequence[tuple[int, int, str]] = (),
) -> tuple[Reading, ...]:
    """Return ``text`` cut into stretches; their ``written`` parts joined are ``text``.

    Parameters
    ----------
    pattern : what is looked for: a named group for each kind of thing, the last of a match to close
    readers : for the name of each kind, who says it
    known : start, end and words of what was found otherwise, in order, and goes before the pattern
    """
    found: list[Reading] = []
    at = 0
    for start, end, spoken in (*known, (len(text), len(text), "")):
        for match in _matches(text, pattern, at, start):
            found += [
                *_plain(text[at : match.start()]),
                Reading(match[0], readers[match.lastgroup or ""](match)),
            ]
            at = match.end()
        found += _plain(text[at:start])
        if end > start:
            found.append(Reading(text[start:end], spoken))
        at = end
    return tuple(found)


def _matches(text: str, pattern: re.Pattern[str], at: int, end: int) -> Iterator[re.Match[str]]:
    """Yield matches between two places; what stands behind is seen by those that end before it."""
    while at < end:
        match = pattern.search(text, at)
        if match is not None and match.end() > end:
            match = pattern.search(text, at, end)
        if match is None:
            return
        yield match
        at = max(match.end(), at + 1)


def _plain(text: str) -> tuple[Reading, ...]:
    return (Reading(text, text),) if text else ()
