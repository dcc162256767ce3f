"""A controlled experiment on how voices speak: what is varied, in which sentences and voices and order."""

import itertools
import random
import re
from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, fields
from enum import StrEnum
from pathlib import Path

from workbench.analysis.voices import Cell, Progress, compare, jobs_for
from workbench.analysis.voices_cell import Job, Text, check_said
from workbench.errors import ParameterError
from workbench.speech.voices import Voice
from workbench.ssml.presets import Presets, load_presets
from workbench.ssml.setting import Setting, setting_from, together

CONDITIONS_MAX = 500
FACTORS = (*(field.name for field in fields(Setting) if field.name != "name"), "style")
"""What can be varied: the fields of a setting, and presets."""

_INNER = re.compile(r"[,;:.!?…]\s+\S")


class Plan(StrEnum):
    """Which combinations of levels are said."""

    ONE_AT_A_TIME = "one at a time"
    """Each level with all other factors at their reference: cheap, no interactions."""
    FULL = "full"
    """Every combination: an effect is the mean over all of them, and interactions show."""


@dataclass(frozen=True, slots=True)
class Factor:
    """Something that is varied."""

    name: str
    levels: tuple[Setting, ...]
    """The first is the reference that the others are compared with."""

    def __post_init__(self) -> None:
        names = [level.name for level in self.levels]
        if len(set(names)) < len(names) or len(names) < 2:
            told = ", ".join(names) or "none"
            raise ParameterError(f"factor {self.name} has the levels {told}, expected two or more, each once")


def factor(name: str, levels: Sequence[float | str | None], presets: Presets | None = None) -> Factor:
    """Return a factor of a setting's field, or ``style``, whose levels are presets or ``plain``.

    >>> [level.rate for level in factor("rate", [1, 0.9]).levels]
    [1.0, 0.9]

    Raises
    ------
    ParameterError
        If there is no such field or preset, or a level is out of range.
    """
    if isinstance(levels, str) or not isinstance(levels, Sequence):
        raise ParameterError(f"levels of {name} are {levels!r}, expected a list of two or more")
    if name == "style":
        known = load_presets() if presets is None else presets
        return Factor(name, tuple(Setting() if one == "plain" else known.setting(str(one)) for one in levels))
    if name not in FACTORS:
        raise ParameterError(f"factor {name!r}, expected one of {', '.join(FACTORS)}")
    return Factor(name, tuple(_level(name, one) for one in levels))


def _level(name: str, value: float | str | None) -> Setting:
    if name == "pause" and value in (None, "voice"):
        return Setting(name="voice")
    told = value if isinstance(value, str) else f"{value:g}"
    return setting_from(told, {name: value})


@dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    """What is varied, said by whom, and in what order."""

    factors: tuple[Factor, ...]
    texts: tuple[Text, ...]
    voices: tuple[Voice, ...]
    plan: Plan = Plan.ONE_AT_A_TIME
    seed: int = 0
    """Of the order in which cells are made: what drifts in time falls on all levels alike."""
    recognised: bool = False
    """Whether a recogniser listens, so that it shows what a level costs in intelligibility."""
    across: bool = False
    """Whether a voice of Kokoro says the texts of every language."""

    def __post_init__(self) -> None:
        check_said(self.texts, self.voices)
        if not self.voices:
            raise ParameterError("there are no voices, expected one or more")
        names = [one.name for one in self.factors]
        if not names or len(set(names)) < len(names):
            told = ", ".join(names) or "none"
            raise ParameterError(f"factors are {told}, expected one or more, each once")
        count = len(self.conditions)
        if count > CONDITIONS_MAX:
            raise ParameterError(f"{count} conditions are planned, expected at most {CONDITIONS_MAX}")
        settings = [level for one in self.factors for level in one.levels]
        if any(level.emphasis != "none" for level in settings) and not any(
            "*" in one.text for one in self.texts
        ):
            raise ParameterError("emphasis is varied, but no text has *words between asterisks* to stress")
        if any(level.pause is not None for level in settings) and not any(
            _INNER.search(one.text) for one in self.texts
        ):
            raise ParameterError("pause is varied, but no text has punctuation inside, where it would lie")

    @property
    def conditions(self) -> tuple[tuple[int, ...], ...]:
        """Return the combinations of levels, each as the place of its level in every factor."""
        counts = [len(one.levels) for one in self.factors]
        if self.plan is Plan.FULL:
            return tuple(itertools.product(*map(range, counts)))
        alone = [
            tuple(level if at == place else 0 for at in range(len(counts)))
            for place, count in enumerate(counts)
            for level in range(1, count)
        ]
        return ((0,) * len(counts), *alone)

    def named(self, condition: Sequence[int]) -> str:
        """Return what a combination of levels is called."""
        parts = [
            f"{one.name} {one.levels[level].name}"
            for one, level in zip(self.factors, condition, strict=True)
            if level
        ]
        return ", ".join(parts) or "reference"

    def setting(self, condition: Sequence[int]) -> Setting:
        """Return how a combination of levels is said.

        Raises
        ------
        ParameterError
            If the levels together are out of range.
        """
        levels = [one.levels[level] for one, level in zip(self.factors, condition, strict=True)]
        return together(self.named(condition), *levels)

    def jobs(self) -> list[Job]:
        """Return the cells to make, in a random order of their own.

        Raises
        ------
        ParameterError
            If a voice has no text in its language, or there are too many.
        """
        settings = [self.setting(one) for one in self.conditions]
        jobs = jobs_for(self.texts, self.voices, settings, recognised=self.recognised, across=self.across)
        random.Random(self.seed).shuffle(jobs)
        return jobs


@dataclass(frozen=True, slots=True, kw_only=True)
class Experiment:
    """A design and what was measured."""

    design: Design
    cells: Sequence[Cell]
    """In the order they were made."""


def run_experiment(
    design: Design,
    *,
    executor: Executor | None = None,
    keep: Path | None = None,
    progress: Progress | None = None,
) -> Experiment:
    """Return what a design gives; parameters and errors as of ``workbench.analysis.voices.compare``."""
    return Experiment(
        design=design,
        cells=compare(design.jobs(), executor=executor, keep=keep, progress=progress),
    )
