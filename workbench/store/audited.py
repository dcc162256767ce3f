"""The audit trail of one store: added to by its own transactions and by others', searched, and checked."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from sqlalchemy import Connection

from workbench.core.audit import AuditEntry
from workbench.core.audit_chain import AuditHead, AuditRecord, ChainKeys
from workbench.core.audit_check import Problem, Verdict, check_trail
from workbench.core.clock import unix_now
from workbench.core.noted_head import NotedHead, noted
from workbench.errors import Damage, ParameterError, StoreError, StoreFailed
from workbench.security.head_notes import HeadNotes
from workbench.store import standings, trail
from workbench.store.audit_archive import Archive
from workbench.store.database import Database
from workbench.store.fields import checked_text
from workbench.store.standings import Standing

RECORDS_MAX = 100_000
"""Most records of one list."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a transaction added to the trail, to be noted outside once it is committed."""

    head: AuditHead
    over: NotedHead | None
    """What was noted before."""


class Audited:
    """The audit trail of a store.

    Parameters
    ----------
    database : where it is
    keys : sign it; without them it can be read only
    archive : folder for its old parts; beside the file of an SQLite store if not given, else none
    notes : where its end is noted outside the store; nowhere if not given, or if the store is in memory
    """

    def __init__(
        self,
        database: Database,
        keys: ChainKeys | None,
        archive: Path | None,
        notes: HeadNotes | None,
    ) -> None:
        self._database = database
        self._keys = keys
        self._place = database.place.name
        file = database.place.file
        folder = archive or (None if file is None else file.with_name(f"{file.name}.audit"))
        self._archive = None if folder is None else Archive(folder)
        self._notes = None if file is None and database.place.is_sqlite else notes
        self._named = self._place if file is None else str(file.resolve())
        self._failure = ""

    def add(
        self,
        entries: Sequence[AuditEntry],
        *,
        provided: Callable[[Connection], bool] = lambda _: True,
        anew: bool = False,
    ) -> bool:
        """Add to its end, whoever else writes to it at the same time; return whether that was done.

        Parameters
        ----------
        entries : what is added
        provided : called in the same transaction; if it returns false, nothing is added
        anew : whether a store without a trail is a new one, whatever was noted of another at its place

        Raises
        ------
        StoreError
            If the store was opened without the trail's keys.
        """
        if self._keys is None:
            raise StoreError(self._place, "was opened without the keys of its audit trail")
        with self._database.writing() as connection:
            if not provided(connection):
                return False
            told = self._append(connection, entries, self._keys, anew=anew)
        self.note(told)
        return True

    def tell(self, connection: Connection, stand: Mapping[str, Standing]) -> Told | None:
        """Add how sessions stand once the transaction is committed, if there are keys.

        Returns what to note then. A trail that is full does not stop the transaction.
        """
        if self._keys is None or not stand:
            return None
        now = unix_now()
        entries = [one.entry(now, session) for session, one in stand.items()]
        try:
            return self._append(connection, entries, self._keys)
        except StoreFailed as failure:
            log.error("%s; how %d sessions stand is not on it", failure, len(stand))
            return None

    def note(self, told: Told | None) -> None:
        """Note outside the store what was added, now that it is committed; the log says if that fails."""
        if told is None or self._notes is None:
            return
        try:
            self._database.flush()
            self._notes.write(self._named, noted(told.head), over=told.over)
        except (ParameterError, OSError) as error:
            self._failed(str(error))
        else:
            self._failure = ""

    def note_now(self) -> None:
        """Note the end as it is; raises ParameterError or OSError if that fails."""
        head = self.head()
        if head is not None and self._notes is not None:
            self._database.flush()
            self._notes.write(self._named, noted(head), over=self._notes.read(self._named))

    def noted(self) -> NotedHead | None:
        """Return what is noted outside the store; raises ParameterError if that can't be read."""
        return None if self._notes is None else self._notes.read(self._named)

    def unlike(self, head: NotedHead | None) -> Problem | None:
        """Return what is wrong if the trail is not the one that ``head`` was the end of."""
        if head is None:
            return None
        with self._database.reading() as connection:
            return head.unlike(trail.read_head(connection), partial(trail.digest_of, connection))

    def _append(
        self, connection: Connection, entries: Sequence[AuditEntry], keys: ChainKeys, *, anew: bool = False
    ) -> Told | None:
        over, can_note = None, True
        try:
            over = self.noted()
        except ParameterError as error:
            self._failed(str(error))
            can_note = False
        known = None if anew and trail.read_head(connection) is None else over
        head = trail.append(connection, entries, keys, self._archive, place=self._place, noted=known)
        return Told(head=head, over=over) if head is not None and can_note else None

    def _failed(self, failure: str) -> None:
        """Say it once, until it goes well again or fails otherwise."""
        if failure != self._failure:
            log.error("a store put back whole would not be noticed: %s", failure)
        self._failure = failure

    def damage_of(self, connection: Connection, session: str) -> list[Damage]:
        """Return whether a session is another one than its newest record in the store tells of."""
        return standings.damage_of(connection, session, self._keys)

    def records(
        self,
        *,
        limit: int = 1000,
        wanted: trail.Wanted = trail.Wanted(),  # noqa: B008  frozen
    ) -> list[AuditRecord]:
        """Return the newest ``limit`` records that are not archived, oldest first."""
        for value in (wanted.kind, wanted.project, wanted.session, wanted.client):
            checked_text(value or "", "what was searched for", self._place)
        with self._database.reading() as connection:
            return trail.newest(connection, max(1, min(limit, RECORDS_MAX)), wanted)

    def head(self) -> AuditHead | None:
        """Return its end; None if nothing was ever written to it."""
        with self._database.reading() as connection:
            return trail.read_head(connection)

    def check(self, keys: ChainKeys, *, start: int | None = None) -> Verdict | None:
        """Return whether it is as it was written, and sessions are as it tells; None if there is none.

        Parameters
        ----------
        keys : all that have signed it
        start : number of the first record to look at; the first that is kept if not given
        """
        with self._database.reading() as connection:
            head = trail.read_head(connection)
            if head is None:
                return None
            stored = trail.StoredTrail(connection, head, self._archive)
            followed = standings.Followed(stored, connection)
            verdict = check_trail(head, followed, keys, start=start)
            if any(problem.seq is not None for problem in verdict.problems):
                return verdict  # what the newest records tell is not known
            return replace(verdict, sessions=followed.problems(), compared=followed.compared)
