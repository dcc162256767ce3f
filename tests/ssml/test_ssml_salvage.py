"""What is left of a document when only what is refused is taken away."""

import pytest
from hypothesis import given, strategies as st

from workbench.errors import SsmlError
from workbench.ssml.parse import parse
from workbench.ssml.render import plain_text, render
from workbench.ssml.salvage import salvage, without


@pytest.mark.parametrize(
    ("text", "left", "wrong"),
    [
        ("<speak>a <blink>b</blink> c</speak>", "<speak>a b c</speak>", ["<blink> is not known"]),
        (
            '<speak><prosody rate="quick" pitch="-2st">a</prosody></speak>',
            '<speak><prosody pitch="-2st">a</prosody></speak>',
            ["rate of <prosody> is not understood"],
        ),
        (
            '<speak>a <prosody rate="quick">b</prosody><break time="1s"/></speak>',
            '<speak>a b<break time="1s"/></speak>',
            ["rate of <prosody> is not understood"],
        ),
        ('<speak><break time="1s">a</break>b</speak>', "<speak>ab</speak>", ["<break> can't contain text"]),
        (
            "<speak><p>a<p>b</p>c</p></speak>",
            "<speak><p>a b c</p></speak>",
            ["<p> can't stand in <p>"],
        ),
        ("<speak>a<br/>b</speak>", "<speak>a  b</speak>", ["<br> is not known"]),
        (
            '<speak><sub alias="b"><emphasis>x</emphasis></sub></speak>',
            '<speak><sub alias="b">x</sub></speak>',
            ["<sub> can't contain <emphasis>"],
        ),
        ('<?xml version="1.0"?>\n<speak>a<u>b</u></speak>', "<speak>ab</speak>", ["<u> is not known"]),
        ("\ufeff<!-- x --><speak>a<u>b</u></speak>", "<speak>ab</speak>", ["<u> is not known"]),
        ("<speak><say-as>12</say-as></speak>", "<speak>12</speak>", ["<say-as> needs interpret-as"]),
        ('<speak mood="sad">a</speak>', "<speak>a</speak>", ["<speak> has no attribute mood"]),
        (
            'a <break time="1s"/> b',
            '<speak>a <break time="1s"/> b</speak>',
            ["<break> stands outside <speak>"],
        ),
        (
            '<prosody rate="80%">a</prosody>',
            '<speak><prosody rate="80%">a</prosody></speak>',
            ["the outermost element is <prosody>"],
        ),
        ('<speak>a <break time="1s"/></speak>', '<speak>a <break time="1s"/></speak>', []),
    ],
)
def test_only_what_is_wrong_goes(text, left, wrong):
    """A reply with one slip in it would lose all its pauses and voices, or its words."""
    document, told = salvage(text)
    assert (render(document), list(told)) == (left, wrong)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("<speak>a <b>c</speak>", "does not match"),
        ("<speak>salt & pepper</speak>", "write &amp; for &"),
        ("<!DOCTYPE speak [<!ENTITY a 'b'>]><speak>&a;</speak>", "document type"),
        ("wait <break time='1s'/> & go", "stands outside <speak>"),
        ("<speak>" + "<p/>" * 5001 + "</speak>", "more than 5000 elements"),
    ],
)
def test_what_can_not_be_mended_is_refused_as_before(text, says):
    """Where a tag was meant to end would be guessed, or a bomb be read after all."""
    with pytest.raises(SsmlError, match=says):
        salvage(text)


_TAGS = (
    "p",
    "s",
    "break",
    "emphasis",
    "prosody",
    "sub",
    "par",
    "media",
    "voice",
    "blink",
    "br",
    "x:y",
    "audio",
)
_TREES = st.recursive(
    st.text("ab", min_size=1, max_size=3),
    lambda inner: st.builds(
        lambda name, attribute, children: f"<{name} {attribute}>{''.join(children)}</{name}>",
        st.sampled_from(_TAGS),
        st.sampled_from(
            ("", 'rate="quick"', 'rate="80%"', 'name="J"', 'time="1s"', 'alias="c"', 'level="odd"')
        ),
        st.lists(inner, max_size=3),
    ),
    max_leaves=12,
)


@given(st.lists(_TREES, max_size=4))
def test_no_letter_is_lost_whatever_is_wrong(trees):
    """Words of a reply would go unsaid, or what is left be refused again."""
    inside = "".join(trees)
    document, _ = salvage(f"<speak>{inside}</speak>")
    letters = "".join(part.partition(">")[2] for part in f">{inside}".split("<"))
    assert plain_text(document).replace(" ", "") == letters
    assert parse(render(document)) == document


SWITCHING = (
    '<speak xml:lang="ja">a <voice name="J">b</voice> <voice name="J" xml:lang="de">c</voice>'
    '<lang xml:lang="ja">d <s xml:lang="ja">e</s></lang><phoneme alphabet="x-sampa" ph="@">f</phoneme>'
    "</speak>"
)


@pytest.mark.parametrize(
    ("feature", "value", "changes"),
    [
        (
            "voice",
            "J",
            [('<voice name="J">b</voice>', "b"), ('<voice name="J" xml:lang="de">', '<voice xml:lang="de">')],
        ),
        (
            "language",
            "ja",
            [
                ('<speak xml:lang="ja">', "<speak>"),
                ('<lang xml:lang="ja">d <s xml:lang="ja">e</s></lang>', "d <s>e</s>"),
            ],
        ),
        ("language", "de", [('<voice name="J" xml:lang="de">', '<voice name="J">')]),
        ("phoneme", "ə", [('<phoneme alphabet="x-sampa" ph="@">f</phoneme>', "f")]),
        ("voice", "other", []),
    ],
)
def test_what_an_engine_lacks_goes_and_nothing_else(feature, value, changes):
    """A voice that is not there would take the pauses and the language around it along."""
    wanted = SWITCHING
    for old, new in changes:
        wanted = wanted.replace(old, new)
    assert render(without(parse(SWITCHING), feature, value)) == render(parse(wanted))
