"""Live sessions through a real endpoint, their decisions taken again from what was recorded."""

import hashlib
import json
import os
import subprocess
import sys
from dataclasses import replace

import anyio
import numpy as np
import pytest
from overhearing import overhear, sound
from patience import PATIENCE

from workbench.analysis.replay import replay
from workbench.analysis.replay_decisions import decisions
from workbench.analysis.replay_outcomes import outcomes
from workbench.analysis.replay_settings import ReplaySettings, recorded_settings, with_changes
from workbench.cli import main
from workbench.client.device import Device
from workbench.client.rerun import rerun
from workbench.client.session import SessionSettings, open_session
from workbench.conversation.calibration import AS_SCORED, Curve, Worth
from workbench.conversation.early_synthesis import EarlySynthesisSettings
from workbench.conversation.endpointing import EndpointingSettings
from workbench.conversation.speaker import Speaker
from workbench.core.events import (
    Backchannelled,
    BargedIn,
    EarlySynthesisCommitted,
    EarlySynthesisDiscarded,
    EarlySynthesisStarted,
    FinalTranscript,
    PartialTranscript,
    PlaybackPosition,
    PlaybackStarted,
    PlaybackStopped,
    SessionOpened,
    SpeechStarted,
    TurnEnded,
    TurnTakingTuned,
    Understood,
    VoiceActivityNoted,
)
from workbench.core.timeline import Timeline
from workbench.data import data_folder
from workbench.errors import ParameterError
from workbench.store.recording import Recording, load_recording

pytestmark = pytest.mark.anyio

ORDER = "I want a large latte with soy milk"
LATER = {"endpointing.hangover_min": 1.8, "endpointing.hangover_max": 1.8, "early.enabled": False}
QUICK = SessionSettings(early_synthesis=False)


async def seen(session, kind):
    """Wait for an event of ``kind``."""
    with anyio.fail_after(PATIENCE):
        async for event in session.events():
            if isinstance(event.body, kind):
                return


async def answered(session, speeches):
    """Wait until a reply has ended, or was stopped, after so many stretches of speech."""
    with anyio.fail_after(PATIENCE):
        while not reply_ended(session.timeline.events, speeches):
            await session.news()


def reply_ended(events, speeches):
    """Return whether a reply has ended after so many stretches of speech."""
    began = [event.seq for event in events if isinstance(event.body, SpeechStarted)]
    ended = [event.seq for event in events if isinstance(event.body, PlaybackStopped)]
    return len(began) >= speeches and bool(ended) and ended[-1] > began[-1]


async def talk(endpoint, first, *, then=None, settings=None, tuned=None):
    """Return the timeline of a session; ``then`` is (event to wait for, what is said, and tuned, at it)."""
    async with open_session("coffee", endpoint=endpoint, settings=settings or SessionSettings()) as session:
        device = Device(session)
        async with anyio.create_task_group() as group:
            group.start_soon(device.run)
            device.speak(first)
            if then is not None:
                await seen(session, then[0])
                if tuned is not None:
                    session.tune(tuned)
                device.speak(then[1])
            await answered(session, 1 if then is None or tuned is not None else 2)
            await anyio.sleep(0.5)
            group.cancel_scope.cancel()
    return session.timeline


SCENES = {
    "plain": {"first": sound(2.4)},
    "without-early": {"first": sound(2.4), "settings": QUICK},
    "interrupted": {"first": sound(2.2), "then": (PlaybackPosition, sound(1.5))},
    "tuned": {"first": sound(2.4), "then": (PartialTranscript, sound()), "tuned": LATER},
}
OVERHEARD = {"resumed": (2.4, 0.35, 1.0, 2.5), "carried": (2.2, 0.85, 1.5, 2.5)}
ALL = (*SCENES, *OVERHEARD, "backchannel", "calibrated", "late", "wary")
ABOUT = 0.3  # seconds: what a busy machine takes to deal with what is there
HASTY = ReplaySettings(endpointing=EndpointingSettings(hangover_min=0.3, hangover_max=0.3, pause_margin=0.0))
HALF = Curve((0.0, 1.0), (0.0, 0.5))
WARY = ReplaySettings(early=EarlySynthesisSettings(end_of_turn=1.0))
TUNED = ReplaySettings(
    endpointing=EndpointingSettings(hangover_min=0.4, patience=3.0, pace=0.5, unknown=0.5, choice=1.5),
    worth=Worth(word=HALF, intent=HALF),
    speaker=Speaker(longest_pause=0.2),
)


