"""What a recogniser believes."""

from dataclasses import dataclass

from workbench.core.events import Word


@dataclass(frozen=True, slots=True, kw_only=True)
class Hypothesis:
    """What a recogniser believes of one utterance at one moment.

    Times are seconds from the utterance's first sample.
    """

    words: tuple[Word, ...]
    stable: int = 0
    """Leading words that agreed with the hypothesis before."""
    stability: float = 0.0
    """How likely the whole text is to survive, 0..1."""
    confidence: float = 0.0
    """How likely the whole text is right, 0..1."""
    end_of_sentence: float = 0.0
    """Probability that the sentence is complete, 0..1."""
    language: str = "en"
    audio_end: float = 0.0
    """Seconds of audio it is based on."""
    alternatives: tuple[str, ...] = ()
    """Other readings, best first; finals only."""

    @property
    def text(self) -> str:
        """Return the words joined by spaces."""
        return " ".join(word.text for word in self.words)
