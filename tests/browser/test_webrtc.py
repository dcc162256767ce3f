"""A page's session by WebRTC in a real browser: heard, answered, silenced, resumed."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

pytest.importorskip("aiortc", reason="the extra webrtc is not installed")
from aioice.ice import get_host_addresses
from browsing import Watched, heard
from session_page import PageServer, running_endpoint, serving
from test_page_session import ready, speak, statuses, until

from workbench.client.local import Endpoint

Open = Callable[..., Watched]

pytestmark = pytest.mark.skipif(
    not get_host_addresses(use_ipv4=True, use_ipv6=True),
    reason="this machine has no network interface but loopback",
)


@pytest.fixture(scope="module")
def pages() -> Iterator[PageServer]:
    with serving() as served:
        yield served


@pytest.fixture(scope="module")
def endpoint(pages: PageServer) -> Iterator[Endpoint]:
    with running_endpoint(pages.key) as started:
        yield started


@pytest.fixture
def page(watched: Open, pages: PageServer) -> Any:
    opened = watched()
    opened.page.goto(pages.url)
    ready(opened.page)
    return opened.page


def begin(page: Any, endpoint: Endpoint, **options: Any) -> None:
    ways = [{"way": "webrtc", "url": f"{endpoint.url}/v1/session"}]
    page.evaluate("options => page.begin(options)", {"ways": ways, **options})
    page.wait_for_function("page.statuses().at(-1) === 'live'", timeout=10_000)


def misplaced(page: Any) -> float:
    """Return by how many seconds what was said lies late in the caller's stream."""
    started, at = page.evaluate(
        "page.told.filter((one) => one.detail?.type === 'speech-started').map((one) => [one.detail, one.at])[0]"
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
    assert abs(misplaced(page)) < 0.08
    sound, device = heard(page)
    loud = np.flatnonzero(np.abs(sound) > 0.02)
    assert (loud[-1] - loud[0]) / device == pytest.approx(said, abs=0.3)
    assert np.sqrt(np.mean(sound[loud[0] : loud[-1]] ** 2)) > 0.1
    quality = page.evaluate("page.last('quality')")
    assert 0 <= quality["roundTrip"] < 0.2
    assert quality["bitrate"] > 1_000
    page.evaluate("page.session.stop()")
    assert statuses(page) == ["connecting", "live", "ended"]
    assert page.evaluate("page.events('session-closed')[0].reason") == "client-left"
