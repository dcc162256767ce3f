"""What the pipeline asks of a speech engine.

All methods are plain blocking functions: the pipeline calls whatever may take over 5 ms in a worker thread.
One engine object serves all sessions; a :class:`Hearing` belongs to one utterance and is used by one thread
at a time.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from workbench.core.audio import Samples
from workbench.core.events import SpokenWord
from workbench.core.hypothesis import Hypothesis as Hypothesis

RECOGNIZER_RATE = 16_000
"""Samples per second of everything given to a recogniser."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecognizerCapabilities:
    """What a recogniser can do, as data."""

    name: str
    languages: tuple[str, ...]
    """BCP 47 tags; empty where any language will do."""
    streaming: bool
    """Whether partials are offered."""
    word_confidences: bool
    word_times: bool
    rate: int = RECOGNIZER_RATE
    vocabulary: bool = False
    """Whether a vocabulary biases it."""
    instant: bool = False
    """Whether it answers within a millisecond, and so needs no thread."""


class Hearing(Protocol):
    """One utterance being recognised."""

    def add(self, samples: Samples) -> None:
        """Append samples at 16 kHz; cheap."""

    def partial(self) -> Hypothesis:
        """Recognise what was added so far; blocks."""

    def final(self) -> Hypothesis:
        """Recognise the whole utterance once more, with care; blocks. No words when nothing was said.

        May be called more than once (each call sees what was added so far).
        """


class Recognizer(Protocol):
    """Turns speech into words."""

    @property
    def capabilities(self) -> RecognizerCapabilities: ...  # noqa: D102

    def listen(self, *, language: str, vocabulary: Sequence[str] = ()) -> Hearing:
        """Begin one utterance; ``vocabulary`` holds phrases likely to be said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SynthesizerCapabilities:
    """What a synthesiser can do, as data."""

    name: str
    languages: tuple[str, ...]
    """BCP 47 tags."""
    rate: int
    """Samples per second of what it returns."""
    streaming: bool
    """Whether clauses arrive one by one."""
    word_times: bool
    ssml: frozenset[str]
    """SSML elements honoured, as ``element`` or ``element@attribute``."""
    instant: bool = False
    """Whether a clause comes within a millisecond, and so needs no thread."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """One synthesised clause. Times: seconds from the clause's first sample."""

    text: str
    samples: Samples
    rate: int
    words: tuple[SpokenWord, ...] = ()
    marks: tuple[SpokenWord, ...] = field(default=())
    cached: bool = False
    fell_back: str = ""
    """Why another synthesiser speaks from here on, or what is left out of its SSML; else empty."""


class Synthesizer(Protocol):
    """Turns text into speech."""

    @property
    def capabilities(self) -> SynthesizerCapabilities: ...  # noqa: D102

    def synthesize(self, ssml: str, *, voice: str) -> Iterator[Clause]:
        """Yield the clauses of ``ssml`` (a ``<speak>`` document or plain text) in order.

        Each ``next`` blocks for one clause. Closing the iterator stops the work after the clause at hand.
        Raises SsmlError (NotSpoken if it wants what this one lacks) or ParameterError (unknown voice)
        before the first clause.
        """
