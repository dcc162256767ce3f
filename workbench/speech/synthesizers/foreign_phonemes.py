"""Which phonemes a clause has in a language other than English.

Spanish by the rules of piper-plus-g2p (MIT) where it is installed; Spanish otherwise, and all others, by
espeak-ng in its own process. The phoneme set is Kokoro's.
"""

import re
import threading
import unicodedata
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from workbench.core.languages import primary
from workbench.errors import EngineMissing, SsmlError
from workbench.speech.synthesizers.clauses import Unit
from workbench.speech.synthesizers.kokoro_model import PUNCTUATION, VOCABULARY
from workbench.speech.synthesizers.phonemes import Phonemes

NATIVE = ("es", "fr", "it", "pt", "hi")
"""Languages that Kokoro was trained on and that have a shipped voice."""

ACCENTED = ("de", "nl", "pl", "ru", "tr", "ro", "cs", "sv", "uk", "el", "fi", "hu")
"""Languages it was not trained on: understood, with an accent."""

LANGUAGES = NATIVE + ACCENTED

_TAGS = {"fr": "fr-fr", "pt": "pt-br"}
"""What espeak-ng calls the variety that Kokoro's voices speak."""

# Sounds as espeak-ng writes them, two letters tied by ^ -> Kokoro's symbol for them.
_FROM_ESPEAK = (
    ("a^ɪ", "I"),
    ("a^ʊ", "W"),
    ("e^ɪ", "A"),
    ("o^ʊ", "O"),
    ("ə^ʊ", "Q"),
    ("ɔ^ɪ", "Y"),
    ("d^z", "ʣ"),
    ("d^ʒ", "ʤ"),
    ("d^ʑ", "ʥ"),
    ("t^s", "ʦ"),
    ("t^ʃ", "ʧ"),
    ("t^ɕ", "ʨ"),
    ("s^s", "S"),
    ("tʃ", "ʧ"),
    ("rr", "r"),
    # What the model has no symbol for, and its nearest.
    ("ʏ", "y"),
    ("ɵ", "ø"),
    ("ʉ", "u"),
    ("ɫ", "l"),
    ("ɭ", "l"),
    ("ʑ", "ʒ"),
    ("r̝̊", "rʃ"),
    ("r̝", "rʒ"),
    ("g", "ɡ"),
)
_NEAREST = {"«": "“", "„": "“", "»": "”", "।": "."}
"""Marks that the model does not know, and what it takes for them."""


class ForeignPhonemes:
    """Turns units of other languages into phonemes; starts what it needs at first use; safe for threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._espeak: Any = None
        self._spanish: Callable[[str], Sequence[str]] | None = None

    def close(self) -> None:
        """End the process, if one was started."""
        with self._lock:
            if self._espeak is not None:
                self._espeak.close()
                self._espeak = None

    def check(self, language: str) -> None:
        """Find out now whether ``language`` can be pronounced.

        Raises
        ------
        SsmlError
            If what pronounces it is not installed.
        """
        try:
            self._teller(language)
        except EngineMissing as missing:
            raise SsmlError(str(missing)) from missing

    def phonemes(self, units: Sequence[Unit], language: str) -> Phonemes:
        """Return the phonemes of a clause; none if nothing in it can be spoken.

        Raises
        ------
        EngineMissing, EngineFailed
            If what pronounces the language is not installed, or fails.
        """
        tell = self._teller(language)
        parts = [_parted(unit.spoken) for unit in units]
        sounds = _of_each([bare for _, bare, _ in parts], tell)
        symbols: list[str] = []
        owners: list[int] = []
        for place, (unit, part, spoken) in enumerate(zip(units, parts, sounds, strict=True)):
            before, _, after = part
            given = from_espeak(unit.ipa) if unit.ipa is not None and spoken else spoken
            run = _marks(before) + given + _marks(after)
            if unit.spaced and symbols and run:
                run = " " + run
            symbols += run
            owners += [place] * len(run)
        return Phonemes("".join(symbols), tuple(owners))

    def _teller(self, language: str) -> Callable[[str], str]:
        """Return what gives the sounds of a text in ``language``, a space between words."""
        code = primary(language)
        with self._lock:
            if code == "es" and self._spanish is None and self._espeak is None:
                self._spanish = _spanish()
            if code == "es" and self._spanish is not None:
                rules = self._spanish
                return lambda text: from_espeak("".join(rules(text)))
            if self._espeak is None:
                self._espeak = _espeak()
            process = self._espeak
        tag = _TAGS.get(code, code)
        return lambda text: from_espeak(process.pronounce(text, voice=tag))


def from_espeak(ipa: str) -> str:
    """Return Kokoro's symbols for IPA whose two-letter sounds are tied by ^; spaces stay.

    >>> from_espeak("t^sˈʊkɜ (en)le^ɪt^ʃj(pt)")
    'ʦˈʊkɜ lAʧj'
    """
    ipa = re.sub(r"\([\w-]+\)", "", ipa)
    for written, symbol in _FROM_ESPEAK:
        ipa = ipa.replace(written, symbol)
    kept = "".join(char for char in ipa if char in VOCABULARY and char not in PUNCTUATION or char == " ")
    return " ".join(kept.split())


def _parted(text: str) -> tuple[str, str, str]:
    """Return what stands before the words of ``text``, the words, and what follows.

    A mark on a letter is of the word: vowel signs of Hindi, accents that are characters of their own.
    """
    of_words = (char == "_" or unicodedata.category(char)[0] in "LMN" for char in text)
    inside = [place for place, own in enumerate(of_words) if own]
    if not inside:
        return text, "", ""
    first, end = inside[0], inside[-1] + 1
    return text[:first], text[first:end], text[end:]


def _of_each(texts: Sequence[str], tell: Callable[[str], str]) -> list[str]:
    """Return the sounds of each text, said together where that gives as many words: words sound together."""
    spoken = [place for place, text in enumerate(texts) if text]
    counts = [len(texts[place].split()) for place in spoken]
    words = tell(" ".join(texts[place] for place in spoken)).split() if spoken else []
    found = [""] * len(texts)
    if len(words) != sum(counts):
        for place in spoken:
            found[place] = tell(texts[place])
        return found
    at = 0
    for place, count in zip(spoken, counts, strict=True):
        found[place] = " ".join(words[at : at + count])
        at += count
    return found


def _marks(text: str) -> str:
    """Return the punctuation of ``text`` as Kokoro knows it."""
    own = (_NEAREST.get(char, char) for char in text)
    return "".join(char for char in own if char in PUNCTUATION)


def _spanish() -> Callable[[str], Sequence[str]] | None:
    """Return the rules of Spanish, or none where they are not installed."""
    import logging

    logging.getLogger("piper_plus_g2p").setLevel(logging.CRITICAL)  # of languages that it can't load
    with suppress(ImportError):
        from piper_plus_g2p.spanish import phonemize_spanish

        return phonemize_spanish
    return None


def _espeak() -> Any:
    from workbench.speech.synthesizers.espeak_process import EspeakProcess

    try:
        return EspeakProcess.start()
    except EngineMissing as missing:
        raise EngineMissing("kokoro in languages other than English", missing.library, "espeak") from missing
