"""Whatever is done to the audit trail by hand is found and named."""

import random
import sqlite3
from dataclasses import fields

import pytest
from chain import RECORDS, by_hand, checked, entry, fill, wrong
from chain_keys import KEYS
from hypothesis import HealthCheck, given, settings, strategies as st

from workbench.core.audit_chain import AuditHead, AuditRecord
from workbench.store.store import open_store
from workbench.store.urls import place_of

COPIED = (
    "insert into audit_records select {new}, at, kind, token_id, project, session, client, address, reason, "
    "digest, key_id, digest, mac from audit_records where seq = {old}"
)
COLUMNS = [field.name for field in fields(AuditRecord)]


@pytest.mark.parametrize("column", COLUMNS)
def test_a_change_of_any_column_of_any_record_is_found(column: str, chained_file: str) -> None:
    """Somebody with access to the database could unmake what they did."""
    file_path = str(place_of(chained_file).file)
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
        found = wrong(chained_file)
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
        assert wrong(chained_file) == []


@pytest.mark.parametrize("column", COLUMNS[1:])
def test_bytes_in_place_of_a_text_are_a_change(column: str, chained_file: str) -> None:
    """A value of another type would end the check with an error."""
    by_hand(chained_file, f"update audit_records set {column} = x'' where seq = 3")
    assert wrong(chained_file) == [("changed", 3)]


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


def test_bytes_that_are_no_text_are_a_change(chained_file: str) -> None:
    """A record that can't even be read would end the check with an error that names nothing."""
    by_hand(chained_file, "update audit_records set reason = cast(x'ff41' as text) where seq = 4")
    verdict = checked(chained_file)
    assert [(one.wrong, one.seq) for one in verdict.problems] == [("changed", 4)]
    assert verdict.problems[0].sentence == "record 4 was changed: it can't be read as a record"
    assert verdict.count == 4


@pytest.mark.parametrize("column", [field.name for field in fields(AuditHead)])
def test_a_change_of_the_head_is_found(column: str, chained_file: str) -> None:
    """Who cuts the end off would only have to say that there are fewer."""
    number = column in ("count", "live", "kept")
    by_hand(chained_file, f'update audit_head set "{column}" = :value', value=3 if number else "x")
    found = wrong(chained_file)
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
    statements: list[str], problem: tuple[str, int, str], chained: str
) -> None:
    """A reviewer would know that something is wrong, but not what and where."""
    by_hand(chained, *statements)
    kind, seq, sentence = problem
    found = checked(chained).problems
    assert [(one.wrong, one.seq) for one in found] == [(kind, seq)]
    assert found[0].sentence.startswith(sentence)


def test_who_computes_all_hashes_anew_still_has_no_key(chained_file: str) -> None:
    """A chain of bare hashes is made again in a second by whoever can write the file."""
    with open_store(chained_file) as store:
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
            chained_file,
            "update audit_records set reason = :reason, previous = :previous, digest = :digest "
            "where seq = :seq",
            **{name: getattr(records[seq], name) for name in ("reason", "previous", "digest", "seq")},
        )
    found = checked(chained_file).problems
    assert [(one.wrong, one.seq) for one in found] == [("changed", 4)]
    assert found[0].sentence == "record 4 was changed: its signature does not match"


def test_a_head_found_changed_is_told_of_for_good(
    chained_file: str, caplog: pytest.LogCaptureFixture
) -> None:
    """The next honest writer would sign what a dishonest one has cut off."""
    by_hand(chained_file, "delete from audit_records where seq > 4", "update audit_head set count = 5")
    with open_store(chained_file, audit_keys=KEYS) as store:
        store.audit([entry(1)])
        store.audit([entry(2)])
        assert [record.kind for record in store.trail.records()][5:] == ["broken", "used", "minted"]
    verdict = checked(chained_file)
    assert [(one.wrong, one.seq) for one in verdict.problems] == [("broken", 5)]
    assert "found broken before it: the signature of the head does not match" in verdict.problems[0].sentence
    assert "the audit trail was changed by somebody else" in caplog.text
    assert checked(chained_file, start=6).problems == ()


def test_a_head_taken_away_stops_no_writer_and_is_told_of(
    chained: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Nothing would be written down from then on, whoever came."""
    by_hand(chained, "delete from audit_head")
    with open_store(chained, audit_keys=KEYS) as store:
        store.audit([entry(1)])
        store.audit([entry(2)])
        assert [record.kind for record in store.trail.records()][-3] == "broken"
    assert [(one.wrong, one.seq) for one in checked(chained).problems] != []
    assert checked(chained, start=1).problems[0].wrong == "broken"
    assert "the head was missing" in caplog.text


def test_a_forged_record_of_every_kind_is_refused_at_random_places(chained_file: str) -> None:
    """A forger without the key might get one right by copying what is there."""
    numbers = random.Random(7)
    with open_store(chained_file) as store:
        records = store.trail.records()
    for _ in range(20):
        one, other = numbers.sample(range(RECORDS), 2)
        with sqlite3.connect(str(place_of(chained_file).file)) as connection:
            row = [getattr(records[other], name) for name in COLUMNS[1:]]
            sets = ", ".join(f"{name} = ?" for name in COLUMNS[1:])
            connection.execute(f"update audit_records set {sets} where seq = ?", (*row, one))
        assert wrong(chained_file)[0][1] == one
        with sqlite3.connect(str(place_of(chained_file).file)) as connection:
            row = [getattr(records[one], name) for name in COLUMNS[1:]]
            connection.execute(f"update audit_records set {sets} where seq = ?", (*row, one))
        connection.close()
    assert wrong(chained_file) == []
