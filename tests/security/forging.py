"""Makes tokens by hand, good ones and bad: every byte can be chosen."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime
from typing import Any

from workbench.security.keyring import Key

KEY = "k" * 32
OTHER = "o" * 32


def unix_now() -> float:
    return datetime.now(UTC).timestamp()


def claims(**change: object) -> dict[str, object]:
    """Return good claims with some changed; None removes one."""
    now = int(unix_now())
    good = {
        "aud": "workbench-session",
        "iat": now,
        "nbf": now,
        "exp": now + 60,
        "jti": "0123456789abcdef",
        "scope": "converse",
        "assistants": ["coffee"],
    }
    return {name: value for name, value in (good | change).items() if value is not None}


def header(**change: object) -> dict[str, object]:
    """Return a good header with some fields changed; None removes one."""
    good = {"alg": "HS256", "typ": "JWT", "kid": Key(KEY).key_id}
    return {name: value for name, value in (good | change).items() if value is not None}


def base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def compact(head: Any, body: Any, *, key: bytes = KEY.encode(), digest: str = "sha256") -> str:
    """Return the signed compact form; head and body are values, or the very bytes to encode."""
    parts = [part if isinstance(part, bytes) else json.dumps(part).encode() for part in (head, body)]
    signed = ".".join(map(base64url, parts))
    signature = hmac.new(key, signed.encode(), getattr(hashlib, digest)).digest()
    return f"{signed}.{base64url(signature)}"


def signed(**change: object) -> str:
    """Return a token with a good header and signature whose claims are changed."""
    return compact(header(), claims(**change))


def headed(**change: object) -> str:
    """Return a token with good claims and signature whose header is changed."""
    return compact(header(**change), claims())
