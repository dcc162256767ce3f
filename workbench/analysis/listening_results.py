"""What a listening test has come to so far: who counts, what was found, and whether that is enough."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

from workbench.analysis.listening import ANCHOR, Method
from workbench.analysis.listening_answers import Answer, answers_of, complete
from workbench.analysis.listening_folder import ListeningTest
from workbench.analysis.listening_preference import (
    Discrimination,
    Worths,
    abx,
    bradley_terry,
    choices,
    pair_scores,
)
from workbench.analysis.listening_ratings import (
    Difference,
    Rated,
    differences,
    rated,
    ratings,
    shares_higher,
)
from workbench.analysis.listening_screening import Screened, Screening, screen
from workbench.analysis.listening_sequential import Evidence, decide

if TYPE_CHECKING:
    from pandas import DataFrame

SCALES = {Method.MOS: (1.0, 5.0), Method.MUSHRA: (0.0, 100.0)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """A pair of systems, looked at after each listener."""

    first: str
    second: str
    scores: tuple[float, ...]
    """Each listener's share of preferring the first (of ratings: of rating it higher), ties as halves, in the
    order in which the listeners came."""
    alpha: float
    """What of the test's alpha falls to this pair."""
    evidence: Evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """What the answers so far come to; what the method does not have is None or empty."""

    test: ListeningTest
    answers: tuple[Answer, ...]
    """Those that are counted."""
    screened: tuple[Screened, ...]
    unfinished: tuple[str, ...]
    """Listeners who have not answered all; they are not counted."""
    worths: Worths | None
    discrimination: Discrimination | None
    rated: tuple[Rated, ...]
    differences: tuple[Difference, ...]
    compared: tuple[Compared, ...]

    @property
    def counted(self) -> int:
        """Return how many listeners are counted."""
        return len({one.listener for one in self.answers})


def results(
    test: ListeningTest, *, rules: Screening | None = None, alpha: float = 0.05, alike: float = 0.0
) -> Results:
    """Return what the answers in a test's folder come to.

    Parameters
    ----------
    rules : whose answers are counted; decide on them before you look
    alpha : how often, at most, any difference is claimed where there is none, over all pairs and all looks
    alike : shares within 0.5 +- this make no difference

    Raises
    ------
    ParameterError
        If nobody who is counted has answered all, or answers can't be read.
    """
    every = answers_of(test)
    done = set(complete(test, every))
    kept, screened = screen(test.design, [one for one in every if one.listener in done], rules)
    unfinished = dict.fromkeys(one.listener for one in every if one.listener not in done)
    return of_answers(test, kept, screened=screened, unfinished=tuple(unfinished), alpha=alpha, alike=alike)


def of_answers(
    test: ListeningTest,
    answers: Sequence[Answer],
    *,
    screened: Sequence[Screened] = (),
    unfinished: tuple[str, ...] = (),
    alpha: float = 0.05,
    alike: float = 0.0,
) -> Results:
    """Return what answers come to that are all counted; raises ParameterError if there are none."""
    method = test.design.method
    rating = ratings(answers) if method in SCALES else []
    chosen = choices(answers) if method is Method.PREFERENCE else []
    pairs = list(combinations(test.systems, 2)) if method is not Method.ABX else []
    compared = []
    for first, second in pairs:
        if method is Method.PREFERENCE:
            scores = list(pair_scores(chosen, first, second).values())
        else:
            scores = list(shares_higher(rating, first, second).values())
        own = alpha / len(pairs)
        evidence = decide(scores, alpha=own, alike=alike)
        compared.append(
            Compared(first=first, second=second, scores=tuple(scores), alpha=own, evidence=evidence)
        )
    return Results(
        test=test,
        answers=tuple(answers),
        screened=tuple(screened),
        unfinished=unfinished,
        worths=bradley_terry(chosen) if method is Method.PREFERENCE else None,
        discrimination=abx(answers) if method is Method.ABX else None,
        rated=tuple(rated(rating)) if method in SCALES else (),
        differences=tuple(differences([one for one in rating if one.system != ANCHOR])),
        compared=tuple(compared),
    )


def screening_frame(found: Results) -> "DataFrame":
    """Return a row a listener: what their checks came to, and why they are not counted."""
    import pandas

    return pandas.DataFrame(
        {
            "listener": one.listener,
            "counted": not one.reasons,
            "trials": one.trials,
            "known answers right": _of(one.catches),
            "repeats as before": _of(one.repeats),
            "reference below 90": one.reference_low,
            "anchor above 90": one.anchor_high,
            "first position": one.first_position,
            "why not": "; ".join(one.reasons),
        }
        for one in found.screened
    ).dropna(axis=1, how="all")


def compared_frame(found: Results) -> "DataFrame":
    """Return a row a pair: the mean share, its interval that holds at all looks, and the verdict."""
    import pandas

    return pandas.DataFrame(
        {
            "first": one.first,
            "second": one.second,
            "listeners": len(one.scores),
            "share": one.evidence.mean.value,
            "low": one.evidence.mean.low,
            "high": one.evidence.mean.high,
            "e value": one.evidence.e_value,
            "verdict": one.evidence.stop.value,
            "after": one.evidence.after,
        }
        for one in found.compared
    )


def rated_frame(found: Results) -> "DataFrame":
    """Return a row a system: mean, interval, median and how many rated."""
    import pandas

    return pandas.DataFrame(
        {
            "system": one.system,
            "mean": one.mean.value,
            "low": one.mean.low,
            "high": one.mean.high,
            "median": one.median,
            "ratings": one.ratings,
            "listeners": one.listeners,
        }
        for one in found.rated
    )


def differences_frame(found: Results) -> "DataFrame":
    """Return a row a pair of rated systems: the mean difference, its interval, Wilcoxon's p with Holm's."""
    import pandas

    return pandas.DataFrame(
        {
            "first": one.first,
            "second": one.second,
            "difference": one.mean.value,
            "low": one.mean.low,
            "high": one.mean.high,
            "p": one.p,
            "p, all pairs": one.p_holm,
            "listeners": one.listeners,
        }
        for one in found.differences
    )


def levels_frame(test: ListeningTest) -> "DataFrame":
    """Return a row a sound: its loudness before and after, the gain, and its true peak."""
    import pandas

    return pandas.DataFrame(
        {
            "system": one.system,
            "item": one.item,
            "LUFS before": one.lufs_before,
            "gain, dB": one.gain_db,
            "LUFS": one.lufs,
            "peak, dB": one.peak_db,
        }
        for one in test.levels
    )


def _of(counts: tuple[int, int]) -> str | None:
    return f"{counts[0]} of {counts[1]}" if counts[1] else None
