"""What a connection may do before and beside the application: on a real server, in a thread of its own."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from time import monotonic, sleep
from typing import Any

import pytest
import uvicorn
from attacking import frame, plain, request
from patience import PATIENCE

from workbench.endpoint import handshake
from workbench.endpoint.handshake import Entrance, uvicorn_options
from workbench.endpoint.settings import EndpointSettings

HEALTH = "GET /healthz HTTP/1.1"
MEGABYTE = 1 << 20
PINGS = 8_000
SLOW = threading.Event()
"""Whether the application is late with an answer."""


async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Say yes to HTTP; accept a WebSocket (late at ``/slow``), answer texts with 1 MB, leave at ``bye``."""
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})
        return
    await receive()
    if scope["path"] == "/slow":
        SLOW.set()
        await asyncio.sleep(PATIENCE)
    if scope["path"] == "/broken":
        raise RuntimeError
    await send({"type": "websocket.accept"})
    while (message := await receive())["type"] == "websocket.receive":
        if message["text"] == "bye":
            return
        with suppress(OSError):
            await send({"type": "websocket.send", "bytes": bytes(MEGABYTE)})


class Bench:
    """A running server, and what it counts."""

    def __init__(self, entrance: Entrance, port: int) -> None:
        self.entrance = entrance
        self.port = port

    def connect(self, data: bytes = b"", *, small: bool = False) -> socket.socket:
        """Return a new connection on which ``data`` was sent; a small one takes little before it is read."""
        made = socket.socket()
        if small:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        made.settimeout(PATIENCE)
        made.connect(("127.0.0.1", self.port))
        made.sendall(data)
        return made

    def settled(self, connections: int) -> bool:
        """Return whether there are so many connections before long."""
        give_up = monotonic() + PATIENCE
        while self.entrance.total != connections and monotonic() < give_up:
            sleep(0.02)
        return self.entrance.total == connections


@contextmanager
def serving(**settings: object) -> Iterator[Bench]:
    listener = socket.create_server(("127.0.0.1", 0))
    listener.setsockopt(
        socket.SOL_SOCKET, socket.SO_SNDBUF, 8192
    )  # what is not read soon waits in the server
    entrance = Entrance(EndpointSettings(_env_file=None, **settings))
    config = uvicorn.Config(
        app, lifespan="off", log_config=None, ws_max_size=65_536, **uvicorn_options(entrance)
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=lambda: server.run(sockets=[listener]))
    thread.start()
    try:
        yield Bench(entrance, listener.getsockname()[1])
    finally:
        server.should_exit = server.force_exit = True
        thread.join(timeout=PATIENCE)
        listener.close()
    assert not thread.is_alive()


def everything(connection: socket.socket) -> bytes:
    """Read until the server closes."""
    data = b""
    with suppress(ConnectionResetError):
        while part := connection.recv(65_536):
            data += part
    connection.close()
    return data


def status(connection: socket.socket) -> int:
    return int(everything(connection).split(b" ", 2)[1])


def test_whoever_is_about_to_come_in_at_a_shutdown_is_told_to_come_back():
    """A client that reconnected in that moment would take its session for lost."""
    SLOW.clear()
    with serving() as bench:
        waiting = bench.connect(request(line="GET /slow HTTP/1.1"))
        assert SLOW.wait(PATIENCE)
    answer = everything(waiting)
    assert answer.startswith(b"HTTP/1.1 503 Service Unavailable\r\n")
    assert b"Retry-After: 1\r\n" in answer
    assert answer.endswith(b'"restarting", "message": "the endpoint restarts; try again"}}')


def test_fault_of_the_application_is_told_from_a_restart():
    """Whoever looks into it would look in the wrong place, and be given no sentence to quote."""
    with serving() as bench:
        answer = everything(bench.connect(request(line="GET /broken HTTP/1.1")))
    assert answer.startswith(b"HTTP/1.1 500 ")
    assert answer.count(b"HTTP/1.1") == 1
    assert answer.endswith(b'"failed", "message": "the endpoint failed"}}')


@pytest.mark.parametrize("sent", [b"", b"GET /hea", plain(HEALTH, None)[:-2]])
def test_head_that_does_not_come_is_not_waited_for(sent):
    """A few thousand half-sent requests would take every place."""
    with serving(handshake_timeout=0.2) as bench:
        before = monotonic()
        assert status(bench.connect(sent)) == 408
        assert monotonic() - before > 0.15
        assert bench.settled(0)


