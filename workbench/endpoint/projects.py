"""What projects allow, as they are now: read from the store once a second, and how much of it is used up."""

import logging
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Protocol

import anyio

from workbench.aio import close_within
from workbench.core.clock import unix_now
from workbench.core.projects import Project, unfit
from workbench.endpoint.lifecycle import Phase
from workbench.errors import GatewayRefused, WorkbenchError
from workbench.protocol.native import CloseCode
from workbench.security.claims import Grant
from workbench.store.projects import USE_KEPT

log = logging.getLogger(__name__)

SPENT = "the project has used up its minutes of today"
UNKNOWN = "the session's project is not known here any more"
DISABLED = "the session's project is disabled"
LOOK_EVERY = 1.0
"""Seconds between looks at the store and at who is live."""
SAVE_EVERY = 10.0
"""Seconds of use that are lost if the process is killed."""
WARN_EVERY = 60.0
"""Seconds between two log lines about a store that can't be read."""


class Book(Protocol):
    """The store's part in this; its methods block and raise WorkbenchError."""

    def all(self) -> tuple[Project, ...]:
        """Return the projects."""

    def use(self, day: str) -> dict[str, float]:
        """Return the seconds used on a day by project."""

    def add_use(self, day: str, seconds: Mapping[str, float], *, oldest: str) -> None:
        """Add to a day's seconds."""


class Live(Protocol):
    """What is looked at of a session."""

    @property
    def phase(self) -> Phase: ...  # noqa: D102
    @property
    def grant(self) -> Grant: ...  # noqa: D102


class ProjectBook:
    """Answers from memory what a project allows.

    Parameters
    ----------
    book : the store
    registered : whether a token of a project that is not in the store is refused
    now : Unix seconds
    """

    def __init__(
        self, book: Book | None, *, registered: bool = False, now: Callable[[], float] = unix_now
    ) -> None:
        self._book = book
        self._registered = registered
        self._now = now
        self._projects: dict[str, Project] = {}
        self._known = book is None
        self._day = day_of(now())
        self._stored: dict[str, float] = {}
        self._unsaved: dict[str, float] = {}
        self._looked = self._saved = now()
        self._warned = -WARN_EVERY

    @property
    def known(self) -> bool:
        """Return whether what the store holds of projects was read at least once."""
        return self._known

    def of(self, name: str) -> Project:
        """Return a project; one that is not registered has no limits of its own."""
        return self._projects.get(name) or Project(name=name)

    def all(self) -> tuple[Project, ...]:
        """Return the registered projects by name."""
        return tuple(self._projects[name] for name in sorted(self._projects))

    def admit(self, grant: Grant, origin: str | None) -> None:
        """Raise GatewayRefused (403) unless the project lets in the client, and pages of ``origin``."""
        if self._registered and grant.project not in self._projects:
            raise GatewayRefused(403, "the session token's project is not known here", "unknown-project")
        if self.of(grant.project).disabled:
            raise GatewayRefused(403, "the session token's project is disabled", "project-disabled")
        what = unfit(self.of(grant.project), grant.client, origin)
        if what:
            raise GatewayRefused(403, f"the project does not allow this {what}", f"wrong-{what}")

    def full(self, grant: Grant, sessions: Iterable[Live]) -> tuple[CloseCode, str] | None:
        """Return why the project has no room for one more session now, None if it has."""
        project = self.of(grant.project)
        if project.sessions_max is not None:
            count = sum(session.grant.project == project.name for session in sessions)
            if count >= project.sessions_max:
                problem = f"the project has {count} sessions, the most it may have at once"
                return CloseCode.TOO_MANY_SESSIONS, problem
        return (CloseCode.QUOTA_SPENT, SPENT) if self.is_spent(project.name) else None

    def closed(self, name: str) -> str | None:
        """Return why no session of a project may go on, None if they may."""
        if self._registered and name not in self._projects:
            return UNKNOWN
        return DISABLED if self.of(name).disabled else None

    def is_spent(self, name: str) -> bool:
        """Return whether a project has used up its minutes of today."""
        most = self.of(name).minutes_a_day
        return most is not None and self.used(name) >= 60 * most

    def used(self, name: str) -> float:
        """Return the seconds of live sessions a project has had today, as far as this process knows."""
        if day_of(self._now()) != self._day:
            return 0.0
        return self._stored.get(name, 0.0) + self._unsaved.get(name, 0.0)

    def count(self, sessions: Iterable[Live]) -> None:
        """Add the time since the last look to the projects of sessions that are live."""
        now = self._now()
        passed, self._looked = max(0.0, min(now - self._looked, 10 * LOOK_EVERY)), now
        for session in sessions:
            if session.phase in (Phase.LIVE, Phase.RESUMED):
                name = session.grant.project
                self._unsaved[name] = self._unsaved.get(name, 0.0) + passed

    async def look(self) -> None:
        """Read what has changed in the store, and save what was used if that is due."""
        now = self._now()
        if now - self._saved >= SAVE_EVERY or day_of(now) != self._day:
            await self.save()
        if self._book is None:
            return
        try:
            found, stored = await anyio.to_thread.run_sync(self._read, self._book)
        except WorkbenchError as error:
            if now - self._warned >= WARN_EVERY:
                self._warned = now
                log.error("projects can't be read (%s): those known so far count", type(error).__name__)
            return
        self._projects, self._known = {project.name: project for project in found}, True
        self._stored = stored

    async def save(self) -> None:
        """Write down what was used; what can't be written is tried again."""
        self._saved = self._now()
        day, spent_now, self._day = self._day, self._unsaved, day_of(self._saved)
        self._unsaved = {}
        if self._book is None or not spent_now:
            return
        oldest = day_of(self._saved - timedelta(days=USE_KEPT).total_seconds())
        book = self._book
        try:
            await anyio.to_thread.run_sync(lambda: book.add_use(day, spent_now, oldest=oldest))
        except WorkbenchError as error:
            log.error("the use of projects can't be written (%s)", type(error).__name__)
            if day == self._day:
                for name, seconds in spent_now.items():
                    self._unsaved[name] = self._unsaved.get(name, 0.0) + seconds
        else:
            if day == self._day:
                for name, seconds in spent_now.items():
                    self._stored[name] = self._stored.get(name, 0.0) + seconds

    async def run(self, sessions: Callable[[], Iterable[Live]], ended: Callable[[], object]) -> None:
        """Count and look until cancelled; ``ended`` is called after each look and ends what may not go on."""
        try:
            while True:
                self.count(sessions())
                await self.look()
                ended()
                await anyio.sleep(LOOK_EVERY)
        finally:
            await close_within(2, self.save)

    def _read(self, book: Book) -> tuple[tuple[Project, ...], dict[str, float]]:
        return book.all(), book.use(day_of(self._now()))


def day_of(seconds: float) -> str:
    """Return the day (UTC) that a quota counts by."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d")
