"""The caller's audio packets, put in order: gaps filled, duplicates dropped, rate changed."""

import math
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from workbench.audio.resampling import Resampler
from workbench.audio.streams import Decoder, decoder_for
from workbench.core.audio import AudioFormat, Frame, Samples
from workbench.core.events import AudioIn
from workbench.errors import ProtocolError
from workbench.protocol.native import MAX_PACKET_SAMPLES
from workbench.protocol.packets import AudioPacket, Direction
from workbench.speech.ports import RECOGNIZER_RATE

GAP_MAX = 2.0
"""Seconds of silence put in for a gap: any turn has ended by then. More is passed over."""

GAPS_TOLD_EVERY = 0.1
"""Seconds of the stream between reports: a stream full of holes does not fill the timeline."""


class Taken(NamedTuple):
    """What one packet brought."""

    gap: int
    """Samples missing before it, at the stream's own rate."""
    samples: Samples
    """At the stream's own rate."""
    frame: Frame
    """The same for the recogniser, with silence for the gap."""


@dataclass(slots=True)
class Receiving:
    """Takes the packets of one caller in order of arrival.

    Parameters
    ----------
    audio_format : of the caller's stream
    position : where the stream goes on, if another process had its beginning
    """

    audio_format: AudioFormat
    position: int = 0
    """Samples of the caller's stream received, gaps included, at its own rate."""
    lost: int = 0
    """Samples missing since the last report."""
    _reported: int = 0
    _given: int = 0
    _resampler: Resampler = field(init=False)
    _decoder: Decoder = field(init=False)

    def __post_init__(self) -> None:
        self._reported = self.position
        self._given = round(self.position * RECOGNIZER_RATE / self.audio_format.rate)
        self._resampler = Resampler(self.audio_format.rate, RECOGNIZER_RATE)
        self._decoder = decoder_for(self.audio_format)

    def take(self, packet: AudioPacket, *, until: float = math.inf) -> Taken | None:
        """Return what ``packet`` adds to the stream.

        None for a duplicate, or one that comes after its place was filled with silence; of one that is partly
        known, the rest. ``until`` is the second of the caller's stream that real time can have reached.

        Raises
        ------
        ProtocolError
            ``bad-packet`` or ``bad-audio``: an agent's packet, too many samples, half a sample, or audio from
            beyond ``until``.
        """
        rate = self.audio_format.rate
        if packet.direction is not Direction.CALLER:
            raise ProtocolError("bad-packet", "an agent's packet came from the caller")
        if packet.position > until * rate:
            raise ProtocolError("bad-packet", "audio came faster than real time")
        gap = packet.position - self.position
        concealed = self._decoder.conceal(packet.payload, gap) if gap > 0 else None
        samples = self._decoder.decode(packet.payload, packet.position)
        if not 0 < len(samples) <= MAX_PACKET_SAMPLES:
            raise ProtocolError(
                "bad-packet", f"{len(samples)} samples in a packet, expected 1 to {MAX_PACKET_SAMPLES}"
            )
        if gap < 0:
            samples, gap = samples[-gap:], 0
            if not len(samples):
                return None
        filled = samples
        if concealed is not None:
            filled = self._filled(gap, np.concatenate([concealed, samples]), len(concealed))
        self.position += gap + len(samples)
        resampled = self._resampler.feed(filled)
        frame = Frame(self._given, resampled, RECOGNIZER_RATE)
        self._given += len(resampled)
        return Taken(gap, samples, frame)

    def _filled(self, gap: int, samples: Samples, concealed: int) -> Samples:
        """Return ``samples``, the first ``concealed`` of them made up, after silence for the rest of a gap.

        What a long gap has beyond that is passed over.
        """
        rate = self.audio_format.rate
        silent = min(gap - concealed, round(GAP_MAX * rate))
        self._given += round((gap - concealed - silent) * RECOGNIZER_RATE / rate)
        self.lost += gap
        return np.concatenate([np.zeros(silent, np.float32), samples])

    def report(self, captured: float | None) -> AudioIn | None:
        """Return what to record, once a second and after each gap; gaps close together are told as one."""
        since = (self.position - self._reported) / self.audio_format.rate
        if since < (GAPS_TOLD_EVERY if self.lost else 1.0):
            return None
        rate = self.audio_format.rate
        event = AudioIn(position=self.position, rate=rate, lost=self.lost, captured=captured)
        self._reported, self.lost = self.position, 0
        return event
