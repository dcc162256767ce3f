"""A session goes from one store to another as a folder; half a folder is refused."""

import json
from pathlib import Path

import pytest
from rows_of import appends, event, session_row

from workbench.core.timeline import Timeline
from workbench.errors import ParameterError, StoreError
from workbench.store.exchange import export_session, import_session
from workbench.store.rows import Append, NewSession, PhaseChange, Snapshot
from workbench.store.store import Store, open_store


@pytest.fixture
def exported(tmp_path: Path) -> Path:
    with open_store("sqlite://") as store:
        fill(store)
        return export_session(store.load("a1"), tmp_path / "deep" / "export")


def fill(store: Store) -> None:
    store.write([NewSession(session_row()), *appends("a1", 0, 4)])
    store.write([Append("a1", event(4, "nul \0 line\u2028end ☕")), Snapshot("a1", 4, '{"of": "☕"}')])
    store.write([PhaseChange("a1", "ended", "client-left", 1_750_000_009.5)])


def test_a_session_comes_back_as_it_was(store: Store, exported: Path) -> None:
    """A backup would not be one."""
    assert import_session(store, exported) == "a1"
    found = store.load("a1")
    with open_store("sqlite://") as other:
        fill(other)
        first = other.load("a1")
    assert found.events == first.events
    assert found.row == session_row(
        handle="",
        phase="ended",
        reason="client-left",
        closed=1_750_000_009.5,
        snapshot='{"of": "☕"}',
        snapshot_seq=4,
    )


def test_its_events_are_a_timeline(exported: Path) -> None:
    """The analysis could not read an exported session."""
    assert len(Timeline.load(exported / "events.jsonl")) == 5


def test_others_can_t_enter_the_folder(exported: Path) -> None:
    """Who shares the machine would read what was said."""
    assert exported.stat().st_mode & 0o077 == 0


def test_the_right_to_resume_stays_behind(exported: Path) -> None:
    """Whoever gets the folder could go on with the session."""
    assert session_row().handle not in (exported / "session.json").read_text()


def test_an_imported_session_has_ended(tmp_path: Path) -> None:
    """A session that nobody holds would be shown as live for ever."""
    with open_store("sqlite://") as store:
        store.write([NewSession(session_row()), *appends("a1", 0, 5)])
        export_session(store.load("a1"), tmp_path)
    with open_store("sqlite://") as store:
        import_session(store, tmp_path)
        row = store.load("a1").row
    assert (row.phase, row.reason, row.closed) == ("ended", "imported", row.opened + 1.0)


def test_importing_twice_is_refused(store: Store, exported: Path) -> None:
    """One would not know which of the two one looks at."""
    import_session(store, exported)
    with pytest.raises(StoreError, match="session a1 is there already"):
        import_session(store, exported)


def test_exporting_overwrites_nothing(exported: Path) -> None:
    """Another session's export would be lost, or two be mixed."""
    with open_store("sqlite://") as store:
        fill(store)
        with pytest.raises(
            ParameterError, match=r"holds events.jsonl and session.json already, expected an em"
        ):
            export_session(store.load("a1"), exported)
        with pytest.raises(
            ParameterError, match=r"session.json: can't write a session: (file exists|not a dir)"
        ):
            export_session(store.load("a1"), exported / "session.json")


@pytest.mark.parametrize(
    ("file", "change", "problem"),
    [
        ("session.json", None, "not a whole session, session.json missing"),
        ("events.jsonl", None, "not a whole session, events.jsonl missing"),
        ("session.json", lambda text: text[:50], "session.json: not the description of a session"),
        ("session.json", lambda text: "[" * 100_000, "session.json: not the description of a session"),
        ("session.json", lambda text: "[1]", "session.json: not the description of a session"),
        (
            "session.json",
            lambda text: text.replace('"version": 1', '"version": 2'),
            "version is 2, expected 1",
        ),
        (
            "session.json",
            lambda text: text.replace('"opened": 1750000000.25', '"opened": "now"'),
            "field opened of the session: input should be a valid number",
        ),
        (
            "session.json",
            lambda text: text.replace('"opened": 1750000000.25', '"opened": NaN'),
            "field opened or closed of the session: no time in Unix seconds",
        ),
        ("session.json", lambda text: text.replace('"a1"', '""'), "field session of the session: is empty"),
        (
            "events.jsonl",
            lambda text: text.rpartition("{")[0],
            "events.jsonl: holds 4 events, expected 5",
        ),
        ("events.jsonl", lambda text: text[:-10], r"events.jsonl:5: an event is not JSON"),
        (
            "events.jsonl",
            lambda text: "".join(text.splitlines(keepends=True)[1:]),
            "events.jsonl:1: event has seq 1, expected 0",
        ),
    ],
)
def test_a_folder_that_is_not_whole_is_refused(
    store: Store, exported: Path, file: str, change: object, problem: str
) -> None:
    """Half a conversation would be taken for the whole."""
    text = (exported / file).read_text(encoding="utf-8")
    (exported / file).unlink()
    if change is not None:
        changed = change(text)
        assert changed != text
        (exported / file).write_text(changed, encoding="utf-8")
    with pytest.raises(ParameterError) as caught:
        import_session(store, exported)
    assert problem in str(caught.value)
    assert store.sessions() == []


def test_a_refused_text_leaves_nothing(store: Store, exported: Path) -> None:
    """An import would be there in part."""
    described = json.loads((exported / "session.json").read_text())
    described["session"]["client"] = "x" * 300
    (exported / "session.json").write_text(json.dumps(described))
    with pytest.raises(StoreError, match="client of a session has 300 characters, expected at most 200"):
        import_session(store, exported)
    assert store.sessions() == []


def test_a_huge_file_is_not_read(store: Store, exported: Path) -> None:
    """A wrong file would fill the memory."""
    with (exported / "session.json").open("r+b") as file:
        file.truncate(5 * 1024 * 1024)
    with pytest.raises(ParameterError, match=r"session.json: has 5242880 bytes, expected at most 4194304"):
        import_session(store, exported)


def test_a_folder_that_is_missing_is_named(store: Store, tmp_path: Path) -> None:
    """One would see a traceback for a typing error."""
    with pytest.raises(ParameterError, match="no such folder, expected an exported session"):
        import_session(store, tmp_path / "none")
