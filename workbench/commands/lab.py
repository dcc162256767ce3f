"""``workbench lab``: JupyterLab on the shipped notebooks, with an endpoint of its own beside it."""

import argparse
import os
import signal
import socket
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import anyio
from anyio.from_thread import start_blocking_portal
from rich.console import Console

from workbench.client.local import Endpoint, open_endpoint
from workbench.commands.lab_folder import lab_folder
from workbench.commands.transcript_view import TranscriptView
from workbench.errors import ParameterError, system_reason

FIRST_NOTEBOOK = "00_start_here.ipynb"

WATCH_EVERY = 1.0
"""Seconds between two looks at whether the endpoint still runs."""


def add_parser(commands: Any) -> None:
    """Add ``lab`` to the command line."""
    parser = commands.add_parser(
        "lab",
        description="Start JupyterLab on the shipped notebooks, with an endpoint of its own beside it: press "
        "talk and speak. Both listen on loopback only and end together, and with them goes what was "
        "recorded. An installed package's notebooks are copied to ./workbench-notebooks; a file that is "
        "there is left as it is.",
    )
    parser.add_argument("--port", type=int, help="port of JupyterLab (8888, or the next that is free)")
    parser.add_argument("--no-browser", action="store_true", help="print the address, open no browser")
    parser.add_argument("--dir", type=Path, metavar="DIR", help="folder of notebooks, gets those it lacks")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Serve until interrupted; return 0 after a clean end, 1 if JupyterLab failed."""
    status = _serve(arguments)
    leave_if_held(status)
    return status


def leave_if_held(status: int) -> None:
    """End the process with ``status`` if a thread would keep it.

    A request that JupyterLab was reading a file for when it was told to stop never ends, nor does its thread.
    """
    if any(not thread.daemon for thread in threading.enumerate() if thread is not threading.main_thread()):
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def _serve(arguments: argparse.Namespace) -> int:
    lab = _jupyterlab()
    if arguments.port is not None:
        _check_port(arguments.port)
    folder = lab_folder(arguments.dir)
    with _lost_terminal_ends(), ExitStack() as stack:
        recordings = stack.enter_context(
            tempfile.TemporaryDirectory(prefix="workbench-recordings-", ignore_cleanup_errors=True)
        )
        portal = stack.enter_context(start_blocking_portal(name="endpoint"))
        with TranscriptView(Console(stderr=True, highlight=False)).busy("loading the speech engines"):
            opening = open_endpoint(environment={"WORKBENCH_RECORD": recordings})
            endpoint = stack.enter_context(portal.wrap_async_context_manager(opening))
        stack.callback(portal.start_task_soon(_watch, endpoint).cancel)
        os.environ.update(kernel_environment(endpoint, recordings))
        try:
            lab.launch_instance(
                jupyter_arguments(folder, port=arguments.port, browser=not arguments.no_browser)
            )
        except SystemExit as end:
            return 1 if end.code else 0
    return 0


def jupyter_arguments(folder: Path, *, port: int | None, browser: bool) -> list[str]:
    """Return what JupyterLab is told: on loopback, on ``folder``, without questions at the end."""
    given = [] if port is None else [f"--ServerApp.port={port}", "--ServerApp.port_retries=0"]
    return [
        "--ServerApp.ip=127.0.0.1",
        f"--ServerApp.root_dir={folder}",
        f"--LabApp.default_url=/lab/tree/{FIRST_NOTEBOOK}",
        f"--ServerApp.open_browser={browser}",
        "--ServerApp.answer_yes=True",
        # notebook_shim is for settings of the old Jupyter Notebook, and reads the server's obsolete ones
        "--ServerApp.jpserver_extensions={'jupyter_server_proxy': True, 'notebook_shim': False}",
        "--ServerApp.allow_root=True",  # of a container: who started this may do all it does anyway
        "--LabApp.news_url=None",  # nothing leaves this computer, nor asks to
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        "--Application.log_level=WARN",
        *given,
    ]


def kernel_environment(endpoint: Endpoint, recordings: str) -> dict[str, str]:
    """Return how a notebook finds ``endpoint``, mints tokens for it and reads its recordings.

    JupyterLab hands it on to the kernels, so it counts for whatever a notebook starts as well.
    """
    return {
        "WORKBENCH_ENDPOINT": endpoint.url,
        "WORKBENCH_KEY": endpoint.key or "",
        "WORKBENCH_RECORDINGS": recordings,
    }


def _jupyterlab() -> Any:
    try:
        from jupyterlab.labapp import LabApp
    except ImportError:
        found = "JupyterLab is not installed beside the workbench"
        raise ParameterError(f"{found}: pip install jupyterlab jupyter-server-proxy") from None
    return LabApp


def _check_port(port: int) -> None:
    if not 1 <= port <= 65_535:
        raise ParameterError(f"port is {port}, expected 1 to 65535")
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind(("127.0.0.1", port))
        except OSError as error:
            problem = system_reason(error)
            raise ParameterError(
                f"can't listen on 127.0.0.1:{port}: {problem}; choose another --port"
            ) from None


@contextmanager
def _lost_terminal_ends() -> Iterator[None]:
    """End as when asked to, should the terminal go away: JupyterLab then puts its kernels in order."""

    def hung_up(signum: int, frame: FrameType | None) -> None:
        os.kill(os.getpid(), signal.SIGTERM)

    if not hasattr(signal, "SIGHUP"):
        yield
        return
    before = signal.signal(signal.SIGHUP, hung_up)
    try:
        yield
    finally:
        signal.signal(signal.SIGHUP, before)


async def _watch(endpoint: Endpoint) -> None:
    """Say so when the endpoint has ended: no notebook can tell why nobody answers."""
    while endpoint.alive():  # noqa: ASYNC110  what it is asked is a plain question
        await anyio.sleep(WATCH_EVERY)
    print("workbench: the endpoint has ended, start workbench lab again", file=sys.stderr)
