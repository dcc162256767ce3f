"""Where sounds end and begin, on signals whose edges are known."""

import numpy as np
import pytest

from workbench.audio.levels import without_rumble
from workbench.prosody.edges import Decibels, begin_of_sound, edge_levels, end_of_sound

RATE = 16_000


def hiss(seconds: float, db: float, rng: np.random.Generator, rate: int = RATE) -> np.ndarray:
    return rng.normal(0, 10 ** (db / 20), round(seconds * rate))


def voice(seconds: float, *, level: float = 0.3, rate: int = RATE) -> np.ndarray:
    """Return a tone of 120 Hz with eight harmonics, loud to its very ends."""
    at = np.arange(round(seconds * rate)) / rate
    wave = np.sum([np.sin(2 * np.pi * 120 * k * at) / k for k in range(1, 9)], axis=0)
    return np.asarray(level * wave / np.abs(wave).max())


def silence(seconds: float, rate: int = RATE) -> np.ndarray:
    return np.zeros(round(seconds * rate))


def levels_of(sound: np.ndarray, rate: int) -> tuple[Decibels, Decibels]:
    return edge_levels(sound, without_rumble(sound, rate), rate)


def found(*parts: np.ndarray, background: np.ndarray | None = None, rate: int = RATE) -> tuple[float, float]:
    """Return where the sound before 0.8 s begins and ends, looked for from 0.3 and 0.8 s."""
    sound = np.concatenate(parts)
    if background is not None:
        sound = sound + background[: len(sound)]
    levels = levels_of(sound.astype(np.float32), rate)
    return begin_of_sound(levels, 0.3, 0.0), end_of_sound(levels, 0.8, len(sound) / rate)


@pytest.mark.parametrize("rate", [8_000, 16_000, 24_000, 44_100, 48_000])
@pytest.mark.parametrize("background", [None, -75, -50])
def test_a_sharp_edge_is_found_at_every_rate(
    rate: int, background: float | None, rng: np.random.Generator
) -> None:
    """Every pause that a synthesiser puts in would be measured too long or too short."""
    noise = None if background is None else hiss(2, background, rng, rate)
    parts = silence(0.3, rate), voice(0.5, rate=rate), silence(0.5, rate)
    begin, end = found(*parts, background=noise, rate=rate)
    assert begin == pytest.approx(0.3, abs=0.006)
    assert end == pytest.approx(0.8, abs=0.006)


def test_the_echo_of_a_room_is_not_speech(rng: np.random.Generator) -> None:
    """A voice would seem to go on for as long as its room rings: 60 dB in half a second, 30 dB under it."""
    echo = voice(0.6, level=0.01) * 10 ** (-120 * np.arange(round(0.6 * RATE)) / RATE / 20)
    _, end = found(silence(0.3), voice(0.5), echo, background=hiss(2, -60, rng))
    assert end == pytest.approx(0.8, abs=0.02)


def test_a_voice_that_dies_away_ends_where_it_has_died(rng: np.random.Generator) -> None:
    """A vowel that fades by 50 dB in a tenth of a second would end while it is still heard."""
    fading = voice(0.1) * 10 ** (-500 * np.arange(round(0.1 * RATE)) / RATE / 20)
    _, end = found(silence(0.3), voice(0.4), fading, silence(0.5), background=hiss(2, -75, rng))
    assert end == pytest.approx(0.8, abs=0.02)


def test_weak_friction_counts_though_a_room_rumbles(rng: np.random.Generator) -> None:
    """The s of a last word and the h of a first one would be lost in the hum of a fan."""
    rumble = np.cumsum(hiss(2, -55, rng))
    rumble = 0.02 * (rumble - rumble.mean()) / np.abs(rumble).max()
    weak = np.diff(hiss(0.1, -46, rng), prepend=0)
    begin, end = found(
        silence(0.3), weak, voice(0.3), weak, silence(0.5), background=rumble + hiss(2, -80, rng)
    )
    assert begin == pytest.approx(0.3, abs=0.01)
    assert end == pytest.approx(0.8, abs=0.01)


@pytest.mark.parametrize(("seconds", "belongs"), [(0.04, True), (0.008, False)])
def test_the_release_of_a_stop_belongs_to_the_word_and_a_click_does_not(
    seconds: float, belongs: bool, rng: np.random.Generator
) -> None:
    """A "cat" would end before its t, or with the click of a mouse."""
    release = hiss(seconds, -40, rng)
    _, end = found(
        silence(0.3), voice(0.5), silence(0.06), release, silence(0.4), background=hiss(2, -75, rng)
    )
    assert end == pytest.approx(0.86 + seconds if belongs else 0.8, abs=0.01)


def test_what_cannot_be_seen_stays_where_it_was(rng: np.random.Generator) -> None:
    """In noise as loud as the voice an edge would be made up."""
    assert found(hiss(1.5, -30, rng)) == (0.3, 0.8)
    levels = levels_of(np.zeros(0, np.float32), RATE)
    assert begin_of_sound(levels, 0.0, 0.0) == end_of_sound(levels, 0.0, 0.0) == 0
