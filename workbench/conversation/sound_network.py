"""A network of words as arrays of phones, laid out for the search.

A state is one phone of one word; states of a word lie side by side. A row is a junction where words start or
an intent ends. Costs are those of :mod:`workbench.conversation.phonetics`.
"""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from workbench.conversation.phonetics import drop_costs, spelled_phones, substitution_costs
from workbench.conversation.templates import Network

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]


class SoundNetwork:
    """The phones of a network, word after word, and how words follow one another."""

    def __init__(self, network: Network, pronunciations: Mapping[str, str]) -> None:
        self.network = network
        sounds = [spelled_phones(arc.word, pronunciations) for arc in network.arcs]
        lengths = np.array([len(sound) for sound in sounds], dtype=np.intp)
        if not lengths.all():
            silent = next(arc.word for arc, sound in zip(network.arcs, sounds, strict=True) if not sound)
            raise ValueError(f"{silent!r} has no sound")
        self.phones: Ints = np.array([phone for sound in sounds for phone in sound], dtype=np.intp)
        self.last: Ints = np.cumsum(lengths) - 1
        self.first: Ints = self.last - lengths + 1
        self.swap: Floats = substitution_costs()[self.phones].T.copy()
        self.drop: Floats = drop_costs()[self.phones]
        self._close()
        self.ends: Ints = np.array([self.row[end] for end in network.ends.values()], dtype=np.intp)
        self.owner = self._owners()

    def _close(self) -> None:
        """Work out which words and starts lead to each junction that matters."""
        network = self.network
        after: dict[int, list[tuple[int, float]]] = {}
        for start, end, cost in network.skips:
            after.setdefault(start, []).append((end, cost))
        wanted = sorted({arc.start for arc in network.arcs} | set(network.ends.values()))
        self.row = {junction: row for row, junction in enumerate(wanted)}
        self.reached: dict[int, dict[int, float]] = {}
        for junction in range(network.junctions):
            costs = {junction: 0.0}
            todo = [junction]
            while todo:
                here = todo.pop()
                for there, cost in after.get(here, ()):
                    if costs[here] + cost < costs.get(there, np.inf):
                        costs[there] = costs[here] + cost
                        todo.append(there)
            self.reached[junction] = costs
        into: list[list[tuple[int, float]]] = [[] for _ in wanted]
        alike: dict[tuple[tuple[int, float], ...], list[int]] = {}
        for word, arc in enumerate(network.arcs):
            rows = tuple(
                (self.row[junction], cost)
                for junction, cost in sorted(self.reached[arc.end].items())
                if junction in self.row
            )
            for row, cost in rows:
                into[row].append((word, cost))
            if rows:
                alike.setdefault(rows, []).append(word)
        self.into: list[tuple[Ints, Floats]] = [
            (np.array([word for word, _ in ways], dtype=np.intp), np.array([cost for _, cost in ways]))
            for ways in into
        ]
        """The words that lead to each row, in order, and what it costs from each."""
        self._collect(list(alike.items()))
        self.enter: Ints = np.array([self.row[arc.start] for arc in network.arcs], dtype=np.intp)

    def _collect(self, groups: list[tuple[tuple[tuple[int, float], ...], list[int]]]) -> None:
        """Lay out words that lead to the same junctions side by side, for the search."""
        self.ended: Ints = self.last[[word for _, words in groups for word in words]]
        self.ended_at: Ints = np.cumsum([0, *(len(words) for _, words in groups[:-1])]).astype(np.intp)
        led = sorted((row, group, cost) for group, (rows, _) in enumerate(groups) for row, cost in rows)
        self.filled: Ints = np.array(sorted({row for row, _, _ in led}), dtype=np.intp)
        self.led: Ints = np.array([group for _, group, _ in led], dtype=np.intp)
        self.led_cost: Floats = np.array([cost for _, _, cost in led])
        self.led_at: Ints = np.searchsorted([row for row, _, _ in led], self.filled).astype(np.intp)

    def starting(self, costs: Mapping[int, float]) -> Floats:
        """Return the cost of each junction before anything is heard."""
        vector = np.full(len(self.row), np.inf)
        for junction, base in costs.items():
            for there, cost in self.reached[junction].items():
                row = self.row.get(there)
                if row is not None:
                    vector[row] = min(vector[row], base + cost)
        return vector

    def _owners(self) -> dict[int, str]:
        """Return the intent that each junction can end in."""
        owners: dict[int, str] = {}
        by_end = {end: intent for intent, end in self.network.ends.items()}
        before: dict[int, list[int]] = {}
        for start, end, _ in self.network.skips:
            before.setdefault(end, []).append(start)
        for arc in self.network.arcs:
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
