"""The master keys of what is stored, as a process that runs on sees them while another changes them."""

import errno
import fcntl
import os
from pathlib import Path

import pytest

from workbench.errors import KeyMissing, ParameterError
from workbench.security.key_places import KeyFile
from workbench.security.store_keys import StoreKeys, forget_store_key, rotated_store_keys


@pytest.fixture(autouse=True)
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the file of a user who has no keys yet."""
    monkeypatch.delenv("WORKBENCH_STORE_KEY", raising=False)
    monkeypatch.setenv("WORKBENCH_CONFIG", str(tmp_path))
    return tmp_path / "store-key"


def test_what_runs_wraps_with_the_key_that_another_process_made() -> None:
    """New sessions would go on being wrapped with a key that is then forgotten, and be lost."""
    running = StoreKeys()
    former = running.wrapping("here")
    newest = rotated_store_keys().signing
    assert running.wrapping("here") == newest
    forget_store_key(former.key_id)
    assert running.wrapping("here") == newest
    with pytest.raises(KeyMissing):
        running.find(former.key_id, "here")


def test_a_file_that_can_t_be_read_leaves_the_keys_as_they_were(
    file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A wrong mode would end every session of an endpoint."""
    running = StoreKeys()
    key = running.wrapping("here")
    file.chmod(0o644)
    assert running.wrapping("here") == key
    assert running.find(key.key_id, "here") == key
    with pytest.raises(KeyMissing):
        running.find("0" * 8, "here")
    assert "the former ones stay" in caplog.text
    assert key.secret not in caplog.text


def test_a_file_system_without_locks_keeps_nobody_from_storing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each new session would fail with an error of the system; or keys be changed unlocked."""
    running = StoreKeys()
    key = running.wrapping("here")

    def no_locks(descriptor: int, how: int) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(fcntl, "flock", no_locks)
    with running.held("here"):
        assert running.wrapping("here") == key
    with pytest.raises(ParameterError, match="store-key: no locks available; set WORKBENCH_STORE_KEY"):
        rotated_store_keys()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can hand a file to another user")
def test_a_file_stays_its_owner_s(tmp_path: Path) -> None:
    """An administrator who rotates the keys would take them from the user whose endpoint runs."""
    place = KeyFile(tmp_path / "key")
    place.write("k" * 40)
    os.chown(place.path, 65_534, 65_534)
    place.write("l" * 40)
    facts = place.path.stat()
    assert (facts.st_uid, facts.st_gid, facts.st_mode & 0o777) == (65_534, 65_534, 0o600)
