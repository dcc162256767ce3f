import io
from dataclasses import replace

import numpy as np
import pandas
import pytest
import soundfile

from workbench.analysis.rhythms import rhythm_figure, rhythm_frame
from workbench.analysis.voices import Cell, compare, jobs_for
from workbench.analysis.voices_cell import Text
from workbench.errors import ParameterError
from workbench.speech.voices import Voice

RATE = 16_000
TONE = Voice(
    id="scripted:tone",
    name="Tone",
    engine="scripted",
    language="en-US",
    gender="female",
    licence="Apache-2.0",
    file="",
)


def cell(samples: np.ndarray) -> Cell:
    (made,) = compare(jobs_for([Text("Two of these.", "en")], [TONE], recognised=False))
    held = io.BytesIO()
    soundfile.write(held, samples, RATE, format="FLAC")
    return replace(made, flac=held.getvalue(), figures=replace(made.figures, speech=2.0, pausing=0.5))


def buzz(seconds: float) -> np.ndarray:
    at = np.arange(round(seconds * RATE)) / RATE
    return 0.1 * sum(np.sin(2 * np.pi * 150 * times * at) for times in range(1, 8))


def test_rhythm_is_that_of_the_sound(rng: np.random.Generator) -> None:
    """By hand: voiced 0.4, 0.8, 0.4 s with 0.2 s of hiss between: 80 % voiced, nPVI of 200/3."""
    hiss = rng.normal(0, 0.05, round(0.2 * RATE))
    quiet = np.zeros(RATE // 2)
    sound = np.concatenate([quiet, buzz(0.4), hiss, buzz(0.8), hiss, buzz(0.4), quiet])
    frame = rhythm_frame([cell(sound)])
    assert frame.voiced_share[0] == pytest.approx(80, abs=4)
    assert frame.voiced_npvi[0] == pytest.approx(200 / 3, abs=8)
    assert frame.syllables_a_second[0] == pytest.approx(3 / 1.5)
    assert frame.pausing[0] == 0.5


def test_silence_has_no_rhythm_and_kept_cells_no_sound() -> None:
    """A voice that says nothing would be the most even of all."""
    frame = rhythm_frame([cell(np.zeros(RATE))])
    assert np.isnan(frame.voiced_share[0])
    with pytest.raises(ParameterError, match="a cell's sound lies in its folder, expected cells compared"):
        rhythm_frame([replace(cell(np.zeros(RATE)), flac=b"")])


def test_each_voice_of_a_language_has_its_median() -> None:
    """Languages would be mixed up, or a median be that of another voice."""
    frame = pandas.DataFrame(
        {
            "language": ["en", "en", "es"],
            "voice": ["a", "a", "b"],
            "text": ["x", "y", "z"],
            "voiced_share": [50.0, 60.0, 70.0],
            "voiced_npvi": [40.0, 60.0, 30.0],
        }
    )
    large = [trace for trace in rhythm_figure(frame).data if trace.name]
    assert [(trace.name, trace.x[0], trace.y[0]) for trace in large] == [
        ("a (en)", 55.0, 50.0),
        ("b (es)", 70.0, 30.0),
    ]
    assert large[0].marker.color != large[1].marker.color
    assert large[0].marker.symbol != large[1].marker.symbol
