"""What a store is given and gives back, as values."""

from dataclasses import dataclass, field
from typing import Literal, TypeAlias, get_args

from workbench.core.consent import Consent
from workbench.core.events import Event

Phase: TypeAlias = Literal["created", "live", "held", "resumed", "ended"]
PHASES: tuple[Phase, ...] = get_args(Phase)

RevocationKind: TypeAlias = Literal["token", "session", "client", "project"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRow:
    """One session, without its events."""

    session: str
    """Identifier, unique in the store."""
    project: str
    client: str | None
    """Who the token was bound to."""
    assistant: str
    token_id: str
    """Of the token that opened it; never the token."""
    phase: str
    """One of created, live, held, resumed, ended."""
    opened: float
    """Unix seconds."""
    closed: float | None = None
    """Unix seconds."""
    reason: str = ""
    """Why it is in this phase; empty while nothing went wrong."""
    handle: str = ""
    """SHA-256, in hex, of what a client must show to resume it; never that itself."""
    wish: str
    """JSON of the message that opened it."""
    snapshot: str | None = None
    """JSON of the context after the last turn."""
    snapshot_seq: int = -1
    """The last event the snapshot knows of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredSession:
    """One session, whole."""

    row: SessionRow
    events: tuple[Event, ...]
    """In order, without gaps, from 0 or from where they were asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionSummary:
    """What a list of sessions tells about one."""

    session: str
    project: str
    client: str | None
    assistant: str
    phase: str
    opened: float
    """Unix seconds."""
    closed: float | None
    """Unix seconds."""
    reason: str
    events: int


@dataclass(frozen=True, slots=True)
class Lease:
    """An endpoint process has a session in memory, and says so again before it is over."""

    process: str
    until: float
    """Unix seconds."""


@dataclass(frozen=True, slots=True)
class NewSession:
    """Begin a session."""

    row: SessionRow
    lease: Lease | None = None
    """Of the process that leads it; None if it is written for another reason."""

    @property
    def session(self) -> str:
        """Return whose write this is."""
        return self.row.session


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawal:
    """What is to be destroyed of a session, as consent was withdrawn."""

    session: str
    project: str
    client: str | None
    level: Consent
    """What may be kept: with ``transcript`` only the sound has to go."""
    recordings: str = ""
    """The folder in which a recording of it may be; empty for none."""
    at: float
    """Unix seconds."""


@dataclass(frozen=True, slots=True)
class Append:
    """Add the next event."""

    session: str
    event: Event
    text: str | None = None
    """The event as JSON, if its writer has it already."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Replace the context to go on from."""

    session: str
    seq: int
    """The last event it knows of."""
    text: str
    """JSON."""


@dataclass(frozen=True, slots=True)
class PhaseChange:
    """Move a session to another phase; its ``closed`` is set as given."""

    session: str
    phase: str
    reason: str = ""
    closed: float | None = None
    """Unix seconds."""


@dataclass(frozen=True, slots=True)
class NewVault:
    """Keep what leads back from the tokens of a session that is begun in the same transaction."""

    session: str
    text: str = field(repr=False)


Write: TypeAlias = NewSession | Append | Snapshot | PhaseChange | NewVault
