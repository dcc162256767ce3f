"""What of a session was decided: a replay decides it anew."""

from collections.abc import Sequence
from dataclasses import replace

from workbench.conversation.tuning import settings_told
from workbench.core.events import (
    ActionTaken,
    Backchannelled,
    BargedIn,
    Body,
    ClarificationAsked,
    ConsentSettled,
    EarlySynthesisCommitted,
    EarlySynthesisDiscarded,
    EarlySynthesisStarted,
    Event,
    FinalTranscript,
    FinalWanted,
    IntentRecognized,
    PartialTranscript,
    ReplyChosen,
    ReplyFollowed,
    ReplyLed,
    SlotConfirmed,
    SpeechEnded,
    SpeechStarted,
    TurnEnded,
    TurnTakingTuned,
    Understood,
)

DECIDED = (
    SpeechStarted | SpeechEnded | PartialTranscript | FinalTranscript | Understood | FinalWanted
    | IntentRecognized | TurnEnded | BargedIn | Backchannelled
    | EarlySynthesisStarted | EarlySynthesisCommitted | EarlySynthesisDiscarded
    | ReplyChosen | ReplyLed | ReplyFollowed | SlotConfirmed | ClarificationAsked | ActionTaken
    | TurnTakingTuned
    | ConsentSettled
)  # fmt: skip
"""What a replay decides anew; all else on its timeline was copied or estimated."""


def decisions(events: Sequence[Event]) -> list[tuple[int, Body]]:
    """Return turn and body of all that was decided; of what was measured by a clock, nothing.

    Settings that were told have what this version knows of, also where an older one recorded them.
    """
    found: list[tuple[int, Body]] = []
    for event in events:
        body = event.body
        if isinstance(body, Understood):
            body = replace(body, duration=0.0)
        elif isinstance(body, EarlySynthesisCommitted):
            body = replace(body, saved=0.0)
        elif isinstance(body, TurnTakingTuned):
            body = replace(body, settings=settings_told(body.settings).told())
        if isinstance(body, DECIDED):
            found.append((event.turn, body))
    return found
