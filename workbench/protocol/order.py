"""Whether the messages of one numbered stream come in order: what is missing, repeated or late, counted."""

from dataclasses import dataclass, field
from enum import Enum
from typing import Literal

from workbench.core.events import OrderBroken
from workbench.errors import ProtocolError

AHEAD_MAX = 10_000
"""A number this far beyond the next one expected is out of range: no sender keeps so many."""

MISSING_MAX = 256
"""Missing numbers remembered, to tell a late message from a duplicate; the oldest are forgotten."""

REPORT_EVERY = 1.0
"""Seconds between reports of one kind."""


class Place(Enum):
    """Where a message belongs."""

    NEXT = "next"
    """The one expected, or one after a gap."""
    DUPLICATE = "duplicate"
    """It came before."""
    LATE = "late"
    """It was missing; what came after it has been dealt with."""


@dataclass(slots=True)
class Order:
    """Follows the numbers of one stream.

    Parameters
    ----------
    stream : its name in reports
    next : the number expected; None takes the first that comes
    """

    stream: Literal["messages", "audio"]
    next: int | None = 0
    _missing: dict[int, None] = field(default_factory=dict)
    _broken: dict[Literal["gap", "duplicate", "late"], tuple[int, int]] = field(default_factory=dict)
    _reported: float = -REPORT_EVERY

    def take(self, seq: int) -> Place:
        """Return where message number ``seq`` belongs.

        Raises
        ------
        ProtocolError
            ``bad-seq``, if it is more than ``AHEAD_MAX`` beyond the one expected.
        """
        expected = seq if self.next is None else self.next
        if seq > expected + AHEAD_MAX:
            raise ProtocolError(
                "bad-seq", f"{self.stream} went on with number {seq}, expected {expected} or a few more"
            )
        if seq < expected:
            place = Place.LATE if seq in self._missing else Place.DUPLICATE
            self._missing.pop(seq, None)
            self._count("late" if place is Place.LATE else "duplicate", seq, 1)
            return place
        if seq > expected:
            self._count("gap", expected, seq - expected)
            self._missing.update(dict.fromkeys(range(max(expected, seq - MISSING_MAX), seq)))
            while len(self._missing) > MISSING_MAX:
                del self._missing[next(iter(self._missing))]
        self.next = seq + 1
        return Place.NEXT

    def report(self, now: float) -> list[OrderBroken]:
        """Return what to record: what was noticed since the last report, at most once a second."""
        if not self._broken or now - self._reported < REPORT_EVERY:
            return []
        self._reported = now
        broken, self._broken = self._broken, {}
        return [
            OrderBroken(stream=self.stream, kind=kind, number=number, count=count)
            for kind, (number, count) in broken.items()
        ]

    def _count(self, kind: Literal["gap", "duplicate", "late"], seq: int, count: int) -> None:
        first, before = self._broken.get(kind, (seq, 0))
        self._broken[kind] = first, before + count
