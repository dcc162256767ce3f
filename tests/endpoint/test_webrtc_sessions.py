"""Sessions by WebRTC against a real endpoint process, with a page made of aiortc."""

import json
import re
import sys

import anyio
import httpx
import numpy as np
import pytest
from patience import PATIENCE

pytest.importorskip("aiortc", reason="the extra webrtc is not installed")
from fastapi import FastAPI
from in_process import grant
from rtc_page import Page, interfaces, lone_offer, page, post

from workbench.endpoint.webrtc import Peers
from workbench.security.tokens import Scope, mint_token

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.skipif(not interfaces(), reason="this machine has no network interface but loopback"),
]

ORDER = "I want a large latte with soy milk"
OPEN = {"type": "open", "assistant": "coffee"}


@pytest.fixture
def anyio_backend() -> str:
    """Run without asyncio's debug mode: the page's audio is in real time."""
    return "asyncio"


def tone(seconds: float) -> np.ndarray:
    return (0.3 * np.sin(2 * np.pi * 150 * np.arange(round(seconds * 48_000)) / 48_000)).astype(np.float32)


def token(endpoint, **claims) -> str:
    return mint_token(endpoint.key, **claims)


async def test_a_turn_by_webrtc_is_understood_and_answered(start_endpoint):
    """WebRTC would connect, and nobody hear or be heard."""
    with start_endpoint(script=json.dumps([ORDER])) as endpoint:
        async with page(endpoint, token(endpoint)) as caller:
            caller.say(OPEN | {"settings": {"language": "en-GB"}})
            welcome = await caller.until("welcome")
            assert welcome["how"] == "opened"
            caller.number("audio-clock", 0.0, device_zero=0.0)
            await anyio.sleep(0.3)
            caller.microphone.say(tone(2.2))
            final = await caller.until("final-transcript")
            assert (final["text"], final["language"]) == (ORDER, "en-GB")
            began = await caller.until("voice")
            assert began == {"type": "voice", "reply": 1, "position": 0, "state": "playing"}
            silent = await caller.until("voice", count=2)
            ended = [one for one in caller.of("playback-control") if one["action"] == "end"][-1]
            assert (silent["state"], silent["position"]) == ("silent", ended["samples"])
            await anyio.sleep(0.3)
    sound = np.concatenate([samples for _, samples in caller.heard])
    loud = np.abs(sound) > 0.15
    assert loud.sum() / 48_000 == pytest.approx(0.65 * ended["samples"] / 24_000, rel=0.15)
    assert np.abs(sound).max() == pytest.approx(0.3, abs=0.06)  # not 3 dB softer
    audio_in = caller.of("audio-in")
    assert sum(event["lost"] for event in audio_in) == 0


async def test_words_during_the_reply_silence_it_within_a_frame(start_endpoint):
    """Who interrupts the assistant would be talked over."""
    with start_endpoint(script=json.dumps([ORDER, "no wait a small one"])) as endpoint:
        async with page(endpoint, token(endpoint)) as caller:
            caller.say(OPEN)
            await caller.until("welcome")
            caller.number("audio-clock", 0.0, device_zero=0.0)
            await anyio.sleep(0.3)
            caller.microphone.say(tone(2.2))
            await caller.until("voice")
            caller.number("playback", 0.0, state="started", reply=1, heard=0, device_position=0)
            await anyio.sleep(0.3)
            caller.microphone.say(tone(1.5))
            with anyio.fail_after(PATIENCE):
                while "flush" not in [one["action"] for one in caller.of("playback-control")]:
                    await caller.until("playback-control", count=len(caller.of("playback-control")) + 1)
            flush = next(one for one in caller.of("playback-control") if one["action"] == "flush")
            await anyio.sleep(0.5)
    said_at = caller.when[caller.got.index(flush)]
    silent = [
        (message, at)
        for message, at in zip(caller.got, caller.when, strict=True)
        if message["type"] == "voice" and message["state"] == "silent"
    ]
    message, at = silent[-1]
    assert message["reply"] == 1
    assert message["position"] < 2 * 24_000
    after = [samples for when, samples in caller.heard if when > said_at and np.abs(samples).max() > 0.05]
    # jitter buffer and all; the endpoint's part is a frame, and what would be left of the reply a second
    assert sum(map(len, after)) < 0.5 * 48_000


