"""Async helpers shared by every layer that does I/O."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager

import anyio
from anyio.abc import TaskGroup


@asynccontextmanager
async def task_group() -> AsyncIterator[TaskGroup]:
    """Open a task group that raises its first failure as it is, never an exception group.

    A notebook prints a group to standard error instead of showing an error, and finds one along
    ``__context__`` too, so the failure is raised after the handler has ended. Further failures become
    notes on the first.
    """
    failures: list[BaseException] = []
    try:
        async with anyio.create_task_group() as group:
            yield group
    except BaseExceptionGroup as caught:
        failures = list(_leaves(caught))
    if failures:
        first, *others = failures
        for other in others:
            first.add_note(f"also failed: {other!r}")
        raise first


def _leaves(error: BaseException) -> Iterator[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        for part in error.exceptions:
            yield from _leaves(part)
    else:
        yield error


async def close_within(seconds: float, close: Callable[[], Awaitable[object]]) -> None:
    """Await ``close()`` even while being cancelled, for at most ``seconds``."""
    with anyio.move_on_after(seconds, shield=True):
        await close()
