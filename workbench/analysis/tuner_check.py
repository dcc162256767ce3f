"""Whether a live session answers as the recordings said it would, and how many turns it takes to say so.

What is expected rests on order alone: of turns like those recorded, a share that is known lies between two of
them whatever the distribution (Wilks, 1941), and how many of some do follows a beta-binomial law. So few
recorded turns promise a wide range, are held to it loosely, and nothing is supposed of response times.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import bdtrc, betaln

from workbench.analysis.outcomes import Floats

TAILS = 0.05
"""Share of the turns that may be answered sooner than the range, and later: nine of ten lie within."""
DOUBT = 0.05
"""How improbable a result must be, were half the turns outside, to show that most are within."""
RARE = 0.02
"""The same for a prediction that does not hold, were all like the recordings. Who looks after each of twenty
turns is told so by chance about once in twenty sessions (a test simulates it)."""
TURNS_MAX = 1_000
"""More turns than that are never said to be needed."""


@dataclass(frozen=True, slots=True)
class Range:
    """Between which response times turns are expected, by those recorded."""

    low: float
    """Seconds; NaN if fewer than two turns were answered."""
    high: float
    within: int
    """How many of the gaps between recorded turns lie in it ..."""
    gaps: int
    """... of how many: one more than there are turns."""

    @property
    def share(self) -> float:
        """Return the share of turns to come that is expected within."""
        return self.within / self.gaps

    def holds(self, response: float) -> bool:
        """Return whether a response time lies within."""
        return self.low <= response <= self.high


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What live turns say of a prediction."""

    kind: str
    """``outside``: fewer turns lie within than can be by chance. ``inside``: not so, and enough do to show
    that most turns of the session do. ``open`` else."""
    count: int
    sooner: int
    later: int
    confirming: int = 0
    """While it is ``open``: how many more turns within would make it ``inside`` ..."""
    refuting: int = 0
    """... and how many outside ``outside``; :data:`TURNS_MAX` if no number of them would."""

    @property
    def within(self) -> int:
        """Return how many turns lie within."""
        return self.count - self.sooner - self.later


def expected(times: Floats) -> Range:
    """Return the range in which nine of ten turns are expected, or as many as there are turns to say so.

    Parameters
    ----------
    times : response times of recorded turns, s; NaN where nobody answered
    """
    known = np.sort(times[np.isfinite(times)])
    gaps = len(known) + 1
    if gaps < 3:
        return Range(np.nan, np.nan, 0, gaps)
    outer = max(1, int(TAILS * gaps + 1e-9))
    return Range(float(known[outer - 1]), float(known[-outer]), gaps - 2 * outer, gaps)


def judged(expectation: Range, times: Sequence[float]) -> Verdict:
    """Return what the response times of live turns say of the range they were expected in."""
    count = len(times)
    if not expectation.within:
        return Verdict(kind="open", count=count, sooner=0, later=0, confirming=TURNS_MAX, refuting=TURNS_MAX)
    sooner = sum(one < expectation.low for one in times)
    later = sum(one > expectation.high for one in times)
    within = count - sooner - later
    seen = {"count": count, "sooner": sooner, "later": later}
    if _outside(expectation, within, count):
        return Verdict(kind="outside", **seen)
    if _most(within, count):
        return Verdict(kind="inside", **seen)
    more = range(1, TURNS_MAX)
    return Verdict(
        kind="open",
        confirming=next((n for n in more if _most(within + n, count + n)), TURNS_MAX),
        refuting=next((n for n in more if _outside(expectation, within, count + n)), TURNS_MAX),
        **seen,
    )


def _outside(expectation: Range, within: int, count: int) -> bool:
    return _as_few(expectation, within, count) <= RARE


def _as_few(expectation: Range, within: int, count: int) -> float:
    """Return how probable it is that of ``count`` turns like the recorded ones no more lie within."""
    a, b = expectation.within, expectation.gaps - expectation.within
    k = np.arange(within + 1)
    choose = -np.log(count + 1) - betaln(count - k + 1, k + 1)
    return float(np.exp(choose + betaln(k + a, count - k + b) - betaln(a, b)).sum())


def _most(within: int, count: int) -> bool:
    """Return whether so many within are improbable for a session of whose turns no more than half are."""
    return within > 0 and float(bdtrc(within - 1, count, 0.5)) <= DOUBT
