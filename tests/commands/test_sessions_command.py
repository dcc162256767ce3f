"""``workbench sessions`` shows, carries and deletes what is stored; what it can't do is one sentence."""

import io
import json
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from workbench.cli import main
from workbench.core.events import ActionTaken, Event, FinalTranscript, PartialTranscript, Source
from workbench.store.database import Database
from workbench.store.recording import load_timeline
from workbench.store.rows import Append, NewSession, PhaseChange, SessionRow
from workbench.store.schema import events
from workbench.store.store import open_store
from workbench.store.urls import place_of

ROW = SessionRow(
    session="abc123",
    project="default",
    client="phone \x1b[31m",
    assistant="coffee",
    token_id="t-1",
    phase="live",
    opened=1_750_000_000.0,
    handle="f00d" * 16,
    wish="{}",
)
BODIES = (
    PartialTranscript(text="a la", words=(), stable=0, stability=0.1, confidence=0.5, audio_end=1.0),
    FinalTranscript(
        text="A [latte].", words=(), confidence=0.8, language="en", audio_start=0.5, audio_end=1.5
    ),
    ActionTaken(action="order", arguments={}, key="k"),
)


@pytest.fixture
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    url = f"sqlite:///{tmp_path}/a.db"
    with open_store(url) as store:
        others = (
            replace(ROW, session="abd999", assistant="rooms", opened=1.0),
            replace(ROW, session="x" * 40),
        )
        store.write([NewSession(row) for row in (ROW, *others)])
        events = (
            Event(seq=seq, at=seq + 0.5, turn=0, source=Source.ENDPOINT, body=body)
            for seq, body in enumerate(BODIES)
        )
        store.write([Append("abc123", event) for event in events])
        store.write([PhaseChange("abc123", "ended", "client-left", 1_750_000_012.0)])
    monkeypatch.setenv("WORKBENCH_STORE", url)
    monkeypatch.setenv("COLUMNS", "40")
    return url


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["sessions", *arguments]) == 0
    return capsys.readouterr().out


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["sessions", *arguments]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    return captured.err.removeprefix("workbench: ").rstrip()


@pytest.mark.usefixtures("url")
def test_list_has_a_line_a_session(capsys):
    """One would not see what is there, or a client's name would steer the terminal."""
    lines = said(capsys, "list").splitlines()
    assert [line.split()[0] for line in lines] == ["session", "abc123", "x" * 40, "abd999"]
    assert lines[1].split() == [
        *("abc123", "2025-06-15", "15:06:40Z", "12", "s", "ended", "coffee", "phone", "?[31m", "3"),
        "client-left",
    ]


@pytest.mark.usefixtures("url")
def test_list_can_be_narrowed(capsys):
    """One would search by eye."""
    listed = [
        [one["session"] for one in json.loads(said(capsys, "list", "--json", *more))["sessions"]]
        for more in (["--assistant", "rooms"], ["--phase", "ended"], ["--limit", "1"], ["--assistant", "%"])
    ]
    assert listed == [["abd999"], ["abc123"], ["abc123"], []]
    assert said(capsys, "list", "--assistant", "none") == "no sessions\n"
    assert "0 sessions were asked for" in refused(capsys, "list", "--limit", "0")


@pytest.mark.usefixtures("url")
def test_show_has_the_facts_and_the_transcript(capsys):
    """One would have to read JSON to know what was said."""
    shown = said(capsys, "show", "abc")
    assert "phase     ended (client-left)" in shown
    assert "client    phone ?[31m" in shown
    assert "A [latte].  80% sure" in shown
    assert "action taken: order" in shown
    assert ROW.handle not in shown


@pytest.mark.usefixtures("url")
def test_show_as_json_is_whole(capsys):
    """A program could not read the session, or learn what it takes to resume it."""
    text = said(capsys, "show", "abc123", "--json")
    shown = json.loads(text)
    assert shown["session"]["client"] == ROW.client
    assert [event["type"] for event in shown["events"]] == [body.type for body in BODIES]
    assert ROW.handle not in text


@pytest.mark.usefixtures("url")
@pytest.mark.parametrize("verb", [["show"], ["export"], ["delete", "--yes"]])
def test_a_name_must_fit_one_session(capsys, tmp_path, verb):
    """Another session than the one meant would be shown, or deleted."""
    folder = [str(tmp_path / "out")] if verb == ["export"] else []
    assert refused(capsys, *verb, "ab", *folder) == "several sessions begin with 'ab': abc123, abd999"
    place = f"in store {tmp_path}/a.db"
    for wrong in ("abc1234", "ABC", "%", "_bc123"):
        assert refused(capsys, *verb, wrong, *folder) == f"no session begins with {wrong!r} {place}"
    assert refused(capsys, *verb, "", *folder) == "the name of a session is empty"


