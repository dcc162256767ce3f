"""``workbench sessions reveal`` shows what tokens stand for, to whoever has the key, and is audited."""

import json
import logging
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from workbench.cli import main
from workbench.core.events import Event, FinalTranscript, Source, Word
from workbench.privacy.stored import mask_in_store
from workbench.store.database import Database
from workbench.store.rows import Append, NewSession, PhaseChange, SessionRow
from workbench.store.schema import sessions, vaults
from workbench.store.store import open_store
from workbench.store.urls import place_of

ROW = SessionRow(
    session="abc123",
    project="lab",
    client="phone",
    assistant="rooms",
    token_id="t-1",
    phase="live",
    opened=1.0,
    wish="{}",
)
SAID = ("My name is Anna Meier.", "A room for Peter Schmidt, please.")


def final(text: str) -> FinalTranscript:
    words = tuple(
        Word(text=word, start=0.5 + place, end=1.5 + place, confidence=0.9)
        for place, word in enumerate(text.split())
    )
    return FinalTranscript(
        text=text, words=words, confidence=0.9, language="en", audio_start=0.5, audio_end=words[-1].end
    )


@pytest.fixture
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return the URL of a store: one session masked, one without its vault, one that goes on."""
    url = f"sqlite:///{tmp_path / 'a.db'}"
    events = [
        Event(seq=seq, at=seq + 0.5, turn=seq, source=Source.ENDPOINT, body=final(text))
        for seq, text in enumerate(SAID)
    ]
    with open_store(url) as store:
        for name in ("abc123", "kept-none", "live"):
            store.write([NewSession(replace(ROW, session=name)), *(Append(name, event) for event in events)])
            if name != "live":
                store.write([PhaseChange(name, "ended", "client-left", 12.0)])
        assert mask_in_store(store, "abc123")
        assert mask_in_store(store, "kept-none", keeps=False)
    monkeypatch.setenv("WORKBENCH_STORE", url)
    return url


def run(*arguments: str) -> int:
    return main(["sessions", *arguments])


def revealed(url: str) -> list[tuple[str | None, str | None, str]]:
    with open_store(url) as store:
        entries = [one.entry for one in store.trail.records() if one.kind == "revealed"]
    return [(one.session, one.project, one.reason.partition(",")[0]) for one in entries]


def test_tokens_are_revealed_and_the_audit_trail_tells(
    url: str, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """A booking could not be traced to its guest, or nobody would know who looked."""
    caplog.set_level(logging.DEBUG)
    assert run("reveal", "abc") == 0
    assert run("reveal", "abc123", "person_2", "[PERSON_2]") == 0
    assert capsys.readouterr().out.splitlines() == [
        "[PERSON_1]  Anna Meier",
        "[PERSON_2]  Peter Schmidt",
        "[PERSON_2]  Peter Schmidt",
    ]
    assert run("reveal", "abc123", "PERSON_1", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told == {"session": "abc123", "tokens": {"[PERSON_1]": "Anna Meier"}}
    of = ("abc123", "lab")
    assert revealed(url) == [(*of, "2 of 2 tokens"), (*of, "1 of 2 tokens"), (*of, "1 of 2 tokens")]
    assert "meier" not in caplog.text.lower()


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("zzz",), "no session begins with 'zzz' in store"),
        (
            ("abc123", "PERSON_9"),
            "session abc123 has no token '[PERSON_9]', there are: [PERSON_1], [PERSON_2]",
        ),
        (("live",), "session live is live, it is masked once it has ended"),
        (("kept-none",), "nothing leads back from what is stored of session kept-none: it has no tokens, or"),
    ],
)
def test_what_can_t_be_revealed_is_a_sentence(
    url: str, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], problem: str
) -> None:
    """One would not know whether a name was never said, never kept, or mistyped."""
    assert run("reveal", *arguments) == 2
    said = capsys.readouterr()
    assert (said.out, said.err.count("\n")) == ("", 1)
    assert said.err.startswith(f"workbench: {problem}")
    assert revealed(url) == []


def test_without_the_key_nothing_is_revealed(
    url: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Anybody with the file would know who called."""
    monkeypatch.setenv("WORKBENCH_STORE_KEY", "x" * 40)
    assert run("reveal", "abc123") == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert "master key" in said.err
    assert "is needed, looked in WORKBENCH_STORE_KEY" in said.err


def test_a_damaged_vault_is_found_by_the_check(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    """One would learn of it when a guest stands at the desk."""
    assert run("check") == 0
    database = Database(place_of(url))
    with database.writing() as connection:
        connection.execute(vaults.update().values(sealed=b"\x01" * 60))
    database.close()
    assert run("check") == 1
    assert "session abc123: the vault is not what was written" in capsys.readouterr().out
    assert run("show", "abc123") == 0
    assert run("reveal", "abc123") == 2


def test_what_is_left_of_a_damaged_session_s_vault_is_revealed_if_wanted(
    url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """One flipped bit of the session's head would cost all names; or nobody would be told of it."""
    database = Database(place_of(url))
    with database.writing() as connection:
        connection.execute(sessions.update().values(head=b"\x01" * 60))
    database.close()
    assert run("reveal", "abc123") == 2
    assert run("reveal", "abc123", "--rest") == 0
    said = capsys.readouterr()
    problem = "the head is not what was written: changed, cut off or taken from elsewhere"
    assert said.err.splitlines() == [
        f"workbench: store {url.removeprefix('sqlite:///')}: session abc123: {problem}",
        f"workbench: {problem}",
    ]
    assert said.out.splitlines() == ["[PERSON_1]  Anna Meier", "[PERSON_2]  Peter Schmidt"]


def test_a_key_that_only_a_vault_needs_is_not_forgotten(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The names would be lost while all sessions can be read: a rotation was interrupted between them."""
    monkeypatch.delenv("WORKBENCH_STORE_KEY")
    monkeypatch.delenv("WORKBENCH_RECORD", raising=False)
    monkeypatch.setenv("WORKBENCH_CONFIG", str(tmp_path / "config"))
    url = f"sqlite:///{tmp_path / 'b.db'}"
    monkeypatch.setenv("WORKBENCH_STORE", url)
    database = Database(place_of(url))
    with open_store(url) as store:
        store.write([NewSession(ROW)])
        store.replace("abc123", [NewSession(ROW)], vault="[]")
        (first,) = store.keys.wrapped_by()
    with database.reading() as connection:
        before = connection.execute(select(vaults)).one()
    assert main(["keys", "rotate"]) == 0
    with database.writing() as connection:
        connection.execute(vaults.update().values(before._mapping))
    database.close()
    assert main(["keys", "forget", first, "--yes"]) == 2
    told = f"workbench: key {first} wraps 0 sessions, 1 vaults and 0 recordings, expected none"
    assert capsys.readouterr().err.startswith(told)
    assert main(["keys", "rewrap"]) == 0
    assert "0 sessions, 1 vaults and 0 recordings are wrapped with it now" in capsys.readouterr().out
    assert main(["keys", "forget", first, "--yes"]) == 0
    with open_store(url) as store:
        assert store.vaults.opened("abc123") == "[]"
