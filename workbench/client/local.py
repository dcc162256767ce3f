"""An embedded endpoint of one's own: a child process that lives as long as the block that opened it."""

import json
import os
import secrets
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import PIPE
from typing import IO

import anyio
from anyio.abc import Process
from anyio.streams.buffered import BufferedByteReceiveStream

from workbench.aio import close_within
from workbench.client.trust import Trust
from workbench.errors import ConnectionLost, ParameterError
from workbench.security.keys import load_key, new_key
from workbench.security.tokens import mint_token

START_TIMEOUT = 120.0
"""Seconds for a child to load its engines; the first start joins and checks their weights."""

STOP_TIMEOUT = 8.0

PREFIX_BYTES = 16
"""Random bytes of a child's path prefix: no page that tries the ports of loopback finds it."""

_NOT_INHERITED = {
    "WORKBENCH_ADMIN",
    "WORKBENCH_ADMIN_ADDRESSES",
    "WORKBENCH_CERTIFICATE",
    "WORKBENCH_CERTIFICATE_KEY",
    "WORKBENCH_CLIENT_CA",
    "WORKBENCH_HOST",
    "WORKBENCH_LIMITS_URL",
    "WORKBENCH_PORT",
    "WORKBENCH_PROFILE",
    "WORKBENCH_PROJECTS",
    "WORKBENCH_RECORD",
    "WORKBENCH_SETTINGS",
}
"""Settings of an endpoint for others: ours listens on loopback, and leaves nothing on disk unasked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Where an endpoint is and how to be let in."""

    url: str
    """Base URL, ``wss://host:port`` or on loopback ``ws://host:port``, with its path prefix if any."""
    key: str | None = None
    """Master key; without it the user's own is read when a token is needed."""
    process: int | None = None
    """Process id, when it is a child of ours."""
    tokens: Callable[[], str] | None = None
    """Gives a fresh session token, where the key is someone else's; may block."""
    trust: Trust = field(default_factory=Trust)
    """Whose word counts for a ``wss://`` endpoint's certificate."""
    alive: Callable[[], bool] = lambda: True
    """Whether it is worth trying again: false once a child of ours has ended."""

    def token(self) -> str:
        """Return a fresh session token."""
        if self.tokens is not None:
            return self.tokens()
        return mint_token(self.key or load_key())

    def __repr__(self) -> str:
        return f"Endpoint(url={self.url!r}, process={self.process})"


@asynccontextmanager
async def open_endpoint(
    *, assistants: Sequence[Path] = (), environment: Mapping[str, str] | None = None
) -> AsyncIterator[Endpoint]:
    """Start ``workbench serve`` on a free loopback port and stop it at the end of the block.

    The child also ends when this process does.

    Parameters
    ----------
    assistants : files offered besides the shipped assistants
    environment : further ``WORKBENCH_*`` settings of the child

    Raises
    ------
    ConnectionLost
        If it does not become ready; says what it said.
    """
    key = new_key()
    child = {**_environment(key, assistants), **(environment or {})}
    command = [sys.executable, "-m", "workbench", "serve", "--host", "127.0.0.1", "--port", "0", "--managed"]
    with tempfile.TemporaryFile() as complaints:
        async with await anyio.open_process(
            command,
            stdin=PIPE,
            stdout=PIPE,
            stderr=complaints,
            env=child,
            start_new_session=True,  # Ctrl-C is for us: we stop the child
        ) as process:
            try:
                url = await _ready(process)
                if url is None:
                    raise _failure(complaints)
                yield Endpoint(
                    url=url, key=key, process=process.pid, alive=lambda: process.returncode is None
                )
            finally:
                await _stop(process)


def _environment(key: str, assistants: Sequence[Path]) -> dict[str, str]:
    files = json.dumps([os.path.abspath(file) for file in assistants])
    inherited = {name: value for name, value in os.environ.items() if name not in _NOT_INHERITED}
    ours = {
        "WORKBENCH_KEY": key,
        "WORKBENCH_PATH_PREFIX": secrets.token_urlsafe(PREFIX_BYTES),
        "WORKBENCH_ASSISTANTS": files,
        "WORKBENCH_STORE": "sqlite://",
    }
    return {**inherited, **ours}


async def _ready(process: Process) -> str | None:
    """Return the URL the child announces; None when it ends without one or takes too long."""
    if process.stdout is None:
        return None
    stream = BufferedByteReceiveStream(process.stdout)
    with anyio.move_on_after(START_TIMEOUT):
        try:
            line = await stream.receive_until(b"\n", 10_000)
            return str(json.loads(line)["url"])
        except (anyio.IncompleteRead, anyio.DelimiterNotFound, ValueError, KeyError):
            return None
    return None


def _failure(complaints: IO[bytes]) -> Exception:
    complaints.seek(0)
    lines = [line for line in complaints.read().decode(errors="replace").splitlines() if line.strip()]
    for line in reversed(lines):
        if line.startswith("workbench: "):
            return ParameterError(line.removeprefix("workbench: "))
    said = lines[-1] if lines else f"it said nothing within {START_TIMEOUT:g} s"
    return ConnectionLost(f"the embedded endpoint did not start: {said}")


async def _stop(process: Process) -> None:
    async def leave() -> None:
        if process.stdin is not None:
            await process.stdin.aclose()
        await process.wait()

    await close_within(STOP_TIMEOUT, leave)
    if process.returncode is None:
        process.kill()
