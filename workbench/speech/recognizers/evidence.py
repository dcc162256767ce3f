"""Whether a reading can come from the audio: Whisper invents words for silence and noise, and loops.

Words need some sound, a model that is sure enough of them, and no more letters than anyone speaks in that
time. This comes after voice activity, not instead of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from workbench.core.audio import Samples
from workbench.speech.ports import RECOGNIZER_RATE
from workbench.speech.recognizers.agreement import comparable
from workbench.speech.recognizers.whisper_decoder import Reading

STEP = 160
"""Samples of one level: 10 ms."""
FASTEST = 20.0
"""Letters a second that a text with repeats may have: conversational English has about 14."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plausible:
    """Where belief ends."""

    quietest_db: float = -60.0
    """Level below which nothing counts as speech, dB below full scale."""
    least_sound: float = 0.08
    """Seconds of sound needed."""
    no_speech: float = 0.6
    """Above this probability of no speech, the words must be likely ..."""
    log_probability: float = -0.7
    """... with at least this mean log probability for each token."""
    least_log_probability: float = -1.4
    """Below this nothing is believed."""


def levels_db(samples: Samples) -> npt.NDArray[np.float64]:
    """Return the level of each 10 ms in dB below a full-scale square wave, shape (n // 160,); least -120."""
    whole = samples[: len(samples) // STEP * STEP].reshape(-1, STEP)
    power = np.mean(np.square(whole, dtype=np.float64), axis=1)
    result: npt.NDArray[np.float64] = 10.0 * np.log10(np.maximum(power, 1e-12))
    return result


def sounding(levels: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
    """Return which of ``levels`` stand out from their background, shape as given.

    The threshold lies 9 dB over the quiet ones (10th percentile), or 20 dB under the loud ones (95th) if that
    is lower: audio that is loud throughout stands out throughout.
    """
    if not len(levels):
        return np.zeros(0, np.bool_)
    quiet, loud = np.percentile(levels, [10, 95])
    result: npt.NDArray[np.bool_] = levels > min(quiet + 9.0, loud - 20.0)
    return result


def has_sound(samples: Samples, plausible: Plausible) -> bool:
    """Tell whether ``samples`` hold anything that could be speech; cheap, before any decoding."""
    loud = np.count_nonzero(levels_db(samples) > plausible.quietest_db)
    return bool(loud * STEP / RECOGNIZER_RATE >= plausible.least_sound)


def believed(reading: Reading, samples: Samples, plausible: Plausible) -> Reading | None:
    """Return ``reading`` without what it repeats, or None if nothing of it can come from ``samples``."""
    if reading.log_probability < plausible.least_log_probability:
        return None
    doubtful = reading.no_speech > plausible.no_speech
    if doubtful and reading.log_probability < plausible.log_probability:
        return None
    if not comparable(reading.text):
        return None
    return unlooped(reading, samples)


def unlooped(reading: Reading, samples: Samples) -> Reading:
    """Return ``reading`` cut after its first copy of what it then repeats faster than anyone speaks."""
    parts = [word.text for word in reading.words] or reading.text.split()
    seconds = np.count_nonzero(sounding(levels_db(samples))) * STEP / RECOGNIZER_RATE
    keys = ["".join(comparable(part)) for part in parts]
    if sum(map(len, keys)) <= seconds * FASTEST:
        return reading
    kept = len(parts) - _repeated(keys)
    if kept == len(parts):
        return reading
    space = " " if " " in reading.text else ""
    return replace(reading, text=space.join(parts[:kept]), words=reading.words[:kept])


def _repeated(keys: Sequence[str]) -> int:
    """Return how many words at the end are copies of those before them; the last copy may be cut short."""
    for unit in range(1, len(keys) // 2 + 1):
        for tail in range(min(unit, len(keys) - 2 * unit + 1)):
            end = len(keys) - tail
            block = keys[end - unit : end]
            start = end - unit
            while start >= unit and keys[start - unit : start] == block:
                start -= unit
            if start < end - unit and keys[end:] == block[:tail]:
                return len(keys) - start - unit
    return 0
