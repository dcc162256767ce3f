import pytest

from workbench.speech.synthesizers.clauses import plan
from workbench.speech.synthesizers.delivery import delivery_of
from workbench.ssml.flatten import flatten
from workbench.ssml.parse import parse


def delivered(text, f0_hz=100.0):
    """Return what each word of a document is asked to be."""
    steps = plan(flatten(parse(text)), voice="v", language="en-US")
    return [delivery_of(unit.style, f0_hz) for step in steps for unit in step.clause.units]


def test_a_contour_goes_over_the_whole_text_word_by_word():
    """A question would rise in each of its words, or not at all."""
    words = delivered('<speak><prosody contour="(0%,+0st) (100%,+12st)">abcd efgh</prosody></speak>')
    assert [word.f0_start for word in words] == pytest.approx([1.0, 2 ** (0.5)], rel=0.01)
    assert [word.f0_end for word in words] == pytest.approx([2 ** (0.5), 2.0], rel=0.01)
    assert words[0].f0_at(0.25) == pytest.approx(2 ** (1 / 8), rel=0.01)
    assert words[1].f0_at(1.0) == pytest.approx(2.0)


def test_a_contour_holds_before_its_first_point_and_after_its_last():
    """Its ends would be at another pitch than the standard asks for."""
    (word,) = delivered('<speak><prosody contour="(40%,+10Hz) (60%,+20%)">abcdefghij</prosody></speak>')
    assert (word.f0_at(0.0), word.f0_at(1.0)) == pytest.approx((1.1, 1.2))


def test_an_inner_contour_goes_over_its_own_text():
    """A phrase of its own melody would get a part of the one around it."""
    words = delivered(
        '<speak><prosody contour="(0%,+0st) (100%,+12st)">abcd <prosody contour="(0%,-12st)">efgh</prosody>'
        "</prosody></speak>"
    )
    assert words[1].f0_at(0.0) == words[1].f0_at(1.0) == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("change", "percent"), [("+50%", 50), ("x-low", -60), ("+3st", 50), ("-100%", -100), (None, 0)]
)
def test_a_change_of_range(change, percent):
    """A lively voice would be asked for, and a flat one made."""
    inner = "a" if change is None else f'<prosody range="{change}">a</prosody>'
    (word,) = delivered(f"<speak>{inner}</speak>")
    assert word.range_percent == pytest.approx(percent)
