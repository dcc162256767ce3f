"""What is stored is changed behind the store's back: noticed, named, and nothing else lost."""

from collections.abc import Iterator, Sequence

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from rows_of import appends, event, session_row
from sqlalchemy import Row, Table
from tampering import SEALED, Tampering

from workbench.core.events import ErrorRaised, Event, Source
from workbench.errors import StoreDamaged
from workbench.store.parts import CHANGED
from workbench.store.rows import Append, NewSession, PhaseChange, Snapshot
from workbench.store.schema import events, openings, session_keys, sessions, snapshots
from workbench.store.store import Store

EVENTS = tuple(event(seq) for seq in range(6))


@pytest.fixture
def written(store: Store) -> Store:
    """Return a store with two sessions, ``a1`` and ``b1``, alike but for their names."""
    for name in ("a1", "b1"):
        store.write([NewSession(session_row(name)), *appends(name, 0, 4), Snapshot(name, 3, '{"of": 3}')])
        store.write([*appends(name, 4, 2), Snapshot(name, 5, '{"of": 5}')])
        store.write([PhaseChange(name, "held", "lost")])
    return store


@pytest.fixture
def hand(written: Store, store_url: str) -> Iterator[Tampering]:
    """Return what changes rows."""
    tampering = Tampering(store_url)
    yield tampering
    tampering.close()


def damage_of(store: Store, session: str = "a1") -> list[str]:
    """Return what is noticed of a session, the same by all ways of reading; the other one is whole."""
    whole = "b1" if session == "a1" else "a1"
    assert store.load(whole).events == EVENTS
    assert {one.session for one in store.sessions()} == {"a1", "b1"}
    with pytest.raises(StoreDamaged, match=f"session {session}: ") as caught:
        store.load(session)
    return [str(one) for one in caught.value.damage]


def left_of(store: Store) -> tuple[int, ...]:
    """Return the numbers of the events of ``a1`` that can be read, each as it was."""
    found = store.examine("a1").stored.events
    assert all(EVENTS[one.seq] == one for one in found)
    return tuple(one.seq for one in found)


def flipped(sealed: bytes, bit: int) -> bytes:
    changed = bytearray(sealed)
    changed[bit // 8 % len(sealed)] ^= 1 << bit % 8
    return bytes(changed)


ROWS = [("event", 0), ("event", 3), ("event", 5), ("snapshot", None), ("opening", None), ("head", None)]


@pytest.mark.parametrize(("kind", "seq"), ROWS)
def test_a_flipped_bit_is_noticed(written: Store, hand: Tampering, kind: str, seq: int | None) -> None:
    """Somebody could change what was said; or one bad bit would take a whole session with it."""
    table, column = SEALED[kind]
    sealed = getattr(hand.rows(table)[seq or 0], column)

    @settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.integers(0, 8 * len(sealed) - 1))
    def flip(bit: int) -> None:
        hand.set(table, at=seq, **{column: flipped(sealed, bit)})
        name = {"event": f"event {seq}", "snapshot": "snapshot 5"}.get(kind, f"the {kind}")
        assert damage_of(written) == [f"{name} {CHANGED}"]
        assert left_of(written) == tuple(one for one in range(6) if one != seq)

    flip()
    hand.set(table, at=seq, **{column: sealed})
    assert written.load("a1").events == EVENTS


def test_a_flipped_bit_of_a_key_is_noticed(written: Store, hand: Tampering) -> None:
    """One would be told that the events are damaged, all of them, and look for the wrong thing."""
    sealed = hand.rows(session_keys)[0].wrapped
    for bit in (0, 9, 200, 8 * len(sealed) - 1):
        hand.set(session_keys, wrapped=flipped(sealed, bit))
        assert damage_of(written) == [f"the key {CHANGED}"]
    hand.set(session_keys, wrapped=sealed)
    assert written.load("a1").events == EVENTS


@pytest.mark.parametrize("kind", list(SEALED))
@pytest.mark.parametrize("length", [0, 5, 28, -17, -1])
def test_what_was_cut_off_is_noticed(written: Store, hand: Tampering, kind: str, length: int) -> None:
    """The end of what was said would be gone, or a short row end the endpoint."""
    table, column = SEALED[kind]
    hand.set(
        table,
        at=2 if kind == "event" else None,
        **{column: getattr(hand.rows(table)[2 if kind == "event" else 0], column)[:length]},
    )
    found = damage_of(written)
    assert len(found) == 1
    assert kind in found[0]


def test_two_swapped_events_are_noticed(written: Store, hand: Tampering) -> None:
    """An answer could be put behind another question."""
    rows = hand.rows(events)
    hand.set(events, at=1, sealed=rows[3].sealed)
    hand.set(events, at=3, sealed=rows[1].sealed)
    assert damage_of(written) == [f"event 1 {CHANGED}", f"event 3 {CHANGED}"]
    assert left_of(written) == (0, 2, 4, 5)


@pytest.mark.parametrize("kind", list(SEALED))
def test_what_was_taken_from_another_session_is_noticed(written: Store, hand: Tampering, kind: str) -> None:
    """One caller could be made to have said what another said."""
    table, column = SEALED[kind]
    seq = 2 if kind == "event" else None
    hand.set(table, at=seq, **{column: getattr(hand.rows(table, "b1")[seq or 0], column)})
    name = {"event": "event 2", "snapshot": "snapshot 5"}.get(kind, f"the {kind}")
    assert damage_of(written) == [f"{name} {CHANGED}"]


def test_a_whole_other_session_is_noticed(written: Store, hand: Tampering) -> None:
    """With its key taken as well, one session could stand for another."""
    for table, column in SEALED.values():
        for row in hand.rows(table, "b1"):
            hand.set(table, at=row.seq if table is events else None, **{column: getattr(row, column)})
    assert damage_of(written) == [f"the key {CHANGED}"]


