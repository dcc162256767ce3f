"""How a caller speaks: pauses inside turns, and pace; as learned so far, and kept from session to session."""

from dataclasses import dataclass, replace

FADE = 0.8
"""Share of what was learned that is left after the next pause, or the next turn."""

WORDS_MIN = 5.0
"""Words, fading, from which on a caller's pace is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Speaker:
    """One caller's habits; a new one when something was learned."""

    longest_pause: float = 0.0
    """The longest pause inside a turn, seconds, fading; 0 before any."""
    words: float = 0.0
    """Words heard in finals, fading."""
    seconds: float = 0.0
    """How long these words sounded, seconds, fading alike."""

    @property
    def pace(self) -> float:
        """Return words a second while words sound; 0 before enough were heard."""
        return self.words / self.seconds if self.words >= WORDS_MIN and self.seconds > 0 else 0.0

    def paused(self, seconds: float, *, at_most: float) -> "Speaker":
        """Return the caller who has paused this long and went on."""
        return replace(self, longest_pause=min(at_most, max(seconds, FADE * self.longest_pause)))

    def spoke(self, words: int, seconds: float) -> "Speaker":
        """Return the caller who has said so many words in so many seconds of sound."""
        if words == 0:
            return self
        return replace(self, words=FADE * self.words + words, seconds=FADE * self.seconds + seconds)
