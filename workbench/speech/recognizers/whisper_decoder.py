"""One Whisper model reading one window of audio, with as little silence after it as it can bear.

Whisper was trained on 30 s windows; CTranslate2 takes shorter ones, at a fifth of the cost. With less silence
after the speech the decoder often loops, so 5 s are appended, and the tokens are limited by the length.
"""

import math
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from workbench.core.audio import Samples
from workbench.core.events import Word
from workbench.errors import EngineFailed, EngineMissing
from workbench.speech.ports import RECOGNIZER_RATE
from workbench.speech.recognizers.agreement import comparable
from workbench.speech.recognizers.features import HOP, LogMel
from workbench.speech.recognizers.repetition import before_loop
from workbench.speech.recognizers.whisper_tokens import WhisperTokens

if TYPE_CHECKING:
    import ctranslate2

LONGEST = 30.0
"""Seconds Whisper can take at once, silence included."""
SILENCE = 5.0
"""Seconds of silence appended."""
BEAMS = 3
"""Readings a careful pass follows. On 34 English clips 2 loop twice (word error rate 12.3 %), 3 and 5 read
alike (6.5 and 6.8 %); on 51 spoken orders all end in the same slots."""
TOKENS_PER_SECOND = 12
SPARE_TOKENS = 12
_FRAME = 0.02  # seconds per encoder frame


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a model read in one window. Times: seconds from the window's first sample."""

    text: str
    words: tuple[Word, ...] = ()
    """With the model's probability of each as confidence; empty in lesser readings."""
    log_probability: float
    """Mean per token, natural logarithm."""
    no_speech: float
    """The model's probability that nothing was said, 0..1."""
    end_of_sentence: float = 0.0
    """Probability of punctuation that ends a sentence at the end, 0..1."""


