import io
import json
from pathlib import Path

import pytest

from workbench.cli import main

TEXT = "<speak>Hi <emphasis>you</emphasis>, it is <w>read</w> out to all of you now</speak>"


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "prompt.ssml"
    path.write_text(TEXT, "utf-8")
    return str(path)


def test_check_says_what_is_wrong_and_where(file, capsys):
    """A broken prompt would be found only when it is spoken."""
    assert main(["ssml", "check", file]) == 0
    assert capsys.readouterr().out == "no mistakes, no pieces of advice\n"
    assert main(["ssml", "check", file, "--target", "azure"]) == 1
    out = capsys.readouterr().out
    assert f"{file}:1:43: Azure Speech does not take <w>" in out
    assert "2 mistakes" in out
    assert main(["ssml", "check", file, "--target", "azure", "--json"]) == 1
    assert len(json.loads(capsys.readouterr().out)["findings"]) == 2


def test_render_prints_the_text_alone(file, capsys):
    """What is piped into a service would hold the losses as well."""
    assert main(["ssml", "render", file, "--target", "elevenlabs"]) == 0
    printed = capsys.readouterr()
    assert printed.out == "Hi you, it is read out to all of you now\n"
    assert "emphasis dropped" in printed.err


def test_losses_of_every_target(file, capsys):
    """Whoever compares vendors would have to ask one by one."""
    assert main(["ssml", "losses", file, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["alexa"] == []
    assert [loss["feature"] for loss in found["kokoro"]] == ["w"]
    assert main(["ssml", "losses", file, "--target", "polly-standard"]) == 0
    assert "nothing is lost" in capsys.readouterr().out


def test_shorthand_from_standard_input(capsys, monkeypatch):
    """A chat's text would have to be put in a file first."""
    content = b'The element is (Al)[sub:"aluminum"].'
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(content), "utf-8"))
    assert main(["ssml", "render", "-", "--shorthand", "--target", "elevenlabs"]) == 0
    assert capsys.readouterr().out == "The element is aluminum.\n"
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b'(a)[pitch:"up"]'), "utf-8"))
    assert main(["ssml", "check", "-", "--shorthand"]) == 1
    assert "-:1:1: a value here is not understood: write x-low" in capsys.readouterr().out


def test_targets_are_listed(capsys):
    """Nobody would know which names there are."""
    assert main(["ssml", "targets"]) == 0
    assert "prosody@contour" in capsys.readouterr().out
    assert main(["ssml", "targets", "azure"]) == 0
    assert "mstts:express-as" in capsys.readouterr().out


def test_the_documented_table_is_the_one_that_is_used(capsys):
    """The document would promise what no target does."""
    assert main(["ssml", "targets", "--markdown"]) == 0
    documented = (Path(__file__).parents[2] / "docs" / "ssml.md").read_text("utf-8")
    assert documented.split("<!-- targets -->")[1].split("<!-- end -->")[0].strip() == (
        capsys.readouterr().out.strip()
    )


@pytest.mark.parametrize(
    ("content", "arguments", "says"),
    [
        (b"\xff", [], "is no UTF-8 at byte 0, expected text"),
        (b"a" * 400_001, [], "has more than 100000 characters"),
        (b"a", ["--target", "azur"], "target 'azur' is not known (did you mean azure?)"),
    ],
)
def test_what_can_not_be_read_is_one_sentence(content, arguments, says, tmp_path, capsys):
    """A user would see a traceback."""
    path = tmp_path / "a.ssml"
    path.write_bytes(content)
    assert main(["ssml", "check", str(path), *arguments]) == 2
    assert says in capsys.readouterr().err
    assert main(["ssml", "check", str(tmp_path / "absent")]) == 2
    assert "no such file" in capsys.readouterr().err
