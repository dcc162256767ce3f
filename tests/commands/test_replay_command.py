"""``workbench replay`` as a user runs it."""

from pathlib import Path

import pytest

from workbench.cli import main
from workbench.core.timeline import Timeline
from workbench.data import data_folder

SESSION = data_folder() / "sessions" / "coffee"


def test_the_timeline_it_would_have_had_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is printed could not be looked into."""
    file = tmp_path / "events.jsonl"
    main(["replay", str(SESSION), "--set", "early.enabled=false", "--out", str(file)])
    assert "recorded" in capsys.readouterr().out
    kinds = {event.body.type for event in Timeline.load(file).events}
    assert "turn-ended" in kinds
    assert "early-synthesis-started" not in kinds


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (
            ["--assistant", "rooms"],
            "which assistant rooms does not know, expected the assistant it was recor",
        ),
        (["--out", "/nowhere/a.jsonl"], "/nowhere/a.jsonl: can't be written, there is no folder /nowhere"),
        (["--out", "/"], "/: is a folder, expected a file to write"),
        (["--set", "early.confidence"], "--set is early.confidence, expected NAME=VALUE"),
    ],
)
def test_what_is_wrong_is_said(
    arguments: list[str], problem: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A slip would end in a traceback, after the table and without the file."""
    assert main(["replay", str(SESSION), *arguments]) == 2
    told = capsys.readouterr()
    assert problem in told.err
    assert not told.out


@pytest.mark.parametrize(
    ("place", "problem"),
    [("nowhere", "no such folder"), ("file", "is a file"), (".", "holds no events.jsonl")],
)
def test_a_place_without_a_session_is_told(
    place: str, problem: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A slip would be told as a file of the workbench's own that is missing."""
    (tmp_path / "file").touch()
    assert main(["replay", str(tmp_path / place)]) == 2
    assert f"{problem}, expected the folder of a session" in capsys.readouterr().err


def test_an_assistant_that_is_gone_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A user would not know that its file is wanted."""
    text = (SESSION / "events.jsonl").read_text(encoding="utf-8")
    first, rest = text.split("\n", 1)
    (tmp_path / "events.jsonl").write_text(
        first.replace('"coffee"', '"tea"', 1) + "\n" + rest, encoding="utf-8"
    )
    assert main(["replay", str(tmp_path)]) == 2
    assert "was with 'tea', which is none of coffee, rooms, expected its file" in capsys.readouterr().err
