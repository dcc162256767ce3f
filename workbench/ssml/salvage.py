"""What is left of a document when only what is refused is taken away.

A tag or an attribute that is no SSML goes, its text stays; so does what one engine does not have. A text that
is not even well formed can't be mended: where its tags end is a guess.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from workbench.errors import SsmlError
from workbench.ssml.document import (
    Container,
    Node,
    Paragraph,
    Phoneme,
    Place,
    Sentence,
    Speak,
    Text,
    Token,
    UseLanguage,
    UseVoice,
    joined,
)
from workbench.ssml.flatten import ipa_of
from workbench.ssml.growing import Growing
from workbench.ssml.nodes import Given, Misuse, Raw, node_from, speak_from
from workbench.ssml.parse import outermost, parse, read_into

_APART = frozenset({*("p", "s", "speak"), *("br", "div", "li", "tr", "td", "h1", "h2", "h3", "h4")})
"""Tags that part words: a space takes their place. The others are of HTML, as a language model writes it."""


def salvage(text: str) -> tuple[Speak, tuple[str, ...]]:
    """Return what of ``text`` is SSML, and what was wrong with the rest, which is left out.

    >>> document, wrong = salvage('<speak>Come <blink>in</blink>,<break time="long"/> please.</speak>')
    >>> "".join(getattr(node, "text", "|") for node in document.children), wrong
    ('Come in,| please.', ('<blink> is not known', 'time of <break> is not understood'))

    Raises
    ------
    SsmlError
        If it is not well formed, has a DTD, or is too large.
    """
    try:
        return parse(text), ()
    except SsmlError as error:
        first = error
    forgiving = _Forgiving()
    if outermost(text) == "speak":
        return read_into(forgiving, text), tuple(forgiving.wrong)
    try:
        document = read_into(forgiving, f"<speak>{text}</speak>")
    except SsmlError:
        raise first from None
    return document, (_short(first.problem), *forgiving.wrong)


def without(document: Speak, feature: str, value: str) -> Speak:
    """Return ``document`` without what asks for a voice, a language or a sound; its text stays.

    Parameters
    ----------
    feature, value : as :class:`~workbench.errors.NotSpoken` names them
    """
    language = None if feature == "language" and document.language == value else document.language
    return replace(document, language=language, children=joined(_kept(document.children, feature, value)))


def _kept(nodes: Iterable[Node], feature: str, value: str) -> Iterator[Node]:
    for node in nodes:
        if isinstance(node, Phoneme) and feature == "phoneme" and ipa_of(node) == value:
            yield Text(node.text)
        elif isinstance(node, Container):
            inside = replace(node, children=joined(_kept(node.children, feature, value)))
            yield from _lessened(inside, feature, value)
        else:
            yield node


def _lessened(node: Container, feature: str, value: str) -> tuple[Node, ...]:
    """Return ``node`` without its voice or language if that is ``value``; its children if nothing is left."""
    match node, feature:
        case (UseVoice(name=name), "voice") if name == value:
            node = replace(node, name="")
        case (UseLanguage(language=language), "language") if language == value:
            return node.children
        case (UseVoice(language=language), "language") if language == value:
            node = replace(node, language=None)
        case (Paragraph() | Sentence() | Token(), "language") if node.language == value:
            return (replace(node, language=None),)
        case _:
            return (node,)
    return (node,) if node.name or node.language or node.gender else node.children


class _Forgiving:
    """A document on its way that leaves out what is no SSML, and notes why."""

    def __init__(self) -> None:
        self.wrong: list[str] = []
        self._growing = Growing()
        self._tags: list[str | None] = []
        """Of each tag that is open what stands in its place; None if it counts."""

    def start(self, name: str, attributes: Given, place: Place) -> None:
        """Open an element without the attributes that are wrong, or leave out its tag."""
        given, mended = dict(attributes), False
        while True:
            try:
                self._growing.fitting(name, given, place)
                _understand(Raw(name, given, place))
            except Misuse as misuse:
                if not mended or misuse.attribute:
                    self.wrong.append(_short(str(misuse)))
                mended = given.pop(misuse.attribute, None) is not None
                if not mended:
                    instead = " " if name in _APART else ""
                    self._tags.append(instead)
                    self.text(instead)
                    return
            else:
                self._growing.start(name, given, place)
                self._tags.append(None)
                return

    def text(self, text: str) -> None:
        """Add characters; an element that may not have any goes, they stay."""
        while text:
            try:
                self._growing.text(text)
            except Misuse as misuse:
                self.wrong.append(_short(str(misuse)))
                self._growing.unwrap()
                self._tags[len(self._tags) - 1 - self._tags[::-1].index(None)] = ""
            else:
                return

    def end(self) -> None:
        """Close the element that is open."""
        instead = self._tags.pop()
        if instead is None:
            self._growing.end()
        else:
            self.text(instead)

    def document(self) -> Speak:
        """Return the document; it has ended."""
        return self._growing.document()


def _understand(raw: Raw) -> None:
    """Raise a Misuse if the value of an attribute is not understood."""
    if raw.name == "speak":
        speak_from(raw, ())
    else:
        node_from(raw, ())


def _short(problem: str) -> str:
    """Return a problem without what to write instead, which is for writers."""
    return problem.partition(": ")[0]
