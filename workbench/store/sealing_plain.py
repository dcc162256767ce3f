"""Sealing what an older version stored readably, when its store is first opened.

The tables are changed first, in one transaction. Then session after session is sealed, some a transaction,
the readable rows going with it; so it may be interrupted and goes on at the next opening. At last the file is
written anew without them, which also takes what was once deleted and not overwritten, and the tables of
readable rows are dropped. Until that is done nobody else gets the store open.
"""

import logging
from typing import Any

from sqlalchemy import Connection, Row, TableClause, column, delete, select, table, update

from workbench.security.sealing import DataKey
from workbench.security.store_keys import StoreKeys
from workbench.store import parts
from workbench.store.database import Database
from workbench.store.heads import Head
from workbench.store.migrating import lock, migrate, version

log = logging.getLogger(__name__)

PLAIN = "0003"
"""The version in which readable rows may wait."""
SEALED_AT_ONCE = 20
"""Sessions of one transaction."""


def _table(name: str, *columns: str) -> TableClause:
    """Return a table as it is in that version, whatever a newer one makes of it."""
    return table(name, *map(column, columns))


_plain_events = _table("plain_events", "session", "seq", "text")
_plain_snapshots = _table("plain_snapshots", "session", "seq", "text")
_sessions = _table("sessions", "session", "wish", "head", "phase", "reason", "closed", *parts.FACTS)
_keys = _table("session_keys", "session", "key_id", "wrapped")
_openings = _table("openings", "session", "sealed")
_events = _table("events", "session", "seq", "sealed")
_snapshots = _table("snapshots", "session", "seq", "sealed")


def bring_up_to_date(database: Database, keys: StoreKeys) -> None:
    """Run all migrations, and seal what is readable in between.

    Raises
    ------
    StoreError
        If the database holds other tables than a store's, or was written by a newer version.
    KeyMissing
        If something has to be sealed and there is no master key.
    """
    place = database.place.name
    with database.writing() as connection:
        migrate(connection, place, PLAIN)
        waits = version(connection) == PLAIN
        if waits and not _holds_sessions(connection):
            waits = False
        if not waits:
            migrate(connection, place)
            return
    count = 0
    while some := _seal_some(database, keys):
        count += some
    database.overwrite(tables=["sessions"], whole=True)
    with database.writing() as connection:
        migrate(connection, place)
    log.info("store %s: %d sessions that were stored readably are sealed now", place, count)


def _holds_sessions(connection: Connection) -> bool:
    return connection.execute(select(_sessions.c.session).limit(1)).first() is not None


def _seal_some(database: Database, keys: StoreKeys) -> int:
    """Seal some sessions, all of each; return how many."""
    with keys.held(database.place.name), database.writing() as connection:
        lock(connection)
        if version(connection) != PLAIN:  # another process was faster
            return 0
        sealed = select(_keys.c.session)
        wanted = select(_sessions).where(_sessions.c.session.not_in(sealed))
        rows = connection.execute(wanted.order_by(_sessions.c.session).limit(SEALED_AT_ONCE)).all()
        for row in rows:
            _seal(connection, row, keys, database.place.name)
        return len(rows)


def _seal(connection: Connection, row: Row[Any], keys: StoreKeys, place: str) -> None:
    name, key, master = row.session, DataKey.new(), keys.wrapping(place)
    wrapped = {"session": name, "key_id": master.key_id, "wrapped": key.wrapped(master, name)}
    connection.execute(_keys.insert(), wrapped)
    label = parts.opening_label({fact: row._mapping[fact] for fact in parts.FACTS}, name)
    connection.execute(_openings.insert(), {"session": name, "sealed": key.seal(label, row.wish.encode())})
    head = Head(phase=row.phase, reason=row.reason, closed=row.closed)
    sealed = []
    plain = select(_plain_events).where(_plain_events.c.session == name).order_by(_plain_events.c.seq)
    for one in connection.execute(plain):
        content = key.seal(parts.event_label(name, one.seq), one.text.encode())
        sealed.append({"session": name, "seq": one.seq, "sealed": content})
    if sealed:
        connection.execute(_events.insert(), sealed)
        head = head.with_events([row["sealed"] for row in sealed])
    shot = connection.execute(select(_plain_snapshots).where(_plain_snapshots.c.session == name)).first()
    if shot is not None:
        content = key.seal(parts.snapshot_label(name, shot.seq), shot.text.encode())
        connection.execute(_snapshots.insert(), {"session": name, "seq": shot.seq, "sealed": content})
        head = head.with_snapshot(shot.seq, content)
    for old in (_plain_events, _plain_snapshots):
        connection.execute(delete(old).where(old.c.session == name))
    change = update(_sessions).where(_sessions.c.session == name)
    connection.execute(change.values(head=head.sealed(key, name), wish=""))
