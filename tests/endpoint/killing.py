"""The benchmark of killed endpoints: its endpoints and conversations serve the tests too."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[2] / "benchmarks"))

import killed  # noqa: E402
import mortal  # noqa: E402

__all__ = ["JUMP_MAX", "killed", "mortal"]

JUMP_MAX = 1.0
"""Seconds the session clock may jump across a restart on a machine that is busy with much else; that it stood
still, or began anew, would be more: no restart is as quick."""
