"""``workbench token``: mint, look at and revoke session tokens, rotate the keys that sign them."""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from workbench.commands.stores import moment, shared_store, store_option, store_url
from workbench.core.audit import AuditEntry
from workbench.core.clock import unix_now
from workbench.core.consent import Consent
from workbench.core.names import is_name
from workbench.errors import GatewayRefused, ParameterError, StoreError, WorkbenchError
from workbench.security import audit
from workbench.security.claims import DEFAULT_PROJECT, MAX_LIFETIME, REVOKED_FOR, REVOKED_MAX
from workbench.security.keys import DEFAULT_OVERLAP, load_keys, rotate_keys
from workbench.security.tokens import (
    DEFAULT_LIFETIME,
    MAX_TOKEN,
    Grant,
    Scope,
    check_token,
    mint_token,
    read_unverified,
)
from workbench.store.store import open_existing_store
from workbench.store.urls import place_of


def add_parser(commands: Any) -> None:
    """Add ``token`` and its verbs to the command line."""
    parser = commands.add_parser(
        "token",
        description="Tokens are signed with the first key in WORKBENCH_KEY, or of the user's key file; keep "
        "both where only the backend can read them, and give callers short-lived tokens.",
    )
    verbs = parser.add_subparsers(metavar="VERB", required=True)
    shared = store_option()
    _add_mint(verbs, shared)

    verb = verbs.add_parser("show", parents=[shared], help="what a token says, and whether it is accepted")
    # more than one is an error of ours: argparse would repeat them
    verb.add_argument(
        "token", nargs="+", metavar="TOKEN", help="- reads it from standard input, unseen by others"
    )
    verb.add_argument("--json", action="store_true", help="print one JSON object instead")
    verb.set_defaults(run=_show)

    verb = verbs.add_parser(
        "rotate", parents=[shared], help="sign with a new key; the former one still verifies"
    )
    verb.add_argument(
        "--overlap",
        type=float,
        default=DEFAULT_OVERLAP,
        metavar="SECONDS",
        help=f"how long the former key verifies ({DEFAULT_OVERLAP:.0f}: as long as its tokens last)",
    )
    verb.set_defaults(run=_rotate)

    verb = verbs.add_parser("keys", help="the ids of the keys and until when they verify; never the keys")
    verb.add_argument("--json", action="store_true", help="print one JSON object instead")
    verb.set_defaults(run=_keys)

    verb = verbs.add_parser(
        "revoke", parents=[shared], help="let a token, session, client or project in no more"
    )
    what = verb.add_mutually_exclusive_group(required=True)
    for kind, flag in (
        ("token", "--token-id"),
        *((kind, f"--{kind}") for kind in ("session", "client", "project")),
    ):
        what.add_argument(flag, dest=f"revoked_{kind}", metavar="NAME")
    verb.add_argument(
        "--for",
        dest="seconds",
        type=float,
        default=REVOKED_FOR,
        metavar="SECONDS",
        help=f"how long it holds ({REVOKED_FOR:.0f}: every token minted before has ended by then)",
    )
    verb.set_defaults(run=_revoke)


def _add_mint(verbs: Any, shared: argparse.ArgumentParser) -> None:
    verb = verbs.add_parser("mint", parents=[shared], help="print a new token, and nothing else")
    scopes = [scope.value for scope in Scope]
    verb.add_argument(
        "--scope", action="append", choices=scopes, help="what it is for, repeatable (converse)"
    )
    verb.add_argument("--assistant", action="append", metavar="NAME", help="only with it, repeatable (all)")
    verb.add_argument("--origin", action="append", metavar="ORIGIN", help="for pages from there, repeatable")
    verb.add_argument(
        "--project", default=DEFAULT_PROJECT, metavar="NAME", help="whose limits count (default)"
    )
    verb.add_argument("--session", metavar="NAME", help="good for this session only")
    verb.add_argument("--client", metavar="NAME", help="good for this client only")
    verb.add_argument(
        "--consent",
        type=Consent,
        choices=list(Consent),
        help="what may be stored of its sessions (left to client, assistant and endpoint)",
    )
    verb.add_argument(
        "--lifetime",
        type=float,
        default=DEFAULT_LIFETIME,
        metavar="SECONDS",
        help=f"until it is refused ({DEFAULT_LIFETIME:.0f}, at most {MAX_LIFETIME:.0f})",
    )
    verb.add_argument("--json", action="store_true", help="print an object with what it grants as well")
    verb.set_defaults(run=_mint)


