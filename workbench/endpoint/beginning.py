"""How a session begins: anew, restored from the store, or anew in place of one that is gone."""

import hashlib
import hmac
import logging
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Literal

import anyio

from workbench.conversation.tuning import TurnTakingSettings, settings_told
from workbench.core.audio import AudioFormat
from workbench.core.clock import MonotonicClock, unix_now
from workbench.core.consent import Consent
from workbench.core.events import (
    ActionTaken,
    Event,
    ReplyChosen,
    SessionOpened,
    SynthesisReady,
    TurnTakingTuned,
)
from workbench.core.languages import SessionLanguage
from workbench.core.log_names import log_name
from workbench.core.timeline import Timeline
from workbench.endpoint.consenting import Settled, settled, settled_before
from workbench.endpoint.context import Context, context_from_json
from workbench.endpoint.host import Host
from workbench.endpoint.leasing import lease_of
from workbench.endpoint.lifecycle import Phase
from workbench.endpoint.opening import Prepared, SessionOver, bad, formats, new_name, prepare
from workbench.endpoint.storing import Storing
from workbench.errors import ParameterError, StoreError
from workbench.protocol.native import CloseCode, Open, Resume, Seen
from workbench.security.tokens import Grant, Scope
from workbench.store.rows import SessionRow, StoredSession
from workbench.store.store import Store

log = logging.getLogger(__name__)

TAKING_PART = (Scope.TRANSCRIBE, Scope.SPEAK, Scope.CONVERSE)
"""What a token may allow in a session of one's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Beginning:
    """What is settled before a session runs."""

    name: str
    handle: str
    """The secret that resumes it."""
    grant: Grant
    wish: Open
    input: AudioFormat
    output: AudioFormat
    prepared: Prepared
    how: Literal["opened", "restored", "reset"] = "opened"
    previous: str = ""
    """The session in whose place this one begins."""
    resume: Resume = field(default_factory=lambda: Resume(session="", handle=""))
    """What the client has of the session before; nothing for a new one."""
    events: tuple[Event, ...] = ()
    """What the store had of the timeline."""
    context: Context = Context()
    opened: float = field(default_factory=unix_now)
    """Unix seconds."""
    consent: Settled = Settled(level=Consent.NONE, by="settings")
    """What may be stored of it."""
    withdrawn: Consent | None = None
    """How far consent was withdrawn from a process that died before it had destroyed what was stored."""

    @property
    def position(self) -> int:
        """Return the first sample of the caller's stream that this process hears."""
        return max(self.context.position, self.resume.position)

    @property
    def seen(self) -> Seen:
        """Return the first numbers to be given."""
        return self.resume.seen

    @property
    def replies(self) -> int:
        """Return how many replies were numbered before."""
        known = (event.body.reply for event in self.events if isinstance(event.body, ReplyChosen))
        return max(self.context.replies, self.resume.reply, *known, 0)

    @property
    def acted(self) -> frozenset[str]:
        """Return the idempotency keys of the actions taken before."""
        return frozenset(event.body.key for event in self.events if isinstance(event.body, ActionTaken))

    @property
    def spoken(self) -> tuple[SynthesisReady, ...]:
        """Return what was synthesised before of the reply that was committed last."""
        number = self.context.given.number if self.context.given else 0
        bodies = (event.body for event in self.events)
        return tuple(body for body in bodies if isinstance(body, SynthesisReady) and body.reply == number)

    @property
    def tuned(self) -> TurnTakingSettings | None:
        """Return the settings that turn taking was changed to before, None if it never was.

        Raises
        ------
        ParameterError
            If they are those of another version.
        """
        for event in reversed(self.events):
            if isinstance(event.body, TurnTakingTuned):
                return settings_told(event.body.settings)
        return None

    def timeline(self) -> Timeline:
        """Return the timeline this session goes on with; its clock goes on too."""
        if self.how == "restored":
            last = self.events[-1].at if self.events else 0.0
            timeline = Timeline(MonotonicClock(max(last, unix_now() - self.opened)))
            for event in self.events:
                timeline.append(event)
            return timeline
        return Timeline(MonotonicClock(self.resume.at), first=self.resume.seen.events)

    def row(self) -> SessionRow:
        """Return what the store keeps of the opening."""
        return SessionRow(
            session=self.name,
            project=self.grant.project,
            client=self.grant.client,
            assistant=self.wish.assistant,
            token_id=self.grant.token_id,
            phase=Phase.CREATED,
            opened=self.opened,
            handle=digest(self.handle),
            wish=self.wish.model_dump_json(),
        )


