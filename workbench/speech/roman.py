"""Roman numerals: what they are worth, and who or what stands before one."""

import re
from collections.abc import Callable

_NUMERAL = re.compile(r"M{0,3}(?:CM|CD|D?C{0,3})(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})")
_WORTH = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}

_MEN = {
    "en": "Henry George Edward Charles William James Richard Louis Philip Ferdinand Frederick Francis "
    "Nicholas Alexander Peter Ivan Leopold Napoleon John Paul Pius Benedict Leo Gregory Innocent "
    "Clement Urban Otto Harald Gustav Christian Constantine Ptolemy Ramses Malcolm Robert Stephen "
    "Albert Alfonso Carlos Felipe Umberto Emmanuel",
    "de": "Heinrich Georg Eduard Karl Wilhelm Jakob Richard Ludwig Philipp Ferdinand Friedrich Franz "
    "Nikolaus Alexander Peter Iwan Leopold Napoleon Johannes Paul Pius Benedikt Leo Gregor Innozenz "
    "Klemens Urban Otto Gustav Christian Maximilian Joseph Konrad Rudolf Albrecht Ramses",
    "es": "Felipe Carlos Luis Alfonso Fernando Enrique Juan Pablo Pedro Jaime Sancho Ramiro Eduardo Jorge "
    "Guillermo Napoleón Francisco Federico Pío Benedicto León Gregorio Clemente Nicolás Alejandro "
    "Iván Leopoldo",
    "fr": "Charles Henri Louis Philippe François Napoléon Édouard Georges Guillaume Jacques Richard Pie "
    "Benoît Léon Grégoire Jean Paul Frédéric Ferdinand Alphonse Pierre Nicolas Léopold Baudouin "
    "Albert Clément Urbain",
    "it": "Luigi Vittorio Emanuele Umberto Carlo Enrico Filippo Federico Francesco Ferdinando Giovanni "
    "Paolo Pio Benedetto Leone Gregorio Clemente Giorgio Edoardo Guglielmo Napoleone Alessandro "
    "Nicola Pietro Giulio Urbano Innocenzo Ottone Amedeo Alfonso",
    "pt": "João Pedro Manuel Afonso Sancho Dinis Fernando Duarte Filipe José Luís Carlos Miguel Henrique "
    "Jorge Eduardo Paulo Pio Bento Leão Gregório Clemente Napoleão Francisco Nicolau Alexandre",
}
_WOMEN = {
    "en": "Elizabeth Mary Catherine Margaret Isabella Beatrix Margrethe",
    "de": "Elisabeth Maria Katharina Margarethe Isabella Beatrix",
    "es": "Isabel María Catalina Juana Margarita Beatriz",
    "fr": "Élisabeth Elisabeth Marie Catherine Marguerite Isabelle",
    "it": "Elisabetta Maria Caterina Margherita Isabella Giovanna",
    "pt": "Maria Isabel Catarina Elizabeth Beatriz",
}
_CENTURIES = {
    "es": r"siglos?",
    "it": r"secol[oi]|sec\.",
    "pt": r"séculos?",
}
_NO_TITLES = (
    "The This That An And For With Der Die Das Ein Eine Le La Les Un Une El Los Las Il Lo Gli O Os As"
)
"""Words that may begin with a capital letter and that no number follows."""


def value(text: str) -> int | None:
    """Return what a Roman numeral in capital letters is worth, or none.

    >>> value("XIV"), value("MCMLXXXIX"), value("IIX"), value("")
    (14, 1989, None, None)
    """
    if not text or not _NUMERAL.fullmatch(text):
        return None
    worths = [_WORTH[letter] for letter in text]
    return sum(-worth if worth < max(worths[place:]) else worth for place, worth in enumerate(worths))


def roman_pattern(language: str) -> str:
    """Return what Roman numerals look like in a language; the case of letters counts in it.

    Its groups are ``ruler`` and ``reign``, ``age`` and ``century`` (Italian and French also ``century2``),
    ``title`` and ``part``, ``year_in_letters``.
    """
    rulers = "|".join(f"{_MEN[language]} {_WOMEN[language]}".split())
    point = r"\.?" if language == "de" else ""
    first = "|(?P<first>I(?:er|re))" if language == "fr" else ""
    lone = "" if language == "de" else r"(?![IVX]\.\s[^\W\d_a-zà-ÿ])"  # an initial
    lone += r"(?!I(?!\w))(?!(?<=Malcolm\s)X(?!\w))" if language == "en" else ""  # the pronoun
    parts = [rf"\b(?P<ruler>{rulers})\s(?:{lone}(?P<reign>[IVX]+){first})(?!\w){point}"]
    if language in _CENTURIES:
        parts.append(rf"\b(?P<age>(?i:{_CENTURIES[language]}))\s(?P<century>[IVX]+)(?!\w)")
    if language == "it":
        parts.append(r"\b(?P<century2>[IVX]+)(?=\ssecolo\b)")
    if language == "fr":
        parts.append(r"\b(?P<century2>[IVX]+)(?:e|ᵉ|ème|ᵉᵐᵉ)(?!\w)(?P<short_age>\ss\.)?")
    parts.append(
        rf"\b(?!(?:{_NO_TITLES.replace(' ', '|')}|[IVXLCDM]+)\s)(?P<title>[^\W\d_a-zà-ÿ][^\W\d_]+)\s"
        rf"(?P<part>[IVX]{{2,}})(?!\w|-|\ssecolo\b)"
    )
    parts.append(r"\b(?P<year_in_letters>MC?M?[CDLXVI]{3,})(?!\w)")
    return "(?-i:" + "|".join(parts) + ")"


def read_roman(
    match: re.Match[str],
    language: str,
    cardinal: Callable[[int], str],
    ordinal: Callable[[int, str], str],
) -> str:
    """Return how a match of :func:`roman_pattern` is said; what is no numeral stays.

    Parameters
    ----------
    cardinal, ordinal : how numbers are said; of an ordinal the gender is given (m, f)
    """
    told = {name: text for name, text in match.groupdict().items() if text}
    if "ruler" in told:
        gender = "f" if told["ruler"] in _WOMEN[language].split() else "m"
        worth = 1 if "first" in told else value(told["reign"])
        said = _reigning(worth, gender, language, cardinal, ordinal) if worth else ""
        return f"{told['ruler']} {said}" if said else match[0]
    for before, name in (("age", "century"), ("", "century2"), ("title", "part"), ("", "year_in_letters")):
        worth = value(told.get(name, ""))
        if worth:
            counted = (
                before == "title" or name == "year_in_letters" or (language in ("es", "pt") and worth > 10)
            )
            said = cardinal(worth) if counted else ordinal(worth, "m")
            said = f"{said} siècle" if "short_age" in told else said
            return f"{told[before].replace('sec.', 'secolo')} {said}" if before else said
    return match[0]


def _reigning(
    worth: int,
    gender: str,
    language: str,
    cardinal: Callable[[int], str],
    ordinal: Callable[[int, str], str],
) -> str:
    """Return how a king or queen is counted."""
    if language == "en":
        return f"the {ordinal(worth, gender)}"
    if (language in ("es", "pt") and worth > 10) or (language == "fr" and worth > 1):
        return cardinal(worth)
    return ordinal(worth, gender)
