"""One session, from its opening to its end, whichever connections carry it."""

import logging
from functools import partial

import anyio
from anyio.abc import TaskStatus

from workbench.aio import close_within, task_group
from workbench.core.clock import unix_now
from workbench.core.events import (
    Body,
    ErrorRaised,
    Event,
    SessionClosed,
    SessionHeld,
    SessionReset,
    SessionResumed,
    Source,
)
from workbench.core.log_names import log_name
from workbench.endpoint.afterwards import put_away
from workbench.endpoint.beginning import Beginning, check_handle, check_rights, digest
from workbench.endpoint.failing import log_failure
from workbench.endpoint.host import Host
from workbench.endpoint.intake import intake_for
from workbench.endpoint.keeping import Keeping
from workbench.endpoint.lifecycle import Happening, Phase, next_phase
from workbench.endpoint.line import Line
from workbench.endpoint.observing import Observing
from workbench.endpoint.opening import SessionOver, bad, check_open, code_name
from workbench.endpoint.outbox import Socket
from workbench.endpoint.overdue import overdue
from workbench.endpoint.permission import Permission
from workbench.endpoint.sending import Sending
from workbench.endpoint.stages import build
from workbench.endpoint.welcoming import welcome
from workbench.errors import GatewayRefused, ProtocolError
from workbench.protocol.native import (
    Acknowledged,
    Close,
    CloseCode,
    Observe,
    Open,
    Ping,
    Pong,
    Refresh,
    Refreshed,
    Resume,
    Seen,
    Suspend,
    Welcome,
    parse_client,
)
from workbench.security.tokens import Grant

log = logging.getLogger(__name__)

RECORD_TIMEOUT = 60.0
"""Seconds to write a recording; beyond it there is none, and its folder says that it is not whole."""

LEAVE_TIMEOUT = 3.0
"""Seconds for the last messages and the closing of the connection."""

LOOK_EVERY = 0.5
"""Seconds between looks at the limits; also between acknowledgements."""

EXPIRED_GRACE = 2.0
"""Seconds a token may be over its time before the connection is closed."""