def _mint(arguments: argparse.Namespace) -> int:
    store_url(arguments)  # wrong settings are told before anything is done
    keys = load_keys()
    token = mint_token(
        keys,
        lifetime=arguments.lifetime,
        scopes=[Scope(scope) for scope in arguments.scope or [Scope.CONVERSE]],
        assistants=arguments.assistant or (),
        origins=arguments.origin or (),
        project=arguments.project,
        session=arguments.session,
        client=arguments.client,
        consent=arguments.consent,
    )
    grant = check_token(token, keys)
    _note(arguments, audit.minted(unix_now(), grant))
    if arguments.json:
        print(json.dumps({"token": token, **asdict(grant), "scopes": sorted(grant.scopes)}))
    else:
        print(token)
    return 0


def _show(arguments: argparse.Namespace) -> int:
    """Return 0 if the token would be accepted, else 1."""
    if len(arguments.token) > 1:
        raise ParameterError(f"{len(arguments.token)} tokens were given, expected one")
    given = arguments.token[0]
    token = sys.stdin.read(4 * MAX_TOKEN).strip() if given == "-" else given
    header, claims = read_unverified(token)
    verdict = _verdict(token, arguments)
    if arguments.json:
        print(json.dumps({"header": header, "claims": claims, **verdict}))
    else:
        for name, value in (header | claims).items():
            time = f"  ({moment(value)})" if name in ("iat", "nbf", "exp") else ""
            print(f"{json.dumps(name)[1:-1]:11} {json.dumps(value)}{time}")
        print("accepted" if verdict["accepted"] else f"refused: {verdict['reason']} ({verdict['kind']})")
    return 0 if verdict["accepted"] else 1


def _verdict(token: str, arguments: argparse.Namespace) -> dict[str, object]:
    try:
        grant = check_token(token, load_keys())
        if _is_revoked(grant, store_url(arguments)):
            raise GatewayRefused(403, "the session token was revoked", "revoked")
    except GatewayRefused as refusal:
        return {"accepted": False, "code": refusal.code, "kind": refusal.kind, "reason": refusal.reason}
    except StoreError as error:
        _warn(f"whether it was revoked is not known: {error}")
    return {"accepted": True}


def _is_revoked(grant: Grant, url: str) -> bool:
    file = place_of(url).file
    if file is not None and not file.exists():  # nothing was ever revoked
        return False
    with open_existing_store(url) as store:
        revoked = store.revocations(unix_now())
    names = {
        ("token", grant.token_id),
        ("session", grant.session),
        ("client", grant.client),
        ("project", grant.project),
    }
    return bool(names & revoked)


def _rotate(arguments: argparse.Namespace) -> int:
    store_url(arguments)  # as for minting
    ring = rotate_keys(arguments.overlap)
    retired = [key.key_id for key in ring.keys[1:]]
    _note(arguments, audit.rotated(unix_now(), ring.signing.key_id, retired=retired))
    print(f"{ring.signing.key_id} signs")
    for key in ring.keys[1:]:
        print(f"{key.key_id} verifies until {moment(key.until)}")
    return 0


def _keys(arguments: argparse.Namespace) -> int:
    ring, now = load_keys(), unix_now()
    if arguments.json:
        keys = [
            {
                "key_id": key.key_id,
                "signs": key is ring.signing,
                "verifies": key.verifies(now),
                "until": key.until,
            }
            for key in ring.keys
        ]
        print(json.dumps({"keys": keys}))
        return 0
    for key in ring.keys:
        word = "verifies" if key.verifies(now) else "verified"
        end = "" if key.until is None else f" until {moment(key.until)}"
        print(f"{key.key_id} {'signs' if key is ring.signing else word}{end}")
    return 0


def _revoke(arguments: argparse.Namespace) -> int:
    if not 1 <= arguments.seconds <= REVOKED_MAX:
        raise ParameterError(f"a revocation holds {arguments.seconds} s, expected 1 to {REVOKED_MAX:.0f}")
    kinds: Sequence[audit.Revocable] = ("token", "session", "client", "project")
    kind, name = next(
        (kind, name) for kind in kinds if (name := getattr(arguments, f"revoked_{kind}")) is not None
    )
    if not is_name(name):
        raise ParameterError(f"the {kind} is no name of 1 to 64 letters, digits or any of . _ : -")
    until = unix_now() + arguments.seconds
    with shared_store(arguments) as store:
        store.revoke(kind, name, until)
        store.audit([audit.revoked(unix_now(), kind, name)])
        place = store.place
    print(f"{kind} {name} is revoked until {moment(until)} in store {place}")
    return 0


def _note(arguments: argparse.Namespace, entry: AuditEntry) -> None:
    """Put what was done on the audit trail; what was done stands even if that fails, and says so."""
    try:
        with shared_store(arguments) as store:
            store.audit([entry])
    except WorkbenchError as error:
        _warn(f"done, but it is not on the audit trail: {error}")


def _warn(sentence: str) -> None:
    print(f"workbench: {sentence}", file=sys.stderr)
