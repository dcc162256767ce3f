"""Praat as a separate program: what it measures, to compare with. It is not part of the package."""

import shutil
import subprocess
from pathlib import Path

import numpy as np
import numpy.typing as npt

_PITCH = """
form measure
  sentence file
  positive low
  positive high
endform
Read from file: file$
channels = Get number of channels
if channels > 1
  Convert to mono
endif
To Pitch (ac): 0.01, low, 15, "no", 0.03, 0.45, 0.01, 0.35, 0.14, high
frames = Get number of frames
for frame to frames
  at = Get time from frame number: frame
  f0 = Get value in frame: frame, "Hertz"
  appendInfoLine: at, " ", f0
endfor
"""

_SILENCES = """
form measure
  sentence file
  positive pause
endform
Read from file: file$
channels = Get number of channels
if channels > 1
  Convert to mono
endif
To TextGrid (silences): 100, 0, -32, pause, 0.03, "silent", "sounding"
intervals = Get number of intervals: 1
for interval to intervals
  label$ = Get label of interval: 1, interval
  start = Get start time of interval: 1, interval
  end = Get end time of interval: 1, interval
  appendInfoLine: label$, " ", start, " ", end
endfor
"""


def installed() -> bool:
    """Return whether there is a Praat to ask."""
    return shutil.which("praat") is not None


def f0(file: Path, folder: Path, *, low: float, high: float) -> tuple[npt.NDArray[np.float64], ...]:
    """Return times and f0 in Hz, NaN where unvoiced, by autocorrelation (Boersma 1993), 10 ms a frame."""
    lines = _run(_PITCH, folder, str(file), str(low), str(high))
    rows = [(float(at), np.nan if "undefined" in value else float(value)) for at, value in lines]
    return tuple(np.array(column) for column in zip(*rows, strict=True))


def silences(file: Path, folder: Path, *, pause: float) -> list[tuple[float, float]]:
    """Return the silences of at least ``pause`` seconds, 32 dB under the loudest."""
    lines = _run(_SILENCES, folder, str(file), str(pause))
    return [(float(start), float(end)) for label, start, end in lines if label == "silent"]


def _run(script: str, folder: Path, *arguments: str) -> list[list[str]]:
    path = folder / "measure.praat"
    path.write_text(script, encoding="utf-8")
    done = subprocess.run(
        ["praat", "--run", str(path), *arguments], capture_output=True, text=True, check=True, timeout=60
    )
    return [line.split() for line in done.stdout.splitlines() if line.strip()]
