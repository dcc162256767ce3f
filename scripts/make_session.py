"""Make the recorded session the project ships: a caller orders a coffee and interrupts the answer.

Usage: ``python scripts/make_session.py``. A real endpoint with the embedded engines hears the shipped caller
in real time, so times differ a little from run to run; an idle machine gives the best ones.
"""

import argparse
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import anyio

from workbench.aio import task_group
from workbench.audio.files import load_audio
from workbench.client.device import Device
from workbench.client.floor import Floor
from workbench.client.local import open_endpoint
from workbench.client.session import Session, open_session
from workbench.data import data_folder
from workbench.store.recording import Recording

FOLDER = Path(__file__).resolve().parent.parent / "data" / "sessions" / "coffee"
LEAD = 0.4
"""Seconds of quiet at either end."""
INTERRUPT_AFTER = 1.1
"""Seconds of the first answer that are heard before the caller speaks again."""
LONGEST = 60.0
"""Seconds any of it may take."""


async def conversation() -> Recording:
    """Hold the conversation and return its recording."""
    callers = data_folder() / "callers"
    listed = json.loads((callers / "callers.json").read_text(encoding="utf-8"))["coffee"]
    async with open_endpoint() as endpoint, open_session("coffee", endpoint=endpoint) as session:
        order, change = (
            load_audio(callers / one["file"], rate=session.settings.input.rate) for one in listed
        )
        device, floor = Device(session), Floor()
        session.timeline.subscribe(floor.take)
        with anyio.fail_after(LONGEST):
            async with task_group() as group:
                group.start_soon(device.run)
                await anyio.sleep(LEAD)
                device.speak(order)
                await _until(session, lambda: floor.replying)
                await anyio.sleep(INTERRUPT_AFTER)
                device.speak(change)
                await device.spoken()
                await _until(session, lambda: floor.replies >= 2 and floor.free)
                await anyio.sleep(LEAD)
                group.cancel_scope.cancel()
    meta: dict[str, object] = {
        "assistant": session.opened.assistant,
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "engines": session.opened.settings.get("engines", ""),
        "caller": "synthetic voice am_michael",
    }
    return device.recording(session.timeline, meta)


async def _until(session: Session, condition: Callable[[], bool]) -> None:
    while not condition() and not session.over:
        await session.news()


def main() -> None:
    """Make the session."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--folder", type=Path, default=FOLDER)
    folder = parser.parse_args().folder
    recording = anyio.run(conversation)
    recording.save(folder)
    print(f"{recording.duration:.1f} s, {len(recording.timeline)} events in {folder}")


if __name__ == "__main__":
    main()
