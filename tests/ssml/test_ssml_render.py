import string

from hypothesis import given, settings, strategies as st

from workbench.ssml.document import (
    Audio,
    Break,
    Emphasis,
    Extension,
    Mark,
    Paragraph,
    Phoneme,
    Prosody,
    SayAs,
    Sentence,
    Speak,
    Substitute,
    Text,
    UseLanguage,
    UseVoice,
)
from workbench.ssml.parse import parse
from workbench.ssml.render import escape, plain_text, render
from workbench.ssml.scales import BREAK_SECONDS, EMPHASES, SAY_AS, ContourPoint, Pitch

words = st.text(string.ascii_letters + " &<>\"'äé.,\r\n", min_size=1, max_size=12)
names = st.text(string.ascii_letters + "&<\"'", min_size=1, max_size=8)
tags = st.sampled_from(["en-US", "fr", "de-CH"])


def decimals(low, high):
    return st.floats(low, high).map(lambda value: round(value, 3))


pitches = st.one_of(
    decimals(-24, 24).map(lambda amount: Pitch(amount, "st")),
    decimals(-90, 90).map(lambda amount: Pitch(amount, "%")),
    decimals(-300, 300).map(lambda amount: Pitch(amount, "Hz")),
    decimals(40, 600).map(lambda amount: Pitch(amount, "=Hz")),
)
settings_of = st.sampled_from([(), (("xml:id", "a.1"),)])
points = st.lists(st.builds(ContourPoint, decimals(0, 100), pitches), min_size=1, max_size=3).map(
    lambda found: tuple(sorted(found, key=lambda point: point.at))
)
leaves = st.one_of(
    st.builds(
        Break,
        seconds=st.none() | decimals(0, 10),
        strength=st.none() | st.sampled_from(sorted(BREAK_SECONDS)),
        settings=settings_of,
    ),
    st.builds(Mark, names),
    st.builds(Substitute, text=words, alias=names),
    st.builds(Phoneme, text=words, sounds=names, alphabet=st.sampled_from(["ipa", "sapi", "ups"])),
    st.builds(Phoneme, text=words, sounds=st.text('@"A:{', min_size=1), alphabet=st.just("x-sampa")),
    st.builds(SayAs, text=words, interpret_as=st.sampled_from(SAY_AS), format=st.sampled_from(["", "mdy"])),
    st.builds(Extension, name=st.just("bookmark"), settings=st.just((("mark", "a"),))),
)


def _apart(nodes):
    """Keep one of two neighbouring texts: in a file they are one."""
    kept = []
    for node in nodes:
        if not (kept and isinstance(node, Text) and isinstance(kept[-1], Text)):
            kept.append(node)
    return tuple(kept)


def _prosody(inside):
    return st.builds(
        Prosody,
        rate=decimals(0.2, 4),
        pitch=st.none() | pitches,
        range=st.none() | decimals(-100, 200).map(lambda amount: Pitch(amount, "%")),
        contour=st.just(()) | points,
        seconds=st.none() | decimals(0.1, 600),
        gain_db=st.none() | decimals(-60, 20),
        children=inside,
    )


def _inline(children):
    inside = st.lists(children, max_size=4).map(_apart)
    return st.one_of(
        _prosody(inside),
        st.builds(Emphasis, level=st.sampled_from(EMPHASES), children=inside),
        st.builds(UseVoice, name=names, gender=st.sampled_from(["", "male"]), children=inside),
        st.builds(UseLanguage, language=tags, children=inside, settings=settings_of),
        st.builds(Audio, source=st.just("a.wav"), children=inside),
        st.builds(Extension, name=st.just("x:y"), settings=st.just((("b", "&"),)), children=inside),
    )


inline = st.recursive(st.one_of(st.builds(Text, words), leaves), _inline, max_leaves=8)


def _blocks(children):
    inside = st.lists(children, max_size=3).map(_apart)
    return st.one_of(_prosody(inside), st.builds(UseVoice, name=names, children=inside))


sentences = st.builds(Sentence, language=st.none() | tags, children=st.lists(inline, max_size=3).map(_apart))
paragraphs = st.builds(
    Paragraph, language=st.none() | tags, children=st.lists(sentences | inline, max_size=3).map(_apart)
)
nodes = st.recursive(st.one_of(sentences, paragraphs, inline), _blocks, max_leaves=4)
documents = st.builds(
    Speak,
    language=st.none() | tags,
    children=st.lists(nodes, max_size=5).map(_apart),
    settings=st.sampled_from([(), (("xml:base", "a"),)]),
)


@settings(deadline=None)
@given(documents)
def test_what_is_rendered_parses_to_the_same(document):
    """A document would change each time it is saved."""
    assert parse(render(document)) == document


def test_plain_text_is_what_a_reader_sees():
    """The transcript of a reply would show tags, or what is said instead of what is written."""
    document = parse(
        '<speak><s>Meet <sub alias="doctor">Dr.</sub> Ray</s><s>at <emphasis>five</emphasis>'
        "<break/>.</s></speak>"
    )
    assert plain_text(document) == "Meet Dr. Ray at five."


@settings(deadline=None)
@given(words)
def test_escaped_text_stands_between_tags(text):
    """A slot value with & in it would break the prompt around it."""
    assert plain_text(parse(f"<speak>{escape(text)}</speak>")) == " ".join(text.split())
