"""The page's modules, tested by node's own test runner."""

import shutil
import subprocess
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent / "javascript"
OLDEST = 20
"""The first node whose test runner finds the files by itself."""


def test_modules_of_the_page_do_what_they_say() -> None:
    """What the page hears, plays, draws or decides would be wrong."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed")
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    if int(version.lstrip("v").partition(".")[0]) < OLDEST:
        pytest.skip(f"node is {version}, its test runner needs {OLDEST}")
    tests = sorted(str(file) for file in FOLDER.glob("**/*.test.mjs"))
    assert tests, f"no tests in {FOLDER}"
    done = subprocess.run([node, "--test", *tests], capture_output=True, text=True, timeout=150, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
