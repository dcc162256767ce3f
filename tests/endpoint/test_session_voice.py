"""How an assistant speaks in a session: language, voice and words, by who says what."""

import pytest

from workbench.conversation.assistants import load_assistant
from workbench.core.languages import session_language
from workbench.core.projects import Project
from workbench.endpoint.session_voice import (
    by_default,
    check_defaults,
    in_session,
    spoken_language,
    voice_notes,
)
from workbench.errors import ParameterError


def speaking(own: str | None, *, its: str = "am_michael", client: str | None = None, **facts: str):
    """Return an assistant in a session of a project."""
    coffee = load_assistant("coffee").model_copy(update={"voice": its, "language": own})
    project = Project(name="p", **facts)
    language = session_language(client=client, assistant=own, project=project.language, endpoint="en-US")
    return in_session(coffee, project, language)


@pytest.mark.parametrize(
    ("own", "wanted", "language", "voice"),
    [
        ("en", {}, "en-US", "am_michael"),
        ("en", {"voice": "bf_emma"}, "en-GB", "bf_emma"),
        ("en", {"voice": "if_sara"}, "en-US", "am_michael"),
        ("en", {"language": "en-US"}, "en-US", "am_michael"),
        ("en", {"language": "en-GB"}, "en-GB", "bm_"),
        ("en-US", {"language": "en-GB"}, "en-US", "am_michael"),
        ("en-US", {"client": "en-GB"}, "en-GB", "bm_"),
        ("en", {"language": "es"}, "en-US", "am_michael"),
        ("en", {"client": "es"}, "en", "am_michael"),
        (None, {"language": "es"}, "es", "ef_"),
        (None, {"language": "es-MX", "voice": "ef_dora"}, "es-MX", "ef_dora"),
        (None, {"client": "it", "voice": "ef_dora"}, "it", "if_"),
        ("de", {}, "de", "am_michael"),
        (None, {}, "en-US", "am_michael"),
    ],
)
def test_the_voice_speaks_the_language_of_the_words(
    own: str | None, wanted: dict[str, str], language: str, voice: str
) -> None:
    """Spanish would be read by an English voice, or English words by a Spanish one."""
    found = speaking(own, **wanted)
    assert found.language == language
    assert found.voice.startswith(voice)


def test_an_engine_is_told_the_language_where_the_voice_is_anothers() -> None:
    """German said by an Italian voice would be read as Italian, its numbers too."""
    assert spoken_language(speaking("de", its="if_sara")) == "de"
    assert spoken_language(speaking("en-GB", its="af_heart")) == "en-GB"
    assert spoken_language(speaking("en", its="bf_emma")) == ""
    assert spoken_language(speaking(None, its="ef_dora", language="es-MX")) == "es-MX"
    assert spoken_language(speaking("de", its="somebody-else's")) == ""


def test_rooms_keeps_its_voice_by_default() -> None:
    """The endpoint's own default would take a British voice from an assistant."""
    assert by_default(load_assistant("rooms"), "en-US").voice == "bf_emma"


def test_defaults_that_nobody_can_keep_are_refused() -> None:
    """Sessions of the project would be silent, or refused one by one."""
    check_defaults(Project(name="p", voice="if_sara", language="nb-NO"))
    with pytest.raises(
        ParameterError, match=r"^language is tlh, which is not recognised, expected one of Whis"
    ):
        check_defaults(Project(name="p", language="tlh"))
    with pytest.raises(ParameterError, match=r"jp, which is not recognised \(did you mean ja\?\), expected"):
        check_defaults(Project(name="p", language="jp"))
    with pytest.raises(ParameterError, match="voice 'bob' is not known"):
        check_defaults(Project(name="p", voice="bob"))


def test_who_sets_defaults_hears_how_they_sound() -> None:
    """A project would be set to a language that is read as English, or to a voice that never speaks."""
    assert voice_notes(Project(name="p", voice="ef_dora", language="es-MX")) == ()
    (passed,) = voice_notes(Project(name="p", voice="ef_dora", language="it"))
    assert passed == "ef_dora does not speak it, so another voice does"
    (read,) = voice_notes(Project(name="p", language="yo"))
    assert read == "what is said in yo is said by af_heart (nothing else speaks yo: read as en-US)"
