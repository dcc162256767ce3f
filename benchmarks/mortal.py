"""An endpoint that can be killed and started again at the same address, with the same key and store."""

import json
import os
import signal
import socket
import sqlite3
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, closing, contextmanager
from subprocess import PIPE

import anyio
from anyio.abc import Process
from anyio.streams.buffered import BufferedByteReceiveStream

from workbench.client.local import Endpoint
from workbench.security.keys import new_key
from workbench.store.rows import StoredSession
from workbench.store.store import open_existing_store
from workbench.store.urls import place_of

SCRIPT = (
    "I want a large latte with soy milk",
    "make it a small one",
    "I want an espresso",
    "I want a cappuccino with soy milk",
)
START_MAX = 60.0
"""Seconds for a process to be ready."""


class Mortal:
    """An endpoint with scripted engines at a fixed address that can be killed and started again.

    Parameters
    ----------
    store : URL of the store
    port : where it listens, each time
    script : what its recogniser hears
    settings : further settings, by their names in lower case
    """

    def __init__(self, store: str, port: int, script: Sequence[str] = SCRIPT, **settings: str) -> None:
        self.key, self.port = new_key(), port
        self.store = store
        self._environment = {
            **os.environ,
            "WORKBENCH_KEY": self.key,
            "WORKBENCH_ENGINES": "scripted",
            "WORKBENCH_SCRIPT": json.dumps(list(script)),
            "WORKBENCH_STORE": store,
            **{f"WORKBENCH_{name.upper()}": value for name, value in settings.items()},
        }
        self._process: Process | None = None
        self.kills = 0

    @property
    def endpoint(self) -> Endpoint:
        """Return where it is, whether it lives or not."""
        return Endpoint(url=f"ws://127.0.0.1:{self.port}", key=self.key)

    async def start(self) -> None:
        """Start it unless it runs, and wait until sessions are accepted."""
        if self._process is not None:
            return
        command = [sys.executable, "-m", "workbench", "serve", "--port", str(self.port), "--managed"]
        self._process = await anyio.open_process(
            command, stdin=PIPE, stdout=PIPE, stderr=None, env=self._environment
        )
        assert self._process.stdout is not None
        with anyio.fail_after(START_MAX):
            await BufferedByteReceiveStream(self._process.stdout).receive_until(b"\n", 10_000)

    async def kill(self) -> None:
        """End it as a power cut would, and wait until it is gone."""
        self.kills += 1
        await self.end(signal.SIGKILL)

    async def stop(self) -> None:
        """Ask it to end (SIGTERM), and wait until it has."""
        await self.end(signal.SIGTERM)

    async def end(self, how: signal.Signals) -> None:
        """End it with a signal, and wait until it is gone."""
        process, self._process = self._process, None
        if process is not None:
            async with process:  # also when this is cancelled: it is killed then
                process.send_signal(how)
                await process.wait()


@asynccontextmanager
async def mortal(store: str, script: Sequence[str] = SCRIPT, **settings: str) -> AsyncIterator[Mortal]:
    """Run an endpoint that can be killed, gone at the end of the block."""
    with _reserved() as port:
        endpoint = Mortal(store, port, script, **settings)
        try:
            await endpoint.start()
            yield endpoint
        finally:
            with anyio.CancelScope(shield=True):
                await endpoint.end(signal.SIGKILL)


@contextmanager
def _reserved() -> Iterator[int]:
    """Yield a port that nobody but who asks for it by its number is given, also while nobody listens."""
    with socket.socket() as place:
        place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        place.bind(("127.0.0.1", 0))
        yield int(place.getsockname()[1])


def left_behind(url: str, name: str) -> StoredSession | None:
    """Return what a killed process left of a session; raises AssertionError if the store needs a repair."""
    file = place_of(url).file
    if file is not None:
        with closing(sqlite3.connect(file)) as database:
            assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    with open_existing_store(url) as store:
        return store.load(name)
