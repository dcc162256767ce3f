#!/usr/bin/env python
"""Write ``data/names``: given and family names of the world in Latin script, and common English words.

Needs what nobody needs to run the workbench: the packages ``faker`` and ``wordfreq``, and the word lists of
Debian's ``wamerican-small``, ``wngerman``, ``wfrench``, ``wspanish``, ``witalian``, ``wportuguese``,
``wdutch``. Of the latter six, and of ``wordfreq``, only which names are words as well is kept.
"""

import importlib
import unicodedata
import zoneinfo
from collections.abc import Iterator
from pathlib import Path

from faker.config import AVAILABLE_LOCALES
from wordfreq import zipf_frequency

FOLDER = Path(__file__).parents[1] / "data" / "names"
DICTIONARIES = Path("/usr/share/dict")
FILES = {
    "de": "ngerman",
    "fr": "french",
    "es": "spanish",
    "it": "italian",
    "pt": "portuguese",
    "nl": "dutch",
}
COMMON = 3.0
"""Zipf frequency from which a word of a dictionary is common."""


def main() -> None:
    """Write both lists."""
    english = {word for word in _words("american-english-small") if word.isalpha() and word.islower()}
    words = {language: {one for one in _words(file) if one.islower()} for language, file in FILES.items()}
    words["de"] |= _german_nouns(set(_words(FILES["de"])))
    places = _places()
    given, family = _names("first"), _names("last")
    lines = []
    for name in sorted(given | family):
        also = ["en"] if name in english else []
        also += [
            language for language in FILES
            if name in words[language] and zipf_frequency(name, language) >= COMMON
        ]  # fmt: skip
        also += ["place"] if name in places else []
        kinds = ("g" if name in given else "") + ("f" if name in family else "")
        lines.append(" ".join([name, kinds, *also]))
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / "names.txt").write_text("\n".join(lines) + "\n", "utf-8")
    (FOLDER / "words_en.txt").write_text("\n".join(sorted(english)) + "\n", "utf-8")
    (FOLDER / "places.txt").write_text("\n".join(sorted(places)) + "\n", "utf-8")


def _german_nouns(words: set[str]) -> set[str]:
    """Return nouns in lower case: they have cases that names have not."""
    return {
        word.lower()
        for word in words
        if word[0].isupper() and any(word + end in words for end in ("es", "en", "n", "e"))
    }


def _words(file: str) -> list[str]:
    return (DICTIONARIES / file).read_text("utf-8").split()


def _names(which: str) -> set[str]:
    """Return the single words of Faker's first or last names, in lower case."""
    found = set()
    for locale in AVAILABLE_LOCALES:
        for name, value in _tables("person", locale):
            if which in name and "name" in name:
                found |= {word.strip(".'’-") for one in value for word in one.lower().split()}
    return {name for name in found if len(name) > 1 and _latin(name)}


def _places() -> set[str]:
    """Return cities, states and countries: those of Faker, and of the time zones."""
    found = {zone.split("/")[-1].replace("_", " ").lower() for zone in zoneinfo.available_timezones()}
    for locale in AVAILABLE_LOCALES:
        if locale[:2] in ("en", *FILES):
            for name, value in _tables("address", locale):
                if name in ("states", "countries"):
                    found |= {one.lower() for one in value}
    return {name for name in found if len(name) > 2 and _latin(name.replace(" ", ""))}


def _tables(kind: str, locale: str) -> Iterator[tuple[str, list[str]]]:
    try:
        provider = importlib.import_module(f"faker.providers.{kind}.{locale}").Provider
    except ModuleNotFoundError:
        return
    for name in dir(provider):
        value = getattr(provider, name)
        if isinstance(value, tuple | list | dict):
            flat: list[str] = []
            for one in value:
                parts = one if isinstance(one, tuple | list) else (one,)
                flat += [part for part in parts if isinstance(part, str)]
            yield name, flat


def _latin(text: str) -> bool:
    return all(
        letter in "-'’" or (letter.isalpha() and "LATIN" in unicodedata.name(letter)) for letter in text
    )


if __name__ == "__main__":
    main()
