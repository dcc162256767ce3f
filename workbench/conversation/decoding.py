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

from workbench.conversation.phonetics import drop_costs, spelled_phones
from workbench.conversation.sound_network import Floats, SoundNetwork
from workbench.conversation.templates import Arc, Network
from workbench.conversation.token_passing import costs_of_paths

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
    """Searches one network; compiled once, holds no state between utterances."""

    def __init__(self, network: Network, pronunciations: Mapping[str, str]) -> None:
        self._sounds = SoundNetwork(network, pronunciations)

    def starting(self, costs: Mapping[int, float]) -> Floats:
        """Return the cost of each row before anything is heard, from that of some junctions."""
        return self._sounds.starting(costs)

    def read(self, heard: Heard, start: Floats, *, partial: bool) -> list[Reading]:
        """Return the best paths of the likeliest intents, cheapest first."""
        inside, between = self._search(heard, start)
        rows = {intent: self._sounds.row[end] for intent, end in self._sounds.network.ends.items()}
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
        costs = between[-1].copy()
        costs[self._sounds.ends] = np.inf
        if not np.isfinite(costs).any():  # an assistant may understand nothing at all
            return []
        row = int(np.argmin(costs))
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
        return self._sounds.owner.get(steps[-1].arc.end, "")

    def _search(self, heard: Heard, start: Floats) -> tuple[Floats, Floats]:
        return costs_of_paths(
            self._sounds,
            heard.phones,
            heard.starts,
            heard.unexplained,
            start,
            inside_word=_INSIDE,
            misaligned=_MISALIGNED,
        )

    def _trace(self, heard: Heard, inside: Floats, between: Floats, row: int) -> tuple[Step, ...]:
        """Walk back from a junction to the start."""
        steps: list[Step] = []
        at = len(heard.phones)
        while True:
            left = float(between[at - 1, row]) + heard.unexplained[at - 1] if at else np.inf
            cost, word = self._cheapest(inside[at], row)
            if cost <= min(left, float(between[at, row]) + 1e-9) and cost < 1e5:
                began = self._walk_word(heard, inside, between, word, at)
                row = int(self._sounds.enter[word])
                spent = float(inside[at, self._sounds.last[word]]) - float(between[began, row])
                steps.append(Step(self._sounds.network.arcs[word], began, at, max(0.0, spent)))
                at = began
            elif at and left <= float(between[at, row]) + 1e-9:
                at -= 1
            else:
                return tuple(reversed(steps))

    def _cheapest(self, inside: Floats, row: int) -> tuple[float, int]:
        """Return the cheapest way into a junction and the word it leads through; the first of equals."""
        words, costs = self._sounds.into[row]
        if not len(words):
            return np.inf, -1
        arrivals = inside[self._sounds.last[words]] + costs
        best = int(arrivals.argmin())
        return float(arrivals[best]), int(words[best])

    def _walk_word(self, heard: Heard, inside: Floats, between: Floats, word: int, at: int) -> int:
        """Return the heard phone at which the path enters a word it leaves at ``at``."""
        first, place, row = (
            int(self._sounds.first[word]),
            int(self._sounds.last[word]),
            int(self._sounds.enter[word]),
        )
        added = drop_costs()
        while True:
            is_first = place == first
            before = between[:, row] if is_first else inside[:, place - 1]
            dropped = float(before[at]) + float(self._sounds.drop[place])
            swapped = extra = np.inf
            if at:
                phone = heard.phones[at - 1]
                starts = heard.starts[at - 1]
                edge = (0.0 if starts else _MISALIGNED) if is_first else (_INSIDE if starts else 0.0)
                swapped = float(before[at - 1]) + float(self._sounds.swap[phone, place]) + edge
                extra = float(inside[at - 1, place]) + float(added[phone])
            if extra < min(swapped, dropped):
                at -= 1
                continue
            if swapped <= dropped:
                at -= 1
            if is_first:
                return at
            place -= 1
