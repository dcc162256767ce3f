"""What a connection may do before its request is read: how many there are, how long, how large a head."""

import logging
import time
from asyncio import BaseTransport, Task, TimerHandle
from collections.abc import Awaitable, Callable
from typing import Any, ClassVar, TypeAlias

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol
from websockets.frames import Frame

from workbench.endpoint.addresses import LOCAL, Proxies, network_of
from workbench.endpoint.gateway import ADMISSION, Admission, refusal_bytes
from workbench.endpoint.read_ahead import ReadAhead
from workbench.endpoint.request_heads import SPEECH_PATH, prefix_of
from workbench.endpoint.settings import EndpointSettings
from workbench.errors import GatewayRefused

log = logging.getLogger(__name__)

HEAD_MAX = 16_384
"""Most bytes of a request's head."""
LINE_MAX = 8_000
"""Most bytes of one header: what the WebSocket library takes is 8192, name included."""
HEADERS_MAX = 64
LINGER = 10.0
"""Seconds a peer may take to read what was sent to it last; then the connection is cut."""
HTTP_LIFE = 30.0
"""Seconds a connection without an upgrade may last, whatever it does: no slow body, no slow next request."""
SPEECH_LIFE = 180.0
"""The same for a connection on which speech is streamed, clause by clause, to one who plays it."""
FRAGMENTS_MAX = 256
"""Most frames of one message: empty ones cost the sender little."""
BACKLOG = 128
"""Connections the system holds until they are accepted; as many are accepted in one turn of the loop."""
Admit: TypeAlias = Callable[[dict[str, Any]], Awaitable[Admission]]

REPORT_EVERY = 60.0
"""Seconds between two log lines about connections turned away."""


def _answer(status: str, kind: str, message: str) -> bytes:
    code = status.split(" ", 1)[0]
    body = f'{{"error": {{"code": {code}, "kind": "{kind}", "message": "{message}"}}}}'
    wait = "Retry-After: 1\r\n" if code == "503" else ""
    return (
        f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        f"{wait}Connection: close\r\n\r\n{body}"
    ).encode("ascii")


_FULL = _answer("503 Service Unavailable", "too-many-connections", "too many connections are open")
_CROWDED = _answer(
    "429 Too Many Requests", "too-many-connections", "this address has too many connections open"
)
_SLOW = _answer("408 Request Timeout", "too-slow", "the head of the request took too long")
_LARGE = _answer("431 Request Header Fields Too Large", "too-large", "the head of the request is too large")
_BAD = _answer("400 Bad Request", "malformed", "this is no HTTP request")
_FAILED = _answer("500 Internal Server Error", "failed", "the endpoint failed")
_RESTARTING = _answer("503 Service Unavailable", "restarting", "the endpoint restarts; try again")
_EARLY = _answer("400 Bad Request", "malformed", "bytes followed the request before it was answered")


