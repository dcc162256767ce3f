"""One cell of a comparison of voices: said, timed, measured and understood."""

import atexit
import io
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import soundfile
import soxr

from workbench.analysis.intelligibility import UNSPACED, errors_in
from workbench.analysis.stress import Stress, stress
from workbench.audio.levels import dbfs, first_audible
from workbench.core.audio import Samples
from workbench.core.events import SpokenWord
from workbench.errors import EngineFailed, ParameterError
from workbench.prosody.contours import Contour, f0_contour
from workbench.prosody.loudness import clipping, loudness_lufs
from workbench.prosody.pitch import PitchFigures, pitch_figures
from workbench.prosody.rhythm import Rhythm, rhythm
from workbench.prosody.syllables import LANGUAGES as COUNTED, syllables, words
from workbench.speech.ports import RECOGNIZER_RATE, Clause, Recognizer
from workbench.speech.speakers import Speakers
from workbench.speech.voices import Voice
from workbench.ssml.setting import Setting

VERSION = 4
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
    """Words between asterisks are those that a setting's ``emphasis`` is for."""
    language: str
    """BCP 47 tag."""


def check_said(texts: Sequence[Text], voices: Sequence[Voice]) -> None:
    """Find out before the work whether there is something to say and somebody to say it.

    Raises
    ------
    ParameterError
        If there are no texts, one is empty or only a string, or a voice is only its name.
    """
    for kind, given, write in ((Text, texts, 'Text("...", "en")'), (Voice, voices, 'named("af_heart")')):
        name = "texts" if kind is Text else "voices"
        if isinstance(given, str | kind):
            raise ParameterError(f"{name} are one {type(given).__name__}, expected a list, as [{write}]")
        wrong = next((one for one in given if not isinstance(one, kind)), None)
        if wrong is not None:
            raise ParameterError(f"{name} hold a {type(wrong).__name__}, expected each as {write}")
    empty = [place for place, one in enumerate(texts, start=1) if not any(map(str.isalnum, one.text))]
    if empty or not texts:
        problem = f"text {empty[0]} has no words" if empty else "there are no texts"
        raise ParameterError(f"{problem}, expected something to say")


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
    stress_seconds: float
    """Of the words between asterisks; so are the next two."""
    stress_semitones: float
    """Median f0 above that of the other words."""
    stress_db: float
    """Level above that of the other words."""
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
    first_byte, clauses, rate = math.nan, list[Clause](), speaker.capabilities.rate
    for clause in speaker.synthesize(job.ssml, voice=job.voice.within):
        first_byte = time.perf_counter() - began if not clauses else first_byte
        clauses.append(clause)
    times = first_byte, time.perf_counter() - began
    samples, words = joined_clauses(clauses)
    if not len(samples):
        raise EngineFailed(f"voice {job.voice.id} said nothing to a text of {len(job.text.text)} characters")
    heard = _heard(samples, rate, job.text.language) if job.recognised else ""
    figures = _figures(job, samples, rate, times, heard)
    if "*" in job.text.text:
        figures = _with_stress(figures, job, samples, rate, words)
    return Made(figures, _file(samples, rate, "FLAC", "PCM_16"), _file(samples, rate, "OGG", "OPUS"))


def joined_clauses(clauses: Sequence[Clause]) -> tuple[Samples, tuple[SpokenWord, ...]]:
    """Return the sound of clauses said one after the other, and the words with their times in all of it."""
    words: list[SpokenWord] = []
    start = 0.0
    for clause in clauses:
        words += [replace(word, start=word.start + start, end=word.end + start) for word in clause.words]
        start += len(clause.samples) / clause.rate
    samples = np.concatenate([clause.samples for clause in clauses]) if clauses else np.zeros(0, np.float32)
    return samples, tuple(words)


def _with_stress(
    figures: Figures, job: Job, samples: Samples, rate: int, words: Sequence[SpokenWord]
) -> Figures:
    contour = _contour(samples, rate)
    told = stress(job.text.text, words, samples, rate, contour) if contour is not None else Stress()
    return replace(
        figures,
        stress_seconds=told.seconds,
        stress_semitones=told.semitones,
        stress_db=told.level_db,
    )


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
        stress_seconds=math.nan,
        stress_semitones=math.nan,
        stress_db=math.nan,
        heard=heard,
        word_errors=told.word_errors if told else 0,
        words_said=told.words if told else 0,
        character_errors=told.character_errors if told else 0,
        characters_said=told.characters if told else 0,
    )


def _pitch(samples: Samples, rate: int) -> PitchFigures | None:
    contour = _contour(samples, rate)
    return None if contour is None else pitch_figures(contour)


def _contour(samples: Samples, rate: int) -> Contour | None:
    if len(samples) / rate < _SHORT:
        return None
    return f0_contour(samples, rate, low=_F0_RANGE[0], high=_F0_RANGE[1])


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
