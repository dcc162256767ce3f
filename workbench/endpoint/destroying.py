"""Destroying what was stored of sessions whose consent was withdrawn: tried until it is done, then told.

That it is to be done is written down in the store first. If the process dies meanwhile, another finishes it.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import anyio

from workbench.aio import close_within
from workbench.core.clock import unix_now
from workbench.endpoint.finishing import deletion
from workbench.endpoint.leasing import lease_of
from workbench.endpoint.storing import Storing
from workbench.errors import StoreError
from workbench.store.recording import remove_recording
from workbench.store.rows import Lease, Withdrawal

log = logging.getLogger(__name__)

PAUSE_FIRST = 0.5
"""Seconds before what failed is tried again; each further pause is twice as long."""
PAUSE_MAX = 30.0
LOOK_EVERY = 0.2
"""Seconds between looks whether the store, which is to commit what was put before, has failed meanwhile."""
LAST = 3.0
"""Seconds at the end of the process for what is not destroyed yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Doomed:
    """What is to be destroyed of a session."""

    withdrawal: Withdrawal
    stored: bool
    """Whether there is something in the store."""
    folder: Path | None
    """Where a recording of it may be."""
    settled: Callable[[], None]
    """Called once nothing that was put before is on its way to the store, or it has failed."""
    done: Callable[[], None]
    """Called once nothing is left."""


class Destroying:
    """Destroys one session's data after the other; use it from the event loop's thread only.

    Parameters
    ----------
    storing : what writes to the store; None where there is none, and so nothing stored
    process : the name of this process
    """

    def __init__(self, storing: Storing | None, process: str) -> None:
        self._storing = storing
        self._process = process
        self._waiting: list[Doomed] = []
        self._news = anyio.Event()

    def put(self, doomed: Doomed) -> None:
        """Have it destroyed; the live sessions bound how many wait."""
        self._waiting.append(doomed)
        self._news.set()

    async def run(self) -> None:
        """Destroy until cancelled, then once more what is left."""
        try:
            pause = PAUSE_FIRST
            while True:
                if not self._waiting:
                    self._news = anyio.Event()
                    await self._news.wait()
                if await self._once():
                    pause = PAUSE_FIRST
                else:
                    await anyio.sleep(pause)
                    pause = min(2 * pause, PAUSE_MAX)
        finally:
            if self._waiting:
                await close_within(LAST, self._once)
            if self._waiting:
                log.error("%d sessions of withdrawn consent are still stored", len(self._waiting))

    async def _once(self) -> bool:
        """Try all that wait; return whether none is left. What was being destroyed stays if cancelled."""
        for doomed in tuple(self._waiting):
            try:
                await self._destroy(doomed)
            except (StoreError, OSError) as error:
                log.error("what was stored of a session can't be destroyed yet: %s", type(error).__name__)
            else:
                self._waiting.remove(doomed)
                doomed.done()
        return not self._waiting

    async def _destroy(self, doomed: Doomed) -> None:
        folder, storing = doomed.folder, self._storing
        if storing is None:
            if folder is not None:
                await anyio.to_thread.run_sync(remove_recording, folder)
            return
        recorded = folder is not None and await anyio.to_thread.run_sync(folder.exists)
        if not (doomed.stored or recorded):
            return
        gone = []
        try:
            await storing.ask(lambda store: store.withdrawals.put(doomed.withdrawal, self._lease()))
            if doomed.stored:
                await self._committed(storing)
        finally:
            doomed.settled()
        if doomed.stored:
            await storing.ask(lambda store: store.delete(doomed.withdrawal.session))
            gone.append("the stored session")
        if folder is not None and await anyio.to_thread.run_sync(remove_recording, folder):
            gone.append("its recording")
        await storing.ask(lambda store: store.withdrawn(deletion(doomed.withdrawal, gone)))

    def _lease(self) -> Lease:
        return lease_of(self._process, unix_now())

    async def _committed(self, storing: Storing) -> None:
        """Wait until what was put so far is written, so that nothing comes after the deletion."""
        if storing.failed is not None:
            raise storing.failed
        told = anyio.Event()
        storing.after(told.set)
        while not told.is_set():
            if storing.failed is not None:
                raise storing.failed
            with anyio.move_on_after(LOOK_EVERY):
                await told.wait()
