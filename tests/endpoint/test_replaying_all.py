"""Sessions in which something is said or done besides the conversation, their decisions taken again."""

import json
from contextlib import AsyncExitStack
from dataclasses import replace
from functools import partial

import anyio
import pytest
from overhearing import sound
from patience import PATIENCE

from workbench.analysis.replay import replay
from workbench.analysis.replay_decisions import decisions
from workbench.analysis.replay_settings import recorded_settings
from workbench.client.device import Device
from workbench.client.fragile import fragile_way
from workbench.client.session import SessionSettings, open_session
from workbench.conversation.assistants import load_assistant
from workbench.core.consent import Consent
from workbench.core.events import (
    ConsentSettled,
    LookupDone,
    PartialTranscript,
    PlaybackStopped,
    ReplyChosen,
    SessionResumed,
    Source,
    TurnEnded,
    Understood,
)
from workbench.core.timeline import Timeline
from workbench.security.tokens import Scope, mint_token

pytestmark = pytest.mark.anyio

SCRIPT = ("which rooms have a projector", "cancel that")
ASKING = """
name: asking
voice: af_heart
greeting: Welches Licht?
consent:
  level: full
  ask: Darf ich aufzeichnen?
intents:
  light:
    sentences: ["[the] (kitchen|hall) [light]"]
    reply: Gut.
  cancel:
    sentences: [cancel that]
  "yes":
    sentences: ["yes"]
  "no":
    sentences: ["no"]
prompts:
  out_of_scope: Nur Licht.
  help: Sagen Sie Küche.
  not_heard: Wie bitte?
"""
GERMAN = SessionSettings(language="de", greet=True)


async def seen(session, kind, count=1):
    """Wait for so many events of a kind."""
    with anyio.fail_after(PATIENCE):
        while len(bodies(session.timeline, kind)) < count:
            await session.news()


def bodies(timeline, kind):
    """Return the bodies of a kind."""
    return [event.body for event in timeline.events if isinstance(event.body, kind)]


def finally_understood(timeline, text):
    """Return whether a text was understood in the end."""
    return any(body.text.endswith(text) and body.origin == "final" for body in bodies(timeline, Understood))


async def settles(session, fragile):
    """Answer the question for consent in the caller's place, in the middle of what is said."""
    await seen(session, PartialTranscript)
    session.withdraw_consent(Consent.TRANSCRIPT)
    await seen(session, ConsentSettled)


async def withdraws(session, fragile):
    """Withdraw consent in the middle of what is said."""
    await seen(session, PartialTranscript)
    session.withdraw_consent()
    await seen(session, ConsentSettled)


async def says(session, fragile):
    """Let the assistant's voice say something in the middle of what is said."""
    await seen(session, PartialTranscript)
    await session.say("One moment please.")


async def cuts(session, fragile):
    """Cut the connection in the middle of what is said."""
    await seen(session, PartialTranscript)
    await fragile.cut(blackout=0.1)
    await seen(session, SessionResumed)


async def nothing(session, fragile):
    """Let the caller be heard out."""


SCENES = {
    "settled": {"assistant": "asking", "settings": GERMAN, "does": settles},
    "withdrawn": {"does": withdraws},
    "spoken-for": {"does": says},
    "cut": {"does": cuts},
    "known": {"settings": SessionSettings(greet=True), "client": "anna"},
    "unanswered": {"scopes": (Scope.TRANSCRIBE,)},
}


