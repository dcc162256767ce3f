"""``workbench sessions``: look at, carry and delete the sessions of a store."""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.text import Text

from workbench.commands.retention import add_verbs
from workbench.commands.reveal import add_verb
from workbench.commands.stores import (
    by_hand,
    endpoint_settings,
    found_session,
    present_store,
    shared_store,
    store_option,
)
from workbench.commands.transcript_view import TranscriptView
from workbench.core.clock import unix_now
from workbench.core.events import PartialTranscript
from workbench.core.wire import event_to_wire
from workbench.endpoint.retaining import erase
from workbench.errors import ParameterError, StoreDamaged, StoreError
from workbench.privacy.stored import mask_stored
from workbench.security import audit
from workbench.security.store_keys import StoreKeys
from workbench.store.exchange import export_session, import_session
from workbench.store.rows import PHASES, SessionSummary, StoredSession
from workbench.store.store import LIST_MAX, Store


def add_parser(commands: Any) -> None:
    """Add ``sessions`` and its verbs to the command line."""
    parser = commands.add_parser(
        "sessions",
        description="Look at the sessions an endpoint has stored. NAME may be the beginning of a session's "
        "name, if no other begins so.",
    )
    verbs = parser.add_subparsers(metavar="VERB", required=True)
    shared = store_option()

    verb = verbs.add_parser("list", parents=[shared], help="the newest sessions")
    verb.add_argument("--assistant", metavar="NAME", help="only those with this assistant")
    verb.add_argument("--phase", choices=PHASES, help="only those in this phase")
    verb.add_argument("--limit", type=int, default=20, metavar="N", help="at most so many (20)")
    verb.add_argument("--json", action="store_true", help="print one JSON object instead")
    verb.set_defaults(run=_list)

    verb = verbs.add_parser("show", parents=[shared], help="what is known of a session, and its transcript")
    verb.add_argument("name", metavar="NAME")
    verb.add_argument("--json", action="store_true", help="print one JSON object instead, with every event")
    _add_unmasked(verb)
    verb.add_argument("--rest", action="store_true", help="also of one that is damaged: what can be read")
    verb.set_defaults(run=_show)

    verb = verbs.add_parser("check", parents=[shared], help="look whether all is as it was written")
    verb.add_argument("name", nargs="?", metavar="NAME", help="only this session (all)")
    verb.set_defaults(run=_check)

    verb = verbs.add_parser(
        "export",
        parents=[shared],
        help="write a session to a folder, sealed with a master key",
        description="Write a session to a folder, sealed: whoever has the master key can import it.",
    )
    verb.add_argument("name", metavar="NAME")
    verb.add_argument("folder", type=Path, metavar="FOLDER")
    _add_unmasked(verb)
    verb.add_argument("--plain", action="store_true", help="not sealed: anybody can read it")
    verb.set_defaults(run=_export)

    verb = verbs.add_parser("import", parents=[shared], help="put an exported session into the store")
    verb.add_argument("folder", type=Path, metavar="FOLDER")
    verb.set_defaults(run=_import)

    add_verb(verbs, shared)
    add_verbs(verbs, shared)

    verb = verbs.add_parser("delete", parents=[shared], help="delete a session for good")
    verb.add_argument("name", metavar="NAME")
    verb.add_argument("--yes", action="store_true", help="don't ask")
    verb.add_argument("--force", action="store_true", help="also one that has not ended")
    verb.add_argument(
        "--recordings", type=Path, metavar="DIR", help="and what was recorded of it there (the endpoint's)"
    )
    verb.set_defaults(run=_delete)


def _add_unmasked(verb: argparse.ArgumentParser) -> None:
    verb.add_argument(
        "--unmasked",
        action="store_true",
        help="personal data as it was said; the audit trail says that it was asked for",
    )


def _list(arguments: argparse.Namespace) -> int:
    with present_store(arguments) as store:
        store.audit([audit.accessed(unix_now(), "listed", by=by_hand())])
        phases = None if arguments.phase is None else (arguments.phase,)
        found = store.sessions(assistant=arguments.assistant, phases=phases, limit=arguments.limit)
    if arguments.json:
        print(json.dumps({"sessions": [asdict(one) for one in found]}))
        return 0
    if not found:
        print("no sessions")
        return 0
    rows = [("session", "opened", "duration", "phase", "assistant", "client", "events", "reason")]
    for one in found:
        duration = "" if one.closed is None else f"{one.closed - one.opened:.0f} s"
        cells = (one.session, _moment(one.opened), duration, one.phase, one.assistant, one.client or "")
        rows.append((*cells, str(one.events), one.reason))
    _print_columns(rows)
    return 0


