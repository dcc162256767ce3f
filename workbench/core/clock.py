"""Time, injected: seconds on one monotonic clock since a stated zero."""

import time
from typing import Protocol


class Clock(Protocol):
    """Tells the time in seconds since its own zero; never goes back."""

    def now(self) -> float: ...  # noqa: D102


class MonotonicClock:
    """The machine's monotonic clock, zero when this object was made."""

    def __init__(self) -> None:
        self._zero = time.monotonic()

    def now(self) -> float:
        """Return seconds since this clock was made."""
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
