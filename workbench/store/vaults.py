"""The vaults: what leads back from the tokens in a masked session, apart from it.

A vault has a data key of its own, which a master key wraps: whoever is given the key of a session does not
get the names with it. It is written with the masked events in one transaction, and goes with the session.
"""

from sqlalchemy import Connection, select

from workbench.errors import Damage, StoreDamaged
from workbench.security.sealing import DataKey, Label, unwrapped
from workbench.security.store_keys import StoreKeys
from workbench.store import parts
from workbench.store.database import Database
from workbench.store.fields import checked_text
from workbench.store.schema import vaults

KEY_KIND = "vault-key"
"""What the wrapping of a vault's key is bound to, besides its session: no other key opens in its place."""


class Vaults:
    """The vaults of one store.

    Parameters
    ----------
    database : where they are
    masters : what wraps their keys
    """

    def __init__(self, database: Database, masters: StoreKeys) -> None:
        self._database = database
        self._masters = masters
        self._place = database.place.name

    def opened(self, session: str) -> str | None:
        """Return what is in a session's vault; None if it has none.

        Raises
        ------
        KeyMissing
            If the master key is not at hand.
        StoreDamaged
            If the vault or its key is not what was written.
        """
        checked_text(session, "the name of a session", self._place)
        with self._database.reading() as connection:
            row = connection.execute(select(vaults).where(vaults.c.session == session)).one_or_none()
        if row is None:
            return None
        key = unwrapped(self._masters.find(row.key_id, self._place), session, row.wrapped, KEY_KIND)
        if key is None:
            raise StoreDamaged(self._place, session, [Damage("key of its vault", None, parts.CHANGED)])
        text = parts.text_of(key, _label(session), row.sealed)
        if text is None:
            raise StoreDamaged(self._place, session, [Damage("vault", None, parts.CHANGED)])
        return text


def put(connection: Connection, session: str, text: str, keys: StoreKeys, place: str) -> None:
    """Seal ``text`` with a new key for a session that has no vault; raises KeyMissing."""
    key, master = DataKey.new(), parts.wrapping_key(connection, keys, place)
    row = {
        "session": session,
        "key_id": master.key_id,
        "wrapped": key.wrapped(master, session, KEY_KIND),
        "sealed": key.seal(_label(session), text.encode()),
    }
    connection.execute(vaults.insert(), row)


def _label(session: str) -> Label:
    return Label(session, "vault")
