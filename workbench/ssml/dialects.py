"""What each target makes of SSML: the tables by name."""

import difflib
from collections.abc import Mapping

from workbench.errors import ParameterError
from workbench.ssml.dialect import Dialect
from workbench.ssml.dialects_embedded import EMBEDDED
from workbench.ssml.dialects_vendors import VENDORS

FEATURES = (
    *("p", "s", "break@time", "break@strength"),
    *("prosody@rate", "prosody@pitch", "prosody@volume", "prosody@range", "prosody@contour"),
    *("prosody@duration", "emphasis", "sub"),
    *("say-as@characters", "say-as@digits", "say-as@cardinal", "say-as@ordinal", "say-as@fraction"),
    *("say-as@unit", "say-as@date", "say-as@time", "say-as@currency", "say-as@telephone"),
    *("say-as@address", "say-as@expletive", "say-as@interjection"),
    *("phoneme@ipa", "phoneme@x-sampa", "mark", "voice@name", "voice@gender", "lang", "audio", "w"),
    *("lexicon", "lookup", "meta", "metadata", "desc"),
)
"""The features of SSML 1.1 that targets are compared by, in the order of the standard."""


def dialect(name: str) -> Dialect:
    """Return the dialect of a target.

    Raises
    ------
    ParameterError
        If there is none of that name; says which there are.
    """
    known = dialects()
    if name in known:
        return known[name]
    close = difflib.get_close_matches(name, known, n=1)
    meant = f" (did you mean {close[0]}?)" if close else ""
    raise ParameterError(f"target {name!r} is not known{meant}, expected one of {', '.join(known)}")


def dialects() -> Mapping[str, Dialect]:
    """Return every dialect by its name, the engines here first."""
    return {each.name: each for each in (*EMBEDDED, *VENDORS)}
