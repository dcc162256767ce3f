"""A session's way to its endpoint, against a small endpoint that does what it is told."""

import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import anyio
import pytest
from patience import PATIENCE
from websockets.asyncio.server import ServerConnection, serve

from workbench.client.link import Link
from workbench.client.local import Endpoint
from workbench.client.mirror import Mirror
from workbench.client.resume import ResumeSettings
from workbench.client.unacknowledged import Unacknowledged
from workbench.core.audio import AudioFormat
from workbench.core.events import AudioOut, Event, Source
from workbench.core.wire import event_to_json
from workbench.errors import ConnectionLost, GatewayRefused
from workbench.protocol.native import CloseCode, Open, Pong, Say, Welcome

pytestmark = pytest.mark.anyio

QUICK = ResumeSettings(first=0.01, longest=0.02, patience=0.3, short_lived_max=4)

Behaviour = Callable[["Call"], Awaitable[object]]


class Call:
    """One connection as the small endpoint sees it."""

    def __init__(self, socket: ServerConnection, first: dict[str, object]) -> None:
        self.socket = socket
        self.first = first

    async def welcome(self, how: str = "opened", *, expires_in: float = 60.0, messages: int = 0) -> None:
        """Let the client in."""
        welcome = Welcome(
            session="s", handle="h", how=how, hold=60.0, expires_in=expires_in, messages=messages, at=0.0
        )
        await self.socket.send(welcome.model_dump_json())

    async def event(self, seq: int) -> None:
        """Send an event."""
        body = AudioOut(position=seq, rate=24_000)
        event = Event(seq=seq, at=float(seq), turn=0, source=Source.ENDPOINT, body=body)
        await self.socket.send(event_to_json(event))

    async def until(self, kind: str) -> dict[str, object]:
        """Return the next message of a type."""
        while True:
            message = json.loads(await self.socket.recv())
            if message["type"] == kind:
                return message


class Client:
    """Whose link it is."""

    def __init__(self) -> None:
        self.welcomes: list[Welcome] = []
        self.mirror = Mirror(AudioFormat())
        self.news = anyio.Event()

    def welcomed(self, welcome: Welcome) -> None:
        """Keep it."""
        self.welcomes.append(welcome)

    def pong(self, pong: Pong) -> None:
        """Take an answer."""

    def now(self) -> float:
        """Return a session time."""
        return 1.0

    async def arrived(self) -> None:
        """Wake who waits."""
        news, self.news = self.news, anyio.Event()
        news.set()

    async def events(self, count: int) -> None:
        """Wait until so many events came."""
        while len(self.mirror.timeline) < count:
            await self.news.wait()


@asynccontextmanager
async def link_to(
    *behaviours: Behaviour,
    tokens: Callable[[], str] = lambda: "a-token",
    refuse: Callable[[int], int | None] = lambda number: None,
) -> AsyncIterator[tuple[Link, Client]]:
    """Yield a link to an endpoint that treats one connection after another as given."""
    rest, requests = iter(behaviours), iter(range(1000))

    def admit(connection: ServerConnection, request: object) -> object:
        status = refuse(next(requests))
        return None if status is None else connection.respond(status, '{"error": {"message": "no"}}')

    async def handle(socket: ServerConnection) -> None:
        behaviour = next(rest)
        await behaviour(Call(socket, json.loads(await socket.recv())))

    client = Client()
    with anyio.fail_after(PATIENCE):
        async with serve(handle, "127.0.0.1", 0, process_request=admit, close_timeout=0.2) as server:
            port = server.sockets[0].getsockname()[1]
            endpoint = Endpoint(url=f"ws://127.0.0.1:{port}", tokens=tokens)
            log = Unacknowledged(16_000)
            wish = Open(assistant="coffee")
            yield Link(endpoint, wish, client.mirror, client, settings=QUICK, log=log), client


def closes(code: int, *, events: int = 1, how: str = "opened") -> Behaviour:
    """Return an endpoint that lets a client in, sends events and closes."""

    async def behave(call: Call) -> None:
        await call.welcome(how)
        start = call.first.get("seen", {}).get("events", 0)
        for seq in range(start, start + events):
            await call.event(seq)
        await call.socket.close(code, "because")

    return behave


