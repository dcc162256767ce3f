"""Whether and when to try again after a lost connection."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from workbench.errors import ParameterError
from workbench.protocol.native import HELD_CODES, CloseCode

NO_CLOSE = frozenset({None, 1005, 1006})
"""What stands for a close code when the connection broke without one."""

BUSY_STATUS = frozenset({429, 500, 502, 503, 504})
"""HTTP statuses of an endpoint, or of what stands before it, that may answer otherwise in a while."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResumeSettings:
    """How patiently a client tries to come back; seconds."""

    first: float = 0.1
    """Longest wait before the first try; each further one may take twice as long."""
    longest: float = 5.0
    patience: float = 60.0
    """Time without a connection after which it gives up; never more than the endpoint holds a session."""
    steady: float = 2.0
    """A connection that lasted this long was a good one: the next loss begins anew."""
    short_lived_max: int = 20
    """Connections in a row that were no good ones before it gives up."""

    def __post_init__(self) -> None:
        if not (0 < self.first <= self.longest and self.patience > 0 and self.steady > 0):
            raise ParameterError(
                f"first try within {self.first} s, then {self.longest} s at most, for {self.patience} s: "
                "expected 0 < first <= longest and patience, steady above 0"
            )


@dataclass(frozen=True, slots=True)
class Wait:
    """Try again after so many seconds."""

    seconds: float


@dataclass(frozen=True, slots=True)
class GiveUp:
    """Don't try again."""

    reason: str


Decision: TypeAlias = Wait | GiveUp


@dataclass(slots=True)
class Reconnecting:
    """Decides for one session; exponential back-off with full jitter.

    Parameters
    ----------
    settings : how patiently
    random : a number 0..1, a new one each call: clients that lost the same endpoint don't return together

    Source: Brooker (2015), "Exponential Backoff And Jitter".
    """

    settings: ResumeSettings
    random: Callable[[], float]
    hold: float = float("inf")
    """Seconds the endpoint holds the session, once it said so."""
    _tries: int = 0
    _short_lived: int = 0
    _lost_at: float | None = None
    _connected_at: float | None = field(default=None)

    def connected(self, now: float) -> None:
        """Learn that a connection carries the session."""
        self._connected_at, self._lost_at = now, None

    def lost(self, now: float, code: int | None) -> Decision:
        """Decide after a connection ended with close code ``code``."""
        if code not in NO_CLOSE and code not in HELD_CODES:
            return GiveUp(f"the endpoint closed with code {code}")
        carried_since, self._connected_at = self._connected_at, None
        if carried_since is None:  # it came about and never carried the session: no better than none
            return self._next(now)
        if now - carried_since >= self.settings.steady:
            self._tries = self._short_lived = 0
        else:
            self._short_lived += 1
        if self._short_lived > self.settings.short_lived_max:
            return GiveUp(f"{self._short_lived} connections in a row were lost at once")
        self._lost_at = now
        if code in (CloseCode.TOKEN_EXPIRED, CloseCode.STALLED):
            return Wait(0.0)
        return self._next(now)

    def woken(self) -> None:
        """Learn that it was left on purpose: patience begins anew."""
        self._lost_at, self._tries = None, 0

    def failed(self, now: float, status: int | None) -> Decision:
        """Decide after no connection came about; ``status`` is the HTTP status of a refusal."""
        if status is not None and status not in BUSY_STATUS:
            return GiveUp(f"the endpoint refused with status {status}")
        return self._next(now)

    def _next(self, now: float) -> Decision:
        self._lost_at = now if self._lost_at is None else self._lost_at
        patience = min(self.settings.patience, self.hold)
        longest = min(self.settings.longest, self.settings.first * 2.0 ** min(self._tries, 30))
        self._tries += 1
        left = self._lost_at + patience - now
        if left <= 0:
            return GiveUp(f"no endpoint answered for {patience:g} s")
        return Wait(min(longest * self.random(), left))
