"""``workbench sessions``: look at, carry and delete the sessions of a store."""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.text import Text

from workbench.commands.transcript_view import TranscriptView
from workbench.core.events import PartialTranscript
from workbench.core.wire import event_to_wire
from workbench.errors import ParameterError, StoreError
from workbench.store.exchange import export_session, import_session
from workbench.store.rows import PHASES, SessionSummary, StoredSession
from workbench.store.store import Store, open_existing_store, open_store
from workbench.store.urls import default_url

NAMED_MAX = 5
"""Sessions named when a prefix fits several."""


def add_parser(commands: Any) -> None:
    """Add ``sessions`` and its verbs to the command line."""
    parser = commands.add_parser(
        "sessions",
        description="Look at the sessions an endpoint has stored. NAME may be the beginning of a session's "
        "name, if no other begins so.",
    )
    verbs = parser.add_subparsers(metavar="VERB", required=True)
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--store", metavar="URL", help="the store (WORKBENCH_STORE, or the user's own)")

    verb = verbs.add_parser("list", parents=[shared], help="the newest sessions")
    verb.add_argument("--assistant", metavar="NAME", help="only those with this assistant")
    verb.add_argument("--phase", choices=PHASES, help="only those in this phase")
    verb.add_argument("--limit", type=int, default=20, metavar="N", help="at most so many (20)")
    verb.add_argument("--json", action="store_true", help="print one JSON object instead")
    verb.set_defaults(run=_list)

    verb = verbs.add_parser("show", parents=[shared], help="what is known of a session, and its transcript")
    verb.add_argument("name", metavar="NAME")
    verb.add_argument("--json", action="store_true", help="print one JSON object instead, with every event")
    verb.set_defaults(run=_show)

    verb = verbs.add_parser("export", parents=[shared], help="write a session to a folder")
    verb.add_argument("name", metavar="NAME")
    verb.add_argument("folder", type=Path, metavar="FOLDER")
    verb.set_defaults(run=_export)

    verb = verbs.add_parser("import", parents=[shared], help="put an exported session into the store")
    verb.add_argument("folder", type=Path, metavar="FOLDER")
    verb.set_defaults(run=_import)

    verb = verbs.add_parser("delete", parents=[shared], help="delete a session for good")
    verb.add_argument("name", metavar="NAME")
    verb.add_argument("--yes", action="store_true", help="don't ask")
    verb.add_argument("--force", action="store_true", help="also one that has not ended")
    verb.set_defaults(run=_delete)


def find(store: Store, name: str) -> SessionSummary:
    """Return the session called ``name``, or the only one whose name begins so.

    Raises
    ------
    ParameterError
        If there is none, or several.
    """
    if not name:
        raise ParameterError("the name of a session is empty")
    found = store.sessions(prefix=name, limit=NAMED_MAX + 1)
    for one in found:
        if one.session == name:
            return one
    if not found:
        raise ParameterError(f"no session begins with {name!r} in store {store.place}")
    if len(found) > 1:
        named = ", ".join(one.session for one in found[:NAMED_MAX])
        more = " and others" if len(found) > NAMED_MAX else ""
        raise ParameterError(f"several sessions begin with {name!r}: {named}{more}")
    return found[0]


def _list(arguments: argparse.Namespace) -> int:
    with open_existing_store(_url(arguments)) as store:
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
    stored = _load(arguments)
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


def _export(arguments: argparse.Namespace) -> int:
    stored = _load(arguments)
    folder = export_session(stored, arguments.folder)
    print(f"session {stored.row.session} with {len(stored.events)} events is in {folder}")
    return 0


def _import(arguments: argparse.Namespace) -> int:
    with open_store(_url(arguments)) as store:
        name = import_session(store, arguments.folder)
    print(f"session {name} is in the store")
    return 0


def _delete(arguments: argparse.Namespace) -> int:
    with open_existing_store(_url(arguments)) as store:
        found = find(store, arguments.name)
        if found.phase != "ended" and not arguments.force:
            raise ParameterError(
                f"session {found.session} is {found.phase}, expected one that has ended; "
                "--force deletes it all the same"
            )
        if not arguments.yes and not _agreed(found):
            print("nothing deleted")
            return 1
        if not store.delete(found.session):
            raise StoreError(store.place, f"has no session {found.session} any more")
    print(f"session {found.session} is deleted")
    return 0


def _agreed(found: SessionSummary) -> bool:
    if not sys.stdin.isatty():
        raise ParameterError("nobody is there to ask whether to delete it, expected --yes")
    answer = input(f"delete session {found.session} with {found.events} events for good? [y/N] ")
    return answer.strip().lower() in ("y", "yes")


def _load(arguments: argparse.Namespace) -> StoredSession:
    with open_existing_store(_url(arguments)) as store:
        name = find(store, arguments.name).session
        stored = store.load(name)
        if stored is None:
            raise StoreError(store.place, f"has no session {name} any more")
    return stored


def _url(arguments: argparse.Namespace) -> str:
    return str(arguments.store or os.environ.get("WORKBENCH_STORE") or default_url())


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
