"""The endpoint's sweeper: what was kept long enough is deleted, some a minute, off the event loop."""

import logging
from collections.abc import Callable, Collection
from functools import partial

import anyio

from workbench.core.clock import unix_now
from workbench.core.projects import Project
from workbench.endpoint.finishing import masking_of
from workbench.endpoint.leasing import LASTS
from workbench.endpoint.retaining import Retention, sweep
from workbench.endpoint.settings import EndpointSettings
from workbench.endpoint.speakers import Speakers
from workbench.endpoint.storing import Storing
from workbench.errors import WorkbenchError
from workbench.store.retention import DAY

log = logging.getLogger(__name__)

EVERY = 60.0
"""Seconds between two rounds; each deletes at most ``endpoint.retaining.AT_ONCE`` sessions."""


FAILED_MAX = 1000
"""Sessions remembered that can't be put away, or not destroyed; beyond it they are tried again."""


def retention_of(settings: EndpointSettings, project_of: Callable[[str], Project | None]) -> Retention:
    """Return how long what is kept, and how: as its project says, or else the settings.

    Parameters
    ----------
    settings : the endpoint's
    project_of : returns a project by name, None if it is not registered
    """
    recordings = settings.recordings_days

    def period(name: str) -> float:
        project = project_of(name)
        own = None if project is None else project.retention_days
        return (settings.retention_days if own is None else own) * DAY

    return Retention(
        period=period,
        recordings=settings.record,
        recordings_period=None if recordings is None else recordings * DAY,
        resumable=settings.resumable,
        masking=lambda name: masking_of(settings, project_of(name)),
    )


class Sweeping:
    """Sweeps one store.

    Parameters
    ----------
    storing : asks the store, in a thread
    retention : how long what is kept
    live : returns the names of the sessions in this process
    speakers : callers remembered; those whose sessions are deleted, by whomever, are forgotten
    known : says whether it is known by now what projects say; till then nothing is swept
    now : Unix seconds
    """

    def __init__(
        self,
        storing: Storing,
        retention: Retention,
        *,
        live: Callable[[], Collection[str]],
        speakers: Speakers | None = None,
        known: Callable[[], bool] = lambda: True,
        now: Callable[[], float] = unix_now,
    ) -> None:
        self._storing = storing
        self._retention = retention
        self._live = live
        self._speakers = Speakers() if speakers is None else speakers
        self._known = known
        self._now = now
        self._failed: frozenset[str] = frozenset()
        self._undone: frozenset[str] = frozenset()

    async def run(self) -> None:
        """Sweep until cancelled: at once what a process before may have left, then round after round."""
        await self.once()
        await anyio.sleep(LASTS)  # by then nobody has what a process had that died just before
        while True:
            await self.once()
            await anyio.sleep(EVERY)

    async def once(self) -> None:
        """Sweep one round; what fails is tried in the next."""
        await self._sweep()
        await self._forget()

    async def _forget(self) -> None:
        """Forget how callers speak whose last session is no longer stored."""
        names = self._speakers.sessions.difference(self._live())
        try:
            stored = await self._storing.ask(lambda store: store.stored_among(names))
        except WorkbenchError as error:
            log.error("whose sessions were deleted can't be found out: %s", type(error).__name__)
            return
        self._speakers.forget_sessions(names - stored)

    async def _sweep(self) -> None:
        if not self._known():
            log.error("nothing is swept: what projects say of how long what is kept can't be read yet")
            return
        doing = partial(
            sweep,
            retention=self._retention,
            by="the endpoint",
            now=self._now(),
            spare=frozenset(self._live()),
            skip=self._failed,
            undone=self._undone,
        )
        try:
            swept = await self._storing.work(doing)
        except (WorkbenchError, OSError) as error:
            log.error("what was kept long enough can't be deleted: %s", type(error).__name__)
            return
        self._failed = swept.failed.union(self._failed if len(self._failed) < FAILED_MAX else ())
        # what can't be carried out stands back until all others had their turn; then it is tried again
        wait = swept.withdrawals_full and len(self._undone) < FAILED_MAX
        self._undone = swept.undone | self._undone if wait else frozenset()
        if swept.sessions or swept.recordings or swept.withdrawn:
            log.info(
                "%d sessions, %d recordings deleted, %d withdrawals finished",
                *map(len, (swept.sessions, swept.recordings, swept.withdrawn)),
            )
        if len(swept.abandoned) > len(swept.failed):
            log.info("%d sessions that nobody has are put away", len(swept.abandoned) - len(swept.failed))