class LiveSession:
    """A session of the native protocol.

    Parameters
    ----------
    begin : what its opening settled
    host : what it shares with others
    """

    def __init__(self, begin: Beginning, host: Host) -> None:
        self._host, self._begin, self._settings = host, begin, host.settings
        self.name, self.grant, self.assistant = begin.name, begin.grant, begin.prepared.assistant.name
        self.phase = Phase.HELD if begin.how == "restored" else Phase.CREATED
        self._timeline = begin.timeline()
        self._sending = Sending(begin.seen)
        storing = host.storing if begin.wish.settings.persistent else None
        self._keeping = Keeping(begin, storing, self._sending, self._timeline, host=host)
        stored = self._keeping.stored
        self._stages = build(begin, host, self._timeline, self._sending, changed=self._changed, stored=stored)
        self._permission = Permission(begin, host, self._keeping, self._stages, record=self._record)
        self._intake = intake_for(
            begin,
            self._stages,
            allows=lambda scope: self.grant.allows(scope),
            record=self._record,
            now=self._timeline.now,
            consent=self._permission.said,
        )
        self._observing = Observing(
            self._sending,
            limit=host.settings.outbox_max,
            revoked=lambda grant: host.revoked(grant, begin.name),
            now=self._timeline.now,
        )
        own = host.projects.of(self.grant.project).session_max
        self._longest = min(self._settings.session_max, self._settings.session_max if own is None else own)
        self._bad_messages = 0
        self._line: Line | None = None
        self._began = False
        self._carried = False
        self._suspended = False
        self._held_since = self._timeline.now()
        self._last_received = (0, 0)
        self._over: SessionOver | None = None
        self._ended = anyio.Event()

    async def run(self, *, task_status: TaskStatus[None] = anyio.TASK_STATUS_IGNORED) -> None:
        """Lead the session to its end; ``started`` once a connection may carry it."""
        over = SessionOver(CloseCode.INTERNAL, "error", "the endpoint failed")
        try:
            self._permission.begin()
            self._timeline.subscribe(self._permission.heard)  # before what keeps the events
            self._keeping.begin()
            if self._begin.how == "reset":
                self._record(SessionReset(session=self.name, previous=self._begin.previous))
            if self._begin.how != "restored":
                for body in self._stages.opening:
                    self._record(body)
            log.info("session %s %s", log_name(self.name), self._begin.how)
            await self._converse(task_status)
        except SessionOver as end:
            over = end
        except anyio.get_cancelled_exc_class():
            over = SessionOver(CloseCode.RESTARTING, "shutdown", "the endpoint is shutting down")
            raise
        except Exception as error:
            log_failure(f"session {log_name(self.name)}", error)
        finally:
            self._over = over
            if not self._began:  # whoever waits to carry it learns why it can't be
                task_status.started()
            await close_within(LEAVE_TIMEOUT, lambda: self._leave(over))
            await close_within(RECORD_TIMEOUT, self._keep)

    @property
    def persistent(self) -> bool:
        """Return whether the session is stored as it goes."""
        return self._keeping.persistent

    @property
    def over(self) -> bool:
        """Return whether it has ended, or is about to: no connection can carry it any more."""
        return self._over is not None

    def end(self, over: SessionOver) -> None:
        """Let the session end; the first reason counts."""
        if self._over is None:
            self._over = over
            self._ended.set()

    async def carry(self, socket: Socket, seen: Seen, grant: Grant) -> None:
        """Carry the session over ``socket`` until it is lost, closed or replaced.

        Raises SessionOver if the session has ended, or the client claims to have seen what was never sent.
        """
        check_open(self._over)
        if not self._sending.may_have_seen(seen):
            raise bad("the client has seen more than was sent")
        self._intake.introduce(socket, self._begin.output)
        limit = self._settings.outbox_max + len(self._released(seen.events))
        line = Line(socket, limit=limit, idle=self._settings.message_timeout)
        previous, self._line = self._line, line
        if previous is not None:
            previous.end(CloseCode.REPLACED, "another connection has taken the session over")
            self._lost("connection-lost")
        self._hold(grant)
        self._connect(line, seen)
        reason = "connection-lost"
        try:
            code = await line.run(partial(self._take, line), self._intake.catch_up)
            reasons = {CloseCode.STALLED: "stalled", CloseCode.TOKEN_EXPIRED: "token-expired"}
            reason = reasons.get(code, reason) if code else reason
        finally:
            if self._line is line:
                self._line = None
                self._lost("suspended" if self._suspended else reason)

    def may_resume(self, resume: Resume, grant: Grant) -> None:
        """Raise SessionOver unless the client has the session's handle and a token of its owner."""
        check_handle(resume, digest_kept=digest(self._begin.handle))
        check_rights(grant, than=self.grant, session=self.name, assistant=self.assistant)

    async def observe(self, socket: Socket, since: int, grant: Grant) -> None:
        """Let ``socket`` follow the events from number ``since`` on."""
        if grant.project != self.grant.project:
            raise SessionOver(CloseCode.FORBIDDEN, "error", "the session belongs to another project")
        check_open(self._over)
        welcome = self._welcome("observed", grant)
        await self._observing.follow(socket, grant, welcome=welcome, events=self._released(since))

    # --- while a connection carries it

    def _connect(self, line: Line, seen: Seen) -> None:
        resumed, restored = self.phase is Phase.HELD, not self._carried and self._begin.how == "restored"
        how = "resumed" if self._carried else self._begin.how
        self._carried, self._suspended = True, False
        line.outbox.put(self._welcome(how, self.grant).model_dump_json())
        self._sending.attach(line.outbox, seen, self._released(seen.events))
        self._move(Happening.CONNECTED)
        if resumed:
            self._record(SessionResumed(session=self.name, last_seq=seen.events - 1, restored=restored))

    def _welcome(self, how: str, grant: Grant) -> Welcome:
        received, hold = self._intake.received(settled=False), self._settings.hold
        return welcome(self._begin, grant, received, how=how, hold=hold, kept=self._permission.told)

    def _released(self, since: int) -> list[Event]:
        return [event for event in self._timeline.since(since) if event.seq < self._sending.released]

    def _lost(self, reason: str) -> None:
        self._sending.detach()
        self._held_since = self._timeline.now()
        if self._over is None:
            self._move(Happening.LOST)
            self._record(SessionHeld(reason=reason))

    def _take(self, line: Line, message: str | bytes) -> bool:
        """Take a message; return whether the next may come at once, else the intake catches up first.

        Whatever is wrong with a message is told, or ends the session, not the connection. A connection that
        was replaced has no say any more.
        """
        if self._over is not None or self._line is not line:
            return True
        try:
            if isinstance(message, bytes):
                self._intake.audio(message)
            else:
                self._understand(message)
        except ProtocolError as error:
            self._complain(error)
        except SessionOver as over:
            self.end(over)
        except Exception as error:
            log_failure(f"session {log_name(self.name)}", error)
            self.end(SessionOver(CloseCode.INTERNAL, "error", "the endpoint failed"))
        return not self._intake.behind

    def _understand(self, text: str) -> None:
        message = parse_client(text)
        match message:
            case Ping(sent=sent):
                self._sending.say(Pong(sent=sent, at=self._timeline.now()))
            case Acknowledged(seen=seen):
                if not self._sending.may_have_seen(seen):
                    raise ProtocolError("bad-seq", "the client has seen more than was sent")
                self._sending.acknowledged(seen)
                if not self._permission.needs_all:
                    self._keeping.forget(seen.events)
                self._move(Happening.CAUGHT_UP)
            case Refresh(token=token):
                self._refresh(token)
            case Suspend():
                self._suspended = True
                if self._line is not None:
                    self._line.end(CloseCode.COMPLETED, "suspended")
            case Close():
                raise SessionOver(CloseCode.COMPLETED, "client-left")
            case Open() | Resume() | Observe():
                raise ProtocolError("bad-message", f"{message.type} came in the middle of a session")
            case _:
                self._intake.message(message)

    def _refresh(self, token: str) -> None:
        try:
            grant = self._host.renew(token, self.grant, self.name)
        except GatewayRefused as refusal:
            raise ProtocolError("token-refused", f"the new token was refused: {refusal.reason}") from None
        self._hold(grant)
        self._sending.say(Refreshed(expires_in=max(0.0, self.grant.expires - unix_now())))

    def _hold(self, grant: Grant) -> None:
        """Go on with another token; one that allows less to be stored withdraws the rest."""
        self.grant = grant
        if grant.consent is not None:
            self._permission.bounded(grant.consent)

    def _complain(self, error: ProtocolError) -> None:
        if self._over is not None:  # it ended while the message was taken
            return
        self._bad_messages += 1
        if self._bad_messages > self._settings.bad_messages_max:
            self.end(bad(f"{self._bad_messages} messages were refused, the last: {error.problem}"))
        else:
            self._record(ErrorRaised(code=error.code, message=error.problem))

    # --- all the while

    async def _converse(self, task_status: TaskStatus[None]) -> None:
        stages = self._stages
        async with task_group() as group:
            group.start_soon(stages.speaking.run)
            group.start_soon(stages.enriching.run)
            await anyio.lowlevel.checkpoint()  # lets both begin
            if self._begin.how == "restored":
                stages.restore(self._begin)
            group.start_soon(stages.listening.run)
            group.start_soon(stages.conversing.run, stages.observations)
            group.start_soon(self._watch)
            if self._begin.wish.settings.greet and self._begin.how == "opened":
                await stages.greet()
            self._began = True
            task_status.started()
            await self._ended.wait()
            if self._over is not None:
                raise self._over

    async def _watch(self) -> None:
        """Look at the limits, acknowledge, and record how the order was broken."""
        began = self._timeline.now()
        while True:
            await anyio.sleep(min(LOOK_EVERY, self._settings.silence_timeout / 4, self._settings.hold / 4))
            now = self._timeline.now()
            self._observing.look(unix_now())
            over = overdue(
                self._settings,
                longest=self._longest,
                age=now - began,
                held_for=None if self._line else now - self._held_since,
                silent_for=now - max(self._stages.conversing.last_active, self._held_since),
            )
            if over is not None:
                raise over
            if self._line is not None:
                self._look_at(self._line)

    def _look_at(self, line: Line) -> None:
        if line.outbox.overflowed:
            raise SessionOver(CloseCode.TOO_SLOW, "error", "the client reads too slowly")
        if self.grant.expires + EXPIRED_GRACE < unix_now():
            line.end(CloseCode.TOKEN_EXPIRED, "the session token has expired; resume with a new one")
        self._intake.report()
        if self._permission.is_destroying:  # the client says it again until it is done
            return
        received = self._intake.received(settled=self._keeping.persistent)
        if (received.messages, received.position) != self._last_received:
            self._last_received = received.messages, received.position
            self._keeping.after(lambda: self._sending.say(received))

    # --- its end

    async def _leave(self, over: SessionOver) -> None:
        self._intake.report()
        if over.message:
            self._record(ErrorRaised(code=code_name(over), message=over.message, fatal=True))
        outlives = self.persistent and over.code in (CloseCode.RESTARTING, CloseCode.GONE)
        parked = outlives and self.phase is not Phase.CREATED
        if parked:
            if self.phase is not Phase.HELD:
                self._move(Happening.LOST)
            self._record(SessionHeld(reason=over.reason))
        else:
            self._move(Happening.ENDED, over.reason)
            self._record(SessionClosed(reason=over.reason, code=int(over.code)))
        log.info("session %s %s: %s", log_name(self.name), "held" if parked else "closed", over.reason)
        await self._keeping.settled()
        if self._line is not None:
            line, self._line = self._line, None
            line.end(over.code, over.message or over.reason)
            await line.ended()
        self._observing.end(over.code, over.message or over.reason)

    async def _keep(self) -> None:
        recorder, device_zero = self._stages.recorder, self._intake.device_zero
        await put_away(self.name, recorder, self._keeping, self._timeline, device_zero)

    def _move(self, happening: Happening, reason: str = "") -> None:
        phase = next_phase(self.phase, happening)
        if phase is not self.phase:
            self.phase = phase
            self._keeping.phase(phase, reason)

    def _changed(self) -> None:
        rate = self._begin.input.rate
        if self._permission.keeps_text:
            stored = self.name if self._keeping.persistent else None
            self._host.speakers.keep(self.grant, self._stages.conversing.speaker, session=stored)
        context = self._stages.conversing.remembered(self._begin.context)
        self._keeping.remember(context, position=self._stages.settled(rate))

    def _record(self, body: Body) -> Event:
        return self._timeline.record(body, turn=self._stages.conversing.turn, source=Source.ENDPOINT)
