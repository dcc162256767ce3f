"""Which tokens were used, and what was revoked; each until it would have expired anyway."""

from sqlalchemy import Connection, delete, select

from workbench.store.fields import insert
from workbench.store.schema import revocations, used_tokens

KEPT = 3600.0
"""Seconds that a row is kept beyond its time: clocks differ."""


def use_token(connection: Connection, token_id: str, session: str, until: float) -> str:
    """Note that ``session`` uses a token; return the session that did so first."""
    row = {"token_id": token_id, "session": session, "until": until}
    connection.execute(insert(connection, used_tokens).on_conflict_do_nothing(), row)
    first = select(used_tokens.c.session).where(used_tokens.c.token_id == token_id)
    return str(connection.execute(first).scalar_one())


def revoke(connection: Connection, kind: str, name: str, until: float) -> None:
    """Note that ``name`` is no longer let in; a later ``until`` than the one there wins."""
    new = insert(connection, revocations)
    longer = new.on_conflict_do_update(
        index_elements=["kind", "name"],
        set_={"until": new.excluded.until},
        where=revocations.c.until < new.excluded.until,
    )
    connection.execute(longer, {"kind": kind, "name": name, "until": until})


def revoked(connection: Connection, now: float) -> frozenset[tuple[str, str]]:
    """Return the (kind, name) of what is revoked at ``now``."""
    rows = connection.execute(select(revocations.c.kind, revocations.c.name).where(revocations.c.until > now))
    return frozenset((row.kind, row.name) for row in rows)


def forget_expired(connection: Connection, now: float) -> int:
    """Delete what expired more than ``KEPT`` before ``now``; return how many rows that was."""
    return sum(
        connection.execute(delete(table).where(table.c.until < now - KEPT)).rowcount
        for table in (used_tokens, revocations)
    )
