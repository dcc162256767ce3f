"""Sessions and their events as rows: written in order, each event once.

Every write may be repeated: a commit whose answer was lost is tried again, and what is there already, just
so, counts as written. What is there differently is refused: two processes can't go on with one session.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from itertools import groupby
from typing import Any, TypeVar

from sqlalchemy import Connection, Row, bindparam, delete, func, select, update

from workbench.core.wire import event_from_json
from workbench.errors import ProtocolError, StoreError
from workbench.store.fields import checked_session, checked_text, event_text, insert
from workbench.store.rows import (
    Append,
    NewSession,
    PhaseChange,
    SessionRow,
    SessionSummary,
    Snapshot,
    StoredSession,
    Write,
)
from workbench.store.schema import events, sessions, snapshots

SNAPSHOT_BYTES_MAX = 262_144
"""Largest snapshot."""

W = TypeVar("W", NewSession, Append, Snapshot, PhaseChange)

_FACTS = ("project", "client", "assistant", "token_id", "opened", "handle", "wish")
"""What about a session never changes."""

_COUNT = (
    update(sessions)
    .where(sessions.c.session == bindparam("of"), sessions.c.events == bindparam("first"))
    .values(events=bindparam("next"))
)
_PHASE = (
    update(sessions)
    .where(sessions.c.session == bindparam("of"))
    .values(phase=bindparam("to"), reason=bindparam("why"), closed=bindparam("when"))
)


def prepared(writes: Iterable[Write], place: str) -> list[Write]:
    """Return ``writes`` with their texts rendered and checked, ready for a short transaction.

    Raises
    ------
    StoreError
        If a text is too long, or one that a database can't hold.
    """
    ready: list[Write] = []
    for write in writes:
        match write:
            case NewSession(row):
                checked_session(row, place)
                if row.snapshot is not None:
                    raise StoreError(place, f"session {row.session} came with a snapshot, expected one apart")
            case Append(session, event, text):
                write = Append(session, event, event_text(event, text, session, place))
            case Snapshot(session, _, text):
                checked_text(text, f"snapshot of session {session}", place, SNAPSHOT_BYTES_MAX)
            case PhaseChange(session, phase, reason, _):
                for value in (phase, reason):
                    checked_text(value, f"phase or reason of session {session}", place)
        ready.append(write)
    return ready


def write(connection: Connection, writes: Sequence[Write], place: str) -> None:
    """Write what :func:`prepared` returned, in order.

    Raises
    ------
    StoreError
        If a session is there already, or missing, or an event is not its next one.
    """
    for kind, run in groupby(writes, type):
        if kind is NewSession:
            _begin(connection, _all(run, NewSession), place)
        elif kind is Append:
            _append(connection, _all(run, Append), place)
        elif kind is Snapshot:
            _snapshot(connection, _all(run, Snapshot), place)
        else:
            _change_phase(connection, _all(run, PhaseChange), place)


def load(connection: Connection, session: str, since: int, place: str) -> StoredSession | None:
    """Return a session with its events from ``since`` on, None if there is none of that name."""
    row = _row(connection, session)
    if row is None:
        return None
    wanted = select(events.c.text).where(events.c.session == session, events.c.seq >= since)
    texts = connection.scalars(wanted.order_by(events.c.seq))
    try:
        found = tuple(map(event_from_json, texts))
    except ProtocolError as error:
        raise StoreError(place, f"session {session} holds what is no event: {error.problem}") from None
    return StoredSession(row=row, events=found)


def summaries(
    connection: Connection,
    *,
    assistant: str | None,
    phases: Iterable[str] | None,
    prefix: str,
    limit: int,
) -> list[SessionSummary]:
    """Return the newest sessions first; before them the one that is called ``prefix``."""
    table = sessions.c
    columns = [table[name] for name in SessionSummary.__dataclass_fields__]
    wanted = select(*columns).limit(limit)
    if assistant is not None:
        wanted = wanted.where(table.assistant == assistant)
    if phases is not None:
        wanted = wanted.where(table.phase.in_(list(phases)))
    if prefix:
        # Not LIKE: its wildcards, and SQLite's is blind to case.
        wanted = wanted.where(func.substr(table.session, 1, len(prefix)) == prefix)
        wanted = wanted.order_by(table.session != prefix)
    ordered = wanted.order_by(table.opened.desc(), table.session)
    return [SessionSummary(**row._mapping) for row in connection.execute(ordered)]


def remove(connection: Connection, session: str) -> bool:
    """Delete a session and all that belongs to it; return whether it was there."""
    return connection.execute(delete(sessions).where(sessions.c.session == session)).rowcount == 1


def _all(run: Iterable[Write], kind: type[W]) -> list[W]:
    return [one for one in run if isinstance(one, kind)]


def _begin(connection: Connection, news: list[NewSession], place: str) -> None:
    rows = [_without_snapshot(new.row) | {"events": 0} for new in news]
    done = connection.execute(insert(connection, sessions).on_conflict_do_nothing(), rows)
    if done.rowcount != len(news):
        for new in news:
            if not _same(_row(connection, new.session), new.row):
                raise StoreError(place, f"session {new.session} is there already")


def _append(connection: Connection, appends: list[Append], place: str) -> None:
    """Move each session's count from its first new event to behind its last, then insert the events."""
    by_session: dict[str, list[Append]] = {}
    for one in appends:
        by_session.setdefault(one.session, []).append(one)
    counts = []
    for session, own in by_session.items():
        first = own[0].event.seq
        for seq, one in enumerate(own, start=first):
            if one.event.seq != seq:
                raise StoreError(place, f"event {one.event.seq} of session {session} came, expected {seq}")
        counts.append({"of": session, "first": first, "next": first + len(own)})
    if connection.execute(_COUNT, counts).rowcount != len(counts):
        appends = [
            one
            for session, own in by_session.items()
            if not _is_there(connection, session, own, place)
            for one in own
        ]
    rows = [{"session": one.session, "seq": one.event.seq, "text": one.text} for one in appends]
    if rows:
        connection.execute(events.insert(), rows)


