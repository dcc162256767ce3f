"""The administrator's routes, asked over ASGI behind what the gateway adds."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from fastapi import FastAPI

from workbench.core.audit import AuditEntry
from workbench.core.clock import ManualClock
from workbench.endpoint.admin import LIST_MAX, add_admin
from workbench.endpoint.ledger import Ledger
from workbench.errors import StoreFailed
from workbench.security.keys import new_key
from workbench.security.tokens import Grant, Scope, check_token, mint_token
from workbench.store.store import Store, open_store

pytestmark = pytest.mark.anyio

KEY = new_key()


def grant(**claims: object) -> Grant:
    return check_token(mint_token(KEY, **claims), KEY)


@dataclass
class Session:
    """What the routes see of one."""

    name: str
    phase: str
    grant: Grant


class Bench:
    """The routes over a ledger, and what it recorded."""

    def __init__(self, book: object) -> None:
        self.sessions = [
            Session("s-1", "live", grant(project="p-1")),
            Session("s-2", "held", grant(client="c")),
        ]
        self.entries: list[AuditEntry] = []
        self.ended = 0
        self.ledger = Ledger(
            book, on_revoked=self._end, record=self.entries.append, now=ManualClock(2_000_000_000.0).now
        )
        self.app = FastAPI()
        add_admin(self.app, self.ledger, lambda: self.sessions, self.entries.append)

    def _end(self) -> None:
        self.ended += 1

    async def ask(self, method: str, path: str, body: bytes = b"") -> tuple[int, dict[str, Any]]:  # noqa: D102
        scope = {
            "type": "http",
            "method": method,
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
            "headers": [(b"content-length", str(len(body)).encode())],
            "state": {"grant": grant(scopes=[Scope.ADMIN])},
        }
        sent: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        await self.app(scope, receive, send)
        return sent[0]["status"], json.loads(b"".join(part["body"] for part in sent[1:]))

    async def revoke(self, **body: object) -> tuple[int, dict[str, Any]]:  # noqa: D102
        return await self.ask("POST", "/v1/revocations", json.dumps(body).encode())


@pytest.fixture
def store() -> Iterator[Store]:
    with open_store("sqlite://") as opened:
        yield opened


async def test_sessions_are_listed_without_what_was_said_or_a_token(store):
    """An administrator could not see whom to turn out."""
    bench = Bench(store)
    status, answer = await bench.ask("GET", "/v1/sessions")
    assert status == 200
    assert answer["total"] == 2
    first = answer["sessions"][0]
    assert (first["session"], first["phase"], first["project"], first["client"]) == (
        "s-1",
        "live",
        "p-1",
        None,
    )
    assert set(first) == {"session", "phase", "project", "client", "token"}
    assert len(first["token"]) == 16  # its id


async def test_long_list_is_cut_and_says_so(store):
    """A full endpoint's answer would have no bound."""
    bench = Bench(store)
    bench.sessions *= LIST_MAX
    _, answer = await bench.ask("GET", "/v1/sessions")
    assert (answer["total"], len(answer["sessions"])) == (2 * LIST_MAX, LIST_MAX)


async def test_revocation_takes_effect_and_is_kept(store):
    """It would be forgotten at the next start, or only hold from then on."""
    bench = Bench(store)
    status, answer = await bench.revoke(kind="project", name="p-1", seconds=60)
    assert (status, answer["name"]) == (201, "p-1")
    assert bench.ledger.revoked(bench.sessions[0].grant)
    assert not bench.ledger.revoked(bench.sessions[1].grant)
    assert bench.ended == 1
    assert store.revocations(2_000_000_059.0) == {("project", "p-1")}
    assert not store.revocations(2_000_000_061.0)
    assert [(entry.kind, entry.project) for entry in bench.entries] == [("revoked", "p-1")]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"[" * 4000,
        b"\xff\xfe",
        b'{"kind":"token","name":"x","all":true}',
        b'{"kind":"table","name":"x"}',
        b'{"kind":"token","name":""}',
        b'{"kind":"token","name":"x\\nINJECTED"}',
        b'{"kind":"token","name":"x\\n"}',
        b'{"kind":"token","name":"x\'; drop table sessions; --"}',
        b'{"kind":"token","name":"x","seconds":0}',
        b'{"kind":"token","name":"x","seconds":1e300}',
        b'{"kind":"token","name":"x","seconds":NaN}',
        b'{"kind":"token","name":"x","seconds":"60"}',
        b'{"kind":"token","name":7}',
    ],
)
async def test_malformed_revocation_is_refused_and_changes_nothing(store, body):
    """A typing error would revoke something else, or an attacker's text would reach the store."""
    bench = Bench(store)
    status, answer = await bench.ask("POST", "/v1/revocations", body)
    assert (status, answer["error"]["code"], answer["error"]["kind"]) == (400, 400, "malformed")
    assert "INJECTED" not in json.dumps(answer)
    assert not bench.entries
    assert not store.revocations(0.0)


class Broken:
    """A store that takes no revocation."""

    def revoke(self, kind: str, name: str, until: float) -> None:  # noqa: D102
        raise StoreFailed("memory", "is away")


async def test_revocation_the_store_did_not_take_holds_here_and_says_so():
    """The administrator would believe that it holds everywhere."""
    bench = Bench(Broken())
    status, answer = await bench.revoke(kind="project", name="p-1")
    assert (status, answer["error"]["kind"]) == (503, "store-away")
    assert bench.ledger.revoked(bench.sessions[0].grant)
