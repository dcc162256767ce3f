"""A caller made of recordings: says one, listens to the reply, says the next."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import anyio

from workbench.aio import task_group
from workbench.client.device import Device
from workbench.client.floor import Floor
from workbench.client.local import Endpoint
from workbench.client.session import Session, SessionSettings, open_session
from workbench.core.audio import Samples
from workbench.core.events import Event
from workbench.store.recording import Recording

LEAD = 0.3
"""Seconds of quiet before the first recording, and between a reply and the next recording."""

PATIENCE = 3.0
"""Seconds a caller waits for any sign of having been understood before going on."""

REPLY_MAX = 60.0
"""Longest wait for a reply to end, seconds."""


async def call(
    assistant: str | Path,
    recordings: Sequence[Samples],
    *,
    endpoint: Endpoint | None = None,
    settings: SessionSettings | None = None,
    watch: Callable[[Event], None] | None = None,
) -> Recording:
    """Hold a whole conversation in real time and return its recording.

    Parameters
    ----------
    assistant, endpoint, settings : as for ``open_session``
    recordings : what the caller says turn by turn, at the input rate
    watch : called with each event as it arrives

    Raises
    ------
    ParameterError, GatewayRefused, ConnectionLost
        As ``open_session`` does.
    """
    async with open_session(assistant, endpoint=endpoint, settings=settings) as session:
        if watch is not None:
            for event in session.timeline.events:
                watch(event)
            session.timeline.subscribe(watch)
        async with open_caller(session) as caller:
            if session.settings.greet:
                await caller.greeted()
            for recording in recordings:
                await caller.say(recording)
            await anyio.sleep(LEAD)
    return caller.recording(recordings=len(recordings))


class Caller:
    """Says recordings in a session and listens to the replies. Made by :func:`open_caller`."""

    def __init__(self, session: Session, device: Device) -> None:
        self._session = session
        self._device = device
        self._floor = Floor()
        session.timeline.subscribe(self._floor.take)

    async def greeted(self) -> None:
        """Wait until the assistant has begun to speak first."""
        await _wait_until(self._session, lambda: self._floor.replies > 0, REPLY_MAX)

    async def say(self, recording: Samples) -> None:
        """Wait for the floor, say ``recording`` (at the input rate), wait for the reply."""
        session, floor = self._session, self._floor
        await _wait_until(session, lambda: floor.free, REPLY_MAX)
        await anyio.sleep(LEAD)
        before = floor.replies
        self._device.speak(recording)
        await self._device.spoken()
        await _wait_until(session, lambda: not floor.free or floor.replies > before, PATIENCE)
        await _wait_until(session, lambda: floor.free, REPLY_MAX)

    def recording(self, **meta: object) -> Recording:
        """Return the session as it was recorded so far, described by ``meta`` as well."""
        opened = self._session.opened
        described: dict[str, object] = {
            "assistant": opened.assistant,
            "date": datetime.now(UTC).isoformat(timespec="seconds"),
            "engines": opened.settings.get("engines", ""),
        }
        return self._device.recording(self._session.timeline, described | meta)


@asynccontextmanager
async def open_caller(session: Session) -> AsyncIterator[Caller]:
    """Give ``session`` a caller with a sound device of arrays, until the end of the block."""
    device = Device(session)
    async with task_group() as group:
        group.start_soon(device.run)
        yield Caller(session, device)
        group.cancel_scope.cancel()


async def _wait_until(session: Session, condition: Callable[[], bool], limit: float) -> None:
    """Wait for ``condition`` to hold after some event, at most ``limit`` seconds."""
    with anyio.move_on_after(limit):
        while not condition() and not session.over:
            await session.news()
