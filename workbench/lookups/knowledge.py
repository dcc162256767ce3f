"""Which passages of a folder of Markdown files answer a question: full-text search with a threshold.

SQLite's FTS5 finds and ranks (Porter stems, BM25, heads count more). Whether a passage answers at all is
decided by how much of the question it covers: each word of the question weighs as much as it tells (its
inverse document frequency), and words that stand nowhere weigh most. So "is there a pool in London" finds
nothing, though London is all over the folder.

Source: Robertson & Zaragoza (2009), The Probabilistic Relevance Framework: BM25 and Beyond.
"""

import math
import re
import sqlite3
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

from workbench.errors import LookupFailed, ParameterError
from workbench.lookups.passages import Piece, pieces_from
from workbench.lookups.ports import Passage

COVERED = 0.65
"""Least share of a question's weight that a passage covers to count as an answer."""

WORDS_MAX = 16
"""Telling words of a question; the rest is not looked at."""

QUESTION_MAX = 400
"""Characters of a question; the rest is not looked at."""

PASSAGES_MAX = 10_000
"""Passages of one knowledge base."""

FILE_MAX = 1_000_000
"""Bytes of one file."""

_RANKED = 30
"""Passages looked at closely for one question."""

_WORD = re.compile(r"[^\W_]+")

_IDLE = frozenset([
    "a", "about", "am", "an", "and", "any", "are", "as", "at", "be", "by", "can", "could", "did", "do",
    "does", "for", "from", "get", "got", "had", "has", "have", "hello", "how", "i", "if", "in", "into",
    "is", "it", "its", "let", "like", "many", "may", "me", "meeting", "might", "my", "need", "no",
    "not", "of", "okay", "on", "or", "our", "out", "please", "s", "say", "should", "so", "some", "tell",
    "that", "the", "their", "them", "then", "there", "they", "this", "to", "too", "up", "us", "use", "very",
    "want", "was", "we", "were", "what", "when", "which", "who", "why", "will", "with", "would", "yes",
    "you", "your",
])  # fmt: skip
"""Words that tell nothing about what is asked."""


class FullTextKnowledge:
    """A knowledge base in memory; may be asked from any thread. Close it, or use it in ``with``."""

    def __init__(self, pieces: Sequence[tuple[str, Piece]]) -> None:
        """Take pieces, each with the name of its file; raises ParameterError for none or too many."""
        if not 0 < len(pieces) <= PASSAGES_MAX:
            raise ParameterError(f"a knowledge base has {len(pieces)} passages, expected 1 to {PASSAGES_MAX}")
        self._count = len(pieces)
        self._lock = threading.Lock()
        self._database = sqlite3.connect(":memory:", check_same_thread=False)
        try:
            self._database.execute(
                "CREATE VIRTUAL TABLE passages USING fts5("
                "heading, words, text, source UNINDEXED, tokenize = 'porter unicode61 remove_diacritics 2')"
            )
            self._database.executemany(
                "INSERT INTO passages (heading, words, text, source) VALUES (?, ?, ?, ?)",
                ((one.heading, one.words, one.text, f"{name}: {one.heading}") for name, one in pieces),
            )
        except sqlite3.Error as error:
            self._database.close()
            raise LookupFailed(f"a knowledge base could not be built: {type(error).__name__}") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give up the database; later questions raise LookupFailed."""
        with self._lock:
            self._database.close()

    def find(self, question: str, *, limit: int) -> tuple[Passage, ...]:
        """Return at most ``limit`` passages that answer ``question``, best first; none if nothing does.

        Raises
        ------
        LookupFailed
            If the database does not answer; never says what was asked.
        """
        words = _telling(question)
        if not words:
            return ()
        try:
            with self._lock:
                return self._best(words, limit)
        except sqlite3.Error as error:
            raise LookupFailed(f"a knowledge base did not answer: {type(error).__name__}") from error

    def _best(self, words: Sequence[str], limit: int) -> tuple[Passage, ...]:
        weights = {word: self._weight(word) for word in words}
        rows = self._database.execute(
            "SELECT rowid, text, source FROM passages WHERE passages MATCH ? "
            "ORDER BY bm25(passages, 2.0, 1.0, 1.0), rowid LIMIT ?",
            (" OR ".join(map(_quoted, words)), _RANKED),
        ).fetchall()
        covered = self._covered(weights, [row[0] for row in rows])
        passages = [Passage(text=text, source=source, score=covered[row]) for row, text, source in rows]
        answers = (passage for passage in passages if passage.score >= COVERED)
        return tuple(sorted(answers, key=lambda passage: -round(passage.score, 2))[:limit])

    def _weight(self, word: str) -> float:
        (count,) = self._database.execute(
            "SELECT count(*) FROM passages WHERE passages MATCH ?", (_quoted(word),)
        ).fetchone()
        return math.log(1 + (self._count - count + 0.5) / (count + 0.5))

    def _covered(self, weights: Mapping[str, float], rows: Sequence[int]) -> dict[int, float]:
        """Return for each row which share of the weight of the words it has."""
        covered = dict.fromkeys(rows, 0.0)
        places = ", ".join("?" * len(rows))
        for word, weight in weights.items():
            found = self._database.execute(
                f"SELECT rowid FROM passages WHERE passages MATCH ? AND rowid IN ({places})",  # noqa: S608
                (_quoted(word), *rows),
            )
            for (row,) in found:
                covered[row] += weight
        total = sum(weights.values())
        return {row: min(1.0, weight / total) for row, weight in covered.items()}


def _telling(question: str) -> tuple[str, ...]:
    """Return the words of a question that tell what it is about, without repeats."""
    words = (word for word in _WORD.findall(question[:QUESTION_MAX].lower()) if word not in _IDLE)
    return tuple(dict.fromkeys(words))[:WORDS_MAX]


def _quoted(word: str) -> str:
    """Return a word as an FTS5 string, in which nothing is syntax."""
    return '"' + word.replace('"', '""') + '"'


def open_knowledge(folder: Path) -> FullTextKnowledge:
    """Return the knowledge base of the Markdown files in ``folder``.

    Raises
    ------
    ParameterError
        If there is no such folder, a file can't be read, or a paragraph is too long to be spoken.
    """
    if not folder.is_dir():
        raise ParameterError(f"{folder}: no such folder, expected one with .md files")
    return FullTextKnowledge(
        [(file.name, piece) for file in sorted(folder.glob("*.md")) for piece in _pieces(file)]
    )


def _pieces(file: Path) -> tuple[Piece, ...]:
    try:
        if file.stat().st_size > FILE_MAX:
            raise ParameterError(f"{file}: more than {FILE_MAX} bytes, the most one file may have")
        return pieces_from(file.read_text(encoding="utf-8"), str(file))
    except (OSError, UnicodeDecodeError) as problem:
        raise ParameterError(f"{file}: can't be read: {type(problem).__name__}") from problem
