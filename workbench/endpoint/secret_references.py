"""Secrets by reference: where a setting's secret stands, in place of the secret itself.

``env:NAME`` is an environment variable, ``file:/path`` the content of a file that nobody else can read, and
``keyring:NAME`` what the system's keyring keeps under that name.
"""

import os
import stat
from collections.abc import Mapping
from pathlib import Path

from workbench.errors import EngineMissing, ParameterError, system_reason
from workbench.security.key_places import SERVICE

KINDS = ("env:", "file:", "keyring:")
SECRET_MAX = 65_536
"""Most bytes of a secret."""
WANTED = "env:NAME, file:/path or keyring:NAME"


def is_reference(value: object) -> bool:
    """Return whether a setting's value says where it stands."""
    return isinstance(value, str) and value.startswith(KINDS)


def resolve(reference: str, environment: Mapping[str, str]) -> str:
    """Return the secret that ``reference`` names, without white space around it.

    Raises
    ------
    ParameterError
        If it is not there, is empty, or others can read it; never with what stands there.
    EngineMissing
        If the keyring is meant and its library is not installed.
    """
    kind, _, name = reference.partition(":")
    if not name:
        raise ParameterError(f"the reference {kind}: names nothing, expected {WANTED}")
    match kind:
        case "env":
            found = environment.get(name)
            if found is None:
                raise ParameterError(f"environment variable {name[:100]} is not set")
        case "file":
            found = _content(Path(name))
        case _:
            found = _kept(name)
    found = found.strip()
    if not found:
        raise ParameterError(f"{reference[:200]} is empty")
    return found


def _content(path: Path) -> str:
    if not path.is_absolute():
        raise ParameterError(f"file:{str(path)[:200]} is no absolute path, expected file:/path")
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            return _read(path, descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        problem = system_reason(error)
        raise ParameterError(f"{path}: can't read a secret: {problem}") from None
    except UnicodeDecodeError:
        raise ParameterError(f"{path}: can't read a secret: it is no text") from None


def _read(path: Path, descriptor: int) -> str:
    facts = os.fstat(descriptor)
    if not stat.S_ISREG(facts.st_mode):
        raise ParameterError(f"{path}: can't read a secret: it is no plain file")
    if facts.st_mode & 0o037:
        raise ParameterError(f"{path}: the secret can be read by others, expected mode 0600 or 0640")
    if facts.st_size > SECRET_MAX:
        raise ParameterError(f"{path}: has {facts.st_size} bytes, expected at most {SECRET_MAX}")
    return os.read(descriptor, SECRET_MAX).decode()


def _kept(name: str) -> str:
    try:
        import keyring
        from keyring.errors import KeyringError
    except ImportError:
        raise EngineMissing("the system's keyring", "keyring", "keyring") from None
    try:
        found = keyring.get_password(SERVICE, name)
    except KeyringError as error:
        raise ParameterError(f"the system's keyring can't be read: {type(error).__name__}") from None
    if found is None:
        raise ParameterError(f"the system's keyring has no {name[:100]} of {SERVICE}")
    return found
