"""``workbench sessions``: sweep what is old, show that something is gone, hand out what is held."""

import io
import json
import sqlite3
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
import soundfile

from workbench.cli import main
from workbench.core.clock import unix_now
from workbench.core.consent import Consent
from workbench.core.events import Event, FinalTranscript, SessionOpened, Source
from workbench.core.timeline import Timeline
from workbench.security.store_keys import StoreKeys
from workbench.store.recording import Recording
from workbench.store.retention import DAY
from workbench.store.rows import Append, Lease, NewSession, PhaseChange, SessionRow, Withdrawal
from workbench.store.store import open_store

SAID = "a marmalade sandwich"
ROW = SessionRow(
    session="old1",
    project="lab",
    client="anna",
    assistant="coffee",
    token_id="t-1",
    phase="live",
    opened=unix_now() - 40 * DAY,
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
    """Return the file of a store with three sessions, two of one caller."""
    monkeypatch.setenv("WORKBENCH_CONFIG", str(tmp_path / "config"))
    monkeypatch.setenv("WORKBENCH_RECORD", str(tmp_path / "recordings"))
    path = tmp_path / "store.db"
    monkeypatch.setenv("WORKBENCH_STORE", f"sqlite:///{path}")
    heard = FinalTranscript(
        text=SAID, words=(), confidence=0.8, language="en", audio_start=0.5, audio_end=1.5
    )
    opened = SessionOpened(
        session="x",
        assistant="coffee",
        input_encoding="pcm16",
        input_rate=16_000,
        output_encoding="pcm16",
        output_rate=24_000,
    )
    with open_store(f"sqlite:///{path}") as store:
        for name, client, age in (("old1", "anna", 35), ("new1", "anna", 2), ("new2", "bert", 1)):
            store.write([NewSession(replace(ROW, session=name, client=client))])
            bodies = enumerate((opened, heard))
            events = [Event(seq=n, at=n / 2, turn=0, source=Source.ENDPOINT, body=body) for n, body in bodies]
            store.write([Append(name, event) for event in events])
            store.write([PhaseChange(name, "ended", "client-left", unix_now() - age * DAY)])
    silence = np.zeros(1600, np.float32)
    recording = Recording(
        timeline=Timeline(),
        caller=silence,
        caller_rate=16_000,
        agent=silence,
        agent_rate=16_000,
        device_zero=0.0,
    )
    recording.save_sealed(tmp_path / "recordings" / "old1", "old1", StoreKeys())
    return path


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Return what runs a verb of sessions."""

    def run(*arguments: str) -> Done:
        status = main(["sessions", *arguments])
        return Done(status, *capsys.readouterr())

    return run


def test_sweep_says_first_and_deletes_then(run: Run, tmp_path: Path) -> None:
    """One could only find out by losing it."""
    done = run("sweep", "--dry-run")
    assert done.out.splitlines()[0].startswith("session old1 of project lab, ended ")
    assert done.out.splitlines()[-1] == "1 sessions and 0 recordings of others would be deleted"
    assert (tmp_path / "recordings" / "old1").exists()
    assert run("sweep").out == "1 sessions and 0 recordings of others are deleted\n"
    assert not (tmp_path / "recordings" / "old1").exists()
    assert run("sweep").out == "0 sessions and 0 recordings of others are deleted\n"
    assert run("sweep", "--days", "1.5").out == "1 sessions and 0 recordings of others are deleted\n"
    assert run("sweep", "--days", "0").err == (
        "workbench: 0 days were given, expected more than 0, at most 36500\n"
    )


def test_a_sweep_ends_though_a_withdrawal_can_t_be_carried_out(
    run: Run, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would try the same for ever, or call sound deleted that is in another folder."""
    elsewhere = Withdrawal(
        session="new1",
        project="lab",
        client="anna",
        level=Consent.TRANSCRIPT,
        recordings="/elsewhere",
        at=1.0,
    )
    with open_store(f"sqlite:///{file}") as store:
        store.withdrawals.put(elsewhere, Lease("dead", 2.0))
        assert store.left_of("new1")["sessions"] == 1
    monkeypatch.setattr("workbench.endpoint.retaining.AT_ONCE", 1)
    done = run("sweep")
    assert done.status == 1
    assert "withdrawals of consent" not in done.out
    assert done.out.splitlines()[-1] == (
        "session new1: its recording can't be deleted, or is in a folder not at hand: --recordings"
    )
    assert run("sweep", "--recordings", "/elsewhere").status == 0
    with open_store(f"sqlite:///{file}") as store:
        assert store.withdrawals.of("new1") is None
        assert store.left_of("new1")["sessions"] == 1


def test_that_something_is_gone_can_be_shown(run: Run, file: Path, tmp_path: Path) -> None:
    """A deletion would have to be believed."""
    there = run("verify-deleted", "old1")
    assert there.status == 1
    assert "session old1: 2 left in table events" in there.out
    assert f"session old1: 5 left in folder {tmp_path / 'recordings' / 'old1'}" in there.out
    assert "session old1: the audit trail tells of no deletion" in there.out
    run("sweep")
    gone = run("verify-deleted", "old1")
    assert gone.status == 0
    assert (
        " record 2: 2 events, 1 recordings, their keys; kept for 30 days, on the command line by user "
        in gone.out
    )
    assert gone.out.endswith("session old1: nothing is left, and the audit trail holds\n")
    never = run("verify-deleted", "nobody", "--json")
    assert never.status == 1
    assert json.loads(never.out)["problems"] == ["the audit trail tells of no deletion"]
    with sqlite3.connect(file) as connection:
        connection.execute("update audit_records set at = 1 where seq = 2")
    connection.close()
    assert "the audit trail does not hold: record 2 was changed" in run("verify-deleted", "old1").out


def test_all_that_is_held_on_a_caller_is_in_one_archive(run: Run, tmp_path: Path) -> None:
    """Who asks for it would get half of it, or another's."""
    run("show", "new1")
    with open_store(f"sqlite:///{tmp_path / 'store.db'}") as store:
        stored = store.load("new1")
        assert stored is not None
        again_so = [NewSession(stored.row), *(Append("new1", one) for one in stored.events)]
        store.replace("new1", again_so, vault='[{"token": "[PERSON_1]", "said": "Anna"}]')
    path = tmp_path / "anna.zip"
    done = run("export-subject", "anna", str(path))
    assert done.out == f"2 sessions, 1 recordings and 1 records of the audit trail are in {path}\n"
    assert path.stat().st_mode & 0o777 == 0o600
    with zipfile.ZipFile(path) as archive:
        names = set(archive.namelist())
        raw = {name: archive.read(name) for name in names}
    texts = {name: content.decode() for name, content in raw.items() if not name.endswith(".flac")}
    assert {name.split("/")[1] for name in names if name.startswith("sessions/")} == {"old1", "new1"}
    sound, rate = soundfile.read(io.BytesIO(raw["sessions/old1/recording/caller.flac"]))
    assert (len(sound), rate) == (1600, 16_000)
    assert texts["sessions/new1/transcript.txt"] == f"     0.5 s  caller: {SAID}\n"
    assert SAID in texts["sessions/new1/events.jsonl"]
    assert json.loads(texts["sessions/new1/tokens.json"]) == [{"token": "[PERSON_1]", "said": "Anna"}]
    assert "sessions/old1/tokens.json" not in names
    index = texts["README.txt"]
    assert index.count("tokens.json") == 1
    assert index.startswith("What is held on the caller anna, as of ")
    assert "2 conversations, 1 recordings, 1 records of the audit trail." in index
    assert "sessions/old1/" in index
    assert "new2" not in repr(texts)
    assert ROW.handle not in repr(texts)
    assert json.loads(texts["audit.jsonl"])["kind"] == "read"
    again = run("export-subject", "anna", str(path))
    assert again.err == f"workbench: {path} is there already, expected the name of a new file\n"
    with open_store(f"sqlite:///{tmp_path / 'store.db'}") as store:
        exported = [one for one in store.trail.records() if one.kind == "exported"]
    assert exported[0].client == "anna"
    assert exported[0].reason.startswith("2 sessions, 1 recordings, all that is held on the client, on the")
    assert run("export-subject", "nobody", str(tmp_path / "b.zip")).err.startswith(
        "workbench: nothing is held on client 'nobody' in store "
    )
