"""Writes of one transaction: what each does to its session, then all of it sealed and in few statements."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from typing import Any

from sqlalchemy import Connection, bindparam, select, update

from workbench.errors import Damage, StoreDamaged, StoreError
from workbench.security.keyring import Key
from workbench.security.sealing import DataKey, tag_of
from workbench.security.store_keys import StoreKeys
from workbench.store import parts
from workbench.store.changing import Changing
from workbench.store.fields import checked_session, checked_text, event_text, insert
from workbench.store.heads import Head, opened_head
from workbench.store.rows import (
    Append,
    Lease,
    NewSession,
    NewVault,
    PhaseChange,
    SessionRow,
    Snapshot,
    Write,
)
from workbench.store.schema import events, leases, openings, session_keys, sessions, snapshots, vaults
from workbench.store.standings import AT_REST, Standing, standing_of
from workbench.store.vaults import sealed_vault

SNAPSHOT_BYTES_MAX = 262_144
"""Largest snapshot."""

_CHANGE = (
    update(sessions)
    .where(sessions.c.session == bindparam("of"), sessions.c.events == bindparam("before"))
    .values({name: bindparam(f"new_{name}") for name in ("events", "head", "phase", "reason", "closed")})
)


_THERE = (
    select(sessions, session_keys.c.key_id, session_keys.c.wrapped)
    .join_from(sessions, session_keys, isouter=True)
    .where(sessions.c.session.in_(bindparam("names", expanding=True)))
    .order_by(sessions.c.session)
    .with_for_update(of=sessions)
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
            case NewSession(row, lease):
                if lease is not None:
                    checked_text(lease.process, "the name of a process", place)
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


def write(
    connection: Connection, writes: Sequence[Write], keys: StoreKeys, place: str
) -> dict[str, Standing]:
    """Write what :func:`prepared` returned, in order; return how sessions stand that are at rest by now.

    Raises
    ------
    StoreError
        If a session is there already, or missing, or an event is not its next one.
    StoreDamaged
        If a session's key or head is not what was written.
    KeyMissing
        If a master key is not at hand.
    """
    changed = _changing(connection, {write.session for write in writes}, keys, place)
    for write in writes:
        known = changed.get(write.session)
        if isinstance(write, NewSession):
            if known is None:
                changed[write.session] = _new(write.row, write.lease)
            else:
                known.begun = write.row
        elif known is None:
            if isinstance(write, Snapshot):
                raise StoreError(place, f"session {write.session} has no event {write.seq} for its snapshot")
            raise StoreError(place, f"has no session {write.session}")
        elif isinstance(write, Append):
            known.append(write, place)
        elif isinstance(write, Snapshot):
            known.remember(write, place)
        elif isinstance(write, NewVault):
            known.lock_away(write, place)
        else:
            known.move(write)
    for one in changed.values():
        one.compare(connection, place)
    _execute(connection, list(changed.values()), keys, place)
    return {
        name: standing_of(one.sealed_head, one.head.phase, one.head.events)
        for name, one in changed.items()
        if one.sealed_head is not None and one.head.phase in AT_REST
    }


def _new(row: SessionRow, lease: Lease | None) -> Changing:
    return Changing(
        session=row.session,
        key=DataKey.new(),
        head=Head(phase=row.phase, reason=row.reason, closed=row.closed),
        before=None,
        facts={name: getattr(row, name) for name in parts.FACTS},
        row=row,
        lease=lease,
    )


def _changing(connection: Connection, names: set[str], keys: StoreKeys, place: str) -> dict[str, Changing]:
    """Return those of the sessions that are there, locked until the transaction's end."""
    rows = [row for some in parts.batches(names) for row in connection.execute(_THERE, {"names": some}).all()]
    found = {}
    for row in rows:
        key = parts.opened_key(row, keys, place)
        head = opened_head(key, row.session, row.head)
        if head is None:
            raise StoreDamaged(place, row.session, [Damage("head", None, parts.CHANGED)])
        if head.events != row.events:
            raise StoreDamaged(place, row.session, [Damage("head", None, parts.OLD)])
        facts = {name: row._mapping[name] for name in parts.FACTS}
        found[row.session] = Changing(session=row.session, key=key, head=head, before=head, facts=facts)
    return found


def _execute(connection: Connection, changed: list[Changing], keys: StoreKeys, place: str) -> None:
    """Execute what the sessions have come to, rows of one kind in one statement."""
    appended = [
        {"session": one.session, "seq": seq, "sealed": sealed}
        for one in changed
        for seq, sealed in enumerate(one.events, start=one.head.events)
    ]
    for one in changed:
        one.head = one.head.with_events(one.events)
    begun = [(one, one.row) for one in changed if one.row is not None]
    if begun:
        _begin(connection, begun, parts.wrapping_key(connection, keys, place))
    if appended:
        connection.execute(events.insert(), appended)
    shots = [
        {"session": one.session, "seq": one.head.snapshot_seq, "sealed": one.snapshot}
        for one in changed
        if one.snapshot is not None
    ]
    if shots:
        new = insert(connection, snapshots)
        values = {"seq": new.excluded.seq, "sealed": new.excluded.sealed}
        connection.execute(new.on_conflict_do_update(index_elements=["session"], set_=values), shots)
    moved = [
        {"of": one.session, "before": one.before.events}
        | {f"new_{name}": value for name, value in one.columns().items()}
        for one in changed
        if one.before is not None and one.head != one.before
    ]
    if moved and connection.execute(_CHANGE, moved).rowcount != len(moved):
        raise StoreError(place, "has changed under a transaction's hands")


def _begin(connection: Connection, new: list[tuple[Changing, SessionRow]], master: Key) -> None:
    locked_away: list[dict[str, Any]] = []
    for one, _ in new:
        if one.secrets is not None:
            vault = sealed_vault(one.session, one.secrets, master)
            one.head = replace(one.head, vault=tag_of(vault["sealed"]))
            locked_away.append(vault)
    facts = [{k: v for k, v in asdict(row).items() if k in sessions.c} | one.columns() for one, row in new]
    connection.execute(sessions.insert(), facts)
    wrapped = [
        {
            "session": one.session,
            "key_id": master.key_id,
            "wrapped": one.key.wrapped(master, one.session),
        }
        for one, _ in new
    ]
    connection.execute(session_keys.insert(), wrapped)
    sealed = [
        {
            "session": row.session,
            "sealed": one.key.seal(parts.opening_label(row, row.session), row.wish.encode()),
        }
        for one, row in new
    ]
    connection.execute(openings.insert(), sealed)
    if locked_away:
        connection.execute(vaults.insert(), locked_away)
    taken = [{"session": one.session, **asdict(one.lease)} for one, _ in new if one.lease is not None]
    if taken:
        connection.execute(leases.insert(), taken)
