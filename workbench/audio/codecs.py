"""Samples to bytes and back, for the encodings that know no before and after: PCM and mu-law.

Mu-law after ITU-T G.711 as in the reference code of G.191: 14-bit magnitudes (negative samples by one's
complement), bias 33, encoded bytes inverted.
"""

from functools import cache

import numpy as np
import numpy.typing as npt

from workbench.core.audio import AudioFormat, Encoding, Samples
from workbench.errors import ProtocolError

_PCM_SCALE = 32_768.0
_PCM_INVERSE = np.float32(1 / _PCM_SCALE)


def encode(samples: Samples, audio_format: AudioFormat) -> bytes:
    """Return ``samples`` (float, -1..1, clipped beyond) as bytes of ``audio_format``, PCM or mu-law."""
    scaled = np.rint(samples * _PCM_SCALE)
    np.minimum(scaled, 32_767, out=scaled)
    np.maximum(scaled, -32_768, out=scaled)
    pcm = scaled.astype("<i2")
    if audio_format.encoding is Encoding.MULAW:
        return bytes(_mulaw_bytes(pcm).tobytes())
    return bytes(pcm.tobytes())


def decode(data: bytes, audio_format: AudioFormat) -> Samples:
    """Return the samples of ``data``, shape (n,), in -1..1.

    Raises
    ------
    ProtocolError
        ``bad-audio``, if the bytes don't make whole samples.
    """
    if len(data) % audio_format.bytes_per_sample:
        raise ProtocolError(
            "bad-audio",
            f"{len(data)} bytes of {audio_format.encoding.value}, expected a multiple of "
            f"{audio_format.bytes_per_sample}",
        )
    if audio_format.encoding is Encoding.MULAW:
        return _mulaw_table()[np.frombuffer(data, np.uint8)]
    # in one step; the scale is a power of two: exact
    samples: Samples = np.multiply(np.frombuffer(data, "<i2"), _PCM_INVERSE, dtype=np.float32)
    return samples


def _mulaw_bytes(pcm: npt.NDArray[np.int16]) -> npt.NDArray[np.uint8]:
    wide = pcm.astype(np.int32)
    sign = np.where(wide < 0, 0x80, 0)
    magnitude = np.minimum(np.where(wide < 0, ~wide, wide) >> 2, 8_158) + 33
    exponent = np.clip(np.floor(np.log2(magnitude)).astype(np.int32) - 5, 0, 7)
    mantissa = (magnitude >> (exponent + 1)) & 0x0F
    code: npt.NDArray[np.uint8] = (~(sign | exponent << 4 | mantissa) & 0xFF).astype(np.uint8)
    return code


@cache
def _mulaw_table() -> Samples:
    code = ~np.arange(256) & 0xFF
    exponent, mantissa = code >> 4 & 7, code & 0x0F
    magnitude = ((2 * mantissa + 33) << exponent) - 33
    values = np.where(code & 0x80, -magnitude, magnitude)
    return (values * 4 / _PCM_SCALE).astype(np.float32)
