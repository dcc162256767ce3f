"""A store is opened, made or refused: with one sentence, never with a password in it."""

import os
import socket
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from rows_of import session_row
from sqlalchemy import inspect, text

from workbench.errors import EngineMissing, StoreError, StoreFailed
from workbench.store import database as database_module
from workbench.store.database import Database
from workbench.store.migrating import VERSION_TABLE
from workbench.store.rows import NewSession
from workbench.store.schema import metadata
from workbench.store.store import open_existing_store, open_store
from workbench.store.urls import default_url, place_of

EXPECTED = "expected sqlite:///PATH or postgresql://USER@HOST/DATABASE"


def test_the_migrations_lead_to_the_tables(store_url: str) -> None:
    """A new store would have other columns than the code writes to."""
    open_store(store_url).close()
    database = Database(place_of(store_url))
    with database.reading() as connection:
        context = MigrationContext.configure(
            connection, opts={"version_table": VERSION_TABLE, "compare_type": True}
        )
        assert compare_metadata(context, metadata) == []
        assert set(inspect(connection).get_table_names()) == {*metadata.tables, VERSION_TABLE}
    database.close()


def test_opening_again_changes_nothing(store_url: str) -> None:
    """Each restart would run the migrations again, or empty the store."""
    for _ in range(3):
        with open_store(store_url) as store:
            store.write([NewSession(session_row())])
            assert len(store.sessions()) == 1


def test_processes_may_open_a_new_store_at_once(store_url: str) -> None:
    """Of two endpoints started together one would fail."""
    code = "import sys; from workbench.store.store import open_store; open_store(sys.argv[1]).close()"
    both = [
        subprocess.Popen([sys.executable, "-c", code, store_url], stderr=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    assert [one.communicate(timeout=120)[1] for one in both] == [""] * 3
    with open_existing_store(store_url) as store:
        assert store.sessions() == []


def test_a_store_of_a_newer_version_is_refused(store_url: str) -> None:
    """An old endpoint would write rows that the new one can't read."""
    open_store(store_url).close()
    database = Database(place_of(store_url))
    with database.writing() as connection:
        connection.execute(text(f"update {VERSION_TABLE} set version_num = '9999'"))
    database.close()
    with pytest.raises(
        StoreError, match=r"was written by a newer version \(schema 9999\), this one knows up"
    ):
        open_store(store_url)


def test_a_database_of_something_else_is_left_alone(store_url: str) -> None:
    """A wrong path would put our tables into somebody's address book."""
    place = place_of(store_url)
    database = Database(place)
    with database.writing() as connection:
        connection.execute(text("create table people (name text)"))
    database.close()
    before = None if place.file is None else place.file.read_bytes()
    with pytest.raises(StoreError, match="holds tables of something else, expected a database of its own"):
        open_store(store_url)
    with pytest.raises(StoreError, match="is not a store of sessions"):
        open_existing_store(store_url)
    database = Database(place)
    with database.reading() as connection:
        assert inspect(connection).get_table_names() == ["people"]
    database.close()
    if place.file is not None:
        assert place.file.read_bytes() == before


def test_a_file_is_for_its_user_only(tmp_path: Path) -> None:
    """Everybody on the machine could read what was said."""
    before = os.umask(0)
    try:
        with open_store(f"sqlite:///{tmp_path}/new/folder/a.db") as store:
            store.write([NewSession(session_row())])
            modes = {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "new/folder").iterdir()}
            assert modes == {"a.db": 0o600, "a.db-wal": 0o600, "a.db-shm": 0o600}
    finally:
        os.umask(before)
    assert (tmp_path / "new/folder").stat().st_mode & 0o777 == 0o700


def test_the_settings_of_sqlite_are_as_promised(tmp_path: Path) -> None:
    """A killed process could lose what was reported, or a deleted session leave its events behind."""
    open_store(f"sqlite:///{tmp_path}/a.db").close()
    database = Database(place_of(f"sqlite:///{tmp_path}/a.db"))
    with database.writing() as connection:
        found = [
            connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        ]
    database.close()
    assert found == ["wal", 1, 1, 5000]


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("", f"store URL: can't be read, {EXPECTED}"),
        ("store.db", f"store URL: can't be read, {EXPECTED}"),
        ("mysql://me:secret@host/db", f"store URL: names 'mysql', {EXPECTED}"),
        ("sqlite+aiosqlite:///a.db", f"store URL: names 'sqlite+aiosqlite', {EXPECTED}"),
        ("postgresql://me:secret@host:port/db", f"store URL: can't be read, {EXPECTED}"),
        ("sqlite://a.db", "store URL: has more than a path after sqlite://, expected sqlite:///PATH"),
        (
            "sqlite:///a.db?x=secret",
            "store URL: has more than a path after sqlite://, expected sqlite:///PATH",
        ),
    ],
)
def test_a_wrong_url_is_one_sentence(url: str, problem: str) -> None:
    """One would have to guess what a URL must look like."""
    with pytest.raises(StoreError) as caught:
        open_store(url)
    assert str(caught.value) == problem


