"""Sessions that outlive their process: put away, taken up again, refused to others, looked at meanwhile."""

import json
from contextlib import asynccontextmanager

import anyio
import numpy as np
import pytest
import websockets
from killing import JUMP_MAX, killed, mortal
from patience import PATIENCE
from websockets.asyncio.client import connect

from workbench.cli import main
from workbench.client.caller import open_caller
from workbench.client.session import SessionSettings, open_session
from workbench.core.events import (
    ActionTaken,
    FinalTranscript,
    SessionHeld,
    SessionReset,
    SessionResumed,
)
from workbench.protocol.native import PATH
from workbench.security.tokens import mint_token
from workbench.store.recording import load_recording
from workbench.store.store import open_existing_store

pytestmark = pytest.mark.anyio

PERSISTENT = SessionSettings(persistent=True)
FIRST, SECOND = killed.tones(mortal.SCRIPT[:2])
OPEN = {"type": "open", "assistant": "coffee"}


@pytest.fixture
def url(tmp_path) -> str:
    return f"sqlite:///{tmp_path / 'sessions.db'}"


@asynccontextmanager
async def calling(endpoint, settings):
    """Yield a session and what says a recording in it and hears the reply."""
    async with (
        open_session("coffee", endpoint=endpoint, settings=settings) as session,
        open_caller(session) as caller,
    ):
        with anyio.fail_after(PATIENCE):
            yield session, caller.say


def of(session, kind):
    return [event.body for event in session.timeline.events if isinstance(event.body, kind)]


async def happened(session, kind, count=1):
    """Return the newest event of ``kind`` once there are ``count``."""
    with anyio.fail_after(PATIENCE):
        while len(of(session, kind)) < count:
            await session.news()
    return of(session, kind)[-1]


async def status(session, wanted):
    with anyio.fail_after(PATIENCE):
        while session.connection.status != wanted:  # noqa: ASYNC110  a status is told to watchers, not awaited
            await anyio.sleep(0.01)


async def in_store(url, name, wanted):
    """Return the stored session once ``wanted`` holds of it."""
    with anyio.fail_after(PATIENCE):
        while True:
            stored = await anyio.to_thread.run_sync(load, url, name)
            if stored is not None and wanted(stored):
                return stored
            await anyio.sleep(0.05)


def load(url, name):
    with open_existing_store(url) as store:
        return store.load(name)


async def test_a_drain_puts_away_what_persists_and_lets_the_rest_begin_anew(url, tmp_path):
    """A restart for an update would end conversations, or silently drop what was said in them."""
    kept = tmp_path / "recordings"
    async with mortal.mortal(url, record=str(kept)) as endpoint:
        async with (
            calling(endpoint.endpoint, PERSISTENT) as (persistent, say),
            calling(endpoint.endpoint, SessionSettings()) as (ephemeral, say_too),
        ):
            first = ephemeral.opened.session
            async with anyio.create_task_group() as group:
                group.start_soon(say, FIRST)
                group.start_soon(say_too, FIRST)
            before = persistent.now() - anyio.current_time()
            await endpoint.stop()
            await endpoint.start()
            resumed = await happened(persistent, SessionResumed)
            reset = await happened(ephemeral, SessionReset)
            jump = persistent.now() - anyio.current_time() - before
            async with anyio.create_task_group() as group:
                group.start_soon(say, SECOND)
                group.start_soon(say_too, SECOND)
            name, position = persistent.opened.session, persistent.playout.position
        await endpoint.stop()  # the recordings are written then
    assert resumed.restored
    assert resumed.session == name
    assert [held.reason for held in of(persistent, SessionHeld)] == ["shutdown"]
    assert abs(jump) < JUMP_MAX
    actions = of(persistent, ActionTaken)
    assert [action.arguments["size"] for action in actions] == ["large", "small"]
    assert actions[1].arguments["coffeeDrink"] == "latte"  # known from before the restart
    assert (reset.previous, reset.session) == (first, ephemeral.opened.session)
    assert len(of(ephemeral, FinalTranscript)) == 2
    for session in (persistent, ephemeral):
        events = session.timeline.events
        assert [event.seq for event in events] == list(range(len(events)))
    stored = load(url, name)
    assert stored.events == persistent.timeline.events
    assert stored.row.phase == "ended"
    assert load(url, first) is load(url, ephemeral.opened.session) is None

    recording = load_recording(kept / name)
    assert recording.timeline.events == persistent.timeline.events
    assert recording.device_zero == persistent.device_zero
    assert abs(len(recording.agent) - position) < 24_000
    sounds = np.abs(recording.caller) > 0.1
    assert sounds[: 16_000 * 3].any(), "the process before heard the first turn"
    assert sounds.sum() == pytest.approx(sum((np.abs(one) > 0.1).sum() for one in (FIRST, SECOND)), rel=0.02)
    assert load_recording(kept / ephemeral.opened.session).timeline.events[0].body == reset


