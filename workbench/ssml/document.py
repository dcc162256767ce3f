"""An SSML 1.1 document as frozen nodes.

A tree begins with :class:`Speak`; every other node is :class:`Text`, a leaf (:class:`Break`, :class:`Mark`)
or an element with children. What vendors add to SSML is an :class:`Extension`. Nodes that were parsed know
their place in the text; it does not count when they are compared.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypeAlias

from workbench.ssml.scales import BREAK_SECONDS, ContourPoint, Pitch

Settings: TypeAlias = tuple[tuple[str, str], ...]
"""Attributes that are carried along as written, sorted by name."""


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where something stands in a text, both counted from 1."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Text:
    """Characters to be spoken."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """What every element has."""

    settings: Settings = ()
    place: Place | None = field(default=None, compare=False, repr=False)
    """Where its tag begins; none if it was not parsed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Break(Placed):
    """A pause, by its length or by its strength."""

    seconds: float | None = None
    strength: str | None = None

    @property
    def pause(self) -> float:
        """Return its length in seconds; a bare break is a medium one."""
        if self.seconds is not None:
            return self.seconds
        return BREAK_SECONDS[self.strength or "medium"]


@dataclass(frozen=True, slots=True)
class Mark(Placed):
    """A named place, reported when it is reached."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Prosody(Placed):
    """Children spoken at another rate, pitch or volume; nested ones multiply."""

    rate: float | None = None
    """Factor: 2 is twice as fast."""
    pitch: Pitch | None = None
    range: Pitch | None = None
    """Change of how far f0 moves."""
    contour: tuple[ContourPoint, ...] = ()
    """How f0 goes over the text, points rising in time."""
    seconds: float | None = None
    """How long the text shall take; goes before ``rate``."""
    gain_db: float | None = None
    children: tuple["Node", ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Emphasis(Placed):
    """Children stressed, or the opposite."""

    level: str = "moderate"
    children: tuple["Node", ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Substitute(Placed):
    """Text that is spoken as another text."""

    text: str
    alias: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Phoneme(Placed):
    """Text whose pronunciation is given."""

    text: str
    sounds: str
    """The pronunciation, in ``alphabet``."""
    alphabet: str = "ipa"


@dataclass(frozen=True, slots=True, kw_only=True)
class SayAs(Placed):
    """Text to be read as a kind of thing."""

    text: str
    interpret_as: str
    """One of ``SAY_AS``."""
    format: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Token(Placed):
    """One word, however it is written; ``w`` and ``token`` in SSML."""

    role: str = ""
    language: str | None = None
    children: tuple["Node", ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Audio(Placed):
    """A recording, and what is spoken where it can't be played."""

    source: str = ""
    children: tuple["Node", ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class UseVoice(Placed):
    """Children spoken by another voice, by name or by what it shall be like."""

    name: str = ""
    language: str | None = None
    gender: str = ""
    """``male``, ``female``, ``neutral``, or empty: any."""
    children: tuple["Node", ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class UseLanguage(Placed):
    """Children spoken in another language."""

    language: str
    """BCP 47 tag."""
    children: tuple["Node", ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraph(Placed):
    """A paragraph."""

    language: str | None = None
    children: tuple["Node", ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence(Placed):
    """A sentence."""

    language: str | None = None
    children: tuple["Node", ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Extension(Placed):
    """An element that is about the document, or one a vendor added.

    ``meta``, ``metadata``, ``lexicon``, ``lookup`` and ``desc`` of SSML 1.1, ``bookmark``, ``media``,
    ``mstts:...``, ``amazon:...`` and whatever has a prefix.
    """

    name: str
    children: tuple["Node", ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Speak(Placed):
    """A whole document."""

    language: str | None = None
    children: tuple["Node", ...] = ()


Leaf: TypeAlias = Text | Break | Mark | Substitute | Phoneme | SayAs
Container: TypeAlias = (
    Prosody | Emphasis | UseVoice | UseLanguage | Paragraph | Sentence | Token | Audio | Extension
)
Node: TypeAlias = Leaf | Container
Element: TypeAlias = Break | Mark | Substitute | Phoneme | SayAs | Container


def joined(nodes: Iterable[Node]) -> tuple[Node, ...]:
    """Return ``nodes`` with neighbouring texts made one and empty ones left out, as they are in a file."""
    found: list[Node] = []
    for node in nodes:
        last = found[-1] if found else None
        if isinstance(node, Text) and isinstance(last, Text):
            found[-1] = Text(last.text + node.text)
        elif node != Text(""):
            found.append(node)
    return tuple(found)
