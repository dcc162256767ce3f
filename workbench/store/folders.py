"""Folders of named parts, readable or sealed: recorded and exported sessions.

A sealed folder has a data key of its own, new whenever it is written, which a master key wraps in
``key.json``; each part is a file bound to session and name. So a part that was changed, cut off, swapped or
of another writing is noticed and named. What is written last makes the folder whole.
"""

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from workbench.errors import Damage, ParameterError, StoreDamaged, system_reason
from workbench.security.sealing import DataKey, Label, unwrapped
from workbench.security.store_keys import StoreKeys

KEY = "key.json"
"""The file with the wrapped key of a sealed folder."""
KEY_BYTES_MAX = 4096
SUFFIX = ".sealed"

_VERSION = 1
_PRIVATE = 0o600
_CHANGED = "is not what was written: changed, cut off or taken from elsewhere"


class Folder(Protocol):
    """A folder to read parts from."""

    def place(self, name: str) -> Path:
        """Return the file of a part."""

    def content(self, name: str) -> Path | bytes:
        """Return the file to read a part from, or what is in it once it had to be read; raises StoreError."""


@dataclass(frozen=True, slots=True)
class PlainFolder:
    """A folder anybody can read."""

    path: Path

    def place(self, name: str) -> Path:
        """Return the file of a part."""
        return self.path / name

    def content(self, name: str) -> Path | bytes:
        """Return the file of a part."""
        return self.path / name


@dataclass(frozen=True, slots=True)
class SealedFolder:
    """A folder to be read with its key only."""

    path: Path
    session: str
    key: DataKey

    def place(self, name: str) -> Path:
        """Return the file of a part."""
        return self.path / _sealed_name(name)

    def content(self, name: str) -> Path | bytes:
        """Return what is in a part.

        Raises
        ------
        StoreDamaged
            If it is not what was written.
        ParameterError
            If it can't be read.
        """
        content = self.key.open(Label(self.session, name), _read(self.place(name)))
        if content is None:
            raise StoreDamaged(str(self.path), self.session, [Damage(_sealed_name(name), None, _CHANGED)])
        return content


def open_folder(path: Path, keys: StoreKeys | None = None) -> Folder:
    """Return a folder to read from.

    Parameters
    ----------
    path : the folder
    keys : the master keys, should it be sealed; without them those of ``security.store_keys``

    Raises
    ------
    KeyMissing
        If it is sealed with a master key that is not at hand.
    StoreDamaged
        If its key is not what was written.
    ParameterError
        If its key can't be read.
    """
    if not is_sealed(path):
        return PlainFolder(path)
    session, key_id, wrapped = _read_key(path)
    master = (keys or StoreKeys(makes=False)).find(key_id, str(path))
    key = unwrapped(master, session, wrapped)
    if key is None:
        raise StoreDamaged(str(path), session, [Damage("key", None, _CHANGED)])
    return SealedFolder(path, session, key)


def content_of(opened: Folder, name: str) -> bytes:
    """Return what is in a part; raises ParameterError if it can't be read, and StoreDamaged."""
    content = opened.content(name)
    return content if isinstance(content, bytes) else _read(content)


def is_sealed(path: Path) -> bool:
    """Return whether a folder's parts are sealed."""
    return (path / KEY).is_file()


def has_part(path: Path, name: str) -> bool:
    """Return whether a part is there, readable or sealed; of the one that is written last: whether all is."""
    return (path / name).is_file() or (path / _sealed_name(name)).is_file()


def write_plain(path: Path, parts: Mapping[str, bytes]) -> None:
    """Write parts that anybody can read, in order; raises OSError."""
    _clear(path, parts)
    for name, content in parts.items():
        _put(path / name, content)


