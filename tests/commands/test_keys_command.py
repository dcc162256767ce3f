"""The master keys of what is stored, from the command line."""

import json
from pathlib import Path

import numpy as np
import pytest

from workbench.cli import main
from workbench.core.events import ErrorRaised, Event, Source
from workbench.core.timeline import Timeline
from workbench.security.store_keys import StoreKeys, load_store_keys
from workbench.store.folders import KEY
from workbench.store.recording import Recording, load_recording
from workbench.store.rows import Append, NewSession, SessionRow
from workbench.store.store import open_store


@pytest.fixture(autouse=True)
def own_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the file of a user who has no keys yet."""
    monkeypatch.delenv("WORKBENCH_STORE_KEY")
    monkeypatch.delenv("WORKBENCH_RECORD", raising=False)
    monkeypatch.setenv("WORKBENCH_CONFIG", str(tmp_path / "config"))
    monkeypatch.setenv("WORKBENCH_STORE", f"sqlite:///{tmp_path / 'store.db'}")
    return tmp_path / "config" / "store-key"


@pytest.fixture
def recordings(tmp_path: Path) -> Path:
    return tmp_path / "recordings"


@pytest.fixture
def filled(tmp_path: Path, recordings: Path) -> str:
    """Return the URL of a store with two sessions, the first of which was recorded."""
    url = f"sqlite:///{tmp_path / 'store.db'}"
    with open_store(url) as store:
        for name in ("a1", "b1"):
            row = SessionRow(
                session=name,
                project="default",
                client=None,
                assistant="coffee",
                token_id="t",
                phase="ended",
                opened=1.0,
                closed=2.0,
                wish="{}",
            )
            body = ErrorRaised(code="x", message="marmalade")
            event = Event(seq=0, at=0.5, turn=0, source=Source.ENDPOINT, body=body)
            store.write([NewSession(row), Append(name, event)])
    silence = np.zeros(800, np.float32)
    recording = Recording(
        timeline=Timeline(), caller=silence, caller_rate=8_000, agent=silence, agent_rate=8_000, device_zero=0
    )
    recording.save_sealed(recordings / "a1", "a1", StoreKeys())
    return url


def run(*arguments: object) -> int:
    return main([str(argument) for argument in arguments])


def ids() -> list[str]:
    return [key.key_id for key in load_store_keys().keys]


def events_of(url: str) -> int:
    with open_store(url) as store:
        return sum(len(store.load(one.session).events) for one in store.sessions())


def test_a_key_is_made_once(own_keys: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A second one would open nothing that the first has sealed."""
    assert run("keys", "list") == 0
    assert run("keys", "make") == 0
    assert own_keys.stat().st_mode & 0o777 == 0o600
    (key,) = ids()
    assert run("keys", "make") == 0
    assert ids() == [key]
    assert capsys.readouterr().out.splitlines() == [
        "no keys: the first session that is stored makes one",
        f"key {key} is made; keep a copy of it where the store's copies are not",
        f"key {key} is there already; keep a copy of it where the store's copies are not",
    ]
    assert own_keys.read_text().split()[0] not in capsys.readouterr().out


