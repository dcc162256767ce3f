"""Which languages are recognised: those of Whisper, known without loading it."""

from collections.abc import Collection

from workbench.core.languages import primary
from workbench.errors import ParameterError

_CODES = """
en zh de es ru ko fr ja pt tr pl ca nl ar sv it id hi fi vi he uk el ms cs ro da hu ta no th ur hr bg lt
la mi ml cy sk te fa lv bn sr az sl kn et mk br eu is hy ne mn bs kk sq sw gl mr pa si km sn yo so af oc
ka be tg sd gu am yi lo uz fo ht ps tk nn mt sa lb my bo tl mg as tt haw ln ha ba jw su
"""

WHISPER = tuple(_CODES.split())
"""Codes of the 99 languages that Whisper base knows, by training time."""

ALIASES = {"nb": "no", "cmn": "zh", "jv": "jw", "fil": "tl", "iw": "he", "in": "id"}
"""First parts of tags that Whisper calls otherwise."""


_COUNTRIES = {
    "jp": "ja", "cn": "zh", "kr": "ko", "cz": "cs", "dk": "da", "gr": "el", "ua": "uk", "vn": "vi",
    "il": "he", "ir": "fa", "rs": "sr", "al": "sq", "by": "be", "gb": "en-GB", "us": "en-US", "at": "de-AT",
    "ch": "de-CH", "mx": "es-MX",
}  # fmt: skip
"""Countries written where a language belongs; those whose code is another language's are not among them."""


def whisper_code(language: str) -> str:
    """Return what Whisper calls the language of a BCP 47 tag.

    >>> whisper_code("pt-BR"), whisper_code("nb-NO")
    ('pt', 'no')
    """
    code = primary(language)
    return ALIASES.get(code, code)


def is_among(language: str, known: Collection[str]) -> bool:
    """Return whether a language is one of those a recogniser knows, whatever either calls it.

    >>> is_among("nb-NO", ("en", "no")), is_among("tlh", ("en", "no"))
    (True, False)
    """
    return whisper_code(language) in map(whisper_code, known)


def check_recognized(language: str, what: str = "language") -> None:
    """Raise ParameterError if no recogniser of the workbench hears the language of a BCP 47 tag."""
    if whisper_code(language) not in WHISPER:
        meant = _COUNTRIES.get(primary(language))
        hint = f" (did you mean {meant}?)" if meant else ""
        raise ParameterError(
            f"{what} is {language}, which is not recognised{hint}, expected one of Whisper's {len(WHISPER)}: "
            f"{', '.join(sorted(WHISPER))}"
        )
