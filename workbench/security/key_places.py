"""The places that keep master keys between starts: a file of the user's own, or the keyring of the system."""

import fcntl
import os
import secrets
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Protocol

from workbench.errors import EngineMissing, ParameterError, system_reason

SERVICE = "realtime-voice-workbench"
"""Under this name the system's keyring keeps the keys."""

VARIABLE = "WORKBENCH_KEY"
"""The environment's keys that sign tokens."""

LOCK_TIMEOUT = 5.0
"""Seconds to wait for other processes that change the keys, or hold them."""

_MAX_BYTES = 65_536
_LOCK_POLL = 0.02


class Place(Protocol):
    """Keeps the text of a key ring."""

    @property
    def name(self) -> str:
        """What to call it in a sentence."""

    @property
    def stamp(self) -> Path:
        """A file that changes when the keys do; its changing costs one look to find out."""

    @property
    def lock(self) -> Path:
        """The file to lock: by itself to change the keys, shared so that nobody else does."""

    @property
    def variable(self) -> str:
        """The variable of the environment that is looked at first."""

    def read(self) -> str | None:
        """Return the text, or None if there is none; raises ParameterError."""

    def write(self, text: str) -> None:
        """Replace the text, whole or not at all; raises ParameterError."""


@dataclass(frozen=True, slots=True)
class KeyFile:
    """A file only its owner can read."""

    path: Path
    variable: str = VARIABLE
    """What to set where no file can be kept."""

    @property
    def name(self) -> str:
        """The path."""
        return str(self.path)

    @property
    def stamp(self) -> Path:
        """The file itself: a new one takes its place."""
        return self.path

    @property
    def lock(self) -> Path:
        """A file beside it, which is never replaced."""
        return self.path.with_name(f"{self.path.name}.lock")

    def read(self) -> str | None:
        """Return the text if its mode keeps others out."""
        try:
            # what is looked at is what is read; a pipe in its place must not make us wait
            descriptor = os.open(self.path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._unreadable(error) from None
        try:
            return self._read(descriptor)
        except (OSError, UnicodeDecodeError) as error:
            raise self._unreadable(error) from None
        finally:
            os.close(descriptor)

    def write(self, text: str) -> None:
        """Write the text to the disk, in place of what is there."""
        try:
            put_in_place(self.path, text)
        except OSError as error:
            raise _cannot_write(self, error) from None

    def _read(self, descriptor: int) -> str:
        facts = os.fstat(descriptor)
        if not stat.S_ISREG(facts.st_mode):
            raise ParameterError(f"{self.path}: can't read a key: it is no plain file")
        if facts.st_mode & 0o077:
            raise ParameterError(f"{self.path} can be read by others, expected mode 0600")
        if facts.st_size > _MAX_BYTES:
            raise ParameterError(f"{self.path} has {facts.st_size} bytes, expected at most {_MAX_BYTES}")
        return os.read(descriptor, _MAX_BYTES).decode("ascii")

    def _unreadable(self, error: Exception) -> ParameterError:
        return ParameterError(f"{self.path}: can't read a key: {type(error).__name__}")


@dataclass(frozen=True, slots=True)
class SystemKeyring:
    """The system's own keyring, by the library ``keyring``."""

    lock: Path
    """Also the stamp: it is touched when the keys change."""
    account: str = "key"
    """What the keyring knows them by."""
    variable: str = VARIABLE
    """What to set where no lock can be had."""

    @property
    def name(self) -> str:
        """How a reader finds it."""
        return f"the system's keyring ({SERVICE})"

    @property
    def stamp(self) -> Path:
        """The lock file, touched at every change."""
        return self.lock

    def read(self) -> str | None:
        """Return the text the keyring holds."""
        keyring, failure = _library()
        try:
            text: str | None = keyring.get_password(SERVICE, self.account)
        except failure as error:
            raise ParameterError(f"can't read a key from {self.name}: {type(error).__name__}") from None
        return text

    def write(self, text: str) -> None:
        """Hand the text to the keyring."""
        keyring, failure = _library()
        try:
            keyring.set_password(SERVICE, self.account, text)
        except failure as error:
            raise ParameterError(f"can't keep a key in {self.name}: {type(error).__name__}") from None
        with suppress(OSError):
            self.lock.touch(mode=0o600)


def put_in_place(path: Path, text: str) -> None:
    """Write an ASCII text beside a file, to the disk, then put it in the file's place; raises OSError.

    Only its owner may read it: that of the file that was there, if an administrator writes for another user.
    """
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            with suppress(FileNotFoundError):
                facts = path.stat()
                if os.geteuid() == 0 and facts.st_uid != 0:
                    os.fchown(descriptor, facts.st_uid, facts.st_gid)
            file.write(text)
            file.flush()
            os.fsync(descriptor)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def chosen_place(path: Path, variable: str) -> Place:
    """Return where keys are kept: a file, or what ``WORKBENCH_KEY_STORE`` names, the system's keyring.

    Parameters
    ----------
    path : the file; the keyring knows them by its name
    variable : what to set where neither can be had

    Raises
    ------
    ParameterError
        If another place is asked for.
    """
    store = os.environ.get("WORKBENCH_KEY_STORE") or "file"
    if store == "keyring":
        return SystemKeyring(path.with_name(f"{path.name}.lock"), account=path.name, variable=variable)
    if store != "file":
        raise ParameterError("WORKBENCH_KEY_STORE names an unknown store, expected file or keyring")
    return KeyFile(path, variable)


@contextmanager
def changing(place: Place) -> Iterator[None]:
    """Keep every other process from changing or holding the keys in ``place`` during the block.

    Raises
    ------
    ParameterError
        If others don't finish within five seconds, or no lock can be had.
    """
    try:
        place.lock.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(place.lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise _cannot_write(place, error) from None
    try:
        try:
            in_time = take_alone(descriptor)
        except OSError as error:  # a file system without locks
            raise _cannot_write(place, error) from None
        if not in_time:
            problem = f"another process has held them for {LOCK_TIMEOUT:g} s"
            raise ParameterError(f"can't change the keys in {place.name}: {problem}")
        yield
    finally:
        os.close(descriptor)  # which releases the lock


@contextmanager
def holding(place: Place) -> Iterator[bool]:
    """Keep every other process from changing the keys in ``place`` during the block.

    Any number may hold them at once. What is yielded is false if somebody has been changing them for five
    seconds. Where no lock can be had nobody is kept from anything: keys can't be changed there by us either.
    """
    try:
        descriptor = os.open(place.lock, os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError:
        yield True
        return
    try:
        try:
            in_time = _take(descriptor, fcntl.LOCK_SH)
        except OSError:  # a file system without locks
            in_time = True
        yield in_time
    finally:
        os.close(descriptor)


def take_alone(descriptor: int) -> bool:
    """Lock an open file against all other processes; return whether that could be done in time."""
    return _take(descriptor, fcntl.LOCK_EX)


def _take(descriptor: int, how: int) -> bool:
    """Take a lock; return whether it could be had in time."""
    latest = time.monotonic() + LOCK_TIMEOUT
    while True:
        try:
            fcntl.flock(descriptor, how | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > latest:
                return False
            time.sleep(_LOCK_POLL)
        else:
            return True


def _cannot_write(place: Place, error: OSError) -> ParameterError:
    problem = system_reason(error)
    return ParameterError(f"can't make a key at {place.name}: {problem}; set {place.variable}")


def _library() -> tuple[ModuleType, type[Exception]]:
    """Return the library and the root of its errors."""
    try:
        import keyring
        from keyring.errors import KeyringError
    except ImportError:
        raise EngineMissing("the system's keyring", "keyring", "keyring") from None
    return keyring, KeyringError
