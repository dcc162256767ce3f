"""Writing to the store from the event loop: what was put is committed in groups, and then told.

``put`` never waits. While one transaction is being committed in a thread, what is put meanwhile collects for
the next; so all that is put between two awaits shares a transaction, and a lone write waits for one commit.

A transaction that fails is tried again with growing pauses for ``retry`` seconds. After that, or when
``pending_max`` writes wait, the store counts as failed: ``failed`` says why, those who asked are told, and
nothing waiting will be reported as stored. What waits then is still written once the store answers again;
what is put before that is dropped. Then ``failed`` is None again, and a session that lost a write is refused,
because its next event does not follow.
"""

import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias, TypeVar

import anyio
from anyio import CapacityLimiter, to_thread

from workbench.core.clock import Clock, MonotonicClock
from workbench.core.log_names import log_name
from workbench.errors import StoreFailed, WorkbenchError
from workbench.store.rows import Write
from workbench.store.store import Store

log = logging.getLogger(__name__)

Told: TypeAlias = Callable[[], None]
T = TypeVar("T")

PAUSE_FIRST = 0.02
"""Seconds before a failed transaction is tried again; each further pause is twice as long."""
PAUSE_MAX = 1.0
"""Longest pause, in seconds."""
READERS = 4
"""Questions asked of the store at once."""
WORKERS = 2
"""Pieces of work that take seconds, masking or sweeping, done at once: they keep no question waiting."""


@dataclass(frozen=True, slots=True)
class _Entry:
    write: Write | None
    told: Told | None
    session: str | None


