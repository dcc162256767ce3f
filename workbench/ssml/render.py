"""An SSML document to text: as SSML, or as the plain words it stands for."""

import re
from collections.abc import Iterable, Mapping
from xml.sax.saxutils import escape as _escape, quoteattr

from workbench.ssml.document import (
    Audio,
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

_UNHEARD = ("metadata", "meta", "lexicon", "desc")
"""Elements whose text is about the document."""


def render(document: Speak) -> str:
    """Return ``document`` as SSML 1.1; ``parse(render(document)) == document``."""
    return _element("speak", {"xml:lang": document.language, **dict(document.settings)}, document.children)


def plain_text(document: Speak) -> str:
    """Return what is read on a screen while ``document`` is spoken: no tags, single spaces."""
    return " ".join("".join(_plain(document.children)).split())


def bare(document: Speak) -> str:
    """Return ``document`` for services that take tags inside plain text.

    There is no ``<speak>`` and nothing is escaped; an empty line parts paragraphs, any other white space
    is one space.
    """
    inside = "".join(node.text if isinstance(node, Text) else _render(node) for node in document.children)
    return "\n\n".join(" ".join(part.split()) for part in re.split(r"\n\s*\n", inside.strip()))


def escape(text: str) -> str:
    """Return ``text`` fit to stand between SSML tags."""
    return _escape(text)


def _plain(nodes: Iterable[Node]) -> Iterable[str]:
    for node in nodes:
        match node:
            case Text() | Phoneme() | SayAs() | Substitute():
                yield node.text
            case Break() | Mark():
                pass
            case Extension() if node.name in _UNHEARD:
                pass
            case Paragraph() | Sentence():
                yield " "
                yield from _plain(node.children)
                yield " "
            case _:
                yield from _plain(node.children)


def _render(node: Node) -> str:
    match node:
        case Text():
            return _text(node.text)
        case Break() | Mark() | Substitute() | Phoneme() | SayAs():
            return _leaf(node)
        case _:
            name, attributes = _container(node)
            return _element(name, {**attributes, **dict(node.settings)}, node.children)


def _leaf(node: Break | Mark | Substitute | Phoneme | SayAs) -> str:
    carried = dict(node.settings)
    match node:
        case Break():
            time = None if node.seconds is None else f"{number(node.seconds)}s"
            return _element(tag_of(node), {"time": time, "strength": node.strength, **carried})
        case Mark():
            return _element(tag_of(node), {"name": node.name, **carried})
        case Substitute():
            return _element(tag_of(node), {"alias": node.alias, **carried}, (Text(node.text),))
        case Phoneme():
            given = {"alphabet": node.alphabet, "ph": node.sounds}
            return _element(tag_of(node), {**given, **carried}, (Text(node.text),))
        case SayAs():
            kind = {"interpret-as": node.interpret_as}
            more = {"format": node.format or None, "detail": node.detail or None}
            return _element(tag_of(node), {**kind, **more, **carried}, (Text(node.text),))


def _container(node: Container) -> tuple[str, Mapping[str, str | None]]:
    match node:
        case Prosody():
            return "prosody", _prosody(node)
        case UseVoice():
            named = {"name": node.name or None, "gender": node.gender or None}
            return "voice", {**named, "xml:lang": node.language}
        case Token():
            return "w", {"role": node.role or None, "xml:lang": node.language}
        case Emphasis():
            return "emphasis", {"level": node.level}
        case Audio():
            return "audio", {"src": node.source}
        case Extension():
            return node.name, {}
        case Paragraph() | Sentence() | UseLanguage():
            return _TAGS[type(node)], {"xml:lang": node.language}


_TAGS: Mapping[type, str] = {Paragraph: "p", Sentence: "s", UseLanguage: "lang"}


def tag_of(node: Node | Speak) -> str:
    """Return the name of a node's tag; empty for text."""
    match node:
        case Text():
            return ""
        case Speak():
            return "speak"
        case Break() | Mark() | Substitute() | Phoneme() | SayAs():
            return _LEAVES[type(node)]
        case _:
            return _container(node)[0]


_LEAVES: Mapping[type, str] = {
    Break: "break",
    Mark: "mark",
    Substitute: "sub",
    Phoneme: "phoneme",
    SayAs: "say-as",
}


def _prosody(node: Prosody) -> dict[str, str | None]:
    return {
        "rate": None if node.rate is None else rate_text(node.rate),
        "pitch": None if node.pitch is None else pitch_text(node.pitch),
        "range": None if node.range is None else pitch_text(node.range),
        "contour": contour_text(node.contour) if node.contour else None,
        "duration": None if node.seconds is None else f"{number(node.seconds)}s",
        "volume": None if node.gain_db is None else f"{signed(node.gain_db)}dB",
    }


def number(value: float) -> str:
    """Return a number as XML has it, without an exponent where that is exact: ``1.5``, ``2``, ``0.0001``."""
    text = repr(value)
    return text[:-2] if text.endswith(".0") else text


def signed(value: float) -> str:
    """Return a number with its sign."""
    text = number(value)
    return text if text.startswith("-") else f"+{text}"


def rate_text(factor: float) -> str:
    """Return a rate in per cent, or as a bare factor where that alone gives the same number again."""
    share = round(factor * 100, 6)
    return f"{number(share)}%" if share / 100 == factor else number(factor)


def pitch_text(pitch: Pitch) -> str:
    """Return a pitch as an attribute's value."""
    if pitch.unit == "=Hz":
        return f"{number(pitch.amount)}Hz"
    return f"{signed(pitch.amount)}{pitch.unit}"


def contour_text(points: Iterable[ContourPoint]) -> str:
    """Return a contour as an attribute's value."""
    return " ".join(f"({number(point.at)}%,{pitch_text(point.pitch)})" for point in points)


def _text(text: str) -> str:
    # A carriage return would be read as a line feed.
    return _escape(text, {"\r": "&#13;"})


def _element(name: str, attributes: Mapping[str, str | None], children: tuple[Node, ...] = ()) -> str:
    given = "".join(f" {key}={quoteattr(value)}" for key, value in attributes.items() if value is not None)
    inside = "".join(_render(child) for child in children)
    return f"<{name}{given}>{inside}</{name}>" if inside else f"<{name}{given}/>"
