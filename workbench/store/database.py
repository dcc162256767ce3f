"""Transactions on a store's database: the engine, its settings, its errors as ours.

SQLite: write-ahead log, ``synchronous=NORMAL``, foreign keys on, what is deleted is overwritten. A process
that is killed loses nothing it had committed; a power cut may take the last commits but never the file.
Writers wait for each other at most ``BUSY`` seconds, across processes too. PostgreSQL: what the server's
``fsync`` and ``synchronous_commit`` promise; statements and locks have limits.
"""

import os
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, StaticPool, create_engine, event
from sqlalchemy.exc import (  # noqa: A004
    DBAPIError,
    IntegrityError,
    InterfaceError,
    InternalError,
    OperationalError,
    SQLAlchemyError,
    TimeoutError,
)

from workbench.errors import StoreError, StoreFailed, system_reason
from workbench.store.urls import Place

BUSY = 5.0
"""Seconds a transaction waits for another's lock."""
CONNECT = 5.0
"""Seconds a PostgreSQL server may take to answer."""
STATEMENT = 30.0
"""Seconds one statement may take on PostgreSQL."""
CONNECTIONS = 5
"""Connections kept open; as many again may be opened for a while."""


class Database:
    """Gives out transactions; usable from any thread.

    Parameters
    ----------
    place : where it is; a file is made if it is missing

    Raises
    ------
    StoreError
        If it can't be opened.
    """

    def __init__(self, place: Place) -> None:
        self.place = place
        self._one_writer = threading.Lock() if place.is_sqlite else None
        # All threads share the one connection of a database in memory.
        self._one_reader = self._one_writer if place.is_sqlite and place.file is None else None
        if place.file is not None and place.is_missing():
            _make_file(place.name, place.file)
        self._engine = _sqlite_engine(place) if place.is_sqlite else _postgres_engine(place)
        # PostgreSQL shows each statement a state of its own unless it is told otherwise.
        one_state = {} if place.is_sqlite else {"isolation_level": "REPEATABLE READ"}
        self._reader = self._engine.execution_options(**one_state)
        self._writer = self._engine.execution_options(workbench_begin="BEGIN IMMEDIATE")

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Open a transaction that sees one state of the store."""
        with self._alone(self._one_reader), translated(self.place.name), self._reader.begin() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Open a transaction that is committed at the end of the block, or not at all if it fails."""
        with self._alone(self._one_writer), translated(self.place.name), self._writer.begin() as connection:
            yield connection

    def log_ahead(self) -> None:
        """Have an SQLite file keep a write-ahead log from now on, so that readers and a writer don't wait.

        Raises
        ------
        StoreError
            If its file system can't do that.
        """
        if self.place.file is None:
            return
        mode = str(self._statement("PRAGMA journal_mode=WAL")[0][0])
        if mode != "wal":
            raise StoreError(self.place.name, f"can't have a write-ahead log, SQLite keeps to {mode!r}")

    def flush(self) -> None:
        """Have on the disk what was committed so far, which SQLite leaves to the system for a while.

        Raises
        ------
        OSError
            If its write-ahead log can't be written to the disk.
        """
        if self.place.file is None:
            return
        with suppress(FileNotFoundError):  # then all is in the file itself, which a checkpoint has flushed
            log = os.open(f"{self.place.file}-wal", os.O_RDONLY | os.O_CLOEXEC)
            try:
                os.fsync(log)
            finally:
                os.close(log)

    def overwrite(self, *, tables: Sequence[str], whole: bool = False) -> None:
        """Leave nothing of rows that were deleted or replaced where the database keeps them.

        On SQLite, which overwrites what it deletes, the write-ahead log is emptied; ``whole`` writes the file
        anew first, for rows of a time when it did not. On PostgreSQL ``tables`` are written anew.

        Raises
        ------
        StoreFailed
            If somebody else's transaction is in the way for over ``BUSY`` seconds.
        """
        if not self.place.is_sqlite:
            with translated(self.place.name), self._engine.connect() as connection:
                free = connection.execution_options(isolation_level="AUTOCOMMIT")
                for table in tables:
                    free.exec_driver_sql(f"VACUUM FULL {table}")
            return
        if whole:
            self._statement("VACUUM")
        if self.place.file is not None and self._statement("PRAGMA wal_checkpoint(TRUNCATE)")[0][0]:
            problem = f"another transaction has been reading it for {BUSY:g} s, its log can't be emptied yet"
            raise StoreFailed(self.place.name, problem)

    def _statement(self, statement: str) -> list[tuple[Any, ...]]:
        """Execute what SQLite does outside of transactions only."""
        with (
            self._alone(self._one_writer),
            translated(self.place.name),
            self._engine.connect() as connection,
        ):
            driver = connection.connection.cursor()  # the driver's own: no transaction may be open
            try:
                driver.execute(statement)
                return list(driver.fetchall())
            except sqlite3.Error as error:
                raise StoreFailed(self.place.name, str(error)) from None
            finally:
                driver.close()

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    @contextmanager
    def _alone(self, lock: "threading.Lock | None") -> Iterator[None]:
        """Queue up in this process: SQLite's own way of waiting is to look again after a while."""
        if lock is None:
            yield
            return
        if not lock.acquire(timeout=BUSY):
            raise StoreFailed(self.place.name, f"another thread's transaction took longer than {BUSY:g} s")
        try:
            yield
        finally:
            lock.release()