def write_sealed(path: Path, session: str, parts: Mapping[str, bytes], keys: StoreKeys) -> None:
    """Write sealed parts, in order, with a new key; raises OSError, and KeyMissing without a master key."""
    key = DataKey.new()
    sealed = {_sealed_name(name): key.seal(Label(session, name), content) for name, content in parts.items()}
    keys.wrapping(str(path))  # nothing is made, or cleared, without one
    _make_private(path)
    with _alone(path):
        with keys.held(str(path)):
            master = keys.wrapping(str(path))
            _clear(path, parts)
            _put(path / KEY, _key_text(session, master.key_id, key.wrapped(master, session)), _PRIVATE)
        for name, content in sealed.items():
            _put(path / name, content, _PRIVATE)


def rewrap_folder(path: Path, keys: StoreKeys) -> bool:
    """Wrap a sealed folder's key with the newest master key; return whether another one wrapped it.

    Raises as :func:`open_folder`.
    """
    try:
        with _alone(path), keys.held(str(path)):
            session, key_id, _ = _read_key(path)
            master = keys.wrapping(str(path))
            if key_id == master.key_id:
                return False
            opened = open_folder(path, keys)
            if isinstance(opened, SealedFolder):
                wrapped = opened.key.wrapped(master, session)
                _put(path / KEY, _key_text(session, master.key_id, wrapped), _PRIVATE)
            return True
    except OSError as error:
        raise ParameterError(f"{path}: its key can't be written: {system_reason(error)}") from None


def master_of(path: Path) -> str:
    """Return the id of the master key that wraps a sealed folder's key; raises ParameterError."""
    return _read_key(path)[1]


def forget_key(path: Path) -> None:
    """Overwrite and delete a sealed folder's key: nothing in it can be read any more; raises OSError."""
    key = path / KEY
    if not key.is_file():
        return
    with key.open("r+b") as file:
        file.write(bytes(key.stat().st_size))
        file.flush()
        os.fsync(file.fileno())
    key.unlink()


def _sealed_name(name: str) -> str:
    return Path(name).stem + SUFFIX


def _key_text(session: str, key_id: str, wrapped: bytes) -> bytes:
    facts = {"version": _VERSION, "session": session, "key_id": key_id, "wrapped": wrapped.hex()}
    return (json.dumps(facts, indent=2) + "\n").encode()


def _read_key(path: Path) -> tuple[str, str, bytes]:
    content = _read(path / KEY, KEY_BYTES_MAX)
    try:
        facts = json.loads(content)
        version, wrapped = facts["version"], bytes.fromhex(facts["wrapped"])
        session, key_id = str(facts["session"]), str(facts["key_id"])
    except (ValueError, KeyError, TypeError, RecursionError):
        raise ParameterError(f"{path / KEY}: not the key of a sealed folder") from None
    if version != _VERSION:
        raise ParameterError(f"{path / KEY}: version is {version!r}, expected {_VERSION}")
    return session, key_id, wrapped


def _read(path: Path, most: int | None = None) -> bytes:
    try:
        size = path.stat().st_size
        if most is not None and size > most:
            raise ParameterError(f"{path}: has {size} bytes, expected at most {most}")
        return path.read_bytes()
    except OSError as error:
        raise ParameterError(f"{path}: can't be read: {system_reason(error)}") from None


def _clear(path: Path, parts: Mapping[str, bytes]) -> None:
    """Make the folder, not whole any more, without parts of the other kind."""
    path.mkdir(parents=True, exist_ok=True)
    for name in reversed(list(parts)):
        for kind in (name, _sealed_name(name)):
            (path / kind).unlink(missing_ok=True)
    (path / KEY).unlink(missing_ok=True)


def _put(path: Path, content: bytes, mode: int = 0o666) -> None:
    """Fill a file beside ``path``, then put it in place in one step."""
    beside = path.with_name(f"{path.name}.part")
    beside.unlink(missing_ok=True)
    try:
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
            file.write(content)
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)


def _make_private(path: Path) -> None:
    """Make a folder, and those above it that are missing, for its owner only."""
    if not path.is_dir():
        _make_private(path.parent)
        path.mkdir(exist_ok=True, mode=0o700)


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Keep other processes from writing a sealed folder, or wrapping its key anew, during the block."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        with suppress(OSError):  # a file system without locks
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