@pytest.mark.parametrize("code", [1001, 1012, 4401, 4407])
async def test_a_session_that_is_held_is_resumed_with_what_it_has(code: int) -> None:
    """A restart, or a token that ended, would be the end of a call."""
    firsts = []

    async def again(call: Call) -> None:
        firsts.append(call.first)
        await closes(4408, how="resumed")(call)

    async with link_to(closes(code, events=3), again) as (link, client):
        statuses = []
        link.watch(lambda status: statuses.append(status.status))
        await link.run()
    (resume,) = firsts
    assert (resume["type"], resume["session"], resume["handle"]) == ("resume", "s", "h")
    assert resume["seen"] == {"events": 3, "controls": 0, "audio": 0}
    assert resume["otherwise"]["assistant"] == "coffee"
    assert len(client.mirror.timeline) == 4
    assert statuses == ["connected", "reconnecting", "connected", "lost"]
    assert link.close_code == 4408


@pytest.mark.parametrize(
    "code", [1000, 1011, 4400, 4403, 4404, 4405, 4409, 4410, 4411, 4412, 4429, 4430, 4431]
)
async def test_a_session_that_has_ended_is_not_tried_again(code: CloseCode) -> None:
    """A client that was turned out, or replaced by its own successor, would come back and back."""
    async with link_to(closes(code)) as (link, _):
        await link.run()
        assert (link.close_code, link.close_reason) == (code, "because")
        assert link.connections == 1


async def test_an_event_that_is_missing_is_asked_for_again() -> None:
    """The client's timeline would have a hole."""

    async def leaps(call: Call) -> None:
        await call.welcome()
        await call.event(0)
        await call.event(2)
        await call.socket.wait_closed()

    async with link_to(leaps, closes(4408, events=2, how="resumed")) as (link, client):
        await link.run()
        assert [event.seq for event in client.mirror.timeline.events] == [0, 1, 2]


async def test_a_first_connection_that_is_refused_is_said_at_once() -> None:
    """A wrong key would be tried for a minute."""
    async with link_to(refuse=lambda number: 401) as (link, _):
        with pytest.raises(GatewayRefused, match="no") as refused:
            await link.run()
        assert refused.value.code == 401


async def test_it_gives_up_when_its_patience_is_over() -> None:
    """A call whose endpoint is gone for good would never be told so."""
    async with link_to(closes(1012), refuse=lambda number: 503 if number else None) as (link, _):
        with pytest.raises(GatewayRefused) as refused:
            await link.run()
        assert refused.value.code == 503
        assert link.status.status == "lost"


async def test_what_was_not_acknowledged_is_sent_again() -> None:
    """What was said as the network went away would be lost."""
    got: list[list[object]] = []

    async def loses(call: Call) -> None:
        await call.welcome()
        got.append([(await call.until("say"))["text"] for _ in range(3)])
        call.socket.transport.abort()

    async def takes(call: Call) -> None:
        await call.welcome("resumed", messages=1)
        got.append([(await call.until("say"))["text"] for _ in range(2)])
        await call.socket.close(4408)

    async with link_to(loses, takes) as (link, _):
        for text in ("one", "two", "three"):
            link.post(lambda seq, text=text: Say(seq=seq, at=0.0, text=text))
        await link.run()
    assert got == [["one", "two", "three"], ["two", "three"]]


async def test_a_new_token_is_sent_before_the_old_one_ends() -> None:
    """The connection would be closed in the middle of a word."""
    tokens = iter(["first", "second", "third"])
    sent = []

    async def refreshes(call: Call) -> None:
        await call.welcome(expires_in=0.2)
        sent.append((await call.until("refresh"))["token"])
        await call.socket.send('{"type": "refreshed", "expires_in": 0.2}')
        sent.append((await call.until("refresh"))["token"])
        await call.socket.close(1000)

    async with link_to(refreshes, tokens=lambda: next(tokens)) as (link, _):
        await link.run()
    assert sent == ["second", "third"]
    assert link.connections == 1


async def test_who_gives_tokens_may_fail_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hiccup of the customer's own server would end the call."""
    monkeypatch.setattr("workbench.client.link.REFRESH_AGAIN", 0.01)
    answers = iter(["first", OSError("a secret"), OSError("a secret"), "second"])
    sent = []

    def token() -> str:
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def refreshes(call: Call) -> None:
        await call.welcome(expires_in=0.2)
        sent.append((await call.until("refresh"))["token"])
        await call.socket.close(1000)

    async with link_to(refreshes, tokens=token) as (link, _):
        await link.run()
    assert sent == ["second"]


