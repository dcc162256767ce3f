"""How well edges of speech are found in changed recordings: ``python benchmarks/pauses_changed.py FOLDER``.

FOLDER is the optional folder of data. The recordings of ``labelled_edges.json`` on which the measure was
tuned are put into noise or music, made too quiet or too loud, or converted, and the edges found compared with
the labels of the unchanged ones. Noise buries weak endings for the ear as well: what is lost there is not all
the measure's.
"""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import soxr
from labelled import own
from pauses import LIMIT, apart

from workbench.audio.files import load_audio_with_rate
from workbench.core.audio import Samples
from workbench.errors import WorkbenchError
from workbench.prosody.rhythm import rhythm

Change = Callable[[Samples, int], tuple[np.ndarray, int]]


def with_noise(under: float) -> Change:
    """Return what adds white noise so many decibels under the recording's mean level."""

    def change(samples: Samples, rate: int) -> tuple[np.ndarray, int]:
        noise = np.random.default_rng(len(samples)).standard_normal(len(samples))
        return samples + noise * _mean(samples) * 10 ** (-under / 20), rate

    return change


def with_music(samples: Samples, rate: int) -> tuple[np.ndarray, int]:
    """Return the recording over four tones that come and go, 30 dB under its mean level."""
    at = np.arange(len(samples)) / rate
    tones = [
        np.sin(2 * np.pi * f0 * at) * (np.sin(2 * np.pi * (0.7 + 0.3 * place) * at) > 0)
        for place, f0 in enumerate((220, 277, 330, 440))
    ]
    music = np.sum(tones, axis=0)
    return samples + music * _mean(samples) / _mean(music) * 10 ** (-30 / 20), rate


def at_rate(wanted: int) -> Change:
    """Return what converts a recording to another sample rate."""
    return lambda samples, rate: (soxr.resample(samples, rate, wanted), wanted)


CHANGES: dict[str, Change] = {
    "as it is": lambda samples, rate: (samples, rate),
    "noise, 40 dB under": with_noise(40),
    "noise, 30 dB under": with_noise(30),
    "noise, 20 dB under": with_noise(20),
    "music, 30 dB under": with_music,
    "46 dB quieter, 16 bits": lambda samples, rate: (np.round(samples * 0.005 * 32768) / 32768, rate),
    "clipped, 15 dB too loud": lambda samples, rate: (np.clip(samples * 5.6, -1, 1), rate),
    "at 8 kHz": at_rate(8_000),
    "at 48 kHz": at_rate(48_000),
}


def _mean(samples: np.ndarray) -> float:
    return float(np.sqrt(np.mean(np.square(samples))))


def main() -> int:
    """Measure and print how many beginnings and ends lie within 20 ms of their labels."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    recordings = [one for one in own(parser.parse_args().folder) if not one.held_out]
    try:
        sounds = [(*load_audio_with_rate(one.file), one) for one in recordings]
    except WorkbenchError as error:
        print(f"pauses_changed: {error}", file=sys.stderr)
        return 2
    print(f"{'':26}{'begins':>10}{'ends':>10}   within 20 ms")
    for name, change in CHANGES.items():
        begins, ends = list[float](), list[float]()
        for samples, rate, one in sounds:
            changed, at = change(samples, rate)
            timing = rhythm(np.asarray(changed, np.float32), at)
            pauses = timing.pauses if timing else ()
            begins += apart([end for _, end in pauses] + ([timing.speech[0]] if timing else []), one.begins)
            ends += apart([start for start, _ in pauses] + ([timing.speech[1]] if timing else []), one.ends)
        shares = [float(np.mean(np.abs(some) <= LIMIT + 5e-4)) for some in (begins, ends)]
        print(f"{name:26}{shares[0]:>10.0%}{shares[1]:>10.0%}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
