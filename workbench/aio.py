"""Async helpers shared by every layer that does I/O."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from concurrent.futures import Executor
from contextlib import asynccontextmanager
from functools import partial
from typing import ParamSpec, TypeVar

import anyio
import anyio.to_thread
from anyio import CapacityLimiter
from anyio.abc import TaskGroup

Work = ParamSpec("Work")
Result = TypeVar("Result")


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


async def executed(
    executor: Executor, work: Callable[Work, Result], *args: Work.args, **named: Work.kwargs
) -> Result:
    """Run ``work`` in ``executor``; a wait that is cancelled leaves it to finish there."""
    return await asyncio.wrap_future(executor.submit(work, *args, **named))


async def in_thread(
    limiter: CapacityLimiter | None, work: Callable[Work, Result], *args: Work.args, **named: Work.kwargs
) -> Result:
    """Run ``work`` in a thread, as many at once as ``limiter`` lets; without one, here and at once."""
    if limiter is None:
        return work(*args, **named)
    return await anyio.to_thread.run_sync(partial(work, *args, **named), limiter=limiter)
