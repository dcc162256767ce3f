"""What has been kept long enough, and whether anything is left of what was deleted."""

from collections.abc import Callable, Collection
from pathlib import Path
from typing import TypeAlias

from sqlalchemy import Connection, func, select

from workbench.store.folders import KEY
from workbench.store.leases import held
from workbench.store.recording import EVENTS, META
from workbench.store.rows import SessionSummary
from workbench.store.schema import audit_records, audit_unchained, leases, metadata, sessions, used_tokens

Period: TypeAlias = Callable[[str], float]
"""Seconds for which a project's sessions are kept after their end."""

DAY = 86_400.0

_RECORDED = (META, EVENTS, KEY)
_ASKED_AT_ONCE = 500  # names in one question: a database takes only so many

_ELSEWHERE = {audit_records.name, audit_unchained.name, used_tokens.name}
"""Tables that keep a session's name, and nothing else of it."""


def due(
    connection: Connection,
    now: float,
    period: Period,
    *,
    resumable: float,
    limit: int,
    spare: Collection[str] = (),
) -> list[SessionSummary]:
    """Return sessions that were kept for their time, those that ended first come first.

    One that some process has is left out; one that has not ended counts as ended once nobody can resume it.

    Parameters
    ----------
    now : Unix seconds
    period : how long, by project
    resumable : seconds for which a session that nobody has may be gone on with
    limit : at most so many
    spare : names of sessions to leave out too
    """
    projects = connection.scalars(select(sessions.c.project).distinct()).all()
    spare = held(connection, now).union(spare)
    found: list[SessionSummary] = []
    columns = [sessions.c[name] for name in SessionSummary.__dataclass_fields__]
    left = func.coalesce(leases.c.until, sessions.c.opened) + resumable
    ended = func.coalesce(sessions.c.closed, left)
    joined = select(*columns).join_from(sessions, leases, isouter=True)
    for project in projects:
        if len(found) < limit:
            wanted = joined.where(sessions.c.project == project, ended < now - period(project))
            rows = connection.execute(wanted.order_by(ended).limit(limit + len(spare) - len(found)))
            found += [SessionSummary(**row._mapping) for row in rows if row.session not in spare]
    return found[:limit]


def of_client(connection: Connection, client: str) -> list[str]:
    """Return the names of a client's sessions, oldest first."""
    wanted = select(sessions.c.session).where(sessions.c.client == client)
    return list(connection.scalars(wanted.order_by(sessions.c.opened, sessions.c.session)))


def stored_among(connection: Connection, names: Collection[str]) -> frozenset[str]:
    """Return which of these sessions there are."""
    wanted, found = sorted(names), set[str]()
    for first in range(0, len(wanted), _ASKED_AT_ONCE):
        part = wanted[first : first + _ASKED_AT_ONCE]
        found.update(connection.scalars(select(sessions.c.session).where(sessions.c.session.in_(part))))
    return frozenset(found)


def left_of(connection: Connection, session: str) -> dict[str, int]:
    """Return in which tables there are rows of a session, and how many."""
    tables = [table for table in metadata.sorted_tables if table.name not in _ELSEWHERE]
    counts = {
        table.name: connection.scalar(
            select(func.count()).select_from(table).where(table.c.session == session)
        )
        for table in tables
        if "session" in table.c
    }
    return {name: int(count) for name, count in counts.items() if count}


def due_recordings(folder: Path, before: float, *, limit: int, spare: Collection[str] = ()) -> list[Path]:
    """Return recordings in ``folder`` that were last written before Unix time ``before``, oldest first.

    What does not look like a recorded session is left out, and so is a link. Raises OSError.
    """
    if not folder.is_dir():
        return []
    found = []
    for path in folder.iterdir():
        if path.name in spare or path.is_symlink() or not path.is_dir():
            continue
        if any((path / part).is_file() for part in _RECORDED):
            written = max(part.stat().st_mtime for part in (path, *path.iterdir()))
            if written < before:
                found.append((written, path))
    return [path for _, path in sorted(found)[:limit]]
