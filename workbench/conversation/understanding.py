"""What the user wants, from what the recogniser heard: intent, slots, and how sure.

Every reading of the utterance is searched through the assistant's templates sound by sound; the reading that
explains most at least cost wins, and the others vote on its slots.
"""

import copy
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

from workbench.conversation.assistant_model import Assistant
from workbench.conversation.decoding import UNEXPLAINED, Decoder, Heard, Reading, Step, heard_from
from workbench.conversation.slots import KINDS
from workbench.conversation.spoken_text import words_from
from workbench.conversation.templates import Fill, network_from

_UNASKED = 0.4
"""Cost of a bare value that nobody asked for."""
_TAKEN_BACK = 0.45
"""Cost of a correction where there may be nothing to correct."""
_TWICE = 0.3
"""How much worse per syllable a later value may be heard and still replace an earlier one."""
_TOLERANCE = 0.45
"""Share of the worst possible cost at which the fit has fallen to 1/e."""
_LONG_ENOUGH = 20
"""Phones from which on a fit is no accident; a few sounds resemble some word too easily."""
_LATER_READING = 0.3
"""Cost of each reading before this one in the list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Interpretation:
    """What an utterance means to one assistant."""

    intent: str | None
    """None when out of scope."""
    slots: dict[str, str] = field(default_factory=dict)
    """Value by slot; the empty text takes a slot back."""
    confidence: float = 0.0
    """How likely intent and slots are right, 0..1; without an intent, how likely it is out of scope."""
    slot_confidences: dict[str, float] = field(default_factory=dict)
    complete: bool = False
    """Whether it could be a finished request."""
    correction: bool = False
    """Whether it takes something back ("no, large")."""
    said: str = ""
    """The words of the templates that the utterance was taken for."""


@dataclass(frozen=True, slots=True)
class _Candidate:
    reading: Reading
    heard: Heard
    words: tuple[str, ...]
    rank: int
    """Place in the list of readings."""

    @property
    def penalised(self) -> float:
        return self.reading.cost + _LATER_READING * min(self.rank, 6)


class Understanding:
    """Interprets utterances for one assistant; compiled once, used from one thread at a time."""

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant
        self._network = network_from(assistant)
        self._decoder = Decoder(self._network, assistant.pronunciations)
        self._fillers = frozenset(assistant.fillers)
        self._connectors = frozenset(assistant.connectors)
        self._read = lru_cache(maxsize=256)(self._read_words)

    def for_session(self) -> "Understanding":
        """Return the same, compiled no second time, that remembers nothing of what was said here."""
        other = copy.copy(self)
        other._read = lru_cache(maxsize=256)(other._read_words)
        return other

    def interpret(
        self,
        text: str,
        *,
        alternatives: Sequence[str] = (),
        expecting: str | None = None,
        origin: Literal["partial", "final"] = "final",
    ) -> Interpretation:
        """Return the meaning of an utterance.

        Parameters
        ----------
        text : the recogniser's best reading, as written
        alternatives : other readings of the same audio, best first
        expecting : the slot that was just asked for
        origin : a partial may stop anywhere; a final is a whole utterance
        """
        readings = list(dict.fromkeys(words for words in map(words_from, (text, *alternatives)) if words))
        candidates = [
            _Candidate(reading, heard, words, rank)
            for rank, words in enumerate(readings)
            for heard, found in (self._read(words, expecting, origin == "partial"),)
            for reading in found
        ]
        if not candidates:
            return Interpretation(intent=None)
        best = min(candidates, key=lambda candidate: candidate.penalised)
        return self._judged(best, candidates, readings=len(readings))

    def _read_words(
        self, words: tuple[str, ...], expecting: str | None, partial: bool
    ) -> tuple[Heard, list[Reading]]:
        heard = heard_from(words, pronunciations=self._assistant.pronunciations, fillers=self._fillers)
        costs = dict.fromkeys(self._network.starts.values(), 0.0)
        for slot, junction in self._network.answers.items():
            costs[junction] = 0.0 if slot == expecting else _UNASKED
        if self._network.correction is not None:
            costs[self._network.correction] = _TAKEN_BACK
        return heard, self._decoder.read(heard, self._decoder.starting(costs), partial=partial)

    def _judged(self, best: _Candidate, candidates: list[_Candidate], *, readings: int) -> Interpretation:
        fit = _fit(best)
        values, costs = self._values(best.reading.steps)
        votes = self._votes(best, candidates, readings)
        likely = {
            slot: fit**0.5 * math.exp(-1.2 * costs[slot]) * (0.4 + 0.6 * votes.get(slot, 1.0))
            for slot in values
        }
        least = self._assistant.certainty.ignore_below
        confidences = {slot: round(chance, 4) for slot, chance in likely.items() if chance >= least}
        confidence = round(fit, 4)
        if confidence < self._assistant.certainty.reject_below:
            return Interpretation(intent=None, confidence=round(1.0 - confidence, 4))
        correction = any(step.arc.correction for step in best.reading.steps)
        return Interpretation(
            intent=best.reading.intent,
            slots={slot: values[slot] for slot in confidences},
            confidence=confidence,
            slot_confidences=confidences,
            complete=best.reading.finished and not self._hangs(best),
            correction=correction,
            said=" ".join(step.arc.word for step in best.reading.steps),
        )

    def _values(self, steps: Sequence[Step]) -> tuple[dict[str, str], dict[str, float]]:
        """Return each slot's value and its cost per phone."""
        said: dict[str, tuple[float, tuple[Step, ...]]] = {}
        for slot, group in _groups(steps):
            cost = 3 * sum(step.cost for step in group) / max(1, group[-1].end - group[0].start)
            if slot not in said or cost < said[slot][0] + _TWICE:
                said[slot] = cost, group
        values = {slot: self._value(slot, group) for slot, (_, group) in said.items()}
        return values, {slot: cost for slot, (cost, _) in said.items()}

    def _value(self, slot: str, group: Sequence[Step]) -> str:
        kind = self._assistant.slots[slot].kind
        fills = [step.arc.fill for step in group if step.arc.fill is not None]
        if kind is not None and fills[0].piece is None:
            return KINDS[kind].value(tuple(step.arc.word for step in group))
        return " ".join(dict.fromkeys(fill.piece for fill in fills if fill.piece))

    def _hangs(self, candidate: _Candidate) -> bool:
        """Return whether the utterance sounds as if something followed."""
        if candidate.words[-1] in self._connectors and candidate.reading.steps[-1].arc.fill is None:
            return True
        rest = candidate.heard.unexplained[candidate.reading.steps[-1].end :]
        return sum(rest) >= 2 * UNEXPLAINED

    def _votes(self, best: _Candidate, candidates: list[_Candidate], readings: int) -> dict[str, float]:
        """Return the share of readings, weighted by rank, that give each slot the same value."""
        values, _ = self._values(best.reading.steps)
        agreed = dict.fromkeys(values, 0.0)
        total = 0.0
        for rank in range(min(readings, 6)):
            mine = [candidate for candidate in candidates if candidate.rank == rank]
            if not mine:
                continue
            weight = 0.7**rank
            total += weight
            top = min(mine, key=lambda candidate: candidate.reading.cost)
            theirs, _ = self._values(top.reading.steps)
            for slot, value in values.items():
                agreed[slot] += weight * (theirs.get(slot) == value)
        return {slot: share / total for slot, share in agreed.items()} if total else {}


