import pytest

from workbench.errors import ParameterError
from workbench.ssml.flatten import Pause, Spoken, flatten
from workbench.ssml.parse import parse
from workbench.ssml.setting import Setting, said_with, setting_from


def test_pauses_lie_at_punctuation_inside_the_text() -> None:
    """Decimals would be torn apart, or a reply end with silence."""
    said = Setting(pause=0.4).ssml("Good morning, that is 3,5 or 3.5 kilos. Fine!")
    pieces = list(flatten(parse(said)))
    assert [piece.seconds for piece in pieces if isinstance(piece, Pause)] == [0.4, 0.4]
    assert [piece.text for piece in pieces if isinstance(piece, Spoken)] == [
        "Good morning,",
        " that is 3,5 or 3.5 kilos.",
        " Fine!",
    ]


def test_a_document_keeps_what_it_asks_for_itself() -> None:
    """A reply's own pauses, stress and rate would be lost as soon as an assistant has a preset."""
    reply = (
        '<speak xml:lang="de"><s>Ja, <emphasis level="moderate">gern</emphasis>.</s>'
        '<prosody rate="80%">Bis bald.</prosody></speak>'
    )
    pieces = list(flatten(parse(said_with(Setting(rate=0.5, range=20), reply))))
    spoken = [piece for piece in pieces if isinstance(piece, Spoken)]
    assert [round(piece.style.rate, 3) for piece in spoken] == [0.5, 0.5, 0.5, 0.4]
    assert [piece.style.emphasis for piece in spoken] == ["none", "moderate", "none", "none"]
    assert all(piece.style.range is not None and piece.style.range.amount == 20 for piece in spoken)
    assert said_with(Setting(), reply) == reply


def test_asterisks_are_never_spoken() -> None:
    """A plain cell would say "asterisk" where the stressed one says nothing."""
    assert Setting().ssml("I want *two*.", "en") == '<speak xml:lang="en">I want two.</speak>'


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"rate": 9}, "rate of odd is 9, expected 0.3 to 3"),
        ({"range": 300}, "range of odd is 300, expected -80 to 100"),
        ({"pause": 20}, "pause of odd is 20, expected 0 to 10"),
        ({"emphasis": "loud"}, "emphasis of odd is 'loud', expected one of none, reduced, moderate, strong"),
        ({"speed": 1}, "setting 'odd': 'speed', expected rate, pitch, range, volume, pause, emphasis"),
        ({"rate": True}, "setting 'odd': rate is bool, expected a number"),
        ({"rate": "fast"}, "setting 'odd': 'fast' is no number"),
    ],
)
def test_a_setting_that_can_not_be_says_why(values: dict[str, object], problem: str) -> None:
    """A slip in a file would be a voice at three times its pace."""
    with pytest.raises(ParameterError, match=problem):
        setting_from("odd", values)


@pytest.mark.parametrize("value", ["fast", True, [1.2]])
def test_a_setting_takes_numbers_only(value: object) -> None:
    """A word would end in a TypeError that names neither the field nor what it may be."""
    with pytest.raises(ParameterError, match=r"rate of plain is .*, expected 0.3 to 3"):
        Setting(rate=value)  # type: ignore[arg-type]
