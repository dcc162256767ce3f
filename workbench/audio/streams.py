"""One stream encoded or decoded, packet after packet, whatever its encoding remembers."""

from typing import Protocol

import numpy as np

from workbench.audio.codecs import decode, encode
from workbench.audio.opus import OpusDecoder, OpusEncoder
from workbench.core.audio import AudioFormat, Encoded, Encoding, Samples


class Encoder(Protocol):
    """Turns one stream into packets."""

    @property
    def preroll(self) -> int:
        """Return how many samples before the place that is listened to a stream should begin."""

    def feed(self, samples: Samples) -> list[Encoded]:
        """Return the packets that ``samples`` complete."""

    def flush(self) -> list[Encoded]:
        """Return the packets that bring the rest; silence may follow it in the last."""


class Decoder(Protocol):
    """Turns the packets of one stream into samples."""

    def decode(self, payload: bytes, position: int) -> Samples:
        """Return the samples from ``position`` on; raises ProtocolError ``bad-audio``."""

    def conceal(self, payload: bytes, gap: int) -> Samples:
        """Return what stands for the last of ``gap`` samples before ``payload``; the others are silence."""


def encoder_for(audio_format: AudioFormat, *, packet: int, position: int = 0) -> Encoder:
    """Return what encodes a stream that begins at ``position``, in packets of at most ``packet`` samples.

    Opus packets are 20 ms, whatever ``packet`` says. Raises EngineMissing.
    """
    if audio_format.encoding is Encoding.OPUS:
        return OpusEncoder(audio_format, position)
    return _PlainEncoder(audio_format, packet, position)


def decoder_for(audio_format: AudioFormat) -> Decoder:
    """Return what decodes a stream; raises EngineMissing."""
    if audio_format.encoding is Encoding.OPUS:
        return OpusDecoder(audio_format.rate)
    return _PlainDecoder(audio_format)


class _PlainEncoder:
    """Encodes samples each for itself; nothing waits."""

    preroll = 0

    def __init__(self, audio_format: AudioFormat, packet: int, position: int) -> None:
        self._format, self._packet, self._position = audio_format, packet, position

    def feed(self, samples: Samples) -> list[Encoded]:
        packets: list[Encoded] = []
        for start in range(0, len(samples), self._packet):
            piece = samples[start : start + self._packet]
            packets.append(Encoded(self._position, len(piece), encode(piece, self._format)))
            self._position += len(piece)
        return packets

    def flush(self) -> list[Encoded]:
        return []


class _PlainDecoder:
    """Decodes samples each for itself; a gap is silence."""

    def __init__(self, audio_format: AudioFormat) -> None:
        self._format = audio_format

    def decode(self, payload: bytes, position: int) -> Samples:
        return decode(payload, self._format)

    def conceal(self, payload: bytes, gap: int) -> Samples:
        return np.zeros(0, np.float32)
