"""Whose word counts when a session's language is chosen."""

import pytest

from workbench.core.languages import SessionLanguage, has_variety, is_tag, primary, session_language


@pytest.mark.parametrize(
    ("client", "assistant", "project", "tag", "by", "variety_by"),
    [
        (None, None, None, "en-US", "endpoint", "endpoint"),
        (None, None, "de-AT", "de-AT", "project", "project"),
        (None, "fr", "de-AT", "fr", "assistant", "assistant"),
        ("es", "fr", "de-AT", "es", "client", "client"),
        (None, "en", "en-GB", "en-GB", "assistant", "project"),
        (None, "en", "de", "en-US", "assistant", "endpoint"),
        (None, "en-AU", "en-GB", "en-AU", "assistant", "assistant"),
        ("EN", None, "en-GB", "en-GB", "client", "project"),
        ("de", "en", "de-CH", "de-CH", "client", "project"),
    ],
)
def test_the_first_who_names_a_language_chooses_it(
    client: str | None, assistant: str | None, project: str | None, tag: str, by: str, variety_by: str
) -> None:
    """A project's language would count over what the client or the assistant says, or not at all."""
    found = session_language(client=client, assistant=assistant, project=project, endpoint="en-US")
    assert found == SessionLanguage(tag, by, variety_by)
    assert found.told() == {"tag": tag, "by": by, "variety_by": variety_by}


@pytest.mark.parametrize(
    ("text", "fits"),
    [("de", True), ("pt-BR", True), ("zh-Hant-TW", True), ("german", False), ("de_AT", False), ("", False)],
)
def test_a_tag_is_told_by_its_form(text: str, fits: bool) -> None:
    """What is no tag would get as far as the recogniser."""
    assert is_tag(text) is fits


def test_a_variety_is_what_follows_the_language() -> None:
    """``en`` would be taken for a wish for other English than ``en-GB``."""
    assert (primary("pt-BR"), primary("EN"), has_variety("pt-BR"), has_variety("en")) == (
        "pt",
        "en",
        True,
        False,
    )
