"""A session put back whole as it once was, or taken away: the audit trail tells, nothing else is lost."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest
from chain_keys import KEYS
from rows_of import appends, event, session_row
from sqlalchemy import Row, Table, text
from tampering import Tampering

from workbench.core.audit import AuditEntry
from workbench.errors import StoreDamaged
from workbench.store import trail
from workbench.store.database import Database
from workbench.store.rows import Append, NewSession, PhaseChange, Snapshot
from workbench.store.schema import events, openings, session_keys, sessions, snapshots, vaults
from workbench.store.store import Store, open_store
from workbench.store.trail import Wanted
from workbench.store.urls import place_of

TABLES = (sessions, session_keys, openings, events, snapshots, vaults)
Copy = dict[Table, Sequence[Row]]


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    """Return a store that signs its audit trail, with two sessions that go on."""
    with open_store(store_url, audit_keys=KEYS) as opened:
        for name in ("a1", "b1"):
            opened.write([NewSession(session_row(name)), *appends(name, 0, 4), Snapshot(name, 3, "{}")])
        yield opened


@pytest.fixture
def hand(store: Store, store_url: str) -> Iterator[Tampering]:
    """Return what changes rows."""
    tampering = Tampering(store_url)
    yield tampering
    tampering.close()


def copy_of(hand: Tampering, session: str = "a1") -> Copy:
    return {table: hand.rows(table, session) for table in TABLES}


def put_back(hand: Tampering, rows: Copy, session: str = "a1") -> None:
    """Make a session's rows what they were."""
    if hand.rows(sessions, session):
        hand.remove(sessions, session)
    for table, some in rows.items():
        if some:
            hand.put(table, some)


def end(store: Store, name: str = "a1") -> None:
    store.write([PhaseChange(name, "ended", "client-left", 1_750_000_009.0)])


def told(store: Store) -> list[str]:
    """Return what is noticed of ``a1`` when it is read and by the check, the same; the other one is whole."""
    assert len(store.load("b1").events) == 4
    with pytest.raises(StoreDamaged) as caught:
        store.load("a1")
    noticed = [str(one) for one in caught.value.damage]
    verdict = store.trail.check(KEYS)
    assert verdict.problems == ()
    assert [f"the {problem.sentence}" for problem in verdict.sessions] == [
        one.replace("the session", "the session a1", 1) for one in noticed
    ]
    assert {problem.wrong for problem in verdict.sessions} == {"put-back"}
    found = store.examine("a1")
    assert all(event(one.seq) == one for one in found.stored.events)  # what can be read is not lost
    return noticed


def records(store: Store, session: str = "a1") -> list[str]:
    found = store.trail.records(wanted=Wanted(kind="stands", session=session))
    return [one.reason.partition(", head")[0] for one in found]


def test_nothing_is_written_for_the_events_of_a_session_that_goes_on(store: Store) -> None:
    """Each event would cost a signature, and the trail be full of them."""
    assert store.trail.head() is None
    for seq in range(4, 8):
        store.write(appends("a1", seq, 1))
    assert store.trail.head() is None
    end(store)
    assert records(store) == ["ended, 8 events"]
    verdict = store.trail.check(KEYS)
    assert (verdict.sessions, verdict.compared) == ((), 1)
    assert store.load("a1") is not None


def test_an_ended_session_put_back_is_noticed(store: Store, hand: Tampering) -> None:
    """What somebody regrets could be taken back, with all that hangs on it."""
    older = copy_of(hand)
    store.write(appends("a1", 4, 2))
    end(store)
    ended = copy_of(hand)
    put_back(hand, older)
    expected = "the session is not as record 1 of the audit trail tells, ended with 6 events: "
    assert told(store) == [f"{expected}an older one was put back"]
    put_back(hand, ended)
    assert len(store.load("a1").events) == 6


def test_what_was_there_before_it_was_masked_put_back_is_noticed(store: Store, hand: Tampering) -> None:
    """Names that were masked away could be had again from a copy, as if nothing had been done."""
    end(store)
    older = copy_of(hand)
    row = replace(session_row("a1"), phase="ended", closed=9.0)
    store.replace("a1", [NewSession(row), *appends("a1", 0, 4)], vault="names")
    assert records(store) == ["ended, 4 events", "ended, 4 events"]
    assert store.load("a1") is not None
    put_back(hand, older)
    assert "an older one was put back" in told(store)[0]


