"""What is still to be destroyed as consent was withdrawn: written down first, so no crash forgets it.

A process that has a withdrawal to carry out renews it, as it does its leases; one that has run out is
another's to finish.
"""

from collections.abc import Collection, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, Row, case, delete, exists, or_, select, update

from workbench.core.consent import Consent
from workbench.store.database import Database
from workbench.store.fields import checked_text, insert
from workbench.store.rows import Lease, Withdrawal
from workbench.store.schema import sessions, withdrawals

PATH_BYTES_MAX = 4096
"""Longest name of a folder, in bytes."""


class Withdrawals:
    """The withdrawals of one store; its methods block, and each is one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, withdrawal: Withdrawal, lease: Lease) -> None:
        """Write one down, in place of an earlier one of the same session; the process carries it out.

        Where all was to be destroyed, it still is.
        """
        place = self._database.place.name
        for text in (withdrawal.session, withdrawal.project, withdrawal.client or "", lease.process):
            checked_text(text, "a name in a withdrawal", place)
        checked_text(withdrawal.recordings, "the folder in a withdrawal", place, PATH_BYTES_MAX)
        row = {**asdict(withdrawal), **asdict(lease)}
        with self._database.writing() as connection:
            new = insert(connection, withdrawals)
            changed: dict[str, Any] = {
                name: new.excluded[name] for name in ("recordings", "process", "until")
            }
            all_of_it = withdrawals.c.level == Consent.NONE.value
            changed["level"] = case((all_of_it, withdrawals.c.level), else_=new.excluded.level)
            connection.execute(new.on_conflict_do_update(index_elements=["session"], set_=changed), row)

    def renew(self, lease: Lease) -> None:
        """Keep those that are the process's own."""
        with self._database.writing() as connection:
            own = update(withdrawals).where(withdrawals.c.process == lease.process)
            connection.execute(own.values(until=lease.until))

    def of(self, session: str) -> Withdrawal | None:
        """Return what is to be destroyed of a session, None if nothing."""
        checked_text(session, "the name of a session", self._database.place.name)
        with self._database.reading() as connection:
            row = connection.execute(
                select(withdrawals).where(withdrawals.c.session == session)
            ).one_or_none()
        return None if row is None else _withdrawal(row)

    def left(
        self, now: float, *, recordings: str, limit: int, skip: Collection[str] = ()
    ) -> Sequence[Withdrawal]:
        """Return those whose process no longer carries them out, oldest first.

        Parameters
        ----------
        now : Unix seconds
        recordings : the folder that is at hand; those with another are left out once their session is gone
        limit : at most so many
        skip : names of sessions to leave out
        """
        mine = withdrawals.c.recordings.in_(["", recordings])
        there = exists().where(sessions.c.session == withdrawals.c.session)
        wanted = select(withdrawals).where(withdrawals.c.until < now, or_(mine, there))
        with self._database.reading() as connection:
            rows = connection.execute(wanted.order_by(withdrawals.c.at).limit(limit + len(skip))).all()
        return [_withdrawal(row) for row in rows if row.session not in skip][:limit]


def done(connection: Connection, session: str) -> bool:
    """Note that nothing is left; return whether that was not known yet."""
    return connection.execute(delete(withdrawals).where(withdrawals.c.session == session)).rowcount > 0


def _withdrawal(row: Row[Any]) -> Withdrawal:
    return Withdrawal(
        session=row.session,
        project=row.project,
        client=row.client,
        level=Consent(row.level),
        recordings=row.recordings,
        at=row.at,
    )