@pytest.mark.parametrize("seq", [0, 2, 5])
def test_a_missing_event_is_noticed(written: Store, hand: Tampering, seq: int) -> None:
    """What somebody regrets could be taken out of the middle, or off the end."""
    hand.remove(events, at=seq)
    assert damage_of(written) == [f"event {seq} is missing"]
    assert left_of(written) == tuple(one for one in range(6) if one != seq)


def test_an_end_that_was_cut_off_with_its_count_is_noticed(written: Store, hand: Tampering) -> None:
    """A conversation could be made to have ended before the point."""
    hand.remove(events, at=5)
    hand.set(sessions, events=5)
    assert damage_of(written) == [
        "the head does not fit the session's row: one of them is an older one",
        "event 5 is missing",
    ]


def test_an_event_too_many_is_noticed(written: Store, hand: Tampering) -> None:
    """The last one of a time that was taken back could be put at the end."""
    last = hand.rows(events)[5:]
    older = copy_of(hand)
    hand.remove(events, at=5)
    with pytest.raises(StoreDamaged, match="event 5 is missing"):
        written.load("a1")
    hand.put(events, last)
    later = (event(6), event(7))
    written.write([Append("a1", one) for one in later])
    newest = hand.rows(events)[6:]
    put_back(hand, older)
    assert written.load("a1").events == EVENTS  # all of it put back together is not told apart here
    hand.put(events, newest)
    assert damage_of(written) == [f"event {seq} is one too many, there were 6" for seq in (6, 7)]
    assert left_of(written) == tuple(range(6))


@pytest.mark.parametrize("missing", ["snapshot", "opening", "key"])
def test_what_is_missing_is_noticed(written: Store, hand: Tampering, missing: str) -> None:
    """A session would go on as if it had just begun."""
    hand.remove(SEALED[missing][0])
    name = "snapshot 5" if missing == "snapshot" else f"the {missing}"
    assert damage_of(written) == [f"{name} is missing"]


@pytest.mark.parametrize("part", ["snapshot", "head"])
def test_an_older_one_put_back_is_noticed(written: Store, hand: Tampering, part: str) -> None:
    """The assistant could be taken back to what it knew before."""
    older = copy_of(hand)
    written.write([Append("a1", event(6)), Snapshot("a1", 6, '{"of": 6}')])
    if part == "snapshot":
        row = older[snapshots][0]
        hand.set(snapshots, seq=row.seq, sealed=row.sealed)
        expected = ["snapshot 5 is an older one"]
    else:
        hand.set(sessions, head=older[sessions][0].head)
        expected = [
            "the head does not fit the session's row: one of them is an older one",
            "snapshot 6 is an older one",
            "event 6 is one too many, there were 6",
        ]
    with pytest.raises(StoreDamaged) as caught:
        written.load("a1")
    assert [str(one) for one in caught.value.damage] == expected


def test_an_older_event_put_back_is_noticed(written: Store, hand: Tampering) -> None:
    """Of a time that was taken back, one answer could be put among those given since."""
    before = copy_of(hand)
    written.write([Append("a1", event(6))])
    first = hand.rows(events)[6]
    put_back(hand, before)
    other = Event(seq=6, at=9.0, turn=0, source=Source.CLIENT, body=ErrorRaised(code="x", message="y"))
    written.write([Append("a1", other)])
    assert written.load("a1").events == (*EVENTS, other)
    hand.set(events, at=6, sealed=first.sealed)
    assert damage_of(written) == ["the run of events is of 7 whole ones, but one of them is an older one"]


@pytest.mark.parametrize(
    ("column", "value", "part"),
    [
        ("project", "another", "opening"),
        ("client", None, "opening"),
        ("client", "another", "opening"),
        ("assistant", "rooms", "opening"),
        ("token_id", "t-2", "opening"),
        ("opened", 1_750_000_000.5, "opening"),
        ("handle", "cd" * 32, "opening"),
        ("phase", "live", "head"),
        ("reason", "", "head"),
        ("closed", 1_750_000_009.5, "head"),
        ("events", 9, "head"),
    ],
)
def test_a_session_s_own_columns_are_bound_to_it(
    written: Store, hand: Tampering, column: str, value: object, part: str
) -> None:
    """Whoever writes to the file could make a session their own, and resume it."""
    hand.set(sessions, **{column: value})
    problem = CHANGED if part == "opening" else "does not fit the session's row: one of them is an older one"
    assert damage_of(written) == [f"the {part} {problem}"]
    assert left_of(written) == tuple(range(6))


@pytest.mark.parametrize("kind", ["head", "key"])
def test_nothing_is_added_to_what_is_damaged(written: Store, hand: Tampering, kind: str) -> None:
    """A session would go on from what somebody put there, and the damage be sealed over."""
    table, column = SEALED[kind]
    hand.set(table, **{column: flipped(getattr(hand.rows(table)[0], column), 100)})
    with pytest.raises(StoreDamaged, match=f"session a1: the {kind} is not what was written"):
        written.write([Append("b1", event(6)), Append("a1", event(6))])
    written.write([Append("b1", event(6))])
    assert len(written.load("b1").events) == 7


def copy_of(hand: Tampering) -> dict[Table, Sequence[Row]]:
    """Return all rows of ``a1``."""
    return {table: hand.rows(table) for table in (sessions, session_keys, openings, events, snapshots)}


def put_back(hand: Tampering, rows: dict[Table, Sequence[Row]]) -> None:
    """Make the rows of ``a1`` what they were."""
    hand.remove(sessions)
    for table, some in rows.items():
        hand.put(table, some)
