"""What ``workbench`` says of itself before a command runs."""

import subprocess
import sys

import pytest

from workbench.cli import COMMANDS, EXIT_UNREAD, main


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_explains_itself(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A verb that the help names would be unknown, or end in a traceback."""
    with pytest.raises(SystemExit) as ended:
        main([name, "--help"])
    assert ended.value.code == 0
    assert f"usage: workbench {name}" in capsys.readouterr().out


def test_what_commands_there_are_is_said_without_importing_one() -> None:
    """Somebody who asks what there is would wait seconds for engines and analysis that nobody wants yet."""
    program = (
        "import sys\n"
        "from workbench.cli import main\n"
        "try:\n"
        "    main(['--help'])\n"
        "finally:\n"
        "    print([name for name in sys.modules if name.startswith('workbench.commands')])\n"
    )
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    *listed, imported = said.splitlines()
    assert imported == "[]"
    for name, purpose in COMMANDS.items():
        assert [name] in [line.split()[:1] for line in listed]
        assert purpose.split()[0] in "\n".join(listed)


@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        ([], "the following arguments are required: COMMAND"),
        (["sing"], "invalid choice: 'sing' (choose from 'audit', 'certificates', "),
        (["--loud", "serve"], "unrecognized arguments: --loud"),
    ],
)
def test_what_is_no_command_is_one_sentence(
    arguments: list[str], match: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A slip of the pen would end in a traceback."""
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert match in capsys.readouterr().err


def test_a_command_ends_quietly_when_its_reader_has_gone() -> None:
    """``workbench voices de | head -1`` would end in a traceback."""
    command = [sys.executable, "-m", "workbench", "voices", "de"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert (process.stderr.read(), process.wait()) == (b"", EXIT_UNREAD)
