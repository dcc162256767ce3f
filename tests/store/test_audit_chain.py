"""The audit trail is one chain whoever writes, and whatever is done to it by hand is found and named."""

import gzip
import json
import random
import sqlite3
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from sqlalchemy import text

from workbench.core.audit import AuditEntry
from workbench.core.audit_chain import AuditHead, AuditRecord, ChainKey, ChainKeys
from workbench.core.audit_check import Verdict
from workbench.errors import StoreError, StoreFailed
from workbench.store import trail
from workbench.store.audit_archive import Archive
from workbench.store.database import Database
from workbench.store.store import Store, open_store
from workbench.store.urls import place_of

KEYS = ChainKeys((ChainKey("k1", b"1" * 32),))
OTHERS = ChainKeys((ChainKey("k2", b"2" * 32),))
HOSTILE = "'; drop table audit_head; --"
RECORDS = 9
COPIED = (
    "insert into audit_records select {new}, at, kind, token_id, project, session, client, address, reason, "
    "digest, key_id, digest, mac from audit_records where seq = {old}"
)
COLUMNS = [field.name for field in fields(AuditRecord)]

WRITER = """
import sys
from workbench.core.audit import AuditEntry
from workbench.core.audit_chain import ChainKey, ChainKeys
from workbench.store.store import open_store
url, name = sys.argv[1:]
with open_store(url, audit_keys=ChainKeys((ChainKey("k1", b"1" * 32),))) as store:
    print("ready", flush=True)
    sys.stdin.readline()
    for number in range(40):
        store.audit([AuditEntry(at=float(number), kind="used", session=name)] * (1 + number % 3))
"""


def entry(number: int) -> AuditEntry:
    return AuditEntry(
        at=1000.0 + number / 3,
        kind="used" if number % 2 else "minted",
        token_id=f"t{number}",
        project="lab" if number % 3 else None,
        session=f"s{number // 4}",
        client="tab",
        address="192.0.2.1",
        reason=HOSTILE,
    )


def fill(url: str, count: int = RECORDS - 1) -> None:
    """Write a chain of ``count`` records and its beginning."""
    with open_store(url, audit_keys=KEYS) as store:
        for number in range(count):
            store.audit([entry(number)])


def checked(url: str, keys: ChainKeys = KEYS, start: int | None = None) -> Verdict:
    with open_store(url) as store:
        verdict = store.trail.check(keys, start=start)
    assert verdict is not None
    return verdict


def wrong(url: str) -> list[tuple[str, int | None]]:
    return [(problem.wrong, problem.seq) for problem in checked(url).problems]


def by_hand(url: str, *statements: str, **values: object) -> None:
    """Do to the database what somebody with access to it could do."""
    database = Database(place_of(url))
    with database.writing() as connection:
        for statement in statements:
            connection.execute(text(statement), values)
    database.close()


@pytest.fixture
def url(store_url: str) -> str:
    """Return a store with a chain, on each database in turn."""
    fill(store_url)
    return store_url


@pytest.fixture
def file(tmp_path: Path) -> str:
    """Return a store with a chain, in a file."""
    url = f"sqlite:///{tmp_path / 'a.db'}"
    fill(url)
    return url


def test_what_was_written_is_read_and_holds(url: str) -> None:
    """One could not tell what came first, or every trail would be called false."""
    with open_store(url, audit_keys=KEYS) as store:
        store.audit([])
        records = store.trail.records()
        assert [record.seq for record in records] == list(range(RECORDS))
        assert [record.entry for record in records[1:]] == [entry(number) for number in range(RECORDS - 1)]
        assert (records[0].kind, records[0].reason) == ("begun", "a new chain")
        assert [record.seq for record in store.trail.records(limit=2)] == [RECORDS - 2, RECORDS - 1]
    verdict = checked(url)
    assert (verdict.first, verdict.count, verdict.problems) == (0, RECORDS, ())


def test_records_can_be_searched(url: str) -> None:
    """A reviewer would read all of it for one session."""
    with open_store(url) as store:
        for wanted, numbers in (
            (trail.Wanted(kind="minted"), [1, 3, 5, 7]),
            (trail.Wanted(session="s0"), [1, 2, 3, 4]),
            (trail.Wanted(project="lab", client="tab"), [2, 3, 5, 6, 8]),
            (trail.Wanted(since=1001.0, until=1002.0, kind="used"), [4, 6]),
            (trail.Wanted(client=HOSTILE), []),
        ):
            assert [record.seq for record in store.trail.records(wanted=wanted)] == numbers


