"""Sessions are written in order, each event once, all or nothing; on both databases."""

import threading

import pytest
from rows_of import appends, event, session_row

from workbench.core.events import ErrorRaised, Event, Source
from workbench.errors import StoreError
from workbench.store.rows import Append, NewSession, PhaseChange, Snapshot
from workbench.store.store import Store, open_store

HOSTILE = "'; drop table sessions; --\" \\ %_ ${x} é ☕ \u202e\n\x1b[31m"
"""What would end a text of SQL, match everything, or steer a terminal."""


def test_what_was_written_is_read(store: Store) -> None:
    """A restart would find another conversation than the one it had."""
    store.write([NewSession(session_row()), *appends("a1", 0, 5), Snapshot("a1", 4, '{"state": "☕"}')])
    store.write([PhaseChange("a1", "ended", "client-left", 1_750_000_009.5)])
    found = store.load("a1")
    assert found.events == tuple(event(seq) for seq in range(5))
    assert found.row == session_row(
        phase="ended",
        reason="client-left",
        closed=1_750_000_009.5,
        snapshot='{"state": "☕"}',
        snapshot_seq=4,
    )


def test_events_can_be_read_from_where_they_are_needed(store: Store) -> None:
    """Going on with a long session would stop all others while it is read."""
    store.write([NewSession(session_row()), *appends("a1", 0, 5)])
    assert [one.seq for one in store.load("a1", since=3).events] == [3, 4]
    assert store.load("a1", since=5).events == ()


def test_it_survives_its_process(store_url: str) -> None:
    """Nothing would be left after a restart."""
    with open_store(store_url) as store:
        store.write([NewSession(session_row()), *appends("a1", 0, 3)])
    with open_store(store_url) as store:
        assert len(store.load("a1").events) == 3


@pytest.mark.parametrize("seq", [0, 2, 4, 5])
def test_an_event_that_is_not_the_next_is_refused(store: Store, seq: int) -> None:
    """An event would be lost or overwritten, and the others stored as if nothing were missing."""
    store.write([NewSession(session_row()), *appends("a1", 0, 3)])
    other = Event(seq=seq, at=9.0, turn=0, source=Source.CLIENT, body=ErrorRaised(code="x", message="y"))
    with pytest.raises(StoreError, match=f"event {seq} of session a1 does not follow the 3 that are there"):
        store.write([Append("a1", other)])
    assert store.load("a1").events == tuple(event(seq) for seq in range(3))


def test_a_gap_within_a_transaction_is_refused(store: Store) -> None:
    """Only its ends would have been looked at."""
    with pytest.raises(StoreError, match="event 2 of session a1 came, expected 1"):
        store.write([NewSession(session_row()), Append("a1", event(0)), Append("a1", event(2))])
    assert store.load("a1") is None


def test_of_two_that_go_on_with_one_session_one_is_refused(store_url: str) -> None:
    """Two processes would tell two stories in one session."""
    with open_store(store_url) as store, open_store(store_url) as other:
        store.write([NewSession(session_row()), *appends("a1", 0, 3)])
        store.write([Append("a1", event(3))])
        mine = Event(seq=3, at=0.9, turn=0, source=Source.CLIENT, body=ErrorRaised(code="x", message="y"))
        with pytest.raises(StoreError, match="does not follow"):
            other.write([Append("a1", mine)])
        assert store.load("a1").events[-1] == event(3)


def test_a_transaction_is_all_or_nothing(store: Store) -> None:
    """What was never reported as stored would be there in part."""
    store.write([NewSession(session_row()), *appends("a1", 0, 2)])
    with pytest.raises(StoreError):
        store.write(
            [
                NewSession(session_row("b1")),
                *appends("b1", 0, 2),
                PhaseChange("a1", "held"),
                *appends("a1", 2, 2),
                Append("a1", event(7)),
            ]
        )
    assert store.load("b1") is None
    assert (store.load("a1").row.phase, len(store.load("a1").events)) == ("live", 2)


def test_a_commit_whose_answer_was_lost_can_be_repeated(store: Store) -> None:
    """A server lost at the wrong moment would make the session impossible to go on with."""
    writes = [
        NewSession(session_row()),
        *appends("a1", 0, 4),
        Snapshot("a1", 3, "{}"),
        PhaseChange("a1", "held"),
    ]
    store.write(writes)
    store.write(writes)
    store.write([*writes, NewSession(session_row("b1")), *appends("b1", 0, 1)])
    assert [len(store.load(name).events) for name in ("a1", "b1")] == [4, 1]


def test_a_name_is_not_given_twice(store: Store) -> None:
    """One session's events would come under another's name."""
    store.write([NewSession(session_row())])
    with pytest.raises(StoreError, match="session a1 is there already"):
        store.write([NewSession(session_row(client="another"))])


@pytest.mark.parametrize(
    "write", [Append("b1", event(0)), Snapshot("b1", 0, "{}"), PhaseChange("b1", "ended", "idle", 1.0)]
)
def test_a_session_that_is_missing_is_refused(store: Store, write: object) -> None:
    """What belongs to a deleted session would be reported as stored."""
    with pytest.raises(StoreError, match="session b1"):
        store.write([write])


def test_a_snapshot_may_not_be_ahead_of_the_events(store: Store) -> None:
    """A restored context would know of what never happened."""
    store.write([NewSession(session_row()), *appends("a1", 0, 3)])
    with pytest.raises(StoreError, match="session a1 has no event 3 for its snapshot"):
        store.write([Snapshot("a1", 3, "{}")])


