"""How a text in any language is read aloud: by the workbench where it knows how, else left to the engine."""

from workbench.core.languages import primary
from workbench.speech import language_text, text as english
from workbench.speech.language_habits import HABITS, habits_for
from workbench.speech.stretches import Reading

LANGUAGES = ("en", *(key for key in HABITS if "-" not in key))
"""Whose numbers, dates, times and money are read into words here."""

_ONE_BY_ONE = ("characters", "spell-out", "verbatim", "digits", "telephone")
_BLEEPED = ("bleep", "expletive")


def is_read(language: str) -> bool:
    """Return whether texts in ``language``, a BCP 47 tag, are read into words here."""
    return primary(language) in LANGUAGES


def readings(text: str, language: str) -> tuple[Reading, ...]:
    """Return ``text`` cut into stretches with what is said for each; joined, what is written is ``text``.

    >>> [one.spoken for one in readings("3,5 km", "pt-BR")], [one.spoken for one in readings("3,5 km", "sv")]
    (['três vírgula cinco quilômetros'], ['3,5 km'])
    """
    if primary(language) == "en":
        return english.readings(text, language)
    key = habits_for(language)
    return (Reading(text, text),) if key is None else language_text.readings(text, key)


def read_as(text: str, kind: str, form: str = "", *, language: str) -> str:
    """Return how ``text`` is said when it is known to be ``kind``, one of ``ssml.scales.SAY_AS``.

    In a language that is not read here single letters and digits are parted, and the rest stays as written.

    >>> read_as("3", "ordinal", language="es"), read_as("3", "ordinal", language="sv")
    ('tercero', '3')
    """
    code = primary(language)
    if kind in _BLEEPED or code == "en":
        return english.read_as(text, kind, form, language=language)
    key = habits_for(language)
    if key is not None:
        return language_text.read_as(text, kind, key, form)
    return " ".join("".join(text.split())) if kind in _ONE_BY_ONE else text
