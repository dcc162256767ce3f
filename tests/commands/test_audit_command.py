"""``workbench audit``: what happened is shown by ids, and what was tampered with is named."""

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from workbench.cli import main
from workbench.core.events import Event, FinalTranscript, Source
from workbench.core.log_names import log_name
from workbench.security.audit_keys import FILE, VARIABLE, ensure_audit_keys, load_audit_keys
from workbench.security.keys import ensure_keys, key_file
from workbench.store.rows import Append, NewSession, PhaseChange, SessionRow
from workbench.store.store import open_store

SAID = "my number is five five five"
ROW = SessionRow(
    session="abc123",
    project="lab",
    client="tab",
    assistant="coffee",
    token_id="t-1",
    phase="live",
    opened=1_750_000_000.0,
    handle="f00d" * 16,
    wish="{}",
)


class Done(NamedTuple):
    """How a command ended."""

    status: int
    out: str
    err: str


Run = Callable[..., Done]


@pytest.fixture(autouse=True)
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the file of a store with one session; keep the user's own keys and store out of it."""
    for name in ("WORKBENCH_KEY", "WORKBENCH_KEY_STORE", VARIABLE):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("WORKBENCH_CONFIG", str(tmp_path / "config"))
    path = tmp_path / "store.db"
    monkeypatch.setenv("WORKBENCH_STORE", f"sqlite:///{path}")
    heard = FinalTranscript(
        text=SAID, words=(), confidence=0.8, language="en", audio_start=0.5, audio_end=1.5
    )
    with open_store(f"sqlite:///{path}") as store:
        store.write([NewSession(ROW)])
        store.write([Append("abc123", Event(seq=0, at=0.5, turn=0, source=Source.ENDPOINT, body=heard))])
        store.write([PhaseChange("abc123", "ended", "client-left", 1_750_000_012.0)])
    return path


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Return what runs a command."""

    def run(*arguments: str) -> Done:
        status = main(list(arguments))
        return Done(status, *capsys.readouterr())

    return run


@pytest.fixture
def token(run: Run, tmp_path: Path) -> str:
    """Return a token, after all has happened that leaves a record."""
    ensure_keys()
    token = run("token", "mint", "--client", "tab").out.strip()
    run("sessions", "list")
    run("sessions", "show", "abc")
    run("sessions", "export", "abc", str(tmp_path / "exported"))
    run("token", "revoke", "--client", "tab")
    run("sessions", "delete", "abc", "--yes")
    run("sessions", "import", str(tmp_path / "exported"))
    return token


def change(file: Path, statement: str) -> None:
    with sqlite3.connect(file) as connection:
        connection.execute(statement)
    connection.close()


def test_who_did_what_is_shown_by_ids_only(run: Run, token: str) -> None:
    """Nobody could see who read or deleted what, or the trail itself would give away what was said."""
    done = run("audit", "show")
    lines = done.out.splitlines()
    assert [line.split()[4] for line in lines] == [
        *(
            "begun",
            "minted",
            "listed",
            "read",
            "exported",
            "revoked",
            "stands",
            "deleted",
            "stands",
            "imported",
        ),
    ]
    assert " client=tab converse for 300 s" in lines[1]
    assert " project=lab session=abc123 client=tab on the command line by user " in lines[3]
    assert " project=lab session=abc123 client=tab 1 events, 0 recordings, their keys; on the " in lines[7]
    for secret in (token, token.rsplit(".", 1)[1], SAID, "five", ROW.handle, key_file().read_text().strip()):
        assert secret not in done.out


@pytest.mark.usefixtures("token")
def test_records_are_chosen_by_what_and_when(run: Run) -> None:
    """A reviewer would read all of it."""
    for arguments, kinds in (
        (("--kind", "read"), ["read"]),
        (("--session", "abc123", "--limit", "2"), ["stands", "imported"]),
        (("--project", "lab"), ["read", "exported", "deleted"]),
        (("--client", "tab", "--kind", "minted"), ["minted"]),
        (("--since", "2999-01-01"), []),
        (("--until", "2001-01-01T00:00:00+01:00"), []),
        (("--since", "2001-01-01", "--limit", "1"), ["imported"]),
    ):
        shown = run("audit", "show", "--json", *arguments).out.splitlines()
        assert [json.loads(line)["kind"] for line in shown] == kinds, arguments
    assert run("audit", "show", "--limit", "0").status == 2
    with pytest.raises(SystemExit):
        run("audit", "show", "--since", "yesterday")


@pytest.mark.usefixtures("token")
def test_a_whole_trail_is_said_to_be_whole(run: Run, file: Path) -> None:
    """A check that always passes, or never, tells nothing."""
    done = run("audit", "verify")
    whole = f"records 0 to 9 of 10 are as they were written: store {file}"
    noted = "it goes on from the 10 records that are noted outside the store"
    assert done == (0, f"{whole}\n{noted}\n1 of 1 sessions that they tell of are as they tell\n", "")
    said = json.loads(run("audit", "verify", "--json").out)
    expected = {"store": str(file), "first": 0, "good": 10, "records": 10, "sessions": 1, "noted": 10}
    expected["problems"] = []
    assert said == expected


@pytest.mark.usefixtures("token")
def test_the_first_record_that_is_wrong_is_named(run: Run, file: Path) -> None:
    """A reviewer would have to search for it."""
    change(file, "update audit_records set client = 'other' where seq = 4")
    done = run("audit", "verify")
    assert done.status == 1
    assert done.out.splitlines() == [
        "changed: record 4 was changed: its hash does not match its content",
        f"records 0 to 3 of 10 are as they were written: store {file}",
        "it goes on from the 10 records that are noted outside the store",
    ]
    assert run("audit", "verify", "--from", "5").status == 0
    assert run("audit", "verify", "--from", "-1").err.startswith("workbench: record -1 was asked for")
    [problem] = json.loads(run("audit", "verify", "--json").out)["problems"]
    assert (problem["wrong"], problem["seq"]) == ("changed", 4)


@pytest.mark.usefixtures("token")
def test_a_noted_head_shows_that_an_older_store_was_put_back(run: Run, file: Path, tmp_path: Path) -> None:
    """Who can copy the file back, head and all, could undo what is in it."""
    older = file.read_bytes()
    run("token", "revoke", "--session", "abc123")
    head = run("audit", "head").out.strip()
    chain, count, digest = head.split(":")
    assert count == "11"
    assert run("audit", "verify", "--head", head).status == 0
    run("sessions", "list")
    assert run("audit", "verify", "--head", head).status == 0
    other = run("audit", "verify", "--head", f"{chain}:{count}:{'0' * 64}")
    assert other.out.startswith("changed: record 10 is another than the head noted knew")
    file.write_bytes(older)
    done = run("audit", "verify", "--head", head)
    assert done.status == 1
    assert done.out.startswith("cut-off: the head noted knew 11 records, there are 10")
    assert run("audit", "verify").out.startswith("cut-off: the head noted knew 12 records, there are 10")
    foreign = run("audit", "verify", "--head", f"{'a' * 16}:{count}:{digest}")
    assert f"changed: this is chain {chain}, the head noted is of chain {'a' * 16}" in foreign.out
    assert run("audit", "verify", "--head", "x").err == (
        "workbench: the head is none, expected CHAIN:COUNT:HASH as `workbench audit head` prints\n"
    )


@pytest.mark.usefixtures("token")
def test_a_store_that_was_put_back_is_accepted_for_good(
    run: Run, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A copy that had to be restored could not be served; or that it was one be forgotten."""
    notes = tmp_path / "elsewhere" / "heads"
    monkeypatch.setenv("WORKBENCH_AUDIT_NOTE", str(notes))
    unnoted = run("audit", "verify")
    assert unnoted.status == 0
    assert "no end of it is noted outside the store: if that was put back whole, nothing tells" in unnoted.out
    older = file.read_bytes()
    run("token", "revoke", "--session", "abc123")
    assert notes.read_text().split()[0] == run("audit", "head").out.strip()
    file.write_bytes(older)
    assert run("audit", "verify").status == 1
    told = f"store {file} is accepted as it is: the head noted knew 11 records, there are 10\n"
    assert run("audit", "accept").out == told
    assert run("audit", "accept").out.startswith("there is nothing to accept: ")
    verified = run("audit", "verify")
    assert verified.status == 1
    assert "record 10 tells that the chain was found broken before it: the store was put back" in verified.out
    assert run("audit", "verify", "--from", "11").status == 0
    notes.write_text("something else\n")
    assert run("audit", "verify").err.startswith(
        f"workbench: {notes}, line 1: is no noted head and store, exp"
    )
    assert run("project", "list").status == 0


