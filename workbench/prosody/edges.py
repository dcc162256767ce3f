"""Where exactly a sound ends in a silence, and begins after one."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workbench.audio.levels import SILENT
from workbench.core.audio import Samples

Decibels = npt.NDArray[np.float64]

STEP = 0.0025
"""Seconds from one level to the next; edges are read off in these steps."""

_WINDOW = 0.005  # seconds a level is the mean of
_BEYOND = 1  # steps by which a window that has some sound in it reaches beyond that sound
_EMPHASIS = 1 / 16_000  # seconds between the samples whose difference shows weak consonants
_LOUD = 0.15  # seconds of sound beside the edge that the edge is compared with
_QUIET = (0.03, 0.4)  # seconds into the silence between which its background is taken
_LEAST = 8.0  # dB from that background to the sound, or the edge can't be seen
_STEEP = 400.0  # dB a second; a voice dies away faster than this, a room's echo more slowly
_CLOSURE = 0.08  # seconds; a stop or a dip before the last weak sound of a word is no longer
_RELEASE = 0.025  # seconds; what is shorter is a click, and no such sound
_RELEASE_OVER = 12.0  # dB over the background; what is weaker is none either


@dataclass(frozen=True, slots=True, kw_only=True)
class _Search:
    """How an edge is looked for; shares are of the decibels from the background to the sound."""

    back: float
    """Seconds inside the rough edge from where on sound is followed outwards."""
    reach: float
    """Seconds outside it up to where sound is followed."""
    faint: float
    """Share below which there is no more sound."""
    clear: float
    """Share above which there is sound for certain: between the two the decay's knee is the edge."""
    over: float
    """Decibels over the background below which there is no sound."""
    below: float
    """Decibels under the sound beside it below which there is none."""
    gap: float
    """Seconds; dips this short are inside the sound (periods of a creaky voice)."""
    rank: float
    """Which of the levels of the silence, from quiet to loud, is its background, 0 to 1."""


_END = _Search(back=0.1, reach=0.15, faint=0.25, clear=0.5, over=4, below=50, gap=0.02, rank=0.25)
_BEGIN = _Search(back=0.03, reach=0.07, faint=0.2, clear=0.2, over=6, below=45, gap=0.01, rank=0.5)


def edge_levels(samples: Samples, steady: npt.NDArray[np.float64], rate: int) -> tuple[Decibels, Decibels]:
    """Return levels in dBFS every :data:`STEP`: of all sound without hum, and with its high tones raised.

    The first shows voices, the second weak consonants (f, h, s) that the rumble of a room hides. High tones
    are raised by a difference over 1/16,000 s, at every sample rate alike.

    Parameters
    ----------
    samples : float array, shape (n,), in -1..1
    steady : the same by :func:`workbench.audio.levels.without_rumble`
    rate : sample rate in Hz
    """
    lag = max(1, round(_EMPHASIS * rate))
    wave = samples.astype(np.float64)
    raised = wave - np.concatenate((np.repeat(wave[:1], min(lag, len(wave))), wave[:-lag]))
    return _levels(steady, rate), _levels(raised, rate)


def end_of_sound(levels: tuple[Decibels, Decibels], near: float, until: float) -> float:
    """Return the second at which sound ends that ends near a given one, before a silence.

    Sound and silence differ by the decibels from the silence's own background to the sound's last 0.15 s.
    The end lies where three quarters of these are gone, or, between a half and that, where the decay slows
    down to less than 400 dB a second: a voice stops there, and a room's echo goes on. The later of the ends
    in both levels counts; the release of a stop, or a weak last sound after a dip, belongs to it.

    Parameters
    ----------
    levels : from :func:`edge_levels`
    near : second, within about 0.1 of the end
    until : second at which the silence is over
    """
    found = [_edge(level[: _at(until)], _at(near), _END) for level in levels]
    ends = [place for place in found if place is not None]
    return (max(ends) - _BEYOND) * STEP if ends else near


def begin_of_sound(levels: tuple[Decibels, Decibels], near: float, since: float) -> float:
    """Return the second at which sound begins that begins near a given one, after a silence.

    It begins where it first stands over the silence's own background by a fifth of the decibels from there to
    its first 0.15 s (at least 6 dB), in the one level or the other.

    Parameters
    ----------
    levels : from :func:`edge_levels`
    near : second, within about 0.05 of the beginning
    since : second at which the silence began
    """
    first = _at(since)
    found = [_edge(level[first:][::-1], len(level) - _at(near), _BEGIN) for level in levels]
    begins = [len(levels[0]) - place for place in found if place is not None]
    return (min(begins) + _BEYOND) * STEP if begins else near


def _edge(outward: Decibels, rough: int, search: _Search) -> int | None:
    """Return where sound gives way to the silence that ``outward`` ends in, None if it can't be seen."""
    inside = outward[max(0, rough - _at(_LOUD)) : rough + 1]
    outside = outward[rough + _at(_QUIET[0]) : rough + _at(_QUIET[1])]
    if not len(inside) or not len(outside):
        return None
    loud, quiet = float(np.quantile(inside, 0.9)), float(np.quantile(outside, search.rank))
    if loud - quiet < _LEAST:
        return None
    faint = max(quiet + max(search.faint * (loud - quiet), search.over), loud - search.below)
    start = max(0, rough - _at(search.back))
    last = _last(outward[start : rough + _at(search.reach)], faint, quiet + _RELEASE_OVER, search.gap)
    if last is None:
        return None
    clear = np.flatnonzero(outward[start : start + last] > max(quiet + search.clear * (loud - quiet), faint))
    sure = int(clear[-1]) + 1 if len(clear) else last
    decay = outward[start + sure : start + last + 1]
    slowing = int(np.argmin(decay + _STEEP * STEP * np.arange(len(decay)))) if len(decay) else 0
    return start + sure + slowing


def _last(levels: Decibels, faint: float, release: float, gap: float) -> int | None:
    """Return the place after the last sound that goes on from the first over gaps and closures."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], levels > faint, [False])).astype(np.int8)))
    last: int | None = None
    for start, end in edges.reshape(-1, 2).tolist():
        if last is not None and start - last > _at(gap):
            weak = end - start < _at(_RELEASE) or levels[start:end].max() < release
            if weak or start - last > _at(_CLOSURE):
                break
        last = end
    return last


def _levels(wave: npt.NDArray[np.float64], rate: int) -> Decibels:
    """Return the level of windows around the middle of each step."""
    count = int(len(wave) / rate / STEP)
    sums = np.cumsum(np.concatenate((np.zeros(1), np.square(wave))))
    middles = (np.arange(count) + 0.5) * STEP * rate
    half = _WINDOW * rate / 2
    first = np.maximum(0, np.rint(middles - half)).astype(np.int64)
    last = np.minimum(len(wave), np.rint(middles + half)).astype(np.int64)
    power = (sums[last] - sums[first]) / np.maximum(1, last - first)
    return np.asarray(10 * np.log10(np.maximum(power, 10 ** (SILENT / 10))))


def _at(seconds: float) -> int:
    return round(seconds / STEP)
