"""The endpoint's sweeper: what was kept long enough is deleted, some a minute, off the event loop."""

import logging
from collections.abc import Callable, Collection
from functools import partial

import anyio

from workbench.core.clock import unix_now
from workbench.endpoint.retaining import Retention, sweep
from workbench.endpoint.settings import EndpointSettings
from workbench.endpoint.storing import Storing
from workbench.errors import WorkbenchError
from workbench.store.retention import DAY

log = logging.getLogger(__name__)

EVERY = 60.0
"""Seconds between two rounds; each deletes at most ``endpoint.retaining.AT_ONCE`` sessions."""


def retention_of(settings: EndpointSettings, days_of: Callable[[str], float | None]) -> Retention:
    """Return how long what is kept: as long as its project says (``days_of``), or else the settings."""
    recordings = settings.recordings_days
    return Retention(
        period=lambda project: (days_of(project) or settings.retention_days) * DAY,
        recordings=settings.record,
        recordings_period=None if recordings is None else recordings * DAY,
    )


class Sweeping:
    """Sweeps one store.

    Parameters
    ----------
    storing : asks the store, in a thread
    retention : how long what is kept
    live : returns the names of the sessions in this process
    now : Unix seconds
    """

    def __init__(
        self,
        storing: Storing,
        retention: Retention,
        *,
        live: Callable[[], Collection[str]],
        now: Callable[[], float] = unix_now,
    ) -> None:
        self._storing = storing
        self._retention = retention
        self._live = live
        self._now = now

    async def run(self) -> None:
        """Sweep until cancelled."""
        while True:
            await anyio.sleep(EVERY)
            await self.once()

    async def once(self) -> None:
        """Sweep one round; what fails is tried in the next."""
        doing = partial(
            sweep,
            retention=self._retention,
            by="the endpoint",
            now=self._now(),
            spare=frozenset(self._live()),
        )
        try:
            swept = await self._storing.work(doing)
        except (WorkbenchError, OSError) as error:
            log.error("what was kept long enough can't be deleted: %s", type(error).__name__)
            return
        if swept.sessions or swept.recordings:
            log.info("%d sessions, %d recordings deleted", len(swept.sessions), len(swept.recordings))
