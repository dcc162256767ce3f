"""Texts that an engine refuses, said with all of their SSML but what is refused."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from workbench.errors import NotSpoken, ParameterError
from workbench.speech.ports import Clause, SynthesizerCapabilities
from workbench.speech.refused import LACKING_MAX, clauses_of
from workbench.speech.scripted import ScriptedSynthesizer
from workbench.ssml.flatten import Spoken, flatten
from workbench.ssml.parse import parse
from workbench.ssml.setting import PLAIN, Setting

KEPT = "; the rest of the SSML is kept"
PAUSE = '<break time="0.5s"/>'


@dataclass
class Choosy:
    """A synthesiser with one voice and one language; a reply that names neither is none of its business."""

    asked: list[str] = field(default_factory=list)
    scripted: ScriptedSynthesizer = field(default_factory=ScriptedSynthesizer)

    @property
    def capabilities(self) -> SynthesizerCapabilities:
        """Return what it claims."""
        return self.scripted.capabilities

    def synthesize(self, ssml: str, *, voice: str) -> Iterator[Clause]:
        """Yield tones; refuses as the engines here do."""
        self.asked.append(ssml)
        if voice != "here":
            raise ParameterError(f"voice {voice!r} is not known")
        for piece in flatten(parse(ssml)):
            if isinstance(piece, Spoken) and piece.style.voice:
                raise NotSpoken(f"voice {piece.style.voice!r} is not known", "voice", piece.style.voice)
            if isinstance(piece, Spoken) and piece.style.language:
                raise NotSpoken(f"{piece.style.language} is not spoken", "language", piece.style.language)
        return self.scripted.synthesize(ssml, voice=voice)


def said(ssml: str, style: Setting = PLAIN, voice: str = "here") -> tuple[list[str], str, str]:
    """Return the words, the last text that the engine was asked for, and what the first clause tells."""
    engine = Choosy()
    clauses = list(clauses_of(engine, ssml, text="One. Two.", voice=voice, style=style))
    assert not any(clause.fell_back for clause in clauses[1:])
    return [clause.text for clause in clauses], engine.asked[-1], clauses[0].fell_back


@pytest.mark.parametrize(
    ("ssml", "last", "tells"),
    [
        (f"<speak>One.{PAUSE} Two.</speak>", f"<speak>One.{PAUSE} Two.</speak>", ""),
        (
            f'<speak>One.{PAUSE} <voice name="Joanna">Two.</voice></speak>',
            f"<speak>One.{PAUSE} Two.</speak>",
            "voice 'Joanna' is not known" + KEPT,
        ),
        (
            f'<speak><lang xml:lang="ja">One.</lang>{PAUSE} <voice name="Joanna">Two.</voice></speak>',
            f"<speak>One.{PAUSE} Two.</speak>",
            "ja is not spoken; voice 'Joanna' is not known" + KEPT,
        ),
        (
            f"<speak>One.{PAUSE} <blink>Two.</blink></speak>",
            f"<speak>One.{PAUSE} Two.</speak>",
            "<blink> is not known" + KEPT,
        ),
        (
            f'<speak><b>One.</b>{PAUSE} <blink><voice name="Joanna">Two.</voice></blink></speak>',
            f"<speak>One.{PAUSE} Two.</speak>",
            "<b> is not known; <blink> is not known; voice 'Joanna' is not known" + KEPT,
        ),
        (
            f"<speak><i>One.</i>{PAUSE} <b><u><q><a>Two.</a></q></u></b></speak>",
            f"<speak>One.{PAUSE} Two.</speak>",
            "<i> is not known; <b> is not known; <u> is not known; and 2 more" + KEPT,
        ),
        (
            f"<speak>One.{PAUSE} Two.",
            "<speak>One. Two.</speak>",
            "line 1, column 37: the text ends inside a tag: close it; the text is said without its SSML",
        ),
    ],
)
def test_only_what_is_refused_is_left_out_and_told(ssml, last, tells):
    """One voice that is not there, or one slip, would cost a reply its pauses, or nobody would know."""
    assert said(ssml) == (["One.", "Two."], last, tells)


def test_the_style_of_the_assistant_stays():
    """A reply that is mended would be said in another tempo than the ones around it."""
    words, last, _ = said('<speak>One. <voice name="Joanna">Two.</voice></speak>', Setting(rate=0.9))
    assert (words, last) == (
        ["One.", "Two."],
        '<speak><prosody rate="90%">One. Two.</prosody></speak>',
    )


def test_what_is_lacking_is_bounded():
    """A reply that names a hundred voices would be tried a hundred times before it is heard."""
    many = "".join(f'<voice name="v{number}">One.</voice>' for number in range(LACKING_MAX + 1))
    engine = Choosy()
    (first, *_) = clauses_of(engine, f"<speak>{many}</speak>", text="One.", voice="here", style=PLAIN)
    assert len(engine.asked) == LACKING_MAX + 2
    assert first.fell_back == f"voice 'v{LACKING_MAX}' is not known; the text is said without its SSML"


def test_a_voice_that_is_not_there_at_all_is_an_error():
    """An assistant with a wrong voice would be tried for ever."""
    with pytest.raises(ParameterError, match="voice 'nobody' is not known"):
        said(f"<speak>One.{PAUSE} Two.</speak>", voice="nobody")


def test_a_language_that_the_engine_lacks_is_what_goes_first() -> None:
    """A reply in the session's language would lose its pauses, or not be said at all."""
    engine = Choosy()
    ssml = f"<speak>One.{PAUSE} Two.</speak>"
    first, *_ = clauses_of(engine, ssml, text="One. Two.", voice="here", style=PLAIN, language="yo")
    assert engine.asked == [ssml.replace("<speak>", '<speak xml:lang="yo">'), ssml]
    assert first.fell_back == "yo is not spoken" + KEPT
    with pytest.raises(ParameterError, match="voice 'there' is not known"):
        list(clauses_of(engine, "One.", text="One.", voice="there", style=PLAIN, language="yo"))
