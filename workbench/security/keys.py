"""Where the master key lies: environment, file, or a file of the user's own, never a default."""

import os
import secrets
from contextlib import suppress
from pathlib import Path

from workbench.errors import GatewayRefused, ParameterError
from workbench.security.keyring import MIN_KEY_BYTES, Key, Keyring, parse_keys

__all__ = [
    "MIN_KEY_BYTES",
    "Key",
    "Keyring",
    "ensure_key",
    "ensure_keys",
    "key_file",
    "load_key",
    "load_keys",
    "new_key",
]


def key_file() -> Path:
    """Return the user's own key file, in ``WORKBENCH_CONFIG`` or the user's configuration folder."""
    base = os.environ.get("WORKBENCH_CONFIG")
    if base:
        return Path(base) / "key"
    config = os.environ.get("XDG_CONFIG_HOME")
    return (Path(config) if config else Path.home() / ".config") / "realtime-voice-workbench" / "key"


def new_key() -> str:
    """Return a new random key."""
    return secrets.token_urlsafe(MIN_KEY_BYTES)


def load_keys() -> Keyring:
    """Return the keys in ``WORKBENCH_KEY`` (parted by white space, the first signs) or the user's key file.

    Raises
    ------
    GatewayRefused
        If there is none.
    ParameterError
        If one is too short, or the file can be read by others or not at all.
    """
    given = os.environ.get("WORKBENCH_KEY", "").split()
    if given:
        return parse_keys("\n".join(given), "WORKBENCH_KEY")
    path = key_file()
    if not path.exists():
        raise GatewayRefused(401, f"no key in WORKBENCH_KEY and none at {path}; `workbench serve` makes one")
    if path.stat().st_mode & 0o077:
        raise ParameterError(f"{path} can be read by others, expected mode 0600")
    try:
        text = path.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError) as error:
        raise ParameterError(f"{path}: can't read a key: {type(error).__name__}") from None
    return parse_keys(text, str(path))


def ensure_keys() -> Keyring:
    """Return the master keys, making the user's key file (mode 0600) if there is none."""
    path = key_file()
    if not os.environ.get("WORKBENCH_KEY", "").split() and not path.exists():
        _make(path)
    return load_keys()


def load_key() -> str:
    """Return the key that signs; raises as ``load_keys`` does."""
    return load_keys().signing.secret


def ensure_key() -> str:
    """Return the key that signs, making the user's key file (mode 0600) if there is none."""
    return ensure_keys().signing.secret


def _make(path: Path) -> None:
    """Write a new key beside ``path`` and link it there whole; another's key that came first is kept."""
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(new_key() + "\n")
        with suppress(FileExistsError):
            os.link(draft, path)
        draft.unlink()
    except OSError as error:
        problem = (error.strerror or type(error).__name__).lower()
        raise ParameterError(f"can't make a key at {path}: {problem}; set WORKBENCH_KEY") from None
