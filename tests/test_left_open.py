"""What a test leaves open when it fails is its own affair."""

import os
import subprocess
import sys
from pathlib import Path

LEAKING = """
import gc, os, socket

def test_leaks():
    around = [socket.socket(), open(os.devnull)]
    around.append(around)
    raise RuntimeError("this one fails")

def test_is_innocent():
    gc.collect()
"""


def test_only_the_test_that_failed_is_told_to_have_failed(tmp_path: Path) -> None:
    """One fault would be reported of many tests, most of them sound."""
    (tmp_path / "test_two.py").write_text(LEAKING, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "conftest", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [*command, "-W", "error", "test_two.py"],
        cwd=tmp_path,
        # the conftest of all tests, not one of a folder's that was read after it
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(Path(__file__).parent), *sys.path])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.splitlines()[-1].startswith("1 failed, 1 passed"), done.stdout + done.stderr
