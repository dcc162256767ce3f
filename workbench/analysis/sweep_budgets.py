"""The two budgets of a sweep: how soon turns end within a share of false cut-offs, and the other way round.

Method after livekit/eot-bench (2026): of all policies tried, the least mean delay within a share of false
cut-offs, and the least share of false cut-offs within a mean delay. Beside the figure stand its bootstrap
interval, for which the policy is chosen anew in every draw of conversations, and what is left of it on
conversations that were not used to choose: the least of many is always too good on those it was chosen on.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from workbench.analysis.outcomes import Floats, Ints
from workbench.analysis.policy_results import Result, Sizes, parts
from workbench.analysis.risk import ENDS

DRAWS = 1_000

_BLOCK = 2_048  # policies looked at together in every draw: 16 MB a figure


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """The least of one figure while another keeps to a limit; both are fields of :class:`Rates`."""

    least: str
    within: str
    limit: float


POINTS = (
    Point(least="delay", within="cut", limit=0.05),
    Point(least="delay", within="cut", limit=0.10),
    Point(least="response", within="cut", limit=0.05),
    Point(least="response", within="cut", limit=0.10),
    Point(least="cut", within="delay", limit=0.3),
    Point(least="cut", within="delay", limit=0.6),
    Point(least="delay", within="cut_a_pause", limit=0.05),
    Point(least="delay", within="cut_a_pause", limit=0.10),
    Point(least="cut_a_pause", within="delay", limit=0.3),
    Point(least="cut_a_pause", within="delay", limit=0.6),
)
"""What is told. The last four count false cut-offs by the pause, as livekit/eot-bench does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """What was reached at a point. Endless stands for: not reached."""

    value: float
    low: float
    high: float
    """Ends of the 95 % interval; NaN if there is none, as for a single conversation. That of a single policy
    is of its value, whether it keeps to the limit in a draw or not."""
    place: int
    """Which of the policies; -1 if none reaches it."""
    held: float
    """The value on conversations that were not used to choose the policy; NaN where nothing was chosen."""
    held_within: float
    """What should keep to the limit, on those."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rates:
    """Figures of policies as sums and counts by conversation, so that conversations can be drawn.

    Each figure is a pair: sums of shape (policies, conversations), counts of shape (conversations,).
    """

    delay: tuple[Floats, Floats]
    """Endpoint delay, seconds a turn."""
    response: tuple[Floats, Floats]
    """Response time, seconds a turn."""
    cut: tuple[Floats, Floats]
    """Share of turns cut off."""
    cut_a_pause: tuple[Floats, Floats]
    """False cut-offs a pause."""

    @classmethod
    def of(cls, results: Sequence[Result], sizes: Sizes) -> "Rates":
        """Return the rates of ``results``; ``sizes`` are those of the turns they came of."""
        delays, responses, cuts, cut_offs = (
            np.array([getattr(one, name) for one in results])
            for name in ("delays", "responses", "cuts", "cut_offs")
        )
        return cls(
            delay=(delays * sizes.answered, sizes.answered),
            response=(responses * sizes.answered, sizes.answered),
            cut=(cuts * sizes.turns, sizes.turns),
            cut_a_pause=(cut_offs, sizes.pauses),
        )

    def drawn(self, name: str, weights: Floats, policies: slice = slice(None)) -> Floats:
        """Return a figure under ``weights`` of the conversations, shape (draws, policies).

        NaN in a draw that has nothing to count.
        """
        sums, counts = getattr(self, name)
        total = (weights @ counts)[:, None]
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(total > 0, weights @ sums[policies].T / total, np.nan)


def bootstrap_weights(conversations: int, *, draws: int = DRAWS, seed: int = 0) -> Floats:
    """Return how often each conversation is in each draw of as many, shape (draws, conversations)."""
    rng = np.random.default_rng(seed)
    drawn = rng.integers(conversations, size=(draws, conversations))
    return np.stack([np.bincount(row, minlength=conversations) for row in drawn]).astype(np.float64)


def reached(rates: Rates, weights: Floats, points: Sequence[Point] = POINTS) -> tuple[Reached, ...]:
    """Return what policies reach at each of ``points``.

    Parameters
    ----------
    weights : bootstrap draws of the conversations
    """
    conversations, policies = weights.shape[1], len(rates.delay[0])
    everything = _least(rates, points, np.ones((1, conversations)))
    drawn = _least(rates, points, weights)
    part = parts(conversations)
    others = None
    if conversations > 1 and policies > 1:
        without = np.array([part != one for one in range(part.max() + 1)], np.float64)
        others = _least(rates, points, without)
    found = []
    for number, point in enumerate(points):
        values = drawn.values[number] if policies > 1 else rates.drawn(point.least, weights)[:, 0]
        known = values[~np.isnan(values)]
        low = high = held = held_within = np.nan
        if conversations > 1 and len(known):
            low, high = (float(np.quantile(known, end, method="nearest")) for end in ENDS)
        if others is not None:
            held, held_within = _judged(rates, point, others.places[number], part)
        value, place = float(everything.values[number, 0]), int(everything.places[number, 0])
        found.append(
            Reached(value=value, low=low, high=high, place=place, held=held, held_within=held_within)
        )
    return tuple(found)


@dataclass(frozen=True, slots=True, eq=False)
class _Least:
    """The least values and whose they are, shape (points, draws).

    Endless and -1 where no policy keeps to the limit, NaN and -1 in a draw that has nothing to count.
    """

    values: Floats
    places: Ints


def _least(rates: Rates, points: Sequence[Point], weights: Floats) -> _Least:
    """Return the least at each point in each draw; among equals that of the one further from the limit."""
    shape, rows = (len(points), len(weights)), np.arange(len(weights))
    best, spare, place = np.full(shape, np.inf), np.full(shape, np.inf), np.full(shape, -1)
    nothing = np.zeros(shape, np.bool_)
    names = {one.least for one in points} | {one.within for one in points}
    for first in range(0, len(rates.delay[0]), _BLOCK):
        drawn = {name: rates.drawn(name, weights, slice(first, first + _BLOCK)) for name in names}
        for number, point in enumerate(points):
            values, within = drawn[point.least], drawn[point.within]
            nothing[number] = np.isnan(values[:, 0]) | np.isnan(within[:, 0])
            values = np.where(within <= point.limit + 1e-9, values, np.inf)
            value = values.min(axis=1)
            which = np.where(values == value[:, None], within, np.inf).argmin(axis=1)
            left = within[rows, which]
            better = (value < best[number]) | (
                (value == best[number]) & (left < spare[number]) & np.isfinite(value)
            )
            best[number] = np.where(better, value, best[number])
            spare[number] = np.where(better, left, spare[number])
            place[number] = np.where(better, first + which, place[number])
    return _Least(np.where(nothing, np.nan, best), np.where(nothing, -1, place))


def _judged(rates: Rates, point: Point, places: Ints, part: Ints) -> tuple[float, float]:
    """Return both figures of the policies chosen without each part, each judged on that part.

    Endless if for some part no policy was within the limit on the others.
    """
    if np.any(places < 0):
        return np.inf, np.inf
    own = places[part], np.arange(len(part))
    figures = []
    for name in (point.least, point.within):
        sums, counts = getattr(rates, name)
        figures.append(float(sums[own].sum() / counts.sum()) if counts.sum() else np.nan)
    return figures[0], figures[1]