async def test_a_suspended_session_is_held_then_parked_and_comes_back(url):
    """A closed laptop would cost the endpoint memory for hours, or the caller the conversation."""
    async with (
        mortal.mortal(url, hold="1.0") as endpoint,
        calling(endpoint.endpoint, PERSISTENT) as (session, say),
    ):
        name = session.opened.session
        await say(FIRST)
        await session.suspend()
        await status(session, "suspended")
        session.wake()
        resumed = await happened(session, SessionResumed)
        assert not resumed.restored
        await session.suspend()
        parked = await in_store(
            url, name, lambda stored: stored.row.phase == "held" and "connection-lost" in _reasons(stored)
        )
        assert parked.row.snapshot is not None
        await status(session, "suspended")
        session.wake()
        resumed = await happened(session, SessionResumed, count=2)
        assert resumed.restored
        await say(SECOND)
        assert [action.arguments["size"] for action in of(session, ActionTaken)] == ["large", "small"]


def _reasons(stored):
    return [event.body.reason for event in stored.events if isinstance(event.body, SessionHeld)]


# --- with no more than messages


def attempt(endpoint, **claims):
    headers = {"Authorization": f"Bearer {mint_token(endpoint.key, **claims)}"}
    return connect(endpoint.endpoint.url + PATH, additional_headers=headers, proxy=None)


async def opened(socket, **settings):
    """Open a session; return its welcome and first event."""
    await socket.send(json.dumps(OPEN | {"settings": settings}))
    return [json.loads(await socket.recv()) for _ in range(2)]


def resume(welcome, **more):
    seen = {"events": 1, "controls": 0, "audio": 0}
    wanted = {"type": "resume", "session": welcome["session"], "handle": welcome["handle"], "seen": seen}
    return json.dumps(wanted | more)


async def answer(endpoint, message, **claims):
    """Return what the endpoint says first to ``message``, and the close code if it closes."""
    async with attempt(endpoint, **claims) as socket:
        await socket.send(message)
        with anyio.fail_after(PATIENCE):
            first = json.loads(await socket.recv())
            if first["type"] == "welcome":
                return first, None
            with pytest.raises(websockets.ConnectionClosed):
                await socket.recv()
        return first, socket.close_code


async def test_only_its_owner_resumes_a_stored_session(url):
    """Whoever learns a session's name would take it over after a restart."""
    async with mortal.mortal(url) as endpoint:
        async with attempt(endpoint, client="ann") as socket:
            welcome, _ = await opened(socket, persistent=True)
            await endpoint.kill()
        await endpoint.start()
        guessed = resume(welcome, handle="x" * 32)
        assert (await answer(endpoint, guessed, client="ann"))[1] == 4412
        assert (await answer(endpoint, resume(welcome), client="bob"))[1] == 4403
        assert (await answer(endpoint, resume(welcome), client="ann", project="other"))[1] == 4403
        assert (await answer(endpoint, resume(welcome), client="ann", session="other"))[1] == 4403
        too_much = resume(welcome, seen={"events": 99})
        assert (await answer(endpoint, too_much, client="ann"))[1] == 4400
        again, code = await answer(endpoint, resume(welcome), client="ann")
        assert (again["how"], code) == ("restored", None)


