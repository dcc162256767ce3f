"""Documents built in Python, piece by piece: ``Builder("en-US").say("Hello").pause(0.3).say("you")``."""

from dataclasses import dataclass, replace
from typing import TypeAlias, Union

from workbench.errors import SsmlError
from workbench.ssml.document import (
    Break,
    Emphasis,
    Mark,
    Node,
    Paragraph,
    Phoneme,
    Place,
    Prosody,
    SayAs,
    Sentence,
    Speak,
    Substitute,
    Text,
    UseLanguage,
    UseVoice,
    joined,
)
from workbench.ssml.nodes import Misuse, Raw, prosody_from
from workbench.ssml.parse import parse
from workbench.ssml.render import render

Piece: TypeAlias = Union[str, Node, "Builder"]
"""Plain text (``&`` and ``<`` are characters in it), a node, or what another builder holds."""


@dataclass(frozen=True, slots=True)
class Builder:
    """A document on its way; each method returns a new one with something more at its end.

    Values are written as in SSML (``rate="80%"``, ``pitch="+2st"``) and checked as in a file.

    >>> from workbench.ssml.render import render
    >>> order = Builder("en-US").say("Your code is ").say_as("4021", "digits").pause(0.3)
    >>> render(order.prosody("Anything else?", rate="90%").document())
    '<speak xml:lang="en-US">Your code is <say-as interpret-as="digits">4021</say-as><break \
time="0.3s"/><prosody rate="90%">Anything else?</prosody></speak>'
    """

    language: str | None = None
    children: tuple[Node, ...] = ()

    def say(self, *pieces: Piece) -> "Builder":
        """Add text, nodes (as ``Audio(source=...)``) or what other builders hold."""
        return replace(self, children=joined((*self.children, *_nodes(pieces))))

    def pause(self, seconds: float | None = None, *, strength: str | None = None) -> "Builder":
        """Add a pause by its length, or by its strength (``weak``, ``strong``...)."""
        return self.say(Break(seconds=seconds, strength=strength))

    def mark(self, name: str) -> "Builder":
        """Add a named place."""
        return self.say(Mark(name))

    def say_as(self, text: str, kind: str, *, form: str = "") -> "Builder":
        """Add text to be read as a kind of thing: ``date`` (``form="dmy"``), ``digits``, ``telephone``..."""
        return self.say(SayAs(text=text, interpret_as=kind, format=form))

    def pronounced(self, text: str, *, alias: str = "", ipa: str = "") -> "Builder":
        """Add text that is spoken as ``alias``, or as the sounds ``ipa``.

        Raises
        ------
        SsmlError
            If both or neither is given.
        """
        if bool(alias) == bool(ipa):
            raise SsmlError("either alias or ipa says how a text is pronounced, expected one of them")
        return self.say(Substitute(text=text, alias=alias) if alias else Phoneme(text=text, sounds=ipa))

    def prosody(
        self,
        *pieces: Piece,
        rate: str | None = None,
        pitch: str | None = None,
        volume: str | None = None,
        contour: str | None = None,
        range: str | None = None,  # noqa: A002  as in SSML
    ) -> "Builder":
        """Add pieces spoken at another rate, pitch or volume; the values as in SSML.

        Raises
        ------
        SsmlError
            If a value is not understood, or none is given; says what to write.
        """
        given = {"rate": rate, "pitch": pitch, "volume": volume, "contour": contour, "range": range}
        return self.say(replace(_prosody(given), children=joined(_nodes(pieces))))

    def emphasis(self, *pieces: Piece, level: str = "moderate") -> "Builder":
        """Add pieces stressed: ``reduced``, ``moderate`` or ``strong``."""
        return self.say(Emphasis(level=level, children=joined(_nodes(pieces))))

    def voice(self, *pieces: Piece, name: str = "", language: str | None = None) -> "Builder":
        """Add pieces in another voice, in another language, or both."""
        inside = joined(_nodes(pieces))
        if language is not None:
            inside = (UseLanguage(language=language, children=inside),)
        return self.say(UseVoice(name=name, children=inside)) if name else self.say(*inside)

    def sentence(self, *pieces: Piece) -> "Builder":
        """Add a sentence."""
        return self.say(Sentence(children=joined(_nodes(pieces))))

    def paragraph(self, *pieces: Piece) -> "Builder":
        """Add a paragraph."""
        return self.say(Paragraph(children=joined(_nodes(pieces))))

    def document(self) -> Speak:
        """Return the document, checked as if it had been read from a file.

        Raises
        ------
        SsmlError
            If it is not SSML: a paragraph in a paragraph, an unknown level, a pause over 10 s.
        """
        return parse(render(Speak(language=self.language, children=self.children)))


def _nodes(pieces: tuple[Piece, ...]) -> tuple[Node, ...]:
    found: list[Node] = []
    for piece in pieces:
        if isinstance(piece, Builder):
            found.extend(piece.children)
        else:
            found.append(Text(piece) if isinstance(piece, str) else piece)
    return tuple(found)


def _prosody(given: dict[str, str | None]) -> Prosody:
    raw = Raw("prosody", {name: value for name, value in given.items() if value is not None}, Place(1, 1))
    try:
        return replace(prosody_from(raw, ()), place=None)
    except Misuse as misuse:
        raise SsmlError(str(misuse)) from None
