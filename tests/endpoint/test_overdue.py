"""When a session has had its time."""

import pytest

from workbench.endpoint.overdue import overdue
from workbench.endpoint.settings import EndpointSettings
from workbench.protocol.native import CloseCode

SETTINGS = EndpointSettings(session_max=100, hold=10, silence_timeout=20)


@pytest.mark.parametrize(
    ("age", "held_for", "silent_for", "code"),
    [
        (100, None, 20, None),
        (100.1, None, 0, CloseCode.TOO_LONG),
        (100.1, 0, 0, CloseCode.TOO_LONG),
        (50, 10, 99, None),
        (50, 10.1, 0, CloseCode.GONE),
        (50, None, 20.1, CloseCode.IDLE),
    ],
)
def test_a_session_ends_just_beyond_its_limits(age, held_for, silent_for, code):
    """A session would end too early, or never; silence while held is not the caller's."""
    over = overdue(SETTINGS, longest=SETTINGS.session_max, age=age, held_for=held_for, silent_for=silent_for)
    assert (over.code if over else None) is code
