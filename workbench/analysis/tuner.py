"""What recorded turns come to under other settings, at once: fast enough to follow a hand on a slider."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from workbench.analysis.columns import Packed, pack
from workbench.analysis.outcomes import RATE, Decisions, Floats, Outcomes, TurnColumns, TurnRecord, outcomes
from workbench.analysis.policies import Policy, decide
from workbench.analysis.policies_prepared import PreparedTurns
from workbench.analysis.risk import Draws, Interval

FIGURES: Mapping[str, str] = MappingProxyType(
    {
        "response_median": "median response time",
        "response_p90": "nine of ten within",
        "delay": "mean endpoint delay",
        "saved": "saved by early synthesis",
        "starts": "early replies begun / turn",
        "commits": "early replies used / turn",
        "discards": "early replies dropped / turn",
        "wrong": "turns with a wrong reply",
        "cut": "turns cut off",
        "wasted": "synthesis wasted / turn",
        "cost": "cost / turn",
    }
)
"""What is told of settings, by name; times in seconds."""

TURN_COLUMNS: Mapping[str, str] = MappingProxyType(
    {"response": "f4", "wait": "f4", "early": "f4", "cut": "u1", "wrong": "u1", "starts": "u1"}
)
"""What is told of each turn: response time (NaN where nobody answered), seconds from the last sound to the
end of turn, seconds from the last sound to the start of the early reply that was used (NaN if none was),
false cut-offs, wrong replies heard and early replies begun."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Decided:
    """What one policy came to."""

    policy: Policy
    decisions: Decisions
    outcomes: Outcomes
    figures: Mapping[str, Interval]
    """By the names of :data:`FIGURES`; NaN where there is nothing to tell."""


class Tuner:
    """Decides recorded turns anew.

    Parameters
    ----------
    turns : those of a conversation together and in order
    base : the settings they were recorded under
    price : of a thousand characters synthesised
    """

    def __init__(
        self, turns: Sequence[TurnRecord], base: Policy, *, price: float = 0.0, draws: int = 400
    ) -> None:
        self.turns = tuple(turns)
        self.base = base
        self.price = price
        self._prepared = PreparedTurns.of(self.turns)
        self._columns = TurnColumns.of(self.turns)
        self._said = np.array([one.voiced_end / RATE for one in turns])
        self._draws = Draws([one.conversation for one in turns], count=draws)

    @property
    def conversations(self) -> int:
        """Return how many conversations the turns are of; intervals need two."""
        return self._draws.owners

    def decide(self, policy: Policy) -> Decided:
        """Return what ``policy`` comes to in every turn, with 95 % intervals by conversation."""
        decisions = decide(self._prepared, [policy])
        came = outcomes(decisions, self._columns, price=self.price)
        response = came.response_time[0]
        means: dict[str, Floats] = {
            "delay": came.endpoint_delay[0],
            "saved": came.time_saved[0],
            "starts": came.starts[0].astype(np.float64),
            "commits": came.commits[0].astype(np.float64),
            "discards": came.discards[0].astype(np.float64),
            "wrong": (came.wrong_heard[0] > 0).astype(np.float64),
            "cut": (came.cut_offs[0] > 0).astype(np.float64),
            "wasted": came.wasted[0],
            "cost": came.cost[0],
        }
        median, ninth = self._draws.quantiles(response, (0.5, 0.9))
        figures = {"response_median": median, "response_p90": ninth}
        figures |= {name: self._draws.mean(values) for name, values in means.items()}
        return Decided(policy=policy, decisions=decisions, outcomes=came, figures=figures)

    def packed(self, decided: Decided) -> Packed:
        """Return what is told of each turn as the table ``turns``."""
        columns = {name: values.tolist() for name, values in self.columns(decided).items()}
        return pack({"turns": TURN_COLUMNS}, {"turns": columns})

    def columns(self, decided: Decided) -> dict[str, Floats]:
        """Return what is told of each turn, by the names of :data:`TURN_COLUMNS`."""
        decisions, came = decided.decisions, decided.outcomes
        return {
            "response": came.response_time[0],
            "wait": decisions.end[0] / RATE - self._said,
            "early": decisions.early[0] - self._said,
            "cut": np.minimum(came.cut_offs[0], 255).astype(np.float64),
            "wrong": np.minimum(came.wrong_heard[0], 255).astype(np.float64),
            "starts": np.minimum(came.starts[0], 255).astype(np.float64),
        }
