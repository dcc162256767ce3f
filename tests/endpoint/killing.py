"""The benchmark of killed endpoints: its endpoints and conversations serve the tests too."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[2] / "benchmarks"))

import killed  # noqa: E402
import mortal  # noqa: E402

__all__ = ["killed", "mortal"]
