"""Compare the figures of prosody with Praat's: ``python benchmarks/prosody.py FOLDER... [--json]``.

The folders hold recordings of one speaker each. Praat runs on its own (Debian: ``apt install praat``).
f0 is compared on the frames both call voiced, pauses by the edges of those over 0.3 s.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from workbench.audio.files import load_audio_with_rate
from workbench.errors import WorkbenchError
from workbench.prosody.contours import HIGH, LOW, f0_contour
from workbench.prosody.rhythm import PAUSE, rhythm

SUFFIXES = (".wav", ".flac")

SCRIPT = f"""
form measure
  sentence file
endform
Read from file: file$
channels = Get number of channels
if channels > 1
  Convert to mono
endif
sound = selected ("Sound")
To Pitch (ac): 0.01, {LOW:g}, 15, "no", 0.03, 0.45, 0.01, 0.35, 0.14, {HIGH:g}
frames = Get number of frames
for frame to frames
  at = Get time from frame number: frame
  f0 = Get value in frame: frame, "Hertz"
  appendInfoLine: "f0 ", at, " ", f0
endfor
selectObject: sound
To TextGrid (silences): 100, 0, -32, {PAUSE:g}, 0.03, "silent", "sounding"
intervals = Get number of intervals: 1
for interval to intervals
  label$ = Get label of interval: 1, interval
  start = Get start time of interval: 1, interval
  end = Get end time of interval: 1, interval
  appendInfoLine: label$, " ", start, " ", end
endfor
"""


def main() -> int:
    """Measure every recording both ways and print a table, or one JSON object."""
    parser = argparse.ArgumentParser(description="figures of prosody beside those of Praat")
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    args = parser.parse_args()
    if shutil.which("praat") is None:
        print("praat is not installed: apt install praat", file=sys.stderr)
        return 2
    files = sorted(file for folder in args.folders for file in folder.iterdir() if file.suffix in SUFFIXES)
    if not args.json:
        print(
            f"{'recording':32}{'f0 apart':>9}{'octaves':>9}{'voiced':>8}{'pauses':>8}{'edges':>8}{'cost':>7}"
        )
    rows = []
    for file in files:
        row = compare(file)
        if row is None:
            continue
        rows.append(row)
        if not args.json:
            edges = "–" if row["edges"] is None else f"{row['edges'] * 1000:.0f} ms"
            print(
                f"{str(row['file'])[:30]:32}{row['apart']:>9.2%}{row['octaves']:>9.1%}{row['voiced']:>8.0%}"
                f"{row['pauses']:>8}{edges:>8}{row['cost']:>7.2f}",
                flush=True,
            )
    if args.json:
        print(json.dumps(rows, indent=1))
    return 0


def compare(file: Path) -> dict[str, object] | None:
    """Return how far one recording's figures are from Praat's; None if it can't be read."""
    try:
        samples, rate = load_audio_with_rate(file)
        began = time.process_time()
        contour = f0_contour(samples, rate)
        cost = (time.process_time() - began) / (len(samples) / rate)
        timing = rhythm(samples, rate)
    except WorkbenchError as error:
        print(f"left out: {error}", file=sys.stderr)
        return None
    lines = praat(file)
    pitch = [line[1:] for line in lines if line[0] == "f0"]
    at = np.array([float(line[0]) for line in pitch])
    theirs = np.array([np.nan if "undefined" in line[1] else float(line[1]) for line in pitch])
    ours = contour.at_times(at)
    both = np.isfinite(ours) & np.isfinite(theirs)
    ratio = ours[both] / theirs[both]
    silences = [tuple(map(float, line[1:])) for line in lines if line[0] == "silent"]
    long = [one for one in (timing.pauses if timing else ()) if one[1] - one[0] > 2 * PAUSE]
    edges = [min(abs(one[side] - other[side]) for other in silences) for one in long for side in (0, 1)]
    return {
        "file": file.name,
        "apart": float(np.median(np.abs(ratio - 1))) if both.any() else float("nan"),
        "octaves": float(np.mean(np.abs(12 * np.log2(ratio)) > 6)) if both.any() else float("nan"),
        "voiced": float(both.sum() / max(1, np.isfinite(theirs).sum())),
        "pauses": len(long),
        "edges": float(np.median(edges)) if edges and silences else None,
        "cost": cost,
    }


def praat(file: Path) -> list[list[str]]:
    """Return the lines that Praat tells of a recording, cut into words."""
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "measure.praat"
        script.write_text(SCRIPT, encoding="utf-8")
        asked = ["praat", "--run", str(script), str(file.resolve())]
        done = subprocess.run(asked, capture_output=True, text=True, check=True, timeout=300)
    return [line.split() for line in done.stdout.splitlines() if line.strip()]


if __name__ == "__main__":
    sys.exit(main())
