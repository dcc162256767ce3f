"""Whose answers are counted: those who listened, by rules that are fixed before and know no preference."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from workbench.analysis.listening import ANCHOR, MUFFLED, Design, Method, Role
from workbench.analysis.listening_answers import Answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Screening:
    """What is asked of a listener."""

    catches_right: float = 0.75
    """Share of trials with a known answer that must be right: of four, a guesser gets three in 5 of 16."""
    repeats_same: float = 0.0
    """Share of repeats that must be answered as before; with 0 they are told and exclude nobody, as who hears
    no difference answers by chance."""
    reference_low: float = 0.15
    """MUSHRA: largest share of trials in which the hidden reference is rated below 90: BS.1534."""
    anchor_high: float = 0.15
    """MUSHRA: largest share of trials in which the anchor is rated above 90, as BS.1534 has it for its middle
    anchor."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Screened:
    """What one listener's checks came to."""

    listener: str
    trials: int
    """Counted ones."""
    catches: tuple[int, int] = (0, 0)
    """Right, and presented."""
    repeats: tuple[int, int] = (0, 0)
    """Answered as before, and presented; of MOS within one point, of MUSHRA within 10 on average."""
    reference_low: float | None = None
    anchor_high: float | None = None
    first_position: float | None = None
    """Share of choices that fell on the first position, where one was chosen."""
    reasons: tuple[str, ...] = ()
    """Why the listener's answers are not counted; none if they are."""


def screen(
    design: Design, answers: Sequence[Answer], rules: Screening | None = None
) -> tuple[list[Answer], list[Screened]]:
    """Return the answers that are counted, and what the checks of each listener came to."""
    rules = Screening() if rules is None else rules
    told = []
    for listener in dict.fromkeys(one.listener for one in answers):
        told.append(_screened(design, [one for one in answers if one.listener == listener], rules))
    out = {one.listener for one in told if one.reasons}
    return [one for one in answers if one.listener not in out], told


def _screened(design: Design, answers: Sequence[Answer], rules: Screening) -> Screened:
    tests = [one for one in answers if one.trial.role is Role.TEST]
    caught = [_right(one, answers) for one in answers if one.trial.role is Role.CATCH]
    same = [_same(one, answers) for one in answers if one.trial.role is Role.REPEAT]
    known_same = [one for one in same if one is not None]
    known = [one for one in caught if one is not None]
    low = high = None
    if design.method is Method.MUSHRA and tests:
        low = float(np.mean([_score(one, design.reference) < 90 for one in tests]))
        high = float(np.mean([_score(one, ANCHOR) > 90 for one in tests]))
    reasons = []
    if known and np.mean(known) < rules.catches_right:
        reasons.append(f"{sum(known)} of {len(known)} trials with a known answer right")
    if known_same and np.mean(known_same) < rules.repeats_same:
        reasons.append(f"{sum(known_same)} of {len(known_same)} repeats answered as before")
    if low is not None and low > rules.reference_low:
        reasons.append(f"hidden reference below 90 in {low:.0%} of trials")
    if high is not None and high > rules.anchor_high:
        reasons.append(f"anchor above 90 in {high:.0%} of trials")
    chosen = [one.given for one in tests if one.given in (0, 1) and design.method is not Method.MOS]
    return Screened(
        listener=answers[0].listener,
        trials=len(tests),
        catches=(sum(known), len(known)),
        repeats=(sum(known_same), len(known_same)),
        reference_low=low,
        anchor_high=high,
        first_position=float(np.mean([one == 0 for one in chosen])) if chosen else None,
        reasons=tuple(reasons),
    )


def _right(answer: Answer, answers: Sequence[Answer]) -> bool | None:
    """Return whether a known answer was given; None where it can't be told yet.

    Of MOS the muffled sound has to be rated below the clear one; where that is 1 already, 1 too.
    """
    trial = answer.trial
    if trial.hidden is not None:
        return answer.given == trial.hidden
    if len(trial.shown) == 2:
        return trial.shown[0].endswith(MUFFLED) == (answer.given == 1) and answer.given in (0, 1)
    clear = (trial.shown[0].removesuffix(MUFFLED),)
    scores = [
        one.given
        for one in answers
        if one.trial.shown == clear and one.trial.item == trial.item and one.trial.role is Role.TEST
    ]
    return all(answer.given < max(2, one) for one in scores) if scores else None  # type: ignore[operator]


def _same(repeat: Answer, answers: Sequence[Answer]) -> bool | None:
    """Return whether a repeat was answered as the trial it repeats; None without that."""
    trial = repeat.trial
    for one in answers:
        alike = one.trial.item == trial.item and sorted(one.trial.shown) == sorted(trial.shown)
        if one.trial.role is not Role.TEST or not alike:
            continue
        if isinstance(one.given, tuple):
            both = [abs(_score(one, name) - _score(repeat, name)) for name in trial.shown]
            return float(np.mean(both)) <= 10
        if len(trial.shown) == 1 and isinstance(one.given, int) and isinstance(repeat.given, int):
            return abs(one.given - repeat.given) <= 1
        return _chosen(one) == _chosen(repeat)
    return None


def _chosen(answer: Answer) -> str:
    return answer.trial.shown[answer.given] if isinstance(answer.given, int) else str(answer.given)


def _score(answer: Answer, system: str) -> int:
    assert isinstance(answer.given, tuple)
    return answer.given[answer.trial.shown.index(system)]
