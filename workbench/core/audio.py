"""Audio as values: formats, and frames at sample positions."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from workbench.errors import ParameterError

Samples: TypeAlias = npt.NDArray[np.float32]
"""Mono samples, shape (n,), in -1..1."""

RATES = (8_000, 16_000, 24_000, 48_000)
"""Sample rates in Hz that a session may negotiate."""

FRAME_SECONDS = 0.02
"""Length of a frame on the wire, unless its sender says otherwise."""


OPUS_BITRATE = 32_000
"""Bits per second of Opus unless its user says otherwise: plenty for one voice."""

OPUS_BITRATES = (6_000, 128_000)
"""Least and most bits per second of Opus: below it is no speech, above it nobody hears a difference."""


def expect_samples(samples: npt.ArrayLike) -> Samples:
    """Return mono samples as float32; refuse what would be heard as noise.

    Raises
    ------
    ParameterError
        If they are integers, of more than one channel, or not numbers.
    """
    found = np.asarray(samples)
    if found.ndim != 1 or found.dtype.kind != "f":
        raise ParameterError(
            f"samples are {found.dtype} of shape {found.shape}, expected floats in -1..1 of shape (n,)"
        )
    if not np.isfinite(found).all():
        raise ParameterError("samples hold values that are not numbers")
    return found.astype(np.float32, copy=False)


class Encoding(StrEnum):
    """How samples are written on the wire."""

    PCM16 = "pcm16"
    """Signed 16-bit little-endian."""
    MULAW = "mulaw"
    """ITU-T G.711 mu-law, one byte a sample, 8 kHz."""
    OPUS = "opus"
    """RFC 6716, one packet for each 20 ms."""


@dataclass(frozen=True, slots=True)
class AudioFormat:
    """An encoding at a sample rate; mono."""

    encoding: Encoding = Encoding.PCM16
    rate: int = 16_000
    """Samples per second; of Opus the unit of positions, whatever bandwidth is coded."""
    bitrate: int = OPUS_BITRATE
    """Bits per second, of Opus only."""
    fec: bool = False
    """Whether Opus packets repeat their predecessor in brief, against loss (in-band FEC)."""

    def __post_init__(self) -> None:
        if self.rate not in RATES:
            raise ParameterError(f"rate is {self.rate} Hz, expected one of {', '.join(map(str, RATES))}")
        if (self.encoding is Encoding.MULAW) != (self.rate == 8_000):
            raise ParameterError(
                f"{self.encoding.value} at {self.rate} Hz is not offered, "
                "expected pcm16 or opus at 16000, 24000 or 48000 Hz, or mulaw at 8000 Hz"
            )
        if not OPUS_BITRATES[0] <= self.bitrate <= OPUS_BITRATES[1]:
            low, high = OPUS_BITRATES
            raise ParameterError(f"bitrate is {self.bitrate} bits per second, expected {low} to {high}")
        if self.encoding is not Encoding.OPUS and (self.bitrate, self.fec) != (OPUS_BITRATE, False):
            raise ParameterError(f"{self.encoding.value} has neither bitrate nor fec, expected opus")

    @property
    def bytes_per_sample(self) -> int:
        """Return 2 for PCM16, 1 for mu-law.

        Raises
        ------
        ParameterError
            For Opus, whose packets have the size they need.
        """
        if self.encoding is Encoding.OPUS:
            raise ParameterError("opus has no fixed number of bytes per sample, expected pcm16 or mulaw")
        return 1 if self.encoding is Encoding.MULAW else 2

    @property
    def frame_samples(self) -> int:
        """Return the samples in one 20 ms frame."""
        return round(self.rate * FRAME_SECONDS)


class Frame(NamedTuple):
    """A run of samples at a known place of its stream. A tuple: many are made."""

    position: int
    """Samples of the stream before this frame."""
    samples: Samples
    rate: int
    """Samples per second."""

    @property
    def end(self) -> int:
        """Return the position just after the last sample."""
        return self.position + len(self.samples)


class Encoded(NamedTuple):
    """A packet's worth of a stream, encoded."""

    position: int
    """Samples of the stream before what the packet brings."""
    samples: int
    """How many samples the packet brings."""
    payload: bytes

    @property
    def end(self) -> int:
        """Return the position just after the last sample."""
        return self.position + self.samples


class Reframer:
    """Cuts a stream of frames into frames of one size, as they come.

    A gap in positions ends the frame before it, so that no frame spans a loss.

    Parameters
    ----------
    size : samples in each frame, at least 1
    """

    def __init__(self, size: int) -> None:
        if size < 1:
            raise ParameterError(f"frame size is {size} samples, expected at least 1")
        self._size = size
        self._rate = 0
        self._position = 0
        self._held: Samples = np.zeros(0, np.float32)

    def feed(self, frame: Frame) -> list[Frame]:
        """Return the frames completed by ``frame``.

        Raises
        ------
        ParameterError
            If the rate changes, or ``frame`` starts before the end of the last.
        """
        done: list[Frame] = []
        samples, position, size = frame.samples, frame.position, self._size
        if self._rate:
            end = self._position + len(self._held)
            if self._rate != frame.rate:
                raise ParameterError(f"rate changed from {self._rate} to {frame.rate} Hz inside one stream")
            if position < end:
                raise ParameterError(f"frame starts at {position}, expected at least {end}")
            if position > end:
                done = self.flush()
            elif len(self._held):
                samples, position = np.concatenate((self._held, samples)), self._position
        self._rate = frame.rate
        cut = 0
        while cut + size <= len(samples):
            done.append(Frame(position + cut, samples[cut : cut + size], frame.rate))
            cut += size
        self._held, self._position = samples[cut:], position + cut
        return done

    def flush(self) -> list[Frame]:
        """Return what is held, shorter than ``size``, and hold nothing."""
        rate, self._rate = self._rate, 0
        held, self._held = self._held, self._held[:0]
        return [Frame(self._position, held, rate)] if len(held) else []


def reframe(frames: Iterable[Frame], size: int) -> Iterator[Frame]:
    """Yield the same samples in frames of ``size``; the last, and one before a gap, may be shorter.

    Raises
    ------
    ParameterError
        If ``size`` is below 1, the rate changes, or a frame starts before the end of the last.
    """
    reframer = Reframer(size)
    for frame in frames:
        yield from reframer.feed(frame)
    yield from reframer.flush()
