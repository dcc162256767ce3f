"""The vaults: what leads back from the tokens in a masked session, apart from it.

A vault has a data key of its own, which a master key wraps: whoever is given the key of a session does not
get the names with it. It is written with the masked events in one transaction, and goes with the session,
whose head says which vault it is: so another one in its place is noticed.
"""

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Row, Select, select

from workbench.errors import Damage, StoreDamaged
from workbench.security.keyring import Key
from workbench.security.sealing import DataKey, Label, tag_of, unwrapped
from workbench.security.store_keys import StoreKeys
from workbench.store import parts
from workbench.store.database import Database
from workbench.store.fields import checked_text
from workbench.store.heads import Head, opened_head
from workbench.store.schema import session_keys, sessions, vaults

KEY_KIND = "vault-key"
"""What the wrapping of a vault's key is bound to, besides its session: no other key opens in its place."""


_HELD: Select[Any] = (
    select(
        sessions.c.session,
        sessions.c.head,
        session_keys.c.key_id,
        session_keys.c.wrapped,
        vaults.c.key_id.label("vault_key_id"),
        vaults.c.wrapped.label("vault_wrapped"),
        vaults.c.sealed,
    )
    .join_from(sessions, session_keys, isouter=True)
    .join(vaults, vaults.c.session == sessions.c.session, isouter=True)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundVault:
    """What can be read of a session's vault, and what of it is not as it was written."""

    text: str | None = field(repr=False)
    """What is in it; None if there is none, or it can't be read."""
    damage: tuple[Damage, ...]


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
            If a master key is not at hand.
        StoreDamaged
            If the vault or its key is not what was written; or if that can't be told, for the session's head
            or key is not. :meth:`examine` returns what can be read all the same.
        """
        found = self.examine(session)
        if found.damage:
            raise StoreDamaged(self._place, session, found.damage)
        return found.text

    def examine(self, session: str) -> FoundVault:
        """Return what can be read of a session's vault, and what is damaged; raises KeyMissing."""
        checked_text(session, "the name of a session", self._place)
        with self._database.reading() as connection:
            row = connection.execute(_HELD.where(sessions.c.session == session)).one_or_none()
        if row is None:
            return FoundVault(text=None, damage=())
        head, damage = self._head(row)
        if row.sealed is None:
            if head is not None and head.vault:
                damage.append(Damage("vault", None, parts.MISSING))
            return FoundVault(text=None, damage=tuple(damage))
        master = self._masters.find(row.vault_key_id, self._place)
        key = unwrapped(master, session, row.vault_wrapped, KEY_KIND)
        text = None if key is None else parts.text_of(key, _label(session), row.sealed)
        if key is None:
            damage.append(Damage("key of its vault", None, parts.CHANGED))
        elif text is None:
            damage.append(Damage("vault", None, parts.CHANGED))
        elif head is not None and head.vault is not None and head.vault != tag_of(row.sealed):
            damage.append(
                Damage("vault", None, parts.OLD if head.vault else "is one too many, there was none")
            )
        return FoundVault(text=text, damage=tuple(damage))

    def _head(self, row: Row[Any]) -> tuple[Head | None, list[Damage]]:
        """Return the session's head, which says what vault there has to be."""
        try:
            key = parts.opened_key(row, self._masters, self._place)
        except StoreDamaged as error:
            return None, list(error.damage)
        head = opened_head(key, row.session, row.head)
        return head, [] if head else [Damage("head", None, parts.CHANGED if row.head else parts.MISSING)]


def sealed_vault(session: str, text: str, master: Key) -> dict[str, Any]:
    """Return the row of a vault with ``text``, under a new key."""
    key = DataKey.new()
    return {
        "session": session,
        "key_id": master.key_id,
        "wrapped": key.wrapped(master, session, KEY_KIND),
        "sealed": key.seal(_label(session), text.encode()),
    }


def _label(session: str) -> Label:
    return Label(session, "vault")
