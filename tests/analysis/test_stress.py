import numpy as np
import pytest

from workbench.analysis.stress import Stress, stress
from workbench.core.events import SpokenWord
from workbench.prosody.contours import f0_contour

RATE = 16_000
WORDS = [
    SpokenWord(text=word, start=place * 0.5, end=place * 0.5 + 0.5)
    for place, word in enumerate(("I", "want", "two,", "please"))
]


def tones(heights: list[float], gains: list[float]) -> np.ndarray:
    at = np.arange(RATE // 2) / RATE
    parts = [
        gain * sum(np.sin(2 * np.pi * f0 * times * at) / times for times in range(1, 6))
        for f0, gain in zip(heights, gains, strict=True)
    ]
    return np.concatenate(parts).astype(np.float32)


def test_a_word_that_is_higher_and_louder_is_found_so() -> None:
    """Stress would be measured on another word, or in another unit: known are 3 semitones and 6 dB."""
    high = 150 * 2 ** (3 / 12)
    samples = tones([150, 150, high, 150], [0.1, 0.1, 0.2, 0.1])
    found = stress("I want *two*, please", WORDS, samples, RATE, f0_contour(samples, RATE))
    assert found.seconds == pytest.approx(0.5)
    assert found.semitones == pytest.approx(3, abs=0.1)
    assert found.level_db == pytest.approx(20 * np.log10(2), abs=0.1)


@pytest.mark.parametrize("text", ["I want two, please", "*I want two, please*", "I *want* two"])
def test_where_nothing_can_be_told_nothing_is(text: str) -> None:
    """A word would be compared with nothing, or with the wrong ones."""
    samples = tones([150] * 4, [0.1] * 4)
    found = stress(text, WORDS, samples, RATE, f0_contour(samples, RATE))
    assert np.isnan([found.seconds, found.semitones, found.level_db]).all()
    assert np.isnan(Stress().seconds)
