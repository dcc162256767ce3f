"""Which sessions there are: opened, resumed, restored, ended together, and handed over at a restart."""

import logging
from collections.abc import Callable
from weakref import WeakValueDictionary

import anyio
from anyio.abc import TaskGroup

from workbench.core.clock import unix_now
from workbench.endpoint.beginning import Beginning, begin, begin_instead, restore
from workbench.endpoint.failing import log_failure
from workbench.endpoint.host import Host
from workbench.endpoint.lifecycle import Phase
from workbench.endpoint.opening import SessionOver, first_message, permit, refuse
from workbench.endpoint.outbox import Socket
from workbench.endpoint.session import LiveSession
from workbench.errors import ConnectionLost, GatewayRefused
from workbench.protocol.native import CloseCode, Observe, Open, Resume, Seen
from workbench.security import audit
from workbench.security.tokens import Grant, Scope

log = logging.getLogger(__name__)

DRAIN = 4.0
"""Seconds that sessions get, all together, to be held or closed at a shutdown."""

CONVERSING = (Scope.TRANSCRIBE, Scope.SPEAK)
"""Any of these opens a session; ``converse`` includes both."""


class Orchestrator:
    """Runs the sessions of one process.

    Parameters
    ----------
    host : what the sessions share
    """

    def __init__(self, host: Host) -> None:
        self._host = host
        self._group: TaskGroup | None = None
        self._sessions: dict[str, LiveSession] = {}
        self._resuming: WeakValueDictionary[str, anyio.Lock] = WeakValueDictionary()
        self._draining = False

    @property
    def sessions(self) -> tuple[LiveSession, ...]:
        """Return the sessions in memory, connected or held."""
        return tuple(self._sessions.values())

    @property
    def full(self) -> bool:
        """Return whether no further session would be opened now."""
        return self._draining or len(self._sessions) >= self._host.settings.max_sessions

    async def run(self, *, task_status: anyio.abc.TaskStatus[None] = anyio.TASK_STATUS_IGNORED) -> None:
        """Host the sessions until cancelled."""
        async with anyio.create_task_group() as group:
            self._group = group
            task_status.started()
            await anyio.sleep_forever()

    async def serve(self, socket: Socket, grant: Grant) -> None:
        """Lead one connection from its first message to its end; it is closed with a code, come what may."""
        try:
            first = await first_message(socket, self._host.settings.open_timeout)
            match first:
                case Open():
                    session = await self._open(first, grant)
                    await session.carry(socket, Seen(), grant)
                case Resume():
                    session = await self._resume(first, grant)
                    await session.carry(socket, first.seen, grant)
                case Observe():
                    permit(grant, first.session, wanted=(Scope.OBSERVE,))
                    self._check_revoked(grant, first.session)
                    await self._use(grant, first.session)
                    session = self._find(first.session)
                    self._host.note(audit.observed(unix_now(), grant, session=session.name))
                    await session.observe(socket, first.since, grant)
        except SessionOver as over:
            await refuse(socket, over)
        except ConnectionLost:
            log.info("a client left before its session was opened")
        except Exception as error:
            log_failure("a connection", error)
            await socket.close(CloseCode.INTERNAL, "the endpoint failed")

    def end_where(
        self,
        predicate: Callable[[LiveSession], bool],
        *,
        code: CloseCode,
        reason: str,
        message: str,
    ) -> int:
        """End all sessions for which ``predicate`` holds; return how many."""
        chosen = [session for session in self.sessions if predicate(session)]
        for session in chosen:
            session.end(SessionOver(code, reason, message))
        return len(chosen)

    async def drain(self) -> None:
        """Open no more, tell all clients that the endpoint restarts, and hold what outlives the process."""
        self._draining = True
        self.end_where(
            lambda session: True,
            code=CloseCode.RESTARTING,
            reason="shutdown",
            message="the endpoint restarts; resume the session",
        )
        with anyio.move_on_after(DRAIN):
            while self._sessions:  # noqa: ASYNC110  at the end of the process, bounded
                await anyio.sleep(0.01)

    async def _open(self, wish: Open, grant: Grant) -> LiveSession:
        self._make_room(grant)
        permit(grant, grant.session or "", wanted=CONVERSING)
        return await self._start(await begin(wish, self._host, grant))

    async def _resume(self, resume: Resume, grant: Grant) -> LiveSession:
        permit(grant, resume.session, wanted=CONVERSING)
        lock = self._resuming.setdefault(resume.session, anyio.Lock())
        async with lock:  # two clients of one session don't restore it twice
            self._check_revoked(grant, resume.session)
            session = self._sessions.get(resume.session)
            if session is not None and session.phase is not Phase.ENDED:
                session.may_resume(resume, grant)
                await self._use(grant, session.name)
                return session
            self._make_room(grant)
            beginning = await restore(resume, self._host, grant)
            if beginning is None:
                beginning = await begin_instead(resume, self._host, grant)
            return await self._start(beginning)

    async def _start(self, beginning: Beginning) -> LiveSession:
        await self._use(beginning.grant, beginning.name)
        # from here to its place among the sessions nothing is awaited: no other can come between
        self._make_room(beginning.grant)
        self._check_revoked(beginning.grant, beginning.name)
        if beginning.name in self._sessions:
            raise SessionOver(
                CloseCode.FORBIDDEN, "error", "the session the token is bound to is open already"
            )
        session = LiveSession(beginning, self._host)
        if self._group is None:
            raise RuntimeError("the orchestrator was used outside its run()")
        self._sessions[session.name] = session
        self._host.live = len(self._sessions)
        await self._group.start(self._lead, session)
        return session

    async def _use(self, grant: Grant, name: str) -> None:
        """Note that the token is used for the session; raise SessionOver if it was for another."""
        try:
            await self._host.use(grant, name)
        except GatewayRefused as refusal:
            raise SessionOver(CloseCode.FORBIDDEN, "error", refusal.reason) from None

    async def _lead(
        self, session: LiveSession, *, task_status: anyio.abc.TaskStatus[None] = anyio.TASK_STATUS_IGNORED
    ) -> None:
        try:
            await session.run(task_status=task_status)
        finally:
            del self._sessions[session.name]
            self._host.live = len(self._sessions)

    def _find(self, name: str) -> LiveSession:
        try:
            return self._sessions[name]
        except KeyError:
            raise SessionOver(CloseCode.GONE, "error", "no such session is open") from None

    def _check_revoked(self, grant: Grant, name: str) -> None:
        if self._host.revoked(grant, name):
            raise SessionOver(CloseCode.FORBIDDEN, "error", "the session or its token was revoked")

    def _make_room(self, grant: Grant) -> None:
        if self._draining:
            raise SessionOver(CloseCode.RESTARTING, "shutdown", "the endpoint restarts; try again")
        if self.full:
            count = len(self._sessions)
            problem = f"{count} sessions are open, the most allowed"
            raise SessionOver(CloseCode.TOO_MANY_SESSIONS, "error", problem)
        full = self._host.projects.full(grant, self.sessions)
        if full is not None:
            code, problem = full
            refusal = GatewayRefused(int(code), problem, "quota")
            self._host.note(audit.refused(unix_now(), refusal, address=None, grant=grant))
            raise SessionOver(code, "error", problem)
