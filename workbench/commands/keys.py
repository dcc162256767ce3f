"""``workbench keys``: the master keys of what is stored: list, make, rotate, forget."""

import argparse
import json
from collections import Counter
from collections.abc import Iterator
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import Any

from workbench.commands.stores import by_hand, endpoint_settings, present_store, store_option, store_url
from workbench.core.clock import unix_now
from workbench.errors import ParameterError, StoreDamaged
from workbench.security import audit
from workbench.security.keyring import Keyring
from workbench.security.store_keys import (
    StoreKeys,
    ensure_store_keys,
    forget_store_key,
    load_store_keys,
    rotated_store_keys,
)
from workbench.store.folders import is_sealed, master_of, rewrap_folder
from workbench.store.store import Store
from workbench.store.urls import place_of


def add_parser(commands: Any) -> None:
    """Add ``keys`` and its verbs to the command line."""
    parser = commands.add_parser(
        "keys",
        description="What is stored is sealed with a key for each session, and one for its vault (what the "
        "tokens in it stand for), which a master key wraps: one of those in WORKBENCH_STORE_KEY, or in the "
        "file store-key beside the key that signs tokens, or in the system's keyring. Without it nothing of "
        "the session can be read: keep a copy of it elsewhere.",
    )
    verbs = parser.add_subparsers(metavar="VERB", required=True)
    shared = store_option()
    shared.add_argument(
        "--recordings", type=Path, metavar="DIR", help="folder of recordings as well (the endpoint's)"
    )

    verb = verbs.add_parser("list", parents=[shared], help="the ids of the keys, and how much each wraps")
    verb.add_argument("--json", action="store_true", help="print one JSON object instead")
    verb.set_defaults(run=_list)

    verb = verbs.add_parser("make", help="make the first key; a store on a server needs it before its start")
    verb.set_defaults(run=_make)

    verb = verbs.add_parser(
        "rotate", parents=[shared], help="make a new key and wrap every session's and vault's key with it"
    )
    verb.set_defaults(run=_rotate)

    verb = verbs.add_parser(
        "rewrap",
        parents=[shared],
        help="wrap every session's and vault's key with the first key: after a change by hand",
    )
    verb.set_defaults(run=_rewrap)

    verb = verbs.add_parser(
        "forget", parents=[shared], help="throw a former key away: nothing it wraps can be read any more"
    )
    verb.add_argument("key_id", metavar="KEY_ID")
    verb.add_argument("--yes", action="store_true", help="it is needed by no other store, recording or copy")
    verb.set_defaults(run=_forget)


def _list(arguments: argparse.Namespace) -> int:
    ring = load_store_keys()
    ids = [key.key_id for key in ring.keys] if ring else []
    sessions, vaults = _wrapped(arguments)
    folders = Counter(map(master_of, _folders(arguments)))
    missing = sorted((set(sessions) | set(vaults) | set(folders)) - set(ids))
    rows = [
        {
            "key_id": key_id,
            "wraps": ids[:1] == [key_id],
            "held": key_id in ids,
            "sessions": sessions[key_id],
            "vaults": vaults[key_id],
            "recordings": folders[key_id],
        }
        for key_id in (*ids, *missing)
    ]
    if arguments.json:
        print(json.dumps({"keys": rows}))
        return 0
    if not rows:
        print("no keys: the first session that is stored makes one")
    for row in rows:
        role = ("wraps new ones" if row["wraps"] else "opens") if row["held"] else "is NOT at hand"
        counts = f"{row['sessions']} sessions, {row['vaults']} vaults, {row['recordings']} recordings"
        print(f"{row['key_id']} {role}: {counts}")
    return 0


def _make(_: argparse.Namespace) -> int:
    there = load_store_keys() is not None
    ring = ensure_store_keys()
    made = "is there already" if there else "is made"
    print(f"key {ring.signing.key_id} {made}; keep a copy of it where the store's copies are not")
    return 0


def _rotate(arguments: argparse.Namespace) -> int:
    _check_at_hand(arguments)
    ring = rotated_store_keys()
    print(f"key {ring.signing.key_id} wraps new ones")
    return _wrap_all(arguments, ring)


