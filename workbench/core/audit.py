"""What an audit keeps: who was let in, refused or turned out, when and why; never a token, never a key."""

from dataclasses import dataclass, fields

MAX_FIELD = 200
"""Most characters of a field; more is cut."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One thing that happened to a token, a key, a session or the settings.

    Every text is cut at ``MAX_FIELD`` and control characters become ``?``: much of it comes from
    strangers, and an entry must stay one line wherever it is shown.
    """

    at: float
    """Unix seconds."""
    kind: str
    """One word: ``minted``, ``used``, ``refused`` and so on, as ``workbench.security.audit`` makes them."""
    token_id: str | None = None
    project: str | None = None
    session: str | None = None
    client: str | None = None
    address: str | None = None
    """Whence the request came; None on the command line."""
    reason: str = ""

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, str):
                object.__setattr__(self, field.name, _one_line(value))


def _one_line(text: str) -> str:
    cut = text[:MAX_FIELD]
    return cut if cut.isprintable() else "".join(c if c.isprintable() else "?" for c in cut)
