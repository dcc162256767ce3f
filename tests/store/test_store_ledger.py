"""A token is used once, what is revoked stays out; on both databases."""

import subprocess
import sys

import pytest

from workbench.errors import StoreError
from workbench.store import ledger
from workbench.store.database import Database
from workbench.store.store import Store, open_store
from workbench.store.urls import place_of

HOSTILE = "'; drop table used_tokens; --"

RACE = """
import sys
from workbench.store.store import open_store
url, name = sys.argv[1:]
with open_store(url) as store:
    print("ready", flush=True)
    sys.stdin.readline()
    print(*[store.use_token(f"t{number}", name, 5.0) for number in range(50)])
"""


def test_a_token_belongs_to_the_session_that_used_it_first(store: Store) -> None:
    """A stolen one-time token would open a second session."""
    assert store.use_token("t1", "a1", 100.0) == "a1"
    assert store.use_token("t1", "b1", 100.0) == "a1"
    assert store.use_token(HOSTILE, "b1", 100.0) == "b1"


def test_of_two_processes_one_gets_the_token(store_url: str) -> None:
    """A token could be used once in each process."""
    open_store(store_url).close()
    racers = [
        subprocess.Popen(
            [sys.executable, "-c", RACE, store_url, name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for name in ("a1", "b1")
    ]
    for racer in racers:
        assert racer.stdout.readline() == "ready\n"
    for racer in racers:
        racer.stdin.write("go\n")
        racer.stdin.flush()
    first, second = (racer.communicate(timeout=120)[0].split() for racer in racers)
    assert len(first) == 50
    assert first == second


def test_what_is_revoked_is_so_until_its_time(store: Store) -> None:
    """A revoked token would be let in, or a project kept out for ever."""
    store.revoke("token", "t1", 100.0)
    store.revoke("project", HOSTILE, 200.0)
    assert store.revocations(50.0) == {("token", "t1"), ("project", HOSTILE)}
    assert store.revocations(100.0) == {("project", HOSTILE)}
    store.revoke("token", "t1", 300.0)
    store.revoke("token", "t1", 250.0)
    assert store.revocations(299.0) == {("token", "t1")}


def test_what_expired_is_forgotten_after_an_hour(store_url: str) -> None:
    """The tables would grow for ever, or a token be used again by a clock that is late."""
    with open_store(store_url) as store:
        store.use_token("t1", "a1", 100.0)
        store.revoke("token", "t1", 100.0)
        store.revocations(3700.0)
        assert store.use_token("t1", "b1", 100.0) == "a1"
        assert store.revocations(50.0) == {("token", "t1")}
        store.revocations(3701.0 + 60)
        assert store.revocations(50.0) == frozenset()
        assert store.use_token("t1", "b1", 100.0) == "b1"


def test_forgetting_says_how_much(store_url: str) -> None:
    """Nobody could tell whether it does anything."""
    open_store(store_url).close()
    database = Database(place_of(store_url))
    with database.writing() as connection:
        ledger.use_token(connection, "t1", "a1", 10.0)
        ledger.revoke(connection, "client", "c", 10.0)
        assert ledger.forget_expired(connection, 3610.0) == 0
        assert ledger.forget_expired(connection, 3610.5) == 2
    database.close()


@pytest.mark.parametrize("text", ["nul \0", "half \ud83d", "x" * 201])
def test_a_name_that_not_every_database_holds_is_refused(store: Store, text: str) -> None:
    """A token's odd name would be let in on one database only."""
    for call in (
        lambda: store.use_token(text, "a1", 1.0),
        lambda: store.revoke("client", text, 1.0),
        lambda: store.load(text),
        lambda: store.delete(text),
    ):
        with pytest.raises(StoreError):
            call()
