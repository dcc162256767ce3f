"""What an experiment on voices measures: each figure, its unit, and the scale on which it is compared."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from workbench.analysis.voices_cell import Figures
from workbench.ssml.setting import Setting


@dataclass(frozen=True, slots=True)
class Measure:
    """A figure that is compared."""

    name: str
    title: str
    unit: str
    take: Callable[[Figures], float]
    """Its value, on the scale on which levels are compared."""
    told: Callable[[float], float]
    """A difference on that scale, in ``unit``."""
    asked: Callable[[Setting], float]
    """What a setting asks for in ``unit``; NaN where it asks for none of it."""


def _log(value: float) -> float:
    return math.log(value) if value > 0 else math.nan


def _percent(value: float) -> float:
    return 100 * math.expm1(value)


def _same(value: float) -> float:
    return value


def _nothing(_: Setting) -> float:
    return math.nan


def _ms(value: float) -> float:
    return 1000 * value


MEASURES = (
    Measure(
        "rate",
        "tempo without pauses",
        "%",
        lambda one: -_log(one.articulating),
        _percent,
        lambda setting: 100 * (setting.rate - 1) if setting.rate != 1 else math.nan,
    ),
    Measure(
        "pitch",
        "median f0",
        "semitones",
        lambda one: 12 / math.log(2) * _log(one.f0_median_hz),
        _same,
        lambda setting: setting.pitch or math.nan,
    ),
    Measure(
        "range",
        "range of f0",
        "%",
        lambda one: _log(one.f0_range_semitones),
        _percent,
        lambda setting: setting.range or math.nan,
    ),
    Measure(
        "volume",
        "loudness",
        "LU",
        lambda one: one.loudness_lufs,
        _same,
        lambda setting: setting.volume or math.nan,
    ),
    Measure("pause", "pauses in a sentence", "ms", lambda one: one.pausing, _ms, _nothing),
    Measure("duration", "length of the speech", "%", lambda one: _log(one.speech), _percent, _nothing),
    Measure("declination", "slope of f0", "semitones/s", lambda one: one.f0_declination, _same, _nothing),
    Measure(
        "stress length",
        "length of the stressed words",
        "%",
        lambda one: _log(one.stress_seconds),
        _percent,
        _nothing,
    ),
    Measure(
        "stress f0",
        "f0 of the stressed words above the rest",
        "semitones",
        lambda one: one.stress_semitones,
        _same,
        _nothing,
    ),
    Measure(
        "stress level",
        "level of the stressed words above the rest",
        "dB",
        lambda one: one.stress_db,
        _same,
        _nothing,
    ),
)
"""What is measured, in the order it is told; ``range`` is a share, as people hear and SSML asks for it."""

MISHEARD = Measure(
    "misheard",
    "characters wrong",
    "points",
    lambda one: one.character_errors / one.characters_said if one.characters_said else math.nan,
    lambda share: 100 * share,
    _nothing,
)
"""Only where a recogniser listened."""
