"""Kokoro-82M as a synthesiser: natural speech, clause by clause, with prosody per word."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

import numpy as np
import numpy.typing as npt

from workbench.core.audio import Samples
from workbench.core.languages import primary
from workbench.errors import NotSpoken, ParameterError, SsmlError
from workbench.speech import voices
from workbench.speech.ports import Clause, SynthesizerCapabilities
from workbench.speech.synthesizers import clauses, foreign_phonemes, shaping, timing
from workbench.speech.synthesizers.clauses import PlannedClause, Step
from workbench.speech.synthesizers.delivery import Delivery, delivery_of
from workbench.speech.synthesizers.foreign_phonemes import ForeignPhonemes
from workbench.speech.synthesizers.kokoro_model import MOST_SYMBOLS, PUNCTUATION, RATE, KokoroModel, Rendered
from workbench.speech.synthesizers.phonemes import LANGUAGES, EnglishPhonemes, Phonemes, from_ipa
from workbench.ssml.flatten import flatten
from workbench.ssml.parse import parse

SSML = frozenset(
    {
        *(
            "speak",
            "p",
            "s",
            "sub",
            "mark",
            "emphasis",
            "voice@name",
            "lang@xml:lang",
            "phoneme@ipa",
            "phoneme@x-sampa",
            "say-as",
        ),
        *(
            "break@time",
            "break@strength",
            "prosody@rate",
            "prosody@pitch",
            "prosody@volume",
            *("prosody@range", "prosody@contour"),
        ),
    }
)
"""What is honoured; languages and voices as the capabilities and the catalogue say."""

SPOKEN = (*LANGUAGES, *foreign_phonemes.LANGUAGES)
"""What is spoken: English by itself, the others with what pronounces them installed."""

_LAST_EDGE, _LAST_PUNCTUATION = 8.0, 3.0
"""How much faster the silent end of a run goes: silence costs as much computing as speech. Its silent start
stays as it is: the first phoneme begins inside it and loses its onset when it is shortened."""

_F0_HZ = {"female": 195.0, "male": 120.0}
"""Usual f0 of the shipped voices, for pitches given in Hz."""


class KokoroSynthesizer:
    """Implements :class:`workbench.speech.ports.Synthesizer`; load one and share it between sessions."""

    def __init__(self, model: KokoroModel, phonemes: EnglishPhonemes, *, folder: Path | None = None) -> None:
        self._model = model
        self._phonemes = phonemes
        self._foreign = ForeignPhonemes()
        self._folder = folder
        self._voices = {voice.id: voice for voice in voices.voices(folder) if voice.engine == "kokoro"}
        self._styles: dict[str, npt.NDArray[np.float32]] = {}

    @classmethod
    def load(cls, folder: Path | None = None, threads: int = 2) -> "KokoroSynthesizer":
        """Load model and dictionaries: about two seconds.

        Parameters
        ----------
        folder : a folder of models, searched before the installed packages
        threads : cores one clause may use

        Raises
        ------
        EngineMissing, ModelMissing
            If a library or the weights are not there; says which extra brings them.
        EngineFailed
            If the weights are not the published ones.
        """
        return cls(KokoroModel.load(folder, threads=threads), EnglishPhonemes.load())

    @property
    def capabilities(self) -> SynthesizerCapabilities:
        """Return what this engine does."""
        return SynthesizerCapabilities(
            name="kokoro", languages=SPOKEN, rate=RATE, streaming=True, word_times=True, ssml=SSML
        )

    def close(self) -> None:
        """End the process that pronounces other languages, if one was started."""
        self._foreign.close()

    def synthesize(self, ssml: str, *, voice: str) -> Iterator[Clause]:
        """Yield the clauses of ``ssml``; see :meth:`workbench.speech.ports.Synthesizer.synthesize`."""
        steps = self.plan(ssml, voice=voice)
        return (shaping.with_pause(self.speak(step.clause), step.pause) for step in steps)

    def plan(self, ssml: str, *, voice: str) -> tuple[Step, ...]:
        """Return the clauses ``ssml`` will be spoken in.

        Raises
        ------
        SsmlError
            If the text is not the SSML it claims to be.
        NotSpoken
            If it wants a voice, a language or a sound this engine lacks.
        ParameterError
            If ``voice`` is not known.
        """
        language = self._language_of(voice)
        steps = clauses.plan(flatten(parse(ssml)), voice=voice, language=language)
        for step in steps:
            self._check(step.clause)
        return steps

    def speak(self, clause: PlannedClause) -> Clause:
        """Return ``clause`` as sound; blocks for about half its length on two cores.

        Raises
        ------
        EngineFailed
            If the engine did not run.
        """
        units = clause.units
        found = _closed(self._pronounced(clause), closing=clause.closing)
        if not any(symbol not in PUNCTUATION + " " for symbol in found.symbols):
            marks = timing.marks(clause.items, {}, 0.0)
            return Clause(text=clause.text, samples=shaping.silence(0, RATE), rate=RATE, marks=marks)
        f0_hz = _F0_HZ[self._voices[clause.voice].gender]
        deliveries = [delivery_of(unit.style, f0_hz) for unit in units]
        rendered = self._render(found, deliveries, self._style(clause.voice), f0_hz)
        factor = clauses.stretch(units[0].style) * _left_over(found, rendered, deliveries)
        return _shaped(clause, found, rendered, deliveries, factor)

    def _render(
        self,
        found: Phonemes,
        deliveries: Sequence[Delivery],
        style: npt.NDArray[np.float32],
        f0_hz: float,
    ) -> Rendered:
        speed = np.ones(len(found.symbols) + 2, dtype=np.float32)
        f0, power = np.ones_like(speed), np.zeros_like(speed)
        shares = _shares(found.owners)
        for place, owner in enumerate(found.owners):
            speed[place + 1] = deliveries[owner].rate
            power[place + 1] = min(max(deliveries[owner].range_percent / 100, -1.0), 2.0)
            f0[place + 1] = deliveries[owner].f0_at(shares[place]) * f0_hz ** -power[place + 1]
        speed[-1] = _LAST_EDGE
        if found.symbols[-1] in PUNCTUATION:
            speed[-2] *= _LAST_PUNCTUATION
        for edged in (f0, power):
            edged[0], edged[-1] = edged[1], edged[-2]
        return self._model.render(found.symbols, style, speed=speed, f0_scale=f0, f0_power=power)

    def _pronounced(self, clause: PlannedClause) -> Phonemes:
        language = _spoken_as(clause.language) or LANGUAGES[0]
        if language in LANGUAGES:
            return self._phonemes.phonemes(clause.units)
        return self._foreign.phonemes(clause.units, language)

    def _check(self, clause: PlannedClause) -> None:
        """Raise NotSpoken if the clause asks for what is not there."""
        wanted, spoken = clause.language, _spoken_as(clause.language)
        try:
            self._language_of(clause.voice)
        except ParameterError as error:
            raise NotSpoken(str(error), "voice", clause.voice) from None
        if spoken is None:
            problem = f"kokoro does not speak {wanted}: write one of {', '.join(SPOKEN)}"
            raise NotSpoken(problem, "language", wanted)
        if spoken not in LANGUAGES:
            try:
                self._foreign.check(spoken)  # says which extra brings it
            except SsmlError as error:
                raise NotSpoken(str(error), "language", wanted) from None
        for unit in clause.units:
            if unit.ipa is not None and not from_ipa(unit.ipa):
                problem = "<phoneme> has no sound that kokoro knows: write ph in IPA"
                raise NotSpoken(problem, "phoneme", unit.ipa)

    def _language_of(self, voice: str) -> str:
        if voice not in self._voices:
            voices.find(voice, folder=self._folder)  # raises, naming close ones
            raise ParameterError(f"voice {voice} is not one of kokoro's")
        return _spoken_as(self._voices[voice].language) or LANGUAGES[0]

    def _style(self, voice: str) -> npt.NDArray[np.float32]:
        if voice not in self._styles:
            self._styles[voice] = voices.load_style(self._voices[voice], folder=self._folder)
        return self._styles[voice]


def _shares(owners: Sequence[int]) -> list[float]:
    """Return how far through its word the middle of each symbol is, 0..1."""
    shares: list[float] = []
    for _, group in groupby(owners):
        count = len(list(group))
        shares.extend((place + 0.5) / count for place in range(count))
    return shares


def _spoken_as(language: str) -> str | None:
    """Return the language of ``SPOKEN`` that stands for ``language``, or none."""
    wanted = language.lower().replace("_", "-")
    exact = next((known for known in LANGUAGES if known.lower() == wanted), None)
    first = primary(wanted)
    if first in foreign_phonemes.LANGUAGES:
        return first
    return exact or (LANGUAGES[0] if first == "en" else None)


def _closed(found: Phonemes, *, closing: bool) -> Phonemes:
    """Cut to what the model takes, and end with punctuation: without it the last word is swallowed."""
    symbols, owners = found.symbols[: MOST_SYMBOLS - 1], found.owners[: MOST_SYMBOLS - 1]
    if symbols and symbols[-1] not in PUNCTUATION:
        return Phonemes(symbols + ("." if closing else ","), (*owners, owners[-1]))
    return Phonemes(symbols, owners)


def _left_over(found: Phonemes, rendered: Rendered, deliveries: Sequence[Delivery]) -> float:
    """Return how much longer the speech became than its rates ask for.

    Durations are whole frames of 25 ms, at least one: asked for 1.2 times the speed, the model makes 1.1.
    """
    if all(delivery.rate == 1 for delivery in deliveries):
        return 1.0
    rates = np.array([deliveries[owner].rate for owner in found.owners])
    spoken = slice(None, -1 if found.symbols[-1] in PUNCTUATION else None)
    made = float(np.sum(np.diff(rendered.starts)[spoken]))
    wanted = float(np.sum((rendered.neutral / rates)[spoken]))
    return made / wanted


def _shaped(
    clause: PlannedClause,
    found: Phonemes,
    rendered: Rendered,
    deliveries: Sequence[Delivery],
    factor: float,
) -> Clause:
    """Trim, weight and stretch the samples, and place words and marks on them."""
    gains = np.array([deliveries[owner].gain_db for owner in found.owners], dtype=np.float32)
    first, end = shaping.speech_span(rendered.samples, RATE)
    weighted = shaping.with_gains(rendered.samples, RATE, gains, rendered.starts[:-1])
    samples: Samples = shaping.faded(shaping.stretched(weighted[first:end], factor), RATE)
    if np.abs(samples).max(initial=0) > 1:  # some voices are that loud
        samples = shaping.limited(samples)
    placed = timing.placed(found, rendered.starts, first=first, factor=factor)
    length = len(samples) / RATE
    return Clause(
        text=clause.text,
        samples=samples,
        rate=RATE,
        words=timing.words(clause.units, placed, length),
        marks=timing.marks(clause.items, placed, length),
    )
