import pytest

from workbench.ssml import attributes
from workbench.ssml.scales import Pitch


@pytest.mark.parametrize(
    ("reader", "value", "meaning"),
    [
        (attributes.seconds_from, "250ms", 0.25),
        (attributes.seconds_from, "1.5s", 1.5),
        (attributes.rate_from, "80%", 0.8),
        (attributes.rate_from, "+10%", 1.1),
        (attributes.rate_from, "-50%", 0.5),
        (attributes.rate_from, "1.2", 1.2),
        (attributes.rate_from, "medium", 1.0),
        (attributes.pitch_from, "+2st", Pitch(2.0, "st")),
        (attributes.pitch_from, "-10%", Pitch(-10.0, "%")),
        (attributes.pitch_from, "+20Hz", Pitch(20.0, "Hz")),
        (attributes.pitch_from, "200Hz", Pitch(200.0, "=Hz")),
        (attributes.gain_db_from, "+6dB", 6.0),
        (attributes.gain_db_from, "100", 0.0),
        (attributes.gain_db_from, "silent", -120.0),
    ],
)
def test_values_mean_what_the_standard_says(reader, value, meaning):
    """A prompt's numbers would be taken for others."""
    assert reader(value) == pytest.approx(meaning) if isinstance(meaning, float) else reader(value) == meaning


@pytest.mark.parametrize(
    ("reader", "value"),
    [
        (attributes.seconds_from, "1"),
        (attributes.seconds_from, "-1s"),
        (attributes.seconds_from, "10.1s"),
        (attributes.rate_from, "quick"),
        (attributes.rate_from, "5%"),
        (attributes.pitch_from, "+30st"),
        (attributes.pitch_from, "10"),
        (attributes.gain_db_from, "50%"),
        (attributes.gain_db_from, "+30dB"),
    ],
)
def test_other_values_say_what_to_write(reader, value):
    """A wrong value would be guessed at."""
    with pytest.raises(ValueError, match="^write "):
        reader(value)


def test_pitch_factors():
    """An octave, a fifth of the voice or a wanted f0 would come out as another."""
    assert Pitch(12, "st").factor(100) == pytest.approx(2)
    assert Pitch(50, "%").factor(100) == pytest.approx(1.5)
    assert Pitch(-20, "Hz").factor(100) == pytest.approx(0.8)
    assert Pitch(150, "=Hz").factor(100) == pytest.approx(1.5)
