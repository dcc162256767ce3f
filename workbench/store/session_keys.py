"""The keys of the sessions and vaults: whether they can be had, and wrapping them with another master key.

What they seal is not touched by that.
"""

from dataclasses import dataclass

from sqlalchemy import Connection, Table, bindparam, func, select, update

from workbench.security.sealing import SESSION_KEY, unwrapped
from workbench.security.store_keys import StoreKeys
from workbench.store import parts
from workbench.store.database import Database
from workbench.store.schema import KEY_TABLES, session_keys, vaults
from workbench.store.vaults import KEY_KIND


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewrapped:
    """What became of the keys that another master key had wrapped."""

    sessions: int
    """How many keys of sessions are wrapped with the newest now."""
    vaults: int
    """How many keys of vaults are."""
    damaged: tuple[str, ...] = ()
    """Whose key is not what was written and stays so: ``session a1``, ``the vault of session a1``."""


class SessionKeys:
    """The keys of one store's sessions, and of their vaults.

    Parameters
    ----------
    database : where they are, wrapped
    masters : what wraps them
    """

    def __init__(self, database: Database, masters: StoreKeys) -> None:
        self._database = database
        self._masters = masters
        self._place = database.place.name

    def check(self) -> None:
        """Raise unless all that is stored can be opened and more be sealed; makes the first master key.

        Raises
        ------
        KeyMissing
            If a master key is not at hand.
        """
        for key_id in self.wrapped_by() | self.vaults_wrapped_by():
            self._masters.find(key_id, self._place)
        self._masters.wrapping(self._place)

    def wrapped_by(self) -> dict[str, int]:
        """Return how many sessions' keys each master key wraps, by its id."""
        return self._count(session_keys)

    def vaults_wrapped_by(self) -> dict[str, int]:
        """Return how many vaults' keys each master key wraps, by its id."""
        return self._count(vaults)

    def rewrap(self) -> Rewrapped:
        """Wrap every session's and every vault's key with the newest master key.

        Some hundred a transaction: it may be interrupted and begun again.

        Raises
        ------
        KeyMissing
            If a master key is not at hand; what was wrapped before that stays so.
        """
        of_sessions, damaged = self._rewrap(session_keys, SESSION_KEY)
        of_vaults, damaged_vaults = self._rewrap(vaults, KEY_KIND)
        if of_sessions or of_vaults:
            self._database.overwrite(tables=KEY_TABLES)
        told = [f"session {name}" for name in damaged]
        told += [f"the vault of session {name}" for name in damaged_vaults]
        return Rewrapped(sessions=of_sessions, vaults=of_vaults, damaged=tuple(told))

    def _count(self, table: Table) -> dict[str, int]:
        counted = select(table.c.key_id, func.count()).group_by(table.c.key_id)
        with self._database.reading() as connection:
            return {key_id: count for key_id, count in connection.execute(counted)}

    def _rewrap(self, table: Table, kind: str) -> tuple[int, list[str]]:
        """Wrap the keys in a table anew; return how many were, and the sessions whose keys are damaged."""
        count, last = 0, ""
        damaged: list[str] = []
        while True:
            with self._masters.held(self._place), self._database.writing() as connection:
                some = _rewrap(connection, table, kind, last, self._masters, self._place)
            if some is None:
                return count, damaged
            count, last = count + some.count, some.last
            damaged += some.damaged


@dataclass(frozen=True, slots=True, kw_only=True)
class _Some:
    """What became of some keys of one table."""

    count: int
    last: str
    """The session whose key was looked at last."""
    damaged: tuple[str, ...]
    """Sessions whose keys are not what was written: they stay as they are."""


def _rewrap(
    connection: Connection, table: Table, kind: str, after: str, keys: StoreKeys, place: str
) -> _Some | None:
    """Wrap some keys of the sessions whose names come after ``after``; None if there are none."""
    master = parts.wrapping_key(connection, keys, place)
    columns = (table.c.session, table.c.key_id, table.c.wrapped)
    other = select(*columns).where(table.c.key_id != master.key_id, table.c.session > after)
    rows = connection.execute(other.order_by(table.c.session).limit(parts.AT_ONCE).with_for_update()).all()
    if not rows:
        return None
    changes, damaged = [], []
    for row in rows:
        key = unwrapped(keys.find(row.key_id, place), row.session, row.wrapped, kind)
        if key is None:
            damaged.append(row.session)
        else:
            wrapped = key.wrapped(master, row.session, kind)
            changes.append({"of": row.session, "new_id": master.key_id, "new": wrapped})
    if changes:
        change = update(table).where(table.c.session == bindparam("of"))
        connection.execute(change.values(key_id=bindparam("new_id"), wrapped=bindparam("new")), changes)
    return _Some(count=len(changes), last=rows[-1].session, damaged=tuple(damaged))
