"""Which elements and attributes SSML has here, and how they become nodes.

Knows nothing of XML: it is told of starts, ends and text, in order.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from workbench.ssml import attributes as values
from workbench.ssml.document import (
    EMPHASES,
    SAY_AS,
    Break,
    Emphasis,
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
    UseLanguage,
    UseVoice,
)

DEEPEST = 32
"""Elements inside one another."""

_T = TypeVar("_T")

_ATTRIBUTES: dict[str, frozenset[str]] = {
    "speak": frozenset({"version", "xmlns", "xml:lang", "xmlns:xsi", "xsi:schemaLocation", "xml:base"}),
    "p": frozenset({"xml:lang"}),
    "s": frozenset({"xml:lang"}),
    "break": frozenset({"time", "strength"}),
    "prosody": frozenset({"rate", "pitch", "volume"}),
    "emphasis": frozenset({"level"}),
    "sub": frozenset({"alias"}),
    "phoneme": frozenset({"alphabet", "ph"}),
    "mark": frozenset({"name"}),
    "voice": frozenset({"name"}),
    "lang": frozenset({"xml:lang"}),
    "say-as": frozenset({"interpret-as", "format"}),
}
"""Elements honoured, and their attributes."""

_EMPTY = frozenset({"break", "mark"})
_TEXT_ONLY = frozenset({"sub", "phoneme", "say-as"})


class Misuse(Exception):
    """The document is not what is honoured; the text says what to write instead."""


@dataclass(slots=True)
class _Open:
    name: str
    attributes: dict[str, str]
    children: list[Node] = field(default_factory=list)


class Builder:
    """Grows one document from starts, ends and text."""

    def __init__(self) -> None:
        self._open: list[_Open] = []
        self._done: Speak | None = None

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Open an element."""
        if name not in _ATTRIBUTES:
            raise Misuse(f"<{name}> is not honoured: write one of {', '.join(sorted(_ATTRIBUTES))}")
        if (name == "speak") != (not self._open):
            raise Misuse("<speak> must be the outermost element, and only that")
        if len(self._open) >= DEEPEST:
            raise Misuse(f"elements are nested more than {DEEPEST} deep")
        if self._open and (around := self._open[-1].name) in _TEXT_ONLY | _EMPTY:
            raise Misuse(f"<{around}> can't contain <{name}>")
        for attribute in attributes:
            if attribute not in _ATTRIBUTES[name]:
                known = ", ".join(sorted(_ATTRIBUTES[name]))
                raise Misuse(f"<{name}> has no attribute {attribute} here: write {known}")
        self._open.append(_Open(name, attributes))

    def text(self, text: str) -> None:
        """Add characters to the element that is open."""
        around = self._open[-1]
        if around.name in _EMPTY:
            if text.strip():
                raise Misuse(f"<{around.name}> can't contain text: write <{around.name} .../>")
            return
        last = around.children[-1] if around.children else None
        if isinstance(last, Text):
            around.children[-1] = Text(last.text + text)
        else:
            around.children.append(Text(text))

    def end(self, name: str) -> None:
        """Close the element that is open."""
        closed = self._open.pop()
        if name == "speak":
            self._done = Speak(language=closed.attributes.get("xml:lang"), children=tuple(closed.children))
        else:
            self._open[-1].children.append(_node(closed))

    def document(self) -> Speak:
        """Return the document; it has ended."""
        if self._done is None:
            raise Misuse("the document is not closed: write </speak>")
        return self._done


def _node(closed: _Open) -> Node:
    children = tuple(closed.children)
    language = closed.attributes.get("xml:lang")
    match closed.name:
        case "p" | "s":
            kind = Paragraph if closed.name == "p" else Sentence
            return kind(language=language, children=children)
        case "break":
            return Break(
                seconds=_read(closed, "time", values.seconds_from),
                strength=_read(closed, "strength", values.strength_from),
            )
        case "prosody":
            return _prosody(closed, children)
        case "emphasis":
            level = _read(closed, "level", lambda value: values.one_of(value, EMPHASES))
            return Emphasis(level=level or "moderate", children=children)
        case "mark":
            return Mark(_required(closed, "name"))
        case "voice":
            return UseVoice(name=_required(closed, "name"), children=children)
        case "lang":
            return UseLanguage(language=_required(closed, "xml:lang"), children=children)
        case _:
            return _spoken_otherwise(closed)


def _prosody(closed: _Open, children: tuple[Node, ...]) -> Prosody:
    if not closed.attributes:
        raise Misuse("<prosody> changes nothing: write rate, pitch or volume")
    return Prosody(
        rate=_read(closed, "rate", values.rate_from),
        pitch=_read(closed, "pitch", values.pitch_from),
        gain_db=_read(closed, "volume", values.gain_db_from),
        children=children,
    )


def _spoken_otherwise(closed: _Open) -> Substitute | Phoneme | SayAs:
    text = "".join(child.text for child in closed.children if isinstance(child, Text))
    if closed.name == "sub":
        return Substitute(text=text, alias=_required(closed, "alias"))
    if closed.name == "phoneme":
        if closed.attributes.get("alphabet", "ipa") != "ipa":
            raise Misuse('<phoneme> knows one alphabet: write alphabet="ipa"')
        return Phoneme(text=text, ipa=_required(closed, "ph"))
    _required(closed, "interpret-as")
    kind = _read(closed, "interpret-as", lambda value: values.one_of(value, SAY_AS))
    return SayAs(text=text, interpret_as=kind or "", format=closed.attributes.get("format", ""))


def _required(closed: _Open, attribute: str) -> str:
    value = closed.attributes.get(attribute, "").strip()
    if not value:
        raise Misuse(f'<{closed.name}> needs {attribute}: write <{closed.name} {attribute}="...">')
    return value


def _read(closed: _Open, attribute: str, reader: Callable[[str], _T]) -> _T | None:
    value = closed.attributes.get(attribute)
    if value is None:
        return None
    try:
        return reader(value)
    except ValueError as error:
        raise Misuse(f"{attribute} of <{closed.name}> is not understood: {error}") from None
