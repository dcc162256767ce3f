"""How a word sounds, and how far two sounds are apart.

Phones are ARPAbet symbols held as small integers. Costs are in units of one clear confusion: 0 for the same
phone, about 0.3 for neighbours (``t``/``d``, ``ih``/``eh``), 1 for sounds nobody mixes up.
"""

from collections.abc import Mapping
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from workbench.conversation.letter_sounds import sounds_from

# Place (front 0 .. back 1), height (open 0 .. close 1), rounding, glide towards (front, back) at the end.
_VOWELS = {
    "IY": (0.0, 1.0, 0, 0), "IH": (0.15, 0.8, 0, 0), "EH": (0.2, 0.45, 0, 0), "AE": (0.2, 0.15, 0, 0),
    "AH": (0.5, 0.4, 0, 0), "AA": (0.75, 0.0, 0, 0), "AO": (0.9, 0.3, 1, 0), "UH": (0.8, 0.8, 1, 0),
    "UW": (1.0, 1.0, 1, 0), "ER": (0.5, 0.5, 0, 0), "EY": (0.1, 0.6, 0, 1), "AY": (0.5, 0.2, 0, 1),
    "OY": (0.8, 0.4, 1, 1), "AW": (0.6, 0.15, 0, -1), "OW": (0.9, 0.55, 1, -1),
}  # fmt: skip

# Place (lips 0 .. glottis 1), manner, voiced.
_CONSONANTS = {
    "P": (0.0, "stop", 0), "B": (0.0, "stop", 1), "M": (0.0, "nasal", 1), "F": (0.1, "fricative", 0),
    "V": (0.1, "fricative", 1), "W": (0.15, "glide", 1), "TH": (0.3, "fricative", 0),
    "DH": (0.3, "fricative", 1), "T": (0.4, "stop", 0), "D": (0.4, "stop", 1), "N": (0.4, "nasal", 1),
    "S": (0.42, "fricative", 0), "Z": (0.42, "fricative", 1), "L": (0.45, "liquid", 1),
    "R": (0.5, "liquid", 1), "SH": (0.55, "fricative", 0), "ZH": (0.55, "fricative", 1),
    "CH": (0.55, "affricate", 0), "JH": (0.55, "affricate", 1), "Y": (0.6, "glide", 1),
    "K": (0.8, "stop", 0), "G": (0.8, "stop", 1), "NG": (0.8, "nasal", 1), "HH": (1.0, "fricative", 0),
}  # fmt: skip

_MANNERS = {
    frozenset(("stop", "affricate")): 0.3,
    frozenset(("fricative", "affricate")): 0.3,
    frozenset(("liquid", "glide")): 0.35,
    frozenset(("stop", "fricative")): 0.5,
    frozenset(("stop", "nasal")): 0.55,
    frozenset(("nasal", "liquid")): 0.6,
}

PHONES = (*_VOWELS, *_CONSONANTS)
"""The phones by number."""

_NUMBER = {name: number for number, name in enumerate(PHONES)}

# How easily a phone is missed or added: reduced vowels, h and liquids come and go.
_WEAK = {
    "AH": 0.35, "IH": 0.4, "ER": 0.45, "HH": 0.3, "R": 0.45, "Y": 0.4, "W": 0.5, "D": 0.5,
    "T": 0.5, "N": 0.55,
}  # fmt: skip
_DROPPED = 0.7

# Words the letter rules get wrong, and that any assistant may meet.
_EXCEPTIONS = {
    "minute": "M IH N AH T", "minutes": "M IH N AH T S", "wednesday": "W EH N Z D EY",
    "tuesday": "T UW Z D EY", "half": "HH AE F", "sugar": "SH UH G ER", "friday": "F R AY D EY",
    "english": "IH NG G L IH SH", "women": "W IH M AH N", "eleven": "IH L EH V AH N",
    "seven": "S EH V AH N", "am": "EY EH M", "pm": "P IY EH M", "hi": "HH AY", "i'm": "AY M", "i'd": "AY D",
    "i'll": "AY L", "without": "W IH DH AW T", "with": "W IH DH", "wanna": "W AA N AH", "four": "F AO R",
    "house": "HH AW S", "cancel": "K AE N S AH L", "actually": "AE K CH AH L IY", "okay": "OW K EY",
    "ok": "OW K EY", "medium": "M IY D IY AH M", "today": "T AH D EY", "tomorrow": "T AH M AA R OW",
    "thursday": "TH ER Z D EY", "mountain": "M AW N T AH N", "double": "D AH B AH L",
}  # fmt: skip


