import json
from pathlib import Path

import numpy as np
import praat
import pytest

from workbench.audio.files import load_audio_with_rate
from workbench.data import data_folder
from workbench.errors import ParameterError
from workbench.prosody.contours import Contour
from workbench.prosody.rhythm import Rhythm, npvi, rhythm, share_of, voiced_spans

RATE = 16_000


def spoken(*parts: float, rng: np.random.Generator, background: float = 1e-4) -> np.ndarray:
    """Return noise shaped like syllables, and silence, in turns of so many seconds, over a background."""
    pieces = []
    for place, seconds in enumerate(parts):
        count = round(seconds * RATE)
        swell = 0.6 + 0.4 * np.sin(2 * np.pi * 5 * np.arange(count) / RATE)
        pieces.append(rng.normal(0, 0.1, count) * swell if place % 2 == 0 else np.zeros(count))
    sound = np.concatenate(pieces)
    return (sound + rng.normal(0, background, len(sound))).astype(np.float32)


@pytest.mark.parametrize("background", [0.0, 1e-4, 1e-3])
def test_pauses_lie_where_they_were_put(background: float, rng: np.random.Generator) -> None:
    """Rates and pauses would be off by more than 20 ms, with or without a room around the voice."""
    sound = spoken(0.0, 0.4, 0.8, 0.3, 0.5, 0.7, 0.6, 0.5, rng=rng, background=background)
    found = rhythm(sound, RATE)
    assert found is not None
    assert found.speech == pytest.approx((0.4, 3.3), abs=0.02)
    assert np.array(found.pauses) == pytest.approx(np.array([(1.2, 1.5), (2.0, 2.7)]), abs=0.02)
    assert found.pausing == pytest.approx(1.0, abs=0.02)
    assert found.articulating == pytest.approx(1.9, abs=0.03)


def test_the_closure_of_a_stop_is_no_pause(rng: np.random.Generator) -> None:
    """Every p, t and k would count as a hesitation."""
    sound = spoken(0.4, 0.1, 0.4, 0.4, rng=rng)
    found, fine = rhythm(sound, RATE), rhythm(sound, RATE, pause=0.05)
    assert found is not None
    assert fine is not None
    assert found.pauses == ()
    assert len(fine.pauses) == 1


def test_a_click_does_not_part_a_pause(rng: np.random.Generator) -> None:
    """One pause would be counted as two short ones."""
    sound = spoken(0.5, 0.5, 0.5, rng=rng)
    sound[round(0.7 * RATE) : round(0.71 * RATE)] = 0.3
    found = rhythm(sound, RATE)
    assert found is not None
    assert len(found.pauses) == 1


def test_silence_has_no_rhythm() -> None:
    """Rates would be divided by nothing."""
    assert rhythm(np.zeros(RATE, np.float32), RATE) is None


def test_a_pause_of_nothing_is_refused() -> None:
    """Every dip between two periods would be one."""
    with pytest.raises(ParameterError, match=r"pause is 0 s, expected at least 0\.02"):
        rhythm(np.zeros(RATE, np.float32), RATE, pause=0)


def test_rates_are_worked_out_by_hand() -> None:
    """Speaking and articulation rate would be mixed up."""
    timing = Rhythm(speech=(1.0, 5.0), pauses=((2.0, 2.5), (3.0, 3.5)))
    assert timing.speaking_rate(12) == 3
    assert timing.articulation_rate(12) == 4


def test_variability_is_what_its_formula_says() -> None:
    """Languages would be told apart by a private measure: by hand (2/3 + 2/3 + 0) / 3."""
    assert npvi([0.1, 0.2, 0.1, 0.1]) == pytest.approx(100 * (2 / 3 + 2 / 3 + 0) / 3)
    assert npvi([0.2] * 5) == 0
    assert np.isnan(npvi([0.1]))
    with pytest.raises(ParameterError, match="the shortest interval lasts 0 s, expected more than 0"):
        npvi([0.1, 0.0])


