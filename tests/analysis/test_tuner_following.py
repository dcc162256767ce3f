"""A live session is followed from where it was asked for settings: which turns count, and whose settings."""

from dataclasses import replace

import pytest

from workbench.analysis.growing_index import GrowingIndex
from workbench.analysis.tuner_following import Following
from workbench.conversation.early_synthesis import EarlySynthesisSettings
from workbench.conversation.endpointing import EndpointingSettings
from workbench.conversation.tuning import TurnTakingSettings
from workbench.core.events import (
    Body,
    EarlySynthesisCommitted,
    ErrorRaised,
    SessionClosed,
    Source,
    SpeechStarted,
    TurnEnded,
    TurnTakingTuned,
)
from workbench.core.timeline import Timeline
from workbench.data import data_folder
from workbench.store.recording import load_recording

ASKED = {"early.confidence": 0.7, "endpointing.hangover_min": 0.3}
OTHERS = {**ASKED, "endpointing.hangover_min": 0.4}


class Session:
    """A session's timeline, written by hand."""

    def __init__(self) -> None:
        self.timeline = Timeline()

    def says(self, body: Body, turn: int = 0) -> None:
        """Record an event."""
        self.timeline.record(body, turn=turn, source=Source.TURN_TAKING)

    def goes_by(self, changes: dict[str, float]) -> None:
        """Record that settings count."""
        plain = TurnTakingSettings(EarlySynthesisSettings(), EndpointingSettings())
        self.says(TurnTakingTuned(settings=plain.with_changes(changes).told()))

    def begins(self, turn: int) -> None:
        """Let the caller begin to speak."""
        self.says(SpeechStarted(position=0, rate=16_000, probability=0.9), turn)

    def ends(self, turn: int) -> None:
        """End a turn."""
        self.says(TurnEnded(reason="complete", position=16_000, rate=16_000, score=1.0, hangover=0.3), turn)


def test_only_turns_begun_under_the_settings_count() -> None:
    """A turn that was half spoken when they came would speak for or against them."""
    session = Session()
    session.begins(1)
    following = Following(session.timeline, ASKED)
    session.begins(2)
    session.goes_by(ASKED)
    session.begins(2)  # goes on after a pause
    session.ends(1)
    session.ends(2)
    session.begins(3)
    session.ends(3)
    session.ends(3)
    session.says(EarlySynthesisCommitted(reply=1, saved=0.2), 3)
    session.begins(4)
    following.read()
    assert following.state == "applied"
    (turn,) = following.turns
    assert (turn.turn, turn.ends, turn.wait, turn.early, turn.response) == (3, 2, 0.3, True, None)


def test_settings_of_someone_else_are_not_those_asked_for() -> None:
    """A table would hold turns to settings that did not count."""
    session = Session()
    following = Following(session.timeline, ASKED)
    session.goes_by(OTHERS)
    following.read()
    assert following.state == "asked"
    session.goes_by(ASKED)
    session.begins(1)
    session.ends(1)
    session.begins(2)
    session.goes_by(OTHERS)
    session.ends(2)
    session.begins(3)
    session.ends(3)
    following.read()
    assert following.state == "replaced"
    assert [one.turn for one in following.turns] == [1]
    session.says(SessionClosed(reason="client-left"))
    following.read()
    assert following.state == "over"


@pytest.mark.parametrize("refused", [False, True])
def test_settings_that_never_counted_are_said_to_have_missed_the_session(refused: bool) -> None:  # noqa: FBT001
    """A person would believe that the session ended under them."""
    session = Session()
    following = Following(session.timeline, ASKED)
    if refused:
        session.says(ErrorRaised(code="bad-setting", message="early.confidence is 3, expected 0 to 1"))
        following.read()
        assert (following.state, following.refusal) == ("refused", "early.confidence is 3, expected 0 to 1")
    session.says(ErrorRaised(code="bad-audio", message="of something else"))
    session.says(SessionClosed(reason="client-left"))
    following.read()
    assert following.state == "missed"


def test_settings_of_another_version_are_someone_elses() -> None:
    """A session of a newer endpoint would stop the comparison with a traceback."""
    session = Session()
    following = Following(session.timeline, ASKED)
    session.says(TurnTakingTuned(settings={"endpointing": {"telepathy": 1.0}}))
    following.read()
    assert following.state == "asked"


def test_response_times_are_those_of_the_whole_session() -> None:
    """What lies before the settings is not read again: times would count from another beginning."""
    recorded = load_recording(data_folder() / "tuning" / "rooms").timeline
    whole = {one["turn"]: one["response"] for one in GrowingIndex(recorded).whole().told["turns"]}
    asked_at = next(event.seq for event in recorded.events if event.turn == 2)
    session = Session()
    for event in recorded.events:
        if event.seq == asked_at:
            following = Following(session.timeline, ASKED)
            session.goes_by(ASKED)
        session.timeline.append(replace(event, seq=session.timeline.next_seq))
    following.read()
    responses = {one.turn: one.response for one in following.turns}
    assert sorted(responses) == [2, 3, 4, 5]
    assert responses == pytest.approx({turn: whole[turn] for turn in responses}, abs=1e-9)
