"""Short-lived session tokens: JWTs signed with the master key (HS256)."""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import jwt

from workbench.errors import GatewayRefused, ParameterError

AUDIENCE = "workbench-session"
DEFAULT_LIFETIME = 300.0
"""Seconds."""
MAX_LIFETIME = 3600.0
_LEEWAY = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What a checked token allows."""

    token_id: str
    assistants: tuple[str, ...]
    """Names allowed; empty for all."""


def mint_token(key: str, *, lifetime: float = DEFAULT_LIFETIME, assistants: tuple[str, ...] = ()) -> str:
    """Return a token for one conversation that must begin within ``lifetime`` seconds (1..3600)."""
    if not 1 <= lifetime <= MAX_LIFETIME:
        raise ParameterError(f"token lifetime is {lifetime} s, expected 1 to {MAX_LIFETIME:.0f}")
    now = datetime.now(UTC)
    claims: dict[str, object] = {
        "aud": AUDIENCE,
        "iat": now,
        "nbf": now,
        "exp": now + timedelta(seconds=lifetime),
        "jti": secrets.token_hex(8),
        "scope": "converse",
        "assistants": list(assistants),
    }
    return jwt.encode(claims, key, algorithm="HS256")


def check_token(token: str, key: str) -> Grant:
    """Return what ``token`` grants.

    Raises
    ------
    GatewayRefused
        401, if it is missing, malformed, expired, not yet valid, or not signed with ``key``.
    """
    if not token:
        raise GatewayRefused(401, "no session token was sent")
    required = ["aud", "iat", "nbf", "exp", "jti", "scope"]
    try:
        claims = jwt.decode(
            token,
            key,
            algorithms=["HS256"],
            audience=AUDIENCE,
            leeway=_LEEWAY,
            options={"require": required},
        )
    except jwt.ExpiredSignatureError:
        raise GatewayRefused(401, "the session token has expired") from None
    except jwt.InvalidTokenError as error:
        raise GatewayRefused(401, f"the session token is not valid: {type(error).__name__}") from None
    if claims["scope"] != "converse":
        raise GatewayRefused(403, "the session token does not allow a conversation")
    assistants = claims.get("assistants", [])
    if not isinstance(assistants, list):
        raise GatewayRefused(401, "the session token is not valid: assistants is no list")
    return Grant(token_id=str(claims["jti"]), assistants=tuple(map(str, assistants)))
