"""Simulated listeners with a planted preference, to see what a test would find; people are not like that."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from workbench.analysis.listening import ANCHOR, MUFFLED, Design, Method, Trial, plan
from workbench.analysis.listening_answers import TIE, Answer, AnswerBook, Given
from workbench.analysis.listening_folder import ListeningTest

_MUFFLED_WORTH = -4.0
"""What muffling takes from a sound, in log-odds: 98 of 100 hear it."""


class Kind(StrEnum):
    """How a simulated listener answers."""

    HONEST = "honest"
    GUESSING = "guessing"
    """Any answer, without listening."""
    FIRST = "first"
    """Always the first position, or the same score."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """Listeners to simulate."""

    worth: Mapping[str, float]
    """Of each system, in log-odds (preference, ABX) or points of the scale (MOS, MUSHRA)."""
    between: float = 0.0
    """Standard deviation of a listener's own worth of each system around that."""
    noise: float = 0.5
    """Standard deviation of a score around what the listener means, in the scale's steps of MOS; of MUSHRA
    twenty times that."""
    ties: float = 0.0
    """Davidson's nu: how readily no difference is answered."""
    bad: float = 0.0
    """Share of listeners who guess or always take the first."""


def kinds(panel: Panel, count: int, rng: np.random.Generator) -> list[Kind]:
    """Return how each of ``count`` listeners answers."""
    drawn = rng.random(count)
    return [
        Kind.HONEST if one >= panel.bad else Kind.GUESSING if one < panel.bad / 2 else Kind.FIRST
        for one in drawn
    ]


def simulated(
    design: Design, systems: Sequence[str], items: Sequence[str], panel: Panel, *, listeners: int, seed: int
) -> list[Answer]:
    """Return the answers of a panel to all of their trials."""
    rng = np.random.default_rng(seed)
    found = []
    for number, kind in enumerate(kinds(panel, listeners, rng)):
        own = _own(panel, systems, rng)
        found += [
            Answer(
                listener=f"simulated {number + 1}",
                trial=trial,
                given=_given(design, trial, own, kind, panel, rng),
                seconds=0.0,
                plays=(),
            )
            for trial in plan(design, systems, items, number)
        ]
    return found


def take_part(test: ListeningTest, panel: Panel, *, listeners: int, seed: int) -> None:
    """Let simulated listeners answer all they have not answered yet, each in a file named as simulated."""
    rng = np.random.default_rng(seed)
    for number, kind in enumerate(kinds(panel, listeners, rng)):
        own = _own(panel, test.systems, rng)
        book = AnswerBook(test, f"simulated {number + 1}")
        while (trial := book.current) is not None:
            book.keep(trial.number, _given(test.design, trial, own, kind, panel, rng))


def _own(panel: Panel, systems: Sequence[str], rng: np.random.Generator) -> dict[str, float]:
    return {one: panel.worth[one] + panel.between * float(rng.standard_normal()) for one in systems}


def _given(
    design: Design, trial: Trial, own: Mapping[str, float], kind: Kind, panel: Panel, rng: np.random.Generator
) -> Given:
    if design.method is Method.MUSHRA:
        return tuple(_score(design, name, own, kind, panel, rng) for name in trial.shown)
    if design.method is Method.MOS:
        return _score(design, trial.shown[0], own, kind, panel, rng)
    if kind is Kind.FIRST:
        return 0
    if kind is Kind.GUESSING:
        return int(rng.integers(2))
    first, second = (_worth(name, own) for name in trial.shown)
    if design.method is Method.ABX:
        assert trial.hidden is not None
        heard = 1 - 0.5 * math.exp(-abs(first - second))  # alike: a guess
        return trial.hidden if rng.random() < heard else 1 - trial.hidden
    odds = np.exp([first, second])
    weights = [*odds, panel.ties * math.sqrt(odds.prod()) if design.ties else 0.0]
    place = int(rng.choice(3, p=np.array(weights) / sum(weights)))
    return TIE if place == 2 else place


def _worth(name: str, own: Mapping[str, float]) -> float:
    return own[name.removesuffix(MUFFLED)] + (_MUFFLED_WORTH if name.endswith(MUFFLED) else 0.0)


def _score(
    design: Design,
    name: str,
    own: Mapping[str, float],
    kind: Kind,
    panel: Panel,
    rng: np.random.Generator,
) -> int:
    low, high, step = (1, 5, 1.0) if design.method is Method.MOS else (0, 100, 20.0)
    if kind is Kind.GUESSING:
        return int(rng.integers(low, high + 1))
    if kind is Kind.FIRST:
        return (low + high) // 2
    if name == design.reference:
        return int(np.clip(round(98 - abs(rng.normal(0, 2))), low, high))
    if name == ANCHOR:
        meant = 20.0
    elif name.endswith(MUFFLED):
        meant = own[name.removesuffix(MUFFLED)] - 2.0
    else:
        meant = own[name]
    return int(np.clip(round(meant + panel.noise * step * float(rng.standard_normal())), low, high))