def _is_there(connection: Connection, session: str, own: list[Append], place: str) -> bool:
    """Return whether these events were written before; raise if they neither were nor come next."""
    first, last = own[0].event.seq, own[-1].event.seq
    count = connection.scalar(select(sessions.c.events).where(sessions.c.session == session))
    if count is None:
        raise StoreError(place, f"has no session {session}")
    found = connection.scalars(
        select(events.c.text)
        .where(events.c.session == session, events.c.seq.between(first, last))
        .order_by(events.c.seq)
    ).all()
    if not found and count == last + 1:  # the count was moved just now
        return False
    if list(found) == [one.text for one in own]:
        return True
    raise StoreError(place, f"event {first} of session {session} does not follow the {count} that are there")


def _snapshot(connection: Connection, shots: list[Snapshot], place: str) -> None:
    names = {shot.session for shot in shots}
    counted = select(sessions.c.session, sessions.c.events).where(sessions.c.session.in_(names))
    counts = {row.session: row.events for row in connection.execute(counted)}
    for shot in shots:
        if shot.seq >= counts.get(shot.session, 0):
            raise StoreError(place, f"session {shot.session} has no event {shot.seq} for its snapshot")
    new = insert(connection, snapshots)
    statement = new.on_conflict_do_update(
        index_elements=["session"],
        set_={"seq": new.excluded.seq, "text": new.excluded.text},
        where=snapshots.c.seq <= new.excluded.seq,
    )
    connection.execute(
        statement, [{"session": shot.session, "seq": shot.seq, "text": shot.text} for shot in shots]
    )


def _change_phase(connection: Connection, changes: list[PhaseChange], place: str) -> None:
    rows = [
        {"of": change.session, "to": change.phase, "why": change.reason, "when": change.closed}
        for change in changes
    ]
    if connection.execute(_PHASE, rows).rowcount != len(rows):
        names = ", ".join(sorted({change.session for change in changes}))
        raise StoreError(place, f"has no session {names}")


def _row(connection: Connection, session: str) -> SessionRow | None:
    wanted = (
        select(sessions, snapshots.c.text.label("snapshot"), snapshots.c.seq.label("snapshot_seq"))
        .join_from(sessions, snapshots, isouter=True)
        .where(sessions.c.session == session)
    )
    found: Row[Any] | None = connection.execute(wanted).one_or_none()
    if found is None:
        return None
    values = dict(found._mapping)
    del values["events"]
    if values["snapshot_seq"] is None:
        values["snapshot_seq"] = -1
    return SessionRow(**values)


def _without_snapshot(row: SessionRow) -> dict[str, object]:
    return {name: value for name, value in asdict(row).items() if name not in ("snapshot", "snapshot_seq")}


def _same(stored: SessionRow | None, row: SessionRow) -> bool:
    return stored is not None and all(getattr(stored, name) == getattr(row, name) for name in _FACTS)
