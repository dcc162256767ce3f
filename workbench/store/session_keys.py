"""The keys of the sessions: whether they can be had, and wrapping them with another master key.

What they seal is not touched by that.
"""

from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, func, select, update

from workbench.security.sealing import unwrapped
from workbench.security.store_keys import StoreKeys
from workbench.store import parts
from workbench.store.database import Database
from workbench.store.schema import session_keys

_REWRAP = (
    update(session_keys)
    .where(session_keys.c.session == bindparam("of"))
    .values(key_id=bindparam("new_id"), wrapped=bindparam("new"))
)


class SessionKeys:
    """The keys of one store's sessions.

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
        for key_id in self.wrapped_by():
            self._masters.find(key_id, self._place)
        self._masters.wrapping(self._place)

    def wrapped_by(self) -> dict[str, int]:
        """Return how many sessions' keys each master key wraps, by its id."""
        counted = select(session_keys.c.key_id, func.count()).group_by(session_keys.c.key_id)
        with self._database.reading() as connection:
            return {key_id: count for key_id, count in connection.execute(counted)}

    def rewrap(self) -> tuple[int, tuple[str, ...]]:
        """Wrap every session's key with the newest master key.

        Some hundred a transaction: it may be interrupted and begun again.

        Returns
        -------
        int
            How many another one wrapped.
        tuple of str
            The sessions whose keys are not what was written, and stay as they are.

        Raises
        ------
        KeyMissing
            If a master key is not at hand; what was wrapped before that stays so.
        """
        count, last = 0, ""
        damaged: tuple[str, ...] = ()
        while True:
            with self._database.writing() as connection:
                some = _rewrap(connection, last, self._masters, self._place)
            if some is None:
                break
            count, damaged, last = count + some.count, damaged + some.damaged, some.last
        if count:
            self._database.overwrite(tables=["session_keys"])
        return count, damaged


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rewrapped:
    """What became of some keys."""

    count: int
    last: str
    """The session whose key was looked at last."""
    damaged: tuple[str, ...]
    """Sessions whose keys are not what was written: they stay as they are."""


def _rewrap(connection: Connection, after: str, keys: StoreKeys, place: str) -> _Rewrapped | None:
    """Wrap some keys of the sessions whose names come after ``after``; None if there are none."""
    master = parts.wrapping_key(connection, keys, place)
    other = select(session_keys).where(session_keys.c.key_id != master.key_id, session_keys.c.session > after)
    rows = connection.execute(
        other.order_by(session_keys.c.session).limit(parts.AT_ONCE).with_for_update()
    ).all()
    if not rows:
        return None
    changes, damaged = [], []
    for row in rows:
        key = unwrapped(keys.find(row.key_id, place), row.session, row.wrapped)
        if key is None:
            damaged.append(row.session)
        else:
            wrapped = key.wrapped(master, row.session)
            changes.append({"of": row.session, "new_id": master.key_id, "new": wrapped})
    if changes:
        connection.execute(_REWRAP, changes)
    return _Rewrapped(count=len(changes), last=rows[-1].session, damaged=tuple(damaged))
