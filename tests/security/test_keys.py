"""The master key: where it is looked for, and what is refused."""

import stat
from pathlib import Path

import pytest

from workbench.errors import GatewayRefused, ParameterError
from workbench.security.keys import MIN_KEY_BYTES, ensure_key, key_file, load_key, new_key

KEY = "k" * MIN_KEY_BYTES


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep the user's own key out of these tests."""
    monkeypatch.delenv("WORKBENCH_KEY", raising=False)
    monkeypatch.setenv("WORKBENCH_CONFIG", str(tmp_path))
    return tmp_path


def write(text: str | bytes, mode: int = 0o600) -> Path:
    path = key_file()
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    path.chmod(mode)
    return path


def test_new_keys_are_long_enough_and_differ() -> None:
    """Sessions of two installations would share a key, or have one that is refused."""
    keys = {new_key() for _ in range(10)}
    assert len(keys) == 10
    assert all(len(key) >= MIN_KEY_BYTES for key in keys)


def test_the_key_file_lies_in_the_user_s_configuration(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The key would be looked for where nobody put it."""
    assert key_file() == tmp_path / "key"
    monkeypatch.delenv("WORKBENCH_CONFIG")
    monkeypatch.setenv("XDG_CONFIG_HOME", "/x")
    assert key_file() == Path("/x/realtime-voice-workbench/key")
    monkeypatch.delenv("XDG_CONFIG_HOME")
    monkeypatch.setenv("HOME", "/h")
    assert key_file() == Path("/h/.config/realtime-voice-workbench/key")


def test_the_environment_comes_before_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """A managed endpoint would use another key than the one it was given."""
    write("f" * MIN_KEY_BYTES)
    monkeypatch.setenv("WORKBENCH_KEY", KEY)
    assert load_key() == KEY


def test_the_file_is_read_without_its_newline() -> None:
    """Tokens signed on one side would not verify on the other."""
    write(KEY + "\n")
    assert load_key() == KEY


@pytest.mark.parametrize("length", [1, MIN_KEY_BYTES - 1])
def test_a_short_key_is_refused(length: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key that can be guessed would sign tokens; the key itself stays out of the text."""
    path = write("s" * length)
    with pytest.raises(ParameterError) as raised:
        load_key()
    assert str(raised.value) == f"the key in {path} has {length} bytes, expected at least 32"
    monkeypatch.setenv("WORKBENCH_KEY", "s" * length)
    with pytest.raises(ParameterError) as raised:
        load_key()
    assert str(raised.value) == f"the key in WORKBENCH_KEY has {length} bytes, expected at least 32"


@pytest.mark.parametrize("mode", [0o604, 0o640, 0o644, 0o666, 0o601])
def test_a_file_others_can_read_is_refused(mode: int) -> None:
    """Every user of the machine could sign tokens."""
    path = write(KEY, mode)
    with pytest.raises(ParameterError) as raised:
        load_key()
    assert str(raised.value) == f"{path} can be read by others, expected mode 0600"


def test_no_key_at_all_says_where_it_was_looked_for(folder: Path) -> None:
    """There must never be a default key."""
    with pytest.raises(GatewayRefused) as raised:
        load_key()
    assert raised.value.code == 401
    assert raised.value.reason == (
        f"no key in WORKBENCH_KEY and none at {folder / 'key'}; `workbench serve` makes one"
    )


def test_a_file_that_is_no_text_is_refused() -> None:
    """A library's error would reach the user."""
    path = write(b"\xff" * 40)
    with pytest.raises(ParameterError) as raised:
        load_key()
    assert str(raised.value) == f"{path}: can't read a key: UnicodeDecodeError"


def test_a_folder_in_the_key_s_place_is_refused() -> None:
    """A library's error would reach the user."""
    key_file().mkdir(mode=0o700)
    with pytest.raises(ParameterError, match=r"can't read a key: it is no plain file$"):
        load_key()


def test_a_key_is_made_once_for_its_owner_only(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Others could read the key, or every start would make the tokens of the last one useless."""
    monkeypatch.setenv("WORKBENCH_CONFIG", str(folder / "deep" / "er"))
    key = ensure_key()
    assert len(key) >= MIN_KEY_BYTES
    assert stat.S_IMODE(key_file().stat().st_mode) == 0o600
    assert ensure_key() == load_key() == key


def test_no_file_is_made_when_the_environment_has_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that was given its key would leave another one behind."""
    monkeypatch.setenv("WORKBENCH_KEY", KEY)
    assert ensure_key() == KEY
    assert not key_file().exists()
