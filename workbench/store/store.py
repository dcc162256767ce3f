"""The store: sessions with their events, used tokens, revocations and the audit trail, behind one object.

Everything here blocks and may be called from any thread; the endpoint's event loop goes through
``workbench.endpoint.storing``. Each call is one transaction.
"""

from collections.abc import Collection, Sequence
from contextlib import nullcontext
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import TracebackType

from workbench.core.audit import AuditEntry
from workbench.core.audit_chain import ChainKeys
from workbench.errors import StoreDamaged, StoreError, StoreFailed
from workbench.security.head_notes import HeadNotes
from workbench.security.keyring import Key, Keyring
from workbench.security.keys import new_key
from workbench.security.store_keys import StoreKeys
from workbench.store import ledger, retention, sessions, withdrawals, writing
from workbench.store.audited import Audited
from workbench.store.database import Database
from workbench.store.fields import checked_text
from workbench.store.leases import Leases
from workbench.store.migrating import is_store
from workbench.store.projects import Projects
from workbench.store.rows import NewSession, NewVault, RevocationKind, SessionSummary, StoredSession, Write
from workbench.store.schema import KEY_TABLES
from workbench.store.sealing_plain import bring_up_to_date
from workbench.store.session_keys import SessionKeys
from workbench.store.sessions import Found
from workbench.store.standings import GONE, Standing
from workbench.store.urls import Place, place_of
from workbench.store.vaults import Vaults
from workbench.store.withdrawals import Withdrawals

FORGET_EVERY = 60.0
"""Seconds between deletions of expired rows, by the callers' clock."""

LIST_MAX = 100_000
"""Most sessions of one list."""


