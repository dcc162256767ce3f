"""Log-mel features as Whisper was trained on, for audio followed by any length of silence.

Source: Radford et al. (2022), "Robust Speech Recognition via Large-Scale Weak Supervision", section 2.2, and
its published code (``log_mel_spectrogram``): 25 ms Hann windows every 10 ms at 16 kHz, 80 Slaney mel bands,
log10 of the power, limited to 8 (80 dB) below the loudest, shifted by 4 and divided by 4.
"""

import numpy as np
import numpy.typing as npt

from workbench.core.audio import Samples
from workbench.speech.ports import RECOGNIZER_RATE

Features = npt.NDArray[np.float32]
"""Shape (bands, frames), 100 frames a second."""

WINDOW = 400
"""Samples of one analysis window."""
HOP = 160
"""Samples from one frame to the next."""
FLOOR = 1e-10
"""Power below this counts as this much."""


class LogMel:
    """Computes Whisper's input; holds the filters."""

    def __init__(self, bands: int = 80) -> None:
        self._filters = mel_filters(bands)
        # Periodic, as torch.hann_window: the symmetric window one longer, without its last sample.
        self._window = np.hanning(WINDOW + 1)[:-1].astype(np.float32)

    def features(self, samples: Samples, *, frames: int) -> Features:
        """Return ``frames`` frames of ``samples`` followed by silence.

        Parameters
        ----------
        samples : shape (n,), in -1..1, 16 kHz; what lies after the last frame is not used
        frames : frames of 10 ms to return, at least 1

        Returns
        -------
        Features
            Shape (bands, frames). Audio that is all zeros gives -1.5 everywhere.
        """
        heard = min(frames, -(-(len(samples) + WINDOW // 2) // HOP))
        start = np.zeros(WINDOW // 2, np.float32)
        mirrored = samples[WINDOW // 2 : 0 : -1]
        start[len(start) - len(mirrored) :] = mirrored
        padded = np.zeros((heard - 1) * HOP + WINDOW, np.float32)
        joined = np.concatenate([start, samples])[: len(padded)]
        padded[: len(joined)] = joined
        windows = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[::HOP] * self._window
        power = np.abs(np.fft.rfft(windows, axis=1)).astype(np.float32) ** 2
        logs = np.full((len(self._filters), frames), np.log10(FLOOR), np.float32)
        logs[:, :heard] = np.log10(np.maximum(self._filters @ power.T, FLOOR))
        limited: Features = (np.maximum(logs, logs.max() - 8.0) + 4.0) / 4.0
        return limited


def mel_filters(bands: int) -> Features:
    """Return triangular filters of equal area on Slaney's mel scale, 0 to 8 kHz.

    Returns
    -------
    Features
        Shape (bands, 201), to be multiplied with a power spectrum. Equal to ``librosa.filters.mel(sr=16000,
        n_fft=400, n_mels=bands)``, whose import alone takes seconds.
    """
    bins = np.fft.rfftfreq(WINDOW, 1 / RECOGNIZER_RATE)
    edges_hz = _hertz(np.linspace(0.0, _mels(RECOGNIZER_RATE / 2), bands + 2))
    widths = np.diff(edges_hz)
    rising = -(edges_hz[:-2, None] - bins[None, :]) / widths[:-1, None]
    falling = (edges_hz[2:, None] - bins[None, :]) / widths[1:, None]
    triangles = np.maximum(0.0, np.minimum(rising, falling))
    height = 2.0 / (edges_hz[2:] - edges_hz[:-2])
    filters: Features = (triangles * height[:, None]).astype(np.float32)
    return filters


def _mels(hertz: float) -> float:
    """Slaney (1998): linear below 1 kHz (3 mels to 200 Hz), 27 mels to a factor of 6.4 above."""
    return 15.0 + 27.0 * float(np.log(hertz / 1000.0) / np.log(6.4)) if hertz >= 1000.0 else hertz * 3 / 200


def _hertz(mels: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.where(mels >= 15.0, 1000.0 * np.exp((mels - 15.0) / 27.0 * np.log(6.4)), mels * 200 / 3)
