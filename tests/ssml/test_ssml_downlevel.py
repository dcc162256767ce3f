import pytest

from workbench.errors import ParameterError
from workbench.ssml.dialect import Instead, Level
from workbench.ssml.dialects import FEATURES, dialect, dialects
from workbench.ssml.document import Place
from workbench.ssml.downlevel import render_for
from workbench.ssml.parse import parse


def rendered(inner, target, **settings):
    return render_for(parse(f"<speak>{inner}</speak>"), target, **settings)


@pytest.mark.parametrize(
    ("inner", "target", "text"),
    [
        ('a<break time="5s"/>', "elevenlabs", 'a<break time="3s"/>'),
        ('a<break strength="strong"/>b &amp; c', "elevenlabs", 'a<break time="0.5s"/>b & c'),
        ('<sub alias="doctor">Dr.</sub> Ray', "elevenlabs", "doctor Ray"),
        ('<sub alias="doctor">Dr.</sub> Ray', "scripted", "Dr. Ray"),
        ("<p>a</p>\n  <p>b\n c</p>", "elevenlabs", "a\n\nb c"),
        ('<mark name="m"/>a', "alexa", "<speak>a</speak>"),
        ('<prosody pitch="+12st">a</prosody>', "alexa", '<speak><prosody pitch="+100%">a</prosody></speak>'),
        ('<prosody pitch="+20Hz">a</prosody>', "alexa", "<speak>a</speak>"),
        ('<prosody pitch="-50%">a</prosody>', "google", '<speak><prosody pitch="-50%">a</prosody></speak>'),
        ('<prosody rate="10">a</prosody>'.replace("10", "3"), "polly-neural", '<prosody rate="200%">'),
        ('<prosody pitch="high">a</prosody>', "polly-neural", "<speak>a</speak>"),
        ('<prosody volume="silent">a</prosody>', "google", '<prosody volume="silent">'),
        ('<prosody volume="+12dB">a</prosody>', "alexa", '<prosody volume="+4.08dB">'),
        (
            '<emphasis level="strong">a</emphasis>',
            "polly-neural",
            '<speak><prosody rate="80%" volume="+4dB">a</prosody></speak>',
        ),
        ('<emphasis level="none">a</emphasis>', "polly-neural", "<speak>a</speak>"),
        ('<lang xml:lang="ja">hai</lang>', "kokoro", "<speak>hai</speak>"),
        ('<lang xml:lang="en-GB">yes</lang>', "kokoro", '<speak><lang xml:lang="en-GB">yes</lang></speak>'),
        ('<lang xml:lang="fr">oui</lang>', "espeak", '<speak><lang xml:lang="fr">oui</lang></speak>'),
        ('<audio src="a.wav"><desc>bell</desc>ding</audio>', "kokoro", "<speak>ding</speak>"),
        ('<w role="amazon:VB">read</w>', "google", "<speak>read</speak>"),
        ('<amazon:effect name="whispered">a</amazon:effect>', "azure", ">a</speak>"),
        ('<phoneme alphabet="sapi" ph="a">b</phoneme>', "kokoro", "<speak>b</speak>"),
        (
            '<phoneme alphabet="x-sampa" ph="S@">b</phoneme>',
            "elevenlabs",
            '<phoneme alphabet="ipa" ph="ʃə">b</phoneme>',
        ),
    ],
)
def test_a_target_gets_what_it_takes(inner, target, text):
    """A service would refuse the text, read tags aloud, or be given a value it takes for another."""
    assert text in rendered(inner, target).text


def test_azure_gets_its_own_spelling():
    """80% would be taken for +80%, dB for nothing, and a mark for an unknown tag."""
    text = rendered(
        '<voice name="v"><prosody rate="80%" volume="-6.02dB">a</prosody><mark name="m"/></voice>', "azure"
    ).text
    assert text.startswith('<speak version="1.0" xmlns="http://www.w3.org/2001/10/synthesis"')
    assert '<prosody rate="0.8" volume="-50%">a</prosody><bookmark mark="m"/>' in text


def test_a_language_a_target_lacks_is_a_loss_wherever_it_is_named():
    """The engine would refuse what was said to be fit for it."""
    text = (
        '<speak xml:lang="ja" onlangfailure="ignorelang"><p xml:lang="ko">a</p><s xml:lang="en-GB">b</s>'
        '<voice name="v" xml:lang="zh">c</voice></speak>'
    )
    lowered = render_for(parse(text), "kokoro")
    assert lowered.text == ('<speak><p>a</p><s xml:lang="en-GB">b</s><voice name="v">c</voice></speak>')
    assert [loss.feature for loss in lowered.losses] == [
        "speak@onlangfailure",
        "speak@xml:lang",
        "p@xml:lang",
        "voice@xml:lang",
    ]


