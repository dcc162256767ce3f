"""A whole store put back as it once was: the end of its audit trail is noted outside, and tells."""

import shutil
from pathlib import Path

import pytest
from chain_keys import KEYS
from rows_of import appends, session_row

from workbench.core.audit import AuditEntry
from workbench.core.noted_head import NotedHead, noted, parse_noted
from workbench.endpoint.put_back import check_noted
from workbench.endpoint.settings import EndpointSettings
from workbench.errors import ParameterError, StoreError
from workbench.security import head_notes
from workbench.security.head_notes import HeadNotes
from workbench.store.rows import NewSession, PhaseChange
from workbench.store.store import Store, open_store


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "store" / "a.db"


@pytest.fixture
def notes(tmp_path: Path) -> HeadNotes:
    return HeadNotes(tmp_path / "elsewhere" / "audit-heads")


def opened(file: Path, notes: HeadNotes | None) -> Store:
    return open_store(f"sqlite:///{file}", audit_keys=KEYS, audit_notes=notes)


def use(file: Path, notes: HeadNotes | None, count: int = 1) -> None:
    with opened(file, notes) as store:
        for number in range(count):
            store.audit([AuditEntry(at=float(number), kind="used")])


def put_back(copy: Path, file: Path) -> None:
    for path in file.parent.glob(f"{file.name}*"):
        path.unlink()
    shutil.copy(copy, file)


def test_the_end_is_noted_with_every_record(file: Path, notes: HeadNotes) -> None:
    """What came after the last note could be taken back unseen; or events each cost a write to the disk."""
    with opened(file, notes) as store:
        assert store.trail.noted() is None
        store.write([NewSession(session_row("a1")), *appends("a1", 0, 3)])
        assert store.trail.noted() is None
        for number, change in enumerate(
            (
                lambda: store.audit([AuditEntry(at=1.0, kind="used")]),
                lambda: store.write([PhaseChange("a1", "ended", "", 9.0)]),
                lambda: store.delete("a1"),
            )
        ):
            change()
            head = store.trail.head()
            assert store.trail.noted() == noted(head)
            assert head.count == number + 2
            assert store.trail.unlike(store.trail.noted()) is None
    assert notes.path.stat().st_mode & 0o777 == 0o600
    (line,) = notes.path.read_text().splitlines()
    assert line == f'{noted(head)} "{file}"'


def test_a_store_put_back_is_noticed_and_goes_on_behind_a_record_of_it(
    file: Path, notes: HeadNotes, caplog: pytest.LogCaptureFixture
) -> None:
    """Revocations and deletions could be undone with a copy of the file; or its next records hide that."""
    use(file, notes, 3)
    copy = file.with_name("copy")
    shutil.copy(file, copy)
    use(file, notes, 2)
    put_back(copy, file)
    with opened(file, notes) as store:
        problem = store.trail.unlike(store.trail.noted())
        assert (problem.wrong, problem.sentence) == ("cut-off", "the head noted knew 6 records, there are 4")
        assert store.trail.check(KEYS).problems == ()  # the chain by itself is whole
    use(file, notes, 4)  # more records than were noted
    with opened(file, notes) as store:
        assert store.trail.unlike(store.trail.noted()) is None
        (problem,) = store.trail.check(KEYS).problems
        assert (problem.wrong, problem.seq) == ("broken", 4)
        assert "the store was put back: the head noted knew 6 records, there are 4" in problem.sentence
        assert store.trail.check(KEYS, start=5).problems == ()
        kinds = [one.kind for one in store.trail.records()]
    assert kinds == ["begun", *["used"] * 3, "broken", *["used"] * 4]
    assert "the store was put back" in caplog.text


def test_a_store_put_back_that_went_on_without_notes_is_noticed(file: Path, notes: HeadNotes) -> None:
    """Somebody could put it back, and fill it up to where it was."""
    use(file, notes, 1)
    copy = file.with_name("copy")
    shutil.copy(file, copy)
    use(file, notes, 1)
    put_back(copy, file)
    with opened(file, None) as store:
        for number in range(5):
            store.audit([AuditEntry(at=9.0 + number, kind="used")])
    with opened(file, notes) as store:
        problem = store.trail.unlike(store.trail.noted())
    assert (problem.wrong, problem.seq) == ("changed", 2)


def test_another_store_or_an_empty_one_in_its_place_is_noticed(file: Path, notes: HeadNotes) -> None:
    """Deleting the file would be the end of all that is held against somebody."""
    use(file, notes, 2)
    put_back(file, file.with_name("other.db"))
    file.unlink()
    with opened(file, notes) as store:
        assert (
            store.trail.unlike(store.trail.noted()).sentence
            == "there is no chain, the head noted knew 3 records"
        )
    use(file, notes)
    with opened(file, notes) as store:
        assert [one.kind for one in store.trail.records()] == ["begun", "broken", "used"]
    use(file.with_name("other.db"), notes)
    file.with_name("other.db").replace(file)
    with opened(file, notes) as store:
        assert "the head noted is of chain" in store.trail.unlike(store.trail.noted()).sentence


