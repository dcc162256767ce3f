"""A page's session by WebRTC in a real browser: heard, answered, silenced, resumed."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

pytest.importorskip("aiortc", reason="the extra webrtc is not installed")
from aioice.ice import get_host_addresses
from browsing import Watched, heard
from session_page import PageServer, running_endpoint
from test_page_session import ready, speak, statuses, until

from workbench.client.local import Endpoint

Open = Callable[..., Watched]

pytestmark = pytest.mark.skipif(
    not get_host_addresses(use_ipv4=True, use_ipv6=True),
    reason="this machine has no network interface but loopback",
)


@pytest.fixture
def page(watched: Open, pages: PageServer) -> Any:
    opened = watched()
    opened.page.goto(pages.url)
    ready(opened.page)
    return opened.page


def begin(page: Any, endpoint: Endpoint, **options: Any) -> None:
    ways = [{"way": "webrtc", "url": f"{endpoint.url}/v1/session"}]
    page.evaluate("options => page.begin(options)", {"ways": ways, **options})
    page.wait_for_function("['live', 'failed'].includes(page.statuses().at(-1))")
    assert statuses(page)[-1] == "live", page.evaluate("page.last('status')")


def misplaced(page: Any) -> float:
    """Return by how many seconds what was said lies late in the caller's stream."""
    started, at = page.evaluate(
        "page.told.filter((one) => one.detail?.type === 'speech-started').map((o) => [o.detail, o.at])[0]"
    )
    (first, *_) = page.evaluate("page.events('audio-in')")
    zero = first["captured"] - first["position"] / first["rate"]
    said = page.evaluate("page.said") - at + started["at"]  # on the session clock, but for a message's way
    return float(zero + started["position"] / started["rate"] - said)


def test_what_is_said_by_webrtc_arrives_and_the_answer_is_heard(page: Any, endpoint: Endpoint) -> None:
    """Who chooses WebRTC would talk to nobody."""
    begin(page, endpoint)
    assert page.evaluate("page.last('status').way") == "webrtc"
    page.wait_for_timeout(500)
    page.evaluate("() => { page.said = performance.now() / 1000; }")
    speak(page, 1.5)
    (stopped,) = until(page, "playback-stopped")
    clauses = page.evaluate("page.events('synthesis-ready')")
    said = sum(clause["samples"] / clause["rate"] for clause in clauses)
    assert stopped["reason"] == "finished"
    assert stopped["heard"] / stopped["rate"] == pytest.approx(said, abs=0.001)
    arrived = page.evaluate("page.events('audio-in')")
    assert sum(event["lost"] for event in arrived) == 0
    assert abs(misplaced(page)) < 0.5  # 0.06 on an idle machine
    sound, device = heard(page)
    loud = np.flatnonzero(np.abs(sound) > 0.02)
    assert (
        said - 0.3 < (loud[-1] - loud[0]) / device < said + 2
    )  # a busy machine makes gaps, which lengthen it
    assert 0.7 * said < np.count_nonzero(np.abs(sound) > 0.02) / device < 1.1 * said
    assert 0.15 < np.sqrt(np.mean(sound[np.abs(sound) > 0.02] ** 2)) < 0.28  # heard once, and not 3 dB softer
    assert page.evaluate("page.loudest('agent')") > -20  # the meter shows it, too
    quality = page.evaluate("page.last('quality')")
    assert 0 <= quality["roundTrip"] < 0.2
    assert quality["bitrate"] > 1_000
    page.evaluate("page.session.stop()")
    assert statuses(page) == ["connecting", "live", "ended"]
    assert page.evaluate("page.events('session-closed')[0].reason") == "client-left"


