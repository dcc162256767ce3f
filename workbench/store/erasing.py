"""Deleting sessions for good: keys and rows in the store, and what was recorded of them."""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from workbench.errors import ParameterError, system_reason
from workbench.store.recording import remove_recording
from workbench.store.store import Store


@dataclass(frozen=True, slots=True)
class Erased:
    """What was there and is no more."""

    sessions: int
    recordings: int


def erase_sessions(store: Store, names: Collection[str], recordings: Path | None = None) -> Erased:
    """Delete sessions from ``store``, and their folders from ``recordings``.

    The recordings go first: what failed can be named again as long as the store has the session.

    Raises
    ------
    ParameterError
        If a recording can't be deleted.
    StoreFailed
        As :meth:`Store.delete`.
    """
    count = _remove(names, recordings)
    gone = store.delete(*names)
    return Erased(gone, count + _remove(names, recordings))  # one was written just before


def _remove(names: Collection[str], recordings: Path | None) -> int:
    count = 0
    for name in names:
        folder = recorded(recordings, name)
        try:
            count += folder is not None and remove_recording(folder)
        except OSError as error:
            problem = system_reason(error)
            raise ParameterError(f"{folder}: can't be deleted: {problem}") from None
    return count


def recorded(recordings: Path | None, name: str) -> Path | None:
    """Return where a session's recording would be; None if there is no such place below ``recordings``."""
    if recordings is None or name in ("", ".", "..") or "/" in name or "\0" in name:
        return None
    return recordings / name