def language_before(events: Sequence[Event]) -> SessionLanguage | None:
    """Return what the events of a stored session say of its language; None of one that never told."""
    for event in events:
        match event.body:
            case SessionOpened(settings={"language": {"tag": str(tag), "by": by, "variety_by": variety_by}}):
                return SessionLanguage(tag, by, variety_by)
    return None


def digest(handle: str) -> str:
    """Return what is stored of a resume handle."""
    return hashlib.sha256(handle.encode()).hexdigest()


async def begin(wish: Open, host: Host, grant: Grant) -> Beginning:
    """Return the beginning of a new session; raises SessionOver."""
    audio_in, audio_out = formats(wish)
    prepared = await anyio.to_thread.run_sync(prepare, wish, host, grant)
    consent = settled(
        token=grant.consent,
        client=wish.settings.consent,
        assistant=prepared.assistant,
        project=host.projects.of(grant.project).consent,
        otherwise=host.settings.consent,
    )
    if wish.settings.persistent and (consent.level.keeps_text or consent.asking):
        await _check_store(host.storing, grant.session)
    return Beginning(
        name=grant.session or new_name(),
        handle=secrets.token_urlsafe(24),
        grant=grant,
        wish=wish,
        input=audio_in,
        output=audio_out,
        prepared=prepared,
        consent=consent,
    )


async def _check_store(storing: Storing | None, name: str | None) -> None:
    """Raise SessionOver unless a new persistent session, of this ``name`` if it has one, can be stored."""
    if storing is None:
        problem = "this endpoint has no store, so a session can't be persistent"
        raise SessionOver(CloseCode.BAD_MESSAGE, "error", problem)
    try:
        if storing.failed is not None:
            raise storing.failed
        taken = name is not None and await storing.ask(lambda store: store.load(name)) is not None
    except (StoreError, ParameterError) as error:  # its text names places and keys
        log.error("a session can't be stored: %s", error)
        raise SessionOver(CloseCode.INTERNAL, "error", "the session can't be stored") from None
    if taken:
        problem = "the session the token is bound to is stored already; resume it"
        raise SessionOver(CloseCode.FORBIDDEN, "error", problem)


async def begin_instead(resume: Resume, host: Host, grant: Grant) -> Beginning:
    """Return the beginning of a session in place of one that is gone, its numbers going on.

    Raises SessionOver if the client did not ask for that, or the session was to be persistent: then it was
    ended or deleted, and beginning another unasked would hide it. One of which the client has seen no event
    may never have been stored: nothing is hidden, and the client opens its first.
    """
    if resume.otherwise is None or (resume.otherwise.settings.persistent and resume.seen.events):
        raise SessionOver(CloseCode.GONE, "error", "no such session is held or stored")
    fresh = await begin(resume.otherwise, host, grant)
    fresh = replace(fresh, resume=resume, opened=fresh.opened - resume.at)
    if not resume.seen.events:
        return fresh
    return replace(fresh, how="reset", previous=resume.session, context=Context(turn=resume.turn))