@contextmanager
def translated(place: str) -> Iterator[None]:
    """Raise the database's errors as ours, without the values it was given."""
    try:
        yield
    except DBAPIError as error:
        raise _translate(place, error) from None
    except TimeoutError:
        raise StoreFailed(place, f"all {2 * CONNECTIONS} connections are in use") from None
    except SQLAlchemyError as error:
        raise StoreError(place, f"could not be used: {type(error).__name__}") from None


def _translate(place: str, error: DBAPIError) -> StoreError:
    said = str(error.orig).strip().partition("\n")[0]
    if isinstance(error, OperationalError | InterfaceError | InternalError) or error.connection_invalidated:
        if "unable to open database file" in said:
            return StoreError(place, "can't be opened: it is no file, or it or its folder is not writable")
        return StoreFailed(place, said.lower() or type(error.orig).__name__)
    if isinstance(error, IntegrityError):
        return StoreError(place, "refused a row that breaks its order or its references")
    if "not a database" in said:
        return StoreError(place, "is not a database")
    if "malformed" in said:
        return StoreError(place, "is damaged; `sqlite3 FILE .recover` may save what is in it")
    return StoreError(place, f"refused a statement: {type(error.orig).__name__}")


def _make_file(name: str, file: Path) -> None:
    """Make the file (mode 0600) and its folder (0700), so that nobody else reads what was said."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(os.open(file, os.O_RDWR | os.O_CREAT, 0o600))
    except FileExistsError:
        raise StoreError(name, "can't be made: its folder is a file") from None
    except OSError as error:
        problem = system_reason(error)
        raise StoreError(name, f"can't be made: {problem}") from None


def _sqlite_engine(place: Place) -> Engine:
    given: dict[str, Any] = {"pool_size": CONNECTIONS, "max_overflow": CONNECTIONS, "pool_timeout": BUSY}
    if place.file is None:
        given = {"poolclass": StaticPool}
    engine = create_engine(
        place.url,
        connect_args={"check_same_thread": False, "timeout": BUSY},
        hide_parameters=True,
        **given,
    )

    @event.listens_for(engine, "connect")
    def set_up(connection: Any, _: object) -> None:
        connection.isolation_level = None  # the driver would begin transactions by itself, and late
        for setting in ("synchronous=NORMAL", "foreign_keys=ON", "secure_delete=ON", "temp_store=MEMORY"):
            connection.execute(f"PRAGMA {setting}").close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql(connection.get_execution_options().get("workbench_begin", "BEGIN"))

    return engine


def _postgres_engine(place: Place) -> Engine:
    engine = create_engine(
        place.url,
        connect_args={"connect_timeout": int(CONNECT), "keepalives_idle": 10, "tcp_user_timeout": 10_000},
        hide_parameters=True,
        pool_pre_ping=True,
        pool_size=CONNECTIONS,
        max_overflow=CONNECTIONS,
        pool_timeout=BUSY,
    )

    @event.listens_for(engine, "connect")
    def set_up(connection: Any, _: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"set lock_timeout = {BUSY * 1000:.0f}")
            cursor.execute(f"set statement_timeout = {STATEMENT * 1000:.0f}")
            cursor.execute(f"set idle_in_transaction_session_timeout = {STATEMENT * 1000:.0f}")
        connection.commit()

    return engine
