"""One cell of a comparison of voices: said, timed, measured and understood."""

import atexit
import io
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from html import escape

import numpy as np
import soundfile
import soxr

from workbench.analysis.intelligibility import UNSPACED, errors_in
from workbench.audio.levels import dbfs, first_audible
from workbench.core.audio import Samples
from workbench.errors import EngineFailed, ParameterError
from workbench.prosody.contours import f0_contour
from workbench.prosody.loudness import clipping, loudness_lufs
from workbench.prosody.pitch import PitchFigures, pitch_figures
from workbench.prosody.rhythm import Rhythm, rhythm
from workbench.prosody.syllables import LANGUAGES as COUNTED, syllables, words
from workbench.speech.ports import RECOGNIZER_RATE, Recognizer
from workbench.speech.speakers import Speakers
from workbench.speech.voices import Voice

VERSION = 2
"""Changes when a figure is worked out in another way: what was kept is measured again."""

_F0_RANGE = (65.0, 500.0)
_SHORT = 0.3
"""Seconds of sound below which there is no f0 to speak of."""


def same_language(one: str, other: str) -> bool:
    """Return whether two tags name the same language, whatever its variety.

    >>> same_language("pt-BR", "pt"), same_language("zh", "cmn"), same_language("es", "en")
    (True, True, False)
    """
    first, second = ("zh" if tag == "cmn" else tag for tag in (_primary(one), _primary(other)))
    return first == second


def _primary(tag: str) -> str:
    return tag.split("-")[0].lower()


@dataclass(frozen=True, slots=True)
class Text:
    """What is said."""

    text: str
    language: str
    """BCP 47 tag."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """How it is said, against the voice's usual way."""

    name: str = "plain"
    rate: float = 1.0
    """Factor: 1.2 is a fifth faster."""
    pitch: float = 0.0
    """Semitones."""
    volume: float = 0.0
    """Decibels."""

    def __post_init__(self) -> None:
        bounds = {"rate": (0.3, 3.0), "pitch": (-12.0, 12.0), "volume": (-30.0, 20.0)}
        for name, (low, high) in bounds.items():
            value = getattr(self, name)
            if not low <= value <= high:
                raise ParameterError(f"{name} of {self.name} is {value:g}, expected {low:g} to {high:g}")

    def ssml(self, text: str, language: str = "") -> str:
        """Return ``text`` as a document that asks for this, and for a language if one is named."""
        asked = {
            "rate": f"{self.rate * 100:.4g}%" if self.rate != 1 else "",
            "pitch": f"{self.pitch:+.4g}st" if self.pitch else "",
            "volume": f"{self.volume:+.4g}dB" if self.volume else "",
        }
        written = "".join(f' {name}="{value}"' for name, value in asked.items() if value)
        inner = escape(text, quote=False)
        named = f' xml:lang="{escape(language)}"' if language else ""
        return f"<speak{named}>{f'<prosody{written}>{inner}</prosody>' if written else inner}</speak>"


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One cell to measure."""

    text: Text
    voice: Voice
    setting: Setting = Setting()
    recognised: bool = True
    """Whether a recogniser listens to it."""

    @property
    def ssml(self) -> str:
        """Return the document that is said; it names the language where that is not the voice's."""
        own = same_language(self.voice.language, self.text.language)
        return self.setting.ssml(self.text.text, "" if own else self.text.language)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What was measured; times in seconds, NaN where a figure does not apply."""

    first_byte: float
    """From asking to the first samples."""
    first_audio: float
    """From asking to the first audible sample."""
    real_time_factor: float
    """Time to make all of it over its duration."""
    duration: float
    speech: float
    """From the first sound to the last."""
    pauses: int
    pausing: float
    syllables: int
    """By the spelling; 0 where it says too little, or digits hide how the text is said."""
    words: int
    """0 in a language without spaces, or where digits hide how the text is said."""
    f0_median_hz: float
    f0_range_semitones: float
    f0_declination: float
    """Semitones a second."""
    level_db: float
    """Root mean square, dBFS."""
    loudness_lufs: float
    clipped: int
    """Flat tops."""
    heard: str
    """What the recogniser understood."""
    word_errors: int
    words_said: int
    character_errors: int
    characters_said: int

    @property
    def articulating(self) -> float:
        """Return the seconds of speech without pauses."""
        return self.speech - self.pausing


@dataclass(frozen=True, slots=True)
class Made:
    """What a worker returns of one cell."""

    figures: Figures
    flac: bytes
    opus: bytes


def measure(jobs: Sequence[Job], speakers: Speakers | None = None) -> list[Made]:
    """Measure cells one after the other, with this process's engines unless others are given."""
    own = _speakers() if speakers is None else speakers
    return [_measure(job, own) for job in jobs]


