"""Recorded sessions replayed: each exactly, and never so by chance."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from workbench.analysis.replay import replay
from workbench.analysis.replay_decisions import decisions
from workbench.analysis.replay_settings import recorded_settings
from workbench.conversation.dialog import Dialog
from workbench.conversation.early_synthesis import EarlySynthesis
from workbench.conversation.endpointing import Endpointing
from workbench.conversation.noticing import Noticing
from workbench.conversation.standing import Standing
from workbench.conversation.tuning import TurnTakingSettings
from workbench.conversation.utterance import Utterance
from workbench.core.events import Event, Source, TurnTakingTuned, VoiceActivityNoted
from workbench.core.timeline import Timeline
from workbench.data import data_folder
from workbench.store.recording import load_timeline

SESSIONS = sorted(path.parent for path in data_folder().glob("*/*/events.jsonl"))


@pytest.fixture(scope="module")
def timelines() -> dict[str, Timeline]:
    """Return the timelines of all shipped sessions."""
    return {f"{one.parent.name}/{one.name}": load_timeline(one) for one in SESSIONS}


NAMES = [f"{one.parent.name}/{one.name}" for one in SESSIONS]


def test_sessions_are_shipped() -> None:
    """The tests below would replay nothing."""
    assert len(NAMES) >= 3


@pytest.mark.parametrize("name", NAMES)
def test_every_shipped_session_is_decided_again_as_it_was(timelines: dict[str, Timeline], name: str) -> None:
    """Nothing that the notebooks say of other settings could be trusted."""
    timeline = timelines[name]
    same = replay(timeline)
    assert decisions(same.timeline.events) == decisions(timeline.events)
    again = replay(timeline, recorded_settings(timeline.events), like=same)
    assert decisions(again.timeline.events) == decisions(timeline.events)


def later(was: Callable[..., float]) -> Callable[..., float]:
    """Return what waits a little longer."""
    return lambda *args, **named: was(*args, **named) + 0.04


def never(was: Callable[..., Any]) -> Callable[..., Any]:
    """Return what is never so, and does nothing."""
    return lambda *args, **named: None


def louder(was: Callable[..., Any]) -> Callable[..., Any]:
    """Return what takes every window for a little more of speech."""
    return lambda self, position, activity: was(self, position, activity and min(1_000, activity + 250))


def other_words(was: Callable[..., Any]) -> Callable[..., Any]:
    """Return what says one word more."""

    def respond(*args: Any, **named: Any) -> Any:
        response = was(*args, **named)
        return replace(response, text=f"{response.text} Indeed.")

    return respond


def less(was: Callable[..., float]) -> Callable[..., float]:
    """Return what is a little less sure."""
    return lambda *args, **named: 0.99 * was(*args, **named)


CHANGED = {
    "a turn ends a window later": (Endpointing, "hangover", later),
    "nothing is prepared early": (EarlySynthesis, "_wanted", never),
    "speech is noticed earlier": (Noticing, "window", louder),
    "a reply has other words": (Dialog, "respond", other_words),
    "an action is not taken": (Standing, "_act", never),
    "a turn is less sure to be over": (Endpointing, "score", less),
    "no careful pass is asked for": (Utterance, "sounds_whole", lambda was: property(never(was))),
}


@pytest.mark.parametrize("what", CHANGED)
def test_a_decider_that_decides_otherwise_is_noticed(
    timelines: dict[str, Timeline], what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That all comes out again would be said of anything."""
    owner, name, change = CHANGED[what]
    monkeypatch.setattr(owner, name, change(getattr(owner, name)))
    timeline = timelines["sessions/coffee"]
    assert decisions(replay(timeline).timeline.events) != decisions(timeline.events)


def test_a_change_of_settings_is_the_same_for_a_version_that_knows_more_of_them(
    timelines: dict[str, Timeline],
) -> None:
    """Every session with a change would seem to be decided otherwise once a setting is added."""
    timeline, older = timelines["sessions/coffee"], Timeline()
    own = recorded_settings(timeline.events)
    told = TurnTakingSettings(own.early, own.endpointing).told()
    early = {key: value for key, value in dict(told["early_synthesis"]).items() if key != "silence"}  # type: ignore[call-overload]
    body = TurnTakingTuned(settings={**told, "early_synthesis": early})
    for event in timeline.events:
        older.append(replace(event, seq=older.next_seq))
        if isinstance(event.body, VoiceActivityNoted) and older.next_seq == event.seq + 1:
            tuned = Event(
                seq=older.next_seq, at=event.at, turn=event.turn, source=Source.TURN_TAKING, body=body
            )
            older.append(tuned)
    assert decisions(replay(older).timeline.events) == decisions(older.events)
