"""How far the edges of speech and pauses lie from labelled ones: ``python benchmarks/pauses.py FOLDER``.

FOLDER is the optional folder of data. Two kinds of reference: edges labelled by hand
(``labelled_edges.json`` says by whom), and pauses that were put into recordings: each is cut where it is
loud, and silence of a known length, with the recording's own background, is set in between. Cut edges are
sharper than spoken ones: they test the measure, labels test it on speech. Praat's silences stand beside ours
where Praat is installed (Debian: ``apt install praat``).
"""

import argparse
import json
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import soundfile
from prosody import praat

from workbench.audio.files import load_audio_with_rate
from workbench.core.audio import Samples
from workbench.errors import WorkbenchError
from workbench.prosody.rhythm import rhythm

LABELS = Path(__file__).with_name("labelled_edges.json")
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
    levels = np.sqrt(np.square(samples[: len(samples) // size * size]).reshape(-1, size).mean(axis=1))
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
    return [min((one - edge for one in found), key=abs, default=float("nan")) for edge in wanted]


def labelled(folder: Path, measure: str) -> Iterator[tuple[str, str, float]]:
    """Yield name, kind and distance of every labelled edge."""
    for name, edges in json.loads(LABELS.read_text("utf-8"))["edges"].items():
        begins, ends = ours(folder / name) if measure == "ours" else praats(folder / name)
        for kind, found in (("begins", begins), ("ends", ends)):
            for distance in apart(found, edges[kind]):
                yield name, kind, distance


def constructed(folder: Path, measure: str) -> Iterator[tuple[str, str, float]]:
    """Yield name, ``length`` and the distance of every pause that was put in."""
    with tempfile.TemporaryDirectory() as held:
        for seed, name in enumerate(json.loads(LABELS.read_text("utf-8"))["edges"]):
            samples, rate, places = with_pauses(folder / name, seed)
            file = Path(held) / "cut.wav"
            soundfile.write(file, samples, rate, subtype="FLOAT")
            begins, ends = ours(file) if measure == "ours" else praats(file)
            starts = apart(ends, [start for start, _ in places])
            stops = apart(begins, [stop for _, stop in places])
            for start, stop in zip(starts, stops, strict=True):
                yield name, "edge", start
                yield name, "edge", stop
                yield name, "length", stop - start


def main() -> int:
    """Measure and print: median, 95th percentile, how many within 20 ms, and which are not."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    arguments = parser.parse_args()
    measures = ["ours", "praat"] if shutil.which("praat") else ["ours"]
    print(f"{'':12}{'':8}{'kind':10}{'edges':>6}{'median':>9}{'95 %':>9}{'within 20 ms':>14}")
    try:
        for title, source in (("labelled", labelled), ("put in", constructed)):
            for measure in measures:
                rows = list(source(arguments.folder, measure))
                for kind in dict.fromkeys(kind for _, kind, _ in rows):
                    values = np.abs([distance for _, each, distance in rows if each == kind])
                    within = f"{np.count_nonzero(values <= LIMIT + 5e-4)} of {len(values)}"
                    print(
                        f"{title:12}{measure:8}{kind:10}{len(values):>6}{np.median(values) * 1000:>6.0f} ms"
                        f"{np.quantile(values, 0.95) * 1000:>6.0f} ms{within:>14}"
                    )
                if measure == "ours":
                    for name, kind, distance in rows:
                        if not abs(distance) <= LIMIT + 5e-4:
                            print(f"    {Path(name).name}: {kind} {distance * 1000:+.0f} ms")
    except WorkbenchError as error:
        print(f"pauses: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
