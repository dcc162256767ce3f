"""What a notebook needs: talk to an assistant, hold a session over cells, an endpoint of one's own.

::

    from workbench import notebook

    panel = await notebook.talk("coffee")
    session = await notebook.hold(open_session("coffee"))
"""

import asyncio
import itertools
import os
import tempfile
import threading
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, Generic, Literal, TypeVar

from IPython.core.getipython import get_ipython
from ipywidgets import Widget

from workbench.aio import close_within, task_group
from workbench.client.local import Endpoint, open_endpoint
from workbench.client.session import SessionSettings, is_file
from workbench.conversation.assistants import load_assistant
from workbench.errors import ParameterError, WorkbenchError
from workbench.widgets.live import LivePanel, server_base_path

__all__ = ["Held", "close_all", "endpoint", "hold", "talk"]

T = TypeVar("T")

CLOSE_TIMEOUT = 10.0
"""Seconds that what is held gets to close when the kernel ends."""

_HELD: dict[object, "Held[Any]"] = {}
"""What is held, by the run of the cell that opened it; a cell run again closes what it opened before."""

_CALLS = itertools.count()


@dataclass(frozen=True, slots=True)
class _CellRun:
    cell: str
    number: int
    place: int = 0
    """Which of the things held by the cell."""


class Held(Generic[T]):
    """A resource kept open over notebook cells. Made by :func:`hold`.

    Each cell runs in a task of its own, and a cancel scope must be left by the task that entered it. So one
    owner task holds the whole ``async with``; cells only signal it.
    """

    def __init__(self, manager: AbstractAsyncContextManager[T]) -> None:
        self._manager = manager
        self._stop = asyncio.Event()
        self.loop = asyncio.get_running_loop()
        self._opened: asyncio.Future[T] = self.loop.create_future()
        self._owner = asyncio.create_task(self._own())  # noqa: TID251  the one owner; no cell can be it

    async def _own(self) -> None:
        async with self._manager as value:
            self._opened.set_result(value)
            await self._stop.wait()

    async def opening(self) -> None:
        """Wait until it is open; an interrupted cell closes it. Raises whatever opening raises."""
        try:
            first: set[asyncio.Future[Any]] = {self._owner, self._opened}
            await asyncio.wait(first, return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            self._owner.cancel()
            await asyncio.wait({self._owner})
            raise
        _ = self.value

    @property
    def value(self) -> T:
        """Return the open resource; raises what broke it, or ParameterError once it is closed."""
        if self._owner.done():
            self._owner.result()
            raise ParameterError("what was held has been closed, run the cell that opened it again")
        return self._opened.result()

    @property
    def open(self) -> bool:
        """Return whether it is open."""
        return not self._owner.done()

    async def close(self) -> None:
        """Close it and wait; raises what broke it. Closing twice is harmless."""
        self._stop.set()
        await self._owner

    def __repr__(self) -> str:
        if self.open:
            return "<Held: open>"
        if self._owner.cancelled() or self._owner.exception() is None:
            return "<Held: closed>"
        return f"<Held: failed, {self._owner.exception()}>"


async def hold(manager: AbstractAsyncContextManager[T]) -> Held[T]:
    """Open ``manager`` and hold it over cells: ``held.value`` is what it gives, ``held.close()`` ends it.

    Running the cell again first closes what it held before; the end of the kernel closes everything.
    Raises whatever opening raises.
    """
    return await _hold_for_cell(manager)


async def endpoint(assistants: Sequence[Path | str] = ()) -> Endpoint:
    """Return the notebook's endpoint: the one of ``workbench lab``, or one that ends with this kernel.

    Parameters
    ----------
    assistants : files offered besides the shipped assistants; they need an endpoint of this kernel's own

    Raises
    ------
    ConnectionLost, ParameterError
        If it does not start; says why.
    """
    return (await _reach(assistants))[0]


async def talk(
    assistant: str | Path = "coffee",
    *,
    source: Widget | None = None,
    codec: Literal["pcm16", "mulaw", "opus"] = "pcm16",
    transport: Literal["websocket", "webrtc"] = "websocket",
    presenter: bool = False,
    settings: SessionSettings | None = None,
    endpoint: Endpoint | None = None,
) -> LivePanel:
    """Show the live panel under the cell and return it.

    Parameters
    ----------
    assistant : name of one that the endpoint offers, or a file
    source : any ipywebrtc MediaStream to play the caller; the microphone if not given
    codec : how the sound travels; WebRTC always codes by Opus, so ``opus`` adds nothing there
    transport : ``webrtc`` where the page can reach the endpoint by it; else, and by default, a WebSocket
    presenter : whether it is to be read at the back of a room
    settings : of the sessions; their formats are the page's own affair
    endpoint : where to talk; the notebook's own if not given

    Raises
    ------
    ParameterError
        If this is no notebook, or the assistant's file is wrong.
    ConnectionLost
        If no endpoint starts.
    """
    shell = get_ipython()
    if getattr(shell, "kernel", None) is None:
        raise ParameterError("a live panel needs a Jupyter notebook, and this is none: use open_session")
    settings = settings or SessionSettings()
    files = (Path(assistant),) if is_file(assistant) else ()
    name = load_assistant(assistant).name if files else str(assistant)
    where, recordings = (endpoint, None) if endpoint is not None else await _reach(files)
    panel = LivePanel(
        where,
        recordings=recordings,
        assistant=name,
        codec=codec,
        transport=transport,
        presenter=presenter,
        base_path=server_base_path(),
        settings=settings.wish(name).settings.model_dump(),
        **({} if source is None else {"source": source}),
    )
    await _hold_for_cell(_attended(panel))
    panel.show()
    return panel


async def close_all() -> None:
    """Close everything this kernel holds, newest first: sessions, panels, then the endpoint."""
    for key in reversed(list(_HELD)):
        await _drop(key)


@asynccontextmanager
async def _attended(panel: LivePanel) -> AsyncIterator[LivePanel]:
    """Let ``panel`` answer its pages; at the end of the block its session ends and it is closed."""
    async with task_group() as group:
        group.start_soon(panel.run)
        try:
            yield panel
        finally:
            if not panel.over:
                with suppress(WorkbenchError):  # the endpoint is gone, or ends it in its own time
                    await close_within(CLOSE_TIMEOUT, panel.stop)
            group.cancel_scope.cancel()
            panel.close()


async def _reach(assistants: Sequence[Path | str]) -> tuple[Endpoint, Path | None]:
    """Return an endpoint and where it keeps its recordings, if this process may read them."""
    url = os.environ.get("WORKBENCH_ENDPOINT", "")
    if url and not assistants:
        recordings = os.environ.get("WORKBENCH_RECORDINGS")
        return Endpoint(url=url.rstrip("/")), Path(recordings) if recordings else None
    files = tuple(Path(file) for file in assistants)
    key = ("endpoint", files)
    held = _HELD.get(key)
    if held is None or not held.open or not held.value[0].alive():
        held = await _hold(_recording_endpoint(files), key)
    where, folder = held.value
    return where, folder


@asynccontextmanager
async def _recording_endpoint(assistants: Sequence[Path]) -> AsyncIterator[tuple[Endpoint, Path]]:
    """Start an endpoint that records for this kernel; the recordings go with it unless they were saved."""
    with tempfile.TemporaryDirectory(prefix="workbench-recordings-", ignore_cleanup_errors=True) as folder:
        async with open_endpoint(assistants=assistants, environment={"WORKBENCH_RECORD": folder}) as where:
            yield where, Path(folder)


async def _hold_for_cell(manager: AbstractAsyncContextManager[T]) -> Held[T]:
    """Hold for the cell that runs; what an earlier run of it held is closed first, newest first."""
    run = _CellRun(_cell_name(), _run_number())
    earlier = [key for key in _HELD if isinstance(key, _CellRun) and key.cell == run.cell]
    for key in reversed(earlier):
        if key.number != run.number:
            await _drop(key)
    return await _hold(manager, replace(run, place=len(earlier)))


async def _drop(key: object) -> None:
    before = _HELD.pop(key, None)
    if before is not None:
        with suppress(Exception):  # it is being replaced, broken or not
            await before.close()


async def _hold(manager: AbstractAsyncContextManager[T], key: object) -> Held[T]:
    await _drop(key)
    held = Held(manager)
    _closing_thread()
    await held.opening()
    _HELD[key] = held
    return held


def _cell_name() -> str:
    """Return what a cell keeps when it runs again: its id, or its text where the page tells none."""
    shell = get_ipython()
    if shell is None:
        return ""
    parent: dict[str, Any] = shell.get_parent() if hasattr(shell, "get_parent") else {}
    metadata = parent.get("metadata") or {}
    inputs = shell.user_ns.get("In") or [""]
    return str(metadata.get("cellId") or inputs[-1])


def _run_number() -> int:
    """Return what tells one run of a cell from the next; outside of a notebook each call is one."""
    shell = get_ipython()
    return next(_CALLS) if shell is None else int(shell.execution_count)


@cache
def _closing_thread() -> threading.Thread:
    """Start, once, what closes everything when the kernel ends.

    A kernel ends without a word: its loop just stops, and an ``atexit`` function comes too late, because the
    interpreter waits before for the threads that held tasks still have. So a thread waits for the main one.
    """
    thread = threading.Thread(target=_close_at_end, name="workbench closing")
    thread.start()
    return thread


def _close_at_end() -> None:
    threading.main_thread().join()
    for loop in {held.loop for held in _HELD.values()}:
        if not loop.is_closed() and not loop.is_running():
            with suppress(Exception):  # nobody is left to be told
                loop.run_until_complete(asyncio.wait_for(close_all(), CLOSE_TIMEOUT))
