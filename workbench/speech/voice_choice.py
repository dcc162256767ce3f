"""Which voice speaks a language: the best there is, and what stands in for it, with the reason."""

import importlib.util
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from workbench.core.languages import region
from workbench.errors import ParameterError
from workbench.speech.synthesizers.foreign_phonemes import ACCENTED
from workbench.speech.voices import DEFAULT_VOICE, Voice, espeak_voice, find, voices

_TAGS = """
af ar be bg bn ca cs cy da de el en-gb en-us eo es es-419 et eu fa fi fr-be fr-ch fr-fr ga gu he hi
hr hu hy id is it ja ka kk kn ko lt lv mk ml mr ms mt my nb ne nl pa pl pt-br pt-pt ro ru si sk sl
sq sr sv sw ta te th tr uk ur uz vi cmn yue
"""

ESPEAK_TAGS = tuple(_TAGS.split())
"""Voices of espeak-ng offered in the catalogue; it has more, by their tags."""

_ACCENTED_VOICE = "if_sara"
"""The voice that is understood best in languages it was not made for."""

_RELATED = {
    "gl": "pt", "oc": "ca", "lb": "de", "gsw": "de", "yi": "de", "nn": "nb", "no": "nb", "fo": "is",
    "bs": "hr", "sh": "hr", "me": "sr", "rue": "uk", "tt": "tr", "az": "tr", "tg": "fa", "fil": "id",
    "jv": "id", "zu": "sw", "sco": "en", "iw": "he", "in": "id", "zh": "cmn", "mo": "ro",
}  # fmt: skip
"""Languages without a voice here and one whose voice their speakers understand best, or their other tag."""

_CLOSEST_REGION = {("en", "AU"): "GB", ("en", "NZ"): "GB", ("en", "IE"): "GB", ("en", "IN"): "GB",
                   ("en", "ZA"): "GB", ("en", "CA"): "US", ("es", "MX"): "419", ("es", "AR"): "419",
                   ("pt", "AO"): "PT", ("pt", "MZ"): "PT"}  # fmt: skip


ENGINES = {"kokoro": "onnxruntime", "espeak": "espeakng_loader"}
"""What must be importable for each engine."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A voice, and why it is this one."""

    voice: Voice
    reason: str


def installed() -> tuple[str, ...]:
    """Return the names of the engines whose libraries are there."""
    return tuple(name for name, module in ENGINES.items() if importlib.util.find_spec(module) is not None)


def catalogue(engines: Collection[str] = ("kokoro", "espeak")) -> tuple[Voice, ...]:
    """Return every voice of ``engines``: the shipped ones, then those of espeak-ng."""
    shipped = tuple(voice for voice in voices() if voice.engine in engines)
    return shipped + tuple(espeak_voice(tag) for tag in ESPEAK_TAGS if "espeak" in engines)


def chain(
    language: str,
    *,
    gender: str | None = None,
    engines: Collection[str] = ("kokoro", "espeak"),
    known: Sequence[Voice] | None = None,
) -> tuple[Choice, ...]:
    """Return the voices that may speak ``language``, best first, each with its reason.

    In this order: natural voices of the language, those of its region or the closest first; a natural voice
    of another language that speaks it with an accent; robotic voices of the
    language, by region alike; the default voice, which reads it as if it were English. Of equals the wanted
    gender comes first. A language without any voice is replaced by a related one.

    Parameters
    ----------
    language : BCP 47 tag
    gender : female or male
    engines : names of those that are installed
    known : the catalogue; :func:`catalogue` unless given

    Raises
    ------
    ParameterError
        If ``language`` is no tag, or no engine is left.
    """
    parts = language.replace("_", "-").lower().split("-")
    if not 2 <= len(parts[0]) <= 3 or not parts[0].isalpha():
        raise ParameterError(f"language is {language!r}, expected a tag such as en-GB or fr")
    if gender not in (None, "female", "male"):
        raise ParameterError(f"gender is {gender!r}, expected female or male")
    have = [voice for voice in (catalogue(engines) if known is None else known) if voice.engine in engines]
    if not have:
        raise ParameterError(f"no voice of {', '.join(engines) or 'no engine'} is known")
    first = _RELATED.get(parts[0], parts[0]) if not _of(parts[0], have) else parts[0]
    wanted = region(language)
    found = [(_rank(voice, first, wanted, gender), voice) for voice in _of(first, have)]
    related = "" if first == parts[0] else f"{language} has no voice, {first} is close to it; "
    ranked = sorted(found, key=_by_rank)
    choices = [Choice(voice, related + _why(voice, wanted, language)) for _, voice in ranked]
    if first in ACCENTED:
        natural = [voice for voice in have if voice.engine == "kokoro"]
        natural.sort(key=lambda one: (gender not in (None, one.gender), one.id != _ACCENTED_VOICE))
        choices[:0] = [Choice(voice, f"{related}speaks {first} with an accent") for voice in natural[:1]]
    if not choices or "kokoro" in engines:
        default = find(DEFAULT_VOICE) if "kokoro" in engines else have[0]
        if all(choice.voice != default for choice in choices):
            choices.append(Choice(default, f"nothing else speaks {language}: read as {default.language}"))
    return tuple(choices)


def instead_of(voice: Voice, engines: Collection[str] = ("kokoro", "espeak")) -> str:
    """Return what a voice that was made for a language that is not read for it does, in words; else nothing.

    >>> instead_of(find("jf_alpha"))
    'made for ja-JP, which kokoro does not read: speaks en-US; ja-JP is spoken by espeak:ja'
    """
    if not voice.made_for:
        return ""
    first = chain(voice.made_for, engines=engines)[0]
    unread = f"made for {voice.made_for}, which {voice.engine} does not read: speaks {voice.language}"
    if first.voice.language.partition("-")[0] != voice.made_for.partition("-")[0]:
        return f"{unread}; nothing here speaks {voice.made_for}"
    return f"{unread}; {voice.made_for} is spoken by {first.voice.id}"


def _of(first: str, have: Sequence[Voice]) -> list[Voice]:
    """Return the voices of a language; not those that were made for another one."""
    return [voice for voice in have if voice.language.lower().split("-")[0] == first and not voice.made_for]


def _rank(voice: Voice, first: str, wanted: str, gender: str | None) -> tuple[bool, bool, bool, bool]:
    own = region(voice.language)
    closest = _CLOSEST_REGION.get((first, wanted), wanted)
    return (
        voice.engine != "kokoro",
        bool(wanted) and own != wanted and own != closest,
        gender is not None and voice.gender != gender,
        bool(wanted) and own != wanted,
    )


def _by_rank(one: tuple[tuple[bool, ...], Voice]) -> tuple[bool, ...]:
    return one[0]


def _why(voice: Voice, wanted: str, language: str) -> str:
    if not wanted or region(voice.language) == wanted:
        return f"speaks {language}"
    return f"speaks {voice.language}, no closer one does {language}"
