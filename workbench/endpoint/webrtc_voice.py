"""The agent by WebRTC: packets of replies in, one frame of 20 ms after the other out, silence between.

A pure object; whoever takes the frames is its clock. The page hears one endless track, so it is told when a
reply begins to sound in it, and when it falls silent, and at which sample.
"""

from collections import deque
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from workbench.audio.resampling import Resampler
from workbench.audio.streams import Decoder, decoder_for
from workbench.core.audio import AudioFormat, Samples
from workbench.endpoint.webrtc_ear import RTC_RATE
from workbench.protocol.packets import AudioPacket

FRAME = RTC_RATE // 50
"""Samples of a frame."""

FADE = 144
"""Samples over which sound that stops short fades: 3 ms; else there is a click."""

WAITING_MAX = 120 * RTC_RATE
"""Samples that may wait; what comes beyond is dropped. An endpoint sends about a second ahead."""


class Change(NamedTuple):
    """A reply begins to sound with the frame at hand, or is silent from it on."""

    reply: int
    position: int
    """Samples of the reply before that moment, at the session's output rate."""
    sounding: bool


@dataclass(slots=True)
class Voice:
    """Turns one session's reply packets into frames.

    Parameters
    ----------
    audio_format : of the agent's stream
    """

    audio_format: AudioFormat
    _reply: int = 0
    """The newest that came."""
    _taken: int = 0
    """Where its next packet begins, if none is missing."""
    _waiting: deque[tuple[int, int, Samples]] = field(default_factory=deque)
    """Reply, place in it, samples; both at 48 kHz."""
    _held: int = 0
    _place: int = 0
    """Where what comes next of the newest reply lies in it."""
    _paused: bool = False
    _flushed: int = 0
    """Replies up to this one are not heard any more."""
    _sounding: tuple[int, int] | None = None
    """The reply that sounds, and how far it has."""
    _last: float = 0.0
    _decoder: Decoder = field(init=False)
    _resampler: Resampler = field(init=False)

    def __post_init__(self) -> None:
        self._begin(0, 0)

    def add(self, packet: AudioPacket) -> int:
        """Take in a packet; return the position after its last sample. Raises ProtocolError."""
        if packet.reply != self._reply:
            self._begin(packet.reply, packet.position)
        missing = packet.position - self._taken
        if missing > 0:
            gap = np.zeros(missing, np.float32)
            self._append(self._resampler.feed(gap))
            self._taken += missing
        samples = self._decoder.decode(packet.payload, packet.position)
        new = samples[max(0, -missing) :]
        self._taken += len(new)
        self._append(self._resampler.feed(new))
        return packet.position + len(samples)

    def control(self, action: str, reply: int, samples: int) -> None:
        """Do what a ``playback-control`` says."""
        if action == "flush":
            self._flushed = max(self._flushed, reply)
            self._waiting = deque(one for one in self._waiting if one[0] > reply)
            self._held = sum(len(one[2]) for one in self._waiting)
            self._paused = False
        elif action == "pause":
            self._paused = True
        elif action == "resume":
            self._paused = False
        elif action == "end" and reply == self._reply:
            self._append(self._resampler.flush())
            self._cut(samples)

    def pull(self) -> tuple[Samples, list[Change]]:
        """Return the next frame and what changes with it."""
        frame = np.zeros(FRAME, np.float32)
        changes: list[Change] = []
        done = 0
        while done < FRAME and self._waiting and not self._paused:
            reply, place, samples = self._waiting.popleft()
            if self._sounding is None or self._sounding[0] != reply:
                self._fall_silent(changes)
                changes.append(Change(reply, self._position(place), sounding=True))
            count = min(FRAME - done, len(samples))
            frame[done : done + count] = samples[:count]
            if count < len(samples):
                self._waiting.appendleft((reply, place + count, samples[count:]))
            self._sounding = reply, place + count
            self._held -= count
            done += count
        if done < FRAME:
            self._fall_silent(changes)
            last = float(frame[done - 1]) if done else self._last
            length = min(FADE, FRAME - done)
            frame[done : done + length] = last * np.linspace(1, 0, length, dtype=np.float32)
        self._last = float(frame[-1])
        return frame, changes

    def _fall_silent(self, changes: list[Change]) -> None:
        if self._sounding is not None:
            reply, place = self._sounding
            changes.append(Change(reply, self._position(place), sounding=False))
            self._sounding = None

    def _begin(self, reply: int, position: int) -> None:
        self._reply, self._taken = reply, position
        self._place = round(position * RTC_RATE / self.audio_format.rate)
        self._decoder = decoder_for(self.audio_format)
        self._resampler = Resampler(self.audio_format.rate, RTC_RATE)

    def _append(self, samples: Samples) -> None:
        place, self._place = self._place, self._place + len(samples)
        if len(samples) and self._reply > self._flushed and self._held < WAITING_MAX:
            self._waiting.append((self._reply, place, samples))
            self._held += len(samples)

    def _cut(self, samples: int) -> None:
        """Drop what lies beyond the reply's end: the padding of its last packet."""
        end = round(samples * RTC_RATE / self.audio_format.rate)
        while self._waiting and self._waiting[-1][0] == self._reply:
            reply, place, piece = self._waiting.pop()
            self._held -= len(piece)
            if place < end:
                self._waiting.append((reply, place, piece[: end - place]))
                self._held += len(self._waiting[-1][2])
                return

    def _position(self, place: int) -> int:
        return round(place * self.audio_format.rate / RTC_RATE)
