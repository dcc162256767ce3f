"""The system's keyring as a place for keys, with a backend of that library that keeps them in memory."""

import sys
from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends.fail import Keyring as NoBackend
from keyring.errors import PasswordSetError

from workbench.core.clock import ManualClock
from workbench.errors import EngineMissing, GatewayRefused, ParameterError
from workbench.security.keyring import parse_keys
from workbench.security.keys import KeySource, ensure_keys, key_file, load_key, load_keys, rotate_keys


class InMemory(KeyringBackend):
    """Keeps passwords as long as it lives."""

    priority = 1

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}
        self.full = False

    def get_password(self, service: str, username: str) -> str | None:
        """Return what was set."""
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        """Keep it, unless there is no room."""
        if self.full:
            raise PasswordSetError(password)
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        """Forget it."""
        del self.kept[service, username]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Choose the system's keyring, and keep the user's own key out of these tests."""
    monkeypatch.delenv("WORKBENCH_KEY", raising=False)
    monkeypatch.setenv("WORKBENCH_KEY_STORE", "keyring")
    monkeypatch.setenv("WORKBENCH_CONFIG", str(tmp_path))
    return tmp_path


@pytest.fixture
def backend() -> Iterator[InMemory]:
    """Put a keyring in memory in the place of the system's."""
    former = keyring.get_keyring()
    memory = InMemory()
    keyring.set_keyring(memory)
    yield memory
    keyring.set_keyring(former)


def test_keys_are_made_kept_and_rotated_in_the_keyring(backend: InMemory) -> None:
    """A key would be written to a file though its owner wanted none there."""
    made = ensure_keys()
    assert ensure_keys() == load_keys() == made
    assert load_key() == made.signing.secret
    ring = rotate_keys()
    assert load_keys() == ring
    assert [key.key_id for key in ring.keys[1:]] == [made.signing.key_id]
    assert not key_file().exists()
    ((service, text),) = [(name[0], text) for name, text in backend.kept.items()]
    assert service == "realtime-voice-workbench"
    assert parse_keys(text, "there") == ring


@pytest.mark.usefixtures("backend")
def test_a_rotation_in_the_keyring_is_noticed_within_a_second() -> None:
    """Tokens signed with the new key would be refused until a restart."""
    ensure_keys()
    clock = ManualClock()
    source = KeySource(now=clock.now)
    ring = rotate_keys()
    clock.advance(1)
    assert source.current() == ring


@pytest.mark.usefixtures("backend")
def test_an_empty_keyring_says_so() -> None:
    """There must never be a default key."""
    with pytest.raises(GatewayRefused) as raised:
        load_keys()
    assert raised.value.reason == (
        "no key in WORKBENCH_KEY and none at the system's keyring (realtime-voice-workbench); "
        "`workbench serve` makes one"
    )


def test_the_environment_comes_before_the_keyring(backend: InMemory, monkeypatch: pytest.MonkeyPatch) -> None:
    """A managed endpoint would use another key than the one it was given."""
    monkeypatch.setenv("WORKBENCH_KEY", "k" * 32)
    assert ensure_keys().signing.secret == "k" * 32
    assert backend.kept == {}


def test_a_keyring_that_keeps_nothing_is_an_error(backend: InMemory) -> None:
    """A key would seem kept and be another one at the next start; the library's text would show it."""
    backend.full = True
    with pytest.raises(ParameterError) as raised:
        ensure_keys()
    assert str(raised.value) == (
        "can't keep a key in the system's keyring (realtime-voice-workbench): PasswordSetError"
    )


def test_a_system_without_a_keyring_is_an_error(backend: InMemory) -> None:
    """A library's error would reach the user, or a key would silently be kept elsewhere."""
    assert backend.kept == {}
    keyring.set_keyring(NoBackend())
    with pytest.raises(
        ParameterError, match=r"^can't read a key from the system's keyring .*: NoKeyringError$"
    ):
        load_keys()


def test_the_missing_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """The user would not know what to install."""
    monkeypatch.setitem(sys.modules, "keyring", None)
    with pytest.raises(EngineMissing) as raised:
        load_keys()
    assert str(raised.value) == (
        "the system's keyring needs keyring, which is not installed: "
        'pip install "realtime-voice-workbench[keyring]"'
    )


def test_an_unknown_store_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A misspelt store would silently be the file."""
    monkeypatch.setenv("WORKBENCH_KEY_STORE", "keyrings")
    with pytest.raises(ParameterError, match=r"^WORKBENCH_KEY_STORE names an unknown store"):
        load_keys()
