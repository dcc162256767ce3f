"""Both tracks as one playable stereo file inside the page: the caller left, the agent right."""

from base64 import b64encode
from io import BytesIO

import numpy as np
import numpy.typing as npt
import soundfile
import soxr

from workbench.core.audio import Samples
from workbench.store.recording import Recording

BYTES_MAX = 4_000_000
"""Largest file put into a page; about 5.3 MB of text."""

_OPUS_RATE = 16_000


def audio_uri(recording: Recording, *, bytes_max: int = BYTES_MAX) -> str | None:
    """Return a data URI: lossless FLAC, or Opus when that is over ``bytes_max``, or None when both are."""
    rate = max(recording.caller_rate, recording.agent_rate)
    uri = _encoded(_stereo(recording, rate), rate, "FLAC", "PCM_16", "audio/flac", bytes_max)
    return uri or _encoded(_stereo(recording, _OPUS_RATE), _OPUS_RATE, "OGG", "OPUS", "audio/ogg", bytes_max)


def _stereo(recording: Recording, rate: int) -> npt.NDArray[np.float32]:
    sides = [
        _at(recording.caller, recording.caller_rate, rate),
        _at(recording.agent, recording.agent_rate, rate),
    ]
    both = np.zeros((max(map(len, sides)), 2), dtype=np.float32)
    for channel, side in enumerate(sides):
        both[: len(side), channel] = side
    return np.clip(both, -1.0, 1.0)


def _at(samples: Samples, own: int, rate: int) -> Samples:
    if own == rate or not len(samples):
        return samples
    result: Samples = soxr.resample(samples, own, rate)
    return result


def _encoded(
    stereo: npt.NDArray[np.float32], rate: int, container: str, subtype: str, kind: str, bytes_max: int
) -> str | None:
    if not len(stereo):
        return None
    held = BytesIO()
    soundfile.write(held, stereo, rate, format=container, subtype=subtype)
    data = held.getvalue()
    return None if len(data) > bytes_max else f"data:{kind};base64,{b64encode(data).decode('ascii')}"
