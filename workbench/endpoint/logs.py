"""What an endpoint's process logs: warnings, with ``--verbose`` when sessions begin and end; no more.

Libraries log what they carry when they are asked for detail: headers with tokens, messages with what was
said, sound. So they are never asked, whatever level the process logs at.
"""

import logging

from workbench.core.audit_chain import ChainKeys
from workbench.core.log_names import use_log_key

QUIET = (
    *("websockets", "uvicorn", "h11", "httpx", "httpcore", "urllib3", "asyncio", "fastapi"),
    *("sqlalchemy", "alembic", "psycopg", "aiortc", "aioice", "libav", "numba", "limits", "redis"),
)
"""Libraries that tell nothing below a warning."""

FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


def set_up_logs(*, verbose: bool) -> None:
    """Log to standard error, unless the process logs elsewhere already."""
    logging.basicConfig(level=logging.INFO if verbose else logging.WARNING, format=FORMAT)
    quieten()


def quieten() -> None:
    """Have libraries log warnings only."""
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)


def name_by(keys: ChainKeys) -> None:
    """Name sessions in logs by the key that signs the audit trail, as ``workbench audit log-name`` does."""
    use_log_key(keys.signing.octets)