async def test_a_lost_page_comes_back_and_hears_the_rest(start_endpoint):
    """A page by WebRTC would lose its call with its network, or hear a reply twice."""
    with start_endpoint(script=json.dumps([ORDER])) as endpoint:
        async with page(endpoint, token(endpoint)) as caller:
            caller.say(OPEN)
            welcome = await caller.until("welcome")
            caller.number("audio-clock", 0.0, device_zero=0.0)
            await anyio.sleep(0.3)
            caller.microphone.say(tone(2.2))
            await caller.until("voice")
            await anyio.sleep(0.9)
            caller.number("playback", 0.0, state="started", reply=1, heard=0, device_position=0)
            caller.number("playback", 0.0, state="playing", reply=1, heard=19_200, device_position=0)
            await anyio.sleep(0.3)
            events = len([one for one in caller.got if "source" in one])
            controls = len(caller.of("playback-control"))
        async with page(endpoint, token(endpoint)) as again:
            again.say(
                {
                    "type": "resume",
                    "session": welcome["session"],
                    "handle": welcome["handle"],
                    "seen": {"events": events, "controls": controls, "audio": 0},
                    "reply": 1,
                    "received": 19_200,
                    "messages": 3,
                    "position": 0,
                }
            )
            assert (await again.until("welcome"))["how"] == "resumed"
            began = await again.until("voice")
            silent = await again.until("voice", count=2)
            held = await again.until("session-held")
            resumed = await again.until("session-resumed")
            again.say({"type": "audio-clock", "seq": 3, "at": 0.0, "device_zero": 0.0})
            again.microphone.say(tone(1.0))
            started = await again.until("speech-started")
            await again.until("audio-in")
    assert held["reason"] == "connection-lost"
    assert not resumed["restored"]
    assert (began["reply"], began["position"]) == (1, 19_200)
    assert silent["position"] == 54_000
    assert started["position"] / 16_000 == pytest.approx(started["at"], abs=0.6)
    assert (
        sum(one["lost"] for one in again.of("audio-in")) > 0
    )  # what was said meanwhile is gone, and said so
    assert not again.of("order", "error")


async def test_what_is_no_good_is_refused_in_one_sentence(start_endpoint):
    """Strangers would get in by the side door, or a page not know why it does not."""
    offer = await lone_offer()
    with start_endpoint(webrtc_peers_max="1") as endpoint:
        good = token(endpoint)

        async def refused(given: str, body: object, **headers: str) -> tuple[int, str, str]:
            answer = await post(endpoint, given, body, **headers)
            error = answer.json()["error"]
            return answer.status_code, error["kind"], error["message"]

        assert (await refused("x", offer))[:2] == (401, "malformed")
        assert (await refused(token(endpoint, scopes=(Scope.ADMIN,)), offer))[:2] == (403, "wrong-scope")
        bound = token(endpoint, origins=("https://lab.example",))
        assert (await refused(bound, offer))[:2] == (403, "wrong-origin")
        assert (await refused(good, {"type": "offer"}))[:2] == (422, "bad-offer")
        assert (await refused(good, {"type": "offer", "sdp": "x" * 29_000}))[:2] == (422, "bad-offer")
        assert (await refused(good, {"type": "offer", "sdp": "x" * 40_000}))[:2] == (413, "too-large")
        assert await refused(good, {"type": "offer", "sdp": "v=0"}) == (
            422,
            "bad-offer",
            "the offer has nothing, expected one audio stream and one data channel",
        )
        broken = offer["sdp"].replace("opus/48000/2", "speex/16000")
        assert (await refused(good, {"type": "offer", "sdp": broken}))[:2] == (422, "bad-offer")
        async with page(endpoint, good):
            assert await refused(good, offer) == (503, "busy", "1 peers are connected, the most allowed")


async def test_a_token_opens_one_session(start_endpoint):
    """Who reads a token over a shoulder could open sessions with it."""
    with start_endpoint() as endpoint:
        once = token(endpoint)
        async with page(endpoint, once) as first:
            first.say(OPEN)
            await first.until("welcome")
            async with page(endpoint, once) as second:
                second.say(OPEN)
                closed = await second.until("closed")
    assert closed["code"] == 4403
    assert second.of("error")[-1]["code"] == "forbidden"


async def test_a_page_that_never_connects_is_given_up(start_endpoint):
    """Offers without a page behind them would take all places."""
    offer = await lone_offer()
    with start_endpoint(webrtc_peers_max="1") as endpoint:
        assert (await post(endpoint, token(endpoint), offer)).status_code == 200
        assert (await post(endpoint, token(endpoint), offer)).status_code == 503
        with anyio.fail_after(PATIENCE):
            while (await post(endpoint, token(endpoint), offer)).status_code == 503:  # noqa: ASYNC110
                await anyio.sleep(0.5)


