"""Whether something that failed is tried again: pure, with the time passed in."""

from dataclasses import dataclass

REST_FIRST = 5.0
"""Seconds left alone after a first failure."""

REST_LONGEST = 60.0
"""Seconds left alone at most, however often it failed in a row."""


@dataclass(slots=True)
class Breaker:
    """Leaves something alone after a failure, twice as long after each further one in a row.

    When the rest is over one attempt is let through; until it has ended, others are not.
    """

    first: float = REST_FIRST
    longest: float = REST_LONGEST
    _failures: int = 0
    _until: float = 0.0

    def allows(self, now: float) -> bool:
        """Return whether to try at ``now``, seconds on one monotonic clock."""
        if self._failures == 0:
            return True
        if now < self._until:
            return False
        self._until = now + self._rest()  # one attempt: the next waits for its outcome, or as long again
        return True

    def left(self, now: float) -> float:
        """Return the seconds of rest that are left."""
        return max(0.0, self._until - now) if self._failures else 0.0

    def worked(self) -> None:
        """Learn that an attempt succeeded."""
        self._failures = 0

    def failed(self, now: float) -> None:
        """Learn that an attempt failed at ``now``."""
        self._failures += 1
        self._until = now + self._rest()

    def _rest(self) -> float:
        return float(min(self.longest, self.first * 2 ** min(self._failures - 1, 16)))
