"""What a client may do wrong: each gets a typed answer, and the endpoint goes on without a leak."""

import json
import urllib.error
import urllib.request
from contextlib import suppress

import anyio
import numpy as np
import psutil
import pytest
import websockets
from patience import PATIENCE
from websockets.asyncio.client import ClientConnection, connect

from workbench.client.local import Endpoint
from workbench.protocol.native import PATH
from workbench.protocol.packets import AudioPacket, Direction, pack

pytestmark = pytest.mark.anyio

OPEN = {"type": "open", "assistant": "coffee"}


def attempt(endpoint: Endpoint, token: str | None = None, **more: object):
    token = endpoint.token() if token is None else token
    headers = {"Authorization": f"Bearer {token}"}
    return connect(endpoint.url + PATH, additional_headers=headers, proxy=None, max_size=2**20, **more)


def ready(endpoint: Endpoint) -> dict[str, object]:
    try:
        with urllib.request.urlopen(endpoint.url.replace("ws:", "http:") + "/readyz") as answer:  # noqa: S310
            return json.load(answer)
    except urllib.error.HTTPError as full:  # 503 while no further session would be opened
        return json.load(full)


async def no_session_left(endpoint: Endpoint) -> None:
    with anyio.fail_after(PATIENCE):  # another process: there is nothing to wait on but its answer
        while (await anyio.to_thread.run_sync(ready, endpoint))["sessions"]:  # noqa: ASYNC110
            await anyio.sleep(0.05)


async def opened(socket: ClientConnection) -> dict[str, object]:
    await socket.send(json.dumps(OPEN))
    assert json.loads(await socket.recv())["type"] == "welcome"
    event = json.loads(await socket.recv())
    assert event["type"] == "session-opened"
    return event


async def until_closed(socket: ClientConnection) -> tuple[int, list[dict[str, object]]]:
    """Return the close code and every event before it."""
    events = []
    with anyio.fail_after(PATIENCE):
        try:
            async for message in socket:
                if isinstance(message, str):
                    events.append(json.loads(message))
        except websockets.ConnectionClosedError:
            pass
    return socket.close_code or 0, events


def fatal(events: list[dict[str, object]]) -> dict[str, object]:
    return next(event for event in events if event["type"] == "error" and event["fatal"])