def test_the_newest_snapshot_counts(store: Store) -> None:
    """The context would go back in time."""
    store.write([NewSession(session_row()), *appends("a1", 0, 3), Snapshot("a1", 2, "new")])
    store.write([Snapshot("a1", 1, "old")])
    assert (store.load("a1").row.snapshot, store.load("a1").row.snapshot_seq) == ("new", 2)


def test_deleting_leaves_nothing(store: Store) -> None:
    """What somebody said would stay after they asked for its deletion."""
    store.write([NewSession(session_row()), *appends("a1", 0, 3), Snapshot("a1", 2, "{}")])
    assert store.delete("a1")
    assert not store.delete("a1")
    store.write([NewSession(session_row()), *appends("a1", 0, 1)])
    found = store.load("a1")
    assert (len(found.events), found.row.snapshot) == (1, None)


def test_the_list_shows_the_newest_first_and_only_what_was_asked_for(store: Store) -> None:
    """One would look for a session in vain."""
    rows = [
        session_row("a1", opened=1.0),
        session_row("a2", opened=3.0, assistant="rooms"),
        session_row("b%", opened=2.0, phase="ended"),
    ]
    store.write([*map(NewSession, rows), *appends("a2", 0, 2)])
    assert [(one.session, one.events) for one in store.sessions()] == [("a2", 2), ("b%", 0), ("a1", 0)]
    assert [one.session for one in store.sessions(limit=2)] == ["a2", "b%"]
    assert [one.session for one in store.sessions(assistant="rooms")] == ["a2"]
    assert [one.session for one in store.sessions(phases=("live", "held"))] == ["a2", "a1"]
    assert [one.session for one in store.sessions(prefix="a")] == ["a2", "a1"]
    assert [one.session for one in store.sessions(prefix="b%")] == ["b%"]
    for nothing in ("%", "_", "A", "a%", "a1x"):
        assert store.sessions(prefix=nothing) == []
    for limit in (0, -1, 100_001):
        with pytest.raises(StoreError, match=f"{limit} sessions were asked for, expected 1 to 100000"):
            store.sessions(limit=limit)


@pytest.mark.parametrize(
    "field", ["session", "project", "client", "assistant", "token_id", "phase", "reason", "handle", "wish"]
)
def test_no_text_is_taken_for_sql(store: Store, field: str) -> None:
    """A stranger could read, change or delete what others said."""
    row = session_row(**{field: HOSTILE})
    store.write([NewSession(session_row("other")), NewSession(row)])
    store.write([Append(row.session, event(0, HOSTILE)), Snapshot(row.session, 0, HOSTILE)])
    store.write([PhaseChange(row.session, row.phase, HOSTILE)])
    found = store.load(row.session)
    assert getattr(found.row, field) == HOSTILE
    assert (found.row.snapshot, found.row.reason) == (HOSTILE, HOSTILE)
    assert len(store.sessions()) == 2
    assert {one.session for one in store.sessions(prefix=row.session)} == {row.session}
    assert len(store.sessions(assistant=HOSTILE)) == (field == "assistant")
    assert len(store.sessions(phases=(HOSTILE,))) == (field == "phase")
    assert store.load(HOSTILE + "x") is None
    assert not store.delete(HOSTILE + "x")
    assert store.delete(row.session)
    assert store.load("other") is not None


@pytest.mark.parametrize("text", ["nul \0", "half \ud83d", "x" * 201])
@pytest.mark.parametrize("field", ["session", "client", "assistant", "reason"])
def test_a_name_that_not_every_database_holds_is_refused(store: Store, field: str, text: str) -> None:
    """It would work on one database and end the endpoint's writing on the other."""
    with pytest.raises(StoreError, match=rf"{field} of a session (has|is) ") as caught:
        store.write([NewSession(session_row(**{field: text}))])
    assert text not in str(caught.value)


def test_any_text_of_an_event_is_kept(store: Store) -> None:
    """A caller's odd character would end the session."""
    odd = event(1, "nul \0 half \ud83d line\u2028end")
    store.write([NewSession(session_row()), Append("a1", event(0)), Append("a1", odd)])
    assert store.load("a1").events[1] == odd


def test_an_event_has_a_largest_size(store: Store) -> None:
    """One message could fill the disk."""
    store.write([NewSession(session_row()), Append("a1", event(0))])
    with pytest.raises(StoreError, match=r"event 1 of session a1 has 7\d{4} bytes, expected at most 65536"):
        store.write([Append("a1", event(1, "é" * 35_000))])
    store.write([Append("a1", event(1, "é" * 32_000))])
    with pytest.raises(StoreError, match="snapshot of session a1 has 262145 bytes, expected at most 262144"):
        store.write([Snapshot("a1", 1, "x" * 262_145)])


def test_threads_share_a_store(store: Store) -> None:
    """One thread would see another's half-done transaction, or fail because another is writing."""
    write_from_threads(store)


def test_threads_share_a_store_in_memory() -> None:
    """They would all use one connection at the same time."""
    with open_store("sqlite://") as store:
        write_from_threads(store)


def write_from_threads(store: Store) -> None:
    failures = []

    def write(name: str) -> None:
        try:
            store.write([NewSession(session_row(name))])
            for seq in range(30):
                store.write([Append(name, event(seq))])
                assert len(store.load(name).events) == seq + 1
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=write, args=(f"s{number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert {one.events for one in store.sessions()} == {30}
