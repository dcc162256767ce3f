"""How one target's SSML is described: honoured, degraded or dropped, and what is written instead.

A target is an engine here or a vendor's service. Its table names features as ``element`` or
``element@attribute`` (for ``say-as`` and ``phoneme`` the kind or alphabet stands in the attribute's place);
what a table does not name is dropped, its text kept.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Level(StrEnum):
    """How far a target does what is asked."""

    HONOURED = "honoured"
    DEGRADED = "degraded"
    DROPPED = "dropped"


class Instead(StrEnum):
    """What is written for the target in place of an element."""

    KEEP = "it is left as it is"
    CONTENT = "its text is spoken without it"
    NOTHING = "it is left out"
    ALIAS = "the alias is written out"
    WORDS = "its reading is written out"
    PROSODY = "rate and volume are changed instead"
    PUNCTUATION = "a comma or an ellipsis is written"
    BOOKMARK = "a <bookmark> is written"
    IPA = "it is written in IPA"
    TIME = "its length is written out"


@dataclass(frozen=True, slots=True)
class Entry:
    """What becomes of one feature."""

    level: Level
    instead: Instead
    why: str = ""


def yes(why: str = "") -> Entry:
    """Return the entry of a feature that is honoured; ``why`` says how where that is not plain."""
    return Entry(Level.HONOURED, Instead.KEEP, why)


def partly(why: str, instead: Instead = Instead.KEEP) -> Entry:
    """Return the entry of a feature that is degraded."""
    return Entry(Level.DEGRADED, instead, why)


def no(why: str, instead: Instead = Instead.CONTENT) -> Entry:
    """Return the entry of a feature that is dropped."""
    return Entry(Level.DROPPED, instead, why)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """One target's SSML."""

    name: str
    title: str
    source: str
    """Where the table comes from."""
    features: Mapping[str, Entry]
    otherwise: Entry
    """What becomes of features the table does not name."""
    embedded: bool = False
    strict: bool = False
    """Whether the service refuses a document with a tag it does not know."""
    wrapped: bool = True
    """Whether ``<speak>`` is written around the text."""
    namespaces: Mapping[str, str] = field(default_factory=dict)
    """Attributes its ``<speak>`` must have."""
    needs_voice: bool = False
    """Whether all text must stand in ``<voice name="...">``."""
    contains: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The only elements that some elements may contain, where that is less than in SSML."""
    longest_break: float = 10.0
    """Seconds."""
    rates: tuple[float, float] = (0.2, 4.0)
    """Rate factors it does."""
    rate_as_factor: bool = False
    """Whether a rate is written as ``0.8``, not ``80%``."""
    pitch_units: tuple[str, ...] = ("st", "%", "Hz", "=Hz")
    volume_as_percent: bool = False
    """Whether a volume is written as ``-50%``, not ``-6dB``."""
    loudest: float = 20.0
    """dB."""
    languages: tuple[str, ...] = ()
    """Primary language tags it speaks; empty: too many to list."""
    reads: tuple[str, ...] = ()
    """Primary tags of the languages in which ``say-as`` is read as asked; empty: all."""

    def entry(self, feature: str) -> Entry:
        """Return what becomes of ``feature``; an attribute that is not named is as its element."""
        element = feature.partition("@")[0]
        return self.features.get(feature) or self.features.get(element) or self.otherwise
