"""The engines a session uses, loaded once a process."""

import importlib.util
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from workbench.audio.resampling import Resampler
from workbench.audio.voice_activity import EnergyVoiceActivity, SileroVoiceActivity, VoiceActivity
from workbench.speech.cache import CAPACITY, CachedSynthesizer
from workbench.speech.ports import RECOGNIZER_RATE, Recognizer, Synthesizer
from workbench.speech.recognizers.languages import is_among
from workbench.speech.scripted import ScriptedRecognizer, ScriptedSynthesizer
from workbench.speech.voices import DEFAULT_VOICE

LOCAL_PATIENCE = 15.0
"""Seconds the natural voice may take for a first clause before a robotic one speaks in its place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Engines:
    """How a session gets its engines; each call belongs to one session."""

    name: str
    recognizer: Callable[[int], Recognizer]
    """Takes the turns heard before, by another process: a script goes on after them."""
    synthesizer: Callable[[], Synthesizer]
    voice_activity: Callable[[], VoiceActivity]
    warm: Callable[[str, str], object] = field(default=lambda text, voice: None)
    """Synthesises a text in a voice and keeps it; blocks."""
    own_synthesizer: Callable[[], Synthesizer] | None = None
    """What speaks in this process, where ``synthesizer`` asks another endpoint."""

    def hear(self, language: str) -> bool:
        """Return whether speech in a language, a BCP 47 tag, is recognised."""
        known = self.recognizer(0).capabilities.languages
        return not known or is_among(language, known)


def load_embedded(models: Path | None = None, *, cache_bytes: int = CAPACITY) -> Engines:
    """Load Whisper, Kokoro and Silero and use each once; takes a few seconds.

    Where the ``espeak`` extra is installed, espeak-ng goes on in the middle of a reply should Kokoro fail.

    Parameters
    ----------
    models : folder with weights, looked at first
    cache_bytes : of synthesised clauses kept; with 0 none is, and none is made beforehand

    Raises
    ------
    EngineMissing, ModelMissing
        If the ``speech`` extra is not installed, or weights are nowhere to be found.
    """
    from workbench.speech.recognizers.whisper import WhisperRecognizer
    from workbench.speech.synthesizers.kokoro import KokoroSynthesizer

    recognizer = WhisperRecognizer.load(models)
    synthesizer = CachedSynthesizer(KokoroSynthesizer.load(models), capacity_bytes=cache_bytes)
    SileroVoiceActivity()  # says now, not in the first session, when it is missing
    _use_once(recognizer, synthesizer)
    speaking = with_stand_in(synthesizer)
    return Engines(
        name="embedded",
        recognizer=lambda heard: recognizer,
        synthesizer=lambda: speaking,
        voice_activity=SileroVoiceActivity,
        warm=lambda text, voice: synthesizer.warm([text], voice=voice) if cache_bytes else 0,
    )


def with_stand_in(synthesizer: Synthesizer) -> Synthesizer:
    """Return ``synthesizer`` with espeak-ng behind it, or alone where that is not installed."""
    if importlib.util.find_spec("espeakng_loader") is None:
        return synthesizer
    from workbench.speech.synthesizers.espeak import EspeakSynthesizer
    from workbench.speech.synthesizers.preferring import PreferringSynthesizer
    from workbench.speech.synthesizers.standing_in import StandIn

    other = StandIn("espeak", EspeakSynthesizer.load, synthesizer.capabilities)
    return PreferringSynthesizer(synthesizer, other, patience=LOCAL_PATIENCE)


def _use_once(recognizer: Recognizer, synthesizer: Synthesizer) -> None:
    """Let the libraries load what they load at first use, so that no caller waits for it."""
    spoken = next(synthesizer.synthesize("Ready.", voice=DEFAULT_VOICE))
    hearing = recognizer.listen(language="en-US")
    hearing.add(Resampler(spoken.rate, RECOGNIZER_RATE).feed(spoken.samples))
    hearing.partial()
    hearing.final()


def load_scripted(script: Sequence[str]) -> Engines:
    """Return engines that hear ``script``, utterance by utterance, in every session."""
    synthesizer = ScriptedSynthesizer()
    return Engines(
        name="scripted",
        recognizer=lambda heard: ScriptedRecognizer(tuple(script)[heard:]),
        synthesizer=lambda: synthesizer,
        voice_activity=EnergyVoiceActivity,
    )
