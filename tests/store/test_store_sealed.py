"""What is stored can be read with its key only; deleting destroys it; keys rotate; old stores are sealed."""

import json
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from rows_of import appends, event, session_row
from searching import found
from sqlalchemy import select, text
from tampering import Tampering

from workbench.core.wire import event_to_json
from workbench.errors import KeyMissing, StoreFailed
from workbench.security.keyring import Key, Keyring
from workbench.security.store_keys import StoreKeys
from workbench.store import sealing_plain
from workbench.store.database import Database
from workbench.store.migrating import migrate
from workbench.store.rows import Append, NewSession, PhaseChange, SessionRow, Snapshot
from workbench.store.schema import events, openings, session_keys, snapshots
from workbench.store.session_keys import Rewrapped
from workbench.store.store import Store, open_existing_store, open_store
from workbench.store.urls import place_of

SAID = ("marmalade", "quicksilver", "zeppelin", "0151-4711")
"""Words that stand in no file by chance."""
FIRST, SECOND, THIRD = (Key(letter * 40) for letter in "abc")


def ring(*keys: Key) -> StoreKeys:
    return StoreKeys(Keyring(keys))


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'data' / 'sessions.db'}"


def row_with(words: str, session: str = "a1") -> SessionRow:
    return session_row(session, wish=json.dumps({"type": "open", "assistant": words}))


def talk(store: Store, session: str = "a1") -> None:
    """Store a conversation that says all the words, over and over."""
    words = " ".join(SAID)
    store.write([NewSession(row_with(words, session))])
    for seq in range(0, 60, 3):
        store.write([Append(session, event(one, words)) for one in range(seq, seq + 3)])
        store.write([Snapshot(session, seq + 2, json.dumps({"heard": words, "at": seq}))])


def words(folder: Path) -> dict[str, set[bytes]]:
    return found([word.encode() for word in SAID], folder)


def test_the_search_finds_what_is_readable(tmp_path: Path) -> None:
    """The tests below would pass whatever is stored."""
    said = " ".join(SAID).encode()
    (tmp_path / "plain").write_bytes(b"\0" * 50 + said.upper())
    (tmp_path / "packed").write_bytes(b"x\x9c nothing" + zlib.compress(said) + b"behind it")
    assert {name: len(hits) for name, hits in words(tmp_path).items()} == {"plain": 4, "packed": 4}


def test_no_file_holds_what_was_said(sqlite_url: str, tmp_path: Path) -> None:
    """Whoever gets hold of the disk, or of a copy of it, would read what was said."""
    with open_store(sqlite_url) as store:
        talk(store)
        assert (tmp_path / "data" / "sessions.db-wal").stat().st_size
        assert words(tmp_path) == {}  # the log and its index too
        assert SAID[0] in store.load("a1").row.wish
        assert SAID[0] in str(store.load("a1").events[2])
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["sessions.db"]
    assert words(tmp_path) == {}


def test_equal_texts_look_different(store: Store, store_url: str) -> None:
    """One could tell that two callers said the same."""
    for name in ("a1", "b1"):
        talk(store, name)
    hand = Tampering(store_url)
    sealed = [row.sealed for name in ("a1", "b1") for row in hand.rows(events, name)]
    hand.close()
    assert len({one[-16:] for one in sealed}) == len({one[1:13] for one in sealed}) == 120


def test_deleting_leaves_nothing_in_the_files(sqlite_url: str, tmp_path: Path) -> None:
    """The key of a deleted session, or what it sealed, could be found in free pages or in the log."""
    with open_store(sqlite_url) as store:
        talk(store, "b1")
        talk(store)
        hand = Tampering(sqlite_url)
        parts = [row.sealed for table in (events, snapshots, openings) for row in hand.rows(table)]
        keys = [row.wrapped for row in hand.rows(session_keys)]
        hand.close()
        secret = [part[13:45] for part in (*parts, *keys)]
        assert len(found(secret, tmp_path)) > 0
        assert store.delete("a1") == 1
        assert found(secret, tmp_path) == {}  # file, log and index, while it is open
        assert (tmp_path / "data" / "sessions.db-wal").stat().st_size == 0
        assert len(store.load("b1").events) == 60
        assert store.delete("a1", "b1", "none") == 1
        assert store.sessions() == []
    assert found(secret, tmp_path) == {}