@pytest.mark.usefixtures("url")
def test_a_whole_name_counts_before_the_beginning_of_others(capsys, url):
    """A session whose name begins another's could not be had."""
    with open_store(url) as store:
        store.write([NewSession(replace(ROW, session=f"abc123{number}", opened=2e9)) for number in range(9)])
    assert "abc123\n" in said(capsys, "show", "abc123")


def test_a_session_goes_to_another_store(capsys, url, tmp_path):
    """One could not keep, share or move a conversation."""
    out, other = str(tmp_path / "out"), f"sqlite:///{tmp_path}/other/b.db"
    assert said(capsys, "export", "abc", out) == f"session abc123 with 3 events is in {out}, sealed\n"
    assert len(load_timeline(Path(out))) == 3
    assert said(capsys, "import", out, "--store", other) == "session abc123 is in the store\n"
    assert "action taken: order" in said(capsys, "show", "abc123", "--store", other)
    assert "is there already" in refused(capsys, "import", out, "--store", other)
    assert "expected an empty folder" in refused(capsys, "export", "abc", out)
    (Path(out) / "session.sealed").unlink()
    assert refused(capsys, "import", out) == f"{out}: not a whole session, session.json missing"


def test_delete_asks_unless_told_not_to(capsys, url, monkeypatch):
    """A typing error would delete a session for good."""
    assert "expected --yes" in refused(capsys, "delete", "abc123")
    asked = []
    for answer in ("", "n", "Yes"):
        terminal = io.StringIO(answer + "\n")
        terminal.isatty = lambda: True
        monkeypatch.setattr(sys, "stdin", terminal)
        asked.append(main(["sessions", "delete", "abc123"]))
    assert asked == [1, 1, 0]
    assert "delete session abc123 with 3 events for good? [y/N]" in capsys.readouterr().out
    assert "no session begins with 'abc123'" in refused(capsys, "delete", "abc123", "--yes")


def test_a_session_that_goes_on_is_deleted_by_force_only(capsys, url):
    """The endpoint would lose a session in the middle of a call."""
    problem = refused(capsys, "delete", "abd", "--yes")
    assert problem == "session abd999 is live, expected one that has ended; --force deletes it all the same"
    assert said(capsys, "delete", "abd", "--yes", "--force") == "session abd999 is deleted\n"


def test_a_store_that_is_not_one_is_one_sentence(capsys, tmp_path):
    """One would read a traceback, with a password in it."""
    (tmp_path / "letter.txt").write_text("Dear Ann")
    (tmp_path / "empty.txt").write_text("")
    for url, problem in (
        (f"sqlite:///{tmp_path}/none.db", f"store {tmp_path}/none.db: is not there"),
        (f"sqlite:///{tmp_path}/letter.txt", f"store {tmp_path}/letter.txt: is not a database"),
        (f"sqlite:///{tmp_path}/empty.txt", f"store {tmp_path}/empty.txt: is not a store of sessions"),
        ("mysql://me:s3cret@host/db", "store URL: names 'mysql', expected sqlite:///PATH or postgresql://"),
    ):
        assert refused(capsys, "list", "--store", url).startswith(problem)
    assert (tmp_path / "empty.txt").read_text() == ""


def test_what_is_damaged_is_named_and_the_rest_shown(url, capsys):
    """One bad bit would take a whole conversation, or nobody would know of it."""
    database = Database(place_of(url))
    with database.writing() as connection:
        connection.execute(events.update().where(events.c.seq == 1).values(sealed=b"\x01" * 60))
        first = connection.execute(events.select().where(events.c.seq == 1)).first().session
    database.close()
    assert main(["sessions", "check", "--store", url]) == 1
    told = capsys.readouterr().out.splitlines()
    assert (
        f"session {first}: event 1 is not what was written: changed, cut off or taken from elsewhere" in told
    )
    assert main(["sessions", "show", first, "--store", url]) == 2
    assert f"session {first}: event 1 is not what was written" in capsys.readouterr().err
    assert main(["sessions", "show", first, "--rest", "--json", "--store", url]) == 0
    said = capsys.readouterr()
    assert 1 not in [event["seq"] for event in json.loads(said.out)["events"]]
    assert said.err.startswith("workbench: event 1 is not what was written")