class Entrance:
    """Counts the connections of one process, upgraded or not, in all and by address.

    Parameters
    ----------
    settings : limits and trusted proxies
    admit : asked before a WebSocket is made, which costs more than most refusals; raises GatewayRefused
    now : monotonic seconds
    """

    def __init__(
        self,
        settings: EndpointSettings,
        admit: Admit | None = None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self.settings = settings
        self.admit = admit
        self.speech_path = prefix_of(settings) + SPEECH_PATH
        self._now = now
        self._proxies = Proxies(settings.trusted_proxies)
        self._total = 0
        self._by_address: dict[str, int] = {}
        self._turned_away = 0
        self._report_at = now() + REPORT_EVERY

    @property
    def total(self) -> int:
        """Connections there are now."""
        return self._total

    def enter(self, address: str) -> bytes | None:
        """Count a connection; return the answer for one too many, which is not counted."""
        if self._total >= self.settings.connections_max:
            return _FULL
        mine = self._by_address.get(address, 0)
        if mine >= self.settings.connections_per_address and not self._proxies.trusts(address):
            return _CROWDED
        self._total += 1
        self._by_address[address] = mine + 1
        return None

    def leave(self, address: str) -> None:
        """Count a connection as gone."""
        self._total -= 1
        left = self._by_address[address] - 1
        if left:
            self._by_address[address] = left
        else:
            del self._by_address[address]

    def turned_away(self) -> None:
        """Count one that was cut before it was a request; say how many at most once a minute."""
        self._turned_away += 1
        if self._now() >= self._report_at:
            log.warning("%d connections were cut before they were a request", self._turned_away)
            self._turned_away = 0
            self._report_at = self._now() + REPORT_EVERY


class Http(H11Protocol):
    """Uvicorn's HTTP connection with a limit on everything that comes before the application."""

    entrance: ClassVar[Entrance]

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.logger = _quiet("http")
        self._address: str | None = None
        self._unread = 0
        self._judged = True
        self._timer: TimerHandle | None = None

    def counted(self, address: str) -> None:
        """Learn that whoever led the connection here has counted it as ``address``'s."""
        self._address = address

    def connection_made(self, transport: BaseTransport) -> None:
        """Count it, unless that was done, and give it a while to say what it wants."""
        super().connection_made(transport)  # type: ignore[arg-type]
        if self._address is None:
            address = network_of(self.client[0] if self.client else LOCAL)
            refusal = self.entrance.enter(address)
            if refusal is not None:
                self._cut(refusal)
                return
            self._address = address
        self._timer = self.loop.call_later(self.entrance.settings.handshake_timeout, self._cut, _SLOW)

    def connection_lost(self, exc: Exception | None) -> None:
        """Give up its place."""
        self._stop_timer()
        self._leave()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on, as long as it keeps within what a head may be."""
        if self.transport.is_closing():
            return
        if not self._judged:
            self._cut(_EARLY)
            return
        if self.scope is None:
            end = data.find(b"\r\n\r\n")
            self._unread += len(data) if end < 0 else end  # the body may come along
            if self._unread > HEAD_MAX:
                self._cut(_LARGE)
                return
        first = self.scope is None
        super().data_received(data)
        if first and self.scope is not None and not self.transport.is_closing():
            self._stop_timer()
            if self.transport.get_protocol() is self:
                life = SPEECH_LIFE if self.scope["raw_path"] == self.entrance.speech_path else HTTP_LIFE
                self._timer = self.loop.call_later(life, self.transport.abort)

    def handle_websocket_upgrade(self, event: h11.Request) -> None:
        """Hand over to the WebSocket, with what it can take and with this connection's place."""
        if self.conn.trailing_data[0]:
            self._cut(_EARLY)
            return
        lines = (len(name) + len(value) for name, value in self.headers)
        if (
            len(self.headers) > HEADERS_MAX
            or max(lines, default=0) > LINE_MAX
            or len(event.target) > LINE_MAX
        ):
            self._cut(_LARGE)
            return
        if self.entrance.admit is None:
            self._upgrade(event)
            return
        self._judged = False
        task = self.loop.create_task(self._judge(event, self.entrance.admit))
        self.tasks.add(task)  # as uvicorn keeps its own
        task.add_done_callback(self.tasks.discard)

    async def _judge(self, event: h11.Request, admit: Admit) -> None:
        scope: dict[str, Any] = {**self.scope, "type": "websocket"}
        try:
            admission = await admit(scope)
        except GatewayRefused as refusal:
            self._say(refusal_bytes(refusal))
            return
        except Exception as error:
            log.error("a request could not be judged: %s", type(error).__name__)
            self._say(_FAILED)
            return
        self._judged = True
        if not self.transport.is_closing():
            self.app_state = {**self.app_state, ADMISSION: admission}
            self._upgrade(event)

    def _upgrade(self, event: h11.Request) -> None:
        self._stop_timer()
        super().handle_websocket_upgrade(event)
        protocol = self.transport.get_protocol()
        if isinstance(protocol, _WebSocket):
            protocol.leave = self._leave

    def send_400_response(self, msg: str) -> None:
        """Say that this is no request, and no more."""
        self._cut(_BAD)

    def _cut(self, answer: bytes) -> None:
        self.entrance.turned_away()
        self._say(answer)

    def _say(self, answer: bytes) -> None:
        """Write the last words, if there is still somebody to hear them."""
        if not self.transport.is_closing():
            self.transport.write(answer)
            self.transport.close()

    def _leave(self) -> None:
        if self._address is not None:
            self.entrance.leave(self._address)
            self._address = None

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


class _WebSocket(ReadAhead):
    """Uvicorn's WebSocket, with an end to what a peer may keep waiting."""

    leave: Callable[[], None] | None = None

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.logger = _quiet("websocket")
        self._restarting = False

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        if self.leave is not None:
            self.leave()

    def shutdown(self) -> None:
        """Let it go; who was about to come in is told to come back."""
        self._restarting = True
        super().shutdown()

    def send_500_response(self) -> None:
        """Say why no WebSocket came about."""
        if not (self.initial_response or self.handshake_complete or self.transport.is_closing()):
            self.transport.write(_RESTARTING if self._restarting else _FAILED)

    def handle_ping(self) -> None:
        """Answer, unless earlier answers still wait: only the latest ping needs one (RFC 6455, 5.5.3)."""
        if self.writable.is_set():
            super().handle_ping()
        else:
            self.conn.data_to_send()

    def handle_cont(self, event: Frame) -> None:
        if len(self.frames) >= FRAGMENTS_MAX:
            self.conn.fail(1009, f"a message has over {FRAGMENTS_MAX} frames")
            self.handle_parser_exception()
            return
        super().handle_cont(event)

    def send_receive_event_to_app(self) -> None:
        """Hand over a message, if it is what it says."""
        if self.curr_msg_data_type == "text":
            try:
                b"".join(self.frames).decode()
            except UnicodeDecodeError:  # uvicorn would write a traceback into the log for each
                self.frames = []
                self.conn.fail(1007, "a text message is no UTF-8")
                self.handle_parser_exception()
                return
        super().send_receive_event_to_app()

    def handle_parser_exception(self) -> None:
        if self.conn.close_sent is None:  # the library and h11 disagree about the head
            self.transport.write(_BAD)
            self.transport.close()
            return
        super().handle_parser_exception()

    def on_task_complete(self, task: Task[None]) -> None:
        super().on_task_complete(task)
        if not self.disconnected:
            self.loop.call_later(LINGER, self._abandon)

    def _abandon(self) -> None:
        if not self.disconnected:
            self.transport.abort()


def _no_word_on_refusals(record: logging.LogRecord) -> bool:
    """Return whether to log: uvicorn takes a refusal for an application that forgot to answer."""
    return not str(record.msg).startswith("ASGI callable returned without completing handshake")


def _quiet(name: str) -> logging.Logger:
    """Return a logger for a library's class that tells errors only.

    Below, it names callers' addresses; and each malformed request is a warning, so that strangers could
    fill the log.
    """
    logger = logging.getLogger(f"{__name__}.{name}")
    logger.setLevel(logging.ERROR)
    return logger


def uvicorn_options(entrance: Entrance) -> dict[str, Any]:
    """Return what ``uvicorn.Config`` takes to serve through ``entrance``.

    The proxies' headers are read by the gateway, by the endpoint's own list, not by uvicorn's default one.
    """

    class Entering(Http):
        pass

    Entering.entrance = entrance
    _quiet("http").setLevel(logging.ERROR)  # strangers must not fill the log
    _quiet("websocket").addFilter(_no_word_on_refusals)
    return {
        "http": Entering,
        "ws": _WebSocket,
        "backlog": BACKLOG,
        "h11_max_incomplete_event_size": HEAD_MAX,
        "proxy_headers": False,
        "server_header": False,
    }