class Store:
    """One database of sessions; close it, or use it as a context manager.

    Parameters
    ----------
    database : where it is
    keys : the master keys; asked for only once something sealed is written or read
    audit_keys : sign the audit trail; without them it can be read only
    audit_archive : folder for its old parts; beside the file of an SQLite store if not given, else none
    audit_notes : where its end is noted outside the store; nowhere if not given
    """

    def __init__(
        self,
        database: Database,
        keys: StoreKeys,
        *,
        audit_keys: ChainKeys | None = None,
        audit_archive: Path | None = None,
        audit_notes: HeadNotes | None = None,
    ) -> None:
        self._database = database
        self._keys = keys
        self.keys = SessionKeys(database, keys)
        """The sessions' keys: whether they can be had, and wrapping them anew."""
        self.projects = Projects(database)
        """Who may hold sessions, and how much of that is used."""
        self.vaults = Vaults(database, keys)
        """What leads back from the tokens in masked sessions."""
        self.leases = Leases(database)
        """Which process has a session in memory."""
        self.withdrawals = Withdrawals(database)
        """What is still to be destroyed as consent was withdrawn."""
        self._forgot = 0.0
        self.trail = Audited(database, audit_keys, audit_archive, audit_notes)
        """What was done: searched, checked, and its end noted outside the store."""

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
        StoreDamaged
            If what one of them goes on from is not what was written.
        KeyMissing
            If a master key is not at hand.
        StoreFailed
            If the database did not take them; they may be tried again.
        """
        ready = writing.prepared(writes, self.place)
        begins = any(isinstance(write, NewSession) for write in ready)
        wrapping = self._keys.held(self.place) if begins else nullcontext()
        with wrapping, self._database.writing() as connection:
            at_rest = writing.write(connection, ready, self._keys, self.place)
            told = self.trail.tell(connection, at_rest)
        self.trail.note(told)

    def load(self, session: str, since: int = 0) -> StoredSession | None:
        """Return a session and its events from ``since`` on, None if there is none of that name.

        An hour's events take about a second of the processor to read: ask for those that are needed.

        Raises
        ------
        StoreDamaged
            If anything of it is not what was written, and what; :meth:`examine` returns the rest.
        KeyMissing
            If the master key is not at hand.
        """
        found = self.examine(session, since)
        if found is not None and found.damage:
            raise StoreDamaged(self.place, session, found.damage)
        return None if found is None else found.stored

    def examine(self, session: str, since: int = 0) -> Found | None:
        """Return what of a session is as it was written, and what is not; None if there is none of that name.

        Raises KeyMissing, and StoreDamaged if its own key is not what was written: then nothing can be read.
        """
        checked_text(session, "the name of a session", self.place)
        with self._database.reading() as connection:
            found = sessions.load(connection, session, since, self._keys, self.place)
            if found is None or any(one.kind == "head" for one in found.damage):
                return found
            older = self.trail.damage_of(connection, session)
        return replace(found, damage=(*found.damage, *older))

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

    def delete(self, *names: str) -> int:
        """Delete sessions with their keys, events, snapshots and vaults for good; return how many there were.

        Afterwards the database's files hold neither the keys nor, on SQLite, what they sealed; also if they
        were deleted before, and only that could not be done. It needs no master key.

        Raises
        ------
        StoreFailed
            If the database did not take it; or if all are deleted, but somebody else's transaction keeps the
            write-ahead log from being emptied: the same again does that, or any deletion, or the end of the
            last process.
        """
        for name in names:
            checked_text(name, "the name of a session", self.place)
        with self._database.writing() as connection:
            gone = sessions.remove(connection, names)
            told = self.trail.tell(connection, dict.fromkeys(gone, Standing(phase=GONE)))
        self.trail.note(told)
        count = len(gone)
        if names:
            try:
                self._database.overwrite(tables=KEY_TABLES)
            except StoreFailed as failure:
                deleted = f"{count} sessions are" if count else "what was there is"
                what = f"{deleted} deleted, but not yet overwritten: {failure.problem}"
                raise StoreFailed(self.place, what) from None
        return count

    def due(
        self,
        now: float,
        period: retention.Period,
        *,
        resumable: float,
        limit: int,
        spare: Collection[str] = (),
    ) -> list[SessionSummary]:
        """Return sessions that were kept for their time, as :func:`workbench.store.retention.due` does."""
        with self._database.reading() as connection:
            return retention.due(connection, now, period, resumable=resumable, limit=limit, spare=spare)

    def left_of(self, session: str) -> dict[str, int]:
        """Return in which tables there are rows of a session, and how many; none if it is gone."""
        checked_text(session, "the name of a session", self.place)
        with self._database.reading() as connection:
            return retention.left_of(connection, session)

    def of_client(self, client: str) -> list[str]:
        """Return the names of a client's sessions, oldest first."""
        checked_text(client, "the name of a client", self.place)
        with self._database.reading() as connection:
            return retention.of_client(connection, client)

    def stored_among(self, names: Collection[str]) -> frozenset[str]:
        """Return which of these sessions there are."""
        with self._database.reading() as connection:
            return retention.stored_among(connection, names)

    def replace(self, session: str, writes: Sequence[Write], *, vault: str | None = None) -> None:
        """Write a session anew in place of what is there of it, its vault as well, in one transaction.

        It is sealed with a new key; the former one is destroyed, and with it whatever is left of the former
        text in the log or on free pages.

        Parameters
        ----------
        session : its name
        writes : what there is of it from now on
        vault : what is to be kept apart from it, under a key of its own; nothing if not given

        Raises
        ------
        StoreError
            If there is no such session, or one of ``writes`` is refused; then all stays as it was.
        """
        kept = [] if vault is None else [NewVault(session, vault)]
        ready = writing.prepared([*writes, *kept], self.place)
        with self._keys.held(self.place), self._database.writing() as connection:
            if not sessions.remove(connection, [session]):
                raise StoreError(self.place, f"has no session {session}")
            at_rest = writing.write(connection, ready, self._keys, self.place)
            told = self.trail.tell(connection, at_rest)
        self.trail.note(told)
        self._database.overwrite(tables=KEY_TABLES)

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
        """Add to the end of the audit trail, whoever else writes to it at the same time.

        Raises
        ------
        StoreError
            If the store was opened without the keys that sign the trail.
        """
        self.trail.add(entries)

    def withdrawn(self, entry: AuditEntry) -> bool:
        """Note that a withdrawal is carried out, with its entry on the audit trail, in one transaction.

        Returns whether it still was to be; if not, nothing is added to the trail.

        Raises
        ------
        StoreError
            If the store was opened without the keys that sign the trail.
        """
        return self.trail.add([entry], provided=partial(withdrawals.done, session=entry.session or ""))

    def close(self) -> None:
        """Close its connections."""
        self._database.close()

    def __enter__(self) -> "Store":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def open_store(
    url: str,
    keys: StoreKeys | None = None,
    *,
    audit_keys: ChainKeys | None = None,
    audit_archive: Path | None = None,
    audit_notes: HeadNotes | None = None,
) -> Store:
    """Return the store at ``url``, made if it is missing, its tables brought up to date.

    What an older version stored readably is sealed first, see ``store/sealing_plain.py``.

    Parameters
    ----------
    url : ``sqlite:///PATH``, ``postgresql://USER@HOST/DATABASE``, or ``sqlite://`` for one in memory
    keys : the master keys; without them those of ``security.store_keys``. A file gets one made if there is
        none, a server that several machines may share does not; a store in memory has one of its own.
    audit_keys, audit_archive, audit_notes : as for :class:`Store`

    Raises
    ------
    StoreError
        If the URL is no such, the place can't be opened, holds something else, or was written by a newer
        version.
    EngineMissing
        If PostgreSQL's driver is not installed.
    """
    found = keys or _keys_for(place_of(url))
    database = _up_to_date(Database(place_of(url)), found)
    return Store(database, found, audit_keys=audit_keys, audit_archive=audit_archive, audit_notes=audit_notes)


def open_existing_store(
    url: str,
    keys: StoreKeys | None = None,
    *,
    audit_keys: ChainKeys | None = None,
    audit_archive: Path | None = None,
    audit_notes: HeadNotes | None = None,
) -> Store:
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
    found = keys or _keys_for(place)
    database = _up_to_date(database, found)
    return Store(database, found, audit_keys=audit_keys, audit_archive=audit_archive, audit_notes=audit_notes)


def _up_to_date(database: Database, keys: StoreKeys) -> Database:
    try:
        bring_up_to_date(database, keys)
        database.log_ahead()
    except BaseException:
        database.close()
        raise
    return database


def _keys_for(place: Place) -> StoreKeys:
    if place.is_sqlite and place.file is None:
        return StoreKeys(Keyring([Key(new_key())]))
    return StoreKeys(makes=place.is_sqlite)
