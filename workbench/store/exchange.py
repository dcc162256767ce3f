"""Sessions as folders: ``events.jsonl`` and ``session.json``, to carry from one store to another.

They are sealed if keys are given, and readable otherwise; both can be imported.

The right to resume stays behind: what a client must show for it is not exported, and an imported session has
ended.
"""

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from workbench.core.timeline import Timeline
from workbench.core.wire import event_to_json
from workbench.errors import ParameterError, StoreError, system_reason
from workbench.security.store_keys import StoreKeys
from workbench.store.folders import content_of, has_part, open_folder, write_plain, write_sealed
from workbench.store.rows import Append, NewSession, SessionRow, Snapshot, StoredSession, Write
from workbench.store.store import Store

EVENTS, SESSION = "events.jsonl", "session.json"
"""The files of an exported session; the last is written last, so a folder that has it is whole."""

EVENTS_BYTES_MAX = 512 * 1024 * 1024
"""Largest file of events that is read."""
SESSION_BYTES_MAX = 4 * 1024 * 1024
"""Largest ``session.json`` that is read."""

_VERSION = 1
_LATEST = 253_402_300_799.0
"""The last second of the year 9999, in Unix seconds."""


def export_session(stored: StoredSession, folder: Path | str, keys: StoreKeys | None = None) -> Path:
    """Write a session to ``folder``, made if it is missing, and return it.

    Parameters
    ----------
    stored : the session
    folder : where to
    keys : the master keys to seal it with; without them anybody can read it

    Raises
    ------
    ParameterError
        If the folder can't be written, or holds such files already.
    KeyMissing
        If it is to be sealed and there is no master key.
    """
    folder = Path(folder)
    facts = asdict(stored.row)
    del facts["handle"]
    described = {"version": _VERSION, "events": len(stored.events), "session": facts}
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        there = [name for name in (EVENTS, SESSION) if has_part(folder, name)]
        if there:
            raise ParameterError(f"{folder}: holds {' and '.join(there)} already, expected an empty folder")
        parts = {
            EVENTS: "".join(event_to_json(event) + "\n" for event in stored.events).encode(),
            SESSION: (json.dumps(described, indent=2) + "\n").encode(),
        }
        if keys is None:
            write_plain(folder, parts)
        else:
            write_sealed(folder, stored.row.session, parts, keys)
    except OSError as error:
        problem = system_reason(error)
        raise ParameterError(f"{folder}: can't write a session: {problem}") from None
    return folder


def read_export(folder: Path | str, keys: StoreKeys | None = None) -> StoredSession:
    """Return the session that :func:`export_session` wrote.

    Parameters
    ----------
    folder : where it is
    keys : the master keys, should it be sealed; without them those of ``security.store_keys``

    Raises
    ------
    ParameterError
        If the folder is missing or was only half written, or its files don't belong together; says which.
    KeyMissing
        If it is sealed with a master key that is not at hand.
    StoreDamaged
        If a sealed file is not what was written.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise ParameterError(f"{folder}: no such folder, expected an exported session")
    missing = [name for name in (EVENTS, SESSION) if not has_part(folder, name)]
    if missing:
        raise ParameterError(f"{folder}: not a whole session, {' and '.join(missing)} missing")
    opened = open_folder(folder, keys)
    for name, most in ((SESSION, SESSION_BYTES_MAX), (EVENTS, EVENTS_BYTES_MAX)):
        _check_size(opened.place(name), most)
    row, count = _described(content_of(opened, SESSION), opened.place(SESSION))
    events = Timeline.parse(content_of(opened, EVENTS), opened.place(EVENTS)).events
    if len(events) != count:
        raise ParameterError(f"{opened.place(EVENTS)}: holds {len(events)} events, expected {count}")
    return StoredSession(row=row, events=events)


def import_session(store: Store, folder: Path | str) -> str:
    """Put the session of ``folder`` into ``store``, whole or not at all, and return its name.

    Raises
    ------
    ParameterError
        If the folder is not an exported session.
    StoreError
        If the store has a session of that name.
    """
    stored = read_export(folder)
    row = stored.row
    if any(found.session == row.session for found in store.sessions(prefix=row.session, limit=1)):
        raise StoreError(store.place, f"session {row.session} is there already")
    last = stored.events[-1].at if stored.events else 0.0
    ended = replace(
        row,
        phase="ended",
        reason=row.reason if row.phase == "ended" else "imported",
        closed=row.opened + last if row.closed is None else row.closed,
        snapshot=None,
        snapshot_seq=-1,
    )
    writes: list[Write] = [NewSession(ended), *(Append(row.session, event) for event in stored.events)]
    if row.snapshot is not None:
        writes.append(Snapshot(row.session, row.snapshot_seq, row.snapshot))
    store.write(writes)
    return row.session


def _described(content: bytes, path: Path) -> tuple[SessionRow, int]:
    try:
        described: dict[str, Any] = json.loads(content)
        version, count, facts = described["version"], int(described["events"]), dict(described["session"])
    except (ValueError, KeyError, TypeError, RecursionError):
        raise ParameterError(f"{path}: not the description of a session") from None
    if version != _VERSION:
        raise ParameterError(f"{path}: version is {version!r}, expected {_VERSION}")
    try:
        row = TypeAdapter(SessionRow).validate_json(json.dumps({**facts, "handle": ""}), strict=True)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False, include_context=False)[0]
        place = ".".join(map(str, first["loc"]))
        raise ParameterError(f"{path}: field {place} of the session: {first['msg'].lower()}") from None
    if not row.session:
        raise ParameterError(f"{path}: field session of the session: is empty")
    if not all(0 <= at <= _LATEST for at in (row.opened, row.closed or 0.0)):
        raise ParameterError(f"{path}: field opened or closed of the session: no time in Unix seconds")
    return row, count


def _check_size(path: Path, most: int) -> None:
    size = path.stat().st_size
    if size > most:
        raise ParameterError(f"{path}: has {size} bytes, expected at most {most}")