async def test_a_failure_to_get_the_first_token_is_one_of_ours() -> None:
    """A library's error would cross into the caller's code, with what it holds."""

    def token() -> str:
        raise OSError("a secret")

    async with link_to(tokens=token) as (link, _):
        with pytest.raises(ConnectionLost, match=r"^no session token was to be had: OSError$"):
            await link.run()


async def test_a_client_that_suspends_comes_back_when_it_wakes() -> None:
    """A closed laptop would end the call, or connect over and over while it sleeps."""

    async def suspended(call: Call) -> None:
        await call.welcome()
        await call.event(0)
        await call.until("suspend")
        await call.socket.close(1000, "suspended")

    async with link_to(suspended, closes(4408, how="resumed")) as (link, client):
        statuses: list[str] = []
        asleep = anyio.Event()

        def watch(status: object) -> None:
            statuses.append(status.status)
            if status.status == "suspended":
                asleep.set()

        link.watch(watch)
        async with anyio.create_task_group() as group:
            group.start_soon(link.run)
            await client.events(1)
            await link.suspend()
            await asleep.wait()
            link.wake()
        assert statuses == ["connected", "suspended", "connected", "lost"]


async def test_a_wake_soon_after_a_suspension_does_not_end_the_session() -> None:
    """A page hidden and shown again at once would lose its call: the close looks like an end."""
    goes_on = anyio.Event()

    async def suspended(call: Call) -> None:
        await call.welcome()
        await call.event(0)
        await call.until("suspend")
        await goes_on.wait()
        await call.socket.close(1000, "suspended")

    async with link_to(suspended, closes(4408, how="resumed")) as (link, client):
        async with anyio.create_task_group() as group:
            group.start_soon(link.run)
            await client.events(1)
            await link.suspend()
            link.wake()
            goes_on.set()
        assert link.connections == 2


async def test_a_client_that_is_suspended_while_it_reconnects_leaves_the_new_connection() -> None:
    """The session would be carried, and paid for, by a page that nobody looks at."""
    told = []

    async def suspended(call: Call) -> None:
        await call.welcome("resumed")
        told.append(await call.until("suspend"))
        await call.socket.close(1000, "suspended")

    async with link_to(closes(1012), suspended) as (link, _):
        asleep = anyio.Event()

        def watch(status: object) -> None:
            if status.status == "connected" and link.connections == 2:
                link._awake = anyio.Event()  # as suspend() does; its message found no connection
            if status.status == "suspended":
                asleep.set()

        link.watch(watch)
        async with anyio.create_task_group() as group:
            group.start_soon(link.run)
            await asleep.wait()
            group.cancel_scope.cancel()
    assert len(told) == 1


async def test_a_watcher_that_fails_is_dropped_and_the_session_goes_on(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A fault in a page's light would end the call."""

    def broken(status: object) -> None:
        raise RuntimeError("a secret word")

    async with link_to(closes(1012), closes(4408, how="resumed")) as (link, _):
        seen = []
        unwatch = link.watch(broken)
        link.watch(lambda status: seen.append(status.status))
        with caplog.at_level(logging.WARNING, logger="workbench.client.link"):
            await link.run()
        unwatch()
        unwatch()
    assert seen == ["connected", "reconnecting", "connected", "lost"]
    assert caplog.messages == ["a watcher failed with RuntimeError and was dropped"]


async def test_an_endpoint_that_never_answers_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """A client would wait for ever on an endpoint that is stuck."""
    monkeypatch.setattr("workbench.client.link.CONNECT_TIMEOUT", 0.1)

    async def stuck(call: Call) -> None:
        await call.socket.wait_closed()
        monkeypatch.setattr("workbench.client.link.CONNECT_TIMEOUT", PATIENCE)  # what comes next may be slow

    async with link_to(closes(1012), stuck, closes(4408, how="resumed")) as (link, _):
        await link.run()
        assert link.connections == 2


async def test_connections_that_are_lost_at_once_come_to_an_end() -> None:
    """Two that don't get on would connect for ever."""
    many = [closes(1012, how="resumed") for _ in range(QUICK.short_lived_max + 5)]
    async with link_to(*many) as (link, _):
        await link.run()
        assert link.connections == QUICK.short_lived_max + 1
        assert link.status.status == "lost"
