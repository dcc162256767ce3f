"""What voice activity says of each window, as observations: pure, so a recording can be listened to again.

Speech opens an *utterance*, which lasts, pauses and all, until :meth:`Noticing.close`. While one is open each
window is told; else one in ``TICKS_QUIET``.
"""

from workbench.audio.voice_activity import RATE, WINDOW, Detection, SpeechDetector
from workbench.conversation.observations import Began, Ended, Observation, Tick
from workbench.core.events import SpeechEnded, SpeechStarted

SILENCE_MIN = 0.05
"""Seconds; anything shorter lies within the resolution of voice activity and counts as speech."""

SILENCE_NOTICED = 0.1
"""Seconds of silence after which the caller may have ended, and a partial is due at once."""

TICKS_QUIET = 16
"""While nobody speaks, one tick in so many is told: two a second, to notice that a session sleeps."""

STEPS = 1_000
"""Voice activity is rounded to one part in so many before anything is decided, and recorded so."""


class Noticing:
    """Follows the voice activity of one caller."""

    def __init__(self) -> None:
        self._detector = SpeechDetector(Detection(silence=SILENCE_NOTICED))
        self._count = 0
        self._quiet = 0
        self._windows: list[tuple[int, int]] = []
        self.utterance: int | None = None
        """Number of the utterance at hand, from 0."""
        self.position = 0
        """Samples noticed so far."""

    @property
    def speaking(self) -> bool:
        """Return whether the caller speaks."""
        return self._detector.speaking

    def close(self) -> None:
        """Let the next speech open a new utterance."""
        self.utterance = None

    def window(self, position: int, activity: int) -> tuple[Observation, ...]:
        """Return what the window that begins at ``position`` brings; ``activity`` in thousandths."""
        probability, end = activity / STEPS, position + WINDOW
        self.position = end
        self._windows.append((position, activity))
        noticed = self._detector.decide(end, probability)
        resumed = self.utterance is not None
        if self._detector.speaking and not resumed:
            self.utterance, self._count = self._count, self._count + 1
            if noticed is None:  # the last turn was ended while the caller spoke
                noticed = SpeechStarted(position=position, rate=RATE, probability=probability)
        told: tuple[Observation, ...] = ()
        if noticed is not None and self.utterance is not None:
            match noticed:
                case SpeechStarted():
                    told = (Began(self.utterance, noticed, resumed),)
                case SpeechEnded():
                    told = (Ended(self.utterance, noticed),)
        self._quiet = 0 if self.utterance is not None else self._quiet + 1
        return (*told, self._tick(end)) if self._quiet % TICKS_QUIET == 0 else told

    def _tick(self, end: int) -> Tick:
        windows, self._windows = tuple(self._windows), []
        silence = self._detector.silence(end)
        return Tick(
            position=end,
            silence=silence if silence > SILENCE_MIN else 0.0,
            voiced_end=self._detector.last_voiced or 0,
            windows=windows,
        )