@pytest.mark.parametrize("profile", ["production", "development"])
def test_an_endpoint_tells_at_its_start(
    file: Path, notes: HeadNotes, profile: str, caplog: pytest.LogCaptureFixture
) -> None:
    """It would serve with revoked tokens let in again, and nobody know."""
    settings = EndpointSettings.model_construct(profile=profile, audit_note=notes.path)
    use(file, notes, 1)
    copy = file.with_name("copy")
    shutil.copy(file, copy)
    use(file, notes, 1)
    with opened(file, notes) as store:
        check_noted(store, settings)
    put_back(copy, file)
    with opened(file, notes) as store:
        if profile == "production":
            with pytest.raises(
                StoreError, match="was put back: the head noted knew 3 records, there are 2; `workb"
            ):
                check_noted(store, settings)
            assert len(store.trail.records()) == 2
        else:
            check_noted(store, settings)
            assert [one.kind for one in store.trail.records()][2:] == ["broken", "accepted"]
            assert "the store was put back" in caplog.text
            check_noted(store, settings)
            assert len(store.trail.records()) == 4


def test_a_new_store_in_development_is_not_suspected_for_ever(
    file: Path, notes: HeadNotes, caplog: pytest.LogCaptureFixture
) -> None:
    """Whoever deletes a store and begins anew would have to live with a trail that is called broken."""
    use(file, notes, 2)
    for profile in ("production", "development"):
        for path in file.parent.glob(f"{file.name}*"):
            path.unlink()
        settings = EndpointSettings.model_construct(profile=profile, audit_note=notes.path)
        with opened(file, notes) as store:
            if profile == "production":
                with pytest.raises(
                    StoreError, match="was put back: there is no chain, the head noted knew 3"
                ):
                    check_noted(store, settings)
                continue
            check_noted(store, settings)
            check_noted(store, settings)
            assert store.trail.noted() == noted(store.trail.head())
            assert store.trail.check(KEYS).problems == ()
            begun, accepted = store.trail.records()
    assert (begun.kind, accepted.kind) == ("begun", "accepted")
    told = "there is no chain, the head noted knew 3 records"
    assert accepted.reason == f"a new store, at the start of an endpoint, development: {told}"
    assert caplog.text.count(told) == 1


def test_notes_that_can_t_be_written_stop_no_record(
    file: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A full or read-only disk elsewhere would stop the store; or nobody be told that nothing is noted."""
    (tmp_path / "blocked").write_text("")
    notes = HeadNotes(tmp_path / "blocked" / "audit-heads")
    use(file, notes, 2)
    assert caplog.text.count("a store put back whole would not be noticed") == 1
    with opened(file, notes) as store:
        assert len(store.trail.records()) == 3
        with pytest.raises(ParameterError, match="audit-heads: can't read: not a directory"):
            check_noted(store, EndpointSettings.model_construct(profile="development", audit_note=None))


@pytest.mark.parametrize(
    "content", ["x\n", f"{'a' * 16}:1:{'b' * 64}\n", f"{'a' * 16}:1:{'b' * 64} [1]\n", "é\n"]
)
def test_a_file_that_is_none_of_heads_is_left_alone(
    file: Path, notes: HeadNotes, content: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A mistyped path would overwrite somebody's file."""
    notes.path.parent.mkdir()
    notes.path.write_text(content)
    use(file, notes)
    assert notes.path.read_text() == content
    assert "audit-heads, line 1: is no noted head and store, expected CHAIN:COUNT:HASH" in caplog.text
    with opened(file, notes) as store, pytest.raises(ParameterError, match="line 1"):
        store.trail.noted()


def test_of_two_that_note_one_chain_the_further_end_stays(notes: HeadNotes) -> None:
    """A process that is slow to note would take back what another has noted."""
    heads = [NotedHead("a" * 16, count, "b" * 64) for count in (1, 2, 3)]
    notes.write("s", heads[0], over=None)
    notes.write("s", heads[2], over=heads[0])
    notes.write("s", heads[1], over=heads[0])
    assert notes.read("s") == heads[2]
    notes.write("s", heads[1], over=heads[2])  # which found that more had been noted, and told
    assert notes.read("s") == heads[1]


def test_the_store_noted_longest_ago_is_left_out(notes: HeadNotes, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file would grow for ever."""
    monkeypatch.setattr(head_notes, "PLACES_MAX", 2)
    head = NotedHead("a" * 16, 1, "b" * 64)
    for place in ("one", "two", "one", "drei ü"):
        notes.write(place, head, over=None)
    assert [notes.read(place) for place in ("one", "two", "drei ü")] == [head, None, head]
    monkeypatch.setattr(head_notes, "PLACES_MAX", 9)
    monkeypatch.setattr(head_notes, "BYTES_MAX", 200)  # two lines
    notes.write("four", head, over=None)
    assert [notes.read(place) for place in ("one", "drei ü", "four")] == [None, head, head]


def test_a_noted_head_is_read_as_it_was_written() -> None:
    """What somebody noted by hand could not be compared."""
    head = NotedHead("0123456789abcdef", 17, "ab" * 32)
    assert parse_noted(f" {head}\n") == head
    assert parse_noted("17") is None


def test_a_store_in_memory_is_noted_nowhere(notes: HeadNotes) -> None:
    """Each would be told to have been put back at the next start."""
    with open_store("sqlite://", audit_keys=KEYS, audit_notes=notes) as store:
        store.audit([AuditEntry(at=1.0, kind="used")])
        assert store.trail.noted() is None
    assert not notes.path.exists()
