"""Whether each speech engine works here: a short self-test of each, with its time and memory."""

import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import psutil

from workbench.core.audio import Samples
from workbench.errors import EngineMissing, WorkbenchError

SENTENCE = "The quick brown fox jumps over the lazy dog."
_RATE = 16_000
_RIGHT = 0.8
"""Share of the words that must be recognised again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """What came of one engine's self-test."""

    engine: str
    role: str
    needed: bool
    """Whether the embedded default needs it."""
    ok: bool
    result: str
    """What was measured, or what is wrong."""
    tried: bool = True
    """False if there was no time for it."""
    extra: str | None = None
    """The extra that would bring what is missing."""
    load_seconds: float = 0.0
    run_seconds: float = 0.0
    memory_mb: float = 0.0
    """How much the process grew."""


@dataclass(slots=True)
class _Measured:
    """Filled in by a test as it goes."""

    result: str = ""
    load_seconds: float = 0.0
    run_seconds: float = 0.0
    speech: list[Samples] = field(default_factory=list)
    """Synthesised speech at 16 kHz, for the engines after it."""


class EngineFault(Exception):
    """An engine ran and gave a wrong result; the text says which."""


_Test = Callable[[_Measured, Sequence[Samples]], None]


def run_checks(*, budget: float) -> Iterator[Check]:
    """Yield one result an engine; those not begun within ``budget`` seconds are reported as not tried."""
    deadline = time.monotonic() + budget
    speech: list[Samples] = []
    for engine, role, needed, test in _TESTS:
        if time.monotonic() > deadline:
            late = "there was no time for it"
            yield Check(engine=engine, role=role, needed=needed, ok=False, tried=False, result=late)
            continue
        measured = _Measured()
        before = psutil.Process().memory_info().rss
        problem, extra = _tried(test, measured, speech)
        speech.extend(measured.speech)
        yield Check(
            engine=engine,
            role=role,
            needed=needed,
            ok=not problem,
            result=problem or measured.result,
            extra=extra,
            load_seconds=measured.load_seconds,
            run_seconds=measured.run_seconds,
            memory_mb=max(0.0, (psutil.Process().memory_info().rss - before) / 1e6),
        )


def _tried(test: _Test, measured: _Measured, speech: Sequence[Samples]) -> tuple[str, str | None]:
    """Run one test and return what is wrong, or nothing, and the extra that would help."""
    try:
        test(measured, speech)
    except EngineMissing as error:
        return str(error), error.extra
    except (WorkbenchError, EngineFault) as error:
        return str(error), None
    except Exception as error:  # a self-test reports whatever it meets
        return f"unexpected {type(error).__name__}", None
    return "", None


def _kokoro(measured: _Measured, _: Sequence[Samples]) -> None:
    from workbench.speech.synthesizers.kokoro import KokoroSynthesizer
    from workbench.speech.voices import DEFAULT_VOICE

    began = time.monotonic()
    synthesizer = KokoroSynthesizer.load()
    measured.load_seconds = time.monotonic() - began
    began = time.monotonic()
    first, runs = 0.0, []
    for clause in synthesizer.synthesize(SENTENCE, voice=DEFAULT_VOICE):
        first = first or time.monotonic() - began
        runs.append(clause.samples)
    measured.run_seconds = time.monotonic() - began
    samples = np.concatenate(runs)
    length = len(samples) / synthesizer.capabilities.rate
    _audible(samples, length)
    measured.speech.append(_at_16k(samples, synthesizer.capabilities.rate))
    measured.result = (
        f"spoke {length:.1f} s in {measured.run_seconds:.1f} s, first clause after {first:.2f} s"
    )


def _whisper(measured: _Measured, speech: Sequence[Samples]) -> None:
    from workbench.speech.recognizers.whisper import WhisperRecognizer

    began = time.monotonic()
    recognizer = WhisperRecognizer.load()
    measured.load_seconds = time.monotonic() - began
    if not speech:
        measured.result = "loaded; nothing to listen to without a synthesiser"
        return
    began = time.monotonic()
    hearing = recognizer.listen(language="en-US")
    hearing.add(speech[0])
    heard = _plain(hearing.final().text)
    measured.run_seconds = time.monotonic() - began
    wanted = _plain(SENTENCE)
    right = sum(word in heard for word in wanted)
    if right < _RIGHT * len(wanted):
        raise EngineFault(f"recognised {right} of {len(wanted)} words of the self-test")
    measured.result = (
        f"recognised {right} of {len(wanted)} words of {len(speech[0]) / _RATE:.1f} s "
        f"in {measured.run_seconds:.2f} s"
    )


def _silero(measured: _Measured, speech: Sequence[Samples]) -> None:
    from workbench.audio.voice_activity import WINDOW, SileroVoiceActivity

    began = time.monotonic()
    silent = SileroVoiceActivity()
    measured.load_seconds = time.monotonic() - began
    quiet = max(silent.probability(np.zeros(WINDOW, dtype=np.float32)) for _ in range(20))
    if quiet > 0.5:
        raise EngineFault(f"takes silence for speech: probability {quiet:.2f}")
    if not speech:
        measured.result = f"loaded; silence {quiet:.2f}"
        return
    began = time.monotonic()
    follows = SileroVoiceActivity()
    windows = speech[0][: len(speech[0]) // WINDOW * WINDOW].reshape(-1, WINDOW)
    voiced = float(np.median([follows.probability(window) for window in windows]))
    measured.run_seconds = time.monotonic() - began
    if voiced < 0.5:
        raise EngineFault(f"takes speech for silence: probability {voiced:.2f}")
    measured.result = f"speech {voiced:.2f}, silence {quiet:.2f}"


def _espeak(measured: _Measured, _: Sequence[Samples]) -> None:
    from workbench.speech.synthesizers.espeak import EspeakSynthesizer

    began = time.monotonic()
    synthesizer = EspeakSynthesizer.load()
    measured.load_seconds = time.monotonic() - began
    try:
        began = time.monotonic()
        runs = [clause.samples for clause in synthesizer.synthesize(SENTENCE, voice="en-us")]
        measured.run_seconds = time.monotonic() - began
    finally:
        synthesizer.close()
    samples = np.concatenate(runs)
    length = len(samples) / synthesizer.capabilities.rate
    _audible(samples, length)
    tags = len(synthesizer.capabilities.languages)
    measured.result = f"spoke {length:.1f} s in {measured.run_seconds:.2f} s, {tags} language tags"


_TESTS: tuple[tuple[str, str, bool, _Test], ...] = (
    ("kokoro", "synthesiser", True, _kokoro),
    ("whisper", "recogniser", True, _whisper),
    ("silero", "voice activity", True, _silero),
    ("espeak", "synthesiser, more languages", False, _espeak),
)


def _audible(samples: Samples, length: float) -> None:
    level = float(np.sqrt(np.mean(np.square(samples)))) if len(samples) else 0.0
    if not 1.0 < length < 8.0 or level < 0.003:
        raise EngineFault(f"gave {length:.1f} s at a level of {level:.4f} for a sentence of 3 s")


def _at_16k(samples: Samples, rate: int) -> Samples:
    import soxr

    return np.asarray(soxr.resample(samples, rate, _RATE), dtype=np.float32)


def _plain(text: str) -> list[str]:
    return re.findall(r"[a-z']+", text.lower())
