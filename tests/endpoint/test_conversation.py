"""Whole conversations through a real endpoint process, with scripted engines and tones for speech."""

import json

import anyio
import numpy as np
import pytest
from patience import PATIENCE

from workbench.analysis.latency import turns
from workbench.client.caller import call
from workbench.client.device import Device
from workbench.client.session import SessionSettings, open_session
from workbench.core.audio import AudioFormat, Encoding
from workbench.core.events import (
    ActionTaken,
    Backchannelled,
    BargedIn,
    EarlySynthesisCommitted,
    EarlySynthesisStarted,
    FinalTranscript,
    IntentRecognized,
    PlaybackPaused,
    PlaybackPosition,
    PlaybackResumed,
    PlaybackStarted,
    PlaybackStopped,
    SessionClosed,
    SessionOpened,
    SynthesisReady,
)

pytestmark = pytest.mark.anyio

ORDER = "I want a large latte with soy milk"
CLOCKS = 0.4
"""Seconds between the clocks of client and endpoint: half of a round trip on a very busy machine."""
UNEXPLAINED = 0.1
"""Seconds that response time and its contributions may differ by; 12 ms were seen on such a machine."""


def tone(seconds: float, rate: int = 16_000) -> np.ndarray:
    """Return what the energy detector takes for speech."""
    return (0.2 * np.sin(2 * np.pi * 150 * np.arange(round(seconds * rate)) / rate)).astype(np.float32)


def of(timeline, kind):
    return [event.body for event in timeline.events if isinstance(event.body, kind)]


async def seen(session, kind):
    """Wait for an event of ``kind`` and return its body."""
    with anyio.fail_after(PATIENCE):
        async for event in session.events():
            if isinstance(event.body, kind):
                return event.body
    raise AssertionError(f"the session ended without {kind.__name__}")


@pytest.fixture
def said(start_endpoint):
    """Start an endpoint that hears the given utterances."""

    def start(*utterances: str, **settings: str):
        return start_endpoint(script=json.dumps(utterances), **settings)

    return start


async def test_turn_is_understood_and_answered_from_early_synthesis(said):
    """The product's main path: one turn, recognised, answered early, acted on once, measured right."""
    with said(ORDER) as endpoint:
        recording = await call("coffee", [tone(2.4)], endpoint=endpoint)
    timeline = recording.timeline
    assert isinstance(timeline.events[0].body, SessionOpened)
    assert isinstance(timeline.events[-1].body, SessionClosed)
    assert [event.seq for event in timeline.events] == list(range(len(timeline)))
    (final,) = of(timeline, FinalTranscript)
    assert final.text == ORDER
    assert of(timeline, IntentRecognized)[-1].slots == {
        "size": "large",
        "coffeeDrink": "latte",
        "milkAmount": "soy milk",
    }
    (action,) = of(timeline, ActionTaken)
    assert action.action == "orderDrink"
    (turn,) = turns(recording)
    assert turn.early == "committed"
    assert not turn.wrong_audio_heard
    assert turn.response_time == pytest.approx(sum(turn.contributions.values()), abs=UNEXPLAINED)
    assert turn.end_of_speech == pytest.approx(0.3 + 2.4, abs=CLOCKS)


async def test_nothing_is_prepared_when_early_synthesis_is_off(said):
    """The comparison run must really be without it."""
    settings = SessionSettings(early_synthesis=False)
    with said(ORDER) as endpoint:
        recording = await call("coffee", [tone(2.4)], endpoint=endpoint, settings=settings)
    assert not of(recording.timeline, EarlySynthesisStarted)
    assert not of(recording.timeline, EarlySynthesisCommitted)
    assert turns(recording)[0].reply


async def test_telephone_formats_carry_a_turn(said):
    """Mu-law at 8 kHz in and 48 kHz out must work like the defaults."""
    settings = SessionSettings(
        input=AudioFormat(Encoding.MULAW, 8_000), output=AudioFormat(Encoding.PCM16, 48_000)
    )
    with said(ORDER) as endpoint:
        recording = await call("coffee", [tone(2.4, 8_000)], endpoint=endpoint, settings=settings)
    (turn,) = turns(recording)
    assert turn.final == ORDER
    assert recording.agent_rate == 48_000
    assert np.abs(recording.agent).max() > 0.25


