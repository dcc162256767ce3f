"""The master keys of what is stored: environment, the user's file or the system's keyring; several at once.

They are others than those that sign tokens: who mints need not be able to read what was said. The first of
the ring wraps the keys of new sessions, all of them open what they wrapped; none ends by itself.
"""

import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from workbench.errors import KeyMissing, ParameterError, StoreFailed, WorkbenchError, system_reason
from workbench.security.key_places import LOCK_TIMEOUT, Place, changing, chosen_place, holding
from workbench.security.keyring import MAX_KEYS, Key, Keyring, parse_keys, render_keys
from workbench.security.keys import key_file, new_key

VARIABLE = "WORKBENCH_STORE_KEY"
FILE = "store-key"
"""Its name, beside the file of the keys that sign tokens."""

log = logging.getLogger(__name__)


class StoreKeys:
    """The master keys of what is stored, as they are now; usable from any thread.

    Another process may rotate them: what is wrapped next is wrapped with the new one. If what changed can't
    be read, the keys read last stay in use, and the log says so; but none wraps that was forgotten meanwhile.

    Parameters
    ----------
    ring : keys that never change; without it they are loaded when they are first needed, and again once they
        have changed
    makes : whether one is made if there is none at all
    """

    def __init__(self, ring: Keyring | None = None, *, makes: bool = True) -> None:
        self._fixed = ring is not None
        self._makes = makes and not self._fixed
        self._ring = ring
        self._seen: tuple[int, ...] | None = None
        self._is_stale = False
        """Whether the ring is a former one, for what is there now can't be read."""

    @contextmanager
    def held(self, place: str) -> Iterator[None]:
        """Keep other processes from forgetting a key during the block.

        Whoever wraps chooses the key and commits what it wraps within one such block: else somebody may find
        that nothing needs the key, and throw it away, before the commit.

        Raises
        ------
        StoreFailed
            If another process has been changing the keys for five seconds; what is written to ``place`` may
            be tried again.
        """
        kept = None if self._fixed else store_place()
        if kept is None or not self.are_there():  # who makes the first key locks by himself
            yield
            return
        with holding(kept) as in_time:
            if not in_time:
                problem = f"another process has been changing the master keys for {LOCK_TIMEOUT:g} s"
                raise StoreFailed(place, problem)
            yield

    def wrapping(self, place: str) -> Key:
        """Return the key that wraps the keys of new sessions in ``place``.

        Raises
        ------
        KeyMissing
            If there is none, and none may be made.
        ParameterError
            If a key can't be read or made, or the one at hand was forgotten and the others can't be read.
        """
        ring = self._loaded()
        if ring is None and self._makes:
            ring = self._ring = ensure_store_keys()
            self._seen = _stamp()
        if ring is None:
            raise KeyMissing(place, None, self.looked())
        if self._is_stale and ring.signing.key_id in _forgotten():
            raise ParameterError(
                f"master key {ring.signing.key_id} was forgotten, and those kept in its place can't be read"
            )
        return ring.signing

    def are_there(self) -> bool:
        """Return whether there are any."""
        return self._loaded() is not None

    def find(self, key_id: str, place: str) -> Key:
        """Return the key of that id, which something in ``place`` was wrapped with; raises KeyMissing."""
        ring = self._loaded()
        found = _of(ring, key_id)
        if found is None and not self._fixed:
            self._load_again()
            found = _of(self._ring, key_id)
        if found is None:
            raise KeyMissing(place, key_id, self.looked())
        return found

    def looked(self) -> str:
        """Return where keys were looked for, and the ids of those that were there."""
        if self._fixed:
            return f"a ring given ({_ids(self._ring)})"
        if _given():
            return f"{VARIABLE} ({_ids(self._ring)})"
        return f"{VARIABLE} (not set) and {_place().name} ({_ids(self._ring)})"

    def _loaded(self) -> Keyring | None:
        if self._fixed:
            return self._ring
        seen = _stamp()
        if self._ring is None:
            self._ring, self._seen = load_store_keys(), seen
        elif seen != self._seen:
            self._seen = seen
            self._load_again()
        return self._ring

    def _load_again(self) -> None:
        try:
            loaded = load_store_keys()
        except WorkbenchError as error:
            log.error("the keys of what is stored can't be used, the former ones stay: %s", error)
            loaded = None
        self._ring, self._is_stale = loaded or self._ring, loaded is None


def _stamp() -> tuple[int, ...] | None:
    """Return what changes with the keys that are kept; None if they come from the environment."""
    if _given():
        return None
    try:
        facts = _place().stamp.stat()
    except OSError:
        return ()
    return facts.st_ino, facts.st_mtime_ns, facts.st_ctime_ns


