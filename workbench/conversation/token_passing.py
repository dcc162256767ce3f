"""The inner loop of the search, compiled: every phone heard against every phone of the network.

It is the slow part of understanding, thousands of additions a phone; compiled by numba it takes a fifteenth
of the time that numpy's calls took. Compiled once, kept on disk beside the module or in the user's cache.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from workbench.conversation.phonetics import drop_costs
from workbench.conversation.sound_network import Floats, SoundNetwork

UNREACHED = 1e6
"""Cost of a phone that no path has reached."""


def costs_of_paths(
    sounds: SoundNetwork,
    phones: tuple[int, ...],
    starts: tuple[bool, ...],
    unexplained: tuple[float, ...],
    start: Floats,
    *,
    inside_word: float,
    misaligned: float,
) -> tuple[Floats, Floats]:
    """Return the least cost of reaching each phone, and each junction, after each phone that was heard.

    Parameters
    ----------
    phones, starts, unexplained : phones heard, whether a word starts there, what leaving each out costs
    start : cost of each junction before anything is heard
    inside_word : cost of hearing a word start inside a word of the network
    misaligned : cost of a word of the network where none was heard to start

    Returns
    -------
    Shapes (heard + 1, phones of the network) and (heard + 1, junctions).
    """
    inside = np.full((len(phones) + 1, len(sounds.phones)), UNREACHED)
    between = np.full((len(phones) + 1, len(sounds.row)), np.inf)
    between[0] = start
    heard = np.array(phones, dtype=np.intp)
    _compiled()(
        inside,
        between,
        heard,
        np.array(starts, dtype=np.bool_),
        np.array(unexplained, dtype=np.float64),
        sounds.swap,
        drop_costs()[heard] if len(heard) else np.zeros(0),
        sounds.drop,
        sounds.first,
        sounds.last,
        sounds.enter,
        sounds.ended,
        sounds.ended_at,
        sounds.led,
        sounds.led_cost,
        sounds.led_at,
        sounds.filled,
        inside_word,
        misaligned,
    )
    return inside, between


@cache
def _compiled() -> Callable[..., None]:
    from numba import njit

    try:
        return _jitted(njit, cache=True)
    except RuntimeError:  # nowhere to keep it
        return _jitted(njit, cache=False)


def _jitted(njit: Any, *, cache: bool) -> Callable[..., None]:
    compiled: Callable[..., None] = njit(_pass_tokens, cache=cache, nogil=True)
    return compiled


def _pass_tokens(  # noqa: C901, PLR0912, PLR0913, PLR0917  plain loops over plain arrays, for the compiler
    inside: Any,
    between: Any,
    heard: Any,
    starts: Any,
    unexplained: Any,
    swap: Any,
    added: Any,
    drop: Any,
    first: Any,
    last: Any,
    enter: Any,
    ended: Any,
    ended_at: Any,
    led: Any,
    led_cost: Any,
    led_at: Any,
    filled: Any,
    inside_word: float,
    misaligned: float,
) -> None:
    groups, rows, words = len(ended_at), len(filled), len(first)
    arrived = np.empty(groups)
    for word in range(words):
        inside[0, first[word]] = min(inside[0, first[word]], between[0, enter[word]] + drop[first[word]])
        for place in range(first[word] + 1, last[word] + 1):
            inside[0, place] = min(inside[0, place], inside[0, place - 1] + drop[place])
    for at in range(len(heard)):
        phone, before, now = heard[at], inside[at], inside[at + 1]
        here, there = between[at], between[at + 1]
        edge = 0.0 if starts[at] else misaligned
        within = inside_word if starts[at] else 0.0
        for word in range(words):
            begin = first[word]
            now[begin] = min(here[enter[word]] + edge + swap[phone, begin], before[begin] + added[at])
            for place in range(begin + 1, last[word] + 1):
                reached = min(before[place - 1] + within + swap[phone, place], before[place] + added[at])
                now[place] = min(reached, now[place - 1] + drop[place])
        for row in range(len(here)):
            there[row] = here[row] + unexplained[at]
        for turn in range(2):
            if turn:  # words that start with a phone nobody said
                for word in range(words):
                    begin = first[word]
                    now[begin] = min(now[begin], there[enter[word]] + drop[begin])
                    for place in range(begin + 1, last[word] + 1):
                        now[place] = min(now[place], now[place - 1] + drop[place])
            for group in range(groups):
                until = ended_at[group + 1] if group + 1 < groups else len(ended)
                least = np.inf
                for n in range(ended_at[group], until):
                    least = min(least, now[ended[n]])
                arrived[group] = least
            for n in range(rows):
                until = led_at[n + 1] if n + 1 < rows else len(led)
                least = there[filled[n]]
                for way in range(led_at[n], until):
                    least = min(least, arrived[led[way]] + led_cost[way])
                there[filled[n]] = least
