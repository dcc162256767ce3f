"""The command line: one verb a module of ``workbench.commands``."""

import argparse
import os
import select
import sys
from collections.abc import Sequence
from importlib import import_module

from workbench import __version__
from workbench.errors import WorkbenchError

COMMANDS = {
    "audit": "what was done with tokens, keys and sessions, and whether that record is whole",
    "certificates": "make a certificate for wss and https, for development",
    "compare": "the same texts in several voices: heard, seen and measured",
    "demo": "hear a recorded caller talk to an assistant",
    "doctor": "check what is installed and whether the engines work",
    "export": "write a recorded session as captions, tiers, tables or a page",
    "keys": "list, make, rotate and forget the master keys of what is stored",
    "lab": "talk to an assistant in JupyterLab",
    "listen": "stream a recording through the recogniser and show what it understands",
    "prosody": "how voices and recordings sound in numbers: experiments, presets, files",
    "project": "who may hold sessions, from where, and how many of them",
    "replay": "take a recorded session's decisions again, with other settings",
    "rerun": "say a recorded session's caller again to other engines, and compare",
    "serve": "run the endpoint",
    "sessions": "list, show, export, import, delete and sweep stored sessions",
    "settings": "show what counts and where it comes from, check it for production",
    "ssml": "check SSML, write it for an engine or a vendor, say what is lost",
    "token": "mint, show and revoke session tokens, rotate their keys",
    "tune": "choose turn taking and early synthesis on recorded sessions",
    "voices": "which voice speaks a language, and what stands in for it",
}
"""What each verb does: known without importing it, as that takes up to a second."""

EXIT_BAD_INPUT = 2
EXIT_INTERRUPTED = 130
EXIT_UNREAD = 141
"""As a shell tells of a program that nobody reads any more."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status.

    0 done, 1 not passed, 2 bad input, 130 interrupted, 141 no longer read.

    Only the chosen command's module is imported: the endpoint does not pay for what the demo needs, and
    neither does whoever only asks what commands there are.
    """
    arguments = sys.argv[1:] if arguments is None else arguments
    parser = argparse.ArgumentParser(
        prog="workbench", description="A lab for realtime voice assistants. Begin with: workbench demo"
    )
    parser.add_argument("--version", action="version", version=f"workbench {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    chosen = next((word for word in arguments if not word.startswith("-")), None)
    try:
        if chosen in COMMANDS:
            import_module(f"workbench.commands.{chosen}").add_parser(commands)
        else:
            for name, purpose in COMMANDS.items():
                commands.add_parser(name, help=purpose)
        parsed = parser.parse_args(arguments)
        status = int(parsed.run(parsed))
        sys.stdout.flush()
        return status
    except BrokenPipeError:
        if not _unread():
            raise
        return EXIT_UNREAD
    except WorkbenchError as error:
        print(f"workbench: {error}", file=sys.stderr)
        return EXIT_BAD_INPUT
    except KeyboardInterrupt:
        print("workbench: interrupted", file=sys.stderr)
        return EXIT_INTERRUPTED


def _unread() -> bool:
    """Return whether whoever read the output has gone, as ``head`` does; then nothing more is written."""
    output = select.poll()
    output.register(sys.stdout.fileno(), 0)
    gone = any(event & select.POLLERR for _, event in output.poll(0))
    if gone:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return gone
