"""What a tuner's page is told: which settings may be moved and how far, figures, calibration."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from workbench.analysis.calibration import Fit
from workbench.analysis.risk import Interval
from workbench.analysis.tuner_check import TURNS_MAX, Range, Verdict

SLIDERS: Sequence[Mapping[str, Any]] = (
    {"name": "early.enabled", "label": "early synthesis"},
    {"name": "early.confidence", "label": "confidence of the intent", "least": 0, "most": 1, "step": 0.01},
    {"name": "early.stability", "label": "stability of the words", "least": 0, "most": 1, "step": 0.01},
    {
        "name": "early.end_of_turn",
        "label": "how likely the caller has finished",
        "least": 0,
        "most": 1,
        "step": 0.01,
    },
    {
        "name": "early.silence",
        "label": "silence before an early reply",
        "unit": "s",
        "least": 0,
        "most": 1,
        "step": 0.01,
    },
    {"name": "early.starts_max", "label": "early replies a turn", "least": 0, "most": 10, "step": 1},
    {
        "name": "endpointing.hangover_min",
        "label": "wait when the turn sounds complete",
        "unit": "s",
        "least": 0.1,
        "most": 2.5,
        "step": 0.01,
    },
    {
        "name": "endpointing.hangover_max",
        "label": "wait when it does not",
        "unit": "s",
        "least": 0.1,
        "most": 2.5,
        "step": 0.01,
    },
    {
        "name": "endpointing.sure",
        "label": "completeness that counts as sure",
        "least": 0.05,
        "most": 1,
        "step": 0.01,
    },
    {
        "name": "endpointing.unknown",
        "label": "completeness of what means nothing",
        "least": 0,
        "most": 1,
        "step": 0.01,
    },
    {
        "name": "endpointing.patience",
        "label": "patience with the caller's pauses",
        "unit": "s",
        "least": 0,
        "most": 5,
        "step": 0.05,
    },
    {
        "name": "endpointing.pause_margin",
        "label": "longer than the caller's own pauses",
        "unit": "s",
        "least": 0,
        "most": 1,
        "step": 0.01,
    },
    {
        "name": "endpointing.long",
        "label": "times as long after six seconds of speech",
        "least": 1,
        "most": 4,
        "step": 0.05,
    },
)
"""What may be moved, how it is called, and how far."""


def figures_told(figures: Mapping[str, Interval]) -> dict[str, list[float | None]]:
    """Return value, low and high of each; None for what is not known."""
    return {
        name: [None if np.isnan(one) else one for one in (found.value, found.low, found.high)]
        for name, found in figures.items()
    }


def fit_told(fit: Fit) -> dict[str, Any]:
    """Return a calibration as a page draws it: bins as score, share right and count."""
    return {
        "kind": fit.kind,
        "engine": fit.engine,
        "language": fit.language,
        "count": fit.count,
        "error": [fit.error_before, fit.error_after],
        "brier": [fit.brier_before, fit.brier_after],
        "before": [[one.score, one.right, one.count] for one in fit.before],
        "after": [[one.score, one.right, one.count] for one in fit.after],
    }


def alike_told(alike: int, sessions: int) -> str:
    """Return whose settings the recorded ones are, empty if all sessions ran under them."""
    if alike >= sessions:
        return ""
    return (
        f"{alike} of {sessions} sessions ran under the settings called recorded, the others under others: "
        "their turns are shown as these settings would have decided them."
    )


def as_setting(now: bool | int | float, value: Any) -> bool | int | float:
    """Return a value of a page, where 1.0 and 1 are one, as the kind of thing a setting is."""
    if isinstance(now, bool) is not isinstance(value, bool):
        raise TypeError
    return type(now)(value)


def verdict_told(verdict: Verdict, expectation: Range) -> dict[str, str]:
    """Return what live turns say of the prediction: ``kind``, and as a ``text``."""
    share = f"{100 * expectation.share:.0f} %"
    count, within = verdict.count, verdict.within
    if not expectation.within:
        text = "Too few recorded turns to tell: two that were answered are needed at least."
        return {"kind": "open", "text": text}
    if verdict.kind == "outside":
        off = {"later": verdict.later, "sooner": verdict.sooner}
        ways = " and ".join(f"{number} answered {way}" for way, number in off.items() if number)
        seen = f"{within} of {count} turns within the range where {share} were expected"
        text = f"Outside the prediction: {seen}; {ways}."
    elif verdict.kind == "inside":
        text = f"Inside the prediction: {within} of {count} turns within the range, {share} were expected."
    elif not count:
        text = f"No turn yet: {verdict.confirming} within the range would confirm the prediction, "
        text += f"{verdict.refuting} outside refute it."
    else:
        needs = [f"{verdict.confirming} more within would confirm the prediction"]
        if verdict.refuting < TURNS_MAX:
            needs.append(f"{verdict.refuting} more outside would refute it")
        text = f"Too few turns to tell: {within} of {count} within the range. {', '.join(needs)}."
    return {"kind": verdict.kind, "text": text}
