"""What is done to synthesised samples: silence trimmed, loudness shaped, time stretched."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from workbench.core.audio import Samples
from workbench.speech.ports import Clause

_WINDOW = 0.005
_FADE = 0.004
_SILENCE_DB = -46.0
"""Level of a 5 ms window, dBFS, under which there is no speech: Kokoro is at -90 between words."""
_KEPT_BEFORE, _KEPT_AFTER = 0.012, 0.045
"""Seconds left around speech, so that soft onsets and releases stay."""


def speech_span(samples: Samples, rate: int) -> tuple[int, int]:
    """Return first and end position of the audible part, with a few ms around it; (0, 0) if silent."""
    size = max(1, round(_WINDOW * rate))
    windows = samples[: len(samples) // size * size].reshape(-1, size)
    level = np.sqrt(np.mean(np.square(windows), axis=1))
    audible = np.flatnonzero(level > 10 ** (_SILENCE_DB / 20))
    if not len(audible):
        return 0, 0
    start = audible[0] * size - round(_KEPT_BEFORE * rate)
    end = (audible[-1] + 1) * size + round(_KEPT_AFTER * rate)
    return int(max(0, start)), int(min(len(samples), end))


def faded(samples: Samples, rate: int) -> Samples:
    """Return ``samples`` with edges faded over 4 ms, so that a cut does not click."""
    length = min(round(_FADE * rate), len(samples) // 2)
    if not length:
        return samples
    ramp = np.linspace(0, 1, length, dtype=np.float32)
    shaped = samples.copy()
    shaped[:length] *= ramp
    shaped[-length:] *= ramp[::-1]
    return shaped


def with_gains(
    samples: Samples, rate: int, gains_db: npt.NDArray[np.float32], starts: npt.NDArray[np.int64]
) -> Samples:
    """Return ``samples`` with ``gains_db[i]`` from ``starts[i]`` on, changing over 10 ms.

    ``starts`` are positions, rising, the first taken as 0. Peaks over 0.9 are bent so that none passes 1.
    """
    if not np.any(gains_db):
        return samples
    steps = np.repeat(gains_db, np.diff(np.append(np.concatenate(([0], starts[1:])), len(samples))))
    width = round(0.01 * rate)
    smooth = np.convolve(np.pad(steps, width // 2, mode="edge"), np.full(width, 1 / width), mode="same")
    smooth = smooth[width // 2 : width // 2 + len(samples)]
    return limited((samples * 10 ** (smooth / 20)).astype(np.float32))


def limited(samples: Samples) -> Samples:
    """Return ``samples`` with what lies over 0.9 bent smoothly under 1."""
    over = np.maximum(np.abs(samples) - 0.9, 0)
    bent = np.sign(samples) * (0.9 + 0.1 * np.tanh(over / 0.1))
    return np.where(over > 0, bent, samples).astype(np.float32)


def stretched(samples: Samples, factor: float, *, rate: int = 24_000) -> Samples:
    """Return ``samples`` ``factor`` times faster at the same pitch; ``factor`` in 0.2..6.

    Waveform similarity overlap-add: windows of 30 ms, each moved by up to 10 ms to where it continues the
    one before best.

    Source: Verhelst & Roelands (1993), WSOLA.
    """
    window = 2 * round(0.015 * rate)
    hop, reach = window // 2, round(0.010 * rate)
    if abs(factor - 1) < 0.01 or len(samples) < 2 * window:
        return samples
    length = round(len(samples) / factor)
    shape = np.hanning(window + 1)[:window].astype(np.float32)
    padded = np.pad(samples, (reach, 2 * window + 2 * reach + round(hop * factor)))
    made = np.zeros(length + 2 * window, dtype=np.float32)
    weight = np.full_like(made, 1e-3)
    previous = 0
    for out in range(0, length, hop):
        wanted = min(round(out * factor), len(samples) - 1)
        # What naturally follows the window before; the next is taken where it looks most like it.
        follows = padded[reach + previous + hop : reach + previous + hop + window]
        near = padded[wanted : wanted + window + 2 * reach]
        shift = int(np.argmax(np.correlate(near, follows, mode="valid"))) - reach if out else 0
        previous = wanted + shift
        made[out : out + window] += shape * padded[reach + previous : reach + previous + window]
        weight[out : out + window] += shape
    return (made / weight)[:length]


def silence(seconds: float, rate: int) -> Samples:
    """Return that much silence."""
    return np.zeros(max(0, round(seconds * rate)), dtype=np.float32)


def with_pause(clause: Clause, seconds: float) -> Clause:
    """Return ``clause`` with that much silence after it."""
    if seconds <= 0:
        return clause
    return replace(clause, samples=np.concatenate((clause.samples, silence(seconds, clause.rate))))
