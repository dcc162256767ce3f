"""A key that another process is just wrapping something with can't be forgotten: nothing is lost."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from patience import PATIENCE

from workbench.cli import main
from workbench.errors import ParameterError, StoreFailed
from workbench.security import key_places
from workbench.security.store_keys import (
    StoreKeys,
    ensure_store_keys,
    forget_store_key,
    load_store_keys,
    rotated_store_keys,
)
from workbench.store.folders import content_of, open_folder
from workbench.store.store import open_existing_store, open_store

WRITER = """
import sys
from pathlib import Path
from rows_of import appends, session_row
from workbench.security.store_keys import StoreKeys
from workbench.store.folders import write_sealed
from workbench.store.rows import NewSession
from workbench.store.store import open_store

class Slow(StoreKeys):
    def wrapping(self, place):
        key = super().wrapping(place)
        print(key.key_id, flush=True)
        sys.stdin.readline()
        return key

what, place = sys.argv[1:]
if what == "folder":
    write_sealed(Path(place), "a1", {"a.txt": b"said"}, Slow())
else:
    with open_store(place, Slow()) as store:
        store.write([NewSession(session_row("a1")), *appends("a1", 0, 2)])
"""


@pytest.fixture(autouse=True)
def own_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return the id of the user's only key."""
    monkeypatch.delenv("WORKBENCH_STORE_KEY", raising=False)
    monkeypatch.setenv("WORKBENCH_CONFIG", str(tmp_path / "config"))
    monkeypatch.setattr(key_places, "LOCK_TIMEOUT", 0.05)
    return ensure_store_keys().signing.key_id


@contextmanager
def writer(what: str, place: str, key_id: str, tests: Path) -> Iterator[None]:
    """Have another process choose a key to wrap with, and write what it wraps after the block."""
    process = subprocess.Popen(
        [sys.executable, "-c", WRITER, what, place],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=tests,
    )
    assert process.stdout is not None
    try:
        if what == "folder":  # it looks once before whether there is a key at all
            assert process.stdout.readline().strip() == key_id
            process.stdin.write("\n")
            process.stdin.flush()
        assert process.stdout.readline().strip() == key_id
        yield
        process.communicate("\n", timeout=PATIENCE)
        assert process.returncode == 0
    finally:
        process.kill()
        process.wait()


def test_no_key_goes_while_a_session_is_begun_with_it(
    store_url: str, own_keys: str, request: pytest.FixtureRequest
) -> None:
    """A session that a running endpoint stores just then would be sealed for good, for everybody."""
    open_store(store_url).close()
    with writer("store", store_url, own_keys, request.path.parent):
        for change in (rotated_store_keys, lambda: forget_store_key(own_keys)):
            with pytest.raises(ParameterError, match="another process has held them for 0.05 s"):
                change()
    rotated_store_keys()
    with open_existing_store(store_url) as store:
        assert store.keys.wrapped_by() == {own_keys: 1}
        assert store.keys.rewrap().sessions == 1
    forget_store_key(own_keys)
    with open_existing_store(store_url) as store:
        assert len(store.load("a1").events) == 2


def test_no_key_goes_while_a_recording_is_sealed_with_it(
    tmp_path: Path, own_keys: str, request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its folder has no key file yet, so nobody would count it: what is recorded just then would be lost."""
    folder = tmp_path / "recordings" / "a1"
    folder.parent.mkdir()
    command = ("keys", "rotate", "--store", f"sqlite:///{tmp_path / 'a.db'}", "--recordings")
    with writer("folder", str(folder), own_keys, request.path.parent):
        assert main([*command, str(folder.parent)]) == 2
        assert capsys.readouterr().err.endswith("store-key: another process has held them for 0.05 s\n")
    assert main([*command, str(folder.parent)]) == 0
    forget_store_key(own_keys)
    assert content_of(open_folder(folder), "a.txt") == b"said"


def test_what_needs_a_key_is_counted_while_nobody_wraps(store_url: str, own_keys: str) -> None:
    """Somebody could wrap with it between the count and the forgetting; or wait for ever."""
    rotated_store_keys()
    asked = []

    def check() -> None:
        with open_store(store_url) as store, pytest.raises(StoreFailed, match="changing the master keys"):
            store.keys.rewrap()
        asked.append(own_keys in [key.key_id for key in load_store_keys().keys])

    forget_store_key(own_keys, check=check)
    assert asked == [True]


def test_a_process_that_can_t_read_the_keys_any_more_wraps_with_none_that_was_forgotten(
    own_keys: str, tmp_path: Path
) -> None:
    """An endpoint would go on with a key that is gone: all it stores would be lost at its end."""
    file = tmp_path / "config" / "store-key"
    looking, idle = StoreKeys(), StoreKeys()
    assert {one.wrapping("here").key_id for one in (looking, idle)} == {own_keys}
    newest = rotated_store_keys().signing
    file.chmod(0o644)  # as good as another user's: it is refused
    assert looking.wrapping("here").key_id == own_keys
    file.chmod(0o600)
    forget_store_key(own_keys)
    assert looking.wrapping("here") == newest
    file.chmod(0o644)
    with pytest.raises(ParameterError, match=f"^master key {own_keys} was forgotten, and those kept"):
        idle.wrapping("here")
    assert idle.find(own_keys, "here").key_id == own_keys  # what it has wrapped can still be read
    assert looking.wrapping("here") == newest
    file.chmod(0o600)
    assert idle.wrapping("here") == newest
