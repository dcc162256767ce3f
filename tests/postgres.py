"""A PostgreSQL server of the tests' own: on loopback, in a temporary folder, gone at the end."""

import os
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_LIMIT = 120
"""Seconds that any of its commands may take."""


def binaries() -> Path | None:
    """Return the folder of ``initdb`` and ``pg_ctl``: on the path, or where Debian puts it."""
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    return max(
        Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name), default=None
    )


class Server:
    """One server; crash it and start it as you like."""

    def __init__(self, binaries: Path, home: Path) -> None:
        self._binaries = binaries
        self._home = home
        self._password = secrets.token_hex(12)
        self._port = _free_port()

    @property
    def url(self) -> str:
        """Return its URL, without a database."""
        return f"postgresql://tester:{self._password}@127.0.0.1:{self._port}"

    def make(self) -> None:
        """Make its files."""
        secret = self._home / "password"
        secret.write_text(self._password)
        if os.geteuid() == 0:  # initdb refuses root
            for path in (self._home, secret):
                shutil.chown(path, "postgres", "postgres")
        named = ["--auth=scram-sha-256", "--username=tester", f"--pwfile={secret}"]
        _run(self._binaries / "initdb", "--no-sync", "--encoding=UTF8", "--locale=C", *named, self._data)

    def start(self) -> None:
        """Start it, and wait until it can be used."""
        # What a commit has written outlives this server's crash, if not the machine's: enough here.
        options = f"-h 127.0.0.1 -p {self._port} -k {self._home} -c max_connections=60 -c fsync=off"
        log = str(self._home / "log")
        self._control("-l", log, "-o", options, "start")

    def crash(self) -> None:
        """End it at once: what it had in memory only is lost."""
        self._control("-m", "immediate", "stop")

    def _control(self, *arguments: str) -> None:
        waiting = ("-w", "-t", str(_LIMIT))
        _run(self._binaries / "pg_ctl", "-D", self._data, *waiting, *arguments)

    @property
    def _data(self) -> str:
        return str(self._home / "data")


@contextmanager
def running(folder: Path) -> Iterator[Server]:
    """Run a server with the binaries of ``folder``, gone at the end of the block."""
    home = Path(tempfile.mkdtemp(prefix="workbench-postgres-"))
    try:
        server = Server(folder, home)
        server.make()
        server.start()
        try:
            yield server
        finally:
            server.crash()
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _run(program: Path, *arguments: str) -> None:
    command = [str(program), *arguments]
    if os.geteuid() == 0:
        command = ["runuser", "-u", "postgres", "--", *command]
    # No pipes: the server would inherit them and keep them open.
    with tempfile.TemporaryFile() as said:
        done = subprocess.run(command, stdout=said, stderr=said, cwd="/", timeout=_LIMIT + 10, check=False)
        said.seek(0)
        assert done.returncode == 0, said.read().decode()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
