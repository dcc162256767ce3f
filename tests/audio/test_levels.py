"""Levels and speech bounds on signals with known answers, and on annotated human recordings."""

import json
import os
from pathlib import Path

import numpy as np
import pytest

from workbench.audio.files import load_audio_with_rate
from workbench.audio.levels import (
    SILENT,
    audible_spans,
    dbfs,
    end_of_speech,
    first_audible,
    speech_span,
    start_of_speech,
)

RATE = 16_000


def shared_data() -> Path:
    beside = Path(__file__).parents[3] / "shared" / "data"
    folder = Path(os.environ.get("WORKBENCH_SHARED_DATA", beside))
    if not folder.is_dir():
        pytest.skip("the optional folder of real recordings is not there")
    return folder


def silence(seconds: float) -> np.ndarray:
    return np.zeros(round(seconds * RATE), dtype=np.float32)


def voice(seconds: float, *, level: float = 0.3) -> np.ndarray:
    """Return a 120 Hz pulse-like tone of eight harmonics, loud to its very ends."""
    at = np.arange(round(seconds * RATE)) / RATE
    wave = np.sum([np.sin(2 * np.pi * 120 * k * at) / k for k in range(1, 9)], axis=0)
    return (level * wave / np.abs(wave).max()).astype(np.float32)


def noise(seconds: float, db: float) -> np.ndarray:
    return (np.random.default_rng(5).standard_normal(round(seconds * RATE)) * 10 ** (db / 20)).astype(
        np.float32
    )


def test_level_of_known_signals() -> None:
    """A sine at full scale is -3.01 dBFS, a square 0, a tenth of it -20; silence has a finite level."""
    sine = np.sin(2 * np.pi * 100 * np.arange(RATE) / RATE).astype(np.float32)
    assert dbfs(sine) == pytest.approx(-3.0103, abs=1e-3)
    assert dbfs(np.ones(100, dtype=np.float32)) == pytest.approx(0)
    assert dbfs(np.full(100, 0.1, dtype=np.float32)) == pytest.approx(-20, abs=1e-4)
    assert dbfs(silence(1)) == SILENT
    assert dbfs(silence(0)) == SILENT


@pytest.mark.parametrize("onset", [0.0, 0.1, 0.3333, 0.5])
def test_first_audible_is_within_five_milliseconds_before(onset: float) -> None:
    """Every response time is read off with it: late or earlier than 5 ms would be wrong by as much."""
    samples = np.concatenate([silence(onset), voice(0.2)])
    found = first_audible(samples, RATE)
    assert found is not None
    assert 0 <= len(silence(onset)) - found < 0.005 * RATE


def test_first_audible_keeps_to_its_threshold() -> None:
    """Noise under the threshold would otherwise count as the reply."""
    quiet = np.full(RATE, 10 ** (-60 / 20), dtype=np.float32)
    assert first_audible(quiet, RATE) is None
    assert first_audible(quiet, RATE, threshold_db=-65) == 0
    assert first_audible(silence(0), RATE) is None


def test_audible_spans_are_the_sounding_stretches() -> None:
    """What is heard of a reply is read off with it: a stretch lost or joined would hide a leak."""
    samples = np.concatenate([silence(0.1), voice(0.2), silence(0.05), voice(0.1), silence(0.1)])
    spans = [(start / RATE, end / RATE) for start, end in audible_spans(samples, RATE)]
    assert spans == [(pytest.approx(0.1), pytest.approx(0.3)), (pytest.approx(0.35), pytest.approx(0.45))]
    assert audible_spans(silence(0.2), RATE) == ()


@pytest.mark.parametrize("noise_db", [None, -80, -60, -45])
@pytest.mark.parametrize("lead", [0.4, 2.0])
def test_bounds_of_a_known_utterance(noise_db: float | None, lead: float) -> None:
    """Bounds off by more than 10 ms would shift every response time by as much."""
    words = np.concatenate([voice(0.3), silence(0.25), voice(0.4, level=0.1)])
    samples = np.concatenate([silence(lead), words, silence(0.6)])
    if noise_db is not None:
        samples = samples + noise(len(samples) / RATE, noise_db)
    span = speech_span(samples, RATE)
    assert span is not None
    start, end = span
    assert start / RATE == pytest.approx(lead, abs=0.01)
    assert end / RATE == pytest.approx(lead + 0.95, abs=0.01)
    assert (start_of_speech(samples, RATE), end_of_speech(samples, RATE)) == (start, end)


def test_clicks_far_from_speech_are_ignored() -> None:
    """A mouse click after the caller's last word would make the answer look faster than it was."""
    samples = np.concatenate([silence(0.5), voice(0.5), silence(1.0)]) + noise(2.0, -70)
    samples[round(0.1 * RATE) : round(0.1 * RATE) + 80] += 0.8
    samples[round(1.6 * RATE) : round(1.6 * RATE) + 160] += 0.8
    span = speech_span(samples, RATE)
    assert span is not None
    assert span[0] / RATE == pytest.approx(0.5, abs=0.01)
    assert span[1] / RATE == pytest.approx(1.0, abs=0.01)


