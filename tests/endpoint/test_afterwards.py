"""What is left to do once a session has ended, and how it is told that it could not be done."""

import anyio
import pytest

from workbench.core.audio import AudioFormat
from workbench.core.timeline import Timeline
from workbench.endpoint.afterwards import put_away
from workbench.endpoint.recording import Recorder

pytestmark = pytest.mark.anyio


class Slow:
    """Masks what takes too long."""

    async def put_away(self) -> None:  # noqa: D102
        await anyio.sleep_forever()


async def test_what_was_not_masked_in_time_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """What callers said would stay as it was, and nobody would know."""
    form = AudioFormat()
    recorder = Recorder(None, form, form)
    with anyio.move_on_after(0.01) as scope:
        await put_away("s1", recorder, Slow(), Timeline(), None)  # type: ignore[arg-type]
    assert scope.cancelled_caught
    assert "was not put away in time" in caplog.text
    assert "s1" not in caplog.text
