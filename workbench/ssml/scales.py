"""What the words on SSML's scales stand for: pauses, rates, pitches, volumes, kinds of text."""

from dataclasses import dataclass

from workbench.errors import ParameterError

LONGEST_BREAK = 10.0
"""Seconds; what the large vendors allow."""

BREAK_SECONDS = {
    "none": 0.0,
    "x-weak": 0.07,
    "weak": 0.1,
    "medium": 0.25,
    "strong": 0.5,
    "x-strong": 0.8,
}
"""Pause of each break strength; SSML 1.1 leaves the lengths to the engine."""

RATES = {"x-slow": 0.6, "slow": 0.8, "medium": 1.0, "default": 1.0, "fast": 1.2, "x-fast": 1.5}
"""Factor of each speaking rate label."""

PITCHES = {"x-low": -6.0, "low": -3.0, "medium": 0.0, "default": 0.0, "high": 3.0, "x-high": 6.0}
"""Semitones of each pitch label."""

PITCH_RANGES = {"x-low": -60.0, "low": -30.0, "medium": 0.0, "default": 0.0, "high": 30.0, "x-high": 60.0}
"""Change in per cent of the range of f0 of each label."""

VOLUMES = {
    "silent": -120.0,
    "x-soft": -12.0,
    "soft": -6.0,
    "medium": 0.0,
    "default": 0.0,
    "loud": 4.0,
    "x-loud": 8.0,
}
"""Gain in dB of each volume label."""

EMPHASES = ("none", "reduced", "moderate", "strong")
"""Levels of emphasis."""

SAY_AS = (
    *("characters", "spell-out", "verbatim", "digits", "number", "cardinal", "ordinal", "fraction", "unit"),
    *("date", "time", "duration", "currency", "telephone", "address", "name", "net", "acronym"),
    *("bleep", "expletive", "interjection"),
)
"""What ``say-as`` may interpret as: SSML 1.1 leaves the list open, these are what the vendors know."""

DATE_FORMATS = ("mdy", "dmy", "ymd", "md", "dm", "ym", "my", "d", "m", "y", "yyyymmdd")
"""Orders of day, month and year of ``say-as`` dates."""

ALPHABETS = ("ipa", "x-sampa", "sapi", "ups")
"""Phonetic alphabets that are told apart; others may be named if they begin with ``x-``."""


AMAZON_ROLES = tuple(
    f"amazon:{role}"
    for role in ("VB", "VBD", "DT", "IN", "JJ", "NN", "DEFAULT", "SENSE_1", "SENSE_2", "SENSE_3")
)
"""Roles of a word at Alexa and Polly."""


@dataclass(frozen=True, slots=True)
class Pitch:
    """A change of f0, or f0 itself."""

    amount: float
    unit: str
    """``st`` semitones, ``%`` per cent, ``Hz`` a change in Hz, ``=Hz`` the f0 wanted."""

    def __post_init__(self) -> None:
        if self.unit not in ("st", "%", "Hz", "=Hz"):
            raise ParameterError(f"pitch unit is {self.unit!r}, expected st, %, Hz or =Hz")

    def factor(self, f0_hz: float) -> float:
        """Return what f0 is multiplied by, for a voice whose usual f0 is ``f0_hz``."""
        match self.unit:
            case "st":
                return float(2.0 ** (self.amount / 12))
            case "%":
                return 1 + self.amount / 100
            case "Hz":
                return 1 + self.amount / f0_hz
            case _:
                return self.amount / f0_hz


@dataclass(frozen=True, slots=True)
class ContourPoint:
    """One target of a pitch contour."""

    at: float
    """Per cent of the way through the text, 0 to 100."""
    pitch: Pitch
