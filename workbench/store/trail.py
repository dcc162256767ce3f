"""The audit trail as rows: a chain with a head, whoever writes; its oldest part moves to an archive."""

import logging
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, fields, replace
from functools import partial
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, func, select, text
from sqlalchemy.exc import DBAPIError

from workbench.core.audit import AuditEntry
from workbench.core.audit_chain import (
    BEGUN,
    BROKEN,
    AuditHead,
    AuditRecord,
    ChainKeys,
    empty_head,
    linked,
)
from workbench.core.audit_check import Unreadable
from workbench.core.clock import unix_now
from workbench.core.noted_head import NotedHead
from workbench.errors import StoreFailed
from workbench.store.audit_archive import PARTS_MAX, Archive, read_part
from workbench.store.schema import audit_head, audit_records, audit_unchained

LIVE_MAX = 100_000
"""Records in the store; with more, the oldest ``PART`` of them move to the archive."""
PART = 10_000
"""Records of one part of the archive."""

_PAGE = 2000
_LOCK = 0x61756474
"""Key of the lock that keeps the chain one on PostgreSQL, whoever writes."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much is kept where."""

    live: int = LIVE_MAX
    part: int = PART
    parts: int = PARTS_MAX


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which entries are asked for; what is None is not asked about."""

    kind: str | None = None
    project: str | None = None
    session: str | None = None
    client: str | None = None
    since: float | None = None
    """Unix seconds."""
    until: float | None = None
    """Unix seconds, exclusive."""


def append(
    connection: Connection,
    entries: Sequence[AuditEntry],
    keys: ChainKeys,
    archive: Archive | None,
    *,
    place: str,
    noted: NotedHead | None = None,
    limits: Limits = Limits(),  # noqa: B008  frozen
) -> AuditHead | None:
    """Add entries to the end of the chain, in the transaction of ``connection``; return it if there are any.

    A head that does not verify, or does not go on from what was ``noted`` elsewhere, is not signed anew in
    silence: a record says so first, for good.

    Raises
    ------
    StoreFailed
        If the trail is at twice its limit because its oldest part can't be archived.
    """
    if not entries:
        return None
    if connection.dialect.name == "postgresql":
        connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    head = read_head(connection)
    unlike = noted and noted.unlike(head, partial(digest_of, connection))
    if head is None:
        first = connection.execute(select(audit_records).order_by(audit_records.c.seq).limit(1)).one_or_none()
        if first is None:
            head = _begin(connection, keys)
        else:  # nothing of the archive is taken for dropped: who took the head away must not empty it
            bare = empty_head(secrets.token_hex(8))
            bare = replace(bare, live=first.seq, live_before=first.previous)
            head = _go_on_from_broken(connection, bare, keys, "the head was missing")
    elif not head.is_signed(keys):
        known = keys.find(head.key_id) is not None
        problem = "does not match" if known else "is by a key this writer does not have"
        head = _go_on_from_broken(connection, head, keys, f"the signature of the head {problem}")
    if unlike:
        head = _go_on_from_broken(connection, head, keys, f"the store was put back: {unlike.sentence}")
    if head.count - head.live >= 2 * limits.live:
        raise StoreFailed(place, f"the audit trail has {head.count - head.live} records not yet archived")
    head = _add(connection, head, entries, keys)
    if head.count - head.live > limits.live:
        head = _archived(connection, head, keys, archive, limits)
    head = head.signed(keys)
    _write_head(connection, head)
    return head


def read_head(connection: Connection) -> AuditHead | None:
    """Return the head; None if there is no chain."""
    row = connection.execute(select(audit_head).limit(1)).one_or_none()
    return None if row is None else AuditHead(**row._mapping)


def digest_of(connection: Connection, seq: int) -> str | None:
    """Return the digest of a record; None if it is not in the store."""
    found: str | None = connection.scalar(select(audit_records.c.digest).where(audit_records.c.seq == seq))
    return found


def newest(connection: Connection, limit: int, wanted: Wanted) -> list[AuditRecord]:
    """Return the newest records that are wanted and in the store, oldest first."""
    chosen = _where(select(audit_records), wanted).order_by(audit_records.c.seq.desc()).limit(limit)
    return [_record(row) for row in reversed(connection.execute(chosen).all())]


def _where(chosen: Select[Any], wanted: Wanted) -> Select[Any]:
    for name in ("kind", "project", "session", "client"):
        value = getattr(wanted, name)
        if value is not None:
            chosen = chosen.where(audit_records.c[name] == value)
    if wanted.since is not None:
        chosen = chosen.where(audit_records.c.at >= wanted.since)
    if wanted.until is not None:
        chosen = chosen.where(audit_records.c.at < wanted.until)
    return chosen


@dataclass(frozen=True, slots=True)
class StoredTrail:
    """The records of a chain in one state of the store, as ``core.audit_check.check_trail`` takes them."""

    connection: Connection
    head: AuditHead
    archive: Archive | None

    def from_record(self, seq: int) -> Iterator[AuditRecord | Unreadable]:
        """Return the records from ``seq`` on, archived ones first."""
        if self.archive is not None and seq < self.head.live:
            yield from self.archive.records(seq, self.head.live)
        while page := self._page(seq):
            yield from page
            seq = page[-1].seq + 1

    def holds(self, digest: str) -> bool:
        """Return whether a record in the store has this digest, or it is the one before all of them."""
        found = select(func.count()).select_from(audit_records).where(audit_records.c.digest == digest)
        return digest in (self.head.live_before, self.head.kept_before) or bool(self.connection.scalar(found))

    def _page(self, seq: int) -> list[AuditRecord | Unreadable]:
        wanted = select(audit_records).where(audit_records.c.seq >= seq).order_by(audit_records.c.seq)
        try:
            return [_record(row) for row in self.connection.execute(wanted.limit(_PAGE)).all()]
        except DBAPIError:  # bytes that are no text
            pass
        numbers = select(audit_records.c.seq).where(audit_records.c.seq >= seq).order_by(audit_records.c.seq)
        found: list[AuditRecord | Unreadable] = []
        for number in self.connection.scalars(numbers.limit(_PAGE)).all():
            try:
                found.append(
                    _record(self.connection.execute(wanted.where(audit_records.c.seq == number)).one())
                )
            except DBAPIError:
                return [*found, Unreadable(number)]
        return found


def _begin(connection: Connection, keys: ChainKeys) -> AuditHead:
    """Begin a chain, with what was written before there was one."""
    columns = [column for column in audit_unchained.c if column.name != "id"]
    rows = connection.execute(select(*columns).order_by(audit_unchained.c.id)).all()
    reason = "a new chain"
    if rows:
        reason = f"a new chain; the next {len(rows)} were written before it, and vouched for by nobody"
    begun = AuditEntry(at=unix_now(), kind=BEGUN, reason=reason)
    former = [AuditEntry(**row._mapping) for row in rows]
    connection.execute(delete(audit_unchained))
    return _add(connection, empty_head(secrets.token_hex(8)), [begun, *former], keys)


def _go_on_from_broken(connection: Connection, head: AuditHead, keys: ChainKeys, problem: str) -> AuditHead:
    """Return a head behind all there is, after a record that says that the one before was no good."""
    newest = select(audit_records).order_by(audit_records.c.seq.desc()).limit(1)
    last: Row[Any] | None = connection.execute(newest).one_or_none()
    if last is not None:
        head = replace(head, count=max(head.count, last.seq + 1), digest=last.digest)
    entry = AuditEntry(at=unix_now(), kind=BROKEN, reason=problem)
    log.error("the audit trail was changed by somebody else: %s", problem)
    return _add(connection, head, [entry], keys)


def _add(
    connection: Connection, head: AuditHead, entries: Sequence[AuditEntry], keys: ChainKeys
) -> AuditHead:
    records = linked(head, entries, keys)
    connection.execute(audit_records.insert(), [asdict(record) for record in records])
    return replace(head, count=records[-1].seq + 1, digest=records[-1].digest)


def _archived(
    connection: Connection, head: AuditHead, keys: ChainKeys, archive: Archive | None, limits: Limits
) -> AuditHead:
    """Move the oldest part out of the store, and write down that this was done."""
    oldest = select(audit_records).order_by(audit_records.c.seq).limit(limits.part)
    moved = [_record(row) for row in connection.execute(oldest)]
    which = f"records {moved[0].seq} to {moved[-1].seq}"
    now, entries = unix_now(), []
    try:
        if archive is None:
            head = replace(head, kept=moved[-1].seq + 1, kept_before=moved[-1].digest)
            entries = [AuditEntry(at=now, kind="dropped", reason=f"{which}: there is no archive")]
        else:
            archive.remove_before(head.kept)
            part = archive.write(moved)
            entries = [AuditEntry(at=now, kind="archived", reason=f"{which} in {part.path.name}")]
            parts = archive.parts()
            following = next(read_part(parts[1]), None) if len(parts) > limits.parts else None
            if isinstance(following, AuditRecord):  # else the gap is seen, and none is dropped over it
                head = replace(head, kept=following.seq, kept_before=following.previous)
                gone = f"records {parts[0].first} to {parts[0].last}: the archive is full"
                entries.append(AuditEntry(at=now, kind="dropped", reason=gone))
    except OSError as error:
        log.error("a part of the audit trail can't be archived: %s", error.strerror or type(error).__name__)
        return head
    connection.execute(delete(audit_records).where(audit_records.c.seq <= moved[-1].seq))
    head = replace(head, live=moved[-1].seq + 1, live_before=moved[-1].digest)
    return _add(connection, head, entries, keys)


def _write_head(connection: Connection, head: AuditHead) -> None:
    connection.execute(delete(audit_head))
    connection.execute(audit_head.insert(), asdict(head))


def _record(row: Row[Any]) -> AuditRecord:
    return AuditRecord(**{each.name: row._mapping[each.name] for each in fields(AuditRecord)})
