"""What is known of an utterance until its turn has been answered."""

from dataclasses import dataclass, field
from typing import Generic

from workbench.conversation.barge_in import BargeIn
from workbench.conversation.endpointing import Evidence
from workbench.conversation.observations import Heard
from workbench.conversation.replying import Answer, Preparation
from workbench.conversation.voice import R


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
