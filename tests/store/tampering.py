"""What somebody with the database file, but without a key, could do to what is stored."""

from collections.abc import Sequence

from sqlalchemy import Row, Table, select

from workbench.store.database import Database
from workbench.store.schema import events, openings, session_keys, sessions, snapshots
from workbench.store.urls import place_of

SEALED = {
    "event": (events, "sealed"),
    "snapshot": (snapshots, "sealed"),
    "opening": (openings, "sealed"),
    "key": (session_keys, "wrapped"),
    "head": (sessions, "head"),
}
"""Every column with something sealed."""


class Tampering:
    """Changes rows behind the store's back."""

    def __init__(self, url: str) -> None:
        self._database = Database(place_of(url))

    def rows(self, table: Table, session: str = "a1") -> Sequence[Row]:
        """Return a session's rows, an events table's in order."""
        wanted = select(table).where(table.c.session == session)
        with self._database.reading() as connection:
            return connection.execute(wanted.order_by(table.c.seq) if "seq" in table.c else wanted).all()

    def set(self, table: Table, session: str = "a1", at: int | None = None, **values: object) -> None:
        """Change columns of a row, of events that with number ``at``."""
        change = table.update().where(table.c.session == session)
        if at is not None:
            change = change.where(table.c.seq == at)
        with self._database.writing() as connection:
            assert connection.execute(change.values(values)).rowcount == 1

    def remove(self, table: Table, session: str = "a1", at: int | None = None) -> None:
        """Delete a session's rows, or the one with number ``at``."""
        change = table.delete().where(table.c.session == session)
        if at is not None:
            change = change.where(table.c.seq == at)
        with self._database.writing() as connection:
            assert connection.execute(change).rowcount

    def put(self, table: Table, rows: Sequence[Row]) -> None:
        """Insert rows that were there once."""
        with self._database.writing() as connection:
            connection.execute(table.insert(), [dict(row._mapping) for row in rows])

    def close(self) -> None:
        """Close it."""
        self._database.close()
