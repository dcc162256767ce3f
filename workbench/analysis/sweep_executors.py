"""Where a sweep's work is done: in this thread, in processes of this machine, or on a Dask cluster."""

import signal
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from typing import Any

from workbench.errors import ConnectionLost, EngineMissing, ParameterError

WORKERS_MAX = 256
CONNECT_MAX = 10.0
"""Seconds a Dask scheduler may take to answer."""


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
            initializer=signal.signal,
            initargs=(signal.SIGINT, signal.SIG_IGN),  # whoever began the sweep is interrupted, and ends them
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
        yield client.get_executor()
