"""Endpointing: when the caller has finished the turn.

Silence alone must last ``hangover_max``. Evidence that the sentence is complete (terminal punctuation seen
by the recogniser, a stable transcript, a request the assistant could act on) shortens the wait down to
``hangover_min``. A caller who was seen to pause inside turns is given longer than those pauses.
"""

from dataclasses import dataclass, field

from workbench.errors import ParameterError


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointingSettings:
    """All in seconds."""

    hangover_min: float = 0.5
    """Silence waited when everything says the turn is complete."""
    hangover_max: float = 1.4
    """Silence waited when nothing does."""
    turn_max: float = 60.0
    """A turn is ended after this long, speech or not."""
    pause_margin: float = 0.15
    """How much longer than the caller's own pauses to wait."""
    sure: float = 0.8
    """Completeness, 0..1, from which the wait is the shortest."""

    def __post_init__(self) -> None:
        if not 0.1 <= self.hangover_min <= self.hangover_max <= 10:
            raise ParameterError(
                f"hangover_min is {self.hangover_min} s and hangover_max {self.hangover_max} s, "
                "expected 0.1 <= hangover_min <= hangover_max <= 10"
            )
        if not 0 < self.sure <= 1:
            raise ParameterError(f"endpointing sure is {self.sure}, expected above 0, at most 1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What is known of the turn so far."""

    end_of_sentence: float = 0.0
    """Recogniser's probability that the sentence is complete, 0..1."""
    stability: float = 0.0
    """How likely the transcript is to survive, 0..1."""
    complete: bool | None = None
    """Whether the words make a finished request; None when the assistant can't tell."""
    words: int = 0
    """Words recognised so far."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnEnd:
    """The turn is over."""

    reason: str
    """One of complete, silence, too-long, end-of-audio."""
    score: float
    hangover: float


def completeness(evidence: Evidence) -> float:
    """Return how likely the caller has finished, 0..1, from the words alone.

    Terminal punctuation weighs most (area under the curve 0.95 on cut and whole sentences); a finished
    request raises the score, an unfinished one lowers it; an unstable transcript counts less.
    """
    if not evidence.words:
        return 0.0
    request = {True: 1.0, False: 0.0, None: evidence.end_of_sentence}[evidence.complete]
    score = 0.6 * evidence.end_of_sentence + 0.4 * request
    return score * (0.6 + 0.4 * evidence.stability)


@dataclass(slots=True)
class Endpointing:
    """Decides when a turn is over; one per session, for it learns the caller's pauses."""

    settings: EndpointingSettings = field(default_factory=EndpointingSettings)
    longest_pause: float = 0.0
    """The longest pause inside a turn so far, fading; 0 before any."""

    def hangover(self, evidence: Evidence) -> float:
        """Return the silence to wait for, seconds; never longer with a higher completeness."""
        low, high = self.settings.hangover_min, self.settings.hangover_max
        if self.longest_pause:
            low = min(high, max(low, self.longest_pause + self.settings.pause_margin))
        return high - (high - low) * min(1.0, completeness(evidence) / self.settings.sure)

    def decide(self, evidence: Evidence, *, silence: float, duration: float) -> TurnEnd | None:
        """Return the end of the turn, or None to go on listening.

        Parameters
        ----------
        evidence : what is known of the turn
        silence : seconds since the last voiced sample; 0 while the caller speaks
        duration : seconds since the turn's first voiced sample
        """
        score = completeness(evidence)
        if silence > 0 and silence >= self.hangover(evidence):
            reason = "complete" if silence < self.settings.hangover_max else "silence"
            return TurnEnd(reason=reason, score=score, hangover=silence)
        if duration >= self.settings.turn_max:
            return TurnEnd(reason="too-long", score=score, hangover=silence)
        return None

    def paused(self, seconds: float) -> None:
        """Learn that the caller paused this long inside a turn and then went on."""
        kept = 0.8 * self.longest_pause
        self.longest_pause = min(self.settings.hangover_max, max(seconds, kept))