@pytest.mark.parametrize(("rate", "options"), [(48_000, {}), (16_000, {"bitrate": 12_000, "fec": True})])
async def test_opus_carries_a_turn_at_the_same_times(said, rate, options):
    """Opus would carry no speech, or every time on the timeline be late by what the codec delays."""
    opus = AudioFormat(Encoding.OPUS, rate, **options)
    settings = SessionSettings(input=opus, output=opus)
    with said(ORDER) as endpoint:
        recording = await call("coffee", [tone(2.4, rate)], endpoint=endpoint, settings=settings)
    (turn,) = turns(recording)
    assert turn.final == ORDER
    assert turn.end_of_speech == pytest.approx(0.3 + 2.4, abs=CLOCKS)
    assert turn.response_time == pytest.approx(sum(turn.contributions.values()), abs=UNEXPLAINED)
    opened = of(recording.timeline, SessionOpened)[0]
    assert (opened.input_encoding, opened.output_encoding) == ("opus", "opus")
    assert recording.agent_rate == rate
    assert np.abs(recording.agent).max() == pytest.approx(0.3, abs=0.06)
    stopped = of(recording.timeline, PlaybackStopped)[-1]
    ready = of(recording.timeline, SynthesisReady)
    assert stopped.reason == "finished"
    seconds = sum(one.samples / one.rate for one in ready if one.reply == stopped.reply)
    assert stopped.heard / rate == pytest.approx(seconds, abs=0.001)


async def test_words_during_the_reply_stop_it(said):
    """Barge-in: the reply falls silent, and only what was heard counts as said."""
    with said(ORDER, "no wait a small one") as endpoint:
        async with open_session("coffee", endpoint=endpoint) as session:
            device = Device(session)
            async with anyio.create_task_group() as group:
                group.start_soon(device.run)
                device.speak(np.concatenate([np.zeros(4_800, np.float32), tone(2.2)]))
                await seen(session, PlaybackPosition)
                device.speak(tone(1.5))
                stopped = await seen(session, PlaybackStopped)
                group.cancel_scope.cancel()
            timeline = session.timeline
    assert stopped.reason == "barge-in"
    (barge_in,) = of(timeline, BargedIn)
    assert barge_in.reply == stopped.reply == 1
    reply = turns(device.recording(timeline, {}))[0].reply
    assert reply.startswith(stopped.text_heard)
    assert len(stopped.text_heard) < len(reply)


async def test_backchannel_lets_the_reply_go_on(said):
    """A caller who says "mhm" must not lose the rest of the reply."""
    with said(ORDER, "mhm") as endpoint:
        async with open_session("coffee", endpoint=endpoint) as session:
            device = Device(session)
            async with anyio.create_task_group() as group:
                group.start_soon(device.run)
                device.speak(np.concatenate([np.zeros(4_800, np.float32), tone(2.2)]))
                await seen(session, PlaybackStarted)
                device.speak(tone(0.4))
                stopped = await seen(session, PlaybackStopped)
                group.cancel_scope.cancel()
            timeline = session.timeline
    assert stopped.reason == "finished"
    assert of(timeline, Backchannelled)[0].reason == "backchannel"
    paused, resumed = of(timeline, PlaybackPaused)[0], of(timeline, PlaybackResumed)[0]
    assert paused.heard == resumed.heard
    assert paused.device_position < resumed.device_position
    assert not of(timeline, BargedIn)


async def test_endpoint_records_what_the_client_played(said, tmp_path):
    """The endpoint's own recording must agree with the caller's device."""
    from workbench.store.recording import load_recording

    with said(ORDER, record=str(tmp_path)) as endpoint:
        theirs = await call("coffee", [tone(2.2)], endpoint=endpoint)
    (folder,) = tmp_path.iterdir()
    ours = load_recording(folder)
    assert len(ours.timeline) == len(theirs.timeline)
    length = min(len(ours.caller), len(theirs.caller))
    np.testing.assert_allclose(ours.caller[:length], theirs.caller[:length], atol=2e-4)
    length = min(len(ours.agent), len(theirs.agent))
    np.testing.assert_allclose(ours.agent[:length], theirs.agent[:length], atol=2e-4)
    assert np.abs(ours.agent).max() > 0.2
