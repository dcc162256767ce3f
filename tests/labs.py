"""``workbench lab`` as a process of its own, in a home of its own."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep

from workbench.speech.weights import cache_folder

SERVER = {
    "LabApp": {"expose_app_in_browser": True},
    "JupyterNotebookApp": {"expose_app_in_browser": True},
    "ServerApp": {"local_hostnames": ["localhost", "lab.localhost", "elsewhere.test"]},
}
"""Settings of Jupyter: its commands within reach of a test, and another name than the loopback address."""
START = 150.0
"""Seconds for engines and JupyterLab to be there."""
STOP = 60.0
ROOT = Path(__file__).parents[1]
URL = re.compile(r"http://127\.0\.0\.1:\d+/\S*\?token=\w+")


@dataclass(frozen=True)
class Lab:
    """A running JupyterLab."""

    address: str
    """With the token."""
    notebooks: Path
    process: subprocess.Popen[bytes]

    @property
    def base(self) -> str:
        """Address without path and token."""
        return re.match(r"http://[^/]+/", self.address)[0]

    @property
    def token(self) -> str:
        """What lets a browser in."""
        return self.address.rpartition("token=")[2]


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])


def environment(home: Path) -> dict[str, str]:
    """Return an environment in which nothing of the user's is read or written, but the cached weights."""
    for name, folder, settings in (
        ("config", "", json.dumps(SERVER)),
        ("settings", "@jupyterlab/apputils-extension", '{"fetchNews": "false", "checkForUpdates": false}'),
    ):
        (home / name / folder).mkdir(parents=True, exist_ok=True)
        file = "notification.jupyterlab-settings" if folder else "jupyter_server_config.json"
        (home / name / folder / file).write_text(settings, encoding="utf-8")
    ours = {
        "HOME": home,
        "JUPYTER_CONFIG_DIR": home / "config",
        "JUPYTER_DATA_DIR": home / "data",
        "JUPYTER_RUNTIME_DIR": home / "runtime",
        "JUPYTERLAB_SETTINGS_DIR": home / "settings",
        "JUPYTERLAB_WORKSPACES_DIR": home / "workspaces",
        "IPYTHONDIR": home / "ipython",
        "WORKBENCH_CACHE": cache_folder().parent,
        "PYTHONPATH": ROOT,
    }
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("WORKBENCH_")}
    return inherited | {name: str(value) for name, value in ours.items()}


@contextmanager
def running_lab(home: Path, *arguments: str, **more: str) -> Iterator[Lab]:
    """Run ``workbench lab`` until the end of the block."""
    log = home / "log.txt"
    command = [sys.executable, "-m", "workbench", "lab", "--no-browser", "--port", str(free_port())]
    command += ["--dir", str(home / "notebooks"), *arguments]
    with (
        log.open("wb") as said,
        subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=said, stderr=said, env=environment(home) | more
        ) as process,
    ):
        try:
            yield Lab(_address(process, log), home / "notebooks", process)
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(STOP)
            except subprocess.TimeoutExpired:
                process.kill()


def _address(process: subprocess.Popen[bytes], log: Path) -> str:
    give_up = monotonic() + START
    while monotonic() < give_up and process.poll() is None:
        found = URL.search(log.read_text(encoding="utf-8"))
        if found:
            return found[0]
        sleep(0.1)
    raise AssertionError(f"workbench lab did not start: {log.read_text(encoding='utf-8')}")