def test_a_deleted_session_put_back_is_noticed(store: Store, hand: Tampering) -> None:
    """A copy of the rows would undo a deletion that was promised."""
    end(store)
    older = copy_of(hand)
    assert store.delete("a1") == 1
    assert store.trail.check(KEYS).sessions == ()
    assert records(store) == ["ended, 4 events", "deleted"]
    put_back(hand, older)
    assert told(store) == ["the session was deleted, as record 2 of the audit trail tells, and put back"]


def test_a_live_session_deleted_and_put_back_is_noticed(store: Store, hand: Tampering) -> None:
    """Consent withdrawn in the middle of a session would count for nothing."""
    older = copy_of(hand)
    store.delete("a1")
    put_back(hand, older)
    assert told(store) == ["the session was deleted, as record 1 of the audit trail tells, and put back"]


def test_a_session_that_was_taken_away_is_noticed(store: Store, hand: Tampering) -> None:
    """Whoever has the file could delete what is held against them, without a trace."""
    end(store)
    hand.remove(sessions)
    assert store.load("a1") is None
    [problem] = store.trail.check(KEYS).sessions
    assert (problem.wrong, problem.seq) == ("gone", 1)
    assert problem.sentence == "session a1 is gone, record 1 tells of it, and none of its deletion"


def test_a_held_session_is_compared_until_it_goes_on(store: Store, hand: Tampering) -> None:
    """One that waits for its client could be taken back; or none be resumed without a false alarm."""
    before = copy_of(hand)
    store.write([*appends("a1", 4, 1), PhaseChange("a1", "held", "lost")])
    assert records(store) == ["held, 5 events"]
    held = copy_of(hand)
    assert store.load("a1") is not None
    put_back(hand, before)
    assert "held with 5 events" in told(store)[0]
    put_back(hand, held)
    store.write([PhaseChange("a1", "resumed"), Append("a1", event(5))])
    assert len(store.load("a1").events) == 6
    store.write([PhaseChange("a1", "held", "lost again")])
    put_back(hand, held)
    assert "held with 6 events" in told(store)[0]


def test_a_false_record_vouches_for_nothing(store: Store, hand: Tampering, store_url: str) -> None:
    """Whoever puts a session back could write the record that fits it."""
    end(store)
    older = copy_of(hand)
    store.write([PhaseChange("a1", "ended", "swept", 9.0)])
    head = older[sessions][0].head[-16:].hex()
    database = Database(place_of(store_url))
    with database.writing() as connection:
        forged = text("update audit_records set reason = :reason where seq = 2")
        connection.execute(forged, {"reason": f"ended, 4 events, head {head}"})
    database.close()
    put_back(hand, older)
    with pytest.raises(
        StoreDamaged, match="can't be vouched for: record 2 of the audit trail is not what was"
    ):
        store.load("a1")
    verdict = store.trail.check(KEYS)
    assert [(one.wrong, one.seq) for one in verdict.problems] == [("changed", 2)]
    assert (verdict.sessions, verdict.compared) == ((), 0)  # it is no use comparing with what is false


def test_without_the_keys_of_the_trail_a_session_is_read_all_the_same(store: Store, store_url: str) -> None:
    """Whoever only reads would need a key that signs; or be told nothing."""
    end(store)
    with open_store(store_url) as reading:
        assert len(reading.load("a1").events) == 4
        reading.write([PhaseChange("b1", "ended", "", 9.0)])
    assert records(store, "b1") == []


def test_records_before_a_known_problem_are_left_out(store: Store, hand: Tampering, store_url: str) -> None:
    """One wrong record would put an end to all comparing."""
    end(store)
    end(store, "b1")
    store.audit([AuditEntry(at=1.0, kind="used")])
    database = Database(place_of(store_url))
    with database.writing() as connection:
        connection.execute(text("update audit_records set at = 2 where seq = 3"))
    database.close()
    store.write([PhaseChange("b1", "ended", "swept", 9.0)])
    assert store.trail.check(KEYS).sessions == ()
    hand.remove(sessions, "b1")
    verdict = store.trail.check(KEYS, start=4)
    assert [(one.wrong, one.seq) for one in verdict.sessions] == [("gone", 4)]


def test_a_full_trail_does_not_stop_what_is_stored(
    store: Store, store_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A disk without room for the archive would end every conversation."""
    end(store)
    database = Database(place_of(store_url))
    with database.writing() as connection:
        head = trail.read_head(connection)
        full = replace(head, count=3 * trail.LIVE_MAX).signed(KEYS)
        connection.execute(
            text("update audit_head set count = :count, mac = :mac"), {"count": full.count, "mac": full.mac}
        )
    database.close()
    end(store, "b1")
    assert [one.phase for one in store.sessions()] == ["ended", "ended"]
    assert "how 1 sessions stand is not on it" in caplog.text
    assert "b1" not in caplog.text
