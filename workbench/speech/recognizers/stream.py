"""A recording as transcripts: voice activity opens and closes utterances, a recogniser reads them.

This is the pipeline's hearing without its turn taking: an utterance ends after a fixed silence.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from workbench.audio.voice_activity import RATE, WINDOW, SpeechDetector, VoiceActivity
from workbench.core.audio import Samples
from workbench.core.events import FinalTranscript, PartialTranscript, SpeechEnded, SpeechStarted, Word
from workbench.errors import ParameterError
from workbench.speech.ports import Hearing, Hypothesis, Recognizer


@dataclass(frozen=True, slots=True, kw_only=True)
class Listening:
    """How a recording is cut into utterances and read."""

    language: str = "en"
    vocabulary: tuple[str, ...] = ()
    interval: float = 0.4
    """Seconds of audio from one partial to the next."""
    hangover: float = 0.6
    """Seconds of silence that end an utterance."""
    before: float = 0.3
    """Seconds before the first voiced sample that are read too."""

    def __post_init__(self) -> None:
        for name in ("interval", "hangover"):
            if getattr(self, name) < WINDOW / RATE:
                raise ParameterError(f"{name} is {getattr(self, name)} s, expected at least {WINDOW / RATE}")


def transcripts(
    samples: Samples, recognizer: Recognizer, activity: VoiceActivity, listening: Listening
) -> Iterator[PartialTranscript | FinalTranscript]:
    """Yield what is understood of ``samples``, in order; times are seconds from their start.

    Parameters
    ----------
    samples : shape (n,), 16 kHz
    activity : not used for any other audio

    Each ``next`` blocks for one reading. An utterance in which nothing was said has no final.
    """
    detector = SpeechDetector()
    utterance: _Utterance | None = None
    for end in range(WINDOW, len(samples) + 1, WINDOW):
        decided = detector.decide(end, activity.probability(samples[end - WINDOW : end]))
        if utterance is not None:
            utterance.hear(samples, end)
        elif isinstance(decided, SpeechStarted):
            start = max(0, decided.position - round(listening.before * RATE))
            hearing = recognizer.listen(language=listening.language, vocabulary=listening.vocabulary)
            utterance = _Utterance(hearing, start)
            utterance.hear(samples, end)
        if utterance is None:
            continue
        if detector.silence(end) >= listening.hangover and not detector.speaking:
            yield from utterance.final()
            utterance = None
        elif isinstance(decided, SpeechEnded) or (
            detector.speaking and end - utterance.read >= listening.interval * RATE
        ):
            yield from utterance.partial()
    if utterance is not None:
        utterance.hear(samples, len(samples))
        yield from utterance.final()


class _Utterance:
    """One utterance of a recording, on the recording's clock."""

    def __init__(self, hearing: Hearing, start: int) -> None:
        self._hearing = hearing
        self._start = start
        self._end = start
        self.read = start

    def hear(self, samples: Samples, end: int) -> None:
        self._hearing.add(samples[self._end : end])
        self._end = end

    def partial(self) -> Iterator[PartialTranscript]:
        self.read = self._end
        heard = self._hearing.partial()
        if heard.words:
            yield PartialTranscript(
                text=heard.text,
                words=self._placed(heard),
                stable=heard.stable,
                stability=heard.stability,
                confidence=heard.confidence,
                end_of_sentence=heard.end_of_sentence,
                audio_end=self._end / RATE,
            )

    def final(self) -> Iterator[FinalTranscript]:
        heard = self._hearing.final()
        if heard.words:
            yield FinalTranscript(
                text=heard.text,
                words=self._placed(heard),
                confidence=heard.confidence,
                language=heard.language,
                audio_start=self._start / RATE,
                audio_end=self._end / RATE,
                alternatives=heard.alternatives,
            )

    def _placed(self, heard: Hypothesis) -> tuple[Word, ...]:
        start = self._start / RATE
        return tuple(replace(word, start=word.start + start, end=word.end + start) for word in heard.words)
