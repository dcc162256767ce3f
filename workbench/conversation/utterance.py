"""What is known of an utterance until its turn has been answered."""

from dataclasses import dataclass, field
from typing import Generic

from workbench.audio.voice_activity import RATE
from workbench.conversation.barge_in import BargeIn
from workbench.conversation.endpointing import Evidence, TurnEnd, completeness
from workbench.conversation.expecting import Expected
from workbench.conversation.observations import Heard
from workbench.conversation.replying import Answer, Preparation
from workbench.conversation.voice import R
from workbench.core.events import Backchannelled, TurnEnded

EARLY_FINAL_SCORE = 0.5
"""Completeness from which a careful pass before the end of the turn is worth its processor time."""


@dataclass(slots=True)
class Utterance(Generic[R]):
    """One utterance until its turn has been answered."""

    number: int
    began: int
    """Position of its first voiced sample."""
    preparation: Preparation[R]
    ended: int = 0
    """Position of its last voiced sample so far."""
    evidence: Evidence = field(default_factory=Evidence)
    text: str = ""
    silence: float = 0.0
    heard: Heard | None = None
    """The last pass that recognised anything."""
    answer: Answer | None = None
    """What its words would be answered."""
    early_final: Heard | None = None
    """A careful pass that has heard all the speech there was."""
    early_final_wanted: bool = False
    barge_in: BargeIn | None = None
    stopped: bool = False
    """Whether it interrupted a reply."""

    @property
    def sounds_whole(self) -> bool:
        """Return whether a careful pass now would likely be the final: it hears all, and it sounds whole."""
        return (
            self.heard is not None
            and not self.early_final_wanted
            and self.silence > 0
            and self.heard.position >= self.ended
            and completeness(self.evidence) >= EARLY_FINAL_SCORE
        )

    def understood(self, heard: Heard, answer: Answer, *, expected: Expected) -> None:
        """Take in what its words mean, and what was asked for when they were said."""
        self.heard, self.answer = heard, answer
        self.evidence = Evidence(
            end_of_sentence=heard.hypothesis.end_of_sentence,
            stability=heard.hypothesis.stability,
            complete=answer.interpretation.complete if answer.interpretation.intent else None,
            words=len(heard.hypothesis.words),
            expected=expected,
        )


def turn_ended(end: TurnEnd, utterance: Utterance[R], *, decided: int, ahead: int) -> TurnEnded:
    """Return the event of a turn's end.

    Parameters
    ----------
    decided, ahead : samples of the caller's stream dealt with by then, and noticed beyond them
    """
    return TurnEnded(
        reason=end.reason,
        score=end.score,
        hangover=end.hangover,
        position=utterance.ended,
        rate=RATE,
        utterance=utterance.number,
        decided=decided,
        ahead=ahead,
        expected=utterance.evidence.expected.value,
    )


def backchannelled(
    utterance: Utterance[R], reply: int, reason: str, *, decided: int, ahead: int
) -> Backchannelled:
    """Return the event of an utterance that took no turn; ``decided`` and ``ahead`` as of a turn's end."""
    return Backchannelled(reply=reply, text=utterance.text, reason=reason, decided=decided, ahead=ahead)
