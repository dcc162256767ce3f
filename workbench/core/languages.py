"""In which language a session is held: who may say so, and whose word counts."""

import re
from dataclasses import dataclass
from typing import Literal, TypeAlias

By: TypeAlias = Literal["client", "assistant", "project", "endpoint"]

TAG_PATTERN = r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}"
"""A BCP 47 tag as ``de`` or ``pt-BR``."""


@dataclass(frozen=True, slots=True)
class SessionLanguage:
    """A session's language."""

    tag: str
    """BCP 47 tag: what is listened for, and what the transcripts say."""
    by: By
    """Who chose it."""
    variety_by: By
    """Who chose its variety, as that of ``en-GB``: the same, unless they left it open."""

    def told(self) -> dict[str, str]:
        """Return what the event of the session's opening says of it."""
        return {"tag": self.tag, "by": self.by, "variety_by": self.variety_by}


def session_language(
    *, client: str | None, assistant: str | None, project: str | None, endpoint: str
) -> SessionLanguage:
    """Return the language of a session: the first that is named, in the order of the arguments.

    Who names a language without its variety leaves that to the next who names one of the same language.

    >>> session_language(client=None, assistant=None, project="de-AT", endpoint="en-US").tag
    'de-AT'
    >>> session_language(client=None, assistant="en", project="en-GB", endpoint="en-US").tag
    'en-GB'
    >>> session_language(client="fr", assistant="en", project="en-GB", endpoint="en-US").tag
    'fr'
    """
    order: tuple[tuple[By, str | None], ...] = (
        ("client", client),
        ("assistant", assistant),
        ("project", project),
        ("endpoint", endpoint),
    )
    named = [(by, tag) for by, tag in order if tag is not None]
    by, tag = named[0]
    for other, wider in named:
        if primary(wider) == primary(tag) and has_variety(wider):
            return SessionLanguage(wider, by, other)
    return SessionLanguage(tag, by, by)


def is_tag(text: str) -> bool:
    """Return whether a text has the form of a BCP 47 tag."""
    return re.fullmatch(TAG_PATTERN, text) is not None


def checked_tag(text: str) -> str:
    """Return ``text`` if it is a tag, for a field of a model; raises ValueError."""
    if not is_tag(text):
        raise ValueError("expected a language tag such as de or pt-BR")
    return text


def primary(tag: str) -> str:
    """Return the language of a tag without its variety, in small letters.

    >>> primary("pt-BR")
    'pt'
    """
    return tag.replace("_", "-").partition("-")[0].lower()


def region(tag: str) -> str:
    """Return the region that a tag names, in capitals: two letters, or three digits; empty without one.

    >>> region("en-gb"), region("zh-Hant-TW"), region("es_419"), region("de")
    ('GB', 'TW', '419', '')
    """
    _, *parts = tag.replace("_", "-").split("-")
    return next((part.upper() for part in parts if re.fullmatch(r"[A-Za-z]{2}|[0-9]{3}", part)), "")


def has_variety(tag: str) -> bool:
    """Return whether a tag names a variety of its language."""
    return "-" in tag
