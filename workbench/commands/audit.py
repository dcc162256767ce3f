"""``workbench audit``: what was done with tokens, keys and sessions, and whether the record is whole."""

import argparse
import json
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from workbench.commands.stores import (
    audit_places,
    by_hand,
    moment,
    present_store,
    store_option,
    store_url,
)
from workbench.core.audit import AuditEntry
from workbench.core.clock import unix_now
from workbench.core.log_names import log_name
from workbench.core.noted_head import WANTED, NotedHead, noted, parse_noted
from workbench.errors import ParameterError, StoreError
from workbench.security import audit
from workbench.security.audit_keys import load_audit_keys
from workbench.store.audited import RECORDS_MAX
from workbench.store.store import Store, open_existing_store
from workbench.store.trail import Wanted


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

    verb = verbs.add_parser(
        "accept",
        parents=[shared],
        help="go on with a store that was put back: a copy of before, or a new one",
        description="Go on with a store that is not the one of which the end was noted outside. A record "
        "says for good that it was put back, and that it was accepted; its end is noted from then on.",
    )
    verb.set_defaults(run=_accept)

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
    given = None if arguments.head is None else _parsed_head(arguments.head)
    if arguments.start is not None and arguments.start < 0:
        raise ParameterError(f"record {arguments.start} was asked for, expected one from 0 on")
    with _opened(arguments) as store:
        kept = store.trail.noted()
        verdict = store.trail.check(keys, start=arguments.start)
        place = store.place
        if verdict is None:
            there_was = f"; one of {kept.count} records was noted" if kept else ""
            raise StoreError(
                place, f"has no audit trail: none was ever written, or all of it is gone{there_was}"
            )
        head = verdict.head
        unlike = [store.trail.unlike(one) for one in dict.fromkeys((given, kept))]
        problems = [*verdict.problems, *filter(None, unlike), *verdict.sessions]
    last = verdict.first + verdict.count - 1
    which = f"records {verdict.first} to {last}" if verdict.count else "no records"
    if arguments.json:
        said = {"store": place, "first": verdict.first, "good": verdict.count, "records": head.count}
        said |= {"sessions": verdict.compared, "noted": None if kept is None else kept.count}
        print(json.dumps({**said, "problems": [asdict(problem) for problem in problems]}))
        return 1 if problems else 0
    for problem in problems:
        print(f"{problem.wrong}: {problem.sentence}")
    before = f", those before {verdict.first} are no longer kept" if verdict.first == head.kept > 0 else ""
    print(f"{which} of {head.count} are as they were written{before}: store {place}")
    if kept is None:
        print("no end of it is noted outside the store: if that was put back whole, nothing tells")
    elif not any(unlike):
        print(f"it goes on from the {kept.count} records that are noted outside the store")
    if verdict.compared:
        good = verdict.compared - len(verdict.sessions)
        print(f"{good} of {verdict.compared} sessions that they tell of are as they tell")
    return 1 if problems else 0


def _head(arguments: argparse.Namespace) -> int:
    with _opened(arguments) as store:
        head = store.trail.head()
        if head is None:
            raise StoreError(store.place, "has no audit trail yet")
    print(noted(head))
    return 0


def _accept(arguments: argparse.Namespace) -> int:
    with present_store(arguments) as store:
        unlike = store.trail.unlike(store.trail.noted())
        if unlike is None:
            print(f"there is nothing to accept: store {store.place} is not known to have been put back")
            return 0
        store.audit([audit.accepted(unix_now(), by=by_hand())])
        print(f"store {store.place} is accepted as it is: {unlike.sentence}")
    return 0


def _show(arguments: argparse.Namespace) -> int:
    if not 1 <= arguments.limit <= RECORDS_MAX:
        raise ParameterError(f"{arguments.limit} records were asked for, expected 1 to {RECORDS_MAX}")
    names = ("kind", "project", "session", "client", "since", "until")
    wanted = Wanted(**{name: getattr(arguments, name) for name in names})
    with _opened(arguments) as store:
        records = store.trail.records(limit=arguments.limit, wanted=wanted)
    for record in records:
        seq, entry = record.seq, record.entry  # on one line, whatever stands in the store
        print(json.dumps({"seq": seq, **asdict(entry)}) if arguments.json else _line(seq, entry))
    return 0


def _line(seq: int, entry: AuditEntry) -> str:
    facts = {"token": entry.token_id, **{k: getattr(entry, k) for k in ("project", "session", "client")}}
    named = "".join(f" {name}={value}" for name, value in facts.items() if value)
    return f"{seq:6} {moment(entry.at)} {entry.kind:9} {entry.address or '-'}{named} {entry.reason}".rstrip()


def _opened(arguments: argparse.Namespace) -> Store:
    return open_existing_store(store_url(arguments), **audit_places(arguments))


def _parsed_head(text: str) -> NotedHead:
    found = parse_noted(text)
    if found is None:
        raise ParameterError(f"the head is none, {WANTED}")
    return found


def _time(text: str) -> float:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no ISO 8601 time") from None
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()