def _rewrap(arguments: argparse.Namespace) -> int:
    ring = load_store_keys()
    if ring is None:
        raise ParameterError("there is no key to wrap with; `workbench keys make` makes one")
    return _wrap_all(arguments, ring)


def _forget(arguments: argparse.Namespace) -> int:
    key_id, missing = arguments.key_id, place_of(store_url(arguments)).is_missing()
    with nullcontext() if missing else present_store(arguments) as store:
        check = partial(_check_needless, arguments, store)
        check()
        if not arguments.yes:
            raise ParameterError(
                f"whatever else key {key_id} wraps, another store or a copy, is lost with it, expected --yes"
            )
        ring = forget_store_key(key_id, check=check)  # asked again while nobody else wraps anything
        if store is not None:
            store.audit([audit.forgotten(unix_now(), key_id, by=by_hand())])
    print(f"key {key_id} is forgotten, {len(ring.keys)} left")
    return 0


def _check_needless(arguments: argparse.Namespace, store: Store | None) -> None:
    """Raise ParameterError if something is wrapped with the key that is to be forgotten."""
    key_id = arguments.key_id
    sessions, vaults = (one[key_id] for one in _counts(store))
    folders = sum(master_of(folder) == key_id for folder in _folders(arguments))
    if sessions or vaults or folders:
        raise ParameterError(
            f"key {key_id} wraps {sessions} sessions, {vaults} vaults and {folders} recordings, "
            "expected none: `workbench keys rewrap` first"
        )


def _wrap_all(arguments: argparse.Namespace, ring: Keyring) -> int:
    """Wrap all that is not wrapped with the first key; return 1 if something could not be."""
    if place_of(store_url(arguments)).is_missing():
        folders, damaged_folders = _wrap_folders(arguments)
        counts, damaged = f"0 sessions, 0 vaults and {folders} recordings", damaged_folders
    else:
        with present_store(arguments) as store:
            done = store.keys.rewrap()
            folders, damaged_folders = _wrap_folders(arguments)
            counts = f"{done.sessions} sessions, {done.vaults} vaults and {folders} recordings"
            damaged = [*done.damaged, *damaged_folders]
            store.audit([audit.rewrapped(unix_now(), ring.signing.key_id, counts)])
    print(f"{counts} are wrapped with it now")
    for what in damaged:
        print(f"{what} stays as it is: its key is not what was written")
    return 1 if damaged else 0


def _wrap_folders(arguments: argparse.Namespace) -> tuple[int, list[str]]:
    keys, count, damaged = StoreKeys(makes=False), 0, []
    for folder in _folders(arguments):
        try:
            count += rewrap_folder(folder, keys)
        except (StoreDamaged, ParameterError):
            damaged.append(f"recording {folder.name}")
    return count, damaged


def _check_at_hand(arguments: argparse.Namespace) -> None:
    """Raise KeyMissing before anything is changed, if something is wrapped with a key that is not there."""
    keys = StoreKeys(makes=False)
    sessions, vaults = _wrapped(arguments)
    place = place_of(store_url(arguments)).name
    for key_id in sessions | vaults:
        keys.find(key_id, place)
    for folder in _folders(arguments):
        keys.find(master_of(folder), str(folder))


def _wrapped(arguments: argparse.Namespace) -> tuple[Counter[str], Counter[str]]:
    """Return how many sessions and how many vaults each key wraps; nothing if there is no store."""
    if place_of(store_url(arguments)).is_missing():
        return _counts(None)
    with present_store(arguments) as store:
        return _counts(store)


def _counts(store: Store | None) -> tuple[Counter[str], Counter[str]]:
    if store is None:
        return Counter(), Counter()
    return Counter(store.keys.wrapped_by()), Counter(store.keys.vaults_wrapped_by())


def _folders(arguments: argparse.Namespace) -> Iterator[Path]:
    """Yield the sealed folders of recordings."""
    if arguments.recordings is not None and not arguments.recordings.is_dir():
        raise ParameterError(f"{arguments.recordings}: no such folder, expected one of recordings")
    folder = arguments.recordings or endpoint_settings(arguments).record
    if folder is not None and folder.is_dir():  # nothing was recorded there yet
        yield from (one for one in sorted(folder.iterdir()) if is_sealed(one))
