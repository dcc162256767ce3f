"""``workbench export`` as a user runs it."""

import json
import re
from base64 import b64decode, b64encode
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
import soundfile

from workbench.analysis.export import FORMS
from workbench.cli import main
from workbench.data import data_folder
from workbench.store.recording import load_recording

SESSION = data_folder() / "sessions" / "coffee"


@pytest.mark.parametrize("form", FORMS)
def test_every_form_is_written(form: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A form that is offered would fail, or say it wrote what it did not."""
    path = tmp_path / "out"
    assert main(["export", str(SESSION), "--format", form, "-o", str(path)]) == 0
    assert re.search(rf"{path}: [1-9][\d.]* (bytes|kB)", capsys.readouterr().out)
    assert "latte" not in path.read_text(encoding="utf-8")
    wanted = "SPEAKER" if form == "rttm" else "mocha"
    assert wanted in path.read_text(encoding="utf-8")


def test_an_export_goes_to_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    """Another program could not read it from a pipe."""
    assert main(["export", str(SESSION), "--format", "webvtt", "-o", "-"]) == 0
    assert capsys.readouterr().out.startswith("WEBVTT\n")


def test_without_a_file_it_lies_in_the_session(tmp_path: Path) -> None:
    """Nobody would know where it went."""
    load_recording(SESSION).save(tmp_path / "session")
    assert main(["export", str(tmp_path / "session"), "--format", "srt"]) == 0
    assert (tmp_path / "session" / "session.srt").is_file()


def element(page: str, name: str) -> str:
    found = re.search(rf'<script id="{name}"[^>]*>(.*?)</script>', page, re.DOTALL)
    assert found is not None
    return found[1]


def test_the_page_holds_everything_and_may_fetch_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A page sent to someone would be empty, or call home."""
    path = tmp_path / "page.html"
    assert main(["export", str(SESSION), "--format", "html", "--sound", "-o", str(path)]) == 0
    said = capsys.readouterr().out
    assert re.search(r"[1-9]\d+\.\d kB, [1-9]\d+\.\d kB of it sound", said)
    page = path.read_text(encoding="utf-8")
    info = json.loads(element(page, "session-info"))
    index = b64decode(element(page, "session-index"))
    name, kind, offset = info["layout"]["words"]["columns"][0]
    starts = np.frombuffer(index, f"<{kind}", info["layout"]["words"]["rows"], offset)
    assert (name, starts[0]) == ("start", pytest.approx(0.586, abs=0.001))
    assert [turn["measured"] for turn in info["turns"]] == [True, True]
    script = re.search(r'<script type="module">(.*)</script>', page, re.DOTALL)
    assert script is not None
    digest = b64encode(sha256(script[1].encode()).digest()).decode()
    assert (
        f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'; media-src data:"
        in page
    )
    assert not re.search(r'(?:src|href)="(?!data:)', page)
    sound = re.search(r'src="data:audio/flac;base64,([^"]+)"', page)
    assert sound is not None
    samples, rate = soundfile.read(BytesIO(b64decode(sound[1])))
    assert samples.shape[1] == 2
    assert len(samples) / rate == pytest.approx(load_recording(SESSION).duration, abs=0.01)


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["/nowhere", "--format", "srt"], "/nowhere: no such folder, expected a recorded session"),
        ([__file__, "--format", "srt"], f"{__file__}: is a file, expected a recorded session"),
        ([str(SESSION), "--format", "srt", "--sound"], "--sound goes into a page, expected --format html"),
        (
            [str(SESSION), "--format", "srt", "-o", "/nowhere/a.srt"],
            "/nowhere/a.srt: can't be written: no such file or directory",
        ),
    ],
)
def test_what_is_wrong_is_said(
    arguments: list[str], problem: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A wrong folder would be a traceback."""
    assert main(["export", *arguments]) == 2
    assert problem in capsys.readouterr().err


def test_an_unknown_form_names_the_known(capsys: pytest.CaptureFixture[str]) -> None:
    """A user would have to guess the names."""
    with pytest.raises(SystemExit):
        main(["export", str(SESSION), "--format", "docx"])
    assert "'webvtt'" in capsys.readouterr().err
