"""What an assistant says often, kept: a fixed prompt starts at once."""

import threading
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Protocol, TypeAlias, runtime_checkable

from workbench.errors import ParameterError
from workbench.speech.ports import Clause, Synthesizer, SynthesizerCapabilities
from workbench.speech.synthesizers.clauses import PlannedClause, Step
from workbench.speech.synthesizers.shaping import with_pause

CAPACITY = 64 * 1024 * 1024
"""Bytes kept unless asked otherwise: about 11 minutes of speech at 24 kHz."""


@runtime_checkable
class ClauseSynthesizer(Synthesizer, Protocol):
    """A synthesiser that tells its clauses beforehand, so that each can be kept by itself."""

    def plan(self, ssml: str, *, voice: str) -> tuple[Step, ...]:
        """Return the clauses ``ssml`` will be spoken in."""

    def speak(self, clause: PlannedClause) -> Clause:
        """Return one clause as sound."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheState:
    """What a cache holds and how well it did."""

    clauses: int
    bytes: int
    hits: int
    misses: int


_Key: TypeAlias = tuple[str, str, PlannedClause | str]


class CachedSynthesizer:
    """Any synthesiser, with its clauses kept in memory; the least recently used go first.

    Clauses are kept by engine, voice and everything that shapes their sound, whatever stands around them: the
    fixed clause of a longer reply is found too. A synthesiser without ``plan`` and ``speak`` is kept by whole
    texts. May be used from several threads; a clause that two ask for at once may be made twice.
    """

    def __init__(self, synthesizer: Synthesizer, *, capacity_bytes: int = CAPACITY) -> None:
        if capacity_bytes < 0:
            raise ParameterError(f"capacity is {capacity_bytes} bytes, expected at least 0")
        self._synthesizer = synthesizer
        self._capacity = capacity_bytes
        self._lock = threading.Lock()
        self._kept: OrderedDict[_Key, tuple[Clause, ...]] = OrderedDict()
        self._bytes = 0
        self._hits = 0
        self._misses = 0

    @property
    def capabilities(self) -> SynthesizerCapabilities:
        """Return the capabilities of the synthesiser inside."""
        return self._synthesizer.capabilities

    @property
    def state(self) -> CacheState:
        """Return what is held now."""
        with self._lock:
            return CacheState(
                clauses=len(self._kept), bytes=self._bytes, hits=self._hits, misses=self._misses
            )

    def synthesize(self, ssml: str, *, voice: str) -> Iterator[Clause]:
        """Yield the clauses, those kept with ``cached`` set; see the port."""
        if isinstance(self._synthesizer, ClauseSynthesizer):
            steps = self._synthesizer.plan(ssml, voice=voice)
            return self._by_clause(self._synthesizer, steps)
        return self._by_text(ssml, voice, self._synthesizer)

    def warm(self, texts: Iterable[str], *, voice: str) -> int:
        """Synthesise ``texts`` now and keep them; return the clauses made; blocks.

        Raises as ``synthesize``.
        """
        return sum(not clause.cached for text in texts for clause in self.synthesize(text, voice=voice))

    def _by_clause(self, synthesizer: ClauseSynthesizer, steps: tuple[Step, ...]) -> Iterator[Clause]:
        name = synthesizer.capabilities.name
        for step in steps:
            key = (name, step.clause.voice, step.clause)
            kept = self._find(key)
            if kept is None:
                clause = synthesizer.speak(step.clause)
                self._keep(key, (clause,))
            else:
                clause = replace(kept[0], cached=True)
            yield with_pause(clause, step.pause)

    def _by_text(self, ssml: str, voice: str, synthesizer: Synthesizer) -> Iterator[Clause]:
        key = (synthesizer.capabilities.name, voice, ssml)
        kept = self._find(key)
        if kept is not None:
            return (replace(clause, cached=True) for clause in kept)
        return self._recorded(key, synthesizer.synthesize(ssml, voice=voice))

    def _recorded(self, key: _Key, clauses: Iterator[Clause]) -> Iterator[Clause]:
        made = []
        for clause in clauses:
            made.append(clause)
            yield clause
        self._keep(key, tuple(made))

    def _find(self, key: _Key) -> tuple[Clause, ...] | None:
        with self._lock:
            kept = self._kept.get(key)
            if kept is None:
                self._misses += 1
            else:
                self._hits += 1
                self._kept.move_to_end(key)
            return kept

    def _keep(self, key: _Key, clauses: tuple[Clause, ...]) -> None:
        for clause in clauses:
            clause.samples.flags.writeable = False  # shared from now on
        with self._lock:
            self._bytes += _size(clauses) - _size(self._kept.pop(key, ()))
            self._kept[key] = clauses
            while self._bytes > self._capacity:
                _, dropped = self._kept.popitem(last=False)
                self._bytes -= _size(dropped)


def _size(clauses: tuple[Clause, ...]) -> int:
    return sum(clause.samples.nbytes for clause in clauses)
