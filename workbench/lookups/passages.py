"""What a Markdown file says, cut into pieces that can be spoken as answers.

A paragraph is a piece, and so is an item of a list. In a table every cell is one: the first column is the
subject, the head of the cell's column is the verb, so the cell ``twelve people`` under ``fits`` in the row
``London`` is "London fits twelve people." Words in a comment ``<!-- words: beamer, screen -->`` are found as
if they stood in the section, but never spoken.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from workbench.errors import ParameterError

SPOKEN_MAX = 400
"""Longest piece, characters: about half a minute of speech."""

_HEADING = re.compile(r"#{1,6}\s+(?P<title>.*?)\s*#*$")
_WORDS = re.compile(r"<!--\s*words:(?P<words>.*?)-->\s*$")
_ITEM = re.compile(r"(?:[-*+]|\d+[.)])\s+")
_RULE = re.compile(r"\|?\s*:?-{3,}")
_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")
_MARKUP = re.compile(r"\*\*|__|[*`]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One answer and what it is found by."""

    heading: str
    words: str
    """Words that lead to it besides its own."""
    text: str


@dataclass(slots=True)
class _Section:
    heading: str = ""
    words: str = ""
    texts: list[str] = field(default_factory=list)
    running: list[str] = field(default_factory=list)
    """Lines of the paragraph or item at hand."""
    columns: list[str] = field(default_factory=list)
    """Heads of the table at hand."""

    def end_paragraph(self) -> None:
        if self.running:
            self.texts.append(" ".join(self.running))
        self.running, self.columns = [], []


def pieces_from(text: str, name: str) -> tuple[Piece, ...]:
    """Return the pieces of a Markdown text, in order.

    Parameters
    ----------
    text : Markdown
    name : what the text is called in errors

    Raises
    ------
    ParameterError
        If a piece is longer than ``SPOKEN_MAX``, or a row has more cells than its table has heads.
    """
    return tuple(
        Piece(heading=section.heading, words=section.words, text=_checked(_plain(said), section, name))
        for section in _sections(text, name)
        for said in section.texts
    )


def _sections(text: str, name: str) -> Iterator[_Section]:
    section = _Section()
    for line in (*map(str.strip, text.splitlines()), ""):
        heading, words = _HEADING.match(line), _WORDS.match(line)
        if heading is not None:
            section.end_paragraph()
            yield section
            section = _Section(_plain(heading["title"]))
        elif words is not None:
            section.words = f"{section.words} {words['words'].strip()}".strip()
        elif not line:
            section.end_paragraph()
        elif line.startswith("|"):
            _add_row(section, line, name)
        elif _ITEM.match(line):
            section.end_paragraph()
            section.running = [_ITEM.sub("", line, count=1)]
        else:
            section.running.append(line)
    yield section


def _add_row(section: _Section, line: str, name: str) -> None:
    cells = [cell.strip() for cell in line.strip("|").split("|")]
    if not section.columns:
        section.end_paragraph()
        section.columns = cells
    elif not _RULE.match(line):
        if len(cells) > len(section.columns):
            raise ParameterError(
                f"{name}: a row under {section.heading!r} has {len(cells)} cells, "
                f"expected at most {len(section.columns)}"
            )
        subject, *rest = cells
        section.texts += [
            f"{subject} {verb} {cell}."
            for verb, cell in zip(section.columns[1:], rest, strict=False)
            if cell not in ("", "-")
        ]


def _plain(text: str) -> str:
    return _MARKUP.sub("", _LINK.sub(r"\1", text)).strip()


def _checked(text: str, section: _Section, name: str) -> str:
    if len(text) > SPOKEN_MAX:
        raise ParameterError(
            f"{name}: a paragraph under {section.heading!r} has {len(text)} characters, "
            f"expected at most {SPOKEN_MAX}: answers are spoken"
        )
    return text