async def restore(resume: Resume, host: Host, grant: Grant) -> Beginning | None:
    """Return the beginning that goes on with a stored session; None if the store has none to go on with.

    Raises SessionOver if it is another's, or can't be read.
    """
    if host.storing is None:
        return None
    try:
        taking = partial(_taken_over, resume=resume, host=host, grant=grant)
        stored, withdrawn = await host.storing.ask(taking)
    except (StoreError, ParameterError) as error:  # its text names places and keys
        named = log_name(resume.session)
        log.error("session %s can't be read: %s", named, str(error).replace(resume.session, named))
        raise SessionOver(CloseCode.INTERNAL, "error", "the session can't be restored") from None
    try:
        if stored is None or stored.row.phase == Phase.ENDED:
            return None
        restored = await anyio.to_thread.run_sync(_restored, stored, resume, host, grant)
        return replace(restored, withdrawn=withdrawn)
    except ParameterError as error:
        raise SessionOver(CloseCode.INTERNAL, "error", f"the session can't be restored: {error}") from None


def _taken_over(
    store: Store, resume: Resume, host: Host, grant: Grant
) -> tuple[StoredSession | None, Consent | None]:
    """Return a stored session, now this process's own, and how far consent to it was withdrawn before.

    None if there is none, nobody has had it for too long, or its consent was withdrawn. Raises SessionOver
    if it is another's.
    """
    withdrawal = store.withdrawals.of(resume.session)
    if withdrawal is not None and not withdrawal.level.keeps_text:
        return None, None
    stored = store.load(resume.session)
    if stored is not None and stored.row.phase != Phase.ENDED:
        check_handle(resume, digest_kept=stored.row.handle)
        check_owner(grant, project=stored.row.project, client=stored.row.client)
        now = unix_now()
        lease = lease_of(host.process, now)
        if not store.leases.take(resume.session, lease, unless_before=now - host.settings.resumable):
            return None, None
    return stored, None if withdrawal is None else withdrawal.level


def check_handle(resume: Resume, *, digest_kept: str) -> None:
    """Raise SessionOver if the client's handle is not the session's."""
    if not hmac.compare_digest(digest(resume.handle), digest_kept):
        raise SessionOver(CloseCode.GONE, "error", "no such session is held or stored")


def check_owner(grant: Grant, *, project: str, client: str | None) -> None:
    """Raise SessionOver if the session belongs to another project or client than the token."""
    if grant.project != project or client not in (None, grant.client):
        raise SessionOver(
            CloseCode.FORBIDDEN, "error", "the session token belongs to another project or client"
        )


def check_rights(grant: Grant, *, than: Grant, session: str, assistant: str) -> None:
    """Raise SessionOver unless ``grant`` is the owner's and allows no less ``than`` the one before."""
    check_owner(grant, project=than.project, client=than.client)
    fewer = any(than.allows(scope) and not grant.allows(scope) for scope in TAKING_PART)
    bound = grant.session not in (None, session)
    if fewer or bound or (grant.assistants and assistant not in grant.assistants):
        problem = "the token is bound otherwise, or allows less than the one the session was led with"
        raise SessionOver(CloseCode.FORBIDDEN, "error", problem)


def _restored(stored: StoredSession, resume: Resume, host: Host, grant: Grant) -> Beginning:
    if resume.seen.events > len(stored.events):
        raise bad(f"the client has seen {resume.seen.events} events of {len(stored.events)}")
    wish = Open.model_validate_json(stored.row.wish)
    audio_in, audio_out = formats(wish)
    context = context_from_json(stored.row.snapshot) if stored.row.snapshot else Context()
    restored = Beginning(
        name=stored.row.session,
        handle=resume.handle,
        grant=grant,
        wish=wish,
        input=audio_in,
        output=audio_out,
        prepared=prepare(wish, host, grant, language=language_before(stored.events)),
        how="restored",
        resume=resume,
        events=tuple(stored.events),
        context=context,
        opened=stored.row.opened,
        consent=settled_before(stored.events, otherwise=host.settings.consent),
    )
    _ = restored.tuned  # what can't be restored is told of here, not once the session runs
    return restored
