"""Time, injected: seconds on one monotonic clock since a stated zero."""

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the time in seconds since its own zero; never goes back."""

    def now(self) -> float: ...  # noqa: D102


def unix_now() -> float:
    """Return the wall clock, seconds since 1970: for what outlives a process."""
    return datetime.now(UTC).timestamp()


class MonotonicClock:
    """The machine's monotonic clock, ``start`` when this object was made."""

    def __init__(self, start: float = 0.0) -> None:
        self._zero = time.monotonic() - start

    def now(self) -> float:
        """Return seconds since this clock's zero."""
        return time.monotonic() - self._zero


class ManualClock:
    """A clock that moves only when told to: for tests and re-runs."""

    def __init__(self, now: float = 0.0) -> None:
        self._now = now

    def now(self) -> float:
        """Return the seconds this clock was last set to."""
        return self._now

    def advance(self, seconds: float) -> float:
        """Move forward by ``seconds`` (at least 0) and return the new time."""
        if not seconds >= 0:
            from workbench.errors import ParameterError

            raise ParameterError(f"clock moved by {seconds} s, expected at least 0")
        self._now += seconds
        return self._now
