"""How what happened to tokens gets into the store: collected, counted together, written once a second."""

import logging
from collections import deque
from collections.abc import Callable, Sequence
from typing import Protocol

import anyio

from workbench.aio import close_within
from workbench.core.audit import AuditEntry
from workbench.core.clock import unix_now
from workbench.errors import GatewayRefused, WorkbenchError
from workbench.security import audit
from workbench.security.tokens import Grant

log = logging.getLogger(__name__)

PENDING_MAX = 2000
"""Entries that wait to be written; further ones are dropped, and how many is an entry of its own."""
ALIKE_MAX = 500
"""Addresses and reasons whose refusals are counted together; further refusals are dropped and counted."""
WRITE_EVERY = 1.0
"""Seconds; within them, refusals of one address for one reason become one entry with their number."""
REPORT_EVERY = 60.0
"""Seconds between two log lines about entries that were dropped, or could not be written."""


class Trail(Protocol):
    """Where entries are kept."""

    def audit(self, entries: Sequence[AuditEntry]) -> None:
        """Keep ``entries``; blocks, and raises WorkbenchError if it can't."""


class Auditing:
    """Takes entries on the event loop without waiting, and writes them in a thread."""

    def __init__(self, trail: Trail, now: Callable[[], float] = unix_now) -> None:
        self._trail = trail
        self._now = now
        self._pending: deque[AuditEntry] = deque()
        self._alike: dict[tuple[str, str], tuple[float, GatewayRefused, Grant | None, int]] = {}
        self._dropped = self._untold = 0
        self._failure = ""
        self._report_at = now() + REPORT_EVERY

    def put(self, entry: AuditEntry) -> None:
        """Keep one entry; never blocks."""
        if len(self._pending) >= PENDING_MAX:
            self._dropped += 1
        else:
            self._pending.append(entry)

    def refused(self, refusal: GatewayRefused, *, address: str, grant: Grant | None = None) -> None:
        """Keep one refusal, counted together with others like it."""
        key = (address, refusal.kind)
        alike = self._alike.get(key)
        if alike is not None:
            at, first, whose, times = alike
            self._alike[key] = (at, first, whose, times + 1)
        elif len(self._alike) >= ALIKE_MAX:
            self._dropped += 1
        else:
            self._alike[key] = (self._now(), refusal.with_traceback(None), grant, 1)

    async def run(self) -> None:
        """Write until cancelled, then what is left; what could not be written is tried again."""
        try:
            while True:
                await anyio.sleep(WRITE_EVERY)
                await self.write()
        finally:
            await close_within(2, self.write)

    async def write(self) -> None:
        """Write what has come so far; cancelling it loses nothing."""
        for (address, _), (at, refusal, grant, times) in self._alike.items():
            self.put(audit.refused(at, refusal, address=address, grant=grant, times=times))
        self._alike.clear()
        entries = list(self._pending)
        if entries:
            dropped = self._dropped
            told = [audit.lost(self._now(), dropped)] if dropped else []
            try:
                await anyio.to_thread.run_sync(self._trail.audit, entries + told)
            except WorkbenchError as error:
                self._failure = type(error).__name__
            else:
                for _ in entries:
                    self._pending.popleft()
                self._dropped -= dropped
                self._untold += dropped
        self._report()

    def _report(self) -> None:
        if self._now() < self._report_at or not (self._dropped or self._untold or self._failure):
            return
        if self._failure:
            log.error("the audit trail can't be written (%s), %d wait", self._failure, len(self._pending))
        if self._dropped or self._untold:
            log.error("%d entries of the audit trail were dropped", self._dropped + self._untold)
        self._untold, self._failure = 0, ""
        self._report_at = self._now() + REPORT_EVERY
