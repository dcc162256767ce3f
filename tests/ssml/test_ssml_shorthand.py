import pytest
from hypothesis import given, settings, strategies as st

from workbench.errors import SsmlError
from workbench.ssml.parse import parse
from workbench.ssml.render import plain_text, render
from workbench.ssml.shorthand import parse_shorthand


@pytest.mark.parametrize(
    ("text", "inner"),
    [
        ("a [3s] b [250ms]", 'a <break time="3s"/> b <break time="0.25s"/>'),
        ("a [break:\"weak\"] [break:'2s'] [break]", None),
        ('(Al)[sub:"aluminum"]', '<sub alias="aluminum">Al</sub>'),
        ('(pecan)[ipa:"pɪˈkɑːn"]', '<phoneme alphabet="ipa" ph="pɪˈkɑːn">pecan</phoneme>'),
        ('(now)[emphasis:"strong"]', '<emphasis level="strong">now</emphasis>'),
        ("++now++", '<emphasis level="strong">now</emphasis>'),
        ('(2:30pm)[time:"hms12"]', '<say-as interpret-as="time" format="hms12">2:30pm</say-as>'),
        ("(a)[number;chars]", '<say-as interpret-as="characters">a</say-as>'),
        ('(a)[pitch:"+2st";rate:"90%";vol]', '<prosody rate="90%" pitch="+2st" volume="+0dB">a</prosody>'),
        ('(Paris)[lang:"fr-FR"]', '<lang xml:lang="fr-FR">Paris</lang>'),
        ('(a)[voice:"Kendra"]', '<voice name="Kendra">a</voice>'),
        ('[mark:"here"]a', '<mark name="here"/>a'),
        ('!["a.mp3"]', '<audio src="a.mp3"/>'),
        (
            'a #[voice:"K"] b #[defaults] c',
            'a <voice name="K"> b </voice> c',
        ),
        (
            '(oh)[disappointed:"HIGH"]',
            '<amazon:emotion intensity="high" name="disappointed">oh</amazon:emotion>',
        ),
        ("f(x)[0] and [1] or (text) []()*~@#_!+- 1+1", None),
        ("C++ and a++b and (a)[unknown]", None),
    ],
)
def test_shorthand_becomes_ssml(text, inner):
    """A pause or a stress typed in a chat would be read aloud."""
    document = parse_shorthand(text)
    if inner is not None:
        assert document == parse(f"<speak>{inner}</speak>")
    assert parse(render(document)) == document


def test_what_is_no_shorthand_stays_text():
    """Brackets of ordinary writing would vanish from what is said."""
    text = "f(x)[0] and [1] or (text) []()*~@#_!+- 1+1, C++ and a++b"
    assert plain_text(parse_shorthand(text)) == text


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('![" "]', "a recording has no address"),
        ('[mark:" "]', "mark has no name"),
        ('(a)[date:"abc"]', "write one of mdy"),
    ],
)
def test_empty_and_unknown_values_are_refused(text, says):
    """A document would be made that nobody can read again."""
    with pytest.raises(SsmlError, match=says):
        parse_shorthand(text)


def test_an_empty_alias_is_none():
    """A word would be spoken as nothing."""
    assert parse_shorthand('(a)[sub:" ";voice:" ";ipa:" "]') == parse("<speak>a</speak>")


def test_a_value_that_is_not_understood_has_a_place():
    """Its writer would have to look for it."""
    with pytest.raises(SsmlError) as caught:
        parse_shorthand('one\ntwo (a)[pitch:"up"]')
    assert (caught.value.line, caught.value.column) == (2, 5)
    assert "write x-low" in str(caught.value)
    with pytest.raises(SsmlError) as caught:
        parse_shorthand('#[lang:"fr"] un\n#[lang:"?"] deux')
    assert (caught.value.line, caught.value.column) == (2, 1)


@settings(deadline=None)
@given(st.text(st.sampled_from("ab()[]#+!:;\"'1s \n{}<&") | st.characters(codec="utf-8"), max_size=60))
def test_any_text_becomes_a_document(text):
    """Some text would raise an error that is not ours, or make SSML nobody can read."""
    try:
        document = parse_shorthand(text)
    except SsmlError:
        return
    parse(render(document))
