import argparse
import json

import pytest

from workbench.commands import doctor
from workbench.commands.self_test import run_checks


def test_out_of_time_is_said():
    """The command would take as long as it likes, or report an engine as broken that was not tried."""
    checks = list(run_checks(budget=-1.0))
    assert [check.engine for check in checks] == ["kokoro", "whisper", "silero", "espeak"]
    assert all(check.result == "not tried: out of time" and not check.ok for check in checks)


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
