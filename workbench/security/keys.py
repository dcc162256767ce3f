"""Where the master keys come from: environment, the user's file or the system's keyring, never a default."""

import logging
import os
import secrets
import time
from collections.abc import Callable
from pathlib import Path

from workbench.core.clock import unix_now
from workbench.errors import NoKeyAtHand, ParameterError, WorkbenchError
from workbench.security.claims import LEEWAY, MAX_LIFETIME
from workbench.security.key_places import Place, changing, chosen_place
from workbench.security.keyring import MIN_KEY_BYTES, Key, Keyring, parse_keys, render_keys

__all__ = [
    "DEFAULT_OVERLAP",
    "LOOK_EVERY",
    "MIN_KEY_BYTES",
    "Key",
    "KeySource",
    "Keyring",
    "ensure_key",
    "ensure_keys",
    "key_file",
    "load_key",
    "load_keys",
    "new_key",
    "rotate_keys",
]

DEFAULT_OVERLAP = MAX_LIFETIME + LEEWAY
"""Seconds a retired key goes on verifying: as long as the longest token it may have signed."""
MAX_OVERLAP = 30 * 86_400.0
LOOK_EVERY = 1.0
"""Seconds between looks at whether the keys have changed."""

log = logging.getLogger(__name__)


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
    """Return the master keys.

    They are those in ``WORKBENCH_KEY``, parted by white space, the first signing; or those of the user's key
    file; or, if ``WORKBENCH_KEY_STORE`` is ``keyring``, those the system's keyring keeps.

    Raises
    ------
    NoKeyAtHand
        If there is none.
    ParameterError
        If one is too short, or the file can be read by others or not at all.
    EngineMissing
        If the system's keyring is wanted and its library is not installed.
    """
    given = _given()
    if given:
        return parse_keys("\n".join(given), "WORKBENCH_KEY")
    place = _place()
    text = place.read()
    if text is None:
        problem = f"no key in WORKBENCH_KEY and none at {place.name}; `workbench serve` makes one"
        raise NoKeyAtHand(401, problem, "no-key")
    return parse_keys(text, place.name)


def ensure_keys() -> Keyring:
    """Return the master keys, making and keeping one if there is none; raises as ``load_keys`` does."""
    if not _given():
        place = _place()
        if place.read() is None:
            with changing(place):
                if place.read() is None:
                    place.write(render_keys(Keyring([Key(new_key())])))
    return load_keys()


def rotate_keys(overlap: float = DEFAULT_OVERLAP) -> Keyring:
    """Make a new key that signs from now on, and return the ring it begins.

    Parameters
    ----------
    overlap : seconds for which the former key still verifies, 0 to 30 days

    Raises
    ------
    ParameterError
        If the keys come from ``WORKBENCH_KEY``, or sixteen of them still verify.
    """
    if not 0 <= overlap <= MAX_OVERLAP:
        raise ParameterError(f"overlap is {overlap} s, expected 0 to {MAX_OVERLAP:.0f}")
    if _given():
        raise ParameterError("the keys come from WORKBENCH_KEY: put the new one before the former one there")
    place = _place()
    with changing(place):
        text = place.read()
        if text is None:
            ring = Keyring([Key(new_key())])
        else:
            ring = parse_keys(text, place.name).rotated(new_key(), now=unix_now(), overlap=overlap)
        place.write(render_keys(ring))
    return ring


def load_key() -> str:
    """Return the key that signs; raises as ``load_keys`` does."""
    return load_keys().signing.secret


def ensure_key() -> str:
    """Return the key that signs, making and keeping one if there is none."""
    return ensure_keys().signing.secret


class KeySource:
    """The master keys as they are now: a rotation is noticed within a second, without a restart.

    If what changed can't be read, the keys read last stay in use, each until its own end, and the log says
    so: a mistake in a file must not stop an endpoint that runs.

    Parameters
    ----------
    ring : keys that never change; without it they are loaded, and raise as ``load_keys`` does
    now : monotonic seconds
    """

    def __init__(self, ring: Keyring | None = None, *, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._looked = now()
        self._stamp = None if ring is not None or _given() else _place().stamp
        self._seen = self._look()
        self._ring = load_keys() if ring is None else ring

    def current(self) -> Keyring:
        """Return the keys; looks at one file's state, at most once a second."""
        now = self._now()
        if self._stamp is not None and now - self._looked >= LOOK_EVERY:
            self._looked = now
            seen = self._look()
            if seen != self._seen:
                self._seen = seen
                self._load()
        return self._ring

    def _load(self) -> None:
        try:
            self._ring = load_keys()
        except WorkbenchError as error:
            log.error("the keys have changed and can't be used, the former ones stay: %s", error)
        else:
            log.info("the keys have changed, %s signs", self._ring.signing.key_id)

    def _look(self) -> tuple[int, int, int] | None:
        if self._stamp is None:
            return None
        try:
            facts = self._stamp.stat()
        except OSError:
            return None
        return facts.st_ino, facts.st_mtime_ns, facts.st_ctime_ns


def _given() -> list[str]:
    return os.environ.get("WORKBENCH_KEY", "").split()


def _place() -> Place:
    return chosen_place(key_file(), "WORKBENCH_KEY")
