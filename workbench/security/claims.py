"""What a token's claims grant, read strictly: every type, length and time is checked."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Never

from workbench.core.consent import Consent
from workbench.core.names import LIST_MAX, ORIGIN, is_name
from workbench.errors import GatewayRefused

AUDIENCE = "workbench-session"
MAX_LIFETIME = 3600.0
"""Most seconds from ``iat`` to ``exp``, whoever signed it."""
REVOKED_FOR = MAX_LIFETIME + 60
"""Seconds a revocation holds unless it says otherwise: every token there is has ended by then."""
REVOKED_MAX = 30 * 86_400.0
"""Longest a revocation holds, seconds."""
LEEWAY = 2.0
"""Seconds by which two machines' clocks may differ."""
DEFAULT_PROJECT = "default"

_LIFETIME_SLACK = 0.001  # what is lost when a time is a float
_LAST_TIME = 2**40
_MAX_SCOPE = 200
_ASSISTANT = re.compile(r"[^\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]{1,200}")


class Scope(StrEnum):
    """What a token may be used for."""

    TRANSCRIBE = "transcribe"
    """Send audio, receive transcripts."""
    SPEAK = "speak"
    """Have texts spoken."""
    CONVERSE = "converse"
    """Both, and an assistant between."""
    OBSERVE = "observe"
    """Read the events of somebody's session."""
    ADMIN = "admin"
    """List sessions, revoke."""


_PARTS = frozenset({Scope.TRANSCRIBE, Scope.SPEAK})
"""What ``converse`` includes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What a checked token allows."""

    token_id: str
    key_id: str
    """The key that signed it."""
    project: str
    scopes: frozenset[Scope]
    assistants: tuple[str, ...]
    """Names allowed; empty for all."""
    origins: tuple[str, ...]
    """Origins a browser may come from; empty for those of the endpoint's own list."""
    session: str | None
    """The only session it is good for."""
    client: str | None
    """The only client it is good for."""
    expires: float
    """Unix seconds."""
    consent: Consent | None = None
    """What may be stored of its sessions; None if the backend does not say."""

    def allows(self, scope: Scope) -> bool:
        """Return whether ``scope`` is granted, by itself or as a part of ``converse``."""
        return scope in self.scopes or (scope in _PARTS and Scope.CONVERSE in self.scopes)


def grant_from(claims: Mapping[str, object], *, key_id: str, now: float) -> Grant:
    """Return what the claims of a token with a good signature grant at ``now`` (Unix seconds).

    Raises
    ------
    GatewayRefused
        401 if they are incomplete, malformed or out of their time; 403 if a scope is unknown.
    """
    audience = _required(claims, "aud")
    if audience != AUDIENCE:
        refuse("wrong-audience", "the session token is meant for something else")
    expires = _check_times(claims, now)
    return Grant(
        token_id=_name(_required(claims, "jti"), "jti"),
        key_id=key_id,
        scopes=_scopes(_required(claims, "scope")),
        project=_optional_name(claims, "project") or DEFAULT_PROJECT,
        assistants=_list(claims, "assistants", _ASSISTANT),
        origins=_list(claims, "origins", ORIGIN),
        session=_optional_name(claims, "session"),
        client=_optional_name(claims, "client"),
        expires=expires,
        consent=_consent(claims),
    )


def refuse(kind: str, reason: str, *, code: int = 401) -> Never:
    """Raise GatewayRefused; no traceback of how it was found out is kept."""
    raise GatewayRefused(code, reason, kind) from None


def _check_times(claims: Mapping[str, object], now: float) -> float:
    issued, begins, expires = (_moment(claims, name) for name in ("iat", "nbf", "exp"))
    if expires <= issued:
        refuse("bad-claim", "the session token ends before it was issued")
    if expires - issued > MAX_LIFETIME + _LIFETIME_SLACK:
        refuse("too-long-lived", f"the session token lives longer than {MAX_LIFETIME:.0f} s")
    if issued > now + LEEWAY:
        refuse("not-yet-valid", "the session token was issued in the future")
    if begins > now + LEEWAY:
        refuse("not-yet-valid", "the session token is not yet valid")
    if expires <= now - LEEWAY:
        refuse("expired", "the session token has expired")
    return expires


def _required(claims: Mapping[str, object], name: str) -> object:
    if name not in claims:
        refuse("missing-claim", f"the session token has no claim {name}")
    return claims[name]


def _moment(claims: Mapping[str, object], name: str) -> float:
    value = _required(claims, name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= _LAST_TIME:
        refuse("bad-claim", f"the session token's claim {name} is no time")
    return float(value)


def _name(value: object, name: str) -> str:
    if not isinstance(value, str) or not is_name(value):
        refuse(
            "bad-claim",
            f"the session token's claim {name} is no name of 1 to 64 letters, digits or any of . _ : -",
        )
    return value


def _optional_name(claims: Mapping[str, object], name: str) -> str | None:
    return _name(claims[name], name) if name in claims else None


def _scopes(value: object) -> frozenset[Scope]:
    if not isinstance(value, str) or len(value) > _MAX_SCOPE or not value.split(" ")[0]:
        refuse("bad-claim", "the session token's claim scope is no list of words")
    try:
        return frozenset(Scope(word) for word in value.split(" "))
    except ValueError:
        refuse("unknown-scope", "the session token names a scope that does not exist", code=403)


def _consent(claims: Mapping[str, object]) -> Consent | None:
    if "consent" not in claims:
        return None
    try:
        return Consent(str(claims["consent"]))
    except ValueError:
        refuse("bad-claim", f"the session token's claim consent is none of {', '.join(Consent)}")


def _list(claims: Mapping[str, object], name: str, shape: re.Pattern[str]) -> tuple[str, ...]:
    values = claims.get(name, [])
    if not isinstance(values, list):
        refuse("bad-claim", f"the session token's claim {name} is no list")
    if len(values) > LIST_MAX:
        refuse("bad-claim", f"the session token's claim {name} has over {LIST_MAX} entries")
    if not all(isinstance(value, str) and shape.fullmatch(value) for value in values):
        refuse("bad-claim", f"the session token's claim {name} holds something else than {name}")
    return tuple(values)
