"""Which database a URL names, and what may be said about it in an error: never its password."""

import os
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import SQLAlchemyError

from workbench.errors import EngineMissing, StoreError, system_reason

MEMORY = "sqlite://"
"""A store that ends with its process."""

_POSTGRES = ("postgresql", "postgres", "postgresql+psycopg")
_EXPECTED = "expected sqlite:///PATH or postgresql://USER@HOST/DATABASE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a store is."""

    url: URL
    name: str
    """What errors call it."""
    file: Path | None
    """The file of an SQLite store; None for one in memory or on a server."""

    @property
    def is_sqlite(self) -> bool:
        """Return whether it is a file or memory of this machine."""
        return self.url.get_backend_name() == "sqlite"

    def is_missing(self) -> bool:
        """Return whether it is a file that is not there yet.

        Raises
        ------
        StoreError
            If one may not even look.
        """
        try:
            return self.file is not None and not self.file.exists()
        except OSError as error:
            problem = system_reason(error)
            raise StoreError(self.name, f"can't be opened: {problem}") from None


def default_url() -> str:
    """Return the URL of the user's own store, in ``XDG_DATA_HOME`` or ``~/.local/share``."""
    data = os.environ.get("XDG_DATA_HOME")
    folder = (Path(data) if data else Path.home() / ".local" / "share") / "realtime-voice-workbench"
    return f"sqlite:///{folder / 'workbench.db'}"


def place_of(url: str) -> Place:
    """Return the place that ``url`` names.

    Raises
    ------
    StoreError
        If it is no URL, or not of SQLite or PostgreSQL.
    EngineMissing
        If it is of PostgreSQL, and its driver is not installed.
    """
    try:
        parsed = make_url(url)
    except (SQLAlchemyError, ValueError):
        raise StoreError("URL", f"can't be read, {_EXPECTED}") from None
    if parsed.drivername == "sqlite":
        return _sqlite(parsed)
    if parsed.drivername in _POSTGRES:
        return _postgres(parsed)
    raise StoreError("URL", f"names {parsed.drivername!r}, {_EXPECTED}")


def _sqlite(url: URL) -> Place:
    if url.host or url.username or url.password or url.query:
        raise StoreError("URL", "has more than a path after sqlite://, expected sqlite:///PATH")
    if url.database in (None, "", ":memory:"):
        return Place(url=make_url(MEMORY), name="in memory", file=None)
    file = Path(str(url.database))
    return Place(url=url, name=str(file), file=file)


def _postgres(url: URL) -> Place:
    try:
        import psycopg  # noqa: F401  asked for here, so that the error can name the extra
    except ImportError:
        raise EngineMissing("a store on PostgreSQL", "psycopg", "postgres") from None
    where = f"{url.host or 'local socket'}:{url.port or 5432}/{url.database or ''}"
    return Place(url=url.set(drivername="postgresql+psycopg"), name=where, file=None)
