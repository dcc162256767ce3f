"""How logs name what belongs to somebody: by a keyed hash, the same for a UTC day and another the next.

So the lines of one session can be put together, by anybody for a day, by whoever has the key for any name and
day; and nobody else learns from a log whose they were.
"""

import hmac
import secrets
from datetime import UTC, datetime

from workbench.core.clock import unix_now

DIGITS = 10
"""Hex digits of a name in a log."""

_PURPOSE = "workbench-log-name"
_key = secrets.token_bytes(32)


def use_log_key(octets: bytes) -> None:
    """Name things by this key in all logs of the process; until then it has one of its own."""
    global _key
    _key = octets


def log_name(name: str, *, at: float | None = None, key: bytes | None = None) -> str:
    """Return what logs call ``name``.

    Parameters
    ----------
    name : of a session, client or token
    at : Unix seconds, for the day; now if not given
    key : the process's own if not given
    """
    day = datetime.fromtimestamp(unix_now() if at is None else at, UTC).date().isoformat()
    content = "\n".join((_PURPOSE, day, name)).encode(errors="surrogatepass")
    return "~" + hmac.digest(key or _key, content, "sha256").hex()[:DIGITS]
