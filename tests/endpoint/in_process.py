"""An orchestrator in the test's own process, and clients that are no more than their messages."""

import json
import math
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

import anyio
from patience import PATIENCE

from workbench.core.audit import AuditEntry
from workbench.core.clock import unix_now
from workbench.core.projects import Project
from workbench.endpoint.destroying import Destroying
from workbench.endpoint.host import Host
from workbench.endpoint.orchestrator import Orchestrator
from workbench.endpoint.server import offered
from workbench.endpoint.settings import EndpointSettings
from workbench.endpoint.storing import Storing
from workbench.errors import StoreFailed
from workbench.security.tokens import Grant, Scope
from workbench.speech.engines import Engines, load_scripted
from workbench.store.store import Store

OPEN: dict[str, Any] = {"type": "open", "assistant": "coffee"}
PERSISTENT = OPEN | {"settings": {"persistent": True}}


def grant(*scopes: Scope, name: str = "t", project: str = "default", **more: Any) -> Grant:
    """Return what a token would grant."""
    fields = {"assistants": (), "origins": (), "session": None, "client": None, "expires": unix_now() + 60}
    return Grant(
        token_id=name,
        key_id="k",
        project=project,
        scopes=frozenset(scopes or (Scope.CONVERSE,)),
        **fields | more,
    )


class Client:
    """One connection: the endpoint's socket on one side, a test on the other."""

    def __init__(self) -> None:
        self._say, self._heard = anyio.create_memory_object_stream[str | bytes | None](math.inf)
        self._news = anyio.Event()
        self.got: list[dict[str, Any]] = []
        self.audio: list[bytes] = []
        self.code: int | None = None

    # --- the endpoint's side

    async def receive(self) -> str | bytes | None:
        """Return what the client says next."""
        return await self._heard.receive()

    async def send(self, message: str | bytes) -> None:
        """Take a message."""
        if isinstance(message, bytes):
            self.audio.append(message)
        else:
            self.got.append(json.loads(message))
        self._tell()

    async def close(self, code: int, reason: str) -> None:
        """Take the close code; the first counts."""
        self.code = int(code) if self.code is None else self.code
        self._say.close()
        self._heard.close()
        self._tell()

    # --- the test's side

    def say(self, message: dict[str, Any] | bytes | None) -> None:
        """Say something; None leaves without a word."""
        self._say.send_nowait(json.dumps(message) if isinstance(message, dict) else message)

    async def until(self, condition: Callable[[], object]) -> None:
        """Wait for ``condition`` to hold after some message; as long as messages come, more may."""
        while not condition():
            with anyio.fail_after(PATIENCE):
                await self._news.wait()

    async def first(self, kind: str) -> dict[str, Any]:
        """Return the first message of a type, once it is there."""
        await self.until(lambda: self.of(kind))
        return self.of(kind)[0]

    async def closed(self) -> int:
        """Return the close code, once it is there."""
        await self.until(lambda: self.code is not None)
        return self.code or 0

    def of(self, kind: str) -> list[dict[str, Any]]:
        """Return the messages of a type."""
        return [message for message in self.got if message["type"] == kind]

    @property
    def events(self) -> list[int]:
        """Return the numbers of the events."""
        return [message["seq"] for message in self.got if "source" in message]

    def _tell(self) -> None:
        news, self._news = self._news, anyio.Event()
        news.set()


class Bench:
    """An orchestrator and its clients."""

    def __init__(self, host: Host, group: anyio.abc.TaskGroup, entries: list[AuditEntry]) -> None:
        self.host = host
        self.entries = entries
        """Of the audit trail."""
        self.orchestrator = Orchestrator(host)
        self._group = group

    def client(self, first: dict[str, Any], held: Grant | None = None) -> Client:
        """Return a client that connects with its first message."""
        client = Client()
        client.say(first)
        self._group.start_soon(self.orchestrator.serve, client, held or grant())
        return client

    async def opened(self, first: dict[str, Any] = OPEN, held: Grant | None = None) -> Client:
        """Return a client whose session is open."""
        client = self.client(first, held)
        await client.first("session-opened")
        return client

    async def held(self, client: Client) -> None:
        """Let a client leave without a word, and wait until its session is held."""
        name = client.of("welcome")[0]["session"]
        client.say(None)
        await client.closed()
        assert self.session(name).phase == "held"

    def session(self, name: str) -> Any:
        """Return a session by its name."""
        return next(session for session in self.orchestrator.sessions if session.name == name)

    async def gone(self) -> None:
        """Wait until no session is left; its clients' closing says nothing about that."""
        with anyio.fail_after(PATIENCE):
            while self.orchestrator.sessions:  # noqa: ASYNC110
                await anyio.sleep(0.01)


class Book:
    """Keeps projects in memory, and fails when it is told to."""

    def __init__(self, *projects: Project) -> None:
        self.projects, self.days, self.away = projects, dict[str, dict[str, float]](), False

    def all(self) -> tuple[Project, ...]:
        """Return the projects."""
        self._check()
        return self.projects

    def use(self, day: str) -> dict[str, float]:
        """Return the seconds of a day."""
        self._check()
        return dict(self.days.get(day, {}))

    def add_use(self, day: str, seconds: Mapping[str, float], *, oldest: str) -> None:
        """Add to the seconds of a day."""
        self._check()
        for name, more in seconds.items():
            kept = self.days.setdefault(day, {})
            kept[name] = kept.get(name, 0.0) + more

    def _check(self) -> None:
        if self.away:
            raise StoreFailed("x", "is away")


def resume(client: Client, **more: Any) -> dict[str, Any]:
    """Return the message that resumes a client's session."""
    welcome = client.of("welcome")[-1]
    return {"type": "resume", "session": welcome["session"], "handle": welcome["handle"]} | more


@asynccontextmanager
async def bench(
    store: Store | None = None,
    *,
    script: tuple[str, ...] = (),
    engines: Engines | None = None,
    **settings: Any,
) -> AsyncIterator[Bench]:
    """Run an orchestrator, with scripted engines unless others are given."""
    storing = None if store is None else Storing(store, retry=0.05)
    entries: list[AuditEntry] = []
    found = EndpointSettings(**settings)
    host = Host(found, engines or load_scripted(script), offered(found.assistants), storing=storing)
    host.destroying = Destroying(storing, host.process)
    host.note = entries.append
    async with anyio.create_task_group() as group:
        if storing is not None:
            group.start_soon(storing.run)
        group.start_soon(host.destroying.run)
        async with anyio.create_task_group() as sessions:
            made = Bench(host, sessions, entries)
            await sessions.start(made.orchestrator.run)
            yield made
            sessions.cancel_scope.cancel()
        group.cancel_scope.cancel()
