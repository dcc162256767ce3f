"""Who is calling: a customer book on SQLite, read from a ``.csv`` file or opened as a ``.db``.

A book has one table ``customers`` with the columns of :data:`COLUMNS`; a CSV file has them as its head.
"""

import csv
import sqlite3
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Self
from urllib.request import pathname2url

from workbench.errors import LookupFailed, ParameterError
from workbench.lookups.ports import Customer

COLUMNS = ("id", "name", "spoken", "place")
"""``spoken`` and ``place`` may be empty; then the first name is said, and no place is known."""

ROWS_MAX = 100_000
"""Customers read from a CSV file; a longer book is a database."""

TEXT_MAX = 80
"""Characters of each column that are used."""

_BUSY = 1.0
"""Seconds to wait for somebody who writes to the book."""


class CustomerBook:
    """A customer book; may be asked from any thread. Close it, or use it in ``with``."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give up the database; later questions raise LookupFailed."""
        with self._lock:
            self._database.close()

    def find(self, caller: str) -> Customer | None:
        """Return the customer with that identifier, None if there is none.

        Raises
        ------
        LookupFailed
            If the database does not answer; never says who was looked for.
        """
        try:
            with self._lock:
                row = self._database.execute(
                    "SELECT id, name, spoken, place FROM customers WHERE id = ?", (caller,)
                ).fetchone()
        except sqlite3.Error as error:
            raise LookupFailed(f"the customer book did not answer: {type(error).__name__}") from error
        if row is None:
            return None
        identifier, name, spoken, place = map(_plain, row)
        return Customer(id=identifier, name=name, spoken=spoken or name.partition(" ")[0], place=place)


def open_customers(path: Path) -> CustomerBook:
    """Return the customer book of a ``.csv`` file, or in a SQLite database (which is only read).

    Raises
    ------
    ParameterError
        If there is no such file, or it is no customer book.
    """
    if not path.is_file():
        raise ParameterError(f"{path}: no such file, expected a customer book (.csv or .db)")
    return _from_csv(path) if path.suffix.lower() == ".csv" else _from_database(path)


def _from_database(path: Path) -> CustomerBook:
    location = f"file:{pathname2url(str(path.resolve()))}?mode=ro"
    database = sqlite3.connect(location, uri=True, timeout=_BUSY, check_same_thread=False)
    try:
        database.execute("SELECT id, name, spoken, place FROM customers LIMIT 1").fetchone()
    except sqlite3.Error as problem:
        database.close()
        raise ParameterError(
            f"{path}: is no customer book, expected a table customers with {', '.join(COLUMNS)}"
        ) from problem
    return CustomerBook(database)


def _from_csv(path: Path) -> CustomerBook:
    database = sqlite3.connect(":memory:", check_same_thread=False)
    try:
        database.execute("CREATE TABLE customers (id TEXT PRIMARY KEY, name TEXT, spoken TEXT, place TEXT)")
        with path.open(encoding="utf-8", newline="") as file:
            _fill(database, csv.reader(file, strict=True), path)
        database.commit()
    except ParameterError:
        database.close()
        raise
    except (OSError, UnicodeDecodeError, csv.Error, sqlite3.Error) as problem:
        database.close()
        raise ParameterError(f"{path}: can't be read: {type(problem).__name__}") from problem
    return CustomerBook(database)


def _fill(database: sqlite3.Connection, rows: Iterable[list[str]], path: Path) -> None:
    lines = enumerate(rows, start=1)
    _, head = next(lines, (1, []))
    if tuple(head) != COLUMNS:
        raise ParameterError(f"{path}:1: the columns are not {', '.join(COLUMNS)}")
    for line, row in lines:
        if line > ROWS_MAX + 1:
            raise ParameterError(f"{path}: more than {ROWS_MAX} customers, expected a database beyond that")
        if not row:
            continue
        if len(row) != len(COLUMNS) or not row[0].strip() or not row[1].strip():
            raise ParameterError(f"{path}:{line}: expected {len(COLUMNS)} columns, id and name not empty")
        try:
            database.execute("INSERT INTO customers VALUES (?, ?, ?, ?)", [cell.strip() for cell in row])
        except sqlite3.IntegrityError:
            raise ParameterError(f"{path}:{line}: the id is there already") from None


def _plain(value: object) -> str:
    """Return a column's text on one line, cut to what is used."""
    return " ".join(str(value or "").split())[:TEXT_MAX]