async def test_an_ended_session_stays_ended(url):
    """A session that was closed, or revoked, would come back to life after a restart."""
    async with mortal.mortal(url) as endpoint:
        async with attempt(endpoint) as socket:
            welcome, _ = await opened(socket, persistent=True)
            await socket.send(json.dumps({"type": "close", "seq": 0, "at": 0}))
            await in_store(url, welcome["session"], lambda stored: stored.row.phase == "ended")
        for _ in range(2):
            assert (await answer(endpoint, resume(welcome)))[1] == 4412
            instead = OPEN | {"settings": {"persistent": True}}
            assert (await answer(endpoint, resume(welcome, otherwise=instead)))[1] == 4412
            anew, _ = await answer(endpoint, resume(welcome, otherwise=OPEN))
            assert anew["how"] == "reset"
            assert anew["session"] != welcome["session"]
            await endpoint.kill()
            await endpoint.start()


async def test_a_session_that_was_never_stored_is_opened_anew(url):
    """A kill between the welcome and the first write would refuse the client for good."""
    async with mortal.mortal(url) as endpoint:
        instead = OPEN | {"settings": {"persistent": True}}
        lost = resume({"session": "never", "handle": "h"}, seen={"events": 0}, otherwise=instead, at=1.5)
        welcome, _ = await answer(endpoint, lost)
        assert welcome["how"] == "opened"
        assert welcome["at"] >= 1.5
        stored = await in_store(url, welcome["session"], lambda stored: len(stored.events) > 1)
        assert stored.events[0].body.type == "session-opened"


async def test_a_reply_that_was_sent_before_it_was_stored_is_silenced(url):
    """The client would wait for its end for ever, and play no reply after it."""
    async with mortal.mortal(url) as endpoint:
        async with attempt(endpoint) as socket:
            welcome, _ = await opened(socket, persistent=True)
            await endpoint.kill()
        await endpoint.start()
        async with attempt(endpoint) as socket:
            seen = {"events": 1, "controls": 3, "audio": 7}
            await socket.send(resume(welcome, seen=seen, reply=4, received=4_800))
            with anyio.fail_after(PATIENCE):
                async for text in socket:
                    message = json.loads(text)
                    if message["type"] == "playback-control":
                        break
        assert (message["action"], message["reply"], message["seq"]) == ("flush", 4, 3)


async def test_stored_sessions_can_be_looked_at_while_live_and_after(url, tmp_path, capsys):
    """What happens in a session could be looked at only once the endpoint has ended, if at all."""

    def said(*arguments):
        assert main(["sessions", *arguments, "--store", url]) == 0
        return capsys.readouterr().out

    async with mortal.mortal(url) as endpoint:
        async with calling(endpoint.endpoint, PERSISTENT) as (session, say):
            name = session.opened.session
            await say(FIRST)
            (live,) = json.loads(await anyio.to_thread.run_sync(said, "list", "--json"))["sessions"]
            assert (live["session"], live["phase"], live["closed"]) == (name, "live", None)
            shown = await anyio.to_thread.run_sync(said, "show", name[:6])
            assert mortal.SCRIPT[0] in shown
            handle = session._link._session[1]
            assert handle not in await anyio.to_thread.run_sync(said, "show", name, "--json")
        (ended,) = json.loads(await anyio.to_thread.run_sync(said, "list", "--json"))["sessions"]
        assert (ended["phase"], ended["reason"]) == ("ended", "client-left")
        await anyio.to_thread.run_sync(said, "export", name, str(tmp_path / "out"), "--plain")
    lines = (tmp_path / "out" / "events.jsonl").read_text().splitlines()
    assert len(lines) == ended["events"] == len(session.timeline)