def frame(position: int, samples: int = 320, level: float = 0.0) -> bytes:
    tone = level * np.sin(2 * np.pi * 150 * (position + np.arange(samples)) / 16_000)
    payload = (tone * 32_767).astype("<i2").tobytes()
    return pack(
        AudioPacket(direction=Direction.CALLER, seq=position // samples, position=position, payload=payload)
    )


@pytest.mark.parametrize("token", ["", "nonsense", "a.b.c"])
async def test_bad_token_is_refused_before_the_upgrade(endpoint, token):
    """Without it, anyone could use the endpoint."""
    with pytest.raises(websockets.InvalidStatus) as refusal:
        async with attempt(endpoint, token):
            pass
    assert refusal.value.response.status_code == 401
    assert "token" in json.loads(refusal.value.response.body)["error"]["message"]


async def test_health_is_told_without_a_token(endpoint):
    """Without it, an orchestrator can't tell whether the process lives."""
    address = endpoint.url.replace("ws:", "http:") + "/healthz"
    assert (await anyio.to_thread.run_sync(lambda: urllib.request.urlopen(address).status)) == 200  # noqa: S310


@pytest.mark.parametrize(
    ("change", "code", "kind"),
    [
        ({"input": {"encoding": "opus", "rate": 8000}}, 4406, "unknown-format"),
        ({"input": {"encoding": "vorbis", "rate": 48000}}, 4406, "unknown-format"),
        ({"output": {"encoding": "opus", "rate": 48000, "bitrate": 1}}, 4406, "unknown-format"),
        ({"output": {"encoding": "pcm16", "rate": 11025}}, 4406, "unknown-format"),
        ({"input": {"encoding": "mulaw", "rate": 16000}}, 4406, "unknown-format"),
        ({"assistant": "nobody"}, 4404, "unknown-assistant"),
        ({"assistant": "../../etc/passwd"}, 4404, "unknown-assistant"),
        ({"version": 99}, 4400, "bad-message"),
        ({"extra": 1}, 4400, "bad-message"),
    ],
)
async def test_opening_that_can_not_be_met_says_why(endpoint, change, code, kind):
    """A client that asks for what is not offered must learn what to mend."""
    async with attempt(endpoint) as socket:
        await socket.send(json.dumps(OPEN | change))
        closed, events = await until_closed(socket)
    assert closed == code
    assert fatal(events)["code"] == kind
    assert len(str(fatal(events)["message"])) > 10
    await no_session_left(endpoint)


async def test_client_that_never_opens_is_let_go(endpoint):
    """Half-open connections would use up the sessions."""
    async with attempt(endpoint) as socket:
        closed, events = await until_closed(socket)
    assert (closed, fatal(events)["code"]) == (4408, "idle")
    await no_session_left(endpoint)


async def test_garbage_is_answered_and_then_ends_the_session(endpoint):
    """Garbage must neither crash the session at once nor be taken for ever."""
    async with attempt(endpoint) as socket:
        await opened(socket)
        for garbage in (b"", b"\x00" * 7, b"WB\x09\x01" + b"\xff" * 40, "no json", '{"type":"dance"}', "[]"):
            await socket.send(garbage)
        closed, events = await until_closed(socket)
    errors = [event for event in events if event["type"] == "error"]
    assert closed == 4400
    assert {error["code"] for error in errors} == {"bad-packet", "bad-message"}
    assert [error["fatal"] for error in errors] == [False] * 5 + [True]
    await no_session_left(endpoint)


async def test_odd_bytes_and_gaps_are_bad_packets(endpoint):
    """Half a sample, an agent's packet and a leap in time are the client's errors, not ours."""
    odd = pack(AudioPacket(direction=Direction.CALLER, seq=0, position=0, payload=b"abc"))
    agent = pack(AudioPacket(direction=Direction.AGENT, seq=1, position=0, payload=b"ab"))
    leap = pack(AudioPacket(direction=Direction.CALLER, seq=2, position=10_000_000, payload=b"ab"))
    beyond = pack(AudioPacket(direction=Direction.CALLER, seq=20_000, position=0, payload=b"ab"))
    async with attempt(endpoint) as socket:
        await opened(socket)
        for packet in (odd, agent, leap, beyond, frame(3 * 320)):
            await socket.send(packet)
        await socket.send(json.dumps({"type": "close", "seq": 0, "at": 0}))
        closed, events = await until_closed(socket)
    codes = [event["code"] for event in events if event["type"] == "error"]
    assert codes == ["bad-audio", "bad-packet", "bad-packet", "bad-seq"]
    assert closed == 1000
    await no_session_left(endpoint)


async def test_enormous_message_is_refused_by_its_size(endpoint):
    """A 50 MB frame must cost neither memory nor the process."""
    before = psutil.Process(endpoint.process).memory_info().rss
    async with attempt(endpoint) as socket:
        await opened(socket)
        with suppress(websockets.ConnectionClosed):
            await socket.send(b"\x00" * 50_000_000)
        closed, _ = await until_closed(socket)
    assert closed == 1009
    await no_session_left(endpoint)
    assert psutil.Process(endpoint.process).memory_info().rss - before < 30_000_000


async def test_cut_socket_in_mid_turn_frees_the_session(endpoint):
    """A client that vanishes while it speaks must not leave its session behind."""
    async with attempt(endpoint) as socket:
        await opened(socket)
        for position in range(0, 16_000, 320):
            await socket.send(frame(position, level=0.3 if position > 6_000 else 0.0))
        socket.transport.abort()
    await no_session_left(endpoint)


async def test_long_silence_ends_the_session(endpoint):
    """A caller who never speaks must not keep a session for ever."""
    async with attempt(endpoint) as socket:
        await opened(socket)
        async with anyio.create_task_group() as group:

            async def stream() -> None:
                for position in range(0, 16_000 * 60, 320):
                    try:
                        await socket.send(frame(position))
                    except websockets.ConnectionClosed:
                        return
                    await anyio.sleep(0.02)

            group.start_soon(stream)
            closed, events = await until_closed(socket)
    assert (closed, fatal(events)["code"]) == (4408, "idle")
    assert events[-1]["type"] == "session-closed"
    await no_session_left(endpoint)


async def test_client_that_sends_nothing_is_let_go(endpoint):
    """A stalled client must not keep a connection, nor its session for ever."""
    async with attempt(endpoint) as socket:
        await opened(socket)
        closed, events = await until_closed(socket)
    assert closed == 4407
    await no_session_left(endpoint)


async def test_one_session_too_many_is_refused_and_a_shutdown_told_to_the_rest(start_endpoint):
    """One client could take the machine; or a client find a dead socket when the endpoint goes away."""
    with start_endpoint(max_sessions="3") as endpoint:
        async with attempt(endpoint) as one, attempt(endpoint) as two, attempt(endpoint) as three:
            for socket in (one, two, three):
                await opened(socket)
            async with attempt(endpoint) as fourth:
                await fourth.send(json.dumps(OPEN))
                closed, _ = await until_closed(fourth)
            assert closed == 4429
            psutil.Process(endpoint.process).terminate()
            for socket in (one, two, three):
                closed, _ = await until_closed(socket)
                assert closed in (1001, 1012)
