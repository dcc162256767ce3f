import argparse
import io
import json

import pytest
from rich.console import Console

from workbench.commands import doctor
from workbench.commands.self_test import Check, run_checks


def test_out_of_time_is_said():
    """The command would take as long as it likes, or report an engine as broken that was not tried."""
    checks = list(run_checks(budget=-1.0))
    assert [check.engine for check in checks] == ["kokoro", "whisper", "silero", "espeak"]
    assert all(
        check.result == "there was no time for it" and not (check.ok or check.tried) for check in checks
    )


def test_what_was_not_tried_is_not_called_broken_and_advice_is_whole():
    """A slow machine would be told that its engines don't work, or an extra's name be taken for markup."""
    console = Console(width=200, file=io.StringIO())
    advice = 'pip install "realtime-voice-workbench[espeak]"'
    checks = [
        Check(engine="kokoro", role="synthesiser", needed=True, ok=True, result="spoke"),
        *run_checks(budget=-1.0),
        Check(engine="espeak", role="more", needed=False, ok=False, result=advice),
    ]
    doctor.show(console, doctor.report_of(checks, 1.0), checks)
    told = console.file.getvalue()
    assert told.count("not tried") == 4
    assert "There was no time to try all of the embedded engines." in told
    assert advice in told.partition("Packages")[0]


@pytest.mark.speech
def test_one_json_object_and_its_exit_status(capsys):
    """A script that asks whether the installation works would get no clear answer."""
    pytest.importorskip("onnxruntime")
    commands = argparse.ArgumentParser().add_subparsers()
    doctor.add_parser(commands)
    arguments = commands.choices["doctor"].parse_args(["--json"])
    status = arguments.run(arguments)
    printed = capsys.readouterr().out
    report = json.loads(printed)
    needed = {check["engine"]: check["ok"] for check in report["engines"] if check["needed"]}
    assert set(needed) == {"kokoro", "whisper", "silero"}
    assert report["ok"] == all(needed.values()) == (status == 0)
    assert report["seconds"] > 0
    assert len(report["voices"]) == 12
    listed = {name for missing in report["missing"] for name in missing["packages"]}
    versions = {**report["packages"], **report["extras"]["speech"], **report["extras"]["espeak"]}
    assert listed == {name for name, version in versions.items() if version is None}