def store_place() -> Place | None:
    """Return where the keys are kept; None if they come from the environment."""
    return None if _given() else _place()


def load_store_keys() -> Keyring | None:
    """Return the master keys of what is stored, None if there are none.

    They are those in ``WORKBENCH_STORE_KEY``, parted by white space, the first wrapping; or those of the
    user's file ``store-key``; or, if ``WORKBENCH_KEY_STORE`` is ``keyring``, those of the system's keyring.

    Raises
    ------
    ParameterError
        If one is too short, has an end, or the file can be read by others or not at all.
    EngineMissing
        If the system's keyring is wanted and its library is not installed.
    """
    given = _given()
    if given:
        return parse_keys("\n".join(given), VARIABLE)
    place = _place()
    text = place.read()
    return None if text is None else _parsed(text, place)


def ensure_store_keys() -> Keyring:
    """Return the keys, making and keeping one if there is none; raises as :func:`load_store_keys` does."""
    ring = load_store_keys()
    if ring is not None:
        return ring
    place = _place()
    with changing(place):
        text = place.read()
        if text is None:
            text = render_keys(Keyring([Key(new_key())]))
            place.write(text)
        return _parsed(text, place)


def rotated_store_keys() -> Keyring:
    """Put a new key before those that are kept, and return the ring; nothing is wrapped anew by this.

    Raises
    ------
    ParameterError
        If the keys come from the environment, or there are sixteen already.
    """
    _kept_by_us("put the new one before the former one there")
    place = _place()
    with changing(place):
        text = place.read()
        former = () if text is None else _parsed(text, place).keys
        if len(former) >= MAX_KEYS:
            raise ParameterError(
                f"{place.name} holds {len(former)} keys, expected fewer than {MAX_KEYS}: "
                "forget those that nothing needs with `workbench keys forget`"
            )
        ring = Keyring([Key(new_key()), *former])
        place.write(render_keys(ring))
    return ring


def forget_store_key(key_id: str, *, check: Callable[[], None] = lambda: None) -> Keyring:
    """Take a key off those that are kept and return the rest: what only it opens is lost from now on.

    Parameters
    ----------
    key_id : which one
    check : raises if something needs it; asked while nobody else wraps anything

    Raises
    ------
    ParameterError
        If the keys come from the environment, it is not among them, or it is the one that wraps.
    """
    _kept_by_us("take it away there")
    place = _place()
    with changing(place):
        text = place.read()
        former = () if text is None else _parsed(text, place).keys
        if not any(key.key_id == key_id for key in former):
            known = ", ".join(key.key_id for key in former) or "none"
            raise ParameterError(f"no key {key_id!r} in {place.name}, there are: {known}")
        if former[0].key_id == key_id:
            raise ParameterError(f"key {key_id} wraps what is stored, expected a former one: rotate first")
        check()
        ring = Keyring(key for key in former if key.key_id != key_id)
        _note_forgotten(key_id, place)
        place.write(render_keys(ring))
    return ring


def _note_forgotten(key_id: str, place: Place) -> None:
    """Tell those who can't read the keys any more that one of them is gone; ids are no secret."""
    try:
        with os.fdopen(
            os.open(_forgotten_file(place), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644), "w"
        ) as file:
            file.write(f"{key_id}\n")
    except OSError as error:
        problem = system_reason(error)
        raise ParameterError(f"{_forgotten_file(place)}: can't note a forgotten key: {problem}") from None


def _forgotten() -> frozenset[str]:
    with suppress(OSError, UnicodeDecodeError):
        return frozenset(_forgotten_file(_place()).read_text("ascii").split())
    return frozenset()


def _forgotten_file(place: Place) -> Path:
    return place.lock.with_name(f"{FILE}.forgotten")


def _kept_by_us(instead: str) -> None:
    if _given():
        raise ParameterError(f"the keys come from {VARIABLE}: {instead}")


def _parsed(text: str, place: Place) -> Keyring:
    ring = parse_keys(text, place.name)
    if any(key.until is not None for key in ring.keys):
        raise ParameterError(f"a key in {place.name} has an end, expected keys without one")
    return ring


def _of(ring: Keyring | None, key_id: str) -> Key | None:
    return None if ring is None else next((key for key in ring.keys if key.key_id == key_id), None)


def _ids(ring: Keyring | None) -> str:
    if ring is None:
        return "there is none"
    return "holds " + ", ".join(key.key_id for key in ring.keys)


def _given() -> list[str]:
    return os.environ.get(VARIABLE, "").split()


def _place() -> Place:
    return chosen_place(key_file().with_name(FILE), VARIABLE)
