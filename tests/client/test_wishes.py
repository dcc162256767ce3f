"""What a program may ask of its session."""

import pytest

from workbench.client.settings import SessionSettings
from workbench.client.wishes import saying, tuning
from workbench.errors import ParameterError

SECRET = "my card is 4111 1111 1111 1111 "


@pytest.mark.parametrize("text", ["", SECRET * 100])
def test_a_text_that_can_not_be_said_is_refused_without_telling_it(text: str) -> None:
    """A library's error would quote what somebody was to be told."""
    with pytest.raises(ParameterError) as refused:
        saying(text, at=1.0)
    assert str(refused.value) == f"a text to say has {len(text)} characters, expected 1 to 2000"
    assert saying("hello", at=1.0).text == "hello"


@pytest.mark.parametrize("text", [None, [SECRET], SECRET.encode()])
def test_what_is_no_text_is_refused_without_telling_it(text: object) -> None:
    """A traceback of a library would quote it, or bytes be spoken."""
    with pytest.raises(ParameterError) as refused:
        saying(text, at=1.0)  # type: ignore[arg-type]
    assert str(refused.value) == f"a text to say is a {type(text).__name__}, expected a str"


@pytest.mark.parametrize("language", [5, "klingon!"])
def test_a_language_that_is_no_tag_is_refused(language: object) -> None:
    """The session would be opened, and refused by the endpoint in its words."""
    with pytest.raises(ParameterError, match=f"language is '{language}', expected a tag such as en-GB"):
        SessionSettings(language=language)  # type: ignore[arg-type]


@pytest.mark.parametrize("changes", [{}, {"early.confidence": "high"}, {str(i): 1 for i in range(41)}])
def test_settings_that_can_not_be_sent_are_refused(changes: dict[str, object]) -> None:
    """The session would go on as before, and nobody know why."""
    with pytest.raises(ParameterError, match=f"^{len(changes)} settings are to change and 1 can't be sent"):
        tuning(changes, at=1.0)  # type: ignore[arg-type]
    assert tuning({"early.confidence": 0.8}, at=1.0).settings == {"early.confidence": 0.8}
