"""The sealed parts of a session: how each is labelled, and the key that all are sealed with."""

import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Row, select

from workbench.errors import Damage, StoreDamaged
from workbench.security.keyring import Key
from workbench.security.sealing import DataKey, Label, unwrapped
from workbench.security.store_keys import StoreKeys
from workbench.store.rows import SessionRow
from workbench.store.schema import session_keys

AT_ONCE = 500
"""Sessions asked for in one statement."""

FACTS = ("project", "client", "assistant", "token_id", "opened", "handle")
"""What about a session never changes, besides the message that opened it; the opening is bound to it."""

CHANGED = "is not what was written: changed, cut off or taken from elsewhere"
MISSING = "is missing"
OLD = "is an older one"


def opening_label(row: SessionRow | Mapping[str, object], session: str) -> Label:
    """Return the label of what opened a session: whose it is can't be changed either."""
    facts = [row[name] if isinstance(row, Mapping) else getattr(row, name) for name in FACTS]
    return Label(session, "opening", facts=json.dumps(facts, separators=(",", ":")).encode())


def event_label(session: str, seq: int) -> Label:
    """Return the label of an event."""
    return Label(session, "event", seq)


def snapshot_label(session: str, seq: int) -> Label:
    """Return the label of a snapshot."""
    return Label(session, "snapshot", seq)


def text_of(key: DataKey, label: Label, sealed: bytes) -> str | None:
    """Return the text that was sealed for ``label``; None if this is not it."""
    content = key.open(label, sealed)
    return None if content is None else content.decode()


def opened_key(row: Row[Any], keys: StoreKeys, place: str) -> DataKey:
    """Return the key of a session's row, which has its columns of ``session_keys``.

    Raises
    ------
    KeyMissing
        If the master key is not at hand.
    StoreDamaged
        If it has none, or one that is not what was written.
    """
    if row.wrapped is None:
        raise StoreDamaged(place, row.session, [Damage("key", None, MISSING)])
    key = unwrapped(keys.find(row.key_id, place), row.session, row.wrapped)
    if key is None:
        raise StoreDamaged(place, row.session, [Damage("key", None, CHANGED)])
    return key


def wrapping_key(connection: Connection, keys: StoreKeys, place: str) -> Key:
    """Return the master key for new sessions; the first is made only while nothing is sealed with another.

    Raises
    ------
    KeyMissing
        If there is none: a new one in its place would open nothing.
    """
    if not keys.are_there():
        for key_id in connection.scalars(select(session_keys.c.key_id).limit(1)):
            keys.find(key_id, place)
    return keys.wrapping(place)


def batches(names: Iterable[str]) -> Iterator[list[str]]:
    """Return ``names`` in order, some hundred at a time: so every process locks them in the same order."""
    ordered = iter(sorted(set(names)))
    while some := list(islice(ordered, AT_ONCE)):
        yield some
