"""What is kept of one session outside the process: everything, if it is persistent; else nothing.

Events of a persistent session are sent only once they are stored. So whatever a client has seen, or has been
told that it was received, outlives the process.
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
from workbench.endpoint.lifecycle import Phase
from workbench.endpoint.sending import Sending
from workbench.endpoint.storing import Storing
from workbench.errors import StoreFailed
from workbench.store.rows import Append, NewSession, PhaseChange, Snapshot, Write

EVENTS_KEPT = 500
"""Events that stay in memory though the client has them, for observers."""

SETTLE = 2.0
"""Seconds the last writes are waited for at the end."""


class Keeping:
    """Writes one session; without a store it only passes the events on.

    Parameters
    ----------
    begin : what is stored of the opening
    storing : where to write; None for an ephemeral session
    sending : gets the events, in order, once they may be sent
    timeline : whose events are kept
    """

    def __init__(
        self, begin: Beginning, storing: Storing | None, sending: Sending, timeline: Timeline
    ) -> None:
        self._begin = begin
        self._storing = storing
        self._sending = sending
        self._timeline = timeline

    @property
    def persistent(self) -> bool:
        """Return whether the session is stored."""
        return self._storing is not None

    def begin(self) -> None:
        """Keep what is recorded from now on."""
        self._sending.released = self._timeline.next_seq
        if self._begin.how != "restored":
            self._put(NewSession(self._begin.row()))
        self._timeline.subscribe(self._event)

    def phase(self, phase: Phase, reason: str) -> None:
        """Keep that the session is in another phase."""
        closed = unix_now() if phase is Phase.ENDED else None
        self._put(PhaseChange(self._begin.name, phase, reason, closed))

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
            self._sending.event(event)
            return
        text = event_to_json(event)
        write = Append(self._begin.name, event, text)
        self._storing.put(write, lambda: self._sending.event(event, text))

    def _put(self, write: Write) -> None:
        if self._storing is not None:
            self._storing.put(write)

    async def settled(self) -> None:
        """Wait until all is stored, for a while."""
        if self._storing is not None:
            with suppress(StoreFailed), anyio.move_on_after(SETTLE):
                await self._storing.settled()
