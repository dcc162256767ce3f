"""Sample rates changed while the audio streams, with a few milliseconds of delay.

A library made for files (soxr) holds back 37 to 115 ms of a stream, which a conversation can't spare. This
one is a windowed sinc as a polyphase bank: it looks :data:`ZERO_CROSSINGS` samples of the lower rate ahead
(4 ms at 8 kHz, 2 ms at 16 kHz) and gives out everything else at once.
"""

from functools import lru_cache
from math import ceil, gcd

import numpy as np
import numpy.typing as npt

from workbench.core.audio import Samples
from workbench.errors import ParameterError

ZERO_CROSSINGS = 32
"""Half length of the filter, in samples of the lower rate."""

_BETA = 7.857  # Kaiser window for 80 dB of stopband (Kaiser 1974): 0.1102 * (80 - 8.7)
_PASSBAND = 0.92  # the -6 dB point over the lower Nyquist frequency; the stopband starts just at 1


class Resampler:
    """Turns a stream at ``rate_in`` Hz into one at ``rate_out`` Hz.

    Output sample ``k`` is the input at second ``k / rate_out``: nothing is shifted, the delay is only that
    the last ``delay`` seconds wait for what follows. However the stream is cut, the output is the same. Flat
    within 0.01 dB up to 0.83 of the lower Nyquist frequency, what lies above it is 75 dB down. Equal rates
    pass through untouched.
    """

    def __init__(self, rate_in: int, rate_out: int) -> None:
        if rate_in < 1 or rate_out < 1:
            raise ParameterError(f"rates are {rate_in} and {rate_out} Hz, expected at least 1")
        common = gcd(rate_in, rate_out)
        self._up, self._down = rate_out // common, rate_in // common
        self._half = ceil(ZERO_CROSSINGS * max(1.0, rate_in / rate_out))
        self._bank = _filters(self._up, self._down, self._half)
        self.delay = 0.0 if self._up == self._down else self._half / rate_in
        """Seconds of input that wait for what follows."""
        self._restart()

    def _restart(self) -> None:
        self._held: Samples = np.zeros(self._half - 1, dtype=np.float32)
        self._first = 1 - self._half  # stream position of _held[0]
        self._taken = 0
        self._given = 0

    def feed(self, samples: Samples) -> Samples:
        """Return what can be given out now; shape (n,), may be empty."""
        if self._up == self._down:
            return samples
        self._taken += len(samples)
        self._held = np.concatenate((self._held, samples))
        # output k needs input up to k * down // up + half
        last = ((self._taken - self._half) * self._up - 1) // self._down
        return self._give(max(self._given, last + 1))

    def flush(self) -> Samples:
        """Return the rest of the stream, as if silence followed, and be ready for a new one."""
        if self._up == self._down:
            return np.zeros(0, dtype=np.float32)
        self._held = np.concatenate((self._held, np.zeros(self._half, dtype=np.float32)))
        rest = self._give(ceil(self._taken * self._up / self._down))
        self._restart()
        return rest

    def _give(self, end: int) -> Samples:
        if end <= self._given:
            return np.zeros(0, dtype=np.float32)
        ticks = np.arange(self._given, end, dtype=np.int64) * self._down
        starts = ticks // self._up - self._half + 1 - self._first
        windows = np.lib.stride_tricks.sliding_window_view(self._held, 2 * self._half)
        out: Samples = np.einsum("ij,ij->i", windows[starts], self._bank[ticks % self._up])
        self._given = end
        unneeded = end * self._down // self._up - self._half + 1 - self._first
        if unneeded > 0:
            self._held = self._held[unneeded:]
            self._first += unneeded
        return out


@lru_cache(maxsize=16)
def _filters(up: int, down: int, half: int) -> npt.NDArray[np.float32]:
    """Return one filter a phase, shape (up, 2 * half); each sums to 1, so that a constant stays one."""
    cutoff = _PASSBAND * min(1.0, up / down)  # over the input's Nyquist frequency
    phase = np.arange(up)[:, None] / up
    distance = phase + half - 1 - np.arange(2 * half)[None, :]  # in input samples
    window = np.i0(_BETA * np.sqrt(np.clip(1 - (distance / half) ** 2, 0, 1)))
    bank = np.sinc(cutoff * distance) * window
    result: npt.NDArray[np.float32] = (bank / bank.sum(axis=1, keepdims=True)).astype(np.float32)
    result.flags.writeable = False
    return result
