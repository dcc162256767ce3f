from pathlib import Path

import pytest

from workbench.cli import main
from workbench.commands.compare import _at_once, parse_setting, read_texts
from workbench.errors import EngineMissing, ParameterError
from workbench.speech.synthesizers.espeak import EspeakSynthesizer


@pytest.fixture
def espeak() -> None:
    try:
        EspeakSynthesizer.load().close()
    except EngineMissing as missing:
        pytest.skip(str(missing))


def test_a_comparison_is_written(espeak: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The command would end without a page, a table or a word."""
    asked = ["compare", "espeak:en-us", "espeak:de", "--limit", "1", "--deaf", "--executor", "here"]
    out = tmp_path / "out"
    assert main([*asked, "--settings", "fast:rate=1.2", "--out", str(out)]) == 0
    told = capsys.readouterr().out
    assert "4 cells" in told
    assert "espeak:de, fast (de)" in told
    page = (out / "comparison.html").read_text(encoding="utf-8")
    assert "Was what was asked done?" in page
    assert (out / "comparison.csv").read_text(encoding="utf-8").count("\n") == 5
    assert len(list((out / "cells").glob("*.flac"))) == 4
    assert "earlier runs" not in page
    assert main([*asked, "--settings", "fast:rate=1.2", "--out", str(out)]) == 0
    page = (out / "comparison.html").read_text(encoding="utf-8")
    assert "4 of 4 cells were found from earlier runs" in page


@pytest.mark.parametrize(
    ("executor", "many"),
    [("here", 1), ("processes:3", 3), ("tcp://one:8786", None), ("tls://one:8786", None)],
)
def test_how_many_at_once_is_known_of_this_machine_only(executor: str, many: int | None) -> None:
    """Times of a cluster would be said to be this machine's."""
    assert _at_once(executor) == many


def test_the_shipped_sentences_are_ten_a_language_and_without_digits() -> None:
    """A recogniser that writes 7 for seven would make a voice look unintelligible."""
    texts = read_texts(None)
    counts = {
        language: sum(text.language == language for text in texts)
        for language in {text.language for text in texts}
    }
    assert set(counts.values()) == {10}
    assert len(counts) >= 8
    assert not any(char.isdigit() for text in texts for char in text.text)
    assert {text.language for text in read_texts(None, 2, ["pt-BR"])} == {"pt"}


def test_a_setting_is_read_from_the_command_line() -> None:
    """Names or values would get lost."""
    setting = parse_setting("very warm:rate=0.9,pitch=-1.5")
    assert (setting.name, setting.rate, setting.pitch, setting.volume) == ("very warm", 0.9, -1.5, 0)
    assert parse_setting("urgent").rate > 1


def test_a_language_without_texts_is_told() -> None:
    """Whoever names a voice that speaks something else would look for a mistake in the file."""
    with pytest.raises(ParameterError, match="holds no text in xx"):
        read_texts(None, None, ["xx"])


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("fast", "setting 'fast', expected one such as fast:rate=1.2, or one of calm, warm"),
        ("fast:speed=2", "setting 'fast': 'speed', expected rate, pitch, range, volume, pause, emphasis"),
        ("fast:rate=x", "setting 'fast': 'x' is no number"),
        ("fast:rate=7", "rate of fast is 7, expected 0.3 to 3"),
    ],
)
def test_a_wrong_setting_says_what_is_wrong(text: str, problem: str) -> None:
    """A slip would be a traceback."""
    with pytest.raises(ParameterError, match=problem):
        parse_setting(text)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("text\nhello\n", "lacks the column language, expected language, text"),
        ("language,text\nen,\n", ":2: a text of 0 characters, expected 1 to 1000"),
        ("language,text\n", "holds 0 texts, expected 1 to 1000"),
    ],
)
def test_a_wrong_file_of_texts_says_what_is_wrong(content: str, problem: str, tmp_path: Path) -> None:
    """A slip in a file would be a traceback."""
    file = tmp_path / "texts.csv"
    file.write_text(content)
    with pytest.raises(ParameterError, match=problem):
        read_texts(file)


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["af_hart"], "voice 'af_hart' is not known, close ones are af_heart"),
        (["--texts", "nowhere.csv"], "nowhere.csv: can't be read as CSV: no such file or directory"),
        (["--limit", "0"], "--limit is 0, expected at least 1"),
        (["--executor", "moon"], "executor 'moon', expected here, processes"),
    ],
)
def test_wrong_arguments_get_one_sentence(
    arguments: list[str], problem: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A user would see a traceback."""
    assert main(["compare", *arguments, "--out", str(tmp_path)]) == 2
    assert problem in capsys.readouterr().err


def test_a_place_that_is_a_file_is_refused_before_the_work(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every text would be said in every voice, and the page of it be lost."""
    (tmp_path / "out").touch()
    assert main(["compare", "af_heart", "--limit", "1", "--out", str(tmp_path / "out")]) == 2
    assert "out: can't be made a folder: it is a file" in capsys.readouterr().err


def test_texts_in_another_encoding_are_refused(tmp_path: Path) -> None:
    """A file from an older spreadsheet would be told as a Python exception's name."""
    file = tmp_path / "texts.csv"
    file.write_bytes("language,text\nfr,voil\xe0\n".encode("latin-1"))
    with pytest.raises(ParameterError, match="is no UTF-8 at byte 22, expected CSV"):
        read_texts(file)
