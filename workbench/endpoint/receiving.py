"""The caller's audio packets, put in order: gaps filled, duplicates dropped, rate changed."""

import math
from dataclasses import dataclass, field

import numpy as np

from workbench.audio.codecs import decode
from workbench.audio.resampling import Resampler
from workbench.core.audio import AudioFormat, Frame, Samples
from workbench.core.events import AudioIn
from workbench.errors import ProtocolError
from workbench.protocol.native import MAX_PACKET_SAMPLES, AudioPacket, Direction
from workbench.speech.ports import RECOGNIZER_RATE

GAP_MAX = 2.0
"""Seconds of silence put in for a gap; a longer one is refused."""


@dataclass(slots=True)
class Receiving:
    """Takes the packets of one caller in order of arrival.

    Parameters
    ----------
    audio_format : of the caller's stream
    """

    audio_format: AudioFormat
    position: int = 0
    """Samples of the caller's stream received, gaps included, at its own rate."""
    lost: int = 0
    """Samples missing since the last report."""
    _reported: int = 0
    _given: int = 0
    _resampler: Resampler = field(init=False)

    def __post_init__(self) -> None:
        self._resampler = Resampler(self.audio_format.rate, RECOGNIZER_RATE)

    def take(self, packet: AudioPacket, *, until: float = math.inf) -> tuple[Samples, Frame] | None:
        """Return the samples at the stream's own rate and the frame for the recogniser.

        None for a duplicate, or one that comes after its place was filled with silence. ``until`` is the
        second of the caller's stream that real time can have reached.

        Raises
        ------
        ProtocolError
            ``bad-packet`` or ``bad-audio``: an agent's packet, too many samples, half a sample, a gap of
            more than ``GAP_MAX`` seconds, or audio from beyond ``until``.
        """
        rate = self.audio_format.rate
        if packet.direction is not Direction.CALLER:
            raise ProtocolError("bad-packet", "an agent's packet came from the caller")
        samples = decode(packet.payload, self.audio_format)
        if not 0 < len(samples) <= MAX_PACKET_SAMPLES:
            raise ProtocolError(
                "bad-packet", f"{len(samples)} samples in a packet, expected 1 to {MAX_PACKET_SAMPLES}"
            )
        if packet.position < self.position:
            return None
        if packet.position > until * rate:
            raise ProtocolError("bad-packet", "audio came faster than real time")
        gap = packet.position - self.position
        if gap > GAP_MAX * rate:
            raise ProtocolError(
                "bad-packet",
                f"a gap of {gap / rate:.1f} s in the caller's stream, expected {GAP_MAX} at most",
            )
        if gap:
            samples = np.concatenate([np.zeros(gap, np.float32), samples])
            self.lost += gap
        self.position += len(samples)
        resampled = self._resampler.feed(samples)
        frame = Frame(self._given, resampled, RECOGNIZER_RATE)
        self._given += len(resampled)
        return samples, frame

    def report(self, captured: float | None) -> AudioIn | None:
        """Return what to record, once a second and after each gap."""
        rate = self.audio_format.rate
        if self.position - self._reported < rate and not self.lost:
            return None
        event = AudioIn(position=self.position, rate=rate, lost=self.lost, captured=captured)
        self._reported, self.lost = self.position, 0
        return event
