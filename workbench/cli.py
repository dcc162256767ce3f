"""The command line: one verb a module of ``workbench.commands``."""

import argparse
import sys
from collections.abc import Sequence

from workbench import __version__
from workbench.commands import demo, doctor, listen, serve
from workbench.errors import WorkbenchError

EXIT_BAD_INPUT = 2
EXIT_INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status: 0 done, 1 not passed, 2 bad input, 130 interrupted."""
    parser = argparse.ArgumentParser(
        prog="workbench", description="A lab for realtime voice assistants. Begin with: workbench demo"
    )
    parser.add_argument("--version", action="version", version=f"workbench {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    for module in (demo, doctor, listen, serve):
        module.add_parser(commands)
    parsed = parser.parse_args(arguments)
    try:
        return int(parsed.run(parsed))
    except WorkbenchError as error:
        print(f"workbench: {error}", file=sys.stderr)
        return EXIT_BAD_INPUT
    except KeyboardInterrupt:
        print("workbench: interrupted", file=sys.stderr)
        return EXIT_INTERRUPTED
