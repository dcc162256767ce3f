"""What a panel does for its pages besides tokens: checks, events for those that watch, handing over."""

import asyncio
import json
from collections.abc import Callable, Mapping
from typing import Any

import anyio
from anyio.abc import TaskGroup
from anyio.streams.memory import MemoryObjectSendStream

from workbench.aio import task_group
from workbench.client.endpoint_check import what_is_wrong
from workbench.client.local import Endpoint
from workbench.client.observer import Observer
from workbench.core.timeline import Timeline
from workbench.core.wire import event_to_wire
from workbench.errors import ParameterError, WorkbenchError

MESSAGES_MAX = 64
"""Messages of the pages that may wait; further ones are dropped, and a page asks again or does without."""

EVENTS_AT_ONCE = 200
"""Most events in one message to pages that only watch."""

SHOW_EVERY = 0.05
"""Seconds between messages to pages that only watch."""

HAND_OVER = 2.0
"""Seconds a page has to hand its session over to another."""

STATE_MAX = 2_000_000
"""Most characters of what a page tells of its session, as JSON."""


class Attending:
    """Attends to the pages of one panel.

    Parameters
    ----------
    where : the endpoint, with its key
    send : sends a message to all pages of the panel
    ended : called with the name of a session that has ended, or can't be followed any more
    """

    def __init__(
        self, where: Endpoint, *, send: Callable[[dict[str, object]], None], ended: Callable[[str], None]
    ) -> None:
        self._where, self._send, self._ended = where, send, ended
        self.observer: Observer | None = None
        """Follows the newest session."""
        self.problem = ""
        """Why the newest session can't be followed; empty as long as it can."""
        self._first = Timeline()
        self._handing: dict[tuple[str, int], anyio.Event] = {}
        self._state: object = None
        self._watched = False
        self._shown = 0
        self._desk: tuple[asyncio.AbstractEventLoop, MemoryObjectSendStream[dict[str, Any]]] | None = None

    @property
    def timeline(self) -> Timeline:
        """Return the newest session's events; before the first session, those that it will have."""
        return self._first if self.observer is None else self.observer.timeline

    def put(self, message: Mapping[str, Any]) -> None:
        """Take a page's message, on whichever thread it comes; a check is answered even when nobody runs."""
        if self._desk is None:
            if message.get("kind") == "check":
                self.answer(message)
            return
        loop, desk = self._desk

        def put() -> None:
            try:
                desk.send_nowait(dict(message))
            except (anyio.WouldBlock, anyio.BrokenResourceError, anyio.ClosedResourceError):
                return  # it is full or over; the page asks again or does without

        loop.call_soon_threadsafe(put)

    def answer(self, message: Mapping[str, Any], **fields: object) -> None:
        """Answer the page that asked."""
        self._send({"kind": "answer", "ask": message.get("ask"), "page": message.get("page"), **fields})

    async def run(self) -> None:
        """Attend until cancelled."""
        desk, asked = anyio.create_memory_object_stream[dict[str, Any]](MESSAGES_MAX)
        self._desk = (asyncio.get_running_loop(), desk)
        try:
            async with desk, asked, task_group() as group:
                async for message in asked:
                    self._attend(message, group)
        finally:
            self._desk = None

    def _attend(self, message: dict[str, Any], group: TaskGroup) -> None:
        match message.get("kind"):
            case "check":
                group.start_soon(self._check, message)
            case "opened":
                self._opened(message, group)
            case "follow":
                self._watched, self._shown = True, min(self._shown, _count(message.get("since")))
            case "take-over":
                group.start_soon(self._hand_over, message)
            case "handed":
                self._handed(message)

    async def _check(self, message: dict[str, Any]) -> None:
        problem = await what_is_wrong(self._where)
        self.answer(message, **({} if problem is None else {"reason": problem.reason}))

    # --- the session's events

    def _opened(self, message: dict[str, Any], group: TaskGroup) -> None:
        name = str(message.get("session", ""))[:64]
        self._keep(message.get("state"))
        if not name or (self.observer is not None and self.observer.session == name):
            return
        try:
            first = self._first if self.observer is None else None
            observer = Observer(self._where, name, timeline=first)
        except ParameterError as error:
            self.problem = str(error)
            return
        self.problem, self.observer = "", observer
        self._watched, self._shown = False, 0
        group.start_soon(self._follow, observer)

    async def _follow(self, observer: Observer) -> None:
        async with task_group() as group:
            group.start_soon(self._show, observer)
            try:
                await observer.run()
            except WorkbenchError as error:
                if observer is self.observer:
                    self.problem = str(error)
            while self._tell_watchers(observer):
                pass
            group.cancel_scope.cancel()
        self._ended(observer.session)

    async def _show(self, observer: Observer) -> None:
        """Give the pages that only watch what is new, in small steps."""
        while True:
            await anyio.sleep(SHOW_EVERY)
            self._tell_watchers(observer)

    def _tell_watchers(self, observer: Observer) -> bool:
        """Tell the next events; return whether there were any."""
        if not self._watched or observer is not self.observer:
            return False
        events = observer.timeline.since(self._shown)[:EVENTS_AT_ONCE]
        if not events:
            return False
        self._shown = events[-1].seq + 1
        wires = [event_to_wire(event) for event in events]
        self._send({"kind": "events", "session": observer.session, "events": wires})
        return True

    # --- from one page to another

    async def _hand_over(self, message: dict[str, Any]) -> None:
        """Ask the page that has the session for it; what it said last counts if it is gone."""
        page, ask = str(message.get("page", "")), _count(message.get("ask"))
        handed = self._handing[page, ask] = anyio.Event()
        self._send({"kind": "hand-over", "ask": ask, "page": page})
        with anyio.move_on_after(HAND_OVER):
            await handed.wait()
        del self._handing[page, ask]
        self.answer(message, state=self._state)

    def _handed(self, message: dict[str, Any]) -> None:
        handed = self._handing.get((str(message.get("to", "")), _count(message.get("ask"))))
        if handed is not None:
            self._keep(message.get("state"))
            handed.set()

    def _keep(self, state: object) -> None:
        """Keep what resumes the session: here only, as its handle is a secret."""
        if isinstance(state, dict) and len(json.dumps(state)) <= STATE_MAX:
            self._state = state


def _count(value: object) -> int:
    return value if isinstance(value, int) and value >= 0 else 0
