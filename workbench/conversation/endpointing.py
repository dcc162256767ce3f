"""Endpointing: when the caller has finished the turn.

Silence alone must last ``hangover_max``. Evidence that the sentence is complete (terminal punctuation seen
by the recogniser, a stable transcript, a request the assistant could act on) shortens the wait down to
``hangover_min``. A caller who was seen to pause inside turns is given longer than those pauses, a slow one
longer than others, an answer as long as its kind takes; and who has spoken for long may be given longer than
who has said a word or two, for the longer a turn, the more of its pauses are not its end.
"""

from dataclasses import dataclass, field

from workbench.conversation.expecting import Expected
from workbench.conversation.speaker import Speaker
from workbench.errors import ParameterError

USUAL_PACE = 3.3
"""Words a second while words sound, of callers for whom nothing is changed."""

PACES = (0.75, 2.0)
"""Least and greatest factor that a caller's pace may make."""

LONG = 6.0
"""Seconds of speech from which a turn is as long as it counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointingSettings:
    """All in seconds."""

    hangover_min: float = 0.5
    """Silence waited when everything says the turn is complete."""
    hangover_max: float = 1.4
    """Silence waited when nothing does."""
    long: float = 1.0
    """How many times ``hangover_max`` is waited in a turn of :data:`LONG` seconds; in shorter ones in
    proportion."""
    turn_max: float = 60.0
    """A turn is ended after this long, speech or not."""
    pause_margin: float = 0.15
    """How much longer than the caller's own pauses to wait."""
    sure: float = 0.8
    """Completeness, 0..1, from which the wait is the shortest."""
    unknown: float = 1.0
    """Share, 0..1, of its completeness that a sentence keeps while it means nothing to the assistant."""
    patience: float = 0.0
    """How long a caller's own pauses may make the wait, whatever the words; 0 for ``hangover_max``."""
    pace: float = 0.0
    """Share, 0..1, of a caller's slowness or haste that the wait follows."""
    yes_no: float = 1.0
    """How many times as long is waited when a yes or no was asked for."""
    choice: float = 1.0
    """The same for one of some values."""
    date: float = 1.0
    """The same for a day, a time of day or a duration."""
    list: float = 1.0
    """The same for several things."""

    def __post_init__(self) -> None:
        if not 0.1 <= self.hangover_min <= self.hangover_max <= 10:
            raise ParameterError(
                f"hangover_min is {self.hangover_min} s and hangover_max {self.hangover_max} s, "
                "expected 0.1 <= hangover_min <= hangover_max <= 10"
            )
        if not 0 < self.sure <= 1:
            raise ParameterError(f"endpointing sure is {self.sure}, expected above 0, at most 1")
        for name in ("unknown", "pace"):
            if not 0 <= getattr(self, name) <= 1:
                raise ParameterError(f"endpointing {name} is {getattr(self, name)}, expected 0 to 1")
        if not 1 <= self.long <= 4:
            raise ParameterError(f"endpointing long is {self.long}, expected 1 to 4")
        if not 0 <= self.patience <= 10:
            raise ParameterError(f"endpointing patience is {self.patience} s, expected 0 to 10")
        for name in ("yes_no", "choice", "date", "list"):
            if not 0.25 <= getattr(self, name) <= 4:
                raise ParameterError(f"endpointing {name} is {getattr(self, name)}, expected 0.25 to 4")

    @property
    def patience_max(self) -> float:
        """Return the longest wait for a caller who pauses, before kind of answer and pace count."""
        return max(self.hangover_max, self.patience)

    def high(self, spoken: float) -> float:
        """Return the silence waited when nothing says that a turn of ``spoken`` seconds is complete."""
        return self.hangover_max * (1.0 + (self.long - 1.0) * min(1.0, max(0.0, spoken) / LONG))

    def times(self, expected: Expected) -> float:
        """Return how many times as long is waited for an answer of this kind."""
        match expected:
            case Expected.YES_NO:
                return self.yes_no
            case Expected.CHOICE:
                return self.choice
            case Expected.DATE:
                return self.date
            case Expected.LIST:
                return self.list
        return 1.0

    def times_at(self, pace: float) -> float:
        """Return how many times as long is waited for a caller of this pace; 0 for one not yet known."""
        if not pace or not self.pace:
            return 1.0
        slowest, fastest = PACES[1], PACES[0]
        return 1.0 + self.pace * (min(slowest, max(fastest, USUAL_PACE / pace)) - 1.0)


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
    expected: Expected = Expected.ANYTHING
    """What was asked for."""


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
    """Decides when a turn is over; one per session, for it learns how the caller speaks."""

    settings: EndpointingSettings = field(default_factory=EndpointingSettings)
    speaker: Speaker = field(default_factory=Speaker)
    """What was learned of the caller."""

    def hangover(self, evidence: Evidence, *, spoken: float = 0.0) -> float:
        """Return the silence to wait for, seconds; never longer with a higher completeness.

        Parameters
        ----------
        spoken : seconds from the first voiced sample to the last
        """
        low, high = self._bounds(spoken)
        sure = min(1.0, self.score(evidence) / self.settings.sure)
        return (high - (high - low) * sure) * self._times(evidence)

    def score(self, evidence: Evidence) -> float:
        """Return how likely the caller has finished, 0..1."""
        return completeness(evidence) * (self.settings.unknown if evidence.complete is None else 1.0)

    def _bounds(self, spoken: float) -> tuple[float, float]:
        """Return the shortest and the longest wait for this caller."""
        low, high = self.settings.hangover_min, self.settings.high(spoken)
        if not self.speaker.longest_pause:
            return low, high
        own = self.speaker.longest_pause + self.settings.pause_margin
        high = max(high, min(self.settings.patience_max, own))
        return min(high, max(low, own)), high

    def _times(self, evidence: Evidence) -> float:
        return self.settings.times(evidence.expected) * self.settings.times_at(self.speaker.pace)

    def decide(
        self, evidence: Evidence, *, silence: float, duration: float, spoken: float = 0.0
    ) -> TurnEnd | None:
        """Return the end of the turn, or None to go on listening.

        Parameters
        ----------
        evidence : what is known of the turn
        silence : seconds since the last voiced sample; 0 while the caller speaks
        duration : seconds since the turn's first voiced sample
        spoken : seconds from the first voiced sample to the last, of what is heard since a turn last ended
        """
        score = self.score(evidence)
        if silence > 0 and silence >= self.hangover(evidence, spoken=spoken):
            longest = self._bounds(spoken)[1] * self._times(evidence)
            return TurnEnd(
                reason="complete" if silence < longest else "silence", score=score, hangover=silence
            )
        if duration >= self.settings.turn_max:
            return TurnEnd(reason="too-long", score=score, hangover=silence)
        return None

    def paused(self, seconds: float) -> None:
        """Learn that the caller paused this long inside a turn and then went on."""
        self.speaker = self.speaker.paused(seconds, at_most=self.settings.patience_max)

    def spoke(self, words: int, seconds: float) -> None:
        """Learn that the caller said so many words in so many seconds of sound."""
        self.speaker = self.speaker.spoke(words, seconds)
