"""Verbs of ``workbench sessions``: delete what is old, show that something is gone, hand out what is held."""

import argparse
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from workbench.analysis.transcript import spoken
from workbench.commands.stores import by_hand, endpoint_settings, moment, present_store
from workbench.core.clock import unix_now
from workbench.core.events import Event, SessionOpened
from workbench.core.timeline import Timeline
from workbench.endpoint.retaining import Retention, Swept, sweep, to_sweep
from workbench.endpoint.sweeping import retention_of
from workbench.errors import ParameterError, StoreError, system_reason
from workbench.security import audit
from workbench.security.audit_keys import load_audit_keys
from workbench.store.audited import RECORDS_MAX
from workbench.store.recording import Recording, is_whole
from workbench.store.retention import DAY
from workbench.store.store import Store
from workbench.store.subject import Held, write_subject
from workbench.store.trail import Wanted


def add_verbs(verbs: Any, shared: argparse.ArgumentParser) -> None:
    """Add the verbs."""
    recordings = argparse.ArgumentParser(add_help=False)
    recordings.add_argument(
        "--recordings", type=Path, metavar="DIR", help="where recordings are (WORKBENCH_RECORD)"
    )
    verb = verbs.add_parser(
        "sweep", parents=[shared, recordings], help="delete the sessions that were kept long enough"
    )
    verb.add_argument(
        "--days", type=float, metavar="N", help="how long they are kept (WORKBENCH_RETENTION_DAYS, 30)"
    )
    verb.add_argument("--dry-run", action="store_true", help="only say which")
    verb.set_defaults(run=_sweep)

    verb = verbs.add_parser(
        "verify-deleted",
        parents=[shared, recordings],
        help="look whether anything is left of a session, and whether the audit trail tells of its end",
    )
    verb.add_argument("session", metavar="ID", help="the whole name")
    verb.add_argument("--json", action="store_true", help="print one JSON object instead")
    verb.set_defaults(run=_verify_deleted)

    verb = verbs.add_parser(
        "export-subject",
        parents=[shared, recordings],
        help="write all that is held on a caller to one archive, not sealed",
        description="Write all that is held on one caller (the client its tokens were bound to) to a ZIP "
        "archive: an index, transcripts, events, recordings and the records of the audit trail.",
    )
    verb.add_argument("client", metavar="CLIENT")
    verb.add_argument("file", type=Path, metavar="FILE.zip")
    verb.set_defaults(run=_export_subject)


def _sweep(arguments: argparse.Namespace) -> int:
    if arguments.days is not None and not 0 < arguments.days <= 36_500:
        raise ParameterError(f"{arguments.days:g} days were given, expected more than 0, at most 36500")
    with present_store(arguments) as store:
        own = {project.name: project for project in store.projects.all()}
        retention = retention_of(endpoint_settings(arguments), own.get)
        if arguments.days is not None:
            retention = replace(retention, period=lambda project: arguments.days * DAY)
        if arguments.recordings is not None:
            retention = replace(retention, recordings=arguments.recordings)
        if arguments.dry_run:
            swept = _tried(lambda: to_sweep(store, retention, now=unix_now()))
            more = ", and there may be more" if swept.is_full else ""
            print(f"{_told(swept)}{more}")
            return 0
        counts, skip, undone = _sweep_all(store, retention)
    print(f"{counts['sessions']} sessions and {counts['recordings']} recordings of others are deleted")
    if counts["withdrawn"]:
        print(f"{counts['withdrawn']} withdrawals of consent that were cut short are carried out")
    if counts["ended"]:
        print(f"{counts['ended']} sessions that nobody came back to are put away")
    for name in sorted(skip):
        print(f"session {name} can't be put away, see workbench sessions check {name}")
    for name in sorted(undone):
        print(f"session {name}: its recording can't be deleted, or is in a folder not at hand: --recordings")
    return 1 if skip or undone else 0


def _sweep_all(store: Store, retention: Retention) -> tuple[Counter[str], frozenset[str], frozenset[str]]:
    """Sweep until nothing is due; return how much, and what can't be put away, or not be destroyed."""
    counts, skip, undone = Counter[str](), frozenset[str](), frozenset[str]()
    while True:
        doing = partial(sweep, store, retention, by=by_hand(), now=unix_now(), skip=skip, undone=undone)
        swept = _tried(doing)
        counts.update(sessions=len(swept.sessions), recordings=len(swept.recordings))
        counts.update(withdrawn=len(swept.withdrawn), ended=len(swept.abandoned) - len(swept.failed))
        skip |= swept.failed
        undone |= swept.undone
        if not swept.is_full:
            return counts, skip, undone


