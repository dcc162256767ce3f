import pytest
from hypothesis import given, settings, strategies as st

from workbench.errors import SsmlError
from workbench.ssml.document import Break, Emphasis, Mark, Phoneme, Pitch, Prosody, Speak, Substitute, Text
from workbench.ssml.parse import MOST_CHARACTERS, parse


def test_every_element_becomes_its_node():
    """An element of the subset would be lost or misread."""
    document = parse(
        '<speak xml:lang="en-GB">Hi <break time="250ms"/><mark name="m"/>'
        '<prosody rate="80%" pitch="-2st" volume="+6dB">slow</prosody>'
        '<emphasis level="strong">now</emphasis><sub alias="you">u</sub>'
        '<phoneme alphabet="ipa" ph="tə">t</phoneme></speak>'
    )
    assert document == Speak(
        language="en-GB",
        children=(
            Text("Hi "),
            Break(seconds=0.25),
            Mark("m"),
            Prosody(rate=0.8, pitch=Pitch(-2.0, "st"), gain_db=6.0, children=(Text("slow"),)),
            Emphasis(level="strong", children=(Text("now"),)),
            Substitute(text="u", alias="you"),
            Phoneme(text="t", ipa="tə"),
        ),
    )


@pytest.mark.parametrize(
    "text", ["a < b & c > d", "R&D at 5 < 6", "I <3 you", "2 <s> 3", "plain", "AT&T; &amp;"]
)
def test_plain_text_stays_as_it_is(text):
    """A reply with & or < in it would crash or be misread as SSML."""
    assert parse(text) == Speak(children=(Text(text),))


@pytest.mark.parametrize("text", ["", "  \n", "<speak/>", "<speak></speak>"])
def test_nothing_to_say_is_an_empty_document(text):
    """An empty reply would be an error."""
    assert parse(text) == Speak()


@pytest.mark.parametrize(
    ("text", "line", "column", "says"),
    [
        ("<speak>a & b</speak>", 1, 11, "write &amp; for &"),
        ("<speak>\n  <brake/></speak>", 2, 3, "<brake> is not honoured: write one of break"),
        ('<speak><break tim="1s"/></speak>', 1, 8, "<break> has no attribute tim here: write strength, time"),
        ("<speak><p>a</s></speak>", 1, 14, "close them in reverse order"),
        ("<speak>a", 1, 9, "the text ends inside a tag"),
        ("<speak>a</speak>b", 1, 17, "nothing may follow </speak>"),
        ("<speak>&nbsp;</speak>", 1, 8, "write the character itself"),
        ("  <speak>a<audio/></speak>", 1, 11, "<audio> is not honoured"),
        ("wait <break time='1s'/> now", 1, 6, "write <speak> around the whole text"),
        ('<speak><break time="11s"/></speak>', 1, 27, "write a time from 0 to 10 s"),
        ("<speak><mark/></speak>", 1, 15, '<mark> needs name: write <mark name="...">'),
        ("<speak><prosody>a</prosody></speak>", 1, 18, "write rate, pitch or volume"),
        ("<speak><sub alias='b'><p/></sub></speak>", 1, 23, "<sub> can't contain <p>"),
        ("<speak><break>a</break></speak>", 1, 16, "<break> can't contain text"),
        ("<speak><speak/></speak>", 1, 8, "<speak> must be the outermost element"),
        ("<speak><phoneme alphabet='x-sampa' ph='t'/></speak>", None, None, 'write alphabet="ipa"'),
    ],
)
def test_faults_say_where_and_what_to_write(text, line, column, says):
    """Whoever writes a prompt would not learn which place is wrong or how to mend it."""
    with pytest.raises(SsmlError) as caught:
        parse(text)
    assert says in str(caught.value)
    if line is not None:
        assert (caught.value.line, caught.value.column) == (line, column)


def test_a_document_type_is_refused():
    """Entities could read files or grow without bound."""
    bomb = '<!DOCTYPE speak [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><speak>&b;</speak>'
    with pytest.raises(SsmlError, match="document type"):
        parse(bomb)
    with pytest.raises(SsmlError, match="document type"):
        parse('<!DOCTYPE speak SYSTEM "file:///etc/passwd"><speak>a</speak>')


def test_size_and_depth_are_bounded():
    """One text could take the endpoint's memory or overflow its stack."""
    with pytest.raises(SsmlError, match="at most"):
        parse("a" * (MOST_CHARACTERS + 1))
    with pytest.raises(SsmlError, match="nested more than 32 deep"):
        parse("<speak>" + '<emphasis level="strong">' * 40)
    with pytest.raises(SsmlError, match="more than 5000 elements"):
        parse("<speak>" + '<mark name="m"/>' * 5001 + "</speak>")


def test_a_declaration_and_a_comment_may_stand_before_speak():
    """SSML as other tools save it would be read aloud as text."""
    document = parse('\ufeff<?xml version="1.0" encoding="utf-16"?>\n<!-- greeting -->\n<speak>é</speak>')
    assert document.children == (Text("é"),)


@settings(deadline=None)
@given(st.text(max_size=200))
def test_any_text_parses_or_is_refused_properly(text):
    """Some text would raise an error that is not ours."""
    for candidate in (text, f"<speak>{text}</speak>", f"<speak {text}>"):
        try:
            assert isinstance(parse(candidate), Speak)
        except SsmlError as error:
            assert error.problem  # noqa: PT017
