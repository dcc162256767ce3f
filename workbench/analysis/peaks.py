"""How a track looks at any zoom: its lowest and highest sample in bins, from fine to coarse.

A pyramid: each level's bins are four times as long as those of the level below. A view takes the level whose
bins are at most a pixel wide, in tiles, so an hour is seen without any of its samples being sent.
"""

import numpy as np
import numpy.typing as npt

from workbench.core.audio import Samples
from workbench.errors import ParameterError

FINEST = 0.0025
"""Seconds of a bin of level 0."""

FACTOR = 4
"""Bins of a level in one of the next."""

LEVELS = 7
"""Levels; the last one's bins are 10.24 s long."""

TILE = 1024
"""Bins of a tile, of any level."""

Bins = npt.NDArray[np.int8]
"""Lowest and highest sample of each bin, shape (n, 2), 127 at full scale."""


class Peaks:
    """The pyramid of one track, which may grow.

    Parameters
    ----------
    rate : sample rate in Hz, at least 400 (a sample a bin)
    """

    def __init__(self, rate: int) -> None:
        if rate < 1 / FINEST:
            raise ParameterError(f"rate is {rate} Hz, expected at least {1 / FINEST:.0f} Hz")
        self._rate = rate
        self._size = round(rate * FINEST)
        self._levels: list[Bins] = [np.zeros((0, 2), np.int8)] * LEVELS
        self._rest: Samples = np.zeros(0, np.float32)
        self._samples = 0

    @classmethod
    def of(cls, samples: Samples, rate: int) -> "Peaks":
        """Return the pyramid of a whole track."""
        peaks = cls(rate)
        peaks.append(samples)
        return peaks

    @property
    def seconds(self) -> float:
        """Return how long the track is so far."""
        return self._samples / self._rate

    @property
    def bin_seconds(self) -> float:
        """Return the seconds of a bin of level 0: :data:`FINEST`, to the nearest sample."""
        return self._size / self._rate

    def bins(self, level: int) -> Bins:
        """Return all bins of ``level``; the last may be of less audio than the others."""
        if not 0 <= level < LEVELS:
            raise ParameterError(f"level is {level}, expected 0 to {LEVELS - 1}")
        whole = self._levels[level]
        rest = self._unfinished(level)
        return whole if rest is None else np.concatenate((whole, rest))

    def tile(self, level: int, number: int) -> bytes:
        """Return bins ``number * TILE`` to ``(number + 1) * TILE`` of ``level``: low, high, low, high, ...

        Fewer, down to none, where the track ends.
        """
        if number < 0:
            raise ParameterError(f"tile is {number}, expected at least 0")
        return self.bins(level)[number * TILE : (number + 1) * TILE].tobytes()

    def append(self, samples: Samples) -> None:
        """Take in the next samples of the track; those that are not numbers count as silence."""
        self._samples += len(samples)
        joined = np.concatenate((self._rest, samples)) if len(self._rest) else samples
        count = len(joined) // self._size
        added = _extremes(joined[: count * self._size].reshape(count, self._size))
        self._rest = np.array(joined[count * self._size :], np.float32)
        for level in range(LEVELS):
            before = len(self._levels[level])
            if len(added):
                self._levels[level] = np.concatenate((self._levels[level], added))
            # whole bins of the next level end at multiples of FACTOR
            since = before - before % FACTOR
            fresh = self._levels[level][since:]
            count = len(fresh) // FACTOR
            added = _merged(fresh[: count * FACTOR].reshape(count, FACTOR, 2))

    def _unfinished(self, level: int) -> Bins | None:
        """Return the one bin of ``level`` that is not full yet, None if there is nothing in it."""
        pieces = [] if not len(self._rest) else [_extremes(self._rest[np.newaxis])]
        for below in range(level):
            full = len(self._levels[below + 1]) * FACTOR
            pieces.append(self._levels[below][full:])
        held = np.concatenate(pieces) if pieces else np.zeros((0, 2), np.int8)
        return _merged(held[np.newaxis]) if len(held) else None


def _extremes(rows: npt.NDArray[np.float32]) -> Bins:
    """Return the lowest and highest of each row, shape (n, size) to (n, 2), rounded away from zero."""
    if not rows.size:
        return np.zeros((0, 2), np.int8)
    low, high = np.nan_to_num(rows.min(axis=1)), np.nan_to_num(rows.max(axis=1))
    both = np.stack((np.floor(low * 127), np.ceil(high * 127)), axis=1)
    bins: Bins = np.clip(both, -127, 127).astype(np.int8)
    return bins


def _merged(rows: Bins) -> Bins:
    """Return the extremes of each row of bins, shape (n, k, 2) to (n, 2)."""
    if not rows.size:
        return np.zeros((0, 2), np.int8)
    return np.stack((rows[:, :, 0].min(axis=1), rows[:, :, 1].max(axis=1)), axis=1)
