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

_LIMIT = 60
"""Seconds that any of its commands may take."""


def binaries() -> Path | None:
    """Return the folder of ``initdb`` and ``pg_ctl``: on the path, or where Debian puts it."""
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    return max(
        Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name), default=None
    )


@contextmanager
def running(folder: Path) -> Iterator[str]:
    """Run a server with the binaries of ``folder``; yield its URL, without a database."""
    home = Path(tempfile.mkdtemp(prefix="workbench-postgres-"))
    password = secrets.token_hex(12)
    port = _free_port()
    try:
        (home / "password").write_text(password)
        if os.geteuid() == 0:  # initdb refuses root
            for path in (home, home / "password"):
                shutil.chown(path, "postgres", "postgres")
        data = str(home / "data")
        named = ["--auth=scram-sha-256", "--username=tester", f"--pwfile={home / 'password'}"]
        _run(folder / "initdb", "--no-sync", "--encoding=UTF8", "--locale=C", *named, data)
        options = f"-h 127.0.0.1 -p {port} -k {home} -c max_connections=60"
        _run(folder / "pg_ctl", "-D", data, "-l", str(home / "log"), "-o", options, "-w", "start")
        try:
            yield f"postgresql://tester:{password}@127.0.0.1:{port}"
        finally:
            _run(folder / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _run(program: Path, *arguments: str) -> None:
    command = [str(program), *arguments]
    if os.geteuid() == 0:
        command = ["runuser", "-u", "postgres", "--", *command]
    # No pipes: the server would inherit them and keep them open.
    with tempfile.TemporaryFile() as said:
        done = subprocess.run(command, stdout=said, stderr=said, cwd="/", timeout=_LIMIT, check=False)
        said.seek(0)
        assert done.returncode == 0, said.read().decode()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
