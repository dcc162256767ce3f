"""One side of a recorded session: its samples in memory, or in a file until somebody looks at them."""

import threading
from pathlib import Path

import numpy as np

from workbench.audio.files import Content, length_and_rate, load_audio_with_rate, load_window
from workbench.core.audio import Samples
from workbench.errors import AudioFileError


class FileTrack:
    """A track in a file: how long it is is known at once, its samples are decoded when they are wanted.

    Parameters
    ----------
    source : a mono audio file
    count : samples it has to hold; 0 if there need be no file
    rate : samples per second it has to have

    Raises
    ------
    AudioFileError
        If the file can't be read, or is another track's.
    """

    def __init__(self, source: Path | Content, count: int, rate: int) -> None:
        self._source, self._count, self._rate = source, count, rate
        self._lock = threading.Lock()
        self._samples: Samples | None = None if count else np.zeros(0, np.float32)
        if count:
            self._expect(*length_and_rate(source))

    def __len__(self) -> int:
        return self._count

    def samples(self) -> Samples:
        """Return all samples, decoded the first time; raises AudioFileError."""
        with self._lock:
            if self._samples is None:
                samples, rate = load_audio_with_rate(self._source)
                self._expect(len(samples), rate)
                self._samples = samples
            return self._samples

    def window(self, first: int, last: int) -> Samples:
        """Return the samples ``first`` to ``last``, exclusive, and decode no others."""
        if self._samples is not None:
            return self._samples[first:last]
        return load_window(self._source, first, last)

    def _expect(self, count: int, rate: int) -> None:
        if (count, rate) != (self._count, self._rate):
            path = self._source.path if isinstance(self._source, Content) else self._source
            raise AudioFileError(
                path, f"holds {count} samples at {rate} Hz, expected {self._count} at {self._rate} Hz"
            )
