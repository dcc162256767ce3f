import pytest

from workbench.errors import ParameterError
from workbench.speech.voice_choice import catalogue, chain
from workbench.speech.voices import named


def ids(language: str, **wanted: object) -> list[str]:
    return [choice.voice.id for choice in chain(language, **wanted)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("language", "first", "last"),
    [
        ("en-GB", "bf_emma", "espeak:en-us"),
        ("en-US", "af_heart", "espeak:en-gb"),
        ("en-AU", "bf_emma", "espeak:en-us"),
        ("es-MX", "ef_dora", "af_heart"),
        ("fr", "ff_siwis", "af_heart"),
        ("de", "if_sara", "af_heart"),
        ("sw", "espeak:sw", "af_heart"),
        ("gl", "pf_dora", "af_heart"),
        ("tlh", "af_heart", "af_heart"),
    ],
)
def test_the_best_voice_comes_first_and_something_always_speaks(language: str, first: str, last: str) -> None:
    """A caller would be answered by a robot, in another language, or not at all."""
    found = ids(language)
    assert found[0] == first
    assert found[-1] == last


def test_the_region_decides_between_robots() -> None:
    """A Brazilian would hear Portuguese of Portugal first."""
    assert ids("pt-BR", engines=["espeak"])[:2] == ["espeak:pt-br", "espeak:pt-pt"]
    assert ids("pt-PT", engines=["espeak"])[:2] == ["espeak:pt-pt", "espeak:pt-br"]
    assert ids("es-AR", engines=["espeak"])[:2] == ["espeak:es-419", "espeak:es"]


def test_a_wanted_gender_comes_first_among_equals() -> None:
    """An assistant called George would speak as Emma."""
    assert ids("en-GB", gender="male")[0] == "bm_george"
    assert ids("en-US", gender="male")[0] == "am_michael"
    assert ids("es", gender="male")[0] == "ef_dora"


def test_every_choice_says_why() -> None:
    """Nobody would know that a voice is a stand-in."""
    told = [choice.reason for choice in chain("gl-ES")]
    assert told[0] == "gl-ES has no voice, pt is close to it; speaks pt-BR, no closer one does gl-ES"
    assert told[-1] == "nothing else speaks gl-ES: read as en-US"
    assert chain("de")[0].reason == "speaks de with an accent"
    assert chain("en-AU")[0].reason == "speaks en-GB, no closer one does en-AU"


def test_only_installed_engines_are_chosen() -> None:
    """A voice would be chosen that can't speak."""
    assert {voice.engine for voice in catalogue(["kokoro"])} == {"kokoro"}
    assert ids("sw", engines=["kokoro"]) == ["af_heart"]
    with pytest.raises(ParameterError, match="no voice of no engine is known"):
        chain("en", engines=[])


@pytest.mark.parametrize("language", ["", "english", "e", "12"])
def test_what_is_no_tag_is_refused(language: str) -> None:
    """A slip would be answered with the default voice."""
    with pytest.raises(ParameterError, match="expected a tag such as en-GB or fr"):
        chain(language)
    with pytest.raises(ParameterError, match="gender is 'x', expected female or male"):
        chain("en", gender="x")


def test_a_voice_of_espeak_is_named_by_its_tag() -> None:
    """It could not be asked for on a command line."""
    voice = named("espeak:pt-br")
    assert (voice.engine, voice.within, voice.language) == ("espeak", "pt-br", "pt-br")
    assert named("af_heart").within == "af_heart"
