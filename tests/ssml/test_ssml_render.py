import string

from hypothesis import given, settings, strategies as st

from workbench.ssml.document import (
    BREAK_SECONDS,
    EMPHASES,
    SAY_AS,
    Break,
    Emphasis,
    Mark,
    Paragraph,
    Phoneme,
    Pitch,
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

words = st.text(string.ascii_letters + " &<>\"'äé.,", min_size=1, max_size=12)
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
leaves = st.one_of(
    st.builds(
        Break,
        seconds=st.none() | decimals(0, 10),
        strength=st.none() | st.sampled_from(sorted(BREAK_SECONDS)),
    ),
    st.builds(Mark, names),
    st.builds(Substitute, text=words, alias=names),
    st.builds(Phoneme, text=words, ipa=names),
    st.builds(SayAs, text=words, interpret_as=st.sampled_from(SAY_AS), format=st.just("")),
)


def _apart(nodes):
    """Keep one of two neighbouring texts: in a file they are one."""
    kept = []
    for node in nodes:
        if not (kept and isinstance(node, Text) and isinstance(kept[-1], Text)):
            kept.append(node)
    return tuple(kept)


def _containers(children):
    inside = st.lists(children, max_size=4).map(_apart)
    prosody = st.builds(
        Prosody, rate=decimals(0.2, 4), pitch=pitches, gain_db=decimals(-60, 20), children=inside
    )
    return st.one_of(
        prosody,
        st.builds(Emphasis, level=st.sampled_from(EMPHASES), children=inside),
        st.builds(UseVoice, name=names, children=inside),
        st.builds(UseLanguage, language=tags, children=inside),
        st.builds(Paragraph, language=st.none() | tags, children=inside),
        st.builds(Sentence, language=st.none() | tags, children=inside),
    )


nodes = st.recursive(st.one_of(st.builds(Text, words), leaves), _containers, max_leaves=8)
documents = st.builds(Speak, language=st.none() | tags, children=st.lists(nodes, max_size=5).map(_apart))


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
