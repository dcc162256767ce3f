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
        async with _device(session) as device:
            floor = Floor()
            session.timeline.subscribe(floor.take)
            if session.settings.greet:
                await _wait_until(session, lambda: floor.replies > 0, REPLY_MAX)
            for recording in recordings:
                await _say(recording, session, device, floor)
            await anyio.sleep(LEAD)
    meta: dict[str, object] = {
        "assistant": session.opened.assistant,
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "engines": session.opened.settings.get("engines", ""),
        "recordings": len(recordings),
    }
    return device.recording(session.timeline, meta)


@asynccontextmanager
async def _device(session: Session) -> AsyncIterator[Device]:
    device = Device(session)
    async with task_group() as group:
        group.start_soon(device.run)
        yield device
        group.cancel_scope.cancel()


async def _say(recording: Samples, session: Session, device: Device, floor: Floor) -> None:
    """Wait for the floor, say ``recording``, wait for the reply."""
    await _wait_until(session, lambda: floor.free, REPLY_MAX)
    await anyio.sleep(LEAD)
    before = floor.replies
    device.speak(recording)
    await device.spoken()
    await _wait_until(session, lambda: not floor.free or floor.replies > before, PATIENCE)
    await _wait_until(session, lambda: floor.free, REPLY_MAX)


async def _wait_until(session: Session, condition: Callable[[], bool], limit: float) -> None:
    """Wait for ``condition`` to hold after some event, at most ``limit`` seconds."""
    with anyio.move_on_after(limit):
        while not condition() and not session.over:
            await session.news()
