"""Which endpoint process has a session in memory, and which sessions nobody has any more.

A process takes a lease with the first write of a session, or when it goes on with a stored one, renews it as
long as the session is in its memory, and gives it back once the session has ended and been put away. So a
lease that has run out stands for a session whose process died, or left it for another to go on with.
"""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection, and_, delete, func, or_, select, update

from workbench.store.database import Database
from workbench.store.fields import checked_text, insert
from workbench.store.parts import batches
from workbench.store.rows import Lease
from workbench.store.schema import leases, sessions

SPARED = 120.0
"""Seconds that what has run out is let be: clocks differ, and a store may have been away."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Abandoned:
    """A session that has not been put away, and that nobody has any more."""

    session: str
    project: str
    phase: str
    since: float
    """Unix seconds."""


class Leases:
    """The leases of one store; its methods block, and each is one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def take(self, session: str, lease: Lease, *, unless_before: float | None = None) -> bool:
        """Take a stored session for a process, whoever had it; return whether it could be.

        Parameters
        ----------
        session : its name
        lease : whose it is from now on
        unless_before : Unix seconds; a session that nobody has had since then is let be
        """
        place = self._database.place.name
        for text in (session, lease.process):
            checked_text(text, "the name of a session or process", place)
        with self._database.writing() as connection:
            found = connection.execute(_SINCE.where(sessions.c.session == session)).one_or_none()
            if found is None or (unless_before is not None and found.since < unless_before):
                return False
            new = insert(connection, leases)
            mine = {name: new.excluded[name] for name in ("process", "until")}
            row = {"session": session, "process": lease.process, "until": lease.until}
            connection.execute(new.on_conflict_do_update(index_elements=["session"], set_=mine), row)
        return True

    def renew(self, names: Collection[str], lease: Lease) -> None:
        """Keep those of the sessions that still are the process's own."""
        with self._database.writing() as connection:
            for some in batches(names):
                own = leases.c.session.in_(some), leases.c.process == lease.process
                connection.execute(update(leases).where(*own).values(until=lease.until))

    def give_back(self, session: str) -> None:
        """Note that a session has been put away."""
        with self._database.writing() as connection:
            connection.execute(delete(leases).where(leases.c.session == session))

    def held(self, now: float) -> frozenset[str]:
        """Return the sessions that some process has at ``now``, Unix seconds."""
        with self._database.reading() as connection:
            return held(connection, now)

    def abandoned(
        self, now: float, resumable: float, *, limit: int, skip: Collection[str] = ()
    ) -> list[Abandoned]:
        """Return sessions to be put away, those that were left first come first.

        They have ended and their process died before it had done so; or they have not, and nobody has gone on
        with them for ``resumable`` seconds.

        Parameters
        ----------
        now : Unix seconds
        resumable : seconds for which a session that nobody has may be gone on with
        limit : at most so many
        skip : names of sessions to leave out
        """
        since = _SINCE.selected_columns.since
        left = _SINCE.where(
            or_(
                and_(sessions.c.phase != "ended", since < now - resumable - SPARED),
                and_(sessions.c.phase == "ended", leases.c.until < now - SPARED),
            )
        )
        with self._database.reading() as connection:
            rows = connection.execute(left.order_by(since).limit(limit + len(skip))).all()
        found = [Abandoned(**row._mapping) for row in rows if row.session not in skip]
        return found[:limit]


def held(connection: Connection, now: float) -> frozenset[str]:
    """Return the sessions that some process has at ``now``."""
    wanted = select(leases.c.session).where(leases.c.until >= now - SPARED)
    return frozenset(connection.scalars(wanted))


_SINCE = select(
    sessions.c.session,
    sessions.c.project,
    sessions.c.phase,
    func.coalesce(leases.c.until, sessions.c.opened).label("since"),
).join_from(sessions, leases, isouter=True)