class Storing:
    """Group commit; use it from the event loop's thread only.

    Parameters
    ----------
    store : where to write
    pending_max : writes that may wait for their commit
    retry : seconds for which a failing transaction is tried again
    clock : tells those seconds
    pause : waits between two tries
    """

    def __init__(
        self,
        store: Store,
        *,
        pending_max: int = 20_000,
        retry: float = 5.0,
        clock: Clock | None = None,
        pause: Callable[[float], Awaitable[None]] = anyio.sleep,
    ) -> None:
        self._store = store
        self._pending_max = pending_max
        self._retry = retry
        self._clock = clock or MonotonicClock()
        self._pause = pause
        self._pending: list[_Entry] = []
        self._writing = 0
        self._wake: anyio.Event | None = None
        self._settled = anyio.Event()
        self._on_failure: list[Callable[[StoreFailed], None]] = []
        self._on_refusal: list[Callable[[str, WorkbenchError], None]] = []
        self._readers: CapacityLimiter | None = None
        self._workers: CapacityLimiter | None = None
        self.failed: StoreFailed | None = None
        """Why nothing is written at present; None while all is well."""

    def put(self, write: Write, stored: Told | None = None) -> None:
        """Have ``write`` committed after all put before; then call ``stored``, in order."""
        self._add(_Entry(write, stored, write.session))

    def after(self, stored: Told, session: str | None = None) -> None:
        """Call ``stored`` once all put before is committed: at once if nothing waits.

        With a ``session``, it is not called if one of that session's writes waiting with it is refused.
        """
        if not self._pending and not self._writing and self.failed is None:
            _tell(stored)
        else:
            self._add(_Entry(None, stored, session))

    def on_failure(self, told: Callable[[StoreFailed], None]) -> None:
        """Call ``told`` when the store has failed: nothing that waits will be reported as stored."""
        self._on_failure.append(told)

    def on_refusal(self, told: Callable[[str, WorkbenchError], None]) -> None:
        """Call ``told`` with a session of which the store refused a write, each time it does.

        The other sessions' writes are not touched by it.
        """
        self._on_refusal.append(told)

    async def settled(self) -> None:
        """Wait until all put so far is committed, or refused; cancelling it loses nothing.

        Raises
        ------
        StoreFailed
            If the store has failed.
        """
        while self._pending or self._writing:
            if self.failed is not None:
                break
            await self._settled.wait()
        if self.failed is not None:
            raise self.failed

    async def ask(self, question: Callable[[Store], T]) -> T:
        """Return ``question(store)``, asked in a thread; raises what it raises.

        A question that has begun is asked to its end, also when the caller is cancelled.
        """
        if self._readers is None:
            self._readers = CapacityLimiter(READERS)
        return await to_thread.run_sync(question, self._store, limiter=self._readers)

    async def work(self, doing: Callable[[Store], T]) -> T:
        """Return ``doing(store)``, as :meth:`ask` does, for what takes seconds and nobody waits for."""
        if self._workers is None:
            self._workers = CapacityLimiter(WORKERS)
        return await to_thread.run_sync(doing, self._store, limiter=self._workers)

    async def run(self) -> None:
        """Commit what is put, until cancelled.

        Cancelled during a commit it waits for that one's end, and reports it. What waits after it is lost,
        without ever having been reported: await :meth:`settled` before.
        """
        alone = CapacityLimiter(1)
        while True:
            if not self._pending:
                self._wake = anyio.Event()
                await self._wake.wait()
                self._wake = None
            batch, self._pending = self._pending, []
            self._writing = len(batch)
            refused = await self._write(batch, alone)
            self._writing = 0
            if self.failed is None:
                self._report(batch, refused)
            elif not self._pending:
                log.warning("store %s: takes writes again", self._store.place)
                self.failed = None
            if not self._pending:
                self._signal()

    def _add(self, entry: _Entry) -> None:
        if self.failed is not None:
            return
        if len(self._pending) + self._writing >= self._pending_max:
            self._fail(StoreFailed(self._store.place, f"{self._pending_max} writes wait for their commit"))
            return
        self._pending.append(entry)
        if self._wake is not None:
            self._wake.set()

    async def _write(self, batch: Sequence[_Entry], alone: CapacityLimiter) -> frozenset[str]:
        """Commit ``batch``, session by session if it is refused as a whole; return who was refused."""
        try:
            await self._commit([entry.write for entry in batch if entry.write is not None], alone)
        except WorkbenchError:  # also a key that can't be read
            pass
        else:
            return frozenset()
        by_session: dict[str, list[Write]] = {}
        for entry in batch:
            if entry.write is not None:
                by_session.setdefault(entry.write.session, []).append(entry.write)
        refused = set()
        for session, writes in by_session.items():
            try:
                await self._commit(writes, alone)
            except WorkbenchError as error:
                refused.add(session)
                named = log_name(session)
                log.error("session %s can't be stored: %s", named, str(error).replace(session, named))
                for told in self._on_refusal:
                    _tell(partial(told, session, error))
        return frozenset(refused)

    async def _commit(self, writes: list[Write], alone: CapacityLimiter) -> None:
        """Write in one transaction, again and again while the store fails; raises StoreError if refused."""
        if not writes:
            return
        began, pause = self._clock.now(), PAUSE_FIRST
        while True:
            try:
                await to_thread.run_sync(self._store.write, writes, limiter=alone)
            except StoreFailed as failure:
                if self.failed is None and self._clock.now() - began + pause > self._retry:
                    self._fail(failure)
            else:
                return
            await self._pause(pause)
            pause = min(2 * pause, PAUSE_MAX)

    def _fail(self, failure: StoreFailed) -> None:
        log.error("%s; sessions can't be stored", failure)
        self.failed = failure
        self._pending = [entry for entry in self._pending if entry.write is not None]
        for told in self._on_failure:
            _tell(partial(told, failure))
        self._signal()

    def _report(self, batch: Sequence[_Entry], refused: frozenset[str]) -> None:
        for entry in batch:
            if entry.told is not None and entry.session not in refused:
                _tell(entry.told)

    def _signal(self) -> None:
        self._settled.set()
        self._settled = anyio.Event()


def _tell(told: Told) -> None:
    """Call back; whoever raises is noted, the others are still told."""
    try:
        told()
    except Exception as error:
        log.error("a callback of the store failed with %s", type(error).__name__)
