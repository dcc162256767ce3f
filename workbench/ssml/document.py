"""An SSML document as frozen nodes.

The subset of SSML 1.1 the workbench speaks. A tree begins with :class:`Speak`; every other node is
:class:`Text`, a leaf (:class:`Break`, :class:`Mark`) or an element with children.
"""

from dataclasses import dataclass
from typing import TypeAlias

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


@dataclass(frozen=True, slots=True)
class Text:
    """Characters to be spoken."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Break:
    """A pause, by its length or by its strength."""

    seconds: float | None = None
    strength: str | None = None

    @property
    def pause(self) -> float:
        """Return its length in seconds; a bare break is a medium one."""
        if self.seconds is not None:
            return self.seconds
        return BREAK_SECONDS[self.strength or "medium"]


@dataclass(frozen=True, slots=True)
class Mark:
    """A named place, reported when it is reached."""

    name: str


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Prosody:
    """Children spoken at another rate, pitch or volume; nested ones multiply."""

    rate: float | None = None
    """Factor: 2 is twice as fast."""
    pitch: Pitch | None = None
    gain_db: float | None = None
    children: tuple["Node", ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Emphasis:
    """Children stressed, or the opposite."""

    level: str = "moderate"
    children: tuple["Node", ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Substitute:
    """Text that is spoken as another text."""

    text: str
    alias: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Phoneme:
    """Text whose pronunciation is given."""

    text: str
    ipa: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SayAs:
    """Text to be read as a kind of thing."""

    text: str
    interpret_as: str
    """One of ``SAY_AS``."""
    format: str = ""


SAY_AS = ("characters", "spell-out", "digits", "cardinal", "ordinal", "time", "currency", "telephone")
"""What ``say-as`` understands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UseVoice:
    """Children spoken by another voice."""

    name: str
    children: tuple["Node", ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class UseLanguage:
    """Children spoken in another language."""

    language: str
    """BCP 47 tag."""
    children: tuple["Node", ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraph:
    """A paragraph."""

    language: str | None = None
    children: tuple["Node", ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """A sentence."""

    language: str | None = None
    children: tuple["Node", ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Speak:
    """A whole document."""

    language: str | None = None
    children: tuple["Node", ...] = ()


Leaf: TypeAlias = Text | Break | Mark | Substitute | Phoneme | SayAs
Container: TypeAlias = Prosody | Emphasis | UseVoice | UseLanguage | Paragraph | Sentence
Node: TypeAlias = Leaf | Container
