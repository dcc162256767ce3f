"""Old parts of an audit trail leave the database, and the chain goes on through them."""

import gzip
import json
from pathlib import Path

import pytest
from chain import checked, entry, wrong
from chain_keys import KEYS

from workbench.errors import StoreFailed
from workbench.store import trail
from workbench.store.audit_archive import Archive
from workbench.store.database import Database
from workbench.store.store import open_store
from workbench.store.urls import place_of


@pytest.fixture
def small(tmp_path: Path) -> tuple[str, Archive]:
    """Return a store and an archive filled well beyond small limits."""
    url = f"sqlite:///{tmp_path / 'a.db'}"
    archive = Archive(tmp_path / "a.db.audit")
    grow(url, archive, 40, parts=50)
    return url, archive


def grow(chained: str, archive: Archive | None, count: int, parts: int) -> None:
    open_store(chained).close()
    database = Database(place_of(chained))
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
