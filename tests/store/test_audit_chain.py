"""The audit trail is one chain, whoever writes, with whichever key."""

import os
import subprocess
import sys

import pytest
from chain import HOSTILE, RECORDS, by_hand, checked, entry
from chain_keys import KEYS

from workbench.core.audit_chain import ChainKey, ChainKeys
from workbench.errors import StoreError
from workbench.store import trail
from workbench.store.store import Store, open_store

OTHERS = ChainKeys((ChainKey("k2", b"2" * 32),))

WRITER = """
import sys
from workbench.core.audit import AuditEntry
from chain_keys import KEYS
from workbench.store.store import open_store
url, name = sys.argv[1:]
with open_store(url, audit_keys=KEYS) as store:
    print("ready", flush=True)
    sys.stdin.readline()
    for number in range(40):
        store.audit([AuditEntry(at=float(number), kind="used", session=name)] * (1 + number % 3))
"""


def test_what_was_written_is_read_and_holds(chained: str) -> None:
    """One could not tell what came first, or every trail would be called false."""
    with open_store(chained, audit_keys=KEYS) as store:
        store.audit([])
        records = store.trail.records()
        assert [record.seq for record in records] == list(range(RECORDS))
        assert [record.entry for record in records[1:]] == [entry(number) for number in range(RECORDS - 1)]
        assert (records[0].kind, records[0].reason) == ("begun", "a new chain")
        assert [record.seq for record in store.trail.records(limit=2)] == [RECORDS - 2, RECORDS - 1]
    verdict = checked(chained)
    assert (verdict.first, verdict.count, verdict.problems) == (0, RECORDS, ())


def test_records_can_be_searched(chained: str) -> None:
    """A reviewer would read all of it for one session."""
    with open_store(chained) as store:
        for wanted, numbers in (
            (trail.Wanted(kind="minted"), [1, 3, 5, 7]),
            (trail.Wanted(session="s0"), [1, 2, 3, 4]),
            (trail.Wanted(project="lab", client="tab"), [2, 3, 5, 6, 8]),
            (trail.Wanted(since=1001.0, until=1002.0, kind="used"), [4, 6]),
            (trail.Wanted(client=HOSTILE), []),
        ):
            assert [record.seq for record in store.trail.records(wanted=wanted)] == numbers


def test_another_s_key_is_named(chained: str) -> None:
    """Who verifies with the wrong key would think of tampering, or of none."""
    found = checked(chained, OTHERS).problems
    assert [(one.wrong, one.seq) for one in found] == [("unknown-key", None), ("unknown-key", 0)]
    assert found[1].sentence == "record 0 is signed with key k1, and those at hand are k2"


def test_a_rotated_key_goes_on_with_the_chain(chained: str) -> None:
    """A new key would make everything before it worthless."""
    both = ChainKeys(OTHERS.keys + KEYS.keys)
    with open_store(chained, audit_keys=both) as store:
        store.audit([entry(9)])
        assert [record.key_id for record in store.trail.records(limit=2)] == ["k1", "k2"]
    assert checked(chained, both).problems == ()


def test_processes_write_one_chain(store_url: str) -> None:
    """Two endpoints on one store would each break the other's chain."""
    open_store(store_url).close()
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, store_url, name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        )
        for name in ("one", "two", "three")
    ]
    for writer in writers:
        assert writer.stdout.readline() == "ready\n"
    for writer in writers:
        writer.stdin.write("go\n")
        writer.stdin.flush()
    assert [(writer.communicate(timeout=120)[0], writer.returncode) for writer in writers] == [("", 0)] * 3
    verdict = checked(store_url)
    assert (verdict.count, verdict.problems) == (1 + 3 * 79, ())
    with open_store(store_url) as store:
        assert [record.kind for record in store.trail.records()].count("begun") == 1


def test_what_was_written_before_there_was_a_chain_is_taken_over(store_url: str) -> None:
    """An update would lose the trail, or vouch for what anybody could have changed."""
    open_store(store_url).close()
    by_hand(
        store_url,
        "insert into audit_unchained (at, kind, session, reason) "
        "values (1.5, 'used', 's1', ''), (2, 'x', 's2', '')",
    )
    with open_store(store_url, audit_keys=KEYS) as store:
        store.audit([entry(0)])
        records = store.trail.records()
    assert [(record.kind, record.at, record.session) for record in records[1:3]] == [
        ("used", 1.5, "s1"),
        ("x", 2.0, "s2"),
    ]
    assert records[0].reason == "a new chain; the next 2 were written before it, and vouched for by nobody"
    assert checked(store_url).problems == ()


def test_without_keys_nothing_is_added(chained: str) -> None:
    """Records would be there that nobody signed."""
    with open_store(chained) as store, pytest.raises(StoreError, match="without the keys of its audit trail"):
        store.audit([entry(0)])


def test_the_keys_are_shown_nowhere() -> None:
    """An error or a log would give them away."""
    assert "111" not in repr(KEYS)


def test_an_empty_store_has_no_trail(store: Store) -> None:
    """No trail and a good one would look alike."""
    assert store.trail.check(KEYS) is None
    assert store.trail.head() is None
    assert store.trail.noted() is None
