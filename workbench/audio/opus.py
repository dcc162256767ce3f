"""Opus: one packet for each 20 ms, at true sample positions.

An encoder looks 6.5 ms ahead: what its first packet decodes to begins 6.5 ms *before* the stream. Everywhere
in the workbench the position of a packet is that of the sample it truly brings, so the packet at position 0
brings 6.5 ms less than 20 ms, and every later one begins 6.5 ms earlier than what was put in with it.

The codec is libopus (BSD) through ``opuslib-next-bundled`` (BSD), whose wheels hold nothing else. It is young
and small; only this module knows it. PyAV, which WebRTC needs, would serve too, but its wheels bring
x264 and x265, which are GPL, and it can neither conceal a loss nor use in-band FEC. Measured on one core of a
server: 0.2 to 0.45 ms to encode 20 ms, 0.05 to 0.13 ms to decode, so both stay on the event loop.
"""

import math
from typing import Any

import numpy as np

from workbench.core.audio import FRAME_SECONDS, AudioFormat, Encoded, Samples
from workbench.errors import EngineMissing, ParameterError, ProtocolError

PACKET_MAX = 1_275
"""Most bytes of one frame (RFC 6716, 3.2.1)."""

CONCEALED_MAX = 5
"""Frames of a gap that are concealed; a longer one is silence, and the decoder begins anew."""

PREROLL = 0.08
"""Seconds an encoder that begins inside a stream should begin before the place that is listened to: what a
decoder needs to converge (RFC 7845, 4.6)."""

EXPECTED_LOSS = 15
"""Percent of packets an encoder with FEC reckons to be lost."""


def pre_skip(rate: int) -> int:
    """Return how many samples an encoder looks ahead."""
    return rate * 13 // 2_000


class OpusEncoder:
    """Encodes one stream.

    Parameters
    ----------
    audio_format : Opus, with bitrate and FEC
    position : where in the stream the samples begin: at its start, or no less than ``preroll`` after it

    Raises
    ------
    EngineMissing
        If the library is not installed.
    ParameterError
        If ``position`` is between, or the library looks further ahead than others.
    """

    def __init__(self, audio_format: AudioFormat, position: int = 0) -> None:
        self._size = audio_format.frame_samples
        self._skip = pre_skip(audio_format.rate)
        self.preroll = round(PREROLL * audio_format.rate)
        """Samples before the place that is listened to with which a stream should begin."""
        if 0 < position < self.preroll:
            raise ParameterError(f"position is {position}, expected 0 or at least {self.preroll}")
        self._position = position - self._skip
        self._held: Samples = np.zeros(0, np.float32)
        # "voip" filters a voice's fundamental, 4 dB of signal to noise in place of 18; but always can do FEC
        self._encoder = _library().Encoder(audio_format.rate, 1, "voip" if audio_format.fec else "audio")
        self._encoder.inband_fec = int(audio_format.fec)
        self._encoder.packet_loss_perc = EXPECTED_LOSS if audio_format.fec else 0
        self._encoder.bitrate = audio_format.bitrate
        if self._encoder.lookahead != self._skip:
            found = self._encoder.lookahead
            raise ParameterError(f"this libopus looks {found} samples ahead, expected {self._skip}")

    def set_bitrate(self, bitrate: int) -> None:
        """Use so many bits per second from the next packet on."""
        self._encoder.bitrate = bitrate

    def feed(self, samples: Samples) -> list[Encoded]:
        """Return the packets that ``samples`` complete; what is short of 20 ms waits."""
        self._held = np.concatenate((self._held, samples)) if len(self._held) else samples
        packets: list[Encoded] = []
        done = 0
        while done + self._size <= len(self._held):
            packets.append(self._encode(self._held[done : done + self._size]))
            done += self._size
        self._held = self._held[done:]
        return packets

    def flush(self) -> list[Encoded]:
        """Return the packets that bring the rest, with silence after it, and be done with the stream."""
        whole = math.ceil((len(self._held) + self._skip) / self._size) * self._size
        return self.feed(np.zeros(whole - len(self._held), np.float32))

    def _encode(self, frame: Samples) -> Encoded:
        # what is no number would be heard for seconds: the encoder remembers
        sound = np.nan_to_num(frame.astype(np.float32, copy=False), nan=0.0, posinf=1.0, neginf=-1.0)
        payload: bytes = self._encoder.encode_float(sound.tobytes(), self._size)
        start, self._position = self._position, self._position + self._size
        return Encoded(max(0, start), self._size + min(0, start), payload)


class OpusDecoder:
    """Decodes one stream, or the next after a reset.

    Parameters
    ----------
    rate : samples per second, whatever the encoder's

    Raises
    ------
    EngineMissing
        If the library is not installed.
    """

    def __init__(self, rate: int) -> None:
        self._size = round(rate * FRAME_SECONDS)
        self._skip = pre_skip(rate)
        library = _library()
        self._failure: type[Exception] = library.exceptions.OpusError
        self._decoder = library.Decoder(rate, 1)
        self._length = library.api.decoder.get_nb_samples

    def decode(self, payload: bytes, position: int) -> Samples:
        """Return the samples from ``position`` on that a packet brings: 20 ms, the first of a stream fewer.

        Raises
        ------
        ProtocolError
            ``bad-audio``, if it is no packet of 20 ms; then it has left no trace in the decoder.
        """
        self._check(payload)
        if not position:  # a stream begins, maybe again
            self._decoder.reset_state()
        samples = self._samples(payload, fec=False)
        return samples if position else samples[self._skip :]

    def conceal(self, payload: bytes, gap: int) -> Samples:
        """Return what stands for the last of ``gap`` samples missing before ``payload``, at most so many.

        The last frame comes from the packet itself if it repeats its predecessor in brief; the others are
        what went before, faded. What is not returned is silence.
        """
        frames = gap // self._size
        if frames > CONCEALED_MAX:
            self._decoder.reset_state()
            return np.zeros(0, np.float32)
        self._check(payload)
        pieces = [self._samples(b"", fec=False) for _ in range(frames - 1)]
        if frames:
            pieces.append(self._samples(payload, fec=True))
        return np.concatenate(pieces) if pieces else np.zeros(0, np.float32)

    def _check(self, payload: bytes) -> None:
        size = len(payload)
        if not 0 < size <= PACKET_MAX:
            raise ProtocolError("bad-audio", f"{size} bytes of opus, expected 1 to {PACKET_MAX}")
        try:
            count = self._length(self._decoder.decoder_state, payload, size)
        except self._failure:
            raise ProtocolError("bad-audio", f"{size} bytes that are no opus packet") from None
        if count != self._size:
            raise ProtocolError("bad-audio", f"an opus packet of {count} samples, expected {self._size}")

    def _samples(self, payload: bytes, *, fec: bool) -> Samples:
        """Return 20 ms: what the packet brings, what it says of the one before, or (empty) a guess."""
        try:
            data = self._decoder.decode_float(payload, self._size, fec)
        except self._failure:
            raise ProtocolError("bad-audio", f"{len(payload)} bytes of opus that can't be decoded") from None
        samples: Samples = np.clip(np.frombuffer(data, np.float32), -1, 1)
        return samples


def _library() -> Any:
    try:
        import opuslib_next  # loads a library of the system's own kind: not before it is needed
    except (ImportError, OSError, RuntimeError) as error:  # not there, or not for this system
        raise EngineMissing("opus", "opuslib-next-bundled", "speech") from error
    return opuslib_next
