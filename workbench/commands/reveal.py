"""``workbench sessions reveal``: what the tokens in a masked session stand for."""

import argparse
import json
import sys
from typing import Any

from workbench.commands.stores import by_hand, found_session, present_store
from workbench.core.clock import unix_now
from workbench.errors import ParameterError
from workbench.privacy.masking import Token
from workbench.privacy.vault import chosen, kept_tokens, parsed
from workbench.security import audit
from workbench.store.store import Store


def add_verb(verbs: Any, shared: argparse.ArgumentParser) -> None:
    """Add the verb."""
    verb = verbs.add_parser(
        "reveal",
        parents=[shared],
        help="what the tokens in a masked session stand for; the audit trail says that it was asked for",
        description="Show what tokens like [PERSON_1] in a masked session stand for. It takes the master key "
        "that the store was sealed with, and the audit trail says that it was asked for.",
    )
    verb.add_argument("name", metavar="NAME")
    verb.add_argument("tokens", nargs="*", metavar="TOKEN", help="only this one, as PERSON_1 (all)")
    verb.add_argument("--rest", action="store_true", help="also of a damaged session: what can be read")
    verb.add_argument("--json", action="store_true", help="print one JSON object instead")
    verb.set_defaults(run=_reveal)


def _reveal(arguments: argparse.Namespace) -> int:
    with present_store(arguments) as store:
        found = found_session(store, arguments.name)
        session = found.session
        kept = _rest(store, session) if arguments.rest else kept_tokens(store, session)
        if not kept and found.phase != "ended":
            raise ParameterError(f"session {session} is {found.phase}, it is masked once it has ended")
        if not kept:
            raise ParameterError(
                f"nothing leads back from what is stored of session {session}: it has no tokens, "
                "or none were to be kept (WORKBENCH_MASK_VAULT)"
            )
        shown = chosen(kept, arguments.tokens, session)
        by = f"{len(shown)} of {len(kept)} tokens, {by_hand()}"
        entry = audit.accessed(
            unix_now(), "revealed", by=by, session=session, project=found.project, client=found.client
        )
        store.audit([entry])
    if arguments.json:
        print(json.dumps({"session": session, "tokens": {one.token: one.said for one in shown}}))
        return 0
    width = max(len(one.token) for one in shown)
    for one in shown:
        print(f"{one.token:{width}}  {''.join(c if c.isprintable() else '?' for c in one.said)}")
    return 0


def _rest(store: Store, session: str) -> tuple[Token, ...]:
    """Return the tokens that can be read, once it is said what is damaged."""
    found = store.vaults.examine(session)
    for one in found.damage:
        print(f"workbench: {one}", file=sys.stderr)
    return parsed(found.text)