def _vowel_distance(one: str, other: str) -> float:
    front, height, rounded, glide = _VOWELS[one]
    front2, height2, rounded2, glide2 = _VOWELS[other]
    apart = 0.55 * abs(front - front2) + 0.55 * abs(height - height2)
    return min(1.0, 0.08 + apart + 0.08 * abs(rounded - rounded2) + 0.12 * abs(glide - glide2))


def _consonant_distance(one: str, other: str) -> float:
    place, manner, voiced = _CONSONANTS[one]
    place2, manner2, voiced2 = _CONSONANTS[other]
    kind = 0.0 if manner == manner2 else _MANNERS.get(frozenset((manner, manner2)), 0.8)
    return min(1.0, 0.05 + 0.8 * abs(place - place2) + kind + 0.22 * abs(voiced - voiced2))


@lru_cache(maxsize=1)
def substitution_costs() -> npt.NDArray[np.float64]:
    """Return the cost of hearing one phone for another, shape (phones, phones), symmetric, 0..1.3."""
    costs = np.zeros((len(PHONES), len(PHONES)))
    for first, one in enumerate(PHONES):
        for second, other in enumerate(PHONES):
            if one == other:
                continue
            if one in _VOWELS and other in _VOWELS:
                costs[first, second] = _vowel_distance(one, other)
            elif one in _CONSONANTS and other in _CONSONANTS:
                costs[first, second] = _consonant_distance(one, other)
            else:
                costs[first, second] = 1.3
    for vowel, glide in (("ER", "R"), ("IY", "Y"), ("UW", "W"), ("OW", "L"), ("UH", "L")):
        costs[_NUMBER[vowel], _NUMBER[glide]] = costs[_NUMBER[glide], _NUMBER[vowel]] = 0.5
    costs.setflags(write=False)
    return costs


@lru_cache(maxsize=1)
def drop_costs() -> npt.NDArray[np.float64]:
    """Return the cost of missing or adding each phone, shape (phones,), 0.3..0.7."""
    costs = np.array([_WEAK.get(name, _DROPPED) for name in PHONES])
    costs.setflags(write=False)
    return costs


@lru_cache(maxsize=8192)
def phones_of(word: str) -> tuple[int, ...]:
    """Return the phones of one lower-case English word by number; empty if nothing in it sounds."""
    written = _EXCEPTIONS.get(word)
    names = written.split() if written else sounds_from(word)
    return tuple(_NUMBER[name] for name in names)


def spelled_phones(word: str, pronunciations: Mapping[str, str]) -> tuple[int, ...]:
    """Return the phones of a word whose respelling (``"lah tay"``) may be given."""
    respelled = pronunciations.get(word)
    if respelled is None:
        return phones_of(word)
    return tuple(phone for part in respelled.split() for phone in phones_of(part))


def distance(one: tuple[int, ...], other: tuple[int, ...]) -> float:
    """Return the cheapest way to turn one run of phones into the other; 0 when equal, symmetric."""
    swaps, drops = substitution_costs(), drop_costs()
    row = [0.0]
    for phone in other:
        row.append(row[-1] + float(drops[phone]))
    for phone in one:
        dropped = float(drops[phone])
        above = row
        row = [above[0] + dropped]
        for place, heard in enumerate(other):
            row.append(
                min(
                    above[place] + float(swaps[phone, heard]),
                    above[place + 1] + dropped,
                    row[place] + float(drops[heard]),
                )
            )
    return row[-1]
