"""What an experiment found: the effect of each level on each measure, with intervals over sentences."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from workbench.analysis.effects import mean_effect, paired_effect, through
from workbench.analysis.experiment import Design, Experiment
from workbench.analysis.experiment_measures import MEASURES, MISHEARD, Measure
from workbench.analysis.risk import Interval
from workbench.analysis.voices_cell import Text
from workbench.errors import ParameterError
from workbench.ssml.setting import Setting

if TYPE_CHECKING:
    from pandas import DataFrame

ALL = "all"
"""Stands for every voice, or every language, together."""

Condition = tuple[int, ...]
Unit = tuple[str, Text]
"""A voice's id and a sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """The effect of one level on one measure."""

    factor: str
    """Two of them with an × between: an interaction."""
    level: str
    voice: str
    """An id, or :data:`ALL`."""
    language: str
    """A tag, or :data:`ALL`."""
    measure: Measure
    difference: Interval
    """From the reference, in the measure's unit, over sentences."""
    size: Interval
    """Hedges' g; NaN of interactions, and over all voices: their own heights would count as spread."""
    asked: float
    """What the level asks for, in the same unit; NaN where it asks for none of it."""
    sentences: int


def effects(
    experiment: Experiment, *, interactions: Sequence[tuple[str, str]] = (), seed: int = 0
) -> list[Row]:
    """Return the effect of every level on every measure, by voice and language, and over all voices.

    Every level is compared with its factor's reference in the same sentence, voice and levels of the other
    factors; what a sentence gives is the mean over those. Intervals draw sentences.

    Parameters
    ----------
    interactions : pairs of factors; how much more (or less) the levels do together than each for itself

    Raises
    ------
    ParameterError
        If a factor is not in the design, or its plan has no combinations.
    """
    design = experiment.design
    names = [one.name for one in design.factors]
    for pair in interactions:
        for name in pair:
            if name not in names:
                raise ParameterError(f"factor {name} is not in the experiment, expected {', '.join(names)}")
    pairs = [(names.index(one), names.index(other)) for one, other in interactions]
    if any(one == other for one, other in pairs):
        raise ParameterError("a factor has no interaction with itself, expected two")
    if pairs and len(design.conditions) < 4 or pairs and design.plan.value != "full":
        raise ParameterError("one factor at a time shows no interactions, expected a full plan")
    rows: list[Row] = []
    for measure in (*MEASURES, *((MISHEARD,) if design.recognised else ())):
        values = _values(experiment, measure)
        if not values:
            continue
        for voice, language, units in _groups(experiment):
            rows += _of_levels(design, measure, values, (voice, language, units), seed)
            rows += _of_pairs(design, measure, values, (voice, language, units), pairs, seed)
    return rows


Values = dict[tuple[Unit, Condition], float]
Group = tuple[str, str, list[list[Unit]]]
"""A voice, a language, and for each sentence its units."""


def _values(experiment: Experiment, measure: Measure) -> Values:
    conditions = {experiment.design.named(one): one for one in experiment.design.conditions}
    found = {
        ((cell.job.voice.id, cell.job.text), conditions[cell.job.setting.name]): measure.take(cell.figures)
        for cell in experiment.cells
    }
    return {key: value for key, value in found.items() if math.isfinite(value)}


def _groups(experiment: Experiment) -> list[Group]:
    """Return the units of each voice in each language, and of all of them, sentence by sentence."""
    design = experiment.design
    said = {(cell.job.voice.id, cell.job.text) for cell in experiment.cells}
    found: list[Group] = []
    for voice in design.voices:
        for language in dict.fromkeys(text.language for text in design.texts):
            units = [
                [(voice.id, text)]
                for text in design.texts
                if text.language == language and (voice.id, text) in said
            ]
            found += [(voice.id, language, units)] if units else []
    if len(found) > 1:
        every = [
            [(voice.id, text) for voice in design.voices if (voice.id, text) in said] for text in design.texts
        ]
        found.append((ALL, ALL, [units for units in every if units]))
    return found


