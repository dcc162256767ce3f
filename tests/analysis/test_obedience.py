"""Was what a document asks for done? Sounds that are made to obey, or not, and real voices."""

import numpy as np
import pytest

from workbench.analysis.obedience import MOST, Said, obeyed, probed
from workbench.core.events import SpokenWord
from workbench.errors import EngineMissing
from workbench.speech.ports import Clause
from workbench.ssml.document import Break, Mark
from workbench.ssml.flatten import Marked, Pause, Spoken, flatten
from workbench.ssml.parse import parse
from workbench.ssml.render import plain_text, render

RATE = 16_000
TEXT = (
    '<speak>I am sorry.<break time="400ms"/> '
    '<prosody rate="80%" pitch="-2st">Your table is not free,</prosody> '
    'but <prosody volume="-6dB">a quarter past '
    '<emphasis level="strong">nine</emphasis> would do</prosody></speak>'
)


def said(document, *, rate=1.0, semitones=0.0, gain_db=0.0, pause=1.0) -> Said:
    """Return a voice of vowels: as asked, times what is given (so that 1 and 0 obey)."""
    made, marks, at = [], [], 0.0
    for piece in flatten(document):
        if isinstance(piece, Marked):
            marks.append(SpokenWord(text=piece.name, start=at, end=at))
        elif isinstance(piece, Pause):
            made.append(np.zeros(round(piece.seconds * pause * RATE)))
            at += len(made[-1]) / RATE
        elif isinstance(piece, Spoken):
            style = piece.style
            stressed = 1.2 if style.emphasis == "strong" else 1.0
            asked = style.rate != 1 or style.pitches or style.gain_db
            faster = style.rate * (rate if asked else 1.0) / stressed
            f0 = 120.0 * np.prod([one.factor(120.0) for one in style.pitches])
            f0 *= 2 ** (semitones / 12) if asked else 1.0
            db = style.gain_db + (gain_db if asked else 0.0) + (3.0 if stressed > 1 else 0.0)
            for _ in piece.text.split():
                time = np.arange(round(0.3 / faster * RATE)) / RATE
                tone = sum(np.sin(2 * np.pi * f0 * n * time) / n for n in range(1, 8))
                made.append(0.1 * 10 ** (db / 20) * tone)
                at += len(time) / RATE
    samples = np.concatenate(made).astype(np.float32)
    return Said([Clause(text="", samples=samples, rate=RATE, marks=tuple(marks))])


def told(text=TEXT, **disobeying):
    made = probed(parse(text))
    rows = obeyed(made.probes, said(made.asked, **disobeying), said(made.plain))
    return [(row.what, row.asked, row.measured, row.done) for row in rows]


def test_what_is_done_is_measured_as_it_was_asked():
    """A voice that obeys would be called disobedient."""
    assert told() == [
        ("break", "400 ms", "400 ms", True),
        ("rate", "-20 %", "-20 %", True),
        ("pitch", "-2.0 st", "-2.0 st", True),
        ("volume", "-6.0 dB", "-6.0 dB", True),
        ("emphasis", "strong", "+20% long, +3.0 dB", True),
    ]


def test_what_is_not_done_is_told():
    """A voice that does nothing would be trusted."""
    found = {
        what: (measured, done)
        for what, _, measured, done in told(rate=1.25, semitones=2.0, gain_db=3.0, pause=0.5)
    }
    assert found["break"] == ("200 ms", False)
    assert found["rate"] == ("-0 %", False) or found["rate"] == ("+0 %", False)
    assert found["pitch"] == ("+0.0 st", False) or found["pitch"] == ("-0.0 st", False)
    assert found["volume"] == ("-3.0 dB", False)


def test_nested_prosody_is_measured_with_what_stands_around_it():
    """Half the rate in half the rate would be called a mistake."""
    text = '<speak>one <prosody rate="50%">two <prosody rate="80%">three four</prosody></prosody></speak>'
    assert told(text) == [("rate", "-60 %", "-60 %", True)]


def test_breaks_in_a_row_are_one_silence():
    """Each of two would be called too long."""
    text = '<speak>one <break time="300ms"/> <break time="500ms"/> two</speak>'
    assert told(text) == [("break", "800 ms", "800 ms", True)]


def test_what_can_not_be_measured_is_not_guessed():
    """A silence that nobody hears, or an engine without marks, would be called obedient."""
    assert told('<speak>one two <break time="900ms"/></speak>') == [("break", "900 ms", "–", None)]
    made = probed(parse(TEXT))
    deaf = said(made.plain)
    deaf.marks.clear()
    assert {row.done for row in obeyed(made.probes, deaf, deaf)} == {None}


def test_the_words_stay_and_nothing_else_is_marked_beyond_a_limit():
    """What is compared would be two texts, or a long document would be refused by its own marks."""
    made = probed(parse(TEXT))
    assert plain_text(made.asked) == plain_text(made.plain) == plain_text(parse(TEXT))
    assert parse(render(made.asked)) == made.asked
    assert not [one for one in made.plain.children if isinstance(one, Break)]
    many = probed(parse(f"<speak>{'one <break/>' * 60}</speak>"))
    assert len(many.probes) == MOST
    assert sum(isinstance(one, Mark) for one in many.asked.children) == 2 * MOST
    assert sum(isinstance(one, Break) for one in many.asked.children) == 60


@pytest.mark.speech
@pytest.mark.timeout(240)
@pytest.mark.parametrize(("engine", "voice"), [("kokoro", "af_heart"), ("espeak", "en-us")])
def test_real_voices_do_what_they_are_known_to_do(engine, voice):
    """The figures in a page would not be those of the voice."""
    if engine == "espeak":
        pytest.importorskip("espeakng_loader")
    from workbench.speech.speakers import embedded_loaders

    try:
        speaker = embedded_loaders()[engine]()
    except EngineMissing as missing:
        pytest.skip(str(missing))
    made = probed(parse(TEXT))
    asked, plain = (
        Said(list(speaker.synthesize(render(one), voice=voice))) for one in (made.asked, made.plain)
    )
    unmarked = np.concatenate([one.samples for one in speaker.synthesize(TEXT, voice=voice)])
    close = getattr(speaker, "close", None)
    if close is not None:
        close()
    assert abs(len(unmarked) - len(asked.samples)) < 0.001 * asked.rate  # marks make no sound
    rows = {row.what: row for row in obeyed(made.probes, asked, plain)}
    assert [rows[what].done for what in ("break", "rate", "pitch", "volume", "emphasis")] == [True] * 5
