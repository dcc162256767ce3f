"""The store: sessions with their events, used tokens, revocations and the audit trail, behind one object.

Everything here blocks and may be called from any thread; the endpoint's event loop goes through
``workbench.endpoint.storing``. Each call is one transaction.
"""

from collections.abc import Collection, Sequence
from types import TracebackType

from workbench.core.audit import AuditEntry
from workbench.errors import StoreError
from workbench.store import ledger, sessions, trail
from workbench.store.database import Database
from workbench.store.fields import checked_text
from workbench.store.migrating import is_store, migrate
from workbench.store.rows import RevocationKind, SessionSummary, StoredSession, Write
from workbench.store.urls import place_of

FORGET_EVERY = 60.0
"""Seconds between deletions of expired rows, by the callers' clock."""

LIST_MAX = 100_000
"""Most sessions of one list."""


class Store:
    """One database of sessions; close it, or use it as a context manager."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._forgot = 0.0

    @property
    def place(self) -> str:
        """Return what errors call it: a path, or host and database."""
        return self._database.place.name

    def write(self, writes: Sequence[Write]) -> None:
        """Write all of ``writes``, in order, or nothing; what is there already, just so, counts as written.

        Raises
        ------
        StoreError
            If one of them is refused: an event is not its session's next one, a session is there already or
            is missing, a text is too long or not storable.
        StoreFailed
            If the database did not take them; they may be tried again.
        """
        ready = sessions.prepared(writes, self.place)
        with self._database.writing() as connection:
            sessions.write(connection, ready, self.place)

    def load(self, session: str, since: int = 0) -> StoredSession | None:
        """Return a session and its events from ``since`` on, None if there is none of that name.

        An hour's events take about a second of the processor to read: ask for those that are needed.
        """
        checked_text(session, "the name of a session", self.place)
        with self._database.reading() as connection:
            return sessions.load(connection, session, since, self.place)

    def sessions(
        self,
        *,
        assistant: str | None = None,
        phases: Collection[str] | None = None,
        prefix: str = "",
        limit: int = 1000,
    ) -> list[SessionSummary]:
        """Return the newest ``limit`` sessions, newest first.

        Parameters
        ----------
        assistant : only those with it
        phases : only those in one of them
        prefix : only those whose name begins with it; the one whose whole name it is comes first
        limit : 1..100,000
        """
        for value in (assistant or "", prefix, *(phases or ())):
            checked_text(value, "what was searched for", self.place)
        if not 1 <= limit <= LIST_MAX:
            raise StoreError(self.place, f"{limit} sessions were asked for, expected 1 to {LIST_MAX}")
        with self._database.reading() as connection:
            return sessions.summaries(
                connection, assistant=assistant, phases=phases, prefix=prefix, limit=limit
            )

    def delete(self, session: str) -> bool:
        """Delete a session with its events and snapshot; return whether it was there."""
        checked_text(session, "the name of a session", self.place)
        with self._database.writing() as connection:
            return sessions.remove(connection, session)

    def use_token(self, token_id: str, session: str, until: float) -> str:
        """Note that ``session`` uses a token that expires at ``until``; return the session that did first."""
        for value in (token_id, session):
            checked_text(value, "a token's or a session's name", self.place)
        with self._database.writing() as connection:
            return ledger.use_token(connection, token_id, session, until)

    def revoke(self, kind: RevocationKind, name: str, until: float) -> None:
        """Let ``name`` in no longer, until ``until``, Unix seconds."""
        checked_text(name, f"the name of a {kind}", self.place)
        with self._database.writing() as connection:
            ledger.revoke(connection, kind, name, until)

    def revocations(self, now: float) -> frozenset[tuple[str, str]]:
        """Return the (kind, name) of what is revoked at ``now``.

        Once a minute it also deletes used tokens and revocations that expired over an hour before ``now``.
        """
        if abs(now - self._forgot) >= FORGET_EVERY:
            self._forgot = now
            with self._database.writing() as connection:
                ledger.forget_expired(connection, now)
        with self._database.reading() as connection:
            return ledger.revoked(connection, now)

    def audit(self, entries: Sequence[AuditEntry]) -> None:
        """Add to the audit trail, which keeps the newest 100,000 entries."""
        with self._database.writing() as connection:
            trail.add(connection, entries)

    def audit_entries(self, *, limit: int = 1000, kind: str | None = None) -> list[AuditEntry]:
        """Return the newest ``limit`` entries of the audit trail, oldest first."""
        checked_text(kind or "", "a kind of entry", self.place)
        with self._database.reading() as connection:
            return trail.newest(connection, max(1, min(limit, trail.KEPT)), kind)

    def close(self) -> None:
        """Close its connections."""
        self._database.close()

    def __enter__(self) -> "Store":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def open_store(url: str) -> Store:
    """Return the store at ``url``, made if it is missing, its tables brought up to date.

    Parameters
    ----------
    url : ``sqlite:///PATH``, ``postgresql://USER@HOST/DATABASE``, or ``sqlite://`` for one in memory

    Raises
    ------
    StoreError
        If the URL is no such, the place can't be opened, holds something else, or was written by a newer
        version.
    EngineMissing
        If PostgreSQL's driver is not installed.
    """
    return _open(Database(place_of(url)))


def open_existing_store(url: str) -> Store:
    """Return the store at ``url``; raises StoreError also if there is none yet."""
    place = place_of(url)
    if place.is_missing():
        raise StoreError(place.name, "is not there")
    database = Database(place)
    try:
        with database.reading() as connection:
            if not is_store(connection):
                raise StoreError(place.name, "is not a store of sessions")
    except BaseException:
        database.close()
        raise
    return _open(database)


def _open(database: Database) -> Store:
    try:
        with database.writing() as connection:
            migrate(connection, database.place.name)
        database.log_ahead()
    except BaseException:
        database.close()
        raise
    return Store(database)
