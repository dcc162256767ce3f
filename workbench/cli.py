"""The command line: one verb a module of ``workbench.commands``."""

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module

from workbench import __version__
from workbench.errors import WorkbenchError

COMMANDS = ("demo", "doctor", "export", "lab", "listen", "replay", "serve", "sessions", "token", "tune")

EXIT_BAD_INPUT = 2
EXIT_INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status: 0 done, 1 not passed, 2 bad input, 130 interrupted.

    Only the chosen command's module is imported: the endpoint does not pay for what the demo needs.
    """
    arguments = sys.argv[1:] if arguments is None else arguments
    parser = argparse.ArgumentParser(
        prog="workbench", description="A lab for realtime voice assistants. Begin with: workbench demo"
    )
    parser.add_argument("--version", action="version", version=f"workbench {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    chosen = arguments[:1] if arguments and arguments[0] in COMMANDS else COMMANDS
    for name in chosen:
        import_module(f"workbench.commands.{name}").add_parser(commands)
    parsed = parser.parse_args(arguments)
    try:
        return int(parsed.run(parsed))
    except WorkbenchError as error:
        print(f"workbench: {error}", file=sys.stderr)
        return EXIT_BAD_INPUT
    except KeyboardInterrupt:
        print("workbench: interrupted", file=sys.stderr)
        return EXIT_INTERRUPTED
