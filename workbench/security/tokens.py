"""Short-lived session tokens: JWTs signed with the master key (HS256), checked cheapest question first."""

import base64
import hmac
import json
import re
import secrets
from collections.abc import Iterable
from math import ceil
from typing import Any, Never

import jwt

from workbench.core.clock import unix_now
from workbench.core.consent import Consent
from workbench.errors import GatewayRefused, ParameterError
from workbench.security.claims import (
    AUDIENCE,
    DEFAULT_PROJECT,
    MAX_LIFETIME,
    Grant,
    Scope,
    grant_from,
    refuse,
)
from workbench.security.keyring import Keyring, keyring_from

__all__ = [
    "AUDIENCE",
    "DEFAULT_LIFETIME",
    "MAX_LIFETIME",
    "MAX_TOKEN",
    "Grant",
    "Scope",
    "check_token",
    "expiry_of",
    "mint_token",
    "read_unverified",
]

DEFAULT_LIFETIME = 300.0
"""Seconds."""
MAX_TOKEN = 4096
"""Most characters of a token."""

_MAX_HEADER = 512
_ALGORITHM = "HS256"
_MALFORMED = "the session token is no signed JWT in compact form"

# possessive: what does not match is gone through once
_COMPACT = re.compile(r"([A-Za-z0-9_-]{2,}+)\.([A-Za-z0-9_-]{2,}+)\.([A-Za-z0-9_-]*+)")


def mint_token(  # noqa: PLR0913  a claim each
    keys: Keyring | str,
    *,
    lifetime: float = DEFAULT_LIFETIME,
    scopes: Iterable[Scope] = (Scope.CONVERSE,),
    assistants: Iterable[str] = (),
    origins: Iterable[str] = (),
    project: str = DEFAULT_PROJECT,
    session: str | None = None,
    client: str | None = None,
    consent: Consent | None = None,
) -> str:
    """Return a token signed with the ring's first key.

    Parameters
    ----------
    keys : a ring, or one bare key
    lifetime : seconds until it is refused, 1..3600, rounded up to whole ones
    scopes : what it may be used for
    assistants : names it is good for; none for all
    origins : where a browser may come from; none for the endpoint's own list
    project : whose limits it counts against
    session, client : bind it to one session, one client
    consent : what may be stored of its sessions; their client may allow less, not more

    Raises
    ------
    ParameterError
        If a value is not one that ``check_token`` accepts.
    """
    if not 1 <= lifetime <= MAX_LIFETIME:
        raise ParameterError(f"token lifetime is {lifetime} s, expected 1 to {MAX_LIFETIME:.0f}")
    key = keyring_from(keys).signing
    now = int(unix_now())
    claims: dict[str, Any] = {
        "aud": AUDIENCE,
        "iat": now,
        "nbf": now,
        "exp": now + ceil(lifetime),
        "jti": secrets.token_hex(8),
        "project": project,
        "scope": " ".join(sorted(scopes)),
        "assistants": list(assistants),
        "origins": list(origins),
    }
    optional = {"session": session, "client": client, "consent": consent and consent.value}
    claims |= {name: value for name, value in optional.items() if value is not None}
    try:
        grant_from(claims, key_id=key.key_id, now=now)
    except GatewayRefused as refusal:
        raise ParameterError(f"can't mint a token: {refusal.reason}") from None
    token = jwt.encode(claims, key.octets, algorithm=_ALGORITHM, headers={"kid": key.key_id})
    if len(token) > MAX_TOKEN:
        raise ParameterError(f"a token would have {len(token)} characters, expected at most {MAX_TOKEN}")
    return token


def check_token(token: str, keys: Keyring | str, *, now: float | None = None) -> Grant:
    """Return what ``token`` grants at ``now`` (Unix seconds; the wall clock if not given).

    Size, form, algorithm and key id are looked at before anything is hashed, the signature before the
    claims are parsed.

    Raises
    ------
    GatewayRefused
        With a ``kind``, one word that does not change, and a sentence that repeats nothing of the token:
        401, or 403 if it is good but for something unknown here.
    """
    now = unix_now() if now is None else now
    header, body, signature = _parts(token)
    fields = _object(header)
    if fields.get("alg") != _ALGORITHM:
        refuse("wrong-algorithm", f"the session token is not signed with {_ALGORITHM}")
    if "crit" in fields or fields.get("b64", True) is not True:
        refuse("malformed", "the session token's header demands what is not understood")
    if str(fields.get("typ", "JWT")).upper() != "JWT":
        refuse("malformed", "the session token's header says it is something else")
    key_id = fields.get("kid")
    if not isinstance(key_id, str):
        refuse("unknown-key", "the session token names no key")
    key = keyring_from(keys).find(key_id, now)
    if key is None:
        refuse("unknown-key", "the session token names a key that is not known, or no longer")
    digest = hmac.digest(key.octets, f"{header}.{body}".encode("ascii"), "sha256")
    wanted = base64.urlsafe_b64encode(digest).rstrip(b"=")
    if not hmac.compare_digest(wanted, signature.encode("ascii")):
        refuse("bad-signature", "the signature of the session token does not match")
    return grant_from(_object(body), key_id=key.key_id, now=now)


def expiry_of(token: str) -> float:
    """Return when ``token`` ends (Unix seconds), unverified: for the holder's own timer, not for a decision.

    Raises
    ------
    ParameterError
        If it is no token, or does not say.
    """
    expires = read_unverified(token)[1].get("exp")
    if isinstance(expires, bool) or not isinstance(expires, int | float) or not 0 <= expires <= 2**40:
        raise ParameterError("a token does not say when it ends")
    return float(expires)


def read_unverified(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the header and the claims of ``token`` without checking them; raises ParameterError."""
    try:
        header, body, _ = _parts(token)
        return _object(header), _object(body)
    except GatewayRefused as refusal:
        raise ParameterError(f"can't read a token: {refusal.reason}") from None


def _parts(token: str) -> tuple[str, str, str]:
    """Return the three parts of the compact form, still encoded, once their sizes and letters are right."""
    if not token:
        refuse("missing-token", "no session token was sent")
    if len(token) > MAX_TOKEN:
        refuse("too-large", f"the session token has over {MAX_TOKEN} characters")
    compact = _COMPACT.fullmatch(token)
    if compact is None or compact.end(1) > _MAX_HEADER:
        refuse("malformed", _MALFORMED)
    return compact[1], compact[2], compact[3]


def _object(part: str) -> dict[str, Any]:
    """Return the JSON object in a part: UTF-8, no name twice, no constant JSON does not have."""
    try:
        raw = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
        value = _JSON.decode(raw.decode())
    except (ValueError, RecursionError):  # binascii's and the decoder's errors are ValueErrors
        value = None  # refused below, outside: an error's context would keep what was sent
    if not isinstance(value, dict):
        refuse("malformed", _MALFORMED)
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) < len(pairs):
        raise ValueError("a name stands twice")
    return content


def _no_constant(_: str) -> Never:
    raise ValueError("no JSON")


_JSON = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_no_constant)