async def test_a_browser_may_post_an_offer_and_read_why_not(start_endpoint):
    """Browsers would refuse to ask, or to tell their page what was answered."""
    with start_endpoint() as endpoint:
        base = endpoint.url.replace("ws", "http", 1)
        origin = {"Origin": "http://127.0.0.1:8888"}
        async with httpx.AsyncClient(trust_env=False) as client:
            asked = await client.options(f"{base}/v1/webrtc", headers=origin)
            assert asked.status_code == 204
            assert asked.headers["access-control-allow-origin"] == origin["Origin"]
            assert "authorization" in asked.headers["access-control-allow-headers"]
            assert "access-control-allow-credentials" not in asked.headers
            assert (await client.options(f"{base}/v1/webrtc")).status_code == 405
            odd = await client.options(f"{base}/v1/webrtc", headers={"Origin": "null"})
            assert odd.status_code == 403
            assert (await client.options(f"{base}/v1/sessions", headers=origin)).status_code == 405
        refused = await post(endpoint, token(endpoint), {}, **origin)
        assert refused.status_code == 403
        assert refused.headers["access-control-allow-origin"] == origin["Origin"]
        allowed = token(endpoint, origins=(origin["Origin"],))
        assert (await post(endpoint, allowed, {}, **origin)).status_code == 422


async def test_whoever_has_not_the_offer_s_certificate_is_not_let_in(start_endpoint):
    """Somebody between page and endpoint could take the page's place."""
    with start_endpoint(webrtc_peers_max="1") as endpoint:
        intruder = Page()
        try:
            offer = await intruder.offer()
            line = re.search(r"a=fingerprint:sha-256 (\S+)", offer["sdp"])
            other = ":".join(reversed(line[1].split(":")))
            forged = re.sub(r"a=fingerprint:sha-256 \S+", f"a=fingerprint:sha-256 {other}", offer["sdp"])
            forged = re.sub(r"a=fingerprint:sha-(?:384|512) \S+\r\n", "", forged)
            answer = await post(endpoint, token(endpoint), {"type": "offer", "sdp": forged})
            assert answer.status_code == 200
            await intruder.accept(answer.json())
            with anyio.move_on_after(5) as limit:
                await intruder.open.wait()
            assert limit.cancelled_caught
        finally:
            intruder.microphone.stop()
            await intruder.connection.close()


async def test_without_the_library_it_is_said_what_to_install(monkeypatch):
    """A page would be told of an internal error."""
    monkeypatch.setitem(sys.modules, "workbench.endpoint.webrtc_peer", None)
    peers, lone = Peers(never, Nobody(), peers_max=1), await lone_offer()
    async with anyio.create_task_group() as group:
        await group.start(peers.run)
        answer = await asked(peers, lone)
        group.cancel_scope.cancel()
    assert answer == {
        "code": 501,
        "kind": "not-installed",
        "message": "WebRTC needs aiortc, which is not installed: "
        'pip install "realtime-voice-workbench[webrtc]"',
    }
    assert peers.count == 0


async def test_without_a_network_it_is_said_that_a_websocket_works(monkeypatch):
    """A laptop that is offline would wait for a connection that can't come about."""
    monkeypatch.setattr("aioice.ice.get_host_addresses", lambda **_: [])
    places = Nobody()
    peers = Peers(never, places, peers_max=1)
    offer = Page()
    sdp = (await offer.connection.createOffer()).sdp
    offer.microphone.stop()
    await offer.connection.close()
    async with anyio.create_task_group() as group:
        await group.start(peers.run)
        answer = await asked(peers, {"type": "offer", "sdp": sdp})
        group.cancel_scope.cancel()
    assert (answer["code"], answer["kind"]) == (503, "no-interface")
    assert answer["message"].endswith("use a WebSocket")
    assert (peers.count, places.inside) == (0, 0)


class Nobody:
    """Counts places."""

    inside = 0

    def enter(self, address, project):
        """Count one more."""
        self.inside += 1

    def leave(self, address, project):
        """Count one less."""
        self.inside -= 1


async def never(socket, grant):
    """Lead nobody."""
    raise AssertionError("a peer connected")


async def asked(peers, offer):
    """Return the error with which ``peers`` answer an offer."""
    app = FastAPI()
    app.include_router(peers.router())

    async def admitted(scope, receive, send):
        scope["state"] = {"grant": grant(), "address": "test"}
        await app(scope, receive, send)

    async with httpx.AsyncClient(transport=httpx.ASGITransport(admitted), base_url="http://test") as client:
        return (await client.post("/v1/webrtc", json=offer)).json()["error"]
