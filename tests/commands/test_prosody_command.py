from pathlib import Path

import numpy as np
import pytest
import soundfile

from workbench.cli import main
from workbench.errors import EngineMissing
from workbench.speech.synthesizers.espeak import EspeakSynthesizer


@pytest.fixture
def espeak() -> None:
    try:
        EspeakSynthesizer.load().close()
    except EngineMissing as missing:
        pytest.skip(str(missing))


def test_an_experiment_is_written(espeak: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The command would end without a page or a table, or measure nothing of what was asked."""
    asked = ["prosody", "experiment", "--factor", "rate=1,0.8", "--factor", "pitch=0,3", "--full"]
    asked += ["--interaction", "rate:pitch", "--voices", "espeak:en-us", "--limit", "2"]
    out = tmp_path / "out"
    assert main([*asked, "--executor", "here", "--out", str(out)]) == 0
    told = capsys.readouterr().out
    assert "rate × pitch 0.8 × 3" in told
    page = (out / "experiment.html").read_text(encoding="utf-8")
    assert "2 factors, 4 conditions (full), 1 voices, 2 sentences" in page
    assert "--interaction rate:pitch --full --seed 0" in page
    lines = (out / "effects.csv").read_text(encoding="utf-8").splitlines()
    slow = next(line for line in lines if line.startswith("rate,0.8,espeak:en-us,en,rate,"))
    assert float(slow.split(",")[7]) == pytest.approx(-20, abs=4)
    assert len(list((out / "cells").glob("*.flac"))) == 8


def test_presets_are_listed_with_their_sources(capsys: pytest.CaptureFixture[str]) -> None:
    """Nobody could see what a preset asks for, or who found it."""
    assert main(["prosody", "presets"]) == 0
    told = capsys.readouterr().out
    assert "urgency" in told
    assert "pitch lower (juslin2003, scherer2003)" in told
    assert "Psychological Bulletin" in told


def test_presets_are_measured(espeak: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A preset would be believed to do what it asks for."""
    asked = ["prosody", "presets", "espeak:de", "--limit", "2", "--executor", "here"]
    assert main([*asked, "--out", str(tmp_path)]) == 0
    told = capsys.readouterr().out
    assert "apologetic" in told
    assert "lower ?" in told  # two sentences have no interval
    assert "✓" not in told


def test_recordings_are_measured(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The figures would be of another file or in another unit: a tone of 200 Hz has 200 Hz."""
    file = tmp_path / "tone.wav"
    soundfile.write(file, 0.3 * np.sin(2 * np.pi * 200 * np.arange(16_000) / 16_000), 16_000)
    assert main(["prosody", "measure", str(file)]) == 0
    assert "200 Hz" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (["--factor", "rate"], "factor 'rate', expected one such as rate=1,0.9,1.1"),
        (["--factor", "rate=1,x"], "setting 'x': 'x' is no number"),
        (["--factor", "tempo=1,2"], "factor 'tempo', expected one of rate, pitch, range"),
        (["--factor", "rate=1,2", "--interaction", "rate"], "interaction 'rate', expected two factors"),
        (["--factor", "rate=1,2", "--interaction", "rate:pitch"], "factor pitch is not in the experiment"),
        (["--factor", "rate=1,2", "--voices", "nobody"], "voice 'nobody' is not known"),
    ],
)
def test_a_slip_says_what_is_wrong(
    words: list[str], problem: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It would be a traceback, or be noticed after the work."""
    assert main(["prosody", "experiment", *words, "--out", str(tmp_path)]) == 2
    assert problem in capsys.readouterr().err
