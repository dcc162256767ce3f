"""What a style asks of an engine: one factor for rate, f0 at the start and the end, one gain."""

import math
from dataclasses import dataclass

from workbench.speech.synthesizers.clauses import stretch
from workbench.ssml.flatten import Style
from workbench.ssml.scales import Pitch

_EMPHASIS = {
    "none": (1.0, 1.0, 0.0),
    "reduced": (1.12, 0.94, -3.0),
    "moderate": (0.9, 1.08, 1.5),
    "strong": (0.78, 1.16, 3.0),
}
"""Rate factor, f0 factor and gain in dB of each level."""

_LOWEST, _HIGHEST = 0.3, 3.0
"""Range of the f0 factor."""
_RANGE = 6.0
"""Semitones f0 usually moves over in a sentence."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """How one word is spoken, against the voice's usual way."""

    rate: float
    """Factor, without what is left to stretching afterwards."""
    f0: float
    """Factor, half way through."""
    gain_db: float
    f0_start: float | None = None
    f0_end: float | None = None
    """Factors at the start and the end of the word where they are others: a pitch contour."""
    range_percent: float = 0.0
    """Change of how far f0 moves."""

    def f0_at(self, share: float) -> float:
        """Return the factor of f0 after ``share`` (0..1) of the word; straight in semitones."""
        if self.f0_start is None or self.f0_end is None:
            return self.f0
        first, second = (self.f0_start, self.f0) if share < 0.5 else (self.f0, self.f0_end)
        part = 2 * share if share < 0.5 else 2 * share - 1
        return float(first * (second / first) ** part)


def delivery_of(style: Style, f0_hz: float) -> Delivery:
    """Return what ``style`` asks of a voice whose usual f0 is ``f0_hz``."""
    rate, f0, gain = _EMPHASIS[style.emphasis]
    for pitch in style.pitches:
        f0 *= pitch.factor(f0_hz)
    glide = style.glide
    curve = None if glide is None else [_held(f0 * glide.factor(share, f0_hz)) for share in (0.0, 0.5, 1.0)]
    return Delivery(
        rate=style.rate / stretch(style) * rate,
        f0=_held(f0) if curve is None else curve[1],
        gain_db=style.gain_db + gain,
        f0_start=None if curve is None else curve[0],
        f0_end=None if curve is None else curve[2],
        range_percent=0.0 if style.range is None else _range_percent(style.range, f0_hz),
    )


def _held(factor: float) -> float:
    return min(max(factor, _LOWEST), _HIGHEST)


def _range_percent(change: Pitch, f0_hz: float) -> float:
    """Return a change of range in per cent; semitones and Hz against the usual range of speech."""
    match change.unit:
        case "%":
            return change.amount
        case "st":
            return 100 * change.amount / _RANGE
        case _:
            return 100 * 12 * math.log2(max(1 + change.amount / f0_hz, 0.1)) / _RANGE
