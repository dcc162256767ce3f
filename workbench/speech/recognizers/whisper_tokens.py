"""Whisper's tokens: the prompts that steer it, and its output as words.

A word here is what stands between spaces, with its punctuation; in languages written without spaces it is one
character with the punctuation after it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.errors import EngineFailed, EngineMissing, ParameterError

if TYPE_CHECKING:
    from tokenizers import Tokenizer

UNSPACED = frozenset({"zh", "ja", "th", "lo", "my", "yue", "km", "bo"})
"""Languages written without spaces between words."""
TERMINAL = (".", "?", "!", "。", "？", "！")  # noqa: RUF001
"""Punctuation that ends a sentence."""
PROMPT_TOKENS = 200
"""Most tokens of a prompt; Whisper reads at most 223."""

_LANGUAGE = re.compile(r"<\|([a-z]{2,3})\|>")
_CUT = "\ufffd"  # what half a character decodes to


@dataclass(frozen=True, slots=True)
class TokenWord:
    """One word and the tokens that spell it."""

    text: str
    first: int
    """Index of its first token."""
    last: int
    """Index just after its last token."""


def _languages(tokenizer: "Tokenizer") -> tuple[str, ...]:
    """Return the codes among the tokens, in their order; it takes longer than an event loop may wait."""
    vocabulary: dict[str, int] = tokenizer.get_vocab()
    found = {token: code[1] for name, token in vocabulary.items() if (code := _LANGUAGE.fullmatch(name))}
    return tuple(found[token] for token in sorted(found))


class WhisperTokens:
    """The vocabulary of one Whisper model."""

    def __init__(self, tokenizer: "Tokenizer", *, multilingual: bool) -> None:
        self._tokenizer = tokenizer
        self.multilingual = multilingual
        self.end = self._id("<|endoftext|>")
        self.terminal = tuple(
            token for mark in TERMINAL if (token := self._tokenizer.token_to_id(mark)) is not None
        )
        self._start = self._id("<|startoftranscript|>")
        self._previous = self._id("<|startofprev|>")
        self._transcribe = self._id("<|transcribe|>")
        self._no_times = self._id("<|notimestamps|>")
        self.languages = _languages(tokenizer) if multilingual else ("en",)
        """Codes of the languages the model knows, by training time; English alone has no codes."""

    @classmethod
    def load(cls, folder: Path, *, multilingual: bool) -> "WhisperTokens":
        """Read ``tokenizer.json`` of a model's folder."""
        try:
            from tokenizers import Tokenizer
        except ImportError as error:
            raise EngineMissing("whisper", "tokenizers", "speech") from error
        try:
            tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        except Exception as error:  # the library raises bare Exception
            raise EngineFailed(f"whisper could not read {folder / 'tokenizer.json'}") from error
        return cls(tokenizer, multilingual=multilingual)

    def start(self, language: str) -> list[int]:
        """Return the tokens that start a transcript in ``language`` (a two-letter code)."""
        if not self.multilingual:
            return [self._start]
        code = self._tokenizer.token_to_id(f"<|{language}|>")
        if code is None:
            raise ParameterError(f"language is {language}, which whisper does not know")
        return [self._start, code, self._transcribe]

    def prompt(self, language: str, context: Sequence[int] = ()) -> list[int]:
        """Return what to decode after: ``context`` (earlier text), then the start, without time stamps."""
        before = [self._previous, *context] if context else []
        return [*before, *self.start(language), self._no_times]

    def context(self, text: str) -> tuple[int, ...]:
        """Return ``text`` as context tokens; what exceeds the limit is cut at the end."""
        ids = self._tokenizer.encode(f" {text.strip()}", add_special_tokens=False).ids
        return tuple(ids[:PROMPT_TOKENS])

    def text(self, tokens: Sequence[int]) -> str:
        """Return the text of ``tokens``, without the special ones."""
        decoded: str = self._tokenizer.decode([token for token in tokens if token < self.end])
        return decoded

    def words(self, tokens: Sequence[int], language: str) -> list[TokenWord]:
        """Return the words that ``tokens`` (no special ones) spell, in order."""
        words: list[TokenWord] = []
        first = 0
        for index in range(len(tokens)):
            piece = self.text(tokens[first : index + 1])
            if _CUT in piece and index + 1 < len(tokens):
                continue
            words = _appended(words, TokenWord(piece, first, index + 1), language)
            first = index + 1
        return [TokenWord(word.text.strip(), word.first, word.last) for word in words if word.text.strip()]

    def _id(self, name: str) -> int:
        token: int | None = self._tokenizer.token_to_id(name)
        if token is None:
            raise EngineFailed(f"whisper's tokenizer has no {name}, expected one of Whisper's own")
        return token


def _appended(words: list[TokenWord], piece: TokenWord, language: str) -> list[TokenWord]:
    """Return ``words`` with ``piece`` as a word of its own or as the end of the last."""
    own = piece.text.startswith(" ") or (language in UNSPACED and any(char.isalnum() for char in piece.text))
    if own or not words:
        return [*words, piece]
    last = words[-1]
    return [*words[:-1], TokenWord(last.text + piece.text, last.first, piece.last)]