def test_a_barge_in_by_webrtc_silences_the_page(page: Any, endpoint: Endpoint) -> None:
    """The assistant would talk on over whoever interrupts it."""
    begin(page, endpoint)
    page.wait_for_timeout(500)
    speak(page, 1.5)
    until(page, "playback-started")
    page.wait_for_timeout(300)
    speak(page, 2.0, wait=False)
    (stopped,) = [event for event in until(page, "playback-stopped") if event["reason"] == "barge-in"]
    after = page.evaluate("listener.now().seconds")
    page.wait_for_timeout(600)
    clauses = page.evaluate("page.events('synthesis-ready')")
    whole = sum(clause["samples"] for clause in clauses if clause["reply"] == stopped["reply"])
    assert 0 < stopped["heard"] < whole
    sound, rate = heard(page, after + 0.2)
    assert len(sound) > 0.2 * rate
    assert np.abs(sound[: int(0.2 * rate)]).max() < 0.01


def test_a_muted_page_sends_silence_by_webrtc(page: Any, endpoint: Endpoint) -> None:
    """What is said to somebody in the room would be heard."""
    begin(page, endpoint)
    page.wait_for_timeout(500)
    page.evaluate("page.session.mute(true)")
    page.wait_for_timeout(200)
    speak(page, 1.0)
    page.wait_for_timeout(500)
    assert page.evaluate("page.events('speech-started')") == []
    page.evaluate("page.session.mute(false)")
    speak(page, 1.0)
    until(page, "speech-started")


def test_a_page_loaded_again_goes_on_by_webrtc(page: Any, endpoint: Endpoint) -> None:
    """A reload in a notebook would end the call."""
    begin(page, endpoint)
    page.wait_for_timeout(500)
    speak(page, 1.5)
    until(page, "playback-started")
    page.wait_for_timeout(500)
    session = page.evaluate("page.last('welcome').session")
    page.reload()
    ready(page)
    begin(page, endpoint, resume=True, events="all")
    welcome = page.evaluate("page.last('welcome')")
    assert (welcome["session"], welcome["how"]) == (session, "resumed")
    stopped = until(page, "playback-stopped")[-1]
    clauses = page.evaluate("page.events('synthesis-ready')")
    assert stopped["heard"] == sum(clause["samples"] for clause in clauses)
    speak(page, 1.5)
    until(page, "final-transcript", 2)
    assert page.evaluate("page.events('error')") == []


def test_the_page_leaves_for_a_while_and_comes_back_by_webrtc(page: Any, endpoint: Endpoint) -> None:
    """A closed laptop would end the call."""
    begin(page, endpoint)
    page.evaluate("page.session.suspend()")
    page.wait_for_function("page.statuses().at(-1) === 'held'")
    page.evaluate("page.session.resume()")
    page.wait_for_function("page.statuses().at(-1) === 'live'")
    assert until(page, "session-held")[0]["reason"] == "suspended"
    page.wait_for_timeout(500)
    speak(page, 1.5)
    until(page, "final-transcript")


def test_the_endpoint_s_word_is_told_by_webrtc(watched: Open, pages: PageServer, endpoint: Endpoint) -> None:
    """A misspelt assistant would look like a broken network."""
    opened = watched()
    opened.page.goto(pages.url)
    ready(opened.page)
    ways = [{"way": "webrtc", "url": f"{endpoint.url}/v1/session"}]
    opened.page.evaluate("o => page.begin(o)", {"ways": ways, "open": {"assistant": "tea"}})
    opened.page.wait_for_function("page.statuses().at(-1) === 'failed'")
    status = opened.page.evaluate("page.last('status')")
    assert status["code"] == 4404
    assert "assistant" in status["sentence"]


def test_a_token_refused_by_webrtc_is_said(watched: Open, pages: PageServer) -> None:
    """A person would look for the fault everywhere but where it is."""
    opened = watched()
    opened.allowed.append("401")
    opened.page.goto(pages.url)
    ready(opened.page)
    with running_endpoint("another-key-of-thirty-two-letters-and-more") as stranger:
        ways = [{"way": "webrtc", "url": f"{stranger.url}/v1/session"}]
        opened.page.evaluate("o => page.begin(o)", {"ways": ways})
        opened.page.wait_for_function("page.statuses().at(-1) === 'failed'")
    status = opened.page.evaluate("page.last('status')")
    assert status["sentence"]
    assert status["code"] in (401, 1006)
