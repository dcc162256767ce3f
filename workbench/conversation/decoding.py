"""The likeliest way through a network of words for what was heard, compared sound by sound.

Heard words become phones; the network's words become phones too. A token-passing search (Viterbi) finds the
path with the least cost, where a phone may be confused with a near one, missed or added, and stretches of
speech may be left unexplained at a price per phone. So "ice mocker" reaches "iced mocha" without a table of
errors, and speech about something else stays expensive.

Source: Young, Russell & Thornton (1989), Token Passing: a Simple Conceptual Model for Connected Speech
Recognition Systems; costs are those of :mod:`workbench.conversation.phonetics`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workbench.conversation.phonetics import drop_costs, spelled_phones, substitution_costs
from workbench.conversation.templates import Arc, Network

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]

UNEXPLAINED = 0.5
"""Cost of a heard phone that belongs to nothing."""
FILLER = 0.02
"""The same for a word that means nothing here."""
_MISALIGNED = 0.2
"""Cost of starting a word where none was heard to start."""
_INSIDE = 0.1
"""Cost of a heard word boundary inside a word."""
_UNFINISHED = 0.4
"""Cost of stopping inside a sentence (partials only)."""
_WALL = 1e3
_TRACED = 2
"""Intents worth a path."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What was heard, as phones."""

    phones: tuple[int, ...]
    starts: tuple[bool, ...]
    """Whether a heard word starts at the phone."""
    unexplained: tuple[float, ...]
    """Cost of leaving each phone out."""

    @property
    def weight(self) -> int:
        """Return the phones of words that may mean something."""
        return sum(cost > FILLER for cost in self.unexplained)


@dataclass(frozen=True, slots=True)
class Step:
    """One word of the network on the path."""

    arc: Arc
    start: int
    """First heard phone."""
    end: int
    """After the last heard phone."""
    cost: float
    """Confusions, misses and additions inside it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The best path for one intent."""

    intent: str
    cost: float
    steps: tuple[Step, ...]
    finished: bool
    """Whether the path reaches the end of a sentence."""


def heard_from(words: Sequence[str], *, pronunciations: Mapping[str, str], fillers: frozenset[str]) -> Heard:
    """Return the phones of ``words``."""
    phones: list[int] = []
    starts: list[bool] = []
    unexplained: list[float] = []
    for word in words:
        sounds = spelled_phones(word, pronunciations)
        phones.extend(sounds)
        starts.extend(place == 0 for place in range(len(sounds)))
        unexplained.extend([FILLER if word in fillers else UNEXPLAINED] * len(sounds))
    return Heard(tuple(phones), tuple(starts), tuple(unexplained))