@pytest.mark.parametrize("column", COLUMNS)
def test_a_change_of_any_column_of_any_record_is_found(column: str, file: str) -> None:
    """Somebody with access to the database could unmake what they did."""
    file_path = str(place_of(file).file)
    with sqlite3.connect(file_path) as connection:
        whole = connection.execute("select * from audit_records order by seq").fetchall()
    connection.close()
    values = {"seq": 77, "at": 1234.5}
    for seq in range(RECORDS):
        with sqlite3.connect(file_path) as connection:
            connection.execute(
                f"update audit_records set {column} = ? where seq = ?",
                (values.get(column, "x" * 64), seq),
            )
        found = wrong(file)
        assert found, (column, seq)
        first = found[0]
        assert first[1] == seq, first
        if column != "seq":
            assert first[0] == "changed"
        elif seq < RECORDS - 1:
            assert first[0] == "missing"
        with sqlite3.connect(file_path) as connection:
            connection.execute("delete from audit_records")
            marks = ",".join("?" * len(COLUMNS))
            connection.executemany(f"insert into audit_records values ({marks})", whole)
        connection.close()
        assert wrong(file) == []


@pytest.mark.parametrize("column", COLUMNS[1:])
def test_bytes_in_place_of_a_text_are_a_change(column: str, file: str) -> None:
    """A value of another type would end the check with an error."""
    by_hand(file, f"update audit_records set {column} = x'' where seq = 3")
    assert wrong(file) == [("changed", 3)]


@given(data=st.data())
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_other_value_anywhere_is_found(data: st.DataObject, tmp_path_factory: pytest.TempPathFactory):
    """A value of another type, or one that looks the same when it is shown, would slip through."""
    url = f"sqlite:///{tmp_path_factory.mktemp('chain') / 'a.db'}"
    fill(url, 3)
    column = data.draw(st.sampled_from(COLUMNS[1:]))
    seq = data.draw(st.integers(0, 3))
    value = data.draw(
        st.one_of(
            st.text(max_size=70).filter(lambda text: not any("\ud800" <= c <= "\udfff" for c in text)),
            st.binary(max_size=40),
            st.integers(-(2**40), 2**40),
            st.floats(allow_nan=False, allow_infinity=False),
        )
    )
    path = str(place_of(url).file)
    with sqlite3.connect(path) as connection:
        read = f"select {column} from audit_records where seq = ?"
        before = connection.execute(read, (seq,)).fetchone()[0]
        connection.execute(f"update audit_records set {column} = ? where seq = ?", (value, seq))
        same = connection.execute(read, (seq,)).fetchone()[0] == before
    connection.close()
    assert wrong(url) == ([] if same else [("changed", seq)])


def test_bytes_that_are_no_text_are_a_change(file: str) -> None:
    """A record that can't even be read would end the check with an error that names nothing."""
    by_hand(file, "update audit_records set reason = cast(x'ff41' as text) where seq = 4")
    verdict = checked(file)
    assert [(one.wrong, one.seq) for one in verdict.problems] == [("changed", 4)]
    assert verdict.problems[0].sentence == "record 4 was changed: it can't be read as a record"
    assert verdict.count == 4


@pytest.mark.parametrize("column", [field.name for field in fields(AuditHead)])
def test_a_change_of_the_head_is_found(column: str, file: str) -> None:
    """Who cuts the end off would only have to say that there are fewer."""
    number = column in ("count", "live", "kept")
    by_hand(file, f'update audit_head set "{column}" = :value', value=3 if number else "x")
    found = wrong(file)
    assert found[0][1] is None
    assert found[0][0] == ("unknown-key" if column == "key_id" else "changed")


