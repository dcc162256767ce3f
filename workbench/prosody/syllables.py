"""How many syllables a text has, by the spelling of its language: for rates, not for poetry.

Counted on words as they are said: write numbers out first. Right for nearly every word of regular spellings
(Spanish, Italian, Portuguese, German, Polish, Turkish, Russian, ...), within some percent of a running text
for English and French.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping

from workbench.errors import ParameterError

_MARKS = r"\u0300-\u036f\u0900-\u0903\u093a-\u094f\u0951-\u0957\u0962\u0963"
"""Accents and the vowel signs of Devanagari: of the letter before them, though no letters to ``re``."""

_WORD = re.compile(rf"[^\W\d_](?:[^\W\d_]|[{_MARKS}])*(?:['’](?:[^\W\d_]|[{_MARKS}])+)*")


def syllables(text: str, language: str) -> int:
    """Return the syllables of ``text``; a word has at least one. In Japanese these are morae.

    Parameters
    ----------
    text : words as they are said
    language : BCP 47 tag; only its first part counts

    Raises
    ------
    ParameterError
        If the spelling of the language says too little of its syllables (:data:`LANGUAGES` lists the others).

    >>> syllables("Quiero un café con leche", "es"), syllables("make the beautiful table", "en")
    (8, 7)
    """
    code = language.split("-")[0].lower()
    if code not in _COUNTERS:
        raise ParameterError(f"syllables of {language} can't be counted, only of {', '.join(LANGUAGES)}")
    return _COUNTERS[code](unicodedata.normalize("NFC", text).lower())


def words(text: str) -> int:
    """Return the words of ``text``: runs of letters; for languages that write spaces.

    >>> words("It's five o'clock, isn't it?")
    5
    """
    return len(_WORD.findall(text))


def _by_nuclei(nucleus: str) -> Callable[[str], int]:
    """Count the runs that ``nucleus`` matches, at least one a word."""
    pattern = re.compile(nucleus)
    return lambda text: sum(max(1, len(pattern.findall(word))) for word in _WORD.findall(text))


def _english(text: str) -> int:
    return sum(_english_word(word.replace("'", "").replace("’", "")) for word in _WORD.findall(text))


def _english_word(word: str) -> int:
    count = len(re.findall(r"[aeiouy]+", word))
    count += len(re.findall(r"(?<![cstgx])(?:ia|io(?!n))|[aeiouy]ing|eo(?!u)|ua(?!r)|[rd]ea$", word))
    count += len(re.findall(r"[^aeiou]ier$|iet|ism$|creat|(?<=[rd])ien(?=c)|scien", word))
    count -= len(re.findall(r"qua|gua|eou?s$|peop", word))
    silent = r"[^aeiouyl]e$|[aeiouy]les?$|[^aeiouydt]ed$|[^aeiouycsgzxhl]es$|[^aeiouyl]e(?:ly|ment|ful|less)$"
    if re.search(silent, word):
        count -= 1
    return max(1, count)


def _french(text: str) -> int:
    return sum(_french_word(word) for word in _WORD.findall(text.replace("’", "'")))


def _french_word(word: str) -> int:
    word = re.sub(r"^(qu|[cdjlmnst])'", "", word)
    word = re.sub(r"(?<=.)qu|(?<=.)gu(?=[eiy])|^qu|^gu(?=[eiy])", "k", word)
    bare = re.sub(r"(?<=[^aeiouyéèêëàâîïôùûœ])(e|es|ent)$|(?<=[iuéyoa])e(s|nt)?$", "", word)
    if not re.search(r"[aeiouyéèêëàâîïôùûœ]", bare):
        bare = word
    nucleus = r"oi[eé]|eau|i?eu|[oe]u[iî]?|o[iùû]|a[iuî]|ei|[iy](?=[aeoéèê])[aeoéèê]|ui|[aeiouyéèêëàâîïôùûœ]"
    return max(1, len(re.findall(nucleus, bare)))


def _kana(text: str) -> int:
    """Count kana but the small ones that belong to the sound before; kanji hide their morae."""
    if re.search(r"[\u4e00-\u9fff]", text):
        raise ParameterError("morae of kanji can't be counted: write the text in kana")
    return len(re.findall(r"[\u3041-\u3096\u30a1-\u30fa\u30fc]", text)) - len(
        re.findall(r"[ゃゅょャュョァィゥェォ]", text)
    )


def _each(pattern: str) -> Callable[[str], int]:
    found = re.compile(pattern)
    return lambda text: len(found.findall(text))


_COUNTERS: Mapping[str, Callable[[str], int]] = {
    "en": _english,
    "fr": _french,
    "es": _by_nuclei(
        r"(?:(?<=[qg])u(?=[eiéí]))?(?:[iuü]?[aeoáéó](?:[iuy](?![aeoáéó]))?|[iuü][iuíú]|[iu]y\b|[íúiuü]|y\b)"
    ),
    "it": _by_nuclei(r"(?:[iu](?=[aeoàèéòó]))?[aeoàèéòó](?:[iu](?![aeoàèéòó]))?|[iu][iuìù]|[ìùiu]"),
    "pt": _by_nuclei(
        r"(?:u(?=[aeoáâãéêóôõ])(?<=[qg]u))?[aeoáâãàéêóôõ](?:[iu](?![aeoáâãéêóôõ])|(?<=[ãõ])[eo])?|[íúiuü]"
    ),
    "de": _by_nuclei(r"aa|ee|oo|ie(?!n\b)|[ae]i|[aeä]u|[ae]y|[aeiouyäöü]"),
    "nl": _by_nuclei(r"io(?=n)|ieu|eeu|aai|ooi|oei|aa|ee|oo|uu|ie|oe|eu|ui|[oa]u|[eiĳ]j|ei|[aeiouyáéëïóöü]"),
    "sv": _by_nuclei(r"[aeiouyåäöé]"),
    "pl": _by_nuclei(r"i(?=[aeouóąę])[aeouóąę]|[ae]u|[aeiouyóąę]"),
    "cs": _by_nuclei(r"[oae]u|[aeiouyáéěíóúůý]|(?<=[^aeiouyáéěíóúůý])[rl](?=[^aeiouyáéěíóúůý]|\b)"),
    "tr": _by_nuclei(r"[aeıioöuüâîû]"),
    "fi": _by_nuclei(r"aa|ee|ii|oo|uu|yy|ää|öö|[aeouyäö]i|[aeoi]u|ey|äy|öy|ie|uo|yö|[aeiouyäö]"),
    "ru": _by_nuclei(r"[аеёиоуыэюя]"),
    "uk": _by_nuclei(r"[аеєиіїоуюя]"),
    "el": _by_nuclei(r"[αεο][ιί]|[αεο][υύ]|υι|[αεηιουωάέήίόύώϊϋΐΰ]"),
    "ko": _each(r"[\uac00-\ud7a3]"),
    "zh": _each(r"[\u4e00-\u9fff]"),
    "ja": _kana,
    "hi": _each(r"[\u0905-\u0914]|[\u0915-\u0939](?!\u094d)(?!$|\s)|[\u0915-\u0939](?=[\u093e-\u094c])"),
}

LANGUAGES = tuple(_COUNTERS)
"""First parts of the tags whose syllables are counted."""