@pytest.fixture(scope="module")
def recorded(start_module):
    """Return a timeline by scene."""
    held = {}

    async def keep(name, endpoint, **scene):
        held[name] = await talk(endpoint, **scene)

    async def record():
        script = json.dumps([ORDER, "no wait a small one"])
        with start_module(script=script) as endpoint:
            async with anyio.create_task_group() as group:
                for name, scene in SCENES.items():
                    group.start_soon(lambda name=name, scene=scene: keep(name, endpoint, **scene))
        with start_module(script=json.dumps([ORDER, "mhm"])) as endpoint:
            await keep("backchannel", endpoint, first=sound(2.2), then=(PlaybackStarted, sound(0.4)))
        for name, seconds in OVERHEARD.items():
            held[name] = await overhear(sound(*seconds), ORDER, "and make it a small one", careful=1.5)
        held["late"] = await overhear(
            sound(2.0, 2.5), ORDER, careful=0.4, quick=2.4, settings=HASTY, plays=True
        )
        held["wary"] = await overhear(sound(2.4, 2.5), ORDER, careful=0.3, settings=WARY, plays=True)
        asked, told = (0.8, 2.5), (0.8, 2.5)
        held["calibrated"] = await overhear(
            sound(*asked, *told), "a large", "latte", careful=0.3, settings=TUNED, plays=True
        )

    anyio.run(record)
    return held


def bodies(timeline, kind):
    return [event.body for event in timeline.events if isinstance(event.body, kind)]


def test_the_scenes_hold_what_is_hard_to_replay(recorded):
    """The tests below would show less than they say."""
    assert bodies(recorded["interrupted"], BargedIn)
    assert bodies(recorded["backchannel"], Backchannelled)
    assert any(
        body.reason == "speech-resumed" for body in bodies(recorded["resumed"], EarlySynthesisDiscarded)
    )
    partials = [body for timeline in recorded.values() for body in bodies(timeline, PartialTranscript)]
    assert any(body.kind == "early-final" for body in partials)
    assert len([e for e in recorded["carried"].events if isinstance(e.body, TurnEnded) and e.turn == 0]) == 2


def test_a_pass_under_way_at_the_end_of_the_turn_still_starts_its_reply(recorded):
    """A reply would wait for the final whenever the turn ends a moment before its last partial is there."""
    timeline = recorded["late"]
    (end,) = (event.seq for event in timeline.events if isinstance(event.body, TurnEnded))
    (start,) = (event.seq for event in timeline.events if isinstance(event.body, EarlySynthesisStarted))
    (final,) = (event.seq for event in timeline.events if isinstance(event.body, FinalTranscript))
    assert end < start < final
    assert len(bodies(timeline, EarlySynthesisCommitted)) == 1
    later = with_changes(recorded_settings(timeline.events), {"endpointing.hangover_max": 0.5})
    again = replay(timeline, later).timeline
    (replayed,) = early_starts(again)
    assert replayed < next(event.at for event in again.events if isinstance(event.body, FinalTranscript))
    assert replayed == pytest.approx(timeline.events[start].at, abs=ABOUT)


def test_a_pass_that_was_heard_of_after_the_end_is_so_again_however_late_it_was_dealt_with(recorded):
    """Settings that change nothing would lose a reply that was begun, had the endpoint been busy then."""
    timeline, busy = recorded["late"], Timeline()
    for event in timeline.events:
        body = event.body
        if isinstance(body, PartialTranscript):
            body = replace(body, duration=0.0)
        busy.append(replace(event, body=body))
    same = with_changes(recorded_settings(timeline.events), {"early.starts_max": 5})
    assert early_starts(replay(busy, same).timeline) == pytest.approx(early_starts(timeline), abs=ABOUT)


def test_a_reply_begins_early_only_when_the_caller_has_likely_finished(recorded):
    """The threshold would be told and not gone by, or a replay under a lower one be none."""
    timeline = recorded["wary"]
    opened = timeline.events[0].body
    assert opened.settings["early_synthesis"]["end_of_turn"] == 1.0
    assert bodies(timeline, TurnEnded)
    assert not early_starts(timeline)
    own = recorded_settings(timeline.events)
    assert early_starts(replay(timeline, with_changes(own, {"early.end_of_turn": 0.5})).timeline)


def test_a_session_recorded_before_there_was_such_a_threshold_goes_as_it_went(recorded):
    """Recordings made earlier could no longer be replayed."""
    timeline, older = recorded["plain"], Timeline()
    for event in timeline.events:
        body = event.body
        if isinstance(body, SessionOpened):
            early = dict(body.settings["early_synthesis"])
            del early["end_of_turn"]
            body = replace(body, settings={**body.settings, "early_synthesis": early})
        older.append(replace(event, body=body))
    assert early_starts(older)
    assert decisions(replay(older).timeline.events) == decisions(timeline.events)


