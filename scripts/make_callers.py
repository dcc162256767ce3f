"""Make the caller recordings the project ships: a synthetic voice in a quiet room, 16 kHz.

Usage: ``python scripts/make_callers.py``. The same engine gives the same files; the noise is seeded.
"""

import argparse
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
import soxr

from workbench.core.audio import Samples
from workbench.speech.synthesizers.kokoro import KokoroSynthesizer

FOLDER = Path(__file__).resolve().parent.parent / "data" / "callers"
RATE = 16_000
LEAD, TAIL = 0.2, 0.4
"""Seconds of room before and after speech."""
SPEECH_DB, NOISE_DB = -24.0, -65.0
"""Root mean square levels, dBFS."""


@dataclass(frozen=True, slots=True)
class Call:
    """What one caller says to one assistant, turn by turn."""

    name: str
    voice: str
    turns: tuple[str, ...]


CALLS = (
    Call(
        "coffee",
        "am_michael",
        (
            "Hi, can I get a large iced mocha with a little bit of soy milk?",
            "Actually, make it a small one, please.",
        ),
    ),
    Call(
        "rooms",
        "bm_george",
        (
            "I'd like to book a room, please.",
            "Mountain View.",
            "Today.",
            "Two thirty pm.",
            "Half an hour.",
            "Two people.",
        ),
    ),
)


def recorded(speech: Samples, rng: np.random.Generator) -> Samples:
    """Return ``speech`` at 16 kHz as a microphone in a quiet room would have it."""
    loud = speech[np.abs(speech) > 0.01]
    speech = speech * (10 ** (SPEECH_DB / 20) / np.sqrt(np.mean(np.square(loud))))
    samples = np.concatenate((np.zeros(round(LEAD * RATE)), speech, np.zeros(round(TAIL * RATE))))
    return np.asarray(np.clip(samples + _room_noise(len(samples), rng), -1, 1), dtype=np.float32)


def _room_noise(count: int, rng: np.random.Generator) -> Samples:
    """Return noise that falls by 6 dB an octave above 200 Hz, as ventilation does."""
    spectrum = np.fft.rfft(rng.standard_normal(count))
    frequency = np.fft.rfftfreq(count, 1 / RATE)
    noise = np.fft.irfft(spectrum / np.maximum(frequency, 200), count)
    noise *= 10 ** (NOISE_DB / 20) / np.sqrt(np.mean(np.square(noise)))
    return noise.astype(np.float32)


def make(folder: Path) -> int:
    """Write all recordings and their list; return the bytes written."""
    folder.mkdir(parents=True, exist_ok=True)
    synthesizer = KokoroSynthesizer.load()
    rng = np.random.default_rng(20)
    listed: dict[str, list[dict[str, str]]] = {}
    total = 0
    for call in CALLS:
        listed[call.name] = []
        for number, text in enumerate(call.turns, start=1):
            clauses = list(synthesizer.synthesize(text, voice=call.voice))
            speech = np.concatenate([clause.samples for clause in clauses])
            speech = soxr.resample(speech, synthesizer.capabilities.rate, RATE)
            path = folder / f"{call.name}_{number}.flac"
            soundfile.write(path, recorded(speech, rng), RATE, subtype="PCM_16")
            total += path.stat().st_size
            listed[call.name].append({"file": path.name, "text": text, "voice": call.voice})
    (folder / "callers.json").write_text(json.dumps(listed, indent=2) + "\n")
    return total


def main() -> None:
    """Make the recordings."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--folder", type=Path, default=FOLDER)
    folder = parser.parse_args().folder
    print(f"{make(folder) / 1e3:.0f} kB in {folder}")


if __name__ == "__main__":
    main()
