from workbench.ssml.flatten import Boundary, Marked, Pause, Spoken, Style, flatten
from workbench.ssml.parse import parse
from workbench.ssml.scales import Pitch


def test_nested_prosody_multiplies():
    """A slow word inside a slow sentence would not be slower."""
    (piece,) = flatten(
        parse(
            '<speak><prosody rate="0.5" pitch="+2st" volume="+3dB">'
            '<prosody rate="1.5" pitch="-10%" volume="-1dB">a</prosody></prosody></speak>'
        )
    )
    pitches = (Pitch(2.0, "st"), Pitch(-10.0, "%"))
    assert piece == Spoken(text="a", style=Style(rate=0.75, pitches=pitches, gain_db=2.0))


def test_everything_comes_in_order():
    """A mark, a pause or the end of a sentence would be heard at another place."""
    pieces = flatten(parse('<speak><s>a<mark name="m"/></s><break time="1s"/><p>b</p></speak>'))
    kinds = [piece.text if isinstance(piece, Spoken) else piece for piece in pieces]
    sentence, paragraph = Boundary(False), Boundary(True)
    assert kinds == [sentence, "a", Marked("m"), sentence, Pause(1.0), paragraph, "b", paragraph]


def test_sounds_are_ipa_whatever_the_alphabet():
    """A pronunciation in ASCII would be ignored, or spoken letter by letter."""
    pieces = flatten(
        parse(
            '<speak><phoneme alphabet="x-sampa" ph="pI&quot;kA:n">a</phoneme>'
            '<phoneme alphabet="ups" ph="x">b</phoneme><phoneme ph="ə">c</phoneme></speak>'
        )
    )
    assert [piece.ipa for piece in pieces] == ["pɪˈkɑːn", None, "ə"]


def test_what_is_about_the_document_is_not_spoken():
    """A recording's description or a document's author would be read aloud."""
    pieces = flatten(
        parse(
            '<speak><metadata><x:y>author</x:y></metadata><audio src="a.wav"><desc>bell</desc>ding</audio>'
            "<w>word</w><x:z>kept</x:z></speak>"
        )
    )
    assert [piece.text for piece in pieces] == ["ding", "word", "kept"]


def test_language_and_voice_hold_for_what_is_inside():
    """Text after a voice would still be spoken by it."""
    pieces = flatten(
        parse('<speak xml:lang="en">a<lang xml:lang="fr">b</lang><voice name="v">c</voice>d</speak>')
    )
    styles = [(piece.style.language, piece.style.voice) for piece in pieces if isinstance(piece, Spoken)]
    assert styles == [("en", None), ("fr", None), ("en", "v"), ("en", None)]