async def talk(endpoint, *, assistant="rooms", settings=None, does=nothing, scopes=(), client=None):
    """Return the timeline of a session in which two things are said and something is done meanwhile."""
    scopes = scopes or (Scope.CONVERSE, Scope.SPEAK)
    tokens = partial(mint_token, endpoint.key, scopes=scopes, client=client)
    async with AsyncExitStack() as stack:
        way, fragile = await stack.enter_async_context(fragile_way(replace(endpoint, tokens=tokens)))
        session = await stack.enter_async_context(open_session(assistant, endpoint=way, settings=settings))
        device = Device(session)
        async with anyio.create_task_group() as group:
            group.start_soon(device.run)
            if settings is not None and settings.greet:
                await seen(session, PlaybackStopped)
            device.speak(sound(1.3))
            await does(session, fragile)
            await seen(session, TurnEnded)
            if Scope.CONVERSE in scopes:
                await seen(session, PlaybackStopped, len(bodies(session.timeline, PlaybackStopped)) + 1)
            device.speak(sound(0.7))
            with anyio.fail_after(PATIENCE):
                while not finally_understood(session.timeline, SCRIPT[1]):
                    await session.news()
            await anyio.sleep(0.3)
            group.cancel_scope.cancel()
    return session.timeline


@pytest.fixture(scope="module")
def recorded(start_module, tmp_path_factory):
    """Return a timeline by scene."""
    held = {}
    asking = tmp_path_factory.mktemp("asking") / "asking.yaml"
    asking.write_text(ASKING, encoding="utf-8")

    async def keep(name, endpoint, **scene):
        held[name] = await talk(endpoint, **scene)

    async def record():
        files = json.dumps([str(asking)])
        with start_module(script=json.dumps(SCRIPT), assistants=files) as endpoint:
            async with anyio.create_task_group() as group:
                for name, scene in SCENES.items():
                    group.start_soon(lambda name=name, scene=scene: keep(name, endpoint, **scene))

    anyio.run(record)
    held["asking"] = load_assistant(asking)
    return held


def test_the_scenes_hold_what_they_are_named_for(recorded):
    """The tests below would show less than they say."""
    assert [body.how for body in bodies(recorded["settled"], ConsentSettled)] == ["client"]
    assert [body.how for body in bodies(recorded["withdrawn"], ConsentSettled)] == ["withdrawn"]
    said = [e.source for e in recorded["spoken-for"].events if isinstance(e.body, ReplyChosen)]
    assert Source.CLIENT in said
    assert bodies(recorded["cut"], SessionResumed)
    assert bodies(recorded["known"], LookupDone)[0].found["caller"] == "Anna"
    assert not bodies(recorded["unanswered"], ReplyChosen)
    assert all(bodies(recorded[name], LookupDone) for name in SCENES if name != "settled")
    (*_, last) = bodies(recorded["settled"], ReplyChosen)
    assert last.text == "In Ordnung, dann lassen wir das."


@pytest.mark.parametrize("name", SCENES)
def test_a_replay_with_its_own_settings_decides_what_was_decided(recorded, name, tmp_path):
    """Nothing said about other settings could be trusted."""
    recorded[name].save(tmp_path / "events.jsonl")
    timeline = Timeline.load(tmp_path / "events.jsonl")
    assistant = recorded["asking"] if name == "settled" else None
    same = replay(timeline, assistant=assistant)
    assert decisions(same.timeline.events) == decisions(timeline.events)
    own = recorded_settings(timeline.events)
    again = replay(timeline, own, assistant=assistant, like=same)
    assert decisions(again.timeline.events) == decisions(timeline.events)


def cut_off(timeline):
    """Return the timeline as it is if the session ends while its last words are being understood."""
    (*_, last) = (event.seq for event in timeline.events if isinstance(event.body, Understood))
    held = Timeline()
    for event in timeline.events[:last]:
        held.append(event)
    return held


@pytest.mark.parametrize("name", ["cut", "known"])
def test_what_was_never_understood_is_not_in_a_replay_either(recorded, name):
    """Settings that change nothing would seem to answer what was said last."""
    timeline = cut_off(recorded[name])
    same = replay(timeline)
    assert decisions(same.timeline.events) == decisions(timeline.events)
    again = replay(timeline, recorded_settings(timeline.events), like=same)
    assert decisions(again.timeline.events) == decisions(timeline.events)


def test_one_more_decision_is_a_difference(recorded):
    """The tests above could not fail."""
    timeline = recorded["cut"]
    sure = replace(recorded_settings(timeline.events), replies=False)
    assert decisions(replay(timeline, sure).timeline.events) != decisions(timeline.events)