class WhisperDecoder:
    """A loaded model. Safe to use from several threads: the model queues what its workers can't take yet."""

    def __init__(self, model: "ctranslate2.models.Whisper", tokens: WhisperTokens) -> None:
        self._model = model
        self.tokens = tokens
        self._log_mel = LogMel(model.n_mels)
        self._lock = threading.Lock()

    @classmethod
    def load(cls, folder: Path, *, workers: int = 1) -> "WhisperDecoder":
        """Load the model in ``folder`` in int8, one thread for each of ``workers`` sharing the weights."""
        try:
            import ctranslate2
        except ImportError as error:
            raise EngineMissing("whisper", "ctranslate2", "speech") from error
        try:
            model = ctranslate2.models.Whisper(
                str(folder), device="cpu", compute_type="int8", inter_threads=workers, intra_threads=1
            )
        except (RuntimeError, ValueError) as error:
            raise EngineFailed(f"whisper could not load the model in {folder}") from error
        return cls(model, WhisperTokens.load(folder, multilingual=model.is_multilingual))

    def encode(self, samples: Samples) -> "ctranslate2.StorageView":
        """Return the encoder's output for ``samples`` (16 kHz, at most 30 s) and the silence after them."""
        import ctranslate2

        seconds = min(LONGEST, len(samples) / RECOGNIZER_RATE + SILENCE)
        frames = int(seconds * RECOGNIZER_RATE / HOP) // 2 * 2
        features = self._log_mel.features(samples, frames=frames)
        return self._model.encode(ctranslate2.StorageView.from_array(np.ascontiguousarray(features[None])))

    def read(self, samples: Samples, *, language: str, context: Sequence[int] = ()) -> Reading:
        """Return the likeliest reading, greedily, with words.

        Parameters
        ----------
        samples : shape (n,), 16 kHz, n at least 400, at most 30 s
        context : tokens of text taken to precede the audio
        """
        encoded = self.encode(samples)
        prompt = self.tokens.prompt(language, context)
        result = self._model.generate(
            encoded,
            [prompt],
            beam_size=1,
            max_length=_limit(samples, prompt),
            return_scores=True,
            return_no_speech_prob=True,
            return_logits_vocab=True,
        )[0]
        tokens = self._plain(result.sequences_ids[0])
        tokens, words, _ = self._unlooped(encoded, tokens, samples, language)
        ending = self._ending(tokens, result.logits[0])
        return Reading(
            text=self.tokens.text(tokens).strip(),
            words=words,
            log_probability=result.scores[0],
            no_speech=result.no_speech_prob,
            end_of_sentence=ending,
        )

    def read_best(self, samples: Samples, *, language: str, context: Sequence[int] = ()) -> list[Reading]:
        """Return up to ``BEAMS`` readings by beam search, best first; only the first has words.

        Parameters as in :meth:`read`.
        """
        encoded = self.encode(samples)
        prompt = self.tokens.prompt(language, context)
        result = self._model.generate(
            encoded,
            [prompt],
            beam_size=BEAMS,
            num_hypotheses=BEAMS,
            max_length=_limit(samples, prompt),
            return_scores=True,
            return_no_speech_prob=True,
        )[0]
        best, words, ending = self._unlooped(encoded, self._plain(result.sequences_ids[0]), samples, language)
        first = Reading(
            text=self.tokens.text(best).strip(),
            words=words,
            log_probability=result.scores[0],
            no_speech=result.no_speech_prob,
            end_of_sentence=ending,
        )
        others = [
            Reading(
                text=self.tokens.text(ids).strip(), log_probability=score, no_speech=result.no_speech_prob
            )
            for ids, score in zip(result.sequences_ids[1:], result.scores[1:], strict=True)
        ]
        return [first, *others]

    def language(self, samples: Samples) -> tuple[str, float]:
        """Return the likeliest language (a two-letter code) and its probability; multilingual models only."""
        token, probability = self._model.detect_language(self.encode(samples))[0][0]
        return token.strip("<|>"), float(probability)

    def _plain(self, tokens: Sequence[int]) -> list[int]:
        return [token for token in tokens if token < self.tokens.end]

    def _unlooped(
        self, encoded: "ctranslate2.StorageView", tokens: list[int], samples: Samples, language: str
    ) -> tuple[list[int], tuple[Word, ...], float]:
        """Return the tokens before any loop, their words, and the probability of a terminal mark."""
        words, ending = self._words(encoded, tokens, samples, language)
        kept = before_loop(words, ["".join(comparable(word.text)) for word in words])
        if kept < len(words):
            tokens = tokens[: self.tokens.words(tokens, language)[kept - 1].last]
            words, ending = self._words(encoded, tokens, samples, language)
        return tokens, words, ending

    def _ending(self, tokens: Sequence[int], logits: Sequence[object]) -> float:
        """Return the probability of a terminal mark where the text ends."""
        ended = bool(tokens) and tokens[-1] in self.tokens.terminal
        step = len(tokens) - 1 if ended else len(tokens)
        if step >= len(logits) or not tokens:
            return 0.0
        values = np.asarray(logits[step]).ravel()
        values = values - values.max()
        shares = np.exp(values)
        return float(shares[list(self.tokens.terminal)].sum() / shares.sum())

    def _words(
        self, encoded: "ctranslate2.StorageView", tokens: list[int], samples: Samples, language: str
    ) -> tuple[tuple[Word, ...], float]:
        """Return the words with times and probabilities, and the probability of a terminal mark."""
        if not tokens:
            return (), 0.0
        ended = tokens[-1] in self.tokens.terminal
        aligned = self._model.align(
            encoded,
            self.tokens.start(language),
            [tokens if ended else [*tokens, self.tokens.terminal[0]]],
            max(1, len(samples) // HOP),
        )[0]
        length = len(samples) / RECOGNIZER_RATE
        starts = dict[int, int]()
        for token, frame in aligned.alignments:
            starts.setdefault(token, frame)
        words = []
        for word in self.tokens.words(tokens, language):
            probabilities = aligned.text_token_probs[word.first : word.last]
            words.append(
                Word(
                    text=word.text,
                    start=min(length, starts.get(word.first, 0) * _FRAME),
                    end=min(length, starts.get(word.last, math.inf) * _FRAME),
                    confidence=float(np.mean(probabilities)),
                )
            )
        return tuple(words), float(aligned.text_token_probs[-1])


def _limit(samples: Samples, prompt: Sequence[int]) -> int:
    """Return the most tokens worth decoding, prompt included."""
    seconds = len(samples) / RECOGNIZER_RATE
    return min(448, len(prompt) + int(seconds * TOKENS_PER_SECOND) + SPARE_TOKENS)
