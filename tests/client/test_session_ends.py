"""How a session's block ends: with one error of ours, never a group, also when it is cancelled."""

import json
from dataclasses import replace

import anyio
import pytest
from patience import PATIENCE
from test_link import Call
from websockets.asyncio.server import ServerConnection, serve

from workbench.client import link
from workbench.client.local import Endpoint
from workbench.client.resume import ResumeSettings
from workbench.client.session import Session, SessionSettings, open_session
from workbench.core.events import Event, SessionOpened, Source
from workbench.core.wire import event_to_json
from workbench.errors import ConnectionLost, ParameterError

pytestmark = pytest.mark.anyio

QUICK = SessionSettings(resume=ResumeSettings(first=0.01, longest=0.02, patience=0.2))
NOTHING = "^the endpoint opened no session: it went away, or was silent for 0.5 s$"
OPENED = SessionOpened(
    session="s",
    assistant="a",
    input_encoding="pcm16",
    input_rate=16_000,
    output_encoding="pcm16",
    output_rate=24_000,
)


class Small:
    """An endpoint that opens sessions and answers pings, until it is told to vanish."""

    def __init__(self) -> None:
        self.sockets: list[ServerConnection] = []
        self.vanished = self.silent = False
        self.url = ""

    async def handle(self, socket: ServerConnection) -> None:
        """Lead one connection."""
        if self.vanished:
            socket.transport.abort()
            return
        if self.silent:
            await socket.wait_closed()
            return
        self.sockets.append(socket)
        call = Call(socket, json.loads(await socket.recv()))
        await call.welcome()
        event = Event(seq=0, at=0.0, turn=0, source=Source.ENDPOINT, body=OPENED)
        await socket.send(event_to_json(event))
        async for message in socket:
            read = json.loads(message)
            if read["type"] == "ping":
                await socket.send(json.dumps({"type": "pong", "sent": read["sent"], "at": 0.1}))
            if read["type"] == "close":
                await socket.close(1000)


@pytest.fixture
async def small():
    made = Small()
    async with serve(made.handle, "127.0.0.1", 0, close_timeout=0.2) as server:
        made.url = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        yield made


def endpoint(small: Small) -> Endpoint:
    return Endpoint(url=small.url, tokens=lambda: "a-token")


async def lost(small: Small, session: Session) -> None:
    """Cut the connection; it does not come back as long as the endpoint has vanished."""
    small.vanished = True
    small.sockets[0].transport.abort()
    while session.connection.status != "reconnecting":  # noqa: ASYNC110
        await anyio.sleep(0.01)


async def test_an_endpoint_that_vanishes_is_one_error_inside_the_block(small):
    """A notebook would hang on an exception group, or show a library's error."""
    with anyio.fail_after(PATIENCE), pytest.raises(ConnectionLost) as lost:  # noqa: PT012
        async with open_session("coffee", endpoint=endpoint(small), settings=QUICK):
            small.vanished = True
            small.sockets[0].transport.abort()
            await anyio.sleep_forever()
    assert lost.value.__context__ is None or not isinstance(lost.value.__context__, BaseExceptionGroup)


@pytest.mark.parametrize("way", ["vanished", "silent"])
async def test_an_endpoint_that_opens_nothing_has_refused_nobody(small, way, monkeypatch):
    """A busy endpoint would look like one that does not accept the token."""
    monkeypatch.setattr(link, "CONNECT_TIMEOUT", 0.5)
    setattr(small, way, True)
    with anyio.fail_after(PATIENCE), pytest.raises(ConnectionLost, match=NOTHING):
        async with open_session("coffee", endpoint=endpoint(small), settings=QUICK):
            pass


async def test_an_interrupted_cell_ends_the_session_with_a_goodbye(small):
    """Interrupting a cell would leave the session on the endpoint, or raise something else."""
    with anyio.fail_after(PATIENCE):
        with anyio.move_on_after(0.3) as interrupted:
            async with open_session("coffee", endpoint=endpoint(small), settings=QUICK) as session:
                await anyio.sleep_forever()
        assert interrupted.cancelled_caught
        assert session.over
        await small.sockets[0].wait_closed()
        assert small.sockets[0].close_code == 1000


async def test_an_error_of_the_callers_own_leaves_the_block_as_it_is(small):
    """The caller's except clause would not find its own error."""
    with anyio.fail_after(PATIENCE), pytest.raises(ZeroDivisionError):
        async with open_session("coffee", endpoint=endpoint(small), settings=QUICK):
            1 / 0  # noqa: B018


async def test_closing_while_the_connection_is_away_takes_no_longer_than_it_may(small):
    """A block would not end while its endpoint is gone."""
    patient = SessionSettings(resume=replace(QUICK.resume, patience=60), closing=0.2)
    with anyio.fail_after(PATIENCE):
        async with open_session("coffee", endpoint=endpoint(small), settings=patient) as session:
            await lost(small, session)
    assert session.over


async def test_a_connection_that_comes_back_while_closing_says_goodbye(small):
    """The session would keep its place at the endpoint, held for a caller who has left."""
    patient = SessionSettings(resume=replace(QUICK.resume, patience=60), closing=PATIENCE)
    with anyio.fail_after(PATIENCE):
        async with open_session("coffee", endpoint=endpoint(small), settings=patient) as session:
            await lost(small, session)
            small.vanished = False
    assert [socket.close_code for socket in small.sockets] == [1006, 1000]


@pytest.mark.parametrize("closing", [0, -1.0, 601, float("nan")])
def test_a_wait_for_the_end_has_an_end(closing):
    """A cell would wait for ever, or lose the last events for a slip of the pen."""
    with pytest.raises(ParameterError, match=f"^closing is {closing} s, expected more than 0 and up to 600$"):
        SessionSettings(closing=closing)


@pytest.mark.parametrize(
    "changes", [{}, {"early.confidence": None}, {"early.confidence": [1]}, {"x" * 65: 1}]
)
async def test_settings_that_can_not_be_sent_are_one_sentence(small, changes):
    """A notebook would show a library's traceback for a mistake in a cell."""
    with anyio.fail_after(PATIENCE):
        async with open_session("coffee", endpoint=endpoint(small), settings=QUICK) as session:
            with pytest.raises(ParameterError, match="expected 1 to 40 names with a number, true or false"):
                session.tune(changes)
