"""How far a sweep is: a bar in a terminal, a line now and then in a log."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

LINE_EVERY = 30.0
"""Seconds between the lines of a log."""

Told = Callable[[int, int], None]


@contextmanager
def told_progress(title: str) -> Iterator[Told]:
    """Tell on the error output how much is done; the bar goes when the block ends."""
    console = Console(file=sys.stderr)
    if not console.is_terminal:
        yield _lines(title)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(title, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _lines(title: str, clock: Callable[[], float] = time.monotonic) -> Told:
    last = clock()

    def tell(done: int, total: int) -> None:
        nonlocal last
        if clock() - last >= LINE_EVERY:
            last = clock()
            print(f"workbench: {title}: {done} of {total}", file=sys.stderr, flush=True)

    return tell
