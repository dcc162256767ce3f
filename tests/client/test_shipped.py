"""The shipped callers."""

import pytest

from workbench.client.settings import SessionSettings
from workbench.client.shipped import shipped_caller, shipped_voice
from workbench.conversation.assistants import shipped_assistants
from workbench.core.audio import AudioFormat, Encoding
from workbench.errors import ParameterError


@pytest.mark.parametrize("assistant", ["coffee", "rooms"])
def test_a_caller_comes_with_each_assistant(assistant):
    """The demo and the notebooks would have nobody to play."""
    assert assistant in shipped_assistants()
    files = shipped_caller(assistant)
    assert files
    assert all(file.is_file() for file in files)


def test_a_voice_is_at_the_rate_of_the_session():
    """It would be heard too low and too slow."""
    narrow = SessionSettings(input=AudioFormat(Encoding.MULAW, 8000))
    (wide, *_), (low, *_) = shipped_voice("coffee"), shipped_voice("coffee", narrow)
    assert len(wide) == pytest.approx(2 * len(low), abs=2)
    assert 1.0 < len(wide) / 16_000 < 15.0


def test_an_assistant_without_a_caller_is_named():
    """A traceback would tell of a missing key."""
    with pytest.raises(ParameterError, match="no caller is shipped for tea, only for coffee, rooms; a demo"):
        shipped_caller("tea")