@pytest.mark.parametrize(
    ("statements", "problem"),
    [
        (["delete from audit_records where seq = 4"], ("missing", 4, "record 4 is missing")),
        (["delete from audit_records where seq < 3"], ("missing", 0, "records 0 to 2 are missing")),
        (
            ["delete from audit_records where seq > 5"],
            ("cut-off", 6, "records 6 to 8 are missing from the end of the chain"),
        ),
        (
            ["delete from audit_records where seq = 8"],
            ("cut-off", 8, "record 8 is missing from the end of the chain"),
        ),
        (["delete from audit_records"], ("cut-off", 0, "records 0 to 8 are missing from the end")),
        (
            [
                "delete from audit_records where seq = 4",
                *(f"update audit_records set seq = {seq - 1} where seq = {seq}" for seq in range(5, 9)),
            ],
            ("missing", 4, "record 4 is missing: record 5 took its number"),
        ),
        (
            [
                "update audit_records set seq = 99 where seq = 2",
                "update audit_records set seq = 2 where seq = 6",
                "update audit_records set seq = 6 where seq = 99",
            ],
            ("reordered", 2, "record 2 is out of order: record 6 stands in its place"),
        ),
        (
            [
                "update audit_records set seq = 99 where seq = 5",
                "update audit_records set seq = 5 where seq = 6",
                "update audit_records set seq = 6 where seq = 99",
            ],
            ("reordered", 5, "record 5 is out of order: record 6 stands in its place"),
        ),
        (
            [
                *(f"update audit_records set seq = {seq + 1} where seq = {seq}" for seq in range(8, 4, -1)),
                COPIED.format(new=5, old=4),
            ],
            ("inserted", 5, "record 5 was inserted: the one after it follows the one before it"),
        ),
        (
            [
                COPIED.format(new=9, old=8),
            ],
            ("inserted", 9, "record 9 stands behind the end of the chain, 9 records"),
        ),
    ],
)
def test_what_is_done_to_the_rows_is_named(
    statements: list[str], problem: tuple[str, int, str], url: str
) -> None:
    """A reviewer would know that something is wrong, but not what and where."""
    by_hand(url, *statements)
    kind, seq, sentence = problem
    found = checked(url).problems
    assert [(one.wrong, one.seq) for one in found] == [(kind, seq)]
    assert found[0].sentence.startswith(sentence)


def test_who_computes_all_hashes_anew_still_has_no_key(file: str) -> None:
    """A chain of bare hashes is made again in a second by whoever can write the file."""
    with open_store(file) as store:
        records = store.trail.records()
    for seq in range(4, RECORDS):
        record = records[seq]
        previous = records[seq - 1].digest
        changed = {name: getattr(record, name) for name in COLUMNS} | {"previous": previous}
        if seq == 4:
            changed["reason"] = "nothing happened"
        forged = AuditRecord(**changed)
        records[seq] = AuditRecord(**(changed | {"digest": forged.digest_at(seq)}))
        by_hand(
            file,
            "update audit_records set reason = :reason, previous = :previous, digest = :digest "
            "where seq = :seq",
            **{name: getattr(records[seq], name) for name in ("reason", "previous", "digest", "seq")},
        )
    found = checked(file).problems
    assert [(one.wrong, one.seq) for one in found] == [("changed", 4)]
    assert found[0].sentence == "record 4 was changed: its signature does not match"


def test_a_head_found_changed_is_told_of_for_good(file: str, caplog: pytest.LogCaptureFixture) -> None:
    """The next honest writer would sign what a dishonest one has cut off."""
    by_hand(file, "delete from audit_records where seq > 4", "update audit_head set count = 5")
    with open_store(file, audit_keys=KEYS) as store:
        store.audit([entry(1)])
        store.audit([entry(2)])
        assert [record.kind for record in store.trail.records()][5:] == ["broken", "used", "minted"]
    verdict = checked(file)
    assert [(one.wrong, one.seq) for one in verdict.problems] == [("broken", 5)]
    assert "found broken before it: the signature of the head does not match" in verdict.problems[0].sentence
    assert "the audit trail was changed by somebody else" in caplog.text
    assert checked(file, start=6).problems == ()


def test_a_head_taken_away_stops_no_writer_and_is_told_of(url: str, caplog: pytest.LogCaptureFixture) -> None:
    """Nothing would be written down from then on, whoever came."""
    by_hand(url, "delete from audit_head")
    with open_store(url, audit_keys=KEYS) as store:
        store.audit([entry(1)])
        store.audit([entry(2)])
        assert [record.kind for record in store.trail.records()][-3] == "broken"
    assert [(one.wrong, one.seq) for one in checked(url).problems] != []
    assert checked(url, start=1).problems[0].wrong == "broken"
    assert "the head was missing" in caplog.text