def test_deleting_destroys_the_key_on_a_server(postgres_url: str) -> None:
    """A page of the server's would keep the key of a deleted session until it is used again."""
    with open_store(postgres_url) as store:
        talk(store, "b1")
        talk(store)
        database = Database(place_of(postgres_url))
        with database.reading() as connection:
            before = connection.scalar(text("select pg_relation_filepath('session_keys')"))
        store.delete("a1")
        with database.reading() as connection:
            after = connection.scalar(text("select pg_relation_filepath('session_keys')"))
            assert [row.session for row in connection.execute(select(session_keys))] == ["b1"]
        database.close()
        assert before != after  # the table was written anew, the file before is gone
        assert len(store.load("b1").events) == 60


def test_deleting_needs_no_key(store_url: str) -> None:
    """Who lost the key could not even delete."""
    with open_store(store_url, ring(FIRST)) as store:
        talk(store)
    with open_existing_store(store_url, ring(SECOND)) as store:
        assert [one.session for one in store.sessions()] == ["a1"]
        assert store.delete("a1") == 1


def test_a_reader_in_the_way_is_told(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One would be told that nothing is left while the log still has it."""
    monkeypatch.setattr("workbench.store.database.BUSY", 0.05)
    with open_store(sqlite_url) as store:
        talk(store)
        other = Database(place_of(sqlite_url))
        with other.reading() as connection:
            connection.execute(text("select count(*) from events"))
            with pytest.raises(StoreFailed, match="1 sessions are deleted, but not yet overwritten: another"):
                store.delete("a1")
            with pytest.raises(StoreFailed, match="what was there is deleted, but not yet overwritten"):
                store.delete("a1")
        other.close()
        assert store.load("a1") is None
        assert store.delete("a1") == 0
        assert (tmp_path / "data" / "sessions.db-wal").stat().st_size == 0
        talk(store)
        store.delete("a1")
    assert words(tmp_path) == {}


def test_a_key_that_is_missing_is_named(store_url: str) -> None:
    """One would not know which of many keys to look for, and fear that all is lost."""
    with open_store(store_url, ring(FIRST)) as store:
        talk(store)
    with open_store(store_url, ring(SECOND)) as store:
        wanted = (
            f"master key {FIRST.key_id} is needed, looked in a ring given .holds {SECOND.key_id}.; nothing is"
        )
        for use in (lambda: store.load("a1"), lambda: store.write(appends("a1", 60, 1)), store.keys.check):
            with pytest.raises(KeyMissing, match=wanted):
                use()
        store.write([NewSession(session_row("b1"))])  # what needs the other key only goes on
        assert store.load("b1").row == session_row("b1")
    with open_store(store_url, ring(THIRD, SECOND, FIRST)) as store:
        store.keys.check()
        assert (len(store.load("a1").events), len(store.load("b1").events)) == (60, 0)


def test_rotation_wraps_the_keys_and_touches_nothing_else(store_url: str) -> None:
    """A rotation would take hours, or lose what was stored under the former key."""
    with open_store(store_url, ring(FIRST)) as store:
        for name in ("a1", "b1"):
            talk(store, name)
        store.write([PhaseChange("a1", "ended", "idle", 1.0)])
    hand = Tampering(store_url)
    before = [hand.rows(table) for table in (events, snapshots, openings)]
    with open_store(store_url, ring(SECOND, FIRST)) as store:
        assert store.keys.wrapped_by() == {FIRST.key_id: 2}
        assert store.keys.rewrap() == Rewrapped(sessions=2, vaults=0)
        assert store.keys.rewrap() == Rewrapped(sessions=0, vaults=0)
        assert store.keys.wrapped_by() == {SECOND.key_id: 2}
    assert [hand.rows(table) for table in (events, snapshots, openings)] == before
    hand.close()
    with open_store(store_url, ring(SECOND)) as store:
        assert [len(store.load(name).events) for name in ("a1", "b1")] == [60, 60]
    with open_store(store_url, ring(FIRST)) as store, pytest.raises(KeyMissing):
        store.load("a1")


def test_an_interrupted_rotation_goes_on(store_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some sessions would be left with a key that is about to be thrown away."""
    monkeypatch.setattr("workbench.store.parts.AT_ONCE", 2)
    names = [f"s{number}" for number in range(5)]
    with open_store(store_url, ring(FIRST)) as store:
        store.write([NewSession(session_row(name)) for name in names[:3]])
    with open_store(store_url, ring(SECOND)) as store:
        store.write([NewSession(session_row(name)) for name in names[3:]])
    with open_store(store_url, ring(THIRD, FIRST)) as store, pytest.raises(KeyMissing):
        store.keys.rewrap()
    with open_store(store_url, ring(THIRD, FIRST, SECOND)) as store:
        assert store.keys.wrapped_by() == {THIRD.key_id: 2, FIRST.key_id: 1, SECOND.key_id: 2}
        assert store.keys.rewrap() == Rewrapped(sessions=3, vaults=0)
        assert [store.load(name).row.session for name in names] == names


def test_one_damaged_key_does_not_stop_a_rotation(store_url: str) -> None:
    """No key could be taken out of use any more."""
    with open_store(store_url, ring(FIRST)) as store:
        store.write([NewSession(session_row(name)) for name in ("a1", "b1", "c1")])
    hand = Tampering(store_url)
    hand.set(session_keys, "b1", wrapped=hand.rows(session_keys)[0].wrapped)
    hand.close()
    with open_store(store_url, ring(SECOND, FIRST)) as store:
        assert store.keys.rewrap() == Rewrapped(sessions=2, vaults=0, damaged=("session b1",))
        assert store.load("c1").row == session_row("c1")


# --- what an older version stored


def old_store(url: str, sessions: int) -> None:
    """Make a store as the first version did, with all that was said readable in it."""
    database = Database(place_of(url))
    said = " ".join(SAID)
    with database.writing() as connection:
        migrate(connection, database.place.name, "0001")
        for number in range(sessions):
            name = f"s{number}"
            row = row_with(said, name)
            facts = {"of": name, "wish": row.wish, "opened": row.opened, "handle": row.handle}
            connection.execute(
                text(
                    "insert into sessions (session, project, client, assistant, token_id, phase, opened, "
                    "reason, handle, wish, events) values (:of, 'default', 'phone', 'coffee', 't-1', 'held', "
                    ":opened, 'lost', :handle, :wish, 4)"
                ),
                facts,
            )
            for seq in range(4):
                connection.execute(
                    text("insert into events (session, seq, text) values (:of, :seq, :text)"),
                    {"of": name, "seq": seq, "text": event_to_json(event(seq, said))},
                )
            if number % 2:
                connection.execute(
                    text("insert into snapshots (session, seq, text) values (:of, 3, :text)"),
                    {"of": name, "text": said},
                )
    database.log_ahead()
    database.close()


def check_sealed(store: Store, sessions: int) -> None:
    said = " ".join(SAID)
    for number in range(sessions):
        stored = store.load(f"s{number}")
        assert stored.events == tuple(event(seq, said) for seq in range(4))
        assert stored.row == session_row(
            f"s{number}",
            phase="held",
            reason="lost",
            wish=row_with(said).wish,
            snapshot=said if number % 2 else None,
            snapshot_seq=3 if number % 2 else -1,
        )
        store.write(appends(f"s{number}", 4, 2))
    assert len(store.sessions()) == sessions


def test_what_an_older_version_stored_is_sealed(store_url: str, tmp_path: Path) -> None:
    """An update would lose every session, or leave them all readable."""
    old_store(store_url, 45)
    with open_store(store_url) as store:
        assert words(tmp_path) == {}
        check_sealed(store, 45)
    with open_existing_store(store_url) as store:
        assert len(store.load("s7").events) == 6


def test_what_was_once_deleted_is_overwritten_too(sqlite_url: str, tmp_path: Path) -> None:
    """Free pages of the time before would keep what was said."""
    old_store(sqlite_url, 30)
    database = Database(place_of(sqlite_url))
    with database.reading() as connection:
        connection.exec_driver_sql("PRAGMA secure_delete=OFF")
    with database.writing() as connection:
        connection.exec_driver_sql("PRAGMA secure_delete=OFF")
        connection.execute(text("delete from sessions where session <> 's3'"))
    database.close()
    assert words(tmp_path) != {}
    with open_store(sqlite_url) as store:
        assert words(tmp_path) == {}
        assert [one.session for one in store.sessions()] == ["s3"]
    assert words(tmp_path) == {}


def after(count: int, what: Callable[..., object]) -> Callable[..., object]:
    """Return ``what``, which fails once it was called ``count`` times."""
    calls = []

    def failing(*given: object) -> object:
        calls.append(given)
        if len(calls) > count:
            raise KeyboardInterrupt
        return what(*given)

    return failing


@pytest.mark.parametrize("count", [0, 1, 25, 44])
def test_sealing_goes_on_where_it_was_interrupted(store_url: str, count: int) -> None:
    """An update that was stopped in the middle would lose the rest, or never end."""
    old_store(store_url, 45)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(sealing_plain, "_seal", after(count, sealing_plain._seal))
        with pytest.raises(KeyboardInterrupt):
            open_store(store_url)
    with open_store(store_url) as store:
        check_sealed(store, 45)


def test_sealing_waits_for_a_key(postgres_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Each machine that opens a shared store would make a key of its own, and lose it with its disk."""
    old_store(postgres_url, 2)
    key = monkeypatch.delenv("WORKBENCH_STORE_KEY")
    monkeypatch.setenv("WORKBENCH_CONFIG", str(tmp_path))
    with pytest.raises(KeyMissing, match=r"a master key is needed, looked in WORKBENCH_STORE_KEY .not set."):
        open_store(postgres_url)
    monkeypatch.setenv("WORKBENCH_STORE_KEY", "k" * 40)
    assert key is None
    with open_store(postgres_url) as store:
        check_sealed(store, 2)


def test_the_first_use_makes_a_key_for_a_file(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One would have to set something up before the first session, or anybody could read the key."""
    monkeypatch.delenv("WORKBENCH_STORE_KEY")
    monkeypatch.setenv("WORKBENCH_CONFIG", str(tmp_path / "config"))
    with open_store(sqlite_url) as store:
        assert not (tmp_path / "config").exists()  # nothing is sealed yet
        talk(store)
    key = tmp_path / "config" / "store-key"
    assert key.stat().st_mode & 0o777 == 0o600
    with open_existing_store(sqlite_url) as store:
        assert len(store.load("a1").events) == 60
    key.rename(tmp_path / "elsewhere")
    with open_existing_store(sqlite_url) as store:
        for use in (
            lambda: store.load("a1"),
            store.keys.check,
            lambda: store.write([NewSession(session_row("b1"))]),
        ):
            with pytest.raises(
                KeyMissing, match=r"needed, looked in WORKBENCH_STORE_KEY .not set. and .*store"
            ):
                use()
    assert not key.exists()  # a new one in its place would open nothing
    (tmp_path / "elsewhere").rename(key)
    with open_existing_store(sqlite_url) as store:
        assert len(store.load("a1").events) == 60
