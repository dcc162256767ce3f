"""Audio as values: formats, and frames at sample positions."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from workbench.errors import ParameterError

Samples: TypeAlias = npt.NDArray[np.float32]
"""Mono samples, shape (n,), in -1..1."""

RATES = (8_000, 16_000, 24_000, 48_000)
"""Sample rates in Hz that a session may negotiate."""

FRAME_SECONDS = 0.02
"""Length of a frame on the wire, unless its sender says otherwise."""


class Encoding(StrEnum):
    """How samples are written on the wire."""

    PCM16 = "pcm16"
    """Signed 16-bit little-endian."""
    MULAW = "mulaw"
    """ITU-T G.711 mu-law, one byte a sample, 8 kHz."""


@dataclass(frozen=True, slots=True)
class AudioFormat:
    """An encoding at a sample rate; mono."""

    encoding: Encoding = Encoding.PCM16
    rate: int = 16_000
    """Samples per second."""

    def __post_init__(self) -> None:
        if self.rate not in RATES:
            raise ParameterError(f"rate is {self.rate} Hz, expected one of {', '.join(map(str, RATES))}")
        if (self.encoding is Encoding.MULAW) != (self.rate == 8_000):
            raise ParameterError(
                f"{self.encoding.value} at {self.rate} Hz is not offered, "
                "expected pcm16 at 16000, 24000 or 48000 Hz, or mulaw at 8000 Hz"
            )

    @property
    def bytes_per_sample(self) -> int:
        """Return 2 for PCM16, 1 for mu-law."""
        return 1 if self.encoding is Encoding.MULAW else 2

    @property
    def frame_samples(self) -> int:
        """Return the samples in one 20 ms frame."""
        return round(self.rate * FRAME_SECONDS)


@dataclass(frozen=True, slots=True)
class Frame:
    """A run of samples at a known place of its stream."""

    position: int
    """Samples of the stream before this frame."""
    samples: Samples
    rate: int
    """Samples per second."""

    @property
    def end(self) -> int:
        """Return the position just after the last sample."""
        return self.position + len(self.samples)


def reframe(frames: Iterable[Frame], size: int) -> Iterator[Frame]:
    """Yield the same samples in frames of ``size``; the last may be shorter.

    A gap in positions ends the frame before it, so that no frame spans a loss.

    Raises
    ------
    ParameterError
        If ``size`` is below 1, the rate changes, or a frame starts before the end of the last.
    """
    if size < 1:
        raise ParameterError(f"frame size is {size} samples, expected at least 1")
    held: list[Samples] = []
    length, start, expected, rate = 0, 0, None, None
    for frame in frames:
        if rate not in (None, frame.rate):
            raise ParameterError(f"rate changed from {rate} to {frame.rate} Hz inside one stream")
        if expected is not None and frame.position < expected:
            raise ParameterError(f"frame starts at {frame.position}, expected at least {expected}")
        rate = frame.rate
        if expected is not None and frame.position > expected and length:
            yield Frame(start, np.concatenate(held), rate)
            held, length = [], 0
        if not length:
            start = frame.position
        expected = frame.end
        held.append(frame.samples)
        length += len(frame.samples)
        if length >= size:
            joined = np.concatenate(held)
            whole = length - length % size
            for offset in range(0, whole, size):
                yield Frame(start + offset, joined[offset : offset + size], rate)
            held, length, start = [joined[whole:]], length - whole, start + whole
    if length and rate is not None:
        yield Frame(start, np.concatenate(held), rate)
