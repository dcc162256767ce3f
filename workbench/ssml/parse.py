"""Text to an SSML document, or a sentence that says where it is wrong and what to write instead.

A text whose first tag is ``<speak>`` is SSML; any other text is taken as it stands, so ``&`` and ``<`` in
plain text do no harm. Only documents without a DTD are read: no entities, no external files, bounded size and
depth.
"""

import re
from collections.abc import Callable
from xml.parsers import expat

from workbench.errors import SsmlError
from workbench.ssml.builder import Builder, Misuse
from workbench.ssml.document import Speak, Text

MOST_CHARACTERS = 100_000
MOST_ELEMENTS = 5_000

_OPENING = re.compile(
    r"\ufeff?\s*(?:<\?xml.*?\?>\s*|<!--.*?-->\s*|<!DOCTYPE[^>\[]*(?:\[.*?\]\s*)?>\s*)*<speak\b", re.DOTALL
)
_STRAY = re.compile(r"</?(speak|break|prosody|emphasis|phoneme|say-as)\b[^<>]*>")
_CONTROL = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def parse(text: str) -> Speak:
    """Return the document ``text`` is: its nodes if it is SSML, one text node if it is plain.

    Raises
    ------
    SsmlError
        If it is not well formed, has a DTD, is too large or too deep, uses an element, attribute or value
        that is not honoured, or has SSML tags without ``<speak>`` around them; with line and column.
    """
    if len(text) > MOST_CHARACTERS:
        raise SsmlError(f"the text has {len(text)} characters, expected at most {MOST_CHARACTERS}")
    if _OPENING.match(text):
        return _Reader().read(text.lstrip("\ufeff \t\r\n"), skipped=_skipped(text))
    if (stray := _STRAY.search(text)) is not None:
        line, column = _place(text, stray.start())
        raise SsmlError(
            f"<{stray[1]}> stands outside <speak>: write <speak> around the whole text",
            line=line,
            column=column,
        )
    plain = _CONTROL.sub(" ", text)
    return Speak(children=(Text(plain),) if plain.strip() else ())


def _skipped(text: str) -> tuple[int, int]:
    lead = len(text) - len(text.lstrip("\ufeff \t\r\n"))
    line, column = _place(text, lead)
    return line - 1, column - 1


def _place(text: str, position: int) -> tuple[int, int]:
    before = text[:position]
    return before.count("\n") + 1, position - (before.rfind("\n") + 1) + 1


class _Reader:
    """Feeds one document through expat into a :class:`Builder`, turning every fault into an SsmlError."""

    def __init__(self) -> None:
        self._builder = Builder()
        self._elements = 0
        self._skipped = (0, 0)
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.ordered_attributes = False
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._guarded(self._builder.end)
        self._parser.CharacterDataHandler = self._guarded(self._builder.text)
        self._parser.StartDoctypeDeclHandler = self._refuse_doctype

    def read(self, text: str, *, skipped: tuple[int, int]) -> Speak:
        self._skipped = skipped
        try:
            # A declared encoding does not matter any more: the text is already decoded.
            self._parser.Parse(re.sub(r"\A<\?xml.*?\?>", _blank, text, flags=re.DOTALL), True)  # noqa: FBT003
        except expat.ExpatError as error:
            raise self._error(_advice(error.code), error.lineno, error.offset) from None
        return self._builder.document()

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._elements += 1
        if self._elements > MOST_ELEMENTS:
            raise self._here(f"the document has more than {MOST_ELEMENTS} elements")
        try:
            self._builder.start(name, attributes)
        except Misuse as misuse:
            raise self._here(str(misuse)) from None

    def _guarded(self, action: Callable[[str], None]) -> Callable[[str], None]:
        def act(argument: str) -> None:
            try:
                action(argument)
            except Misuse as misuse:
                raise self._here(str(misuse)) from None

        return act

    def _refuse_doctype(self, *_: object) -> None:
        raise self._here("a document type (<!DOCTYPE ...>) is not accepted: leave it out")

    def _here(self, problem: str) -> SsmlError:
        return self._error(problem, self._parser.CurrentLineNumber, self._parser.CurrentColumnNumber)

    def _error(self, problem: str, line: int, column: int) -> SsmlError:
        lines, columns = self._skipped
        return SsmlError(problem, line=line + lines, column=column + 1 + (columns if line == 1 else 0))


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
