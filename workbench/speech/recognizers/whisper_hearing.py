"""One utterance in Whisper's ears: partials over the last seconds, finals over all of it.

A partial re-reads a window of at most 12 s; when an utterance grows beyond it, the words that are stable are
kept and their audio is left behind. A final reads everything once more with beam search, in spans cut at
silences.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from workbench.core.audio import Samples
from workbench.core.events import Word
from workbench.speech.ports import RECOGNIZER_RATE, Hypothesis
from workbench.speech.recognizers import evidence
from workbench.speech.recognizers.agreement import Agreed, Agreement, comparable, confirmed
from workbench.speech.recognizers.confidence import final_confidence
from workbench.speech.recognizers.evidence import Plausible
from workbench.speech.recognizers.whisper_decoder import Reading, WhisperDecoder
from workbench.speech.recognizers.word_times import fitted

LEAST = 0.25
"""Seconds of audio before anything is read."""
PARTIAL_WINDOW = 12.0
"""Seconds a partial reads at most."""
FINAL_WINDOW = 24.0
"""Seconds a final reads at once at most; with the silence appended just under Whisper's 30."""
_CUT_FROM = 16.0  # seconds; where the quietest moment to cut at is looked for
_QUIET = 0.3  # seconds that have to be quiet


@dataclass(frozen=True, slots=True)
class Reader:
    """A model, told what language and words to expect."""

    decoder: WhisperDecoder
    language: str
    context: tuple[int, ...] = ()

    @classmethod
    def of(cls, decoder: WhisperDecoder, *, language: str, vocabulary: Sequence[str]) -> "Reader":
        """Return a reader biased to ``vocabulary``: its phrases as text that came before."""
        context = decoder.tokens.context(", ".join(vocabulary) + ".") if vocabulary else ()
        return cls(decoder, language, context)

    def read(self, samples: Samples) -> Reading:
        """Return the likeliest reading."""
        return self.decoder.read(samples, language=self.language, context=self.context)

    def read_best(self, samples: Samples) -> list[Reading]:
        """Return several readings, best first."""
        return self.decoder.read_best(samples, language=self.language, context=self.context)


class WhisperHearing:
    """One utterance being recognised; used by one thread at a time."""

    def __init__(self, partials: Reader, finals: Reader, *, language: str, plausible: Plausible) -> None:
        self._partials = partials
        self._finals = finals
        self._language = language
        self._plausible = plausible
        self._heard = np.zeros(0, np.float32)
        self._added: list[Samples] = []
        self._agreement = Agreement()
        self._kept: tuple[Word, ...] = ()
        self._left_behind = 0
        self._partial = Hypothesis(words=(), language=language)
        self._final: Hypothesis | None = None
        self._last_read: tuple[int, int, Reading | None] = (0, 0, None)
        self._read: dict[tuple[int, int], list[Reading]] = {}

    def add(self, samples: Samples) -> None:
        """Append samples at 16 kHz; cheap."""
        self._added.append(samples)

    def partial(self) -> Hypothesis:
        """Recognise what was added so far; the same object again if nothing was. Blocks."""
        samples = self._all()
        if len(samples) / RECOGNIZER_RATE in (self._partial.audio_end, 0.0):
            return self._partial
        window = samples[self._left_behind :]
        reading = self._believed_partial(self._left_behind, len(samples))
        words = _placed(reading.words, window, self._left_behind) if reading else ()
        ending = reading.end_of_sentence if reading else 0.0
        self._partial = self._weighed(words, ending, audio_end=len(samples) / RECOGNIZER_RATE)
        if len(window) > PARTIAL_WINDOW * RECOGNIZER_RATE:
            self._leave_behind(len(samples))
        return self._partial

    def final(self) -> Hypothesis:
        """Recognise the whole utterance once more, with care; no words when nothing was said. Blocks."""
        samples = self._all()
        audio_end = len(samples) / RECOGNIZER_RATE
        if self._final is not None and self._final.audio_end == audio_end:
            return self._final
        spans = list(_spans(samples))
        read = {span: self._read[span] if span in self._read else self._read_span(span) for span in spans}
        # The last span still grows with the utterance; those before it stay as they are.
        self._read = {span: read[span] for span in spans[:-1]}
        self._final = _joined([(span[0], read[span]) for span in spans], self._language, audio_end)
        return self._final

    def _all(self) -> Samples:
        if self._added:
            self._heard = np.concatenate([self._heard, *self._added])
            self._added.clear()
        return self._heard

    def _believed_partial(self, start: int, end: int) -> Reading | None:
        """Return what the partials' model reads between two positions, if it can be believed."""
        if self._last_read[:2] != (start, end):
            window = self._heard[start:end]
            reading = None
            if len(window) >= LEAST * RECOGNIZER_RATE and evidence.has_sound(window, self._plausible):
                reading = evidence.believed(self._partials.read(window), window, self._plausible)
            self._last_read = (start, end, reading)
        return self._last_read[2]

    def _weighed(self, words: tuple[Word, ...], ending: float, *, audio_end: float) -> Hypothesis:
        agreed: Agreed = self._agreement.update(self._kept + words, audio_end=audio_end)
        return Hypothesis(
            words=agreed.words,
            stable=agreed.stable,
            stability=agreed.stability,
            confidence=agreed.confidence,
            end_of_sentence=ending,
            language=self._language,
            audio_end=audio_end,
        )

    def _leave_behind(self, length: int) -> None:
        """Keep the stable words and drop their audio from the partials' window."""
        kept = len(self._kept)
        words = self._partial.words
        usable = words[kept : self._partial.stable]
        ends = [place for place, word in enumerate(usable) if word.text[-1] in ".,?!;:"]
        half = (self._left_behind + length) / 2 / RECOGNIZER_RATE
        if ends and usable[ends[-1]].end > half:
            usable = usable[: ends[-1] + 1]
        if usable:
            cut = round(usable[-1].end * RECOGNIZER_RATE)
        else:
            # Nothing agreed on in all that time: believe what there is of the older half.
            cut = round(half * RECOGNIZER_RATE)
            usable = tuple(word for word in words[kept:] if word.end <= half)
        self._kept = words[: kept + len(usable)]
        self._left_behind = cut

    def _read_span(self, span: tuple[int, int]) -> list[Reading]:
        """Return the believable readings of one span, best first, that of the partials' model last."""
        samples = self._heard[slice(*span)]
        if len(samples) < LEAST * RECOGNIZER_RATE or not evidence.has_sound(samples, self._plausible):
            return []
        found = (
            evidence.believed(reading, samples, self._plausible)
            for reading in self._finals.read_best(samples)
        )
        readings = [reading for reading in found if reading is not None]
        other = None if self._partials is self._finals else self._believed_partial(*span)
        if not readings or not readings[0].words:
            # The partials' model may have understood a single word that the other did not.
            readings, other = ([other], None) if other and not self._doubtful(other) else ([], None)
        if not readings:
            return []
        second = None if self._partials is self._finals else (other.text if other else "")
        words = _placed(_weighed_final(readings[0].words, second), samples, 0)
        return [replace(readings[0], words=words), *readings[1:], *([other] if other else [])]

    def _doubtful(self, reading: Reading) -> bool:
        return reading.no_speech > self._plausible.no_speech


