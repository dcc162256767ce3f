"""Whether a reading can come from the audio: Whisper invents words for silence and noise, and loops.

Words need some sound, a model that is sure enough of them, and no more letters than anyone speaks in that
time. This comes after voice activity, not instead of it.
"""

import re
from dataclasses import dataclass
from statistics import fmean

import numpy as np
import numpy.typing as npt

from workbench.core.audio import Samples
from workbench.speech.ports import RECOGNIZER_RATE
from workbench.speech.recognizers.agreement import comparable
from workbench.speech.recognizers.repetition import before_repeat, too_fast
from workbench.speech.recognizers.whisper_decoder import Reading

STEP = 160
"""Samples of one level: 10 ms."""
_DRAWN_OUT = re.compile(r"([^\W\d_])\1{4,}")  # one letter five times: what a tone is read as


@dataclass(frozen=True, slots=True, kw_only=True)
class Plausible:
    """Where belief ends.

    Measured when chosen: 5 of 622 partials and none of 84 finals of real speech are disbelieved; of 30 sounds
    without speech (silence, noise, hum, tones, offices), each read with and without a vocabulary, none
    gives a word in a partial or a final.
    """

    quietest_db: float = -60.0
    """Level below which nothing counts as speech, dB below full scale."""
    least_sound: float = 0.08
    """Seconds of sound needed."""
    least_log_probability: float = -1.4
    """Mean log probability of the tokens below which nothing is believed."""
    least_confidence: float = 0.3
    """Mean probability of the words below which nothing is believed."""
    no_speech: float = 0.5
    """Above this probability of no speech a reading is doubtful: it must be likelier, and repeat nothing."""
    doubtful_log_probability: float = -0.6
    doubtful_confidence: float = 0.5


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
    """Return ``reading``, or None if it can't come from ``samples``."""
    parts = comparable(reading.text)
    if not parts or _DRAWN_OUT.search(reading.text):
        return None
    sure = fmean(word.confidence for word in reading.words) if reading.words else 1.0
    if reading.log_probability < plausible.least_log_probability or sure < plausible.least_confidence:
        return None
    if reading.no_speech > plausible.no_speech and (
        reading.log_probability < plausible.doubtful_log_probability
        or sure < plausible.doubtful_confidence
        or before_repeat(parts) < len(parts)
    ):
        return None
    if not reading.words:
        seconds = np.count_nonzero(sounding(levels_db(samples))) * STEP / RECOGNIZER_RATE
        return None if too_fast(parts, seconds) else reading
    return reading
