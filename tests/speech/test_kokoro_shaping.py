import numpy as np
import pytest

from workbench.speech.synthesizers import shaping

RATE = 24_000


def tone(seconds, hz=220.0, level=0.5):
    return (level * np.sin(2 * np.pi * hz * np.arange(round(seconds * RATE)) / RATE)).astype(np.float32)


def test_silence_around_speech_is_found():
    """Silence before speech would count as response time."""
    samples = np.concatenate((np.zeros(7200), tone(0.5), np.zeros(4800))).astype(np.float32)
    first, end = shaping.speech_span(samples, RATE)
    assert first == pytest.approx(7200 - 0.012 * RATE, abs=0.005 * RATE)
    assert end == pytest.approx(7200 + 0.5 * RATE + 0.045 * RATE, abs=0.005 * RATE)


@pytest.mark.parametrize(
    "samples", [np.zeros(0, np.float32), np.zeros(5000, np.float32), np.full(9, 1e-4, np.float32)]
)
def test_silence_alone_has_no_span(samples):
    """An empty clause would raise."""
    assert shaping.speech_span(samples, RATE) == (0, 0)


@pytest.mark.parametrize("factor", [0.5, 0.8, 1.25, 1.5, 2.0, 3.0])
def test_stretching_changes_length_and_not_pitch(factor):
    """Fast speech would sound like a child, or not be fast."""
    stretched = shaping.stretched(tone(1.0), factor)
    assert len(stretched) == pytest.approx(RATE / factor, rel=0.01)
    middle = stretched[len(stretched) // 4 : -len(stretched) // 4]
    spectrum = np.abs(np.fft.rfft(middle * np.hanning(len(middle)), 1 << 18))
    assert np.argmax(spectrum) * RATE / (1 << 18) == pytest.approx(220, rel=0.02)
    assert np.sqrt(np.mean(middle**2)) == pytest.approx(0.5 / np.sqrt(2), rel=0.1)


def test_gains_hold_from_their_start():
    """An emphasised word would be loud at another place."""
    steady = np.full(RATE, 0.1, dtype=np.float32)
    starts = np.array([600, 12_000], dtype=np.int64)
    shaped = shaping.with_gains(steady, RATE, np.array([0, 6], dtype=np.float32), starts)
    assert len(shaped) == len(steady)
    assert shaped[:11_000] == pytest.approx(0.1, rel=1e-3)
    assert shaped[13_000:] == pytest.approx(0.1995, rel=1e-3)
    assert np.abs(np.diff(shaped)).max() < 0.001


def test_loud_speech_does_not_pass_full_scale():
    """+20 dB would wrap around in 16 bits."""
    starts = np.array([0], dtype=np.int64)
    shaped = shaping.with_gains(tone(0.1), RATE, np.array([20], dtype=np.float32), starts)
    assert 0.9 < np.abs(shaped).max() <= 1.0