def test_another_s_key_is_named(url: str) -> None:
    """Who verifies with the wrong key would think of tampering, or of none."""
    found = checked(url, OTHERS).problems
    assert [(one.wrong, one.seq) for one in found] == [("unknown-key", None), ("unknown-key", 0)]
    assert found[1].sentence == "record 0 is signed with key k1, and those at hand are k2"


def test_a_rotated_key_goes_on_with_the_chain(url: str) -> None:
    """A new key would make everything before it worthless."""
    both = ChainKeys(OTHERS.keys + KEYS.keys)
    with open_store(url, audit_keys=both) as store:
        store.audit([entry(9)])
        assert [record.key_id for record in store.trail.records(limit=2)] == ["k1", "k2"]
    assert checked(url, both).problems == ()


def test_processes_write_one_chain(store_url: str) -> None:
    """Two endpoints on one store would each break the other's chain."""
    open_store(store_url).close()
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, store_url, name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for name in ("one", "two", "three")
    ]
    for writer in writers:
        assert writer.stdout.readline() == "ready\n"
    for writer in writers:
        writer.stdin.write("go\n")
        writer.stdin.flush()
    assert [(writer.communicate(timeout=120)[0], writer.returncode) for writer in writers] == [("", 0)] * 3
    verdict = checked(store_url)
    assert (verdict.count, verdict.problems) == (1 + 3 * 79, ())
    with open_store(store_url) as store:
        assert [record.kind for record in store.trail.records()].count("begun") == 1


def test_what_was_written_before_there_was_a_chain_is_taken_over(store_url: str) -> None:
    """An update would lose the trail, or vouch for what anybody could have changed."""
    open_store(store_url).close()
    by_hand(
        store_url,
        "insert into audit_unchained (at, kind, session, reason) "
        "values (1.5, 'used', 's1', ''), (2, 'x', 's2', '')",
    )
    with open_store(store_url, audit_keys=KEYS) as store:
        store.audit([entry(0)])
        records = store.trail.records()
    assert [(record.kind, record.at, record.session) for record in records[1:3]] == [
        ("used", 1.5, "s1"),
        ("x", 2.0, "s2"),
    ]
    assert records[0].reason == "a new chain; the next 2 were written before it, and vouched for by nobody"
    assert checked(store_url).problems == ()


def test_without_keys_nothing_is_added(url: str) -> None:
    """Records would be there that nobody signed."""
    with open_store(url) as store, pytest.raises(StoreError, match="without the keys of its audit trail"):
        store.audit([entry(0)])


@pytest.fixture
def small(tmp_path: Path) -> tuple[str, Archive]:
    """Return a store and an archive filled well beyond small limits."""
    url = f"sqlite:///{tmp_path / 'a.db'}"
    archive = Archive(tmp_path / "a.db.audit")
    grow(url, archive, 40, parts=50)
    return url, archive


def grow(url: str, archive: Archive | None, count: int, parts: int) -> None:
    open_store(url).close()
    database = Database(place_of(url))
    limits = trail.Limits(live=10, part=4, parts=parts)
    for number in range(count):
        with database.writing() as connection:
            trail.append(connection, [entry(number)], KEYS, archive, place="here", limits=limits)
    database.close()


def test_old_parts_move_to_the_archive_and_the_chain_holds(small: tuple[str, Archive]) -> None:
    """The table would grow for ever, or its beginning be forgotten."""
    url, archive = small
    assert [(part.first, part.last) for part in archive.parts()][:3] == [(0, 3), (4, 7), (8, 11)]
    with open_store(url) as store:
        records = store.trail.records()
        assert len(records) <= 10 + 1
        assert records[0].seq == archive.parts()[-1].last + 1
        moved = [record.reason for record in store.trail.records(wanted=trail.Wanted(kind="archived"))]
    assert f"records {records[0].seq - 4} to {records[0].seq - 1} in audit-" in moved[-1]
    verdict = checked(url)
    assert (verdict.first, verdict.count, verdict.problems) == (0, verdict.head.count, ())
    assert verdict.head.count > 40
    assert {path.stat().st_mode & 0o777 for path in archive.folder.iterdir()} == {0o600}
    assert archive.folder.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("harm", ["taken", "changed", "cut", "no-gzip", "line-taken"])