def test_a_file_that_is_no_database_is_refused_and_kept(tmp_path: Path) -> None:
    """A typing error would destroy a letter."""
    (tmp_path / "letter.txt").write_text("Dear Ann, " * 200)
    with pytest.raises(StoreError, match=r"letter.txt: is not a database"):
        open_store(f"sqlite:///{tmp_path}/letter.txt")
    assert (tmp_path / "letter.txt").read_text() == "Dear Ann, " * 200


def test_a_place_that_can_not_be_written_is_refused(tmp_path: Path) -> None:
    """The endpoint would start and store nothing."""
    (tmp_path / "file").write_text("")
    for path, problem in (
        (f"{tmp_path}/file/a.db", "can't be made: its folder is a file"),
        (str(tmp_path), "can't be opened: it is no file, or it or its folder is not writable"),
        (f"{tmp_path}/{'x' * 300}", "can't be (opened|made): file name too long"),
    ):
        with pytest.raises(StoreError, match=f": {problem}$"):
            open_store(f"sqlite:///{path}")


def test_a_damaged_file_is_refused(tmp_path: Path) -> None:
    """Its sessions would be read as if they were whole."""
    with open_store(f"sqlite:///{tmp_path}/a.db") as store:
        store.write([NewSession(session_row(f"s{number}", wish="x" * 3000)) for number in range(40)])
    bytes_ = bytearray((tmp_path / "a.db").read_bytes())
    bytes_[4096 : len(bytes_)] = b"\xff" * (len(bytes_) - 4096)
    (tmp_path / "a.db").write_bytes(bytes_)
    with pytest.raises(StoreError, match="is damaged"), open_store(f"sqlite:///{tmp_path}/a.db") as store:
        store.sessions()


def test_an_existing_store_is_not_made(tmp_path: Path, postgres_url: str) -> None:
    """A typing error would show an empty store instead of an error."""
    with pytest.raises(StoreError, match=r"a.db: is not there"):
        open_existing_store(f"sqlite:///{tmp_path}/a.db")
    assert not (tmp_path / "a.db").exists()
    with pytest.raises(StoreError, match="is not a store of sessions"):
        open_existing_store(postgres_url)
    open_store(postgres_url).close()
    open_existing_store(postgres_url).close()


def test_a_server_that_is_not_there_is_named_without_the_password() -> None:
    """The password would come into a log."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with pytest.raises(StoreFailed, match=f"store 127.0.0.1:{port}/calls: .*connection refused") as caught:
        open_store(f"postgresql://me:s3cret@127.0.0.1:{port}/calls")
    assert "s3cret" not in f"{caught.value!r} {caught.value.__cause__!r}"
    assert caught.value.__suppress_context__


def test_a_wrong_password_is_one_sentence(postgres_url: str) -> None:
    """One would not know whether to look for the server or for the password."""
    wrong = postgres_url.partition("@")[2]
    with pytest.raises(StoreError, match='password authentication failed for user "tester"') as caught:
        open_store(f"postgresql://tester:s3cret@{wrong}")
    assert "s3cret" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_driver_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """One would have to find out what to install."""
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(EngineMissing, match=r"realtime-voice-workbench\[postgres\]"):
        open_store("postgresql://host/db")


def test_a_locked_store_is_a_failure_to_try_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A backup of the file would end every session."""
    monkeypatch.setattr(database_module, "BUSY", 0.05)
    with open_store(f"sqlite:///{tmp_path}/a.db") as store:
        other = sqlite3.connect(tmp_path / "a.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreFailed, match="database is locked"):
            store.write([NewSession(session_row())])
        other.execute("ROLLBACK")
        other.close()
        store.write([NewSession(session_row())])
        assert len(store.sessions()) == 1


def test_a_server_that_comes_back_is_used_again(postgres_url: str, postgres_server: str) -> None:
    """After the server's restart the endpoint would need one as well."""
    import psycopg

    with open_store(postgres_url) as store:
        store.write([NewSession(session_row())])
        with psycopg.connect(f"{postgres_server}/postgres", autocommit=True) as connection:
            name = postgres_url.rpartition("/")[2]
            connection.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", [name]
            )
        assert len(store.sessions()) == 1


def test_the_default_is_a_file_of_the_user(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Sessions would be stored where their user does not look for them."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert default_url() == f"sqlite:///{tmp_path}/realtime-voice-workbench/workbench.db"
    monkeypatch.delenv("XDG_DATA_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert default_url() == f"sqlite:///{tmp_path}/.local/share/realtime-voice-workbench/workbench.db"