def test_rotating_wraps_all_anew(filled: str, recordings: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What is stored would still hang on the key that is to go."""
    (first,) = ids()
    assert run("keys", "rotate", "--recordings", recordings) == 0
    second, former = ids()
    assert former == first
    assert run("keys", "list", "--recordings", recordings) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"key {second} wraps new ones",
        "2 sessions, 0 vaults and 1 recordings are wrapped with it now",
        f"{second} wraps new ones: 2 sessions, 0 vaults, 1 recordings",
        f"{first} opens: 0 sessions, 0 vaults, 0 recordings",
    ]
    assert run("keys", "forget", first, "--recordings", recordings, "--yes") == 0
    assert ids() == [second]
    assert events_of(filled) == 2
    assert load_recording(recordings / "a1").duration == 0.1


def test_a_key_that_is_needed_is_not_forgotten(
    filled: str, recordings: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A typing error would lose every session."""
    (first,) = ids()
    assert run("keys", "forget", first, "--yes") == 2
    monkeypatch.setenv("WORKBENCH_RECORD", str(recordings))
    assert run("keys", "rotate") == 0
    assert run("keys", "forget", "12345678", "--yes") == 2
    assert run("keys", "forget", ids()[0], "--yes") == 2
    assert run("keys", "forget", first) == 2
    assert capsys.readouterr().err.splitlines() == [
        f"workbench: key {first} wraps 2 sessions, 0 vaults and 0 recordings, expected none: "
        "`workbench keys rewrap` first",
        f"workbench: no key '12345678' in {_place()}, there are: {ids()[0]}, {first}",
        f"workbench: key {ids()[0]} wraps 2 sessions, 0 vaults and 1 recordings, expected none: "
        "`workbench keys rewrap` first",
        f"workbench: whatever else key {first} wraps, another store or a copy, is lost with it, "
        "expected --yes",
    ]
    assert events_of(filled) == 2


def _place() -> str:
    from workbench.security.store_keys import store_place

    place = store_place()
    assert place is not None
    return place.name


def test_nothing_is_rotated_while_a_key_is_missing(
    filled: str, own_keys: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Some sessions would be wrapped with the new key, some with the old one that is nowhere."""
    (first,) = ids()
    kept = own_keys.read_text()
    own_keys.unlink()
    assert run("keys", "make") == 0
    (other,) = ids()
    assert run("keys", "rotate") == 2
    assert ids() == [other]
    assert run("keys", "list") == 0
    said = capsys.readouterr()
    assert f"master key {first} is needed, looked in WORKBENCH_STORE_KEY (not set) and {own_keys}" in said.err
    assert f"{first} is NOT at hand: 2 sessions, 0 vaults, 0 recordings" in said.out
    own_keys.write_text(own_keys.read_text() + kept)
    assert run("keys", "rewrap") == 0
    assert run("keys", "list", "--json") == 0
    (told,) = [json.loads(line) for line in capsys.readouterr().out.splitlines() if line.startswith("{")]
    assert [(one["key_id"], one["wraps"], one["sessions"]) for one in told["keys"]] == [
        (other, True, 2),
        (first, False, 0),
    ]
    assert events_of(filled) == 2


def test_keys_from_the_environment_are_changed_there(
    filled: str, own_keys: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A new key would be kept where nobody looks."""
    (first,) = ids()
    secret = own_keys.read_text().strip()
    monkeypatch.setenv("WORKBENCH_STORE_KEY", f"{'n' * 40} {secret}")
    assert run("keys", "rotate") == 2
    assert run("keys", "forget", first, "--yes") == 2
    assert run("keys", "rewrap") == 0
    assert run("keys", "forget", first, "--yes") == 2
    monkeypatch.setenv("WORKBENCH_STORE_KEY", "n" * 40)
    assert events_of(filled) == 2
    said = capsys.readouterr()
    assert "put the new one before the former one there" in said.err
    assert "take it away there" in said.err
    assert secret not in said.err + said.out


def test_a_damaged_key_is_told(filled: str, recordings: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One would throw the former key away, and with it what might be saved from a copy."""
    key = json.loads((recordings / "a1" / KEY).read_text())
    key["wrapped"] = key["wrapped"][:-2] + ("00" if key["wrapped"][-2:] != "00" else "01")
    (recordings / "a1" / KEY).write_text(json.dumps(key))
    assert run("keys", "rotate", "--recordings", recordings) == 1
    assert "recording a1 stays as it is: its key is not what was written" in capsys.readouterr().out


def test_deleting_takes_the_recording_along(
    filled: str, recordings: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The caller could still be heard."""
    assert run("sessions", "delete", "a1", "--yes", "--recordings", recordings) == 0
    assert capsys.readouterr().out == "session a1 is deleted, with its recording\n"
    assert list(recordings.iterdir()) == []
    assert run("sessions", "delete", "b1", "--yes", "--recordings", recordings) == 0
    assert capsys.readouterr().out == "session b1 is deleted\n"


def test_an_export_is_sealed_unless_it_is_wanted_plain(
    filled: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What was protected in the store would lie open beside it."""
    assert run("sessions", "export", "a1", tmp_path / "sealed") == 0
    assert run("sessions", "export", "a1", tmp_path / "plain", "--plain") == 0
    assert b"marmalade" in (tmp_path / "plain" / "events.jsonl").read_bytes()
    assert all(b"marmalade" not in path.read_bytes() for path in (tmp_path / "sealed").iterdir())
    assert capsys.readouterr().out.splitlines() == [
        f"session a1 with 1 events is in {tmp_path / 'sealed'}, sealed",
        f"session a1 with 1 events is in {tmp_path / 'plain'}, for anybody to read",
    ]
    for folder in ("sealed", "plain"):
        other = f"sqlite:///{tmp_path / folder}.db"
        assert run("sessions", "import", tmp_path / folder, "--store", other) == 0
        assert events_of(other) == 1


def test_what_is_exported_of_a_sealed_recording_is_put_elsewhere(
    filled: str, recordings: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A readable transcript would lie in the endpoint's own folder."""
    assert run("export", recordings / "a1", "--format", "rttm") == 2
    assert (
        "is sealed, and what is exported can be read by anybody: say where to with" in capsys.readouterr().err
    )
    assert run("export", recordings / "a1", "--format", "rttm", "-o", tmp_path / "who.rttm") == 0


def test_recordings_are_where_the_settings_file_says(
    filled: str, own_keys: Path, recordings: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A key that recordings need would be forgotten, or a caller still be heard after the deletion."""
    own_keys.with_name("settings.toml").write_text(f'[default]\nrecord = "{recordings}"\n')
    (first,) = ids()
    assert run("keys", "rotate") == 0
    assert "2 sessions, 0 vaults and 1 recordings are wrapped with it now" in capsys.readouterr().out
    assert run("keys", "forget", first, "--yes") == 0
    assert load_recording(recordings / "a1").duration == 0.1
    assert run("sessions", "delete", "a1", "--yes") == 0
    assert "is deleted, with its recording" in capsys.readouterr().out
    assert not (recordings / "a1").exists()