def test_harm_to_the_archive_is_named(harm: str, small: tuple[str, Archive]) -> None:
    """What is out of the database would be out of sight."""
    url, archive = small
    part = archive.parts()[1]
    lines = gzip.decompress(part.path.read_bytes()).splitlines(keepends=True)
    expected = {
        "taken": [("missing", 4)],
        "changed": [("changed", 6)],
        "cut": [("changed", 4)],
        "no-gzip": [("changed", 4)],
        "line-taken": [("missing", 5)],
    }
    if harm == "taken":
        part.path.unlink()
    elif harm == "changed":
        record = json.loads(lines[2]) | {"client": "somebody"}
        part.path.write_bytes(gzip.compress(b"".join([*lines[:2], json.dumps(record).encode(), *lines[3:]])))
    elif harm == "cut":
        part.path.write_bytes(part.path.read_bytes()[:30])
    elif harm == "no-gzip":
        part.path.write_bytes(b"nothing")
    else:
        part.path.write_bytes(gzip.compress(b"".join([lines[0], *lines[2:]])))
    assert wrong(url) == expected[harm]
    with open_store(url) as store:
        head = store.trail.head()
    assert head is not None
    assert checked(url, start=head.live).problems == ()


def test_at_the_archive_s_limit_the_oldest_part_goes(tmp_path: Path) -> None:
    """The disk would fill, or the chain be called broken where it was cut on purpose."""
    url, archive = f"sqlite:///{tmp_path / 'a.db'}", Archive(tmp_path / "parts")
    grow(url, archive, 80, parts=3)
    with open_store(url, audit_archive=archive.folder) as store:
        verdict = store.trail.check(KEYS)
        dropped = store.trail.records(wanted=trail.Wanted(kind="dropped"))
    assert verdict is not None
    assert verdict.problems == ()
    assert verdict.first > 0
    assert verdict.first + verdict.count == verdict.head.count
    assert "the archive is full" in dropped[-1].reason
    assert len(archive.parts()) <= 4


def test_without_an_archive_old_parts_are_dropped_and_that_is_told(tmp_path: Path) -> None:
    """A store on a server has no folder: its trail must still have an end, and say where it begins."""
    url = f"sqlite:///{tmp_path / 'a.db'}"
    grow(url, None, 30, parts=3)
    verdict = checked(url)
    assert verdict.problems == ()
    assert verdict.first > 0
    with open_store(url) as store:
        dropped = store.trail.records(wanted=trail.Wanted(kind="dropped"))
    assert "there is no archive" in dropped[-1].reason


def test_an_archive_that_can_t_be_written_has_a_limit_too(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A full disk would lose records, or fill the database as well."""
    url = f"sqlite:///{tmp_path / 'a.db'}"
    blocked = tmp_path / "parts"
    blocked.write_text("a file where the folder should be")
    with pytest.raises(StoreFailed, match="the audit trail has 20 records not yet archived"):
        grow(url, Archive(blocked), 30, parts=3)
    assert "a part of the audit trail can't be archived" in caplog.text
    assert checked(url).problems == ()


def test_the_keys_are_shown_nowhere() -> None:
    """An error or a log would give them away."""
    assert "111" not in repr(KEYS)


def test_a_forged_record_of_every_kind_is_refused_at_random_places(file: str) -> None:
    """A forger without the key might get one right by copying what is there."""
    numbers = random.Random(7)
    with open_store(file) as store:
        records = store.trail.records()
    for _ in range(20):
        one, other = numbers.sample(range(RECORDS), 2)
        with sqlite3.connect(str(place_of(file).file)) as connection:
            row = [getattr(records[other], name) for name in COLUMNS[1:]]
            sets = ", ".join(f"{name} = ?" for name in COLUMNS[1:])
            connection.execute(f"update audit_records set {sets} where seq = ?", (*row, one))
        assert wrong(file)[0][1] == one
        with sqlite3.connect(str(place_of(file).file)) as connection:
            row = [getattr(records[one], name) for name in COLUMNS[1:]]
            connection.execute(f"update audit_records set {sets} where seq = ?", (*row, one))
        connection.close()
    assert wrong(file) == []


def test_an_empty_store_has_no_trail(store: Store) -> None:
    """No trail and a good one would look alike."""
    assert store.trail.check(KEYS) is None
    assert store.trail.head() is None
    assert store.trail.noted() is None
