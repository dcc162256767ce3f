"""Engines that say and hear what they are told: deterministic, instant, for tests and offline notebooks."""

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache

import numpy as np

from workbench.core.audio import Samples
from workbench.core.events import SpokenWord, Word
from workbench.speech.ports import (
    RECOGNIZER_RATE,
    Clause,
    Hearing,
    Hypothesis,
    RecognizerCapabilities,
    SynthesizerCapabilities,
)

WORD_SECONDS = 0.25
"""Length of every scripted word, heard or spoken."""

SCRIPTED_RATE = 24_000


@dataclass(slots=True)
class ScriptedRecognizer:
    """Hears the given utterances, one after another, whatever the audio holds.

    A partial shows the words that fit into the audio so far, ``WORD_SECONDS`` each; the final shows all.
    After the last utterance nothing more is heard.
    """

    utterances: Sequence[str]
    languages: tuple[str, ...] = ()
    """What it claims to hear: by default any language."""
    _next: int = 0

    @property
    def capabilities(self) -> RecognizerCapabilities:
        """Return what it claims."""
        return RecognizerCapabilities(
            name="scripted",
            languages=self.languages,
            streaming=True,
            word_confidences=True,
            word_times=True,
            instant=True,
        )

    def listen(self, *, language: str, vocabulary: Sequence[str] = ()) -> Hearing:
        """Begin the next utterance."""
        text = self.utterances[self._next] if self._next < len(self.utterances) else ""
        self._next += 1
        return _ScriptedHearing(tuple(text.split()), language)


@dataclass(slots=True)
class _ScriptedHearing:
    words: tuple[str, ...]
    language: str
    samples: int = 0
    shown: int = 0

    def add(self, samples: Samples) -> None:
        self.samples += len(samples)

    def partial(self) -> Hypothesis:
        count = min(len(self.words), int(self.samples / RECOGNIZER_RATE / WORD_SECONDS))
        stable, self.shown = self.shown, count
        return self._hypothesis(count, stable=stable, stability=stable / count if count else 0.0)

    def final(self) -> Hypothesis:
        return self._hypothesis(len(self.words), stable=len(self.words), stability=1.0)

    def _hypothesis(self, count: int, *, stable: int, stability: float) -> Hypothesis:
        words = tuple(
            Word(
                text=word,
                start=place * WORD_SECONDS,
                end=(place + 1) * WORD_SECONDS,
                confidence=0.95,
                stability=1.0 if place < stable else 0.5,
            )
            for place, word in enumerate(self.words[:count])
        )
        whole = count == len(self.words) and count > 0
        return Hypothesis(
            words=words,
            stable=stable,
            stability=stability,
            confidence=0.95 if words else 0.0,
            end_of_sentence=0.95 if whole else 0.05,
            language=self.language,
            audio_end=self.samples / RECOGNIZER_RATE,
        )


@dataclass(frozen=True, slots=True)
class ScriptedSynthesizer:
    """Speaks in tones: one clause a sentence, ``WORD_SECONDS`` a word."""

    frequency_hz: int = 220
    capabilities: SynthesizerCapabilities = field(
        default=SynthesizerCapabilities(
            name="scripted",
            languages=("en-US",),
            rate=SCRIPTED_RATE,
            streaming=True,
            word_times=True,
            ssml=frozenset(),
            instant=True,
        )
    )

    def synthesize(self, ssml: str, *, voice: str) -> Iterator[Clause]:
        """Yield one tone a sentence; SSML elements are passed over."""
        plain = html.unescape(re.sub(r"<[^>]*>", " ", ssml))
        for sentence in re.findall(r"[^.?!]+[.?!]*", plain):
            words = sentence.split()
            if words:
                yield self._clause(words)

    def _clause(self, words: list[str]) -> Clause:
        length = round(len(words) * WORD_SECONDS * SCRIPTED_RATE)
        spoken = tuple(
            SpokenWord(text=word, start=place * WORD_SECONDS, end=(place + 1) * WORD_SECONDS)
            for place, word in enumerate(words)
        )
        samples = np.resize(_tone(self.frequency_hz), length)
        return Clause(text=" ".join(words), samples=samples, rate=SCRIPTED_RATE, words=spoken)


@cache
def _tone(frequency: int) -> Samples:
    """Return one second of a sine: it can be repeated without a click."""
    phase = 2 * np.pi * frequency * np.arange(SCRIPTED_RATE) / SCRIPTED_RATE
    return (0.3 * np.sin(phase)).astype(np.float32)
