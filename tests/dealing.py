"""How the tests are dealt among processes, most of them waiting, for others or for the time to pass."""

from collections.abc import Sequence
from pathlib import Path

from xdist.scheduler import LoadFileScheduling

PROCESSES = 2
"""One for the browser, which needs a processor to itself, and one for the rest until that is done."""
LONGEST = ("tests/browser/", "tests/notebooks/", "tests/endpoint/", "tests/speech/", "tests/commands/")
"""Folders whose tests begin first, so that no process is left with them at the end."""
TOGETHER = "tests/browser/"
"""Whose tests share a browser and a JupyterLab."""
APART = "tests/notebooks/"
"""Whose tests share nothing and are long."""


class Dealing(LoadFileScheduling):
    """Keeps the tests of a file in one process: what they share is started once."""

    def _split_scope(self, nodeid: str) -> str:
        if nodeid.startswith(APART):
            return nodeid
        return TOGETHER if nodeid.startswith(TOGETHER) else str(super()._split_scope(nodeid))


def processes_for(named: Sequence[str]) -> int:
    """Return among how many processes to deal what is named on the command line: none for a single file."""
    files = {part.partition("::")[0] for part in named}
    return 0 if len(files) == 1 and Path(files.pop()).is_file() else PROCESSES


def turn(nodeid: str) -> int:
    """Return when a test's turn comes: the key to sort tests by."""
    return next((number for number, folder in enumerate(LONGEST) if nodeid.startswith(folder)), len(LONGEST))
