"""A document as one flat run of pieces, each with everything that holds for it.

What a synthesiser wants: no tree, only text with its style, pauses, marks and ends of sentences, in order.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TypeAlias

from workbench.ssml.document import (
    Break,
    Emphasis,
    Mark,
    Node,
    Paragraph,
    Phoneme,
    Pitch,
    Prosody,
    SayAs,
    Sentence,
    Speak,
    Substitute,
    Text,
    UseLanguage,
    UseVoice,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """How a piece is spoken."""

    rate: float = 1.0
    """Factor: 2 is twice as fast."""
    pitches: tuple[Pitch, ...] = ()
    """Changes of f0, outermost first; their factors multiply."""
    gain_db: float = 0.0
    emphasis: str = "none"
    voice: str | None = None
    """The voice asked for inside the document."""
    language: str | None = None
    """The language asked for inside the document, BCP 47."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """Text to be spoken in one style."""

    text: str
    """As written."""
    style: Style
    alias: str | None = None
    """What is spoken instead."""
    ipa: str | None = None
    """How it is pronounced."""
    say_as: str | None = None
    """What kind of thing it is."""


@dataclass(frozen=True, slots=True)
class Pause:
    """Silence."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Marked:
    """A named place."""

    name: str


@dataclass(frozen=True, slots=True)
class Boundary:
    """The end of a sentence or paragraph that is marked as such."""

    paragraph: bool


Piece: TypeAlias = Spoken | Pause | Marked | Boundary


def flatten(document: Speak) -> tuple[Piece, ...]:
    """Return the pieces of ``document`` in order."""
    return tuple(_pieces(document.children, Style(language=document.language)))


def _pieces(nodes: Iterable[Node], style: Style) -> Iterator[Piece]:
    for node in nodes:
        match node:
            case Text():
                yield Spoken(text=node.text, style=style)
            case Substitute():
                yield Spoken(text=node.text, alias=node.alias, style=style)
            case Phoneme():
                yield Spoken(text=node.text, ipa=node.ipa, style=style)
            case SayAs():
                yield Spoken(text=node.text, say_as=node.interpret_as, style=style)
            case Break():
                yield Pause(node.pause)
            case Mark():
                yield Marked(node.name)
            case Paragraph() | Sentence():
                yield Boundary(isinstance(node, Paragraph))
                yield from _pieces(node.children, replace(style, language=node.language or style.language))
                yield Boundary(isinstance(node, Paragraph))
            case _:
                yield from _pieces(node.children, _styled(node, style))


def _styled(node: Prosody | Emphasis | UseVoice | UseLanguage, style: Style) -> Style:
    match node:
        case Prosody():
            return replace(
                style,
                rate=style.rate * (node.rate if node.rate is not None else 1.0),
                pitches=style.pitches + ((node.pitch,) if node.pitch is not None else ()),
                gain_db=style.gain_db + (node.gain_db or 0.0),
            )
        case Emphasis():
            return replace(style, emphasis=node.level)
        case UseVoice():
            return replace(style, voice=node.name)
        case UseLanguage():
            return replace(style, language=node.language)
