"""The caller by WebRTC: decoded frames with RTP times in, audio packets at true sample positions out.

Over a WebSocket the page counts its samples. By WebRTC it can't know which of them were sent, so the endpoint
places the first frame of a connection by the session clock, an estimate, and all others by their RTP times.
"""

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from workbench.audio.resampling import Resampler
from workbench.audio.streams import Encoder, encoder_for
from workbench.core.audio import Encoded, Samples
from workbench.endpoint.media import Streams
from workbench.protocol.packets import AudioPacket, Direction, pack

RTC_RATE = 48_000
"""Samples per second of Opus by RTP (RFC 7587)."""

DELAY = 0.06
"""Seconds from the capture of a frame to here, at the quickest, as measured: a frame, Opus, and a jitter
buffer of four packets."""

SETTLE = 10
"""Frames that are waited for before the first is placed: the quickest of them tells when it was captured."""

CLOCK_WAIT = 50
"""Frames that are waited for while the page has sent no ``audio-clock``; then the first is where expected."""

SILENCE_MAX = 2.0
"""Seconds of silence put before the first frame of a session's stream; more is a gap."""


class _Early(NamedTuple):
    """A frame that waits to be placed."""

    time: int
    samples: Samples
    arrived: float
    """Session time."""


@dataclass(slots=True)
class Ear:
    """Places one connection's frames in the caller's stream.

    Parameters
    ----------
    streams : of the session
    """

    streams: Streams
    zero: float | None = field(init=False)
    """Session time of the stream's sample 0, once the page has said it."""
    _early: list[_Early] = field(default_factory=list)
    _packets: int = field(init=False)
    _base: int | None = None
    _origin: int = 0
    """RTP time that belongs to position ``_base``."""
    _expected: int = 0
    """RTP time of the next frame."""
    _encoder: Encoder = field(init=False)
    _resampler: Resampler = field(init=False)

    def __post_init__(self) -> None:
        self.zero, self._packets = self.streams.zero, self.streams.packet
        self._begin(self.streams.position)

    def hear(self, time: int, samples: Samples) -> list[bytes]:
        """Return the packets that a frame completes.

        Parameters
        ----------
        time : RTP time of its first sample, 48,000 a second, without wrapping
        samples : shape (n,), mono, -1..1, at 48 kHz
        """
        if self._base is not None:
            return [self._packed(one) for one in self._fed(time, samples)]
        self._early.append(_Early(time, samples, self.streams.now()))
        if len(self._early) < (SETTLE if self.zero is not None else CLOCK_WAIT):
            return []
        made = self._placed()
        return [self._packed(one) for one in made]

    def _placed(self) -> list[Encoded]:
        """Place the frames that have waited, and return what they bring; those captured too early go."""
        expected, rate, early = self.streams.position, self.streams.input.rate, self._early
        self._early = []
        first, place = early[0].time, expected
        if self.zero is not None:
            offset = min(one.arrived - (one.time - first) / RTC_RATE for one in early)
            place = round((offset - DELAY - self.zero) * rate)
        while early and place < expected:
            gone = early.pop(0)
            following = early[0].time if early else gone.time + len(gone.samples)
            place += round((following - gone.time) * rate / RTC_RATE)
            first = following
        if place < expected:
            return []  # all was captured before the stream began, or is known: more will come
        self._base, self._origin, self._expected = place, first, first
        made: list[Encoded] = []
        ahead = place - expected
        if expected == 0 and 0 < ahead <= SILENCE_MAX * rate:
            made += self._encoder.feed(np.zeros(ahead, np.float32))
        elif ahead:
            self._begin(place)
        for one in early:
            made += self._fed(one.time, one.samples)
        return made

    def _fed(self, time: int, samples: Samples) -> list[Encoded]:
        if time < self._expected:
            return []  # it comes a second time, or too late
        if time > self._expected:  # lost on the way: the receiver fills the place
            self._begin(self._place(time))
        self._expected = time + len(samples)
        return self._encoder.feed(self._resampler.feed(samples))

    def _place(self, time: int) -> int:
        base = self._base or 0
        return base + round((time - self._origin) * self.streams.input.rate / RTC_RATE)

    def _begin(self, position: int) -> None:
        """Go on at a position that does not follow from what was fed."""
        audio_format = self.streams.input
        size = audio_format.frame_samples
        self._resampler = Resampler(RTC_RATE, audio_format.rate)
        self._encoder = encoder_for(audio_format, packet=size)
        if position >= self._encoder.preroll:
            self._encoder = encoder_for(audio_format, packet=size, position=position)

    def _packed(self, one: Encoded) -> bytes:
        packet = AudioPacket(
            direction=Direction.CALLER, seq=self._packets, position=one.position, payload=one.payload
        )
        self._packets += 1
        return pack(packet)