def test_deciders_see_what_confidence_is_worth_and_the_timeline_both(recorded):
    """Thresholds would be set on another scale than they are compared on, or the engines' scores be lost."""
    timeline = recorded["calibrated"]
    offered = [body for body in bodies(timeline, Understood) if body.origin == "partial"]
    words = [word for body in bodies(timeline, PartialTranscript) for word in body.words]
    assert offered
    assert words
    assert all(body.confidence == pytest.approx(body.score / 2) for body in offered)
    assert all((word.confidence, word.score) == (pytest.approx(0.475), 0.95) for word in words)
    assert not bodies(timeline, EarlySynthesisStarted)  # half of anything is under the threshold
    finals = [body for body in bodies(timeline, Understood) if body.origin == "final"]
    assert finals[-1].score is None
    raw = replace(recorded_settings(timeline.events), worth=AS_SCORED)
    assert bodies(replay(timeline, raw).timeline, EarlySynthesisStarted)


def test_an_answer_is_waited_for_as_its_kind_asks(recorded):
    """Settings of an assistant's file would not reach the decisions."""
    first, second = bodies(recorded["calibrated"], TurnEnded)
    assert (first.expected, second.expected) == ("", "choice")
    assert second.hangover > 1.4 * first.hangover


@pytest.mark.parametrize("name", ALL)
def test_a_replay_with_its_own_settings_decides_what_was_decided(recorded, name, tmp_path):
    """Nothing said about other settings could be trusted."""
    recorded[name].save(tmp_path / "events.jsonl")
    timeline = Timeline.load(tmp_path / "events.jsonl")
    assert decisions(replay(timeline).timeline.events) == decisions(timeline.events)


@pytest.mark.parametrize("name", sorted(set(ALL) - {"tuned"}))
def test_estimates_are_not_used_where_nothing_differs(recorded, name):
    """A small change of settings would seem to change turns it has nothing to do with."""
    timeline = recorded[name]
    replayed = replay(timeline, recorded_settings(timeline.events))
    assert decisions(replayed.timeline.events) == decisions(timeline.events)


@pytest.mark.parametrize("name", ALL)
def test_voice_activity_takes_less_than_three_events_a_second(recorded, name):
    """A silent session would fill its timeline and its connection."""
    noted = [event for event in recorded[name].events if isinstance(event.body, VoiceActivityNoted)]
    windows = sum(len(event.body.activity) for event in noted)
    partials = len(bodies(recorded[name], PartialTranscript))
    assert len(noted) <= 1 + 2 * partials + windows * 0.032 + 6
    assert windows * 0.032 > 3


def test_settings_changed_in_the_middle_of_a_turn_count_from_there(recorded):
    """A change that was applied would be none, or a replay would not know when it came."""
    (told,) = bodies(recorded["tuned"], TurnTakingTuned)
    assert told.settings["endpointing"]["hangover_min"] == 1.8
    assert told.settings["early_synthesis"]["enabled"] is False
    (end,) = bodies(recorded["tuned"], TurnEnded)
    assert end.hangover >= 1.8 > bodies(recorded["plain"], TurnEnded)[0].hangover


def early_starts(timeline):
    return [event.at for event in timeline.events if isinstance(event.body, EarlySynthesisStarted)]


@pytest.mark.parametrize("name", ["plain", "resumed", "carried"])
def test_a_stricter_threshold_never_starts_earlier(recorded, name):
    """A caller who asks for more confidence would be answered on less."""
    timeline = recorded[name]
    own, before = recorded_settings(timeline.events), -1.0
    for confidence in (0.0, 0.5, 0.9, 1.0):
        starts = early_starts(replay(timeline, with_changes(own, {"early.confidence": confidence})).timeline)
        first = starts[0] if starts else float("inf")
        assert first >= before
        before = first
    assert not early_starts(replay(timeline, with_changes(own, {"early.enabled": False})).timeline)


@pytest.mark.parametrize("name", ["plain", "resumed", "carried"])
def test_a_longer_wait_never_ends_a_turn_earlier(recorded, name):
    """A caller who hesitates could not be given more time."""
    timeline = recorded[name]
    own, before = recorded_settings(timeline.events), -1
    for wait in (0.3, 0.5, 0.8, 1.2):
        changes = {"endpointing.hangover_min": wait, "endpointing.hangover_max": max(wait, 1.4)}
        ends = bodies(replay(timeline, with_changes(own, changes)).timeline, TurnEnded)
        assert ends[0].decided >= before
        before = ends[0].decided


