"""A recorded caller said again to an endpoint: other engines, another version, the same audio."""

from pathlib import Path

import anyio

from workbench.aio import task_group
from workbench.client.device import Device
from workbench.client.floor import Floor
from workbench.client.local import Endpoint
from workbench.client.session import Session, SessionSettings, open_session
from workbench.core.audio import AudioFormat
from workbench.core.events import Event, ReplyChosen, SessionOpened, Source, Understood
from workbench.errors import ParameterError
from workbench.store.recording import Recording

ANSWER_MAX = 30.0
"""Seconds to wait for the last reply to end."""
AFTER = 0.3
"""Seconds of quiet that are recorded after it."""


async def rerun(
    recording: Recording,
    *,
    assistant: str | Path | None = None,
    endpoint: Endpoint | None = None,
    early_synthesis: bool | None = None,
    language: str | None = None,
) -> Recording:
    """Say the caller's whole track again, pauses and all, in real time; return the new recording.

    The caller says what was said, when it was said, whatever is replied: replies that come later than they
    did may be spoken into.

    Parameters
    ----------
    recording : whose caller is heard
    assistant : whom to talk to; the recorded one if not given
    endpoint : with the engines to try; a local one if not given
    early_synthesis : whether replies may be prepared before the end of a turn; as then if not given
    language : BCP 47 tag of what the caller speaks; the recorded one if not given

    Raises
    ------
    ParameterError
        If the recording holds nothing of the caller, or names no assistant and none is given; else as
        ``open_session``.
    """
    if not len(recording.caller):
        raise ParameterError("the recording holds no sample of the caller, expected what to say again")
    events = recording.timeline.events
    opened = next((event.body for event in events if isinstance(event.body, SessionOpened)), None)
    if assistant is None and opened is None:
        raise ParameterError("the recording has no session-opened, expected an assistant to be given")
    held = {} if opened is None else opened.settings
    was = _early(held)
    settings = SessionSettings(
        input=AudioFormat(rate=recording.caller_rate),
        early_synthesis=was if early_synthesis is None else early_synthesis,
        greet=_greeted(events),
        language=_language(held) if language is None else language,
    )
    to = assistant if assistant is not None or opened is None else opened.assistant
    async with open_session(to or "", endpoint=endpoint, settings=settings) as session:
        device, floor = Device(session), Floor()
        session.timeline.subscribe(floor.take)
        device.speak(recording.caller)
        async with task_group() as group:
            group.start_soon(device.run)
            await device.spoken()
            await _answered(session, floor)
            group.cancel_scope.cancel()
    meta = {
        "assistant": session.opened.assistant,
        "engines": session.opened.settings.get("engines", ""),
        "rerun": dict(recording.meta),
    }
    return device.recording(session.timeline, meta)


async def _answered(session: Session, floor: Floor) -> None:
    """Wait until nothing is due, ``ANSWER_MAX`` at most."""
    with anyio.move_on_after(ANSWER_MAX):
        while not floor.free and not session.over:
            await session.news()
    await anyio.sleep(AFTER)


def _early(held: dict[str, object]) -> bool:
    told = held.get("early_synthesis")
    return bool(told.get("enabled", True)) if isinstance(told, dict) else True


def _language(held: dict[str, object]) -> str | None:
    told = held.get("language")
    return str(told["tag"]) if isinstance(told, dict) and "tag" in told else None


def _greeted(events: tuple[Event, ...]) -> bool:
    """Return whether the assistant spoke first."""
    for event in events:
        if isinstance(event.body, Understood):
            return False
        if isinstance(event.body, ReplyChosen) and event.source is Source.DIALOG:
            return True
    return False
