import pytest
from hypothesis import given, settings, strategies as st

from workbench.errors import SsmlError
from workbench.ssml.document import Break, Emphasis, Mark, Phoneme, Place, Prosody, Speak, Substitute, Text
from workbench.ssml.downlevel import render_for
from workbench.ssml.flatten import Spoken, flatten
from workbench.ssml.parse import MOST_CHARACTERS, parse
from workbench.ssml.render import plain_text, render
from workbench.ssml.scales import Pitch


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
            Phoneme(text="t", sounds="tə"),
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
        ("<speak>\n  <brake/></speak>", 2, 3, "<brake> is not known: write <break>, or one of audio"),
        ('<speak><break tim="1s"/></speak>', 1, 8, "<break> has no attribute tim: write strength, time"),
        ("<speak><p>a</s></speak>", 1, 14, "close them in reverse order"),
        ("<speak>a", 1, 9, "the text ends inside a tag"),
        ("<speak>a</speak>b", 1, 17, "nothing may follow </speak>"),
        ("<speak>&nbsp;</speak>", 1, 8, "write the character itself"),
        ("  <speak>a<audio/></speak>", 1, 11, '<audio> needs src: write <audio src="...">'),
        ("wait <break time='1s'/> now", 1, 6, "write <speak> around the whole text"),
        ('<speak><break time="11s"/></speak>', 1, 8, "write a time from 0 to 10 s"),
        ("<speak><mark/></speak>", 1, 8, '<mark> needs name: write <mark name="...">'),
        ("<speak><prosody>a</prosody></speak>", 1, 8, "write rate, pitch or volume"),
        ("<speak><sub alias='b'><p/></sub></speak>", 1, 23, "<sub> can't contain <p>"),
        ("<speak><break>a</break></speak>", 1, 8, "<break> can't contain text"),
        ("<speak><speak/></speak>", 1, 8, "<speak> must be the outermost element"),
        ("<speak><phoneme alphabet='abc' ph='t'/></speak>", 1, 8, "write ipa, x-sampa"),
        ("<speak><phoneme alphabet='x-sampa' ph='ü'/></speak>", 1, 8, "is not X-SAMPA: write it as in"),
        ("<p>a</p>", 1, 1, "the outermost element is <p>: write <speak>"),
        ("<speak><p>a<p>b</p></p></speak>", 1, 12, "<p> can't stand in <p>: close <p> before it"),
        ("<speak><s><lang xml:lang='de'><s/></lang></s></speak>", 1, 31, "<s> can't stand in <s>"),
        ("<speak><emphasis><p/></emphasis></speak>", 1, 18, "close <emphasis> before it"),
        ("<speak><desc>a</desc></speak>", 1, 8, "put it in <audio> or <media>"),
        ("<speak><prosody contour='(60%,-60%)-(100%,+80%)'>a</prosody></speak>", 1, 8, "write points like"),
        ("<speak><prosody range='wide'>a</prosody></speak>", 1, 8, "write x-low"),
        ("<speak><prosody duration='0s'>a</prosody></speak>", 1, 8, "write a time over 0 s"),
        ("<speak><say-as interpret-as='date' format='abc'>1</say-as></speak>", 1, 8, "write one of mdy"),
        ("<speak><voice age='3'>a</voice></speak>", 1, 8, 'write <voice name="...">'),
        ("<speak><lang xml:lang='not valid'>a</lang></speak>", 1, 8, "write a language tag"),
        ("<speak><amazon:emotion name='sad' intensity='low'>a</amazon:emotion></speak>", 1, 8, "excited"),
        ("<speak><par>a</par></speak>", 1, 8, "write par, seq, media inside it"),
        ("<speak><media repeatCount='3s'/></speak>", 1, 8, 'write a number like "2"'),
    ],
)
def test_faults_say_where_and_what_to_write(text, line, column, says):
    """Whoever writes a prompt would not learn which place is wrong or how to mend it."""
    with pytest.raises(SsmlError) as caught:
        parse(text)
    assert says in str(caught.value)
    assert (caught.value.line, caught.value.column) == (line, column)


