"""What a page played, understood by the package's own recogniser."""

from functools import cache
from typing import Any

import numpy as np
import soxr
from browsing import heard

from workbench.audio.voice_activity import SileroVoiceActivity
from workbench.core.audio import Samples
from workbench.core.events import FinalTranscript
from workbench.speech.recognizers.stream import Listening, transcripts
from workbench.speech.recognizers.whisper import WhisperRecognizer

RATE = 16_000


@cache
def _recognizer() -> WhisperRecognizer:
    return WhisperRecognizer.load()


def words_heard(page: Any, since: float = 0.0) -> str:
    """Return what somebody beside the loudspeaker would have understood, lower case."""
    samples, rate = heard(page, since)
    at_rate = soxr.resample(samples, rate, RATE).astype(np.float32)
    found = transcripts(at_rate, _recognizer(), SileroVoiceActivity(), Listening(language="en"))
    return " ".join(each.text for each in found if isinstance(each, FinalTranscript)).lower()


def first_silence(samples: Samples, rate: int, *, under: float = 0.003, lasting: float = 0.3) -> float:
    """Return the second at which it falls silent for ``lasting`` seconds; the end if it never does."""
    loud = np.flatnonzero(np.abs(np.append(samples, np.zeros(int(lasting * rate) + 1))) > under)
    quiet = np.flatnonzero(np.diff(loud) > lasting * rate)
    last = loud[quiet[0]] if len(quiet) else loud[-1] if len(loud) else 0
    return float(last / rate)