def test_the_release_of_a_final_stop_belongs_to_the_word() -> None:
    """Ending "milk" at its vowel would start the clock 150 ms early."""
    release = noise(0.08, -40)
    samples = np.concatenate([silence(0.5), voice(0.5), silence(0.06), release, silence(0.8)])
    end = end_of_speech(samples + noise(len(samples) / RATE, -85), RATE)
    assert end is not None
    assert end / RATE == pytest.approx(1.14, abs=0.01)


def test_a_clip_cut_close_and_padded_keeps_its_weak_ending() -> None:
    """A clip without background, put between digital silence, has only speech: its dips are not noise."""
    pieces = [voice(0.12, level=level) for level in (0.3, 0.05, 0.25, 0.04, 0.3, 0.06, 0.03)]
    samples = np.concatenate([silence(0.5), *pieces, silence(0.5)])
    span = speech_span(samples, RATE)
    assert span is not None
    assert span[0] / RATE == pytest.approx(0.5, abs=0.01)
    assert span[1] / RATE == pytest.approx(0.5 + 7 * 0.12, abs=0.01)


def test_a_noisy_recording_between_padding_ends_with_its_speech() -> None:
    """The room of a recording played into a silent line must not count as the caller speaking."""
    recorded = np.concatenate([silence(0.3), voice(0.6), silence(0.5)]) + noise(1.4, -38)
    span = speech_span(np.concatenate([silence(0.5), recorded, silence(0.5)]), RATE)
    assert span is not None
    assert span[0] / RATE == pytest.approx(0.8, abs=0.01)
    assert span[1] / RATE == pytest.approx(1.4, abs=0.01)


def test_hum_and_offset_are_not_speech() -> None:
    """A recording with mains hum and an offset would otherwise be speech from end to end."""
    at = np.arange(2 * RATE) / RATE
    hum = (0.02 * np.sin(2 * np.pi * 50 * at) + 0.05).astype(np.float32)
    samples = np.concatenate([silence(0.7), voice(0.6), silence(0.7)]) + hum + noise(2.0, -70)
    span = speech_span(samples, RATE)
    assert span is not None
    assert span[0] / RATE == pytest.approx(0.7, abs=0.015)
    assert span[1] / RATE == pytest.approx(1.3, abs=0.015)


@pytest.mark.parametrize("name", ["nothing", "silence", "noise", "steady tone", "one click"])
def test_no_speech_is_none(name: str) -> None:
    """Inventing speech where there is none would give turns a response time they never had."""
    click = silence(1.0)
    click[8_000:8_050] = 0.9
    signals = {
        "nothing": silence(0),
        "silence": silence(1.0),
        "noise": noise(1.0, -40),
        "steady tone": voice(1.0),
        "one click": click,
    }
    assert speech_span(signals[name], RATE) is None


@pytest.mark.shared_data
@pytest.mark.parametrize("name", ["librivox_0870", "librivox_0890", "librivox_0930"])
def test_agrees_with_word_alignment(name: str) -> None:
    """Bounds that drift on human speech would fail this: the aligner is an independent program."""
    folder = shared_data() / "speech_english_misc"
    samples, rate = load_audio_with_rate(folder / f"{name}.wav")
    words = [
        word
        for word in json.loads((folder / f"{name}.align.json").read_text())["w"]
        if not word["t"].startswith("<")
    ]
    span = speech_span(samples, rate)
    assert span is not None
    assert span[0] / rate == pytest.approx(words[0]["b"], abs=0.08)
    assert span[1] / rate == pytest.approx(words[-1]["b"] + words[-1]["d"], abs=0.05)


@pytest.mark.shared_data
def test_agrees_with_annotated_single_words() -> None:
    """Single words annotated by others: each bound within 80 ms, half of them within 40."""
    samples, rate = load_audio_with_rate(shared_data() / "conversation_audio" / "sm_audio_08_16kHz.wav")
    words = [(0.4, 0.75), (2.12, 2.5), (3.84, 4.27), (5.62, 6.42), (7.76, 8.16), (9.56, 10.05)]
    cuts = [0.0, *((a[1] + b[0]) / 2 for a, b in zip(words, words[1:], strict=False)), len(samples) / rate]
    errors = []
    for (start, end), low, high in zip(words, cuts, cuts[1:], strict=False):
        span = speech_span(samples[int(low * rate) : int(high * rate)], rate)
        assert span is not None
        errors += [abs(low + span[0] / rate - start), abs(low + span[1] / rate - end)]
    assert max(errors) < 0.08
    assert float(np.median(errors)) < 0.04
