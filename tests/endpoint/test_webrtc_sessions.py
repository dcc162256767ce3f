"""Sessions by WebRTC against a real endpoint process, with a page made of aiortc."""

import json

import anyio
import numpy as np
import pytest

pytest.importorskip("aiortc", reason="the extra webrtc is not installed")
from rtc_page import interfaces, page

from workbench.security.tokens import mint_token

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
            caller.say(OPEN)
            welcome = await caller.until("welcome")
            assert welcome["how"] == "opened"
            caller.number("audio-clock", 0.0, device_zero=0.0)
            await anyio.sleep(0.3)
            caller.microphone.say(tone(2.2))
            final = await caller.until("final-transcript")
            assert final["text"] == ORDER
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