def test_a_turn_that_was_cut_in_two_is_one_under_a_longer_wait(recorded):
    """The tuner could not show what a longer wait is good for."""
    timeline = recorded["carried"]
    changes = {"endpointing.hangover_min": 1.0, "endpointing.hangover_max": 1.4}
    (whole,) = outcomes(
        replay(timeline, with_changes(recorded_settings(timeline.events), changes)).timeline.events
    )
    (cut,) = outcomes(timeline.events)
    assert (cut.cut_off, len(cut.ends)) == (True, 2)
    assert (whole.cut_off, len(whole.ends)) == (False, 1)
    assert whole.response_time is not None


def test_a_replay_is_the_same_in_every_process(recorded, tmp_path):
    """Results of a search over settings would depend on the worker that found them."""
    path = tmp_path / "events.jsonl"
    recorded["carried"].save(path)
    program = (
        "import hashlib, sys\n"
        "from workbench.analysis.replay import replay\n"
        "from workbench.analysis.replay_settings import ReplaySettings, recorded_settings, with_changes\n"
        "from workbench.core.timeline import Timeline\n"
        "from workbench.core.wire import event_to_json\n"
        "held = Timeline.load(sys.argv[1])\n"
        "own = recorded_settings(held.events)\n"
        "made = replay(held, with_changes(own, {'endpointing.hangover_min': 0.3})).timeline\n"
        "text = ''.join(map(event_to_json, made.events))\n"
        "print(hashlib.sha256(text.encode()).hexdigest())\n"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", program, str(path)],
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(found) == 1
    assert len(found.pop().strip()) == len(hashlib.sha256().hexdigest())


def test_what_a_replay_can_do_nothing_with_is_refused(recorded):
    """A wrong name would leave the settings as they were, and seem to make no difference."""
    settings = recorded_settings(recorded["plain"].events)
    with pytest.raises(
        ParameterError, match=r"early.sureness, expected early. and one of enabled, confidence"
    ):
        with_changes(settings, {"early.sureness": 1})
    with pytest.raises(ParameterError, match="is much, expected a number"):
        with_changes(settings, {"early.confidence": "much"})
    opened = recorded["plain"].events[0]
    assert isinstance(opened.body, SessionOpened)
    bare = replace(opened, body=replace(opened.body, settings={}))
    with pytest.raises(ParameterError, match="lacks settings"):
        recorded_settings([bare])


def test_the_command_prints_what_would_have_changed(recorded, tmp_path, capsys):
    """A user could not ask what other settings would have done."""
    recorded["plain"].save(tmp_path / "events.jsonl")
    assert main(["replay", str(tmp_path)]) == 0
    assert "replayed" not in capsys.readouterr().out
    out = tmp_path / "other.jsonl"
    changes = ["--set", "early.enabled=false", "--set", "endpointing.hangover_min=1.2"]
    assert main(["replay", str(tmp_path), *changes, "--out", str(out)]) == 0
    assert "0 of  0" in capsys.readouterr().out
    assert not bodies(Timeline.load(out), EarlySynthesisStarted)
    assert main(["replay", str(tmp_path), "--set", "hangover=1"]) == 2
    assert "expected it to begin with one of early" in capsys.readouterr().err


def test_a_recording_that_lacks_what_decided_is_refused(tmp_path, capsys):
    """Sessions from before would be replayed wrongly."""
    shipped = load_recording(data_folder() / "sessions" / "coffee")
    assert main(["replay", str(data_folder() / "sessions" / "coffee")]) == 0
    shipped.save(tmp_path)
    events = (tmp_path / "events.jsonl").read_text(encoding="utf-8")
    (tmp_path / "events.jsonl").write_text(events.replace('"endpointing"', '"ending"', 1), encoding="utf-8")
    assert main(["replay", str(tmp_path)]) == 2
    assert "can't be replayed" in capsys.readouterr().err


async def test_the_caller_is_heard_again_by_other_engines(recorded, start_module):
    """Engines could only be compared on new conversations."""
    track = sound(2.4, 0.5)
    held = Recording(
        timeline=recorded["plain"],
        caller=track,
        caller_rate=16_000,
        agent=np.zeros(0, np.float32),
        agent_rate=24_000,
        device_zero=0.0,
    )
    with start_module(script=json.dumps(["a small mocha please now"])) as endpoint:
        again = await rerun(held, endpoint=endpoint)
    assert bodies(again.timeline, FinalTranscript)[0].text == "a small mocha please now"
    assert bodies(again.timeline, SessionOpened)[0].assistant == "coffee"
