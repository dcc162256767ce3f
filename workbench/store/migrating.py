"""Bringing a store's tables up to date, in one transaction."""

from pathlib import Path

from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

from workbench.errors import StoreError

VERSION_TABLE = "workbench_schema"
"""The table that says which migrations have been run."""

_FOLDER = Path(__file__).with_name("migrations")
_LOCK = 0x776F726B
"""Key of the lock that keeps two processes from migrating one PostgreSQL database at once."""


HEAD = "head"
"""The newest version."""


def migrate(connection: Connection, place: str, to: str = HEAD) -> None:
    """Run the migrations that ``connection``'s database has not seen, in its present transaction.

    Parameters
    ----------
    connection : a transaction that writes
    place : what errors call the database
    to : the last one to run; nothing happens if that is behind

    Raises
    ------
    StoreError
        If the database holds other tables than a store's, or was written by a newer version.
    """
    lock(connection)
    script = ScriptDirectory(_FOLDER, version_locations=[_FOLDER])
    context = MigrationContext.configure(
        connection,
        opts={
            "version_table": VERSION_TABLE,
            "fn": lambda heads, _: script._upgrade_revs(to, heads),  # as alembic's manual has it
        },
    )
    present = set(context.get_current_heads())
    if not present and inspect(connection).get_table_names():
        raise StoreError(place, "holds tables of something else, expected a database of its own")
    known = {step.revision for step in script.walk_revisions()}
    if not present <= known:
        newest = ", ".join(sorted(present - known))
        raise StoreError(
            place, f"was written by a newer version (schema {newest}), this one knows up to {max(known)}"
        )
    wanted = {step.revision for step in script.iterate_revisions(to, "base")}
    if not wanted - _behind(script, present):
        return
    with Operations.context(context):
        context.run_migrations()


def version(connection: Connection) -> str | None:
    """Return the last migration that was run, None if there was none."""
    context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
    return context.get_current_revision()


def lock(connection: Connection) -> None:
    """Keep other processes from migrating the database until the transaction's end."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": _LOCK})


def _behind(script: ScriptDirectory, present: set[str]) -> set[str]:
    """Return the migrations that were run."""
    return {step.revision for head in present for step in script.iterate_revisions(head, "base")}


def is_store(connection: Connection) -> bool:
    """Return whether a store's tables are there, whatever their version."""
    return VERSION_TABLE in inspect(connection).get_table_names()
