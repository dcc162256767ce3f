"""One-time use and revocation, over a real store in memory."""

from collections.abc import Iterator

import pytest

from workbench.core.audit import AuditEntry
from workbench.core.clock import ManualClock
from workbench.endpoint.ledger import Ledger
from workbench.errors import GatewayRefused, StoreFailed
from workbench.security.claims import REVOKED_FOR
from workbench.security.keys import new_key
from workbench.security.tokens import Grant, check_token, mint_token
from workbench.store.store import Store, open_store

pytestmark = pytest.mark.anyio

KEY = new_key()
NOW = 2_000_000_000.0


def grant(**claims: object) -> Grant:
    return check_token(mint_token(KEY, **claims), KEY)


@pytest.fixture
def store() -> Iterator[Store]:
    with open_store("sqlite://") as opened:
        yield opened


class Process:
    """One endpoint process's ledger, and what it was told."""

    def __init__(self, store: object, clock: ManualClock) -> None:
        self.ended = 0
        self.entries: list[AuditEntry] = []
        self.ledger = Ledger(store, on_revoked=self._end, record=self.entries.append, now=clock.now)

    def _end(self) -> None:
        self.ended += 1


async def test_token_creates_one_session(store):
    """Whoever overhears a token could open sessions with it until it expires."""
    one = Process(store, ManualClock(NOW))
    token = grant()
    await one.ledger.claim(token, "first")
    await one.ledger.claim(token, "first", address="192.0.2.1")  # resumes
    with pytest.raises(GatewayRefused) as refusal:
        await one.ledger.claim(token, "second")
    assert (refusal.value.code, refusal.value.kind) == (403, "replayed")
    assert [entry.kind for entry in one.entries] == ["used", "used", "refused"]
    assert [entry.session for entry in one.entries] == ["first", "first", None]


async def test_token_used_in_one_process_is_used_in_all(store):
    """A token could be replayed against another process, or after a restart."""
    clock = ManualClock(NOW)
    token = grant()
    await Process(store, clock).ledger.claim(token, "first")
    with pytest.raises(GatewayRefused, match="used for another session"):
        await Process(store, clock).ledger.claim(token, "second")


@pytest.mark.parametrize("kind", ["token", "session", "client", "project"])
async def test_revocation_holds_at_once_and_in_other_processes_after_a_look(store, kind):
    """A stolen token would be good until it expires."""
    clock = ManualClock(NOW)
    here, there = Process(store, clock), Process(store, clock)
    token = grant(session="s-1", client="c-1", project="p-1")
    other = grant(session="s-2", client="c-2", project="p-2")
    name = {"token": token.token_id, "session": "s-1", "client": "c-1", "project": "p-1"}[kind]
    await here.ledger.revoke(kind, name, by=other)
    assert here.ledger.revoked(token)
    assert not here.ledger.revoked(other)
    assert here.ended == 1
    assert not there.ledger.revoked(token)
    for _ in range(3):
        await there.ledger.poll()
        await here.ledger.poll()
    assert there.ledger.revoked(token)
    assert (here.ended, there.ended) == (1, 1)
    assert here.entries[0].kind == "revoked"
    clock.advance(REVOKED_FOR + 1)
    await there.ledger.poll()
    assert not there.ledger.revoked(token)


async def test_session_is_revoked_whatever_token_it_is_led_with(store):
    """A refreshed token would save a revoked session."""
    one = Process(store, ManualClock(NOW))
    await one.ledger.revoke("session", "s-9")
    assert one.ledger.revoked(grant(), "s-9")
    assert not one.ledger.revoked(grant(), "s-1")


class Broken:
    """A store that fails."""

    def use_token(self, token_id: str, session: str, until: float) -> str:  # noqa: D102
        raise StoreFailed("memory", "is away")

    def revoke(self, kind: str, name: str, until: float) -> None:  # noqa: D102
        raise StoreFailed("memory", "is away")

    def revocations(self, now: float) -> frozenset[tuple[str, str]]:  # noqa: D102
        raise StoreFailed("memory", "is away")


async def test_broken_store_lets_nobody_in_twice_and_keeps_what_was_revoked(caplog):
    """Without a store one-time use can't be known, and a revocation must hold all the same."""
    one = Process(Broken(), ManualClock(NOW))
    token = grant()
    with pytest.raises(GatewayRefused) as refusal:
        await one.ledger.claim(token, "first")
    assert (refusal.value.code, refusal.value.kind) == (503, "store-away")
    with pytest.raises(StoreFailed):
        await one.ledger.revoke("token", token.token_id)
    for _ in range(5):
        await one.ledger.poll()
    assert one.ledger.revoked(token)
    assert one.ended == 1
    assert sum("revocations can't be read" in record.message for record in caplog.records) == 1