def test_where_there_is_nothing_it_is_said(run: Run, file: Path) -> None:
    """An emptied trail would look like one on which nothing happened."""
    assert "the audit trail can't be signed: no key in WORKBENCH_AUDIT_KEY and none at" in (
        run("audit", "verify").err
    )
    ensure_audit_keys()
    assert run("audit", "verify").err == (
        f"workbench: store {file}: has no audit trail: none was ever written, or all of it is gone\n"
    )
    assert run("audit", "head").err == f"workbench: store {file}: has no audit trail yet\n"
    missing = run("audit", "show", "--store", "sqlite:////none.db")
    assert missing.err == "workbench: store /none.db: is not there\n"


@pytest.mark.usefixtures("token")
def test_the_key_is_kept_for_its_owner_and_can_be_given(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever reads the key can write the trail anew."""
    path = key_file().with_name(FILE)
    assert path.stat().st_mode & 0o777 == 0o600
    kept = load_audit_keys()
    monkeypatch.setenv(VARIABLE, "k" * 40)
    done = run("audit", "verify")
    assert done.status == 1
    assert f"unknown-key: record 0 is signed with key {kept.signing.key_id}, and those at hand" in done.out
    monkeypatch.setenv(VARIABLE, f"{'k' * 40} {path.read_text().split()[0]}")
    assert run("audit", "verify").status == 0
    run("sessions", "list")
    assert run("audit", "verify").status == 0
    monkeypatch.setenv(VARIABLE, "short")
    assert run("audit", "verify").err == (
        "workbench: the key in WORKBENCH_AUDIT_KEY has 5 bytes, expected at least 32\n"
    )


def test_what_can_t_be_written_down_is_not_shown(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """What somebody read would be on no trail."""
    (tmp_path / "blocked").write_text("")
    monkeypatch.setenv("WORKBENCH_CONFIG", str(tmp_path / "blocked" / "config"))
    done = run("sessions", "show", "abc")
    assert (done.status, done.out) == (2, "")
    assert done.err.endswith("; set WORKBENCH_AUDIT_KEY\n") or "can't read a key" in done.err


@pytest.mark.usefixtures("token")
def test_what_a_log_calls_a_session_can_be_asked(run: Run) -> None:
    """Nobody could find the lines of a session that went wrong."""
    name = run("audit", "log-name", "abc123", "--day", "2025-06-15").out.strip()
    assert name == log_name("abc123", at=1_750_000_000.0, key=load_audit_keys().signing.octets)
    assert run("audit", "log-name", "abc123").out.strip() != name
