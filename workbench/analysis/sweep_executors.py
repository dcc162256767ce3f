"""Where a sweep's work is done: in this thread, in processes of this machine, or on a Dask cluster."""

import os
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context, parent_process
from threading import Thread
from typing import Any, ParamSpec, TypeVar

from workbench.errors import ConnectionLost, EngineMissing, ParameterError

WORKERS_MAX = 256
CONNECT_MAX = 10.0
"""Seconds a Dask scheduler may take to answer."""

P = ParamSpec("P")
T = TypeVar("T")


class ClusterExecutor(Executor):
    """Works on a Dask cluster.

    Parameters
    ----------
    client : a ``distributed.Client``
    """

    def __init__(self, client: Any) -> None:
        self._client = client
        self._executor = client.get_executor()

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Return the future of a call; what was spread among the arguments is not sent again."""
        future: Future[T] = self._executor.submit(fn, *args, **kwargs)
        return future

    def spread(self, data: bytes) -> Any:
        """Send data to every worker, once; return what stands for it among the arguments of calls."""
        return self._client.scatter(data, broadcast=True)


@contextmanager
def open_executor(text: str) -> Iterator[Executor | None]:
    """Open what ``text`` names: ``here``, ``processes``, ``processes:4`` or ``tcp://host:8786`` (Dask).

    Raises
    ------
    ParameterError
        If it names nothing.
    EngineMissing
        If Dask is named and not installed.
    ConnectionLost
        If its scheduler does not answer.
    """
    kind, _, rest = text.partition(":")
    if text == "here":
        yield None
    elif kind == "processes" and (not rest or rest.isdecimal() and 1 <= int(rest) <= WORKERS_MAX):
        with ProcessPoolExecutor(
            int(rest) if rest else None,
            mp_context=get_context("spawn"),
            initializer=_begin_worker,
        ) as executor:
            yield executor
    elif kind in ("tcp", "tls") and rest.startswith("//"):
        with _dask(text) as executor:
            yield executor
    else:
        raise ParameterError(
            f"executor {text!r}, expected here, processes, processes:N with N of at most {WORKERS_MAX}, "
            "or the address of a Dask scheduler such as tcp://localhost:8786"
        )


def _begin_worker() -> None:
    """Leave interruptions to whoever began the sweep and ends this process; end with them if killed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = parent_process()
    if parent is not None:
        Thread(target=_end_after, args=(parent,), daemon=True).start()


def _end_after(parent: Any) -> None:
    parent.join()
    os._exit(1)  # its queue would never end: the workers hold both ends of it


@contextmanager
def _dask(address: str) -> Iterator[Executor]:
    try:
        from distributed import Client
    except ImportError as error:
        raise EngineMissing("a sweep on a cluster", "distributed", "dask") from error
    try:
        client: Any = Client(address, timeout=CONNECT_MAX)
    except (OSError, TimeoutError, ValueError) as error:
        raise ConnectionLost(f"no Dask scheduler answers at {address}: {type(error).__name__}") from error
    with client:
        yield ClusterExecutor(client)
