"""``workbench audit``: what was done with tokens, keys and sessions, and whether the record is whole."""

import argparse
import json
import re
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from workbench.commands.stores import endpoint_settings, moment, store_option, store_url
from workbench.core.audit import AuditEntry
from workbench.core.audit_chain import AuditHead
from workbench.core.audit_check import Problem
from workbench.core.log_names import log_name
from workbench.errors import ParameterError, StoreError
from workbench.security.audit_keys import load_audit_keys
from workbench.store.store import LIST_MAX, Store, open_existing_store
from workbench.store.trail import Wanted

_HEAD = re.compile(r"([0-9a-f]{16}):(\d{1,12}):([0-9a-f]{64})")


def add_parser(commands: Any) -> None:
    """Add ``audit`` and its verbs to the command line."""
    parser = commands.add_parser(
        "audit",
        description="The audit trail is a chain: each record holds the hash of the one before and is signed "
        "with the key in WORKBENCH_AUDIT_KEY, or of the user's own file. It names tokens, sessions and "
        "clients by their ids; what was said is never in it, nor is a token or a key.",
    )
    verbs = parser.add_subparsers(metavar="VERB", required=True)
    shared = store_option()

    verb = verbs.add_parser("verify", parents=[shared], help="look whether any record was tampered with")
    verb.add_argument(
        "--from", dest="start", type=int, metavar="N", help="look at the records from number N on only"
    )
    verb.add_argument("--head", metavar="HEAD", help="also look whether the chain still holds this head")
    verb.add_argument("--json", action="store_true", help="print one JSON object instead")
    verb.set_defaults(run=_verify)

    verb = verbs.add_parser("head", parents=[shared], help="print the end of the chain, to note elsewhere")
    verb.set_defaults(run=_head)

    verb = verbs.add_parser("show", parents=[shared], help="the records in the store, newest last")
    for name in ("kind", "project", "session", "client"):
        verb.add_argument(f"--{name}", metavar="NAME", help=f"only those of this {name}")
    verb.add_argument("--since", type=_time, metavar="TIME", help="only those from this time on (ISO 8601)")
    verb.add_argument("--until", type=_time, metavar="TIME", help="only those before this time (ISO 8601)")
    verb.add_argument("--limit", type=int, default=50, metavar="N", help="the newest N (50)")
    verb.add_argument("--json", action="store_true", help="print one JSON object a line instead")
    verb.set_defaults(run=_show)
    _add_log_name(verbs)


def _add_log_name(verbs: Any) -> None:
    verb = verbs.add_parser(
        "log-name", help="what the logs of one day call a session; needs the key of the audit trail"
    )
    verb.add_argument("session", metavar="SESSION")
    verb.add_argument("--day", type=_time, metavar="DATE", help="that day in UTC (today)")
    verb.set_defaults(run=_log_name)


def _log_name(arguments: argparse.Namespace) -> int:
    print(log_name(arguments.session, at=arguments.day, key=load_audit_keys().signing.octets))
    return 0


def _verify(arguments: argparse.Namespace) -> int:
    """Return 0 if all is well, else 1."""
    keys = load_audit_keys()
    noted = None if arguments.head is None else _parsed_head(arguments.head)
    if arguments.start is not None and arguments.start < 0:
        raise ParameterError(f"record {arguments.start} was asked for, expected one from 0 on")
    with _opened(arguments) as store:
        verdict = store.check_audit(keys, start=arguments.start)
        place = store.place
        if verdict is None:
            raise StoreError(place, "has no audit trail: none was ever written, or all of it is gone")
        head = verdict.head
        problems = [*verdict.problems, *verdict.sessions]
        if noted is not None:
            problems += _unlike(noted, head, store)
    last = verdict.first + verdict.count - 1
    which = f"records {verdict.first} to {last}" if verdict.count else "no records"
    if arguments.json:
        said = {"store": place, "first": verdict.first, "good": verdict.count, "records": head.count}
        said["sessions"] = verdict.compared
        print(json.dumps({**said, "problems": [asdict(problem) for problem in problems]}))
        return 1 if problems else 0
    for problem in problems:
        print(f"{problem.wrong}: {problem.sentence}")
    before = f", those before {verdict.first} are no longer kept" if verdict.first == head.kept > 0 else ""
    print(f"{which} of {head.count} are as they were written{before}: store {place}")
    if verdict.compared:
        good = verdict.compared - len(verdict.sessions)
        print(f"{good} of {verdict.compared} sessions that they tell of are as they tell")
    return 1 if problems else 0


def _unlike(noted: tuple[str, int, str], head: AuditHead, store: Store) -> list[Problem]:
    """Return what is wrong if the chain is not the one that ``noted`` was the end of."""
    chain, count, digest = noted
    if chain != head.chain:
        return [Problem("changed", None, f"this is chain {head.chain}, the head noted is of chain {chain}")]
    if count > head.count:
        return [
            Problem("cut-off", head.count, f"the head noted knew {count} records, there are {head.count}")
        ]
    found = store.audit_digest(count - 1)
    if found is not None and found != digest:
        return [Problem("changed", count - 1, f"record {count - 1} is another than the head noted knew")]
    return []


def _head(arguments: argparse.Namespace) -> int:
    with _opened(arguments) as store:
        head = store.audit_head()
        if head is None:
            raise StoreError(store.place, "has no audit trail yet")
    print(f"{head.chain}:{head.count}:{head.digest}")
    return 0


def _show(arguments: argparse.Namespace) -> int:
    if not 1 <= arguments.limit <= LIST_MAX:
        raise ParameterError(f"{arguments.limit} records were asked for, expected 1 to {LIST_MAX}")
    names = ("kind", "project", "session", "client", "since", "until")
    wanted = Wanted(**{name: getattr(arguments, name) for name in names})
    with _opened(arguments) as store:
        records = store.audit_records(limit=arguments.limit, wanted=wanted)
    for record in records:
        seq, entry = record.seq, record.entry  # on one line, whatever stands in the store
        print(json.dumps({"seq": seq, **asdict(entry)}) if arguments.json else _line(seq, entry))
    return 0


def _line(seq: int, entry: AuditEntry) -> str:
    facts = {"token": entry.token_id, **{k: getattr(entry, k) for k in ("project", "session", "client")}}
    named = "".join(f" {name}={value}" for name, value in facts.items() if value)
    return f"{seq:6} {moment(entry.at)} {entry.kind:9} {entry.address or '-'}{named} {entry.reason}".rstrip()


def _opened(arguments: argparse.Namespace) -> Store:
    return open_existing_store(store_url(arguments), audit_archive=endpoint_settings(arguments).audit_archive)


def _parsed_head(text: str) -> tuple[str, int, str]:
    match = _HEAD.fullmatch(text.strip())
    if match is None:
        raise ParameterError("the head is none, expected CHAIN:COUNT:HASH as `workbench audit head` prints")
    return match[1], int(match[2]), match[3]


def _time(text: str) -> float:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no ISO 8601 time") from None
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()
