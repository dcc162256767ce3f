"""Barge-in: whether speech during a reply interrupts it.

Speech while the agent talks first pauses the reply. Words that are more than a backchannel, or long speech,
stop it. A backchannel ("mhm") or a noise lets it go on from where it paused.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

BACKCHANNELS = (
    *("mhm", "mm", "mm hmm", "mmhmm", "uh huh", "uhhuh", "hmm", "yeah", "yep", "ok", "okay", "right", "sure"),
    *("i see", "aha", "ah", "oh", "great", "good", "nice", "wow", "cool"),
)
"""English words that show listening without asking for the turn (Switchboard's dialog act "b" and kin)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BargeInSettings:
    """Times in seconds."""

    enabled: bool = True
    pause_after: float = 0.16
    """Speech that pauses the reply."""
    words: int = 1
    """Words, other than backchannels, that stop it."""
    stop_after: float = 1.2
    """Speech that stops it whatever the words: longer than any backchannel."""
    resume_after: float = 0.5
    """Silence after which an interruption without words was false."""
    backchannels: tuple[str, ...] = BACKCHANNELS

    def asked(self, *, yes_no: bool) -> "BargeInSettings":
        """Return what holds after a question: where a yes or no is wanted, "yeah" is no backchannel."""
        return replace(self, backchannels=()) if yes_no else self


class BargeInMove(StrEnum):
    """What to do with the reply being heard."""

    NONE = "none"
    PAUSE = "pause"
    STOP = "stop"
    RESUME = "resume"


@dataclass(frozen=True, slots=True)
class BargeInDecision:
    """A move and what led to it: words, duration, backchannel or noise."""

    move: BargeInMove
    reason: str = ""


@dataclass(slots=True)
class BargeIn:
    """Decides over one stretch of speech during a reply; make a new one for each."""

    settings: BargeInSettings = field(default_factory=BargeInSettings)
    _paused: bool = False
    _done: bool = False
    _text: str = ""
    _meant: int = 0
    """Words of ``_text`` that are no backchannel."""

    def decide(self, text: str, *, speech: float, silence: float) -> BargeInDecision:
        """Return the move.

        Parameters
        ----------
        text : words recognised in this stretch so far
        speech : seconds from its first voiced sample to now
        silence : seconds since its last voiced sample; 0 while the caller speaks
        """
        if self._done or not self.settings.enabled:
            return BargeInDecision(BargeInMove.NONE)
        if text != self._text:  # asked thirty times a second, and seldom changed
            self._text, self._meant = text, len(meaning_words(text, self.settings.backchannels))
        if self._meant >= self.settings.words:
            return self._finish(BargeInMove.STOP, "words")
        if silence == 0 and speech >= self.settings.stop_after:
            return self._finish(BargeInMove.STOP, "duration")
        if silence >= self.settings.resume_after:
            return self._finish(BargeInMove.RESUME, "backchannel" if text.strip() else "noise")
        if not self._paused and silence == 0 and speech >= self.settings.pause_after:
            self._paused = True
            return BargeInDecision(BargeInMove.PAUSE)
        return BargeInDecision(BargeInMove.NONE)

    def _finish(self, move: BargeInMove, reason: str) -> BargeInDecision:
        self._done = True
        return BargeInDecision(move, reason)


def meaning_words(text: str, backchannels: Sequence[str] = BACKCHANNELS) -> tuple[str, ...]:
    """Return the words of ``text`` that are no backchannel.

    >>> meaning_words("Mm-hmm, okay.")
    ()
    >>> meaning_words("okay stop")
    ('stop',)
    """
    plain = re.sub(r"[^\w' ]+", " ", text.lower())
    words = " ".join(plain.split())
    for phrase in sorted(backchannels, key=len, reverse=True):
        words = re.sub(rf"(?<!\S){re.escape(phrase)}(?!\S)", " ", words)
    return tuple(words.split())
