"""The audit trail of one store: added to by its own transactions and by others', searched, and checked."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from sqlalchemy import Connection

from workbench.core.audit import AuditEntry
from workbench.core.audit_chain import AuditHead, AuditRecord, ChainKeys
from workbench.core.audit_check import Verdict, check_trail
from workbench.core.clock import unix_now
from workbench.errors import Damage, StoreError, StoreFailed
from workbench.store import standings, trail
from workbench.store.audit_archive import Archive
from workbench.store.database import Database
from workbench.store.fields import checked_text
from workbench.store.standings import Standing

RECORDS_MAX = 100_000
"""Most records of one list."""

log = logging.getLogger(__name__)


class Audited:
    """The audit trail of a store.

    Parameters
    ----------
    database : where it is
    keys : sign it; without them it can be read only
    archive : folder for its old parts; beside the file of an SQLite store if not given, else none
    """

    def __init__(self, database: Database, keys: ChainKeys | None, archive: Path | None) -> None:
        self._database = database
        self._keys = keys
        self._place = database.place.name
        file = database.place.file
        folder = archive or (None if file is None else file.with_name(f"{file.name}.audit"))
        self._archive = None if folder is None else Archive(folder)

    def add(
        self, entries: Sequence[AuditEntry], *, provided: Callable[[Connection], bool] = lambda _: True
    ) -> bool:
        """Add to its end, whoever else writes to it at the same time; return whether that was done.

        Parameters
        ----------
        entries : what is added
        provided : called in the same transaction; if it returns false, nothing is added

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
            trail.append(connection, entries, self._keys, self._archive, place=self._place)
        return True

    def tell(self, connection: Connection, stand: Mapping[str, Standing]) -> None:
        """Add how sessions stand once the transaction is committed, if there are keys.

        A trail that is full does not stop the transaction.
        """
        if self._keys is None or not stand:
            return
        now = unix_now()
        entries = [one.entry(now, session) for session, one in stand.items()]
        try:
            trail.append(connection, entries, self._keys, self._archive, place=self._place)
        except StoreFailed as failure:
            log.error("%s; how %d sessions stand is not on it", failure, len(stand))

    def damage_of(self, connection: Connection, session: str) -> list[Damage]:
        """Return whether a session is another one than its newest record in the store tells of."""
        return standings.damage_of(connection, session, self._keys)

    def records(self, limit: int, wanted: trail.Wanted) -> list[AuditRecord]:
        """Return the newest ``limit`` records that are not archived, oldest first."""
        for value in (wanted.kind, wanted.project, wanted.session, wanted.client):
            checked_text(value or "", "what was searched for", self._place)
        with self._database.reading() as connection:
            return trail.newest(connection, max(1, min(limit, RECORDS_MAX)), wanted)

    def head(self) -> AuditHead | None:
        """Return its end; None if nothing was ever written to it."""
        with self._database.reading() as connection:
            return trail.read_head(connection)

    def digest(self, seq: int) -> str | None:
        """Return the digest of a record; None if it is not in the store."""
        with self._database.reading() as connection:
            return trail.digest_of(connection, seq)

    def check(self, keys: ChainKeys, start: int | None) -> Verdict | None:
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
