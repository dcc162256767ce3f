"""A recorded caller said again to an endpoint: other engines, another version, the same audio."""

from pathlib import Path

from workbench.client.caller import call
from workbench.client.local import Endpoint
from workbench.client.session import SessionSettings
from workbench.core.audio import AudioFormat
from workbench.core.events import SessionOpened
from workbench.errors import ParameterError
from workbench.store.recording import Recording


async def rerun(
    recording: Recording,
    *,
    assistant: str | Path | None = None,
    endpoint: Endpoint | None = None,
    early_synthesis: bool = True,
) -> Recording:
    """Say the caller's whole track again, pauses and all, in real time; return the new recording.

    The caller says what was said, when it was said, whatever is replied: replies that come later than they
    did may be spoken into.

    Parameters
    ----------
    recording : whose caller is heard
    assistant : whom to talk to; the recorded one if not given
    endpoint : with the engines to try; a local one if not given
    early_synthesis : whether replies may be prepared before the end of a turn

    Raises
    ------
    ParameterError
        If the recording names no assistant and none is given.
    """
    opened = next((e.body for e in recording.timeline.events if isinstance(e.body, SessionOpened)), None)
    if assistant is None and opened is None:
        raise ParameterError("the recording has no session-opened, expected an assistant to be given")
    settings = SessionSettings(input=AudioFormat(rate=recording.caller_rate), early_synthesis=early_synthesis)
    to = assistant if assistant is not None or opened is None else opened.assistant
    return await call(to or "", [recording.caller], endpoint=endpoint, settings=settings)
