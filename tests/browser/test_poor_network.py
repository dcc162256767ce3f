"""A page whose network becomes poor, in a real browser: what the session does about it, and says."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from time import sleep
from typing import Any
from urllib.parse import urlsplit

from browsing import Watched
from session_page import PageServer
from test_page_session import ready, speak

from workbench.client.local import Endpoint

WAIT = 0.5
"""Seconds that bytes wait at least, each way, while the line is slow: its round trips are poor, not bad."""


QUALITIES = "page.told.filter((one) => one.what === 'quality').map((one) => one.detail)"


@dataclass
class Line:
    """A line to the endpoint that may become slow."""

    url: str
    slow: bool = False
    threads: list[threading.Thread] = field(default_factory=list)

    def connect(self, near: socket.socket, there: tuple[str, int]) -> None:
        """Carry the bytes of one connection both ways, until either end is gone."""
        with near, socket.create_connection(there) as far:
            back = threading.Thread(target=self._carry, args=(far, near))
            back.start()
            self._carry(near, far)
            back.join()

    def _carry(self, one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError):
            while data := one.recv(65_536):
                if self.slow:
                    sleep(WAIT)
                other.sendall(data)
        for end in (one, other):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


@contextmanager
def line_to(url: str) -> Iterator[Line]:
    """Carry bytes between a page and the endpoint at ``url``; the page is closed before the block ends."""
    there = urlsplit(url)
    with socket.create_server(("127.0.0.1", 0)) as server:
        line = Line(f"ws://127.0.0.1:{server.getsockname()[1]}{there.path}")

        def accept() -> None:
            with suppress(OSError):  # the server is shut down
                while True:
                    near, _ = server.accept()
                    one = threading.Thread(target=line.connect, args=(near, (there.hostname, there.port)))
                    line.threads.append(one)
                    one.start()

        accepting = threading.Thread(target=accept)
        accepting.start()
        try:
            yield line
        finally:
            server.shutdown(socket.SHUT_RDWR)
            for each in (accepting, *line.threads):
                each.join(timeout=5)


def test_a_slow_line_is_sent_fewer_bits_then_a_button_is_asked_for(
    watched: Callable[..., Watched], pages: PageServer, endpoint: Endpoint
) -> None:
    """On a train every word would come later and later, and nobody would be told why."""
    page = watched().page
    page.goto(pages.url)
    ready(page)
    with line_to(endpoint.url) as line:
        ways = [{"way": "direct", "url": f"{line.url}/v1/session"}]
        page.evaluate("options => page.begin(options)", {"ways": ways, "codec": "opus"})
        page.wait_for_function("['live', 'failed'].includes(page.statuses().at(-1))")
        assert page.evaluate("page.last('status')")["status"] == "live"
        page.wait_for_timeout(1000)
        speak(page, 2.0)
        full = bits(page)
        line.slow = True
        changed(page, "reduced", "fewer bits; nothing is lost this way")
        page.evaluate("page.told.length = 0")
        speak(page, 2.0)
        assert bits(page) < 0.7 * full
        changed(page, "push-to-talk", "hold the button or space while you speak")
        page.evaluate("page.told.length = 0")
        speak(page, 1.5)
        page.wait_for_timeout(1000)
        assert page.evaluate("page.levels().every((one) => one.muted)")
        page.evaluate("page.session.pushToTalk('down')")
        page.evaluate("page.told.length = 0")
        speak(page, 1.5)
        page.wait_for_function("page.levels().some((one) => !one.muted)")
        line.slow = False
        page.evaluate("page.session.stop()")
        page.close()


def bits(page: Any) -> float:
    """Return the most bits a second that the caller's stream took."""
    return float(page.evaluate(f"Math.max(...{QUALITIES}.map((one) => one.bitrate))"))


def changed(page: Any, mode: str, sentence: str) -> None:
    """Wait until the session has stepped down, and has said so."""
    said = f"{QUALITIES}.find((one) => one.said && one.mode === '{mode}')?.said"
    page.wait_for_function(said)
    assert sentence in page.evaluate(said)