def test_voiced_and_unvoiced_leave_pauses_out() -> None:
    """%VO would depend on how long a speaker thinks."""
    at = np.arange(100) / 100
    f0 = np.where((at >= 0.1) & (at < 0.3) | (at >= 0.6) & (at < 0.7), 120.0, np.nan)
    timing = Rhythm(speech=(0.05, 0.8), pauses=((0.35, 0.6),))
    voiced, unvoiced = voiced_spans(Contour(at, f0), timing)
    assert np.array(voiced) == pytest.approx(np.array([(0.1, 0.3), (0.6, 0.7)]))
    assert np.array(unvoiced) == pytest.approx(np.array([(0.05, 0.1), (0.3, 0.35), (0.7, 0.8)]))
    assert share_of(voiced, unvoiced) == pytest.approx(60)


@pytest.mark.shared_data
@pytest.mark.skipif(not praat.installed(), reason="Praat is not installed")
@pytest.mark.parametrize("name", ["porcupine_multi_de", "porcupine_multi_fr", "porcupine_multi_ja"])
def test_pauses_of_human_speech_are_those_praat_finds(name: str, shared_data, tmp_path) -> None:
    """A pause between two words would be found only in synthetic sound: median edge within 20 ms."""
    file = shared_data / "speech_multilingual" / f"{name}.wav"
    timing = rhythm(*load_audio_with_rate(file))
    assert timing is not None
    long = [pause for pause in timing.pauses if pause[1] - pause[0] > 0.3]
    theirs = praat.silences(file, tmp_path, pause=0.15)
    apart = [min(abs(one[edge] - other[edge]) for other in theirs) for one in long for edge in (0, 1)]
    assert long
    assert np.median(apart) < 0.02


LABELS = json.loads((Path(__file__).parents[2] / "benchmarks" / "labelled_edges.json").read_text("utf-8"))


def apart(found: list[float], wanted: list[float]) -> list[float]:
    return [min(abs(one - edge) for one in found) for edge in wanted]


def test_edges_lie_where_people_saw_them(shared_data: Path) -> None:
    """Pauses of human speech would be too long or too short; endings fade, in rooms and in noise."""
    begins, ends = list[float](), {"tuned": list[float](), "held out": list[float]()}
    for name, edges in LABELS["edges"].items():
        found = rhythm(*load_audio_with_rate(shared_data / name))
        assert found is not None
        begins += apart([found.speech[0], *(end for _, end in found.pauses)], edges["begins"])
        ends[edges["set"]] += apart([found.speech[1], *(start for start, _ in found.pauses)], edges["ends"])
    assert np.median(begins) <= 0.005
    assert max(begins) <= 0.0205
    for some, within in ((ends["tuned"], 0.9), (ends["held out"], 0.74)):
        assert np.median(some) <= 0.008
        assert np.mean(np.array(some) <= 0.0205) >= within


@pytest.mark.parametrize("caller", ["coffee_1", "rooms_2", "rooms_5"])
def test_a_pause_put_into_speech_is_as_long_as_it_was_made(caller: str, rng: np.random.Generator) -> None:
    """Loud sound before a pause would seem to go on into it."""
    samples, rate = load_audio_with_rate(data_folder() / "callers" / f"{caller}.flac")
    size = round(0.02 * rate)
    levels = np.square(samples[: len(samples) // size * size]).reshape(-1, size).mean(axis=1)
    cut = int(rng.choice(np.flatnonzero(levels > np.quantile(levels, 0.8)))) * size + 7
    made = 0.35
    silence = rng.normal(0, 1e-4, round(made * rate)).astype(np.float32)
    found = rhythm(np.concatenate([samples[:cut], silence, samples[cut:]]), rate)
    assert found is not None
    start, end = min(found.pauses, key=lambda pause: abs(pause[0] - cut / rate))
    assert start == pytest.approx(cut / rate, abs=0.02)
    assert end - start == pytest.approx(made, abs=0.02)
