"""The audit trail as rows, the newest ones only."""

from collections.abc import Sequence
from dataclasses import asdict

from sqlalchemy import Connection, delete, func, select

from workbench.core.audit import AuditEntry
from workbench.store.schema import audit

KEPT = 100_000
"""Entries kept; older ones are deleted as new ones come."""


def add(connection: Connection, entries: Sequence[AuditEntry], kept: int = KEPT) -> None:
    """Add entries in order, and delete those that are no longer among the newest ``kept``."""
    if not entries:
        return
    connection.execute(audit.insert(), [asdict(entry) for entry in entries])
    newest = connection.scalar(select(func.max(audit.c.id))) or 0
    connection.execute(delete(audit).where(audit.c.id <= newest - kept))


def newest(connection: Connection, limit: int, kind: str | None = None) -> list[AuditEntry]:
    """Return the newest entries, of one kind or of all, oldest first."""
    wanted = select(*(column for column in audit.c if column.name != "id"))
    if kind is not None:
        wanted = wanted.where(audit.c.kind == kind)
    rows = connection.execute(wanted.order_by(audit.c.id.desc()).limit(limit)).all()
    return [AuditEntry(**row._mapping) for row in reversed(rows)]