def _show(arguments: argparse.Namespace) -> int:
    stored = _load(arguments, "read")
    facts = asdict(stored.row)
    del facts["handle"]
    if arguments.json:
        events = [event_to_wire(event) for event in stored.events]
        print(json.dumps({"session": facts, "events": events}))
        return 0
    console = _console()
    row = stored.row
    lines = {
        "session": row.session,
        "assistant": row.assistant,
        "phase": f"{row.phase} ({row.reason})" if row.reason else row.phase,
        "opened": _moment(row.opened),
        "closed": "" if row.closed is None else _moment(row.closed),
        "project": row.project,
        "client": row.client or "",
        "token": row.token_id,
        "events": str(len(stored.events)),
        "snapshot": "" if row.snapshot is None else f"after event {row.snapshot_seq}",
    }
    for name, value in lines.items():
        if value:
            console.print(Text.assemble((f"{name:10}", "dim"), _plain(value)), soft_wrap=True)
    console.print()
    with TranscriptView(console) as view:
        for event in stored.events:
            if not isinstance(event.body, PartialTranscript):
                view.take(event)
    return 0


def _check(arguments: argparse.Namespace) -> int:
    """Return 0 if all is well, else 1."""
    with present_store(arguments) as store:
        if arguments.name is None:
            names = [one.session for one in store.sessions(limit=LIST_MAX)]
        else:
            names = [found_session(store, arguments.name).session]
        damaged = sum(not _is_whole(store, name) for name in names)
    print(f"{len(names)} sessions, {damaged or 'none'} damaged")
    return 1 if damaged else 0


def _is_whole(store: Store, session: str) -> bool:
    """Return whether a session is as it was written; print what is not."""
    try:
        found = store.examine(session)
        damage = () if found is None else found.damage
    except StoreDamaged as error:
        damage = error.damage
    damage = tuple(dict.fromkeys((*damage, *store.vaults.examine(session).damage)))
    for one in damage:
        print(f"session {session}: {one}")
    return not damage


def _export(arguments: argparse.Namespace) -> int:
    stored = _load(arguments, "exported")
    keys = None if arguments.plain else StoreKeys()
    folder = export_session(stored, arguments.folder, keys)
    how = "for anybody to read" if keys is None else "sealed"
    print(f"session {stored.row.session} with {len(stored.events)} events is in {folder}, {how}")
    return 0


def _import(arguments: argparse.Namespace) -> int:
    with shared_store(arguments) as store:
        name = import_session(store, arguments.folder)
        store.audit([audit.accessed(unix_now(), "imported", session=name, by=by_hand())])
    print(f"session {name} is in the store")
    return 0


def _delete(arguments: argparse.Namespace) -> int:
    with present_store(arguments) as store:
        found = found_session(store, arguments.name)
        if found.phase != "ended" and not arguments.force:
            raise ParameterError(
                f"session {found.session} is {found.phase}, expected one that has ended; "
                "--force deletes it all the same"
            )
        if not arguments.yes and not _agreed(found):
            print("nothing deleted")
            return 1
        recordings = arguments.recordings or endpoint_settings(arguments).record
        erased = erase(store, [found], recordings, why=lambda _: by_hand())
        if not erased.sessions:
            raise StoreError(store.place, f"has no session {found.session} any more")
    recording = ", with its recording" if erased.recordings else ""
    print(f"session {found.session} is deleted{recording}")
    return 0


def _agreed(found: SessionSummary) -> bool:
    if not sys.stdin.isatty():
        raise ParameterError("nobody is there to ask whether to delete it, expected --yes")
    answer = input(f"delete session {found.session} with {found.events} events for good? [y/N] ")
    return answer.strip().lower() in ("y", "yes")


def _load(arguments: argparse.Namespace, access: audit.Access) -> StoredSession:
    """Return a session, masked unless asked otherwise, once it is on the audit trail that somebody has it."""
    with present_store(arguments) as store:
        found = found_session(store, arguments.name)
        if getattr(arguments, "rest", False):
            stored = _rest(store, found.session)
        else:
            stored = store.load(found.session)
        if stored is None:
            raise StoreError(store.place, f"has no session {found.session} any more")
        session, project, client = found.session, found.project, found.client
        by = f"{by_hand()}, unmasked" if arguments.unmasked else by_hand()
        entry = audit.accessed(unix_now(), access, by=by, session=session, project=project, client=client)
        store.audit([entry])
    return stored if arguments.unmasked else mask_stored(stored)


def _rest(store: Store, session: str) -> StoredSession | None:
    """Return what can be read of a session, once it is said what can't."""
    found = store.examine(session)
    if found is None:
        return None
    for one in found.damage:
        print(f"workbench: {one}", file=sys.stderr)
    return found.stored


def _print_columns(rows: Sequence[Sequence[str]]) -> None:
    """Print ``rows`` under each other, the first dim; never cut: a name is there to be copied."""
    plain = [[_plain(cell).plain for cell in row] for row in rows]
    widths = [max(map(cell_len, column)) for column in zip(*plain, strict=True)]
    console = _console()
    for number, row in enumerate(plain):
        line = "  ".join(set_cell_size(cell, width) for cell, width in zip(row, widths, strict=True))
        console.print(Text(line.rstrip(), "" if number else "dim"), soft_wrap=True)


def _console() -> Console:
    return Console(highlight=False)


def _moment(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%SZ")


def _plain(text: str) -> Text:
    """Return ``text`` as it is, but nothing that would steer a terminal."""
    return Text("".join(letter if letter.isprintable() else "?" for letter in text))
