"""A document as one flat run of pieces, each with everything that holds for it.

What a synthesiser wants: no tree, only text with its style, pauses, marks and ends of sentences, in order.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TypeAlias

from workbench.ssml.document import (
    Break,
    Container,
    Emphasis,
    Extension,
    Mark,
    Node,
    Paragraph,
    Phoneme,
    Prosody,
    SayAs,
    Sentence,
    Speak,
    Substitute,
    Text,
    Token,
    UseLanguage,
    UseVoice,
)
from workbench.ssml.scales import ContourPoint, Pitch
from workbench.ssml.xsampa import ipa_from

_UNSPOKEN = frozenset({"metadata", "meta", "lexicon", "desc"})
"""Elements about the document: their text is not spoken."""


@dataclass(frozen=True, slots=True)
class Glide:
    """The part of a pitch contour that falls on one piece."""

    points: tuple[ContourPoint, ...]
    start: float = 0.0
    end: float = 100.0
    """Per cent of the way through the text the contour is for."""

    def factor(self, share: float, f0_hz: float) -> float:
        """Return what f0 is multiplied by after ``share`` (0..1) of the piece; straight in semitones.

        Before the first point and after the last their pitch holds, as SSML 1.1 asks.
        """
        at = self.start + share * (self.end - self.start)
        before = [point for point in self.points if point.at <= at]
        after = [point for point in self.points if point.at > at]
        if not before or not after:
            return (before[-1] if before else after[0]).pitch.factor(f0_hz)
        first, second = before[-1], after[0]
        low, high = (max(point.pitch.factor(f0_hz), 0.01) for point in (first, second))
        return float(low * (high / low) ** ((at - first.at) / (second.at - first.at)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """How a piece is spoken."""

    rate: float = 1.0
    """Factor: 2 is twice as fast."""
    pitches: tuple[Pitch, ...] = ()
    """Changes of f0, outermost first; their factors multiply."""
    range: Pitch | None = None
    """Change of how far f0 moves."""
    glide: Glide | None = None
    """How f0 goes over the text; goes before ``pitches`` of the same element."""
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
    say_format: str = ""
    """The order of its parts, as ``dmy`` for a date."""


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
    """Return the pieces of ``document`` in order.

    A recording is its text: what is spoken where it can't be played.
    """
    return tuple(_pieces(document.children, Style(language=document.language)))


def _pieces(nodes: Iterable[Node], style: Style) -> Iterator[Piece]:
    for node in nodes:
        match node:
            case Text():
                yield Spoken(text=node.text, style=style)
            case Substitute() | Phoneme() | SayAs():
                yield _said_otherwise(node, style)
            case Break():
                yield Pause(node.pause)
            case Mark():
                yield Marked(node.name)
            case Extension() if node.name in _UNSPOKEN:
                pass
            case Paragraph() | Sentence():
                yield Boundary(isinstance(node, Paragraph))
                yield from _pieces(node.children, replace(style, language=node.language or style.language))
                yield Boundary(isinstance(node, Paragraph))
            case Prosody() if node.contour:
                inside = _styled(node, style)
                yield from _glided(list(_pieces(node.children, inside)), inside.glide)
            case _:
                yield from _pieces(node.children, _styled(node, style))


def _said_otherwise(node: Substitute | Phoneme | SayAs, style: Style) -> Spoken:
    match node:
        case Substitute():
            return Spoken(text=node.text, alias=node.alias, style=style)
        case Phoneme():
            return Spoken(text=node.text, ipa=ipa_of(node), style=style)
        case SayAs():
            return Spoken(text=node.text, say_as=node.interpret_as, say_format=node.format, style=style)


def ipa_of(node: Phoneme) -> str | None:
    """Return the sounds in IPA; none if the alphabet is another, and the text is read."""
    if node.alphabet == "x-sampa":
        return ipa_from(node.sounds)
    return node.sounds if node.alphabet == "ipa" else None


def _styled(node: Container, style: Style) -> Style:
    match node:
        case Prosody():
            return replace(
                style,
                rate=style.rate * (node.rate if node.rate is not None else 1.0),
                pitches=style.pitches + ((node.pitch,) if node.pitch and not node.contour else ()),
                range=node.range or style.range,
                glide=Glide(node.contour) if node.contour else style.glide,
                gain_db=style.gain_db + (node.gain_db or 0.0),
            )
        case Emphasis():
            return replace(style, emphasis=node.level)
        case UseVoice():
            return replace(style, voice=node.name or style.voice, language=node.language or style.language)
        case UseLanguage() | Token():
            return replace(style, language=node.language or style.language)
        case _:
            return style


def _glided(pieces: list[Piece], whole: Glide | None) -> Iterator[Piece]:
    """Yield the pieces of a contour, each with its part of it by its letters."""
    lengths = [len(piece.alias or piece.text) if isinstance(piece, Spoken) else 0 for piece in pieces]
    total, done = sum(lengths) or 1, 0
    for piece, length in zip(pieces, lengths, strict=True):
        if isinstance(piece, Spoken) and whole is not None and piece.style.glide is whole:
            part = Glide(whole.points, 100 * done / total, 100 * (done + length) / total)
            yield replace(piece, style=replace(piece.style, glide=part))
        else:
            yield piece
        done += length
