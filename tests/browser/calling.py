"""Who speaks to the page: human recordings where there are some, else the shipped caller."""

import os
from pathlib import Path

import numpy as np
import soundfile

from workbench.audio.files import load_audio
from workbench.core.audio import Samples
from workbench.data import data_folder

RATE = 16_000
BEFORE = 6.0
"""Seconds of silence before the first word: a session is opened meanwhile, on a busy machine too."""
AFTER = 20.0
"""Seconds of silence after the last word; then all is said again, should a busy machine have missed it."""

_HUMAN = "speech_barista_intents"
_ORDER = "8c59cf3c-53ad-4072-97fb-0021529fc055.wav"
ORDERED = {"coffeeDrink": "iced mocha", "size": "large", "milkAmount": "a little bit of soy milk"}
"""What both say: the human recording and the shipped one."""


class Caller:
    """Recordings of a caller, and the file that the browser's microphone plays."""

    def __init__(self, file: Path) -> None:
        self.file = file
        beside = Path(__file__).parents[3] / "shared" / "data"
        folder = Path(os.environ.get("WORKBENCH_SHARED_DATA", beside)) / _HUMAN
        human = folder / _ORDER
        self.human = human.is_file()
        """Whether the voice is a human's."""
        shipped = data_folder() / "callers"
        self.order_samples = _speech(human if self.human else shipped / "coffee_1.flac")
        self.change_samples = _speech(shipped / "coffee_2.flac")

    def order(self) -> None:
        """Let the microphone play an order, the next time it is opened."""
        self.write(self.order_samples)

    def silence(self) -> None:
        """Let the microphone play nothing, the next time it is opened."""
        self.write(np.zeros(0, np.float32))

    def write(self, samples: Samples) -> None:
        """Let the microphone play ``samples``, the next time it is opened."""
        before, after = (np.zeros(int(seconds * RATE), np.float32) for seconds in (BEFORE, AFTER))
        whole = np.concatenate([before, samples, after])
        written = self.file.with_suffix(".new.wav")
        soundfile.write(written, whole, RATE, subtype="PCM_16")
        written.replace(self.file)


def _speech(file: Path) -> Samples:
    """Return a recording without the silence around its speech."""
    samples = load_audio(file, rate=RATE)
    loud = np.flatnonzero(np.abs(samples) > 0.02 * np.abs(samples).max())
    return samples[max(0, loud[0] - RATE // 10) : loud[-1] + RATE // 10]
