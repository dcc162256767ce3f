"""The caller by WebRTC: decoded frames with RTP times in, audio packets at true sample positions out.

Over a WebSocket the page counts its samples. By WebRTC it can't know which of them were sent, so the endpoint
places the first frame of a connection by the session clock, an estimate, and all others by their RTP times.
"""

from dataclasses import dataclass, field

import numpy as np

from workbench.audio.resampling import Resampler
from workbench.audio.streams import Encoder, encoder_for
from workbench.core.audio import Encoded, Samples
from workbench.endpoint.media import Streams
from workbench.protocol.native import AudioPacket, Direction, pack

RTC_RATE = 48_000
"""Samples per second of Opus by RTP (RFC 7587)."""

DELAY = 0.1
"""Seconds from capture to here: a frame, Opus, and a jitter buffer of four packets."""

CLOCK_WAIT = 1.0
"""Seconds that the page's ``audio-clock`` is waited for; then the stream begins where it is expected."""

SILENCE_MAX = 2.0
"""Seconds of silence put before the first frame of a session's stream; more is a gap."""


@dataclass(slots=True)
class Ear:
    """Places one connection's frames in the caller's stream.

    Parameters
    ----------
    streams : of the session
    """

    streams: Streams
    zero: float | None = None
    """Session time of the stream's sample 0, once the page has said it."""
    _since: float | None = None
    _packets: int = field(init=False)
    _base: int | None = None
    _origin: int = 0
    """RTP time that belongs to position ``_base``."""
    _expected: int = 0
    """RTP time of the next frame."""
    _encoder: Encoder = field(init=False)
    _resampler: Resampler = field(init=False)

    def __post_init__(self) -> None:
        self._packets = self.streams.packet
        self._begin(self.streams.position)

    def hear(self, time: int, samples: Samples) -> list[bytes]:
        """Return the packets that a frame completes.

        Parameters
        ----------
        time : RTP time of its first sample, 48,000 a second, without wrapping
        samples : shape (n,), mono, -1..1, at 48 kHz
        """
        made: list[Encoded] = []
        if self._base is None:
            if not self._begins(time, made):
                return []
        elif time < self._expected:
            return []  # it comes a second time, or too late
        elif time > self._expected:  # lost on the way: the receiver fills the place
            self._begin(self._place(time))
        self._expected = time + len(samples)
        made += self._encoder.feed(self._resampler.feed(samples))
        return [self._packed(one) for one in made]

    def _begins(self, time: int, made: list[Encoded]) -> bool:
        """Place the first frame, once it can be; return whether it was."""
        now, expected, rate = self.streams.now(), self.streams.position, self.streams.input.rate
        self._since = now if self._since is None else self._since
        if self.zero is None and now - self._since < CLOCK_WAIT:
            return False
        place = expected if self.zero is None else round((now - DELAY - self.zero) * rate)
        if place < expected:
            return False  # it was captured before the stream began, or is known
        self._base, self._origin = place, time
        ahead = self._base - expected
        if expected == 0 and 0 < ahead <= SILENCE_MAX * rate:
            made += self._encoder.feed(np.zeros(ahead, np.float32))
        elif ahead:
            self._begin(self._base)
        return True

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
