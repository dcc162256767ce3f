"""What is left to do once a session has ended: its recording is written, what is stored of it masked."""

import logging

import anyio

from workbench.core.log_names import log_name
from workbench.core.timeline import Timeline
from workbench.endpoint.failing import log_failure
from workbench.endpoint.keeping import Keeping
from workbench.endpoint.recording import Recorder
from workbench.errors import WorkbenchError
from workbench.store.recording import remove_recording

log = logging.getLogger(__name__)


async def put_away(
    session: str, recorder: Recorder, keeping: Keeping, timeline: Timeline, device_zero: float | None
) -> None:
    """Write the recording, then mask what is stored; what fails is logged and keeps nobody from the rest.

    A session that somebody has deleted meanwhile leaves no recording.
    """

    async def record() -> None:
        folder = recorder.folder
        await recorder.finish(timeline, device_zero)
        if folder is not None and await keeping.was_deleted():
            await anyio.to_thread.run_sync(remove_recording, folder)

    for what, doing in (("recorded", record), ("put away", keeping.put_away)):
        named = log_name(session)
        try:
            await doing()
        except anyio.get_cancelled_exc_class():
            log.error("session %s was not %s in time", named, what)
            raise
        except WorkbenchError as error:
            problem = str(error).replace(session, named)
            log.error("session %s could not be %s: %s", named, what, problem)
        except Exception as error:
            log_failure(f"session {named}, which was to be {what},", error)
