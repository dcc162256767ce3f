"""What happens to a session as a whole: opened, held, resumed, closed; part of the union in ``events``."""

from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionOpened:
    type: Literal["session-opened"] = "session-opened"
    session: str
    """Identifier of the session."""
    assistant: str
    """Name of the assistant."""
    input_encoding: str
    input_rate: int
    """Samples per second of the caller's stream."""
    output_encoding: str
    output_rate: int
    """Samples per second of the agent's stream."""
    settings: dict[str, object] = field(default_factory=dict)
    """The settings the session runs under, by dotted name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionHeld:
    type: Literal["session-held"] = "session-held"
    reason: str
    """One of connection-lost, suspended, stalled, token-expired, shutdown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionResumed:
    type: Literal["session-resumed"] = "session-resumed"
    session: str
    last_seq: int
    """The last event the client had seen; -1 for none."""
    restored: bool = False
    """Whether the session was read back from the store; a turn that was under way is then heard again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionReset:
    type: Literal["session-reset"] = "session-reset"
    session: str
    """The session that goes on from here, knowing nothing of the one before."""
    previous: str
    """The session that was gone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnTakingTuned:
    """The settings of turn taking were changed: of endpointing now, of early replies from the next turn."""

    type: Literal["turn-taking-tuned"] = "turn-taking-tuned"
    settings: dict[str, object] = field(default_factory=dict)
    """All of ``early_synthesis`` and ``endpointing``, as in the session's opening."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentSettled:
    """What may be stored of the session was settled after its opening; till then it was as that says."""

    type: Literal["consent-settled"] = "consent-settled"
    level: Literal["none", "transcript", "full"]
    """What may be stored from now on; what was stored beyond it is gone."""
    how: Literal["answered", "client", "withdrawn"]
    """The caller was asked and answered, the client said so in the caller's place, or it was withdrawn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderBroken:
    type: Literal["order"] = "order"
    stream: Literal["messages", "audio"]
    """Which of the client's numbered streams."""
    kind: Literal["gap", "duplicate", "late"]
    number: int
    """Of the first one missing, repeated or late since the last such event."""
    count: int
    """How many there were since the last such event; told at most once a second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionClosed:
    type: Literal["session-closed"] = "session-closed"
    reason: str
    """One of completed, client-left, connection-lost, error, idle, too-long, revoked, quota, project,
    shutdown, abandoned."""
    code: int = 1000
    """WebSocket close code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorRaised:
    type: Literal["error"] = "error"
    code: str
    """Short kebab-case name of the kind, for programs."""
    message: str
    """One sentence for people; never speech, never a token."""
    fatal: bool = False
    """Whether the session ended with it."""