def _dropped(steps: Sequence[Step]) -> int:
    """Return the heard phones of values that contradict another value of the same slot."""
    said: dict[str, dict[tuple[str, ...], int]] = {}
    for slot, group in _groups(steps):
        ways = said.setdefault(slot, {})
        words = tuple(step.arc.word for step in group)
        ways[words] = ways.get(words, 0) + group[-1].end - group[0].start
    return sum(sum(ways.values()) - max(ways.values()) for ways in said.values())


def _groups(steps: Sequence[Step]) -> list[tuple[str, tuple[Step, ...]]]:
    """Return the runs of words that make up one slot value each, in order."""
    groups: list[tuple[str, list[Step]]] = []
    running: Fill | None = None
    for step in steps:
        fill = step.arc.fill
        if fill is not None:
            goes_on = running is not None and running.slot == fill.slot
            if not goes_on or (running is not None and running.ends and fill != running):
                groups.append((fill.slot, []))
            groups[-1][1].append(step)
        running = fill
    return [(slot, tuple(group)) for slot, group in groups]


def _fit(candidate: _Candidate) -> float:
    """Return how well a path explains what was heard: 1 for word for word, 0 for noise."""
    steps = candidate.reading.steps
    lost = 0 if any(step.arc.correction for step in steps) else _dropped(steps)
    weight = max(candidate.heard.weight, 1)
    share = (candidate.penalised + UNEXPLAINED * lost) / (UNEXPLAINED * weight)
    tolerance = _TOLERANCE * min(1.0, 0.5 + weight / _LONG_ENOUGH)
    return math.exp(-((share / tolerance) ** 2))
