"""What is known of a word as a name: lists of the world's names, of common words, of places."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from workbench.data import data_folder
from workbench.privacy.number_words import words_of
from workbench.privacy.spans import Token

NO_NAME = words_of(
    "not a an the and or but so that this it is was are be been from in on at to for with about going "
    "calling looking trying just here there very really sorry sure fine good well okay ok yes no please "
    "still also my your his her our their interested afraid happy glad new lost having getting "
    "wondering what who how when where why spelled spelt speaking i'm i you he she we they can could "
    "would will shall may might do does did have has had nicht ein eine der die das und oder aber bei "
    "von mit in am auf zu hier da sehr ihr sein pas un une le la les et ou mais chez de du des à en "
    "très ici no el los las y o pero en con por muy aquí su que non il lo gli e ma da per con molto qui "
    "suo che não os as mas em com por muito aqui seu que o a niet een de het en of maar bij van met "
    "heel hier zijn"
)
TITLES = words_of(
    "mr mrs ms miss mister dr doctor prof professor sir madam aunt uncle herr frau fräulein monsieur "
    "madame mademoiselle mme m señor señora sr sra don doña signor signora signorina dottor senhor "
    "senhora dom meneer mevrouw dhr mevr"
)
CAPITAL = r"[^\W\d_a-zà-öø-ÿ]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the lists know of a word."""

    given: bool
    family: bool
    word_in: frozenset[str]
    """Languages in which it is a common word."""
    place: bool


_NOBODY = Known(given=False, family=False, word_in=frozenset(), place=False)


@cache
def lists() -> tuple[dict[str, Known], frozenset[str], frozenset[str]]:
    """Return the names, the common English words, and the places."""
    folder = data_folder() / "names"
    names = {}
    for line in (folder / "names.txt").read_text("utf-8").splitlines():
        name, kinds, *also = line.split()
        names[name] = Known(
            given="g" in kinds,
            family="f" in kinds,
            word_in=frozenset(also) - {"place"},
            place="place" in also,
        )
    words = frozenset((folder / "words_en.txt").read_text("utf-8").split())
    places = frozenset((folder / "places.txt").read_text("utf-8").splitlines())
    return names, words, places


@cache
def known_name(low: str) -> Known:
    """Return what the lists know of a word in lower case, with or without a genitive."""
    names = lists()[0]
    known = names.get(low)
    if known is None and low.endswith("'s"):
        known = names.get(low[:-2])
    if known is None and low.endswith("s"):
        known = names.get(low[:-1])
    if known is None and "'" in low:
        known = names.get(low.replace("'", ""))
    return known or _NOBODY


def is_listed(low: str) -> bool:
    """Return whether a word is on the lists of names."""
    known = known_name(low)
    return known.given or known.family


def is_word(low: str, language: str) -> bool:
    """Return whether a word is a common one of the language, or of English."""
    known = known_name(low)
    if language in known.word_in or low in NO_NAME:
        return True
    return language == "en" and low.removesuffix("'s") in lists()[1]


def is_plain(low: str, language: str) -> bool:
    """Return whether a word is common and no name at all."""
    known = known_name(low)
    return is_word(low, language) and not (known.given or known.family) or low in NO_NAME


def strangers(run: Sequence[Token]) -> bool:
    """Return whether none of the words is one that English knows."""
    words, places = lists()[1:]
    return all(token.low not in words and token.low not in places for token in run)
