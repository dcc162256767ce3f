"""Designs of listening tests, and who is presented what in which order."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations

import numpy as np

from workbench.errors import ParameterError

ANCHOR = "anchor"
"""The low anchor's name among the systems."""
MUFFLED = " (muffled)"
"""Behind a system's name: the same sound made plainly worse, for trials with a known answer."""

TRIALS_MAX = 400
"""Most trials a listener is given: more than that is no longer listened to."""
SYSTEMS_MAX = 12
GAP = 3
"""Trials between one and its repeat, where there are as many."""


class Method(StrEnum):
    """How sounds are judged."""

    PREFERENCE = "preference"
    """Two sounds, which is better (or no difference)."""
    ABX = "abx"
    """Two sounds and X, which of them X is."""
    MOS = "mos"
    """One sound on the five-point scale of ITU-T P.800."""
    MUSHRA = "mushra"
    """Several sounds beside a reference from 0 to 100, reference and low anchor among them: ITU-R BS.1534."""


class Role(StrEnum):
    """What a trial is for."""

    PRACTICE = "practice"
    """Gets the listener used to it; never counted."""
    TEST = "test"
    REPEAT = "repeat"
    """The same again, positions swapped: does the listener agree with themselves?"""
    CATCH = "catch"
    """Has a known answer: does the listener listen?"""


QUESTIONS = {
    Method.PREFERENCE: "Which of the two sounds better to you?",
    Method.ABX: "Is X the same as A, or the same as B?",
    Method.MOS: "What is the overall quality of the speech you hear?",
    Method.MUSHRA: "How close is each sound to the reference?",
}

SCALE = ((5, "Excellent"), (4, "Good"), (3, "Fair"), (2, "Poor"), (1, "Bad"))
"""ITU-T P.800, annex B: listening-quality scale."""
BANDS = ((80, "Excellent"), (60, "Good"), (40, "Fair"), (20, "Poor"), (0, "Bad"))
"""ITU-R BS.1534: what a fifth of the continuous scale is called, from its lower end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    """What is asked, how often, and with which checks."""

    method: Method
    question: str = ""
    """Shown with each trial; the usual one if empty."""
    reference: str = ""
    """MUSHRA: the system that the others are held against."""
    ties: bool = True
    """Preference: whether "no difference" may be answered."""
    trials: int = 0
    """Counted trials of each listener; all there are if 0. Listeners are dealt parts that add up to all."""
    practice: int = 2
    repeats: int = 2
    """Of preference and MOS; ABX has none, as X changes, and MUSHRA repeats whole trials."""
    catches: int = 4
    """MUSHRA has none: there the hidden reference is one."""
    seed: int = 0

    def __post_init__(self) -> None:
        if not isinstance(self.method, Method):
            raise ParameterError(
                f"the method is {self.method!r}, expected Method.{', Method.'.join(Method.__members__)}"
            )
        bounds = {"trials": TRIALS_MAX, "practice": 10, "repeats": 40, "catches": 40}
        for name, most in bounds.items():
            value = getattr(self, name)
            if not 0 <= value <= most:
                raise ParameterError(f"{name} is {value}, expected 0 to {most}")
        if (self.method is Method.MUSHRA) != bool(self.reference):
            needed = "one" if self.method is Method.MUSHRA else "none"
            raise ParameterError(
                f"the {self.method} test has reference {self.reference!r}, expected {needed}"
            )

    @property
    def asked(self) -> str:
        """Return the question that is shown."""
        return self.question or QUESTIONS[self.method]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What is presented at once."""

    number: int
    """From 0, in the order of presentation."""
    role: Role
    item: str
    """What is said."""
    shown: tuple[str, ...]
    """Systems by position: A and B, or the rows of a MUSHRA trial."""
    hidden: int | None = None
    """ABX: the position that X is."""


@dataclass(frozen=True, slots=True)
class _Slot:
    """A comparison of the design, before a listener's positions."""

    item: str
    systems: tuple[str, ...]
    base: int
    """Which of the orders of positions the first listener has."""


def plan(design: Design, systems: Sequence[str], items: Sequence[str], listener: int) -> list[Trial]:
    """Return the trials of a listener, in order.

    Over listeners every comparison comes equally often, within one trial, in each order of positions; within
    a listener half the trials of each pair are the other way round.

    Parameters
    ----------
    systems : what is compared, by name; without the anchor
    items : what is said
    listener : from 0, in the order they came

    Raises
    ------
    ParameterError
        If there are too few systems or items for the method, or too many trials.
    """
    check(design, systems, items)
    slots = _slots(design, systems, items)
    count = design.trials or len(slots)
    rng = np.random.default_rng([design.seed, 1, listener])
    dealt = [_presented(design, slots, listener * count + place) for place in range(count)]
    tested = [(Role.TEST, *one) for one in dealt]
    tested += [(Role.CATCH, *one) for one in _catches(design, dealt, rng)]
    order = [tested[place] for place in rng.permutation(len(tested))]
    repeated = [one for one in order if one[0] is Role.TEST][: _repeats(design)]
    for one in repeated:
        place = order.index(one)
        first = min(place + 1 + GAP, len(order))
        order.insert(int(rng.integers(first, len(order) + 1)), (Role.REPEAT, *_turned(one[1:], rng)))
    practice = [dealt[place] for place in rng.permutation(len(dealt))[: design.practice]]
    whole = [(Role.PRACTICE, *_turned(one, rng)) for one in practice] + order
    return [
        Trial(number=number, role=role, item=item, shown=shown, hidden=hidden)
        for number, (role, item, shown, hidden) in enumerate(whole)
    ]


