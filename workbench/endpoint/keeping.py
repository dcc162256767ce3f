"""What is kept of one session outside the process: everything, if it is persistent; else nothing.

Events of a persistent session are sent only once they are stored. So whatever a client has seen, or has been
told that it was received, outlives the process. Without consent nothing is stored; if the caller gives it
later, all from the beginning is, and if it is withdrawn, nothing more.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

import anyio

from workbench.core.clock import unix_now
from workbench.core.events import Event
from workbench.core.timeline import Timeline
from workbench.core.wire import event_to_json
from workbench.endpoint.beginning import Beginning
from workbench.endpoint.context import Context, context_to_json
from workbench.endpoint.host import Host
from workbench.endpoint.leasing import lease_of
from workbench.endpoint.lifecycle import Phase
from workbench.endpoint.sending import Sending
from workbench.endpoint.storing import Storing
from workbench.errors import StoreFailed
from workbench.privacy.stored import mask_in_store
from workbench.store.rows import Append, NewSession, PhaseChange, Snapshot, Write
from workbench.store.store import Store

EVENTS_KEPT = 500
"""Events that stay in memory though the client has them, for observers."""

SETTLE = 2.0
"""Seconds the last writes are waited for at the end."""


class Keeping:
    """Writes one session; without a store it only passes the events on.

    Parameters
    ----------
    begin : what is stored of the opening
    storing : where to write, as far as consent allows; None for an ephemeral session
    sending : gets the events, in order, once they may be sent
    timeline : whose events are kept
    host : says whether personal data is masked once the session has ended, and whose it is till then
    """

    def __init__(
        self,
        begin: Beginning,
        storing: Storing | None,
        sending: Sending,
        timeline: Timeline,
        *,
        host: Host,
    ) -> None:
        self._begin = begin
        self._masking, self._process = host.masking(begin.grant.project), host.process
        self._storing = storing if begin.consent.level.keeps_text else None
        self._later = storing if begin.consent.asking is not None else None
        self._sending = sending
        self._timeline = timeline
        self._phase: PhaseChange | None = None
        self._held_back = False
        self._released = anyio.Event()
        self._first = 0 if begin.how == "restored" else timeline.next_seq
        """The first event to be stored; the restored one's are there."""

    @property
    def persistent(self) -> bool:
        """Return whether the session is stored."""
        return self._storing is not None

    def begin(self) -> None:
        """Keep what is recorded from now on."""
        self._sending.released = self._timeline.next_seq
        if self._begin.how != "restored":
            self._put(NewSession(self._begin.row(), lease_of(self._process, unix_now())))
        self._timeline.subscribe(self._event)

    def phase(self, phase: Phase, reason: str) -> None:
        """Keep that the session is in another phase."""
        closed = unix_now() if phase is Phase.ENDED else None
        self._phase = PhaseChange(self._begin.name, phase, reason, closed)
        self._put(self._phase)

    def allow(self) -> None:
        """Store the session, from its beginning on: the caller has agreed. Call it while an event is told.

        Where the store has failed the session goes on without.
        """
        storing, self._later = self._later, None
        if storing is None or storing.failed is not None:
            return
        self._storing = storing
        self._put(NewSession(self._begin.row(), lease_of(self._process, unix_now())))
        for event in self._timeline.events:
            if event.seq < self._sending.released:  # the others are told of, and put then
                self._put(Append(self._begin.name, event))
        if self._phase is not None:
            self._put(self._phase)

    def stop(self) -> bool:
        """Store nothing more; return whether something may be there, and events wait for ``release``."""
        stored, self._storing, self._later = self._storing is not None, None, None
        self._held_back = stored
        return stored

    def release(self) -> None:
        """Send what waited for what was put before; again is nothing."""
        if not self._held_back:
            return
        self._held_back = False
        self._released.set()
        for event in self._timeline.since(self._sending.released):
            self._sending.event(event)

    def remember(self, context: Context, *, position: int) -> None:
        """Keep the context to go on from."""
        if self._storing is not None:
            text = context_to_json(replace(context, position=position))
            self._put(Snapshot(self._begin.name, self._timeline.next_seq - 1, text))

    def forget(self, before: int) -> None:
        """Drop events that the client has, all before number ``before``, from memory; the newest stay."""
        self._timeline.forget(min(before, self._timeline.next_seq - EVENTS_KEPT))

    def after(self, stored: Callable[[], None]) -> None:
        """Call ``stored`` once all that was kept so far is stored."""
        if self._storing is None:
            stored()
        else:
            self._storing.after(stored, self._begin.name)

    async def stored(self) -> None:
        """Wait until all that was kept so far is stored."""
        told = anyio.Event()
        self.after(told.set)
        await told.wait()

    def _event(self, event: Event) -> None:
        if self._storing is None:
            if not self._held_back:
                self._sending.event(event)
            return
        text = event_to_json(event)
        write = Append(self._begin.name, event, text)
        self._storing.put(write, lambda: self._sending.event(event, text))

    def _put(self, write: Write) -> None:
        if self._storing is not None:
            self._storing.put(write)

    async def put_away(self) -> None:
        """Write what is stored anew without personal data, if the session has ended and that is wanted.

        Raises
        ------
        WorkbenchError
            If it could not be done; what was stored is then as it was, and whoever sweeps does it later.
        """
        ended = self._phase is not None and self._phase.phase == Phase.ENDED
        if ended and self._storing is not None:
            await self._storing.work(self._put_away)

    def _put_away(self, store: Store) -> None:
        if self._masking.wanted:
            mask_in_store(store, self._begin.name, keeps=self._masking.vault)
        store.leases.give_back(self._begin.name)

    async def was_deleted(self) -> bool:
        """Return whether the session was stored and somebody has deleted it since; raises StoreError."""
        if self._storing is None or self._sending.released <= self._first:
            return False
        name = self._begin.name
        return not await self._storing.ask(lambda store: store.left_of(name))

    async def settled(self) -> None:
        """Wait until all is stored, or what waits for that may be sent, for a while."""
        if self._held_back:
            with anyio.move_on_after(SETTLE):
                await self._released.wait()
            self.release()
        if self._storing is not None:
            with suppress(StoreFailed), anyio.move_on_after(SETTLE):
                await self._storing.settled()