def test_a_document_type_is_refused():
    """Entities could read files or grow without bound."""
    bomb = '<!DOCTYPE speak [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><speak>&b;</speak>'
    with pytest.raises(SsmlError, match="document type"):
        parse(bomb)
    with pytest.raises(SsmlError, match="document type"):
        parse('<!DOCTYPE speak SYSTEM "file:///etc/passwd"><speak>a</speak>')


@pytest.mark.parametrize(
    "text",
    [
        '<?xml version="1.0"?><!DOCTYPE data [<!ENTITY f SYSTEM "file:///etc/passwd">]><data>&f;</data>',
        "<!DOCTYPE data [<!ENTITY a 'dos'>]><data>&a;</data>",
        "<root><element/></root>",
        "<html>\n<body>text</body></html>\n",
    ],
)
def test_other_xml_is_refused(text):
    """A document that is no SSML would be read aloud, tags and all."""
    with pytest.raises(SsmlError):
        parse(text)


def test_all_of_ssml_is_read():
    """What SSML 1.1 or a vendor has would be refused, or lost on the way."""
    text = """<speak version="1.1" xmlns="http://www.w3.org/2001/10/synthesis" xml:lang="en"
 onlangfailure="ignorelang" xmlns:mstts="http://www.w3.org/2001/mstts">
<lexicon uri="http://example.com/names.pls" xml:id="names"/><meta name="author" content="me"/>
<metadata><rdf:RDF xmlns:rdf="x">not spoken</rdf:RDF></metadata>
<p xml:lang="de"><s>Eins</s></p>
<lookup ref="names"><w role="claws:VV0">read</w><token>it</token></lookup>
<prosody contour="(0%,+20Hz) (10%,+30%) (40%,+10Hz)" range="+20%" duration="2s">so</prosody>
<voice gender="female" languages="en de" required="languages">hi</voice>
<say-as interpret-as="date" format="dmy" detail="1">1.2.2003</say-as>
<audio src="beep.wav" soundLevel="+2.5dB" repeatCount="2"><desc>a beep</desc>beep</audio>
<bookmark mark="m"/><mstts:express-as style="sad" styledegree="1.5">oh</mstts:express-as>
<amazon:effect name="whispered">psst</amazon:effect><other:thing any="x">heard</other:thing>
<par><media xml:id="a" begin="1s" end="b.end-0.5s"><audio src="a.mp3"/></media></par></speak>"""
    document = parse(text)
    said = "Eins readit so hi 1.2.2003 beep oh psstheard"
    assert plain_text(document) == said
    assert parse(render(document)) == document
    prosody = next(node for node in document.children if isinstance(node, Prosody))
    assert [(point.at, point.pitch.unit) for point in prosody.contour] == [(0, "Hz"), (10, "%"), (40, "Hz")]
    assert (prosody.range, prosody.seconds) == (Pitch(20.0, "%"), 2.0)
    assert prosody.place == Place(7, 1)


def test_a_document_inside_media_keeps_its_language():
    """French between English would be spoken as English."""
    inner = '<speak xml:lang="fr-FR"><p>oui</p> <lang xml:lang="de">ja</lang></speak>'
    document = parse(f'<speak xml:lang="en">no<par><media>{inner}</media></par></speak>')
    spoken = [piece for piece in flatten(document) if isinstance(piece, Spoken) and piece.text.strip()]
    assert [(piece.text, piece.style.language) for piece in spoken] == [
        ("no", "en"),
        ("oui", "fr-FR"),
        ("ja", "de"),
    ]
    assert parse(render(document)) == document
    google = render_for(document, "google")
    assert google.losses == ()
    assert '<speak><lang xml:lang="fr-FR"><p>oui</p>' in google.text
    losses = render_for(document, "elevenlabs").losses
    assert ("lang", Place(1, 36)) in [(loss.feature, loss.place) for loss in losses]


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