def test_head_sent_drop_by_drop_is_cut_all_the_same():
    """Each byte would grant another wait."""
    with serving(handshake_timeout=0.3) as bench:
        connection = bench.connect()
        with suppress(ConnectionError):
            for byte in plain(HEALTH, None):
                connection.sendall(bytes([byte]))
                sleep(0.02)
        assert status(connection) == 408


def test_connection_that_asks_and_then_dawdles_is_cut(monkeypatch):
    """The second request could come as slowly as it likes."""
    monkeypatch.setattr(handshake, "HTTP_LIFE", 1.0)
    with serving() as bench:
        connection = bench.connect(plain(HEALTH, None).replace(b"close", b"keep-alive"))
        assert connection.recv(1000).startswith(b"HTTP/1.1 204")
        give_up = monotonic() + PATIENCE
        with suppress(ConnectionError):
            while monotonic() < give_up:
                connection.sendall(b"G")
                sleep(0.02)
        assert monotonic() < give_up
        assert everything(connection) == b""
        assert bench.settled(0)


def test_head_that_is_whole_but_huge_is_refused():
    """It arrives in one piece: the parser's own limit only looks at what is incomplete."""
    with serving() as bench:
        assert status(bench.connect(plain(HEALTH, None, f"X-One: {'a' * 30_000}"))) == 431


def test_connections_are_bounded_in_all_and_by_address():
    """One machine, or many, would take every file descriptor."""
    with serving(connections_max=3, connections_per_address=2) as bench:
        idle = [bench.connect() for _ in range(2)]
        assert bench.settled(2)
        assert status(bench.connect()) == 429
        idle.pop().close()
        assert bench.settled(1)
        assert status(bench.connect(plain(HEALTH, None))) == 204
        assert bench.settled(1)
    with serving(connections_max=2, connections_per_address=9) as bench:
        idle += [bench.connect(request()), bench.connect()]
        assert bench.settled(2)
        assert status(bench.connect()) == 503
    for each in idle:
        each.close()


def test_upgraded_connection_keeps_its_place_until_it_ends():
    """The count would forget whoever became a WebSocket."""
    with serving() as bench:
        connection = bench.connect(request())
        assert connection.recv(1000).startswith(b"HTTP/1.1 101")
        assert bench.settled(1)
        connection.close()
        assert bench.settled(0)


def test_pings_of_one_who_never_reads_do_not_pile_up(monkeypatch):
    """Each answer would wait in memory for a reader that never comes."""
    taken, all_taken, take = count(1), threading.Event(), handshake._WebSocket.handle_ping

    def handle_ping(connection: handshake._WebSocket) -> None:
        take(connection)
        if next(taken) == PINGS:
            all_taken.set()

    monkeypatch.setattr(handshake._WebSocket, "handle_ping", handle_ping)
    with serving() as bench:
        connection = bench.connect(request(), small=True)
        assert connection.recv(1000).startswith(b"HTTP/1.1 101")
        connection.sendall(frame(1, b"x") * 2)
        assert connection.recv(1)  # an answer of 1 MB is on its way, and read no further
        connection.sendall(frame(9, b"p" * 120) * PINGS)
        assert all_taken.wait(PATIENCE)
        assert everything_until_quiet(connection).count(b"p" * 120) < 100
        connection.close()
        assert bench.settled(0)


def everything_until_quiet(connection: socket.socket) -> bytes:
    data = b""
    connection.settimeout(0.5)
    with suppress(TimeoutError):
        while part := connection.recv(1 << 20):
            data += part
    return data


def test_one_who_never_reads_is_cut_after_the_end(monkeypatch):
    """The last message would be kept, with its connection, for as long as the peer likes."""
    monkeypatch.setattr(handshake, "LINGER", 0.3)
    with serving() as bench:
        connection = bench.connect(request(), small=True)
        assert connection.recv(1000).startswith(b"HTTP/1.1 101")
        connection.sendall(frame(1, b"x") * 3 + frame(1, b"bye"))
        drained = 0
        while drained < 2.1 * MEGABYTE:  # lets the application come to its end, but not the socket
            drained += len(connection.recv(65_536))
        assert bench.settled(0)
        connection.close()
