"""Text to an SSML document, or a sentence that says where it is wrong and what to write instead.

A text whose outermost tag is ``<speak>`` is SSML; a text that is XML otherwise is refused; any other text is
taken as it stands, so ``&`` and ``<`` in plain text do no harm. Only documents without a DTD are read: no
entities, no external files, bounded size and depth. The reader is expat, which says line and column of every
element, not only of what is not well formed.
"""

import re
from collections.abc import Callable, Mapping
from typing import Protocol
from xml.parsers import expat

from workbench.errors import SsmlError
from workbench.ssml.document import Place, Speak, Text
from workbench.ssml.growing import Growing
from workbench.ssml.nodes import Given, Misuse

MOST_CHARACTERS = 100_000
MOST_ELEMENTS = 5_000

_BEFORE = re.compile(r"<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^>\[]*(?:\[.*?\]\s*)?>|\s+", re.DOTALL)
_TAG = re.compile(r"<([A-Za-z_][\w.:-]*)(?=[\s/>])")
_STRAY = re.compile(r"</?(speak|break|prosody|emphasis|phoneme|say-as)\b[^<>]*>")
_CONTROL = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SPACE = "\ufeff \t\r\n"


def parse(text: str) -> Speak:
    """Return the document ``text`` is: its nodes if it is SSML, one text node if it is plain.

    Raises
    ------
    SsmlError
        If it is not well formed, has a DTD, is too large or too deep, uses an element, attribute or value
        that is not SSML, or has SSML tags without ``<speak>`` around them; with line and column.
    """
    if len(text) > MOST_CHARACTERS:
        raise SsmlError(f"the text has {len(text)} characters, expected at most {MOST_CHARACTERS}")
    if _is_xml(text):
        return read_into(Growing(), text)
    if (stray := _STRAY.search(text)) is not None:
        at = place_of(text, stray.start())
        raise SsmlError(
            f"<{stray[1]}> stands outside <speak>: write <speak> around the whole text",
            line=at.line,
            column=at.column,
        )
    plain = printable(text)
    return Speak(children=(Text(plain),) if plain.strip() else ())


class Grown(Protocol):
    """What grows to a document from the tags and texts of a file."""

    def start(self, name: str, attributes: Given, place: Place) -> None: ...  # noqa: D102
    def text(self, text: str) -> None: ...  # noqa: D102
    def end(self) -> None: ...  # noqa: D102
    def document(self) -> Speak: ...  # noqa: D102


def read_into(growing: Grown, text: str) -> Speak:
    """Return the document that ``growing`` makes of ``text``, which is XML with ``<speak>`` around it.

    Raises
    ------
    SsmlError
        If it is none, or ``growing`` refuses it.
    """
    return _Reader(growing).read(text.lstrip(_SPACE), skipped=_skipped(text))


def printable(text: str) -> str:
    """Return ``text`` with a space for every character XML does not have."""
    return _CONTROL.sub(" ", text)


def place_of(text: str, position: int) -> Place:
    """Return line and column of a character."""
    before = text[:position]
    return Place(before.count("\n") + 1, position - (before.rfind("\n") + 1) + 1)


def outermost(text: str) -> str:
    """Return the name of the element that a text opens with, behind what may stand before one; empty if none.

    >>> outermost('<?xml version="1.0"?> <speak>Hi</speak>'), outermost("Hi")
    ('speak', '')
    """
    bare = text.strip(_SPACE)
    at = 0
    while (before := _BEFORE.match(bare, at)) is not None:
        at = before.end()
    tag = _TAG.match(bare, at)
    return tag[1] if tag is not None else ""


def _is_xml(text: str) -> bool:
    """Tell whether a text is meant as XML: it opens with ``<speak``, is one element, or declares itself."""
    bare = text.strip(_SPACE)
    declared = bare.startswith(("<?xml", "<!DOCTYPE", "<!ENTITY"))
    name = outermost(text)
    return declared or name == "speak" or (name != "" and bare.endswith((f"</{name}>", "/>")))


def _skipped(text: str) -> Place:
    at = place_of(text, len(text) - len(text.lstrip(_SPACE)))
    return Place(at.line - 1, at.column - 1)


class _Reader:
    """Feeds one document through expat into what it grows to, turning every fault into an SsmlError."""

    def __init__(self, growing: Grown) -> None:
        self._growing = growing
        self._elements = 0
        self._skipped = Place(0, 0)
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = lambda _: self._guarded(self._growing.end)
        self._parser.CharacterDataHandler = lambda text: self._guarded(lambda: self._growing.text(text))
        self._parser.StartDoctypeDeclHandler = self._refuse_doctype

    def read(self, text: str, *, skipped: Place) -> Speak:
        self._skipped = skipped
        try:
            # A declared encoding does not matter any more: the text is already decoded.
            self._parser.Parse(re.sub(r"\A<\?xml.*?\?>", _blank, text, flags=re.DOTALL), True)  # noqa: FBT003
        except expat.ExpatError as error:
            raise self._error(_advice(error.code), self._shifted(error.lineno, error.offset)) from None
        except UnicodeEncodeError:
            raise SsmlError(
                "the text has half a character (a lone surrogate): write the whole character"
            ) from None
        return self._growing.document()

    def _start(self, name: str, attributes: Mapping[str, str]) -> None:
        self._elements += 1
        if self._elements > MOST_ELEMENTS:
            raise self._error(f"the document has more than {MOST_ELEMENTS} elements", self._place())
        if self._elements == 1 and name != "speak":
            raise self._error(
                f"the outermost element is <{name[:40]}>: write <speak> around the whole text",
                self._place(),
            )
        self._guarded(lambda: self._growing.start(name, attributes, self._place()))

    def _guarded(self, action: Callable[[], None]) -> None:
        try:
            action()
        except Misuse as misuse:
            raise self._error(str(misuse), misuse.place) from None

    def _refuse_doctype(self, *_: object) -> None:
        raise self._error("a document type (<!DOCTYPE ...>) is not accepted: leave it out", self._place())

    def _place(self) -> Place:
        return self._shifted(self._parser.CurrentLineNumber, self._parser.CurrentColumnNumber)

    def _shifted(self, line: int, column: int) -> Place:
        more = self._skipped.column if line == 1 else 0
        return Place(line + self._skipped.line, column + 1 + more)

    def _error(self, problem: str, place: Place) -> SsmlError:
        return SsmlError(problem, line=place.line, column=place.column)


def _blank(match: re.Match[str]) -> str:
    """Keep a declaration's place with spaces, so that columns stay right."""
    return re.sub(r"[^\n]", " ", match[0])


def _advice(code: int) -> str:
    reason = expat.ErrorString(code)
    if reason == expat.errors.XML_ERROR_TAG_MISMATCH:
        return "this closing tag does not match the one that is open: close them in reverse order"
    if reason == expat.errors.XML_ERROR_UNDEFINED_ENTITY:
        return "this entity is not known: write the character itself, or one of &amp; &lt; &gt; &quot; &apos;"
    if reason in (expat.errors.XML_ERROR_NO_ELEMENTS, expat.errors.XML_ERROR_UNCLOSED_TOKEN):
        return "the text ends inside a tag: close it"
    if reason == expat.errors.XML_ERROR_INVALID_TOKEN:
        return "not well formed here: write &amp; for &, &lt; for <, and quotes around attribute values"
    if reason == expat.errors.XML_ERROR_JUNK_AFTER_DOC_ELEMENT:
        return "nothing may follow </speak>"
    return f"not well formed: {reason}"