def _of_levels(design: Design, measure: Measure, values: Values, group: Group, seed: int) -> list[Row]:
    voice, language, sentences = group
    rows = []
    for place, one in enumerate(design.factors):
        for level in range(1, len(one.levels)):
            pairs = [
                [
                    (values[unit, condition], values[unit, _with(condition, place, 0)])
                    for unit in units
                    for condition in design.conditions
                    if condition[place] == level
                    and (unit, condition) in values
                    and (unit, _with(condition, place, 0)) in values
                ]
                for units in sentences
            ]
            means = np.array([np.mean(each, axis=0) for each in pairs if each]).reshape(-1, 2)
            if not len(means):
                continue
            effect = paired_effect(means[:, 0], means[:, 1], seed=seed)
            rows.append(
                Row(
                    factor=one.name,
                    level=one.levels[level].name,
                    voice=voice,
                    language=language,
                    measure=measure,
                    difference=through(effect.difference, measure.told),
                    size=_none() if voice == ALL else effect.standardised,
                    asked=_asked(measure, one.levels[0], one.levels[level]),
                    sentences=effect.sentences,
                )
            )
    return rows


def _of_pairs(
    design: Design,
    measure: Measure,
    values: Values,
    group: Group,
    pairs: Sequence[tuple[int, int]],
    seed: int,
) -> list[Row]:
    voice, language, sentences = group
    rows = []
    for one, other in pairs:
        first, second = design.factors[one], design.factors[other]
        for level in range(1, len(first.levels)):
            for level2 in range(1, len(second.levels)):
                found = []
                for units in sentences:
                    more = [
                        _more(values, unit, condition, one, other)
                        for unit in units
                        for condition in design.conditions
                        if condition[one] == level and condition[other] == level2
                    ]
                    known = [value for value in more if math.isfinite(value)]
                    found += [float(np.mean(known))] if known else []
                if not found:
                    continue
                rows.append(
                    Row(
                        factor=f"{first.name} × {second.name}",
                        level=f"{first.levels[level].name} × {second.levels[level2].name}",
                        voice=voice,
                        language=language,
                        measure=measure,
                        difference=through(mean_effect(found, seed=seed), measure.told),
                        size=_none(),
                        asked=math.nan,
                        sentences=len(found),
                    )
                )
    return rows


def _more(values: Values, unit: Unit, condition: Condition, one: int, other: int) -> float:
    """Return how much more two levels do together than each alone."""
    alone, beside = _with(condition, other, 0), _with(condition, one, 0)
    keys = [(unit, each) for each in (condition, alone, beside, _with(alone, one, 0))]
    if not all(key in values for key in keys):
        return math.nan
    both, first, second, neither = (values[key] for key in keys)
    return both - first - second + neither


def _with(condition: Condition, place: int, level: int) -> Condition:
    return (*condition[:place], level, *condition[place + 1 :])


def _asked(measure: Measure, reference: Setting, level: Setting) -> float:
    """Return what ``level`` asks for against a reference that asks for nothing of the measure."""
    return measure.asked(level) if math.isnan(measure.asked(reference)) else math.nan


def _none() -> Interval:
    return Interval(math.nan, math.nan, math.nan)


def to_frame(rows: Sequence[Row]) -> "DataFrame":
    """Return the effects as a table: a row each."""
    import pandas

    return pandas.DataFrame(
        {
            "factor": row.factor,
            "level": row.level,
            "voice": row.voice,
            "language": row.language,
            "measure": row.measure.name,
            "unit": row.measure.unit,
            "asked": row.asked,
            "difference": row.difference.value,
            "low": row.difference.low,
            "high": row.difference.high,
            "g": row.size.value,
            "g_low": row.size.low,
            "g_high": row.size.high,
            "sentences": row.sentences,
        }
        for row in rows
    )
