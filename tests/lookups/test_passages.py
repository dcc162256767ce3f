"""Markdown, cut into what can be said."""

import pytest

from workbench.errors import ParameterError
from workbench.lookups.passages import SPOKEN_MAX, pieces_from

TEXT = """\
Before any heading.

# Rooms
<!-- words: size capacity -->

| Room | fits | has |
|:-----|-----:|---|
| **London** | ten people | a [projector](http://x) |
| Zurich | - |  |

Two lines
of one paragraph.
- an item
  that goes on
2. another `item`

## Parking ##
None.
"""


def test_paragraphs_items_and_cells_are_pieces():
    """A question would be answered with a whole page, a row of bars, or markup read aloud."""
    assert [piece.text for piece in pieces_from(TEXT, "t.md")] == [
        "Before any heading.",
        "London fits ten people.",
        "London has a projector.",
        "Two lines of one paragraph.",
        "an item that goes on",
        "another item",
        "None.",
    ]


def test_a_piece_knows_its_heading_and_the_words_that_lead_to_it():
    """Synonyms would be spoken, or lead to the wrong section."""
    pieces = pieces_from(TEXT, "t.md")
    assert [piece.heading for piece in pieces] == ["", *["Rooms"] * 5, "Parking"]
    assert [piece.words for piece in pieces] == ["", *["size capacity"] * 5, ""]
    assert not any("capacity" in piece.text for piece in pieces)


def test_what_is_too_long_to_be_said_is_refused():
    """The assistant would talk for minutes."""
    assert pieces_from("x" * SPOKEN_MAX, "t.md")
    with pytest.raises(ParameterError) as caught:
        pieces_from("# Long\n\n" + "x" * (SPOKEN_MAX + 1), "t.md")
    assert str(caught.value) == (
        "t.md: a paragraph under 'Long' has 401 characters, expected at most 400: answers are spoken"
    )


def test_a_row_with_too_many_cells_is_refused():
    """A fact would be lost without a word."""
    with pytest.raises(ParameterError, match="a row under 'R' has 3 cells, expected at most 2"):
        pieces_from("# R\n| a | b |\n|---|---|\n| x | y | z |\n", "t.md")
