"""Saying in the store, again and again, which sessions and withdrawals this process has."""

import logging
from collections.abc import Callable, Collection

import anyio

from workbench.core.clock import unix_now
from workbench.endpoint.storing import Storing
from workbench.errors import WorkbenchError
from workbench.store.rows import Lease

log = logging.getLogger(__name__)

RENEW_EVERY = 10.0
"""Seconds between two renewals."""
LASTS = 30.0
"""Seconds for which a lease holds."""
WARN_EVERY = 60.0
"""Seconds between two log lines about leases that can't be renewed."""


def lease_of(process: str, now: float) -> Lease:
    """Return what a process may have from ``now``, Unix seconds, on."""
    return Lease(process, now + LASTS)


class Leasing:
    """Renews the leases of one process.

    Parameters
    ----------
    storing : asks the store, in a thread
    process : its name
    live : returns the names of its sessions that are stored
    now : Unix seconds
    """

    def __init__(
        self,
        storing: Storing,
        process: str,
        *,
        live: Callable[[], Collection[str]],
        now: Callable[[], float] = unix_now,
    ) -> None:
        self._storing = storing
        self._process = process
        self._live = live
        self._now = now
        self._warned = -WARN_EVERY

    async def run(self) -> None:
        """Renew until cancelled."""
        while True:
            await self.once()
            await anyio.sleep(RENEW_EVERY)

    async def once(self) -> None:
        """Renew once; what fails is tried again the next time."""
        lease, names = lease_of(self._process, self._now()), tuple(self._live())
        try:
            if names:
                await self._storing.ask(lambda store: store.leases.renew(names, lease))
            await self._storing.ask(lambda store: store.withdrawals.renew(lease))
        except WorkbenchError as error:
            if self._now() - self._warned >= WARN_EVERY:
                self._warned = self._now()
                log.error("the leases of sessions can't be renewed: %s", type(error).__name__)
