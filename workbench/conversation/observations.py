"""What is noticed of the caller, in the order it is dealt with."""

from dataclasses import dataclass
from enum import IntEnum
from typing import TypeAlias

from workbench.core.events import SpeechEnded, SpeechStarted
from workbench.core.hypothesis import Hypothesis


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """32 ms of audio went by; about half a second of it while the caller is silent between turns."""

    position: int
    """Samples of the caller's stream so far, at 16 kHz."""
    silence: float
    """Seconds since the last voiced sample; 0 while the caller speaks."""
    voiced_end: int
    """Last voiced sample so far; 0 before any."""
    windows: tuple[tuple[int, int], ...] = ()
    """What went by since the tick before: where each window began, and its voice activity in thousandths."""


@dataclass(frozen=True, slots=True)
class Began:
    """The caller began to speak, or went on after a pause inside ``utterance``."""

    utterance: int
    event: SpeechStarted
    resumed: bool


@dataclass(frozen=True, slots=True)
class Ended:
    """The caller fell silent; perhaps only for a moment."""

    utterance: int
    event: SpeechEnded


class Pass(IntEnum):
    """How carefully to recognise; a higher pass goes first."""

    PARTIAL = 0
    EARLY_FINAL = 1
    FINAL = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """A hypothesis about ``utterance``; its times are seconds on the caller's stream."""

    utterance: int
    kind: Pass
    hypothesis: Hypothesis
    position: int
    """Samples of the caller's stream it is based on."""
    duration: float
    """Seconds the recogniser took."""


@dataclass(frozen=True, slots=True)
class StreamEnded:
    """The caller's stream is over."""


Observation: TypeAlias = Tick | Began | Ended | Heard | StreamEnded