class Decoder:
    """A network compiled for the search."""

    def __init__(self, network: Network, pronunciations: Mapping[str, str]) -> None:
        self._network = network
        sounds = [spelled_phones(arc.word, pronunciations) for arc in network.arcs]
        lengths = np.array([len(sound) for sound in sounds], dtype=np.intp)
        if not lengths.all():
            silent = next(arc.word for arc, sound in zip(network.arcs, sounds, strict=True) if not sound)
            raise ValueError(f"{silent!r} has no sound")
        self._phones: Ints = np.array([phone for sound in sounds for phone in sound], dtype=np.intp)
        self._last: Ints = np.cumsum(lengths) - 1
        self._first: Ints = self._last - lengths + 1
        self._word: Ints = np.repeat(np.arange(len(sounds)), lengths)
        self._inner = np.ones(len(self._phones), dtype=bool)
        self._inner[self._first] = False
        self._swap: Floats = substitution_costs()[self._phones].T.copy()
        self._drop: Floats = drop_costs()[self._phones]
        summed = np.cumsum(np.where(self._inner, self._drop, _WALL))
        self._ladder: Floats = summed
        self._close()
        self._owner = self._owners()

    def _close(self) -> None:
        """Work out which words and starts lead to each junction that matters."""
        network = self._network
        after: dict[int, list[tuple[int, float]]] = {}
        for start, end, cost in network.skips:
            after.setdefault(start, []).append((end, cost))
        wanted = sorted({arc.start for arc in network.arcs} | set(network.ends.values()))
        self._row = {junction: row for row, junction in enumerate(wanted)}
        self._reached: dict[int, dict[int, float]] = {}
        for junction in range(network.junctions):
            costs = {junction: 0.0}
            todo = [junction]
            while todo:
                here = todo.pop()
                for there, cost in after.get(here, ()):
                    if costs[here] + cost < costs.get(there, np.inf):
                        costs[there] = costs[here] + cost
                        todo.append(there)
            self._reached[junction] = costs
        into: list[list[tuple[int, float]]] = [[] for _ in wanted]
        alike: dict[tuple[tuple[int, float], ...], list[int]] = {}
        for word, arc in enumerate(network.arcs):
            rows = tuple(
                (self._row[junction], cost)
                for junction, cost in sorted(self._reached[arc.end].items())
                if junction in self._row
            )
            for row, cost in rows:
                into[row].append((word, cost))
            if rows:
                alike.setdefault(rows, []).append(word)
        self._into = into
        self._collect(list(alike.items()))
        self._enter: Ints = np.array([self._row[arc.start] for arc in network.arcs], dtype=np.intp)

    def _collect(self, groups: list[tuple[tuple[tuple[int, float], ...], list[int]]]) -> None:
        """Lay out words that lead to the same junctions side by side, for :meth:`_arrive`."""
        self._ended: Ints = self._last[[word for _, words in groups for word in words]]
        self._ended_at: Ints = np.cumsum([0, *(len(words) for _, words in groups[:-1])]).astype(np.intp)
        led = sorted((row, group, cost) for group, (rows, _) in enumerate(groups) for row, cost in rows)
        self._filled: Ints = np.array(sorted({row for row, _, _ in led}), dtype=np.intp)
        self._led: Ints = np.array([group for _, group, _ in led], dtype=np.intp)
        self._led_cost: Floats = np.array([cost for _, _, cost in led])
        self._led_at: Ints = np.searchsorted([row for row, _, _ in led], self._filled).astype(np.intp)

    def starting(self, costs: Mapping[int, float]) -> Floats:
        """Return the cost of each junction before anything is heard."""
        vector = np.full(len(self._row), np.inf)
        for junction, base in costs.items():
            for there, cost in self._reached[junction].items():
                row = self._row.get(there)
                if row is not None:
                    vector[row] = min(vector[row], base + cost)
        return vector

    def read(self, heard: Heard, start: Floats, *, partial: bool) -> list[Reading]:
        """Return the best paths of the likeliest intents, cheapest first."""
        inside, between = self._search(heard, start)
        rows = {intent: self._row[end] for intent, end in self._network.ends.items()}
        likeliest = sorted(rows, key=lambda intent: float(between[-1, rows[intent]]))[:_TRACED]
        readings = [
            self._reading(heard, inside, between, rows[intent], intent=intent)
            for intent in likeliest
            if np.isfinite(between[-1, rows[intent]])
        ]
        if partial:
            readings.extend(self._unfinished(heard, inside, between))
        return sorted((reading for reading in readings if reading.steps), key=lambda reading: reading.cost)

    def _unfinished(self, heard: Heard, inside: Floats, between: Floats) -> list[Reading]:
        """Return the best path that stops at a word of some sentence."""
        ends = {self._row[end] for end in self._network.ends.values()}
        costs = between[-1].copy()
        costs[list(ends)] = np.inf
        row = int(np.argmin(costs))
        if not np.isfinite(costs[row]):
            return []
        reading = self._reading(heard, inside, between, row, intent=None)
        return [reading] if reading.intent else []

    def _reading(
        self, heard: Heard, inside: Floats, between: Floats, row: int, *, intent: str | None
    ) -> Reading:
        """Return the path to a junction; without an intent it is an unfinished one of whichever it is in."""
        steps = self._trace(heard, inside, between, row)
        finished = intent is not None
        cost = float(between[-1, row]) + (0.0 if finished else _UNFINISHED)
        return Reading(intent=intent or self._intent_at(steps), cost=cost, steps=steps, finished=finished)

    def _intent_at(self, steps: tuple[Step, ...]) -> str:
        if not steps:
            return ""
        return self._owner.get(steps[-1].arc.end, "")

    def _owners(self) -> dict[int, str]:
        """Return the intent that each junction can end in."""
        owners: dict[int, str] = {}
        by_end = {end: intent for intent, end in self._network.ends.items()}
        before: dict[int, list[int]] = {}
        for start, end, _ in self._network.skips:
            before.setdefault(end, []).append(start)
        for arc in self._network.arcs:
            before.setdefault(arc.end, []).append(arc.start)
        for end, intent in by_end.items():
            todo = [end]
            while todo:
                here = todo.pop()
                if here in owners:
                    continue
                owners[here] = intent
                todo.extend(before.get(here, ()))
        return owners

    def _arrive(self, inside: Floats, between: Floats) -> None:
        """Lower the junctions by the words that have just ended."""
        ended = np.minimum.reduceat(inside[self._ended], self._ended_at)
        led = np.minimum.reduceat(ended[self._led] + self._led_cost, self._led_at)
        between[self._filled] = np.minimum(between[self._filled], led)

    def _drop_on(self, inside: Floats, between: Floats) -> None:
        """Let phones of the network go unheard, at the start of a word and inside it."""
        first = self._first
        inside[first] = np.minimum(inside[first], between[self._enter] + self._drop[first])
        lowered = np.minimum.accumulate(inside - self._ladder)
        np.minimum(inside, lowered + self._ladder, out=inside)

    def _search(self, heard: Heard, start: Floats) -> tuple[Floats, Floats]:
        steps = len(heard.phones)
        inside = np.full((steps + 1, len(self._phones)), 1e6)
        between = np.full((steps + 1, len(self._row)), np.inf)
        between[0] = start
        self._drop_on(inside[0], between[0])
        added = drop_costs()
        for at, phone in enumerate(heard.phones):
            before, now = inside[at], inside[at + 1]
            now[1:] = before[:-1]
            if heard.starts[at]:
                now += _INSIDE
                now[self._first] = between[at][self._enter]
            else:
                now[self._first] = between[at][self._enter] + _MISALIGNED
            now += self._swap[phone]
            np.minimum(now, before + added[phone], out=now)
            between[at + 1] = between[at] + heard.unexplained[at]
            lowered = np.minimum.accumulate(now - self._ladder)
            np.minimum(now, lowered + self._ladder, out=now)
            self._arrive(now, between[at + 1])
            self._drop_on(now, between[at + 1])
            self._arrive(now, between[at + 1])
        return inside, between

    def _trace(self, heard: Heard, inside: Floats, between: Floats, row: int) -> tuple[Step, ...]:
        """Walk back from a junction to the start."""
        steps: list[Step] = []
        at = len(heard.phones)
        while True:
            left = float(between[at - 1, row]) + heard.unexplained[at - 1] if at else np.inf
            arrivals = [(float(inside[at, self._last[word]]) + cost, word) for word, cost in self._into[row]]
            cost, word = min(arrivals, default=(np.inf, -1))
            if cost <= min(left, float(between[at, row]) + 1e-9) and cost < 1e5:
                began = self._walk_word(heard, inside, between, word, at)
                row = int(self._enter[word])
                spent = float(inside[at, self._last[word]]) - float(between[began, row])
                steps.append(Step(self._network.arcs[word], began, at, max(0.0, spent)))
                at = began
            elif at and left <= float(between[at, row]) + 1e-9:
                at -= 1
            else:
                return tuple(reversed(steps))

    def _walk_word(self, heard: Heard, inside: Floats, between: Floats, word: int, at: int) -> int:
        """Return the heard phone at which the path enters a word it leaves at ``at``."""
        first, place, row = int(self._first[word]), int(self._last[word]), int(self._enter[word])
        added = drop_costs()
        while True:
            is_first = place == first
            before = between[:, row] if is_first else inside[:, place - 1]
            dropped = float(before[at]) + float(self._drop[place])
            swapped = extra = np.inf
            if at:
                phone = heard.phones[at - 1]
                starts = heard.starts[at - 1]
                edge = (0.0 if starts else _MISALIGNED) if is_first else (_INSIDE if starts else 0.0)
                swapped = float(before[at - 1]) + float(self._swap[phone, place]) + edge
                extra = float(inside[at - 1, place]) + float(added[phone])
            if extra < min(swapped, dropped):
                at -= 1
                continue
            if swapped <= dropped:
                at -= 1
            if is_first:
                return at
            place -= 1
