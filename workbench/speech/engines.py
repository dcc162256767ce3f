"""The engines a session uses, loaded once a process."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from workbench.audio.voice_activity import EnergyVoiceActivity, SileroVoiceActivity, VoiceActivity
from workbench.speech.ports import Recognizer, Synthesizer
from workbench.speech.scripted import ScriptedRecognizer, ScriptedSynthesizer


@dataclass(frozen=True, slots=True, kw_only=True)
class Engines:
    """How a session gets its engines; each call belongs to one session."""

    name: str
    recognizer: Callable[[], Recognizer]
    synthesizer: Callable[[], Synthesizer]
    voice_activity: Callable[[], VoiceActivity]


def load_embedded(models: Path | None = None) -> Engines:
    """Load Whisper, Kokoro and Silero; takes about a second.

    Raises
    ------
    EngineMissing, ModelMissing
        If the ``speech`` extra is not installed, or weights are nowhere to be found.
    """
    from workbench.speech.cache import CachedSynthesizer
    from workbench.speech.recognizers.whisper import WhisperRecognizer
    from workbench.speech.synthesizers.kokoro import KokoroSynthesizer

    recognizer = WhisperRecognizer.load(models)
    synthesizer = CachedSynthesizer(KokoroSynthesizer.load(models))
    SileroVoiceActivity()  # says now, not in the first session, when it is missing
    return Engines(
        name="embedded",
        recognizer=lambda: recognizer,
        synthesizer=lambda: synthesizer,
        voice_activity=SileroVoiceActivity,
    )


def load_scripted(script: Sequence[str]) -> Engines:
    """Return engines that hear ``script``, utterance by utterance, in every session."""
    synthesizer = ScriptedSynthesizer()
    return Engines(
        name="scripted",
        recognizer=lambda: ScriptedRecognizer(tuple(script)),
        synthesizer=lambda: synthesizer,
        voice_activity=EnergyVoiceActivity,
    )