@cache
def _speakers() -> Speakers:
    """Return the engines of this process, a worker; they end with it."""
    speakers = Speakers()
    atexit.register(speakers.close)
    return speakers


@cache
def _recognizer() -> Recognizer:
    from workbench.speech.recognizers.whisper import WhisperRecognizer

    return WhisperRecognizer.load()


def _measure(job: Job, speakers: Speakers) -> Made:
    speaker = speakers.warm(job.voice)
    began = time.perf_counter()
    first_byte, parts, rate = math.nan, list[Samples](), speaker.capabilities.rate
    for clause in speaker.synthesize(job.ssml, voice=job.voice.within):
        first_byte = time.perf_counter() - began if not parts else first_byte
        parts.append(clause.samples)
    took = time.perf_counter() - began
    samples: Samples = np.concatenate(parts) if parts else np.zeros(0, np.float32)
    if not len(samples):
        raise EngineFailed(f"voice {job.voice.id} said nothing to a text of {len(job.text.text)} characters")
    heard = _heard(samples, rate, job.text.language) if job.recognised else ""
    figures = _figures(job, samples, rate, (first_byte, took), heard)
    return Made(figures, _file(samples, rate, "FLAC", "PCM_16"), _file(samples, rate, "OGG", "OPUS"))


def _figures(job: Job, samples: Samples, rate: int, times: tuple[float, float], heard: str) -> Figures:
    first_byte, took = times
    duration = len(samples) / rate
    audible = first_audible(samples, rate)
    timing = rhythm(samples, rate) or Rhythm(speech=(0.0, 0.0), pauses=())
    pitch = _pitch(samples, rate)
    told = errors_in(job.text.text, heard, language=job.text.language) if job.recognised else None
    code = _primary(job.text.language)
    written_out = not any(char.isdigit() for char in job.text.text)
    return Figures(
        first_byte=first_byte,
        first_audio=math.nan if audible is None else first_byte + audible / rate,
        real_time_factor=took / duration,
        duration=duration,
        speech=timing.duration,
        pauses=len(timing.pauses),
        pausing=timing.pausing,
        syllables=syllables(job.text.text, code) if written_out and code in COUNTED and code != "ja" else 0,
        words=words(job.text.text) if written_out and code not in UNSPACED else 0,
        f0_median_hz=pitch.median_hz if pitch else math.nan,
        f0_range_semitones=pitch.range_semitones if pitch else math.nan,
        f0_declination=pitch.declination if pitch else math.nan,
        level_db=dbfs(samples),
        loudness_lufs=loudness_lufs(samples, rate),
        clipped=clipping(samples).runs,
        heard=heard,
        word_errors=told.word_errors if told else 0,
        words_said=told.words if told else 0,
        character_errors=told.character_errors if told else 0,
        characters_said=told.characters if told else 0,
    )


def _pitch(samples: Samples, rate: int) -> PitchFigures | None:
    if len(samples) / rate < _SHORT:
        return None
    return pitch_figures(f0_contour(samples, rate, low=_F0_RANGE[0], high=_F0_RANGE[1]))


def heard_in(samples: Samples, rate: int, language: str) -> str:
    """Return what this process's recogniser understands of a recording."""
    return _heard(samples, rate, language)


def _heard(samples: Samples, rate: int, language: str) -> str:
    hearing = _recognizer().listen(language="zh" if language.lower() == "cmn" else language)
    at_rate = np.asarray(soxr.resample(samples, rate, RECOGNIZER_RATE), dtype=np.float32)
    hearing.add(at_rate)
    return hearing.final().text


def _file(samples: Samples, rate: int, container: str, subtype: str) -> bytes:
    held = io.BytesIO()
    soundfile.write(held, np.clip(samples, -1, 32_767 / 32_768), rate, format=container, subtype=subtype)
    return held.getvalue()