def _told(swept: Swept) -> str:
    for one in swept.sessions:
        ended = "not ended" if one.closed is None else f"ended {moment(one.closed)}"
        print(f"session {one.session} of project {one.project}, {ended}, {one.events} events")
    for path in swept.recordings:
        print(f"recording {path}")
    for withdrawal in swept.withdrawn:
        print(f"session {withdrawal.session} of project {withdrawal.project}, its consent was withdrawn")
    for left in swept.abandoned:
        print(f"session {left.session} of project {left.project}, nobody has it since {moment(left.since)}")
    deleted = f"{len(swept.sessions)} sessions and {len(swept.recordings)} recordings of others"
    also = len(swept.withdrawn), len(swept.abandoned)
    more = f", {also[0]} withdrawals carried out and {also[1]} sessions put away" if any(also) else ""
    return f"{deleted} would be deleted{more}"


def _verify_deleted(arguments: argparse.Namespace) -> int:
    """Return 0 if nothing is left and that it was deleted is on a good audit trail, else 1."""
    session = arguments.session
    folder = arguments.recordings or endpoint_settings(arguments).record
    with present_store(arguments) as store:
        left = {f"table {name}": count for name, count in store.left_of(session).items()}
        if folder is not None and "/" not in session and session not in ("", ".", "..", *left):
            path = folder / session
            if path.exists():
                left[f"folder {path}"] = sum(part.is_file() for part in path.rglob("*"))
        records = store.trail.records(limit=1, wanted=Wanted(kind="deleted", session=session))
        verdict = store.trail.check(load_audit_keys())
    problems = [f"{count} left in {place}" for place, count in left.items()]
    if not records:
        problems.append("the audit trail tells of no deletion")
    if verdict is None or verdict.problems:
        first = verdict.problems[0].sentence if verdict else "there is none"
        problems.append(f"the audit trail does not hold: {first}")
    if arguments.json:
        told = [{"seq": one.seq, **asdict(one.entry)} for one in records]
        print(json.dumps({"session": session, "left": left, "deletion": told, "problems": problems}))
        return 1 if problems else 0
    for problem in problems:
        print(f"session {session}: {problem}")
    for one in records:
        print(f"session {session}: deleted {moment(one.at)}, record {one.seq}: {one.entry.reason}")
    if not problems:
        print(f"session {session}: nothing is left, and the audit trail holds")
    return 1 if problems else 0


def _export_subject(arguments: argparse.Namespace) -> int:
    if not arguments.client:
        raise ParameterError("the name of the client is empty")
    folder = arguments.recordings or endpoint_settings(arguments).record
    with present_store(arguments) as store:
        held = _held(store, arguments.client, folder)
        if not held.sessions and not held.records:
            raise ParameterError(f"nothing is held on client {arguments.client!r} in store {store.place}")
        counts = f"{len(held.sessions)} sessions, {len(held.recordings)} recordings"
        by = f"{counts}, all that is held on the client, {by_hand()}"
        store.audit([audit.accessed(unix_now(), "exported", by=by, client=arguments.client)])
        write_subject(held, arguments.file, at=unix_now())
    print(f"{counts} and {len(held.records)} records of the audit trail are in {arguments.file}")
    return 0


def _held(store: Store, client: str, folder: Path | None) -> Held:
    sessions = []
    for one in store.of_client(client):
        stored = store.load(one)
        if stored is None:
            raise StoreError(store.place, f"has no session {one} any more")
        sessions.append(stored)
    names = [stored.row.session for stored in sessions]
    recordings = [folder / name for name in names if folder is not None and is_whole(folder / name)]
    records = {one.seq: one for one in store.trail.records(limit=RECORDS_MAX, wanted=Wanted(client=client))}
    for name in names:
        found = store.trail.records(limit=RECORDS_MAX, wanted=Wanted(session=name))
        records |= {one.seq: one for one in found}
    ordered = [records[seq] for seq in sorted(records)]
    return Held(
        client=client,
        sessions=sessions,
        recordings=recordings,
        transcripts={stored.row.session: _transcript(stored.events) for stored in sessions},
        tokens={name: text for name in names if (text := store.vaults.opened(name)) is not None},
        records=ordered,
    )


def _transcript(events: Sequence[Event]) -> str:
    """Return what the caller said and was heard to be told, a line each."""
    timeline, silence = Timeline(), np.zeros(0, np.float32)
    for event in events:
        timeline.append(event)
    opened = next((event.body for event in events if isinstance(event.body, SessionOpened)), None)
    if opened is None:
        return ""
    recording = Recording(
        timeline=timeline,
        caller=silence,
        caller_rate=opened.input_rate,
        agent=silence,
        agent_rate=opened.output_rate,
        device_zero=0.0,
    )
    return "".join(f"{row.start:8.1f} s  {row.who + ':':7} {row.text}\n" for row in spoken(recording))


def _tried(doing: Any) -> Swept:
    try:
        swept: Swept = doing()
    except OSError as error:
        problem = system_reason(error)
        raise ParameterError(f"a recording can't be deleted: {problem}") from None
    return swept