def _weighed_final(words: Sequence[Word], other: str | None) -> tuple[Word, ...]:
    """Return ``words`` with their confidence, given what another model read, if there is one."""
    seconds = [None] * len(words) if other is None else confirmed(words, other)
    return tuple(
        replace(word, confidence=final_confidence(word.confidence, confirmed=second))
        for word, second in zip(words, seconds, strict=True)
    )


def _placed(words: Sequence[Word], samples: Samples, position: int) -> tuple[Word, ...]:
    """Return ``words`` fitted to the sound of ``samples`` and moved to its ``position`` in the utterance."""
    start = position / RECOGNIZER_RATE
    sounding = evidence.sounding(evidence.levels_db(samples))
    return tuple(
        replace(word, start=word.start + start, end=word.end + start) for word in fitted(words, sounding)
    )


def _spans(samples: Samples) -> Iterator[tuple[int, int]]:
    """Yield the spans a final reads, cut where it is quietest; they stay when the utterance grows."""
    start = 0
    while len(samples) - start > FINAL_WINDOW * RECOGNIZER_RATE:
        first = start + round(_CUT_FROM * RECOGNIZER_RATE)
        levels = evidence.levels_db(samples[first : start + round(FINAL_WINDOW * RECOGNIZER_RATE)])
        width = round(_QUIET * 100)
        smooth = np.convolve(levels, np.ones(width) / width, mode="valid")
        cut = first + (int(np.argmin(smooth)) + width // 2) * evidence.STEP
        yield start, cut
        start = cut
    yield start, len(samples)


def _joined(spans: Sequence[tuple[int, list[Reading]]], language: str, audio_end: float) -> Hypothesis:
    """Return one hypothesis of the best reading of each span."""
    words = tuple(
        replace(word, start=word.start + start / RECOGNIZER_RATE, end=word.end + start / RECOGNIZER_RATE)
        for start, readings in spans
        if readings
        for word in readings[0].words
    )
    said = [readings for _, readings in spans if readings]
    return Hypothesis(
        words=words,
        stable=len(words),
        stability=1.0 if words else 0.0,
        confidence=min((word.confidence for word in words), default=0.0),
        end_of_sentence=said[-1][0].end_of_sentence if said else 0.0,
        language=language,
        audio_end=audio_end,
        alternatives=_alternatives(said),
    )


def _alternatives(said: Sequence[list[Reading]]) -> tuple[str, ...]:
    """Return what else may have been said, without repeats: one span's other reading at a time."""
    best = [readings[0].text for readings in said]
    seen = {tuple(comparable(" ".join(best)))}
    result = []
    for place, readings in enumerate(said):
        for reading in readings[1:]:
            text = " ".join([*best[:place], reading.text, *best[place + 1 :]])
            key = tuple(comparable(text))
            if key and key not in seen:
                seen.add(key)
                result.append(text)
    return tuple(result)
