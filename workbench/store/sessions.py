"""Sessions as rows: read whole, listed, deleted. What is sealed is checked part by part."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, Row, delete, func, select

from workbench.core.wire import event_from_json
from workbench.errors import Damage, ProtocolError, StoreError
from workbench.security.sealing import DataKey, tag_of
from workbench.security.store_keys import StoreKeys
from workbench.store import parts
from workbench.store.heads import Head, digest_of, opened_head
from workbench.store.rows import SessionRow, SessionSummary, StoredSession
from workbench.store.schema import events, openings, session_keys, sessions, snapshots


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What is left of a session, and what of it is not what was written."""

    stored: StoredSession
    damage: tuple[Damage, ...]


def load(connection: Connection, session: str, since: int, keys: StoreKeys, place: str) -> Found | None:
    """Return a session with its events from ``since`` on, None if there is none of that name.

    Raises
    ------
    KeyMissing
        If the master key is not at hand.
    StoreDamaged
        If its own key is not what was written: nothing of it can be read.
    StoreError
        If it holds what is no event.
    """
    wanted = select(sessions, session_keys.c.key_id, session_keys.c.wrapped)
    joined = wanted.join_from(sessions, session_keys, isouter=True)
    row = connection.execute(joined.where(sessions.c.session == session)).one_or_none()
    if row is None:
        return None
    key = parts.opened_key(row, keys, place)
    head, damage = _head(row, key)
    opened = _opened(connection, row, key, damage)
    opened = _with_snapshot(connection, opened, key, head, damage)
    texts = _events(connection, row, key, head, damage)
    try:
        found = tuple(event_from_json(text) for seq, text in texts if seq >= since)
    except ProtocolError as error:
        raise StoreError(place, f"session {session} holds what is no event: {error.problem}") from None
    return Found(stored=StoredSession(row=opened, events=found), damage=tuple(damage))


def summaries(
    connection: Connection,
    *,
    assistant: str | None,
    phases: Iterable[str] | None,
    prefix: str,
    limit: int,
) -> list[SessionSummary]:
    """Return the newest sessions first; before them the one that is called ``prefix``."""
    table = sessions.c
    columns = [table[name] for name in SessionSummary.__dataclass_fields__]
    wanted = select(*columns).limit(limit)
    if assistant is not None:
        wanted = wanted.where(table.assistant == assistant)
    if phases is not None:
        wanted = wanted.where(table.phase.in_(list(phases)))
    if prefix:
        # Not LIKE: its wildcards, and SQLite's is blind to case.
        wanted = wanted.where(func.substr(table.session, 1, len(prefix)) == prefix)
        wanted = wanted.order_by(table.session != prefix)
    ordered = wanted.order_by(table.opened.desc(), table.session)
    return [SessionSummary(**row._mapping) for row in connection.execute(ordered)]


def remove(connection: Connection, names: Collection[str]) -> list[str]:
    """Delete sessions, their keys and all that belongs to them; return those that were there."""
    deleted = delete(sessions).returning(sessions.c.session)
    return [
        name
        for some in parts.batches(names)
        for name in connection.scalars(deleted.where(sessions.c.session.in_(some)))
    ]


def _head(row: Row[Any], key: DataKey) -> tuple[Head | None, list[Damage]]:
    """Return what the session has to come to, as far as it is known, and whether its row does."""
    head = opened_head(key, row.session, row.head)
    if head is None:
        return None, [Damage("head", None, parts.CHANGED if row.head else parts.MISSING)]
    told = (head.events, head.phase, head.reason, head.closed)
    if told != (row.events, row.phase, row.reason, row.closed):
        return head, [Damage("head", None, "does not fit the session's row: one of them is an older one")]
    return head, []


def _opened(connection: Connection, row: Row[Any], key: DataKey, damage: list[Damage]) -> SessionRow:
    sealed = connection.scalar(select(openings.c.sealed).where(openings.c.session == row.session))
    label = parts.opening_label({name: row._mapping[name] for name in parts.FACTS}, row.session)
    wish = None if sealed is None else parts.text_of(key, label, sealed)
    if wish is None:
        damage.append(Damage("opening", None, parts.MISSING if sealed is None else parts.CHANGED))
    facts = {name: row._mapping[name] for name in SessionRow.__dataclass_fields__ if name in row._mapping}
    return SessionRow(**facts, wish=wish or "")


def _with_snapshot(
    connection: Connection, opened: SessionRow, key: DataKey, head: Head | None, damage: list[Damage]
) -> SessionRow:
    wanted = select(snapshots.c.seq, snapshots.c.sealed).where(snapshots.c.session == opened.session)
    row = connection.execute(wanted).one_or_none()
    if row is None:
        if head is not None and head.snapshot:
            damage.append(Damage("snapshot", head.snapshot_seq, parts.MISSING))
        return opened
    text = parts.text_of(key, parts.snapshot_label(opened.session, row.seq), row.sealed)
    if text is None:
        damage.append(Damage("snapshot", row.seq, parts.CHANGED))
        return opened
    if head is not None and (row.seq, tag_of(row.sealed)) != (head.snapshot_seq, head.snapshot):
        damage.append(Damage("snapshot", row.seq, parts.OLD))
    return replace(opened, snapshot=text, snapshot_seq=row.seq)


def _events(
    connection: Connection, row: Row[Any], key: DataKey, head: Head | None, damage: list[Damage]
) -> list[tuple[int, str]]:
    """Return the events that can be read, by their numbers, and note those that can't."""
    wanted = select(events.c.seq, events.c.sealed).where(events.c.session == row.session)
    stored = {seq: sealed for seq, sealed in connection.execute(wanted.order_by(events.c.seq))}
    count = head.events if head is not None else max(stored, default=-1) + 1
    texts, before = [], len(damage)
    for seq in sorted({*range(count), *stored}):
        sealed = stored.get(seq)
        text = None if sealed is None else parts.text_of(key, parts.event_label(row.session, seq), sealed)
        if seq >= count:
            damage.append(Damage("event", seq, f"is one too many, there were {count}"))
        elif text is None:
            damage.append(Damage("event", seq, parts.MISSING if sealed is None else parts.CHANGED))
        else:
            texts.append((seq, text))
    whole = len(damage) == before
    if whole and head is not None and digest_of(stored.values()) != head.digest:
        damage.append(Damage("run of events", None, f"is of {count} whole ones, but one of them {parts.OLD}"))
    return texts
