"""What a style asks of an engine: one factor for rate, one for f0, one gain."""

from dataclasses import dataclass

from workbench.speech.synthesizers.clauses import stretch
from workbench.ssml.flatten import Style

_EMPHASIS = {
    "none": (1.0, 1.0, 0.0),
    "reduced": (1.12, 0.94, -3.0),
    "moderate": (0.9, 1.08, 1.5),
    "strong": (0.78, 1.16, 3.0),
}
"""Rate factor, f0 factor and gain in dB of each level."""

_LOWEST, _HIGHEST = 0.3, 3.0
"""Range of the f0 factor."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """How one word is spoken, against the voice's usual way."""

    rate: float
    """Factor, without what is left to stretching afterwards."""
    f0: float
    """Factor."""
    gain_db: float


def delivery_of(style: Style, f0_hz: float) -> Delivery:
    """Return what ``style`` asks of a voice whose usual f0 is ``f0_hz``."""
    rate, f0, gain = _EMPHASIS[style.emphasis]
    for pitch in style.pitches:
        f0 *= pitch.factor(f0_hz)
    return Delivery(
        rate=style.rate / stretch(style) * rate,
        f0=min(max(f0, _LOWEST), _HIGHEST),
        gain_db=style.gain_db + gain,
    )
