"""What the tokens in a masked session stand for: rendered for its vault, and read from there."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict

from workbench.errors import ParameterError
from workbench.privacy.masking import Token
from workbench.privacy.spans import Pii
from workbench.store.store import Store

NAMED_MAX = 5
"""Tokens named when another was asked for."""


def rendered(tokens: Iterable[Token]) -> str:
    """Return tokens as JSON: a list of objects with ``token``, ``type``, ``value`` and ``said``."""
    return json.dumps([asdict(one) for one in tokens])


def kept_tokens(store: Store, session: str) -> tuple[Token, ...]:
    """Return the tokens of a session whose values are kept, oldest first; none if it has no vault.

    Raises
    ------
    KeyMissing
        If the master key is not at hand.
    StoreDamaged
        If the vault is not what was written.
    """
    return parsed(store.vaults.opened(session))


def parsed(text: str | None) -> tuple[Token, ...]:
    """Return the tokens that :func:`rendered` wrote; none of None."""
    listed = [] if text is None else json.loads(text)
    return tuple(Token(**one | {"type": Pii(one["type"])}) for one in listed)


def chosen(tokens: Sequence[Token], wanted: Sequence[str], session: str) -> tuple[Token, ...]:
    """Return those of a session's tokens that are wanted, in that order; all if none is named.

    Parameters
    ----------
    tokens : of the session
    wanted : tokens with or without their brackets, in letters of either case
    session : what errors call it

    Raises
    ------
    ParameterError
        If one of them is not among the session's.
    """
    if not wanted:
        return tuple(tokens)
    known = {one.token: one for one in tokens}
    found = []
    for name in dict.fromkeys(f"[{name.strip('[]').upper()}]" for name in wanted):
        if name not in known:
            named = ", ".join(list(known)[:NAMED_MAX]) + (" and others" if len(known) > NAMED_MAX else "")
            raise ParameterError(f"session {session} has no token {name!r}, there are: {named}")
        found.append(known[name])
    return tuple(found)