def test_what_is_read_in_some_languages_only_is_a_loss_elsewhere():
    """A date in a Hindi reply would be promised and read as ordinary text."""
    inner = '<say-as interpret-as="date">1/2/03</say-as><say-as interpret-as="digits">42</say-as>'
    text = f'<speak xml:lang="hi">{inner}<lang xml:lang="es">{inner}</lang></speak>'
    found = render_for(parse(text), "kokoro").losses
    assert [(loss.feature, loss.place.column) for loss in found] == [("say-as@date", 22)]
    assert render_for(parse(f"<speak>{inner}</speak>"), "espeak").losses == ()


def test_losses_say_what_where_why_and_what_instead():
    """Whoever moves a prompt to another vendor would hear, not read, what it lost."""
    found = rendered('Hi\n <emphasis>a</emphasis><audio src="a.wav"/><break time="1s"/>', "elevenlabs").losses
    assert [(loss.feature, loss.place, loss.level) for loss in found] == [
        ("emphasis", Place(2, 2), Level.DROPPED),
        ("audio", Place(2, 24), Level.DROPPED),
    ]
    assert str(found[0]) == (
        "2:2: emphasis dropped: the service does not list it; its text is spoken without it"
    )
    assert found[1].instead.startswith("nothing is heard")


def test_what_the_workbench_does_outside_an_engine_is_noted_but_no_loss():
    """A pause made of silence would be taken for one the engine makes, or for lost."""
    whole = rendered('a<break time="1s"/>', "kokoro")
    assert whole.losses == ()
    assert [str(note) for note in whole.notes] == [
        "1:9: break@time honoured: silence, put in by the workbench"
    ]


def test_say_as_is_written_out_where_it_is_unknown():
    """A number would be read as the service likes, though how it is meant was said."""
    inner = '<say-as interpret-as="digits">42</say-as>'
    spoken = rendered(inner, "elevenlabs", read_as=lambda text, kind, form: f"{text}|{kind}|{form}")
    assert spoken.text == "42|digits|"
    assert spoken.losses[0].instead == Instead.WORDS
    assert rendered(inner, "elevenlabs").losses[0].instead == Instead.CONTENT
    assert rendered(inner, "alexa").text == f"<speak>{inner}</speak>"


def test_say_as_is_written_out_in_the_language_of_the_document_only():
    """English words would stand in the middle of a French sentence, and not be told of."""
    inner = '<say-as interpret-as="digits">42</say-as>'
    text = f'<speak>{inner}<p xml:lang="fr-FR">{inner}</p><lang xml:lang="en-GB">{inner}</lang></speak>'
    found = render_for(parse(text), "elevenlabs", read_as=lambda text, kind, form: f"[{text}]")
    assert found.text.split() == ["[42]42", "[42]"]
    told = [note.instead for note in found.losses if note.feature == "say-as@digits"]
    assert told == [Instead.WORDS, Instead.CONTENT, Instead.WORDS]


def test_a_text_outside_a_voice_is_a_loss_at_azure():
    """Azure would refuse the document."""
    assert [loss.feature for loss in rendered("a", "azure").losses] == ["voice@name"]
    assert rendered('<voice name="v">a</voice> ', "azure").losses == ()


@pytest.mark.parametrize("target", dialects())
def test_what_is_rendered_for_a_target_loses_nothing_more(target):
    """The text for a target would not be what that target takes."""
    inner = (
        '<p>a<break time="9s"/></p><emphasis>b</emphasis><prosody rate="300%" pitch="+2st" range="+5%">c'
        '</prosody><sub alias="d">e</sub><mark name="f"/><say-as interpret-as="name">g</say-as>'
    )
    once = rendered(inner, target)
    if dialect(target).wrapped:
        again = render_for(parse(once.text), target)
        assert again.text == once.text
        assert {loss.level for loss in again.losses} <= {Level.DEGRADED}


def test_unknown_targets_are_named_with_a_close_one():
    """A slip of the pen would end in a traceback."""
    with pytest.raises(ParameterError, match=r"'kokor' is not known \(did you mean kokoro\?\), expected one"):
        dialect("kokor")


@pytest.mark.parametrize("target", dialects().values(), ids=lambda target: target.name)
def test_every_entry_says_why_it_is_not_honoured(target):
    """The table would say that something is lost and not why."""
    for feature in (*FEATURES, *target.features):
        entry = target.entry(feature)
        assert entry.level is Level.HONOURED or entry.why
        assert target.source
