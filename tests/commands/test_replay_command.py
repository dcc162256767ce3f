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
