import numpy as np
import pytest

from workbench.errors import ParameterError
from workbench.prosody.contours import Contour
from workbench.prosody.pitch import pitch_figures, semitones


def falling(slope: float, *, start_hz: float = 200.0, frames: int = 300) -> Contour:
    at = np.arange(frames) / 100
    return Contour(at, start_hz * 2 ** (slope * at / 12))


def test_a_steady_fall_is_measured_exactly() -> None:
    """Declination would be a number without a unit."""
    figures = pitch_figures(falling(-2.5))
    assert figures.declination == pytest.approx(-2.5)
    assert figures.median_hz == pytest.approx(200 * 2 ** (-2.5 * 1.495 / 12))
    assert figures.range_semitones == pytest.approx(2.5 * 2.99 * 0.9)
    assert figures.voiced == 1


def test_octave_errors_move_nothing_much() -> None:
    """One doubled frame in twenty, as trackers make them, would turn range and slope upside down."""
    contour = falling(-2.0)
    f0 = contour.f0_hz.copy()
    f0[::25] *= 2
    figures = pitch_figures(Contour(contour.at, f0))
    assert figures.declination == pytest.approx(-2.0, abs=0.1)
    assert figures.range_semitones == pytest.approx(pitch_figures(contour).range_semitones, abs=0.5)


def test_the_deviation_is_that_of_the_semitones() -> None:
    """Half the frames 3 semitones above, half below: the deviation is 3."""
    f0 = np.where(np.arange(100) % 2, 200 * 2 ** (3 / 12), 200 * 2 ** (-3 / 12))
    assert pitch_figures(Contour(np.arange(100) / 100, f0)).deviation_semitones == pytest.approx(3)


def test_without_voice_there_are_no_figures() -> None:
    """Silence would get an f0 of 0 Hz."""
    figures = pitch_figures(Contour(np.arange(50) / 100, np.full(50, np.nan)))
    assert np.isnan([figures.median_hz, figures.range_semitones, figures.declination]).all()
    assert figures.voiced == 0


def test_a_short_voice_has_no_slope() -> None:
    """One vowel would have a declination of many semitones a second."""
    assert np.isnan(pitch_figures(falling(-2, frames=20)).declination)


def test_a_reference_of_nothing_is_refused() -> None:
    """Semitones above 0 Hz would be infinite."""
    with pytest.raises(ParameterError, match="reference is 0 Hz, expected more than 0"):
        semitones([100.0], 0.0)
