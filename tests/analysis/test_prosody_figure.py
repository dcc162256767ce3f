from dataclasses import replace

import numpy as np
import pytest

from workbench.analysis.alignment_figure import alignment_figure
from workbench.analysis.contour_rows import contour_rows
from workbench.analysis.melodies import melodies
from workbench.analysis.prosody_figure import MOST, Spoken, contour_figure
from workbench.analysis.voices_cell import Text
from workbench.core.events import SpokenWord
from workbench.errors import EngineMissing, ParameterError
from workbench.prosody.alignment import Alignment
from workbench.prosody.contours import Contour
from workbench.speech.scripted import WORD_SECONDS, ScriptedSynthesizer
from workbench.speech.speakers import Speakers
from workbench.speech.voices import Voice, named
from workbench.ssml.setting import Setting

AT = np.arange(100) / 100
RISING = Contour(AT, 100 * 2 ** (AT * 6 / 12))
WORDS = (SpokenWord(text="so", start=0.0, end=0.4), SpokenWord(text="what", start=0.4, end=1.0))


def test_a_contour_is_drawn_in_semitones_around_its_median() -> None:
    """Voices of different height could not be compared by eye."""
    figure = contour_figure([Spoken(name="one", contour=RISING, words=WORDS)])
    (line,) = figure.data
    assert np.ptp(line.y) == pytest.approx(6 * 0.99)
    assert np.median(line.y) == pytest.approx(0, abs=1e-3)
    assert line.name == "one, around 119 Hz"
    assert [note.text for note in figure.layout.annotations] == ["so", "what"]
    assert figure.layout.annotations[1].x == pytest.approx(0.7)


def test_an_aligned_contour_lies_over_the_first() -> None:
    """A slower voice would run off to the right of its words."""
    slow = Contour(2 * AT, RISING.f0_hz * 1.5)
    figure = contour_figure(
        [
            Spoken(name="one", contour=RISING, words=WORDS),
            Spoken(name="two", contour=slow, alignment=Alignment(AT, 2 * AT)),
        ]
    )
    one, two = figure.data
    assert two.x == pytest.approx(one.x)
    assert two.y == pytest.approx(one.y)
    assert one.line.color != two.line.color
    assert one.line.dash != two.line.dash


def test_unvoiced_stretches_are_gaps() -> None:
    """A line would be drawn through a pause."""
    f0 = RISING.f0_hz.copy()
    f0[40:60] = np.nan
    (line,) = contour_figure([Spoken(name="one", contour=Contour(AT, f0))]).data
    assert np.isnan(line.y[40:60]).all()
    (silent,) = contour_figure([Spoken(name="one", contour=Contour(AT, np.full(100, np.nan)))]).data
    assert silent.name == "one, no voice"


@pytest.mark.parametrize("count", [0, MOST + 1])
def test_more_than_can_be_told_apart_is_refused(count: int) -> None:
    """Two voices would have one colour."""
    with pytest.raises(ParameterError, match=f"{count} contours are to be drawn, expected 1 to 7"):
        contour_figure([Spoken(name="one", contour=RISING)] * count)


def test_words_lie_where_they_are_in_the_whole() -> None:
    """The words of a second sentence would be written under the first."""
    tone = Voice(
        id="scripted:tone",
        name="Tone",
        engine="scripted",
        language="en-US",
        gender="female",
        licence="Apache-2.0",
        file="",
    )
    (spoken,) = melodies(
        Text("One two. Three.", "en"), [tone], speakers=Speakers({"scripted": ScriptedSynthesizer})
    )
    assert [(word.text, word.start) for word in spoken.words] == [
        ("One", 0.0),
        ("two.", WORD_SECONDS),
        ("Three.", 2 * WORD_SECONDS),
    ]
    assert spoken.alignment is None


def test_voices_are_aligned_with_the_first() -> None:
    """Their melodies would lie beside, not over each other."""
    text = Text("Good morning to you all.", "en")
    try:
        plain, slow = melodies(text, [named("espeak:en-us")], [Setting(), Setting(name="slow", rate=0.8)])
    except EngineMissing as missing:
        pytest.skip(str(missing))
    assert slow.name == "espeak:en-us, slow"
    assert slow.alignment is not None
    starts = [word.start for word in plain.words]
    found = slow.alignment.to_one([word.start for word in slow.words])
    assert np.median(np.abs(found - starts)) < 0.05


def test_rows_have_one_scale_and_words_of_their_own() -> None:
    """Two languages would share the words of the first, or a flat melody look as lively as another."""
    flat = Spoken(
        name="flat", contour=Contour(AT, np.full(100, 200.0)), words=(replace(WORDS[0], text="así"),)
    )
    figure = contour_rows([Spoken(name="up", contour=RISING, words=WORDS), flat])
    assert [note.text for note in figure.layout.annotations] == ["so", "what", "así"]
    assert figure.layout.annotations[2].yref == "y2"
    assert figure.layout.yaxis.range == figure.layout.yaxis2.range
    assert "200 Hz" in figure.layout.yaxis2.title.text
    with pytest.raises(ParameterError, match="0 contours are to be drawn, expected 1 to 7"):
        contour_rows([])


def test_who_lingers_rises() -> None:
    """A voice half as fast is as far behind as the first has come."""
    slow = Contour(2 * AT, RISING.f0_hz)
    later = tuple(replace(word, start=2 * word.start, end=2 * word.end) for word in WORDS)
    other = Spoken(name="two", contour=slow, words=later, alignment=Alignment(AT, 2 * AT))
    figure = alignment_figure([Spoken(name="one", contour=RISING, words=WORDS), other])
    line, marks = figure.data
    assert line.y == pytest.approx(AT)
    assert list(marks.x) == [0.0, 0.4]
    assert list(marks.y) == [0.0, 0.4]
    with pytest.raises(ParameterError, match="0 contours are aligned with the first, expected 1 to 6"):
        alignment_figure([Spoken(name="one", contour=RISING), Spoken(name="two", contour=slow)])