def check(design: Design, systems: Sequence[str], items: Sequence[str]) -> None:
    """Raise ParameterError if no test can be made of these."""
    fewest = 1 if design.method is Method.MOS else 2
    if not fewest <= len(systems) <= SYSTEMS_MAX:
        raise ParameterError(
            f"the {design.method} test has {len(systems)} systems, expected {fewest} to {SYSTEMS_MAX}"
        )
    for name in systems:
        if not name or name == ANCHOR or name.endswith(MUFFLED):
            raise ParameterError(f"a system is called {name!r}, expected another name")
    if len(set(systems)) < len(systems) or len(set(items)) < len(items) or not items:
        raise ParameterError(f"{len(systems)} systems and {len(items)} items, expected each name once")
    if design.reference and design.reference not in systems:
        raise ParameterError(f"reference {design.reference!r} is none of {', '.join(systems)}")
    each = design.trials or len(_slots(design, systems, items))
    caught = 0 if design.method is Method.MUSHRA else design.catches
    total = each + design.practice + _repeats(design) + caught
    if total > TRIALS_MAX:
        raise ParameterError(
            f"a listener would be given {total} trials, expected at most {TRIALS_MAX}: set trials"
        )


def _repeats(design: Design) -> int:
    return 0 if design.method is Method.ABX else design.repeats


def _slots(design: Design, systems: Sequence[str], items: Sequence[str]) -> list[_Slot]:
    """Return all comparisons, so dealt that any run of them holds each pair (or system) equally often."""
    rng = np.random.default_rng([design.seed, 0])
    if design.method is Method.MUSHRA:
        groups = [(*systems, ANCHOR)]
    elif design.method is Method.MOS:
        groups = [(one,) for one in systems]
    else:
        groups = list(combinations(systems, 2))
    groups = [groups[place] for place in rng.permutation(len(groups))]
    starts = rng.integers(0, 4, size=len(groups))
    orders = [rng.permutation(len(items)) for _ in groups]
    return [
        _Slot(items[orders[number][row]], group, int(starts[number]) + row)
        for row in range(len(items))
        for number, group in enumerate(groups)
    ]


_Presented = tuple[str, tuple[str, ...], int | None]


def _presented(design: Design, slots: Sequence[_Slot], place: int) -> _Presented:
    """Return the comparison at ``place`` of the endless row of all listeners' trials."""
    slot = slots[place % len(slots)]
    turn = slot.base + place // len(slots)
    if design.method is Method.MUSHRA:
        rng = np.random.default_rng([design.seed, 2, place % len(slots)])
        mixed = [slot.systems[one] for one in rng.permutation(len(slot.systems))]
        by = turn % len(mixed)
        return slot.item, (*mixed[by:], *mixed[:by]), None
    shown = slot.systems if turn % 2 == 0 else slot.systems[::-1]
    return slot.item, shown, (turn // 2 % 2 if design.method is Method.ABX else None)


def _turned(one: _Presented, rng: np.random.Generator) -> _Presented:
    """Return the same comparison in the other order of positions."""
    item, shown, hidden = one
    if len(shown) == 2:
        return item, shown[::-1], None if hidden is None else int(rng.integers(2))
    return item, tuple(shown[place] for place in rng.permutation(len(shown))), hidden


def _catches(design: Design, dealt: Sequence[_Presented], rng: np.random.Generator) -> list[_Presented]:
    """Return trials whose answer is known: a sound beside itself, made plainly worse."""
    if design.method is Method.MUSHRA:
        return []
    found: list[_Presented] = []
    for number in range(design.catches):
        item, shown, _ = dealt[int(rng.integers(len(dealt)))]
        system = shown[int(rng.integers(len(shown)))]
        pair = (system, system + MUFFLED)
        if design.method is Method.MOS:
            found.append((item, pair[1:], None))
        else:
            hidden = int(rng.integers(2)) if design.method is Method.ABX else None
            found.append((item, pair if number % 2 else pair[::-1], hidden))
    return found


def listeners_for_balance(design: Design, systems: int, items: int) -> int:
    """Return after how many listeners every comparison has come equally often in every position."""
    if design.method is Method.MUSHRA:
        slots, orders = items, systems + 1
    elif design.method is Method.MOS:
        slots, orders = items * systems, 1
    else:
        slots = items * math.comb(systems, 2)
        orders = 4 if design.method is Method.ABX else 2
    return math.lcm(design.trials or slots, slots * orders) // (design.trials or slots)
