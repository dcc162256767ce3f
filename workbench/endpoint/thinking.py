"""Where sessions find out what words mean: in a thread of this process, or in a process of its own.

Understanding takes some milliseconds of pure computation. In a thread it takes the interpreter from the event
loop meanwhile, which a hundred sessions feel; a process of its own does not, and uses another core.
"""

import logging
import multiprocessing
import os
import signal
import threading
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Protocol, cast

import anyio
import anyio.to_thread

from workbench.aio import executed
from workbench.conversation.assistant_model import Assistant
from workbench.conversation.replying import Said as Said
from workbench.conversation.understanding import Interpretation, Understanding
from workbench.errors import EngineFailed

log = logging.getLogger(__name__)

REMEMBERED = 16
"""Interpretations kept for a session: partials repeat themselves."""

NICENESS = 10
"""How far the child stands back once it has compiled: audio can't wait, a reply can a little."""


END_MAX = 5.0
"""Seconds the end waits for the thread that looks after the child, once that is killed."""


class Mind(Protocol):
    """Understands for one session."""

    @property
    def busy(self) -> bool:
        """Return whether other words are being thought about: more would have to wait."""

    async def interpret(self, said: Said) -> Interpretation:
        """Return what ``said`` means."""


class Thinking(Protocol):
    """Makes minds."""

    def mind(self, assistant: Assistant) -> Mind:
        """Return one for a session with ``assistant``; blocks while what it says is compiled.

        Raises
        ------
        AssistantError
            If it can't be compiled.
        """


class ThinkingThread:
    """Understands in a thread, one utterance at a time."""

    def __init__(self) -> None:
        self._compiled: dict[str, Understanding] = {}
        self._turn = anyio.CapacityLimiter(1)

    def mind(self, assistant: Assistant) -> Mind:
        """Return a mind that remembers nothing of other sessions."""
        compiled = self._compiled.get(assistant.name) or Understanding(assistant)
        self._compiled[assistant.name] = compiled
        return ThreadMind(compiled.for_session(), self._turn)


@dataclass(slots=True)
class ThreadMind:
    """Understands in a thread."""

    understanding: Understanding
    turn: anyio.CapacityLimiter | None = None

    @property
    def busy(self) -> bool:
        """Return whether another session is thought about."""
        return self.turn is not None and self.turn.available_tokens < 1

    async def interpret(self, said: Said) -> Interpretation:
        """Return what ``said`` means."""
        return await anyio.to_thread.run_sync(_meaning, self.understanding, said, limiter=self.turn)


class ThinkingProcess:
    """Understands in a child process, one utterance at a time.

    The child ends with this one, however it ends. Should the child die, what it was asked is asked once more
    of a new one; should that die too, EngineFailed ends the session that asked.

    Parameters
    ----------
    assistants : all there are
    """

    def __init__(self, assistants: Iterable[Assistant]) -> None:
        self._assistants = tuple(assistants)
        self._pool = self._start()
        self._restarting = threading.Lock()
        self._ended = False
        self._turn = anyio.CapacityLimiter(1)
        self._compiling: dict[str, Future[None]] = {  # while the rest of the endpoint starts
            assistant.name: self._pool.submit(_compile, assistant.name) for assistant in self._assistants
        }
        self._pool.submit(_stand_back)  # not before: the first sessions wait for what is compiled

    def __enter__(self) -> "ThinkingProcess":
        return self

    def __exit__(self, *_: object) -> None:
        """End the child at once: what it was asked is of no use any more, and it keeps nothing."""
        with self._restarting:
            self._ended = True
            children = tuple(self._pool._processes.values())  # Python 3.14 has kill_workers()
            manager = cast("threading.Thread | None", self._pool._executor_manager_thread)
            self._pool.shutdown(wait=False, cancel_futures=True)
            for child in children:
                child.kill()
        if manager is not None:
            manager.join(END_MAX)  # else it closes a pipe that the interpreter writes to at its end

    def mind(self, assistant: Assistant) -> Mind:
        """Return a mind, once the child has compiled ``assistant``."""
        with self._restarting:
            pool, compiling = self._pool, self._compiling.get(assistant.name)
        try:
            if compiling is None or (compiling.done() and compiling.exception() is not None):
                compiling = pool.submit(_compile, assistant.name)
            compiling.result()  # not behind the others, nor behind what the child does once it stands back
        except BrokenProcessPool:
            with _told_of_the_second():
                self._another(pool).submit(_compile, assistant.name).result()
        return _ProcessMind(self, assistant.name)

    @property
    def compiled(self) -> bool:
        """Return whether no session would wait for what was there at the start."""
        return all(one.done() for one in self._compiling.values())

    @property
    def busy(self) -> bool:
        """Return whether some session is thought about."""
        return self._turn.available_tokens < 1

    async def interpret(self, assistant: str, said: Said) -> Interpretation:
        """Return what ``said`` means to ``assistant``."""
        async with self._turn:
            pool = self._pool
            try:
                return await executed(pool, _interpret, assistant, said)
            except BrokenProcessPool:
                with _told_of_the_second():
                    return await executed(self._another(pool), _interpret, assistant, said)

    def _another(self, broken: ProcessPoolExecutor) -> ProcessPoolExecutor:
        """Return what takes the place of ``broken``, started by whoever notices first."""
        with self._restarting:
            if self._pool is broken and not self._ended:
                log.error("the process that understands ended; another takes its place")
                self._pool, self._compiling = self._start(), {}
                self._pool.submit(_stand_back)
            return self._pool

    def _start(self) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(
            1,
            mp_context=multiprocessing.get_context("spawn"),
            initializer=_begin,
            initargs=(self._assistants,),
        )


class _ProcessMind:
    """Understands in the child, and remembers the last answers for its own session."""

    def __init__(self, process: ThinkingProcess, assistant: str) -> None:
        self._process = process
        self._assistant = assistant
        self._known: dict[Said, Interpretation] = {}

    @property
    def busy(self) -> bool:
        return self._process.busy

    async def interpret(self, said: Said) -> Interpretation:
        known = self._known.get(said)
        if known is None:
            known = self._known[said] = await self._process.interpret(self._assistant, said)
            if len(self._known) > REMEMBERED:
                del self._known[next(iter(self._known))]
        return known


@contextmanager
def _told_of_the_second() -> Iterator[None]:
    """Tell in our own words that the second child died as well: the words at hand must be the cause."""
    try:
        yield
    except BrokenProcessPool as error:
        raise EngineFailed("the process that understands ended twice in a row") from error


def _meaning(understanding: Understanding, said: Said) -> Interpretation:
    return understanding.interpret(
        said.text, alternatives=said.alternatives, expecting=said.expecting, origin=said.origin
    )


# --- in the child

_ASSISTANTS: dict[str, Assistant] = {}


def _begin(assistants: Sequence[Assistant]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent
    _ASSISTANTS.update((assistant.name, assistant) for assistant in assistants)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(0)


def _stand_back() -> None:
    if hasattr(os, "nice"):
        os.nice(NICENESS)


def _compile(name: str) -> None:
    """Compile an assistant, and the search, so that its first words don't wait for it."""
    _understanding(name).interpret("hello")


@cache
def _understanding(name: str) -> Understanding:
    return Understanding(_ASSISTANTS[name])


def _interpret(name: str, said: Said) -> Interpretation:
    """Return what ``said`` means; nothing of it is kept."""
    return _meaning(_understanding(name).for_session(), said)
