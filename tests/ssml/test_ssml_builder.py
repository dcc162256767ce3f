import pytest

from workbench.errors import SsmlError
from workbench.ssml.builder import Builder
from workbench.ssml.document import Audio, Mark
from workbench.ssml.parse import parse
from workbench.ssml.render import render


def test_what_is_built_is_what_is_written_by_hand():
    """A document built in Python would be another than the one its author had in mind."""
    built = (
        Builder("en-GB")
        .sentence("Tom & ", Builder().emphasis("Ann", level="strong"))
        .pause(0.25)
        .mark("m")
        .prosody(
            "slow", Mark("in"), rate="80%", pitch="-2st", volume="+3dB", contour="(0%,+1st)", range="+10%"
        )
        .say_as("1/2/2003", "date", form="dmy")
        .pronounced("Dr.", alias="doctor")
        .pronounced("t", ipa="tə")
        .voice("hello", name="bf_emma", language="en-US")
        .voice("oui", language="fr")
        .paragraph("end", Audio(source="a.wav"))
        .pause(strength="weak")
    )
    assert built.document() == parse(
        '<speak xml:lang="en-GB"><s>Tom &amp; <emphasis level="strong">Ann</emphasis></s>'
        '<break time="250ms"/><mark name="m"/><prosody rate="80%" pitch="-2st" volume="+3dB" '
        'contour="(0%,+1st)" range="+10%">slow<mark name="in"/></prosody>'
        '<say-as interpret-as="date" format="dmy">1/2/2003</say-as><sub alias="doctor">Dr.</sub>'
        '<phoneme ph="tə">t</phoneme><voice name="bf_emma"><lang xml:lang="en-US">hello</lang></voice>'
        '<lang xml:lang="fr">oui</lang><p>end<audio src="a.wav"/></p><break strength="weak"/></speak>'
    )


def test_a_builder_is_never_changed():
    """A greeting that two documents begin with would grow with the first of them."""
    greeting = Builder().say("Hello ")
    assert render(greeting.say("you").document()) == "<speak>Hello you</speak>"
    assert render(greeting.document()) == "<speak>Hello </speak>"


@pytest.mark.parametrize(
    ("build", "says"),
    [
        (lambda: Builder().prosody("a", rate="quick"), "rate of <prosody> is not understood: write x-slow"),
        (lambda: Builder().prosody("a"), "<prosody> changes nothing"),
        (lambda: Builder().pronounced("a"), "expected one of them"),
        (lambda: Builder().pause(11).document(), "write a time from 0 to 10 s"),
        (lambda: Builder().emphasis("a", level="very").document(), "write none, reduced, moderate, strong"),
        (lambda: Builder().sentence(Builder().sentence("a")).document(), "<s> can't stand in <s>"),
    ],
)
def test_mistakes_say_what_to_write(build, says):
    """A wrong value would be found only when it is heard."""
    with pytest.raises(SsmlError) as caught:
        build()
    assert says in str(caught.value)
