"""Recorded turns as whole columns, read once and decided under as many policies as one likes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from workbench.analysis.outcomes import ALL_COLUMNS, OFFER, RATE, TICK, Floats, Ints, StageColumns, TurnRecord
from workbench.analysis.policy_columns import Bools
from workbench.conversation.expecting import Expected
from workbench.errors import ParameterError

Indices: TypeAlias = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PreparedTurns:
    """Turns as whole columns, those with most steps first; read once, decided as often as one likes."""

    order: Indices
    """Which of the turns given stands in each row."""
    steps: Mapping[str, Floats]
    """The steps by column, shape (turns, steps); 0 beyond a turn's last."""
    count: Ints
    """Steps of each turn."""
    began: Floats
    work: Floats
    answered: Bools
    """Shape (turns, 1), as the two above."""
    stages: StageColumns
    pauses: tuple[tuple[float, ...], ...]
    """The caller's pauses inside each turn, seconds, the turns in the order given."""
    known: tuple[float | None, ...]
    """Of the first turn of each conversation, in the order given: what was known of the caller's pauses,
    seconds; of the others None."""
    kinds: tuple[tuple[Expected, float], ...]
    """What was asked for and at which pace the caller speaks: each pair once."""
    kind: Indices
    """Which of them each turn has."""

    @classmethod
    def of(cls, turns: Sequence[TurnRecord]) -> "PreparedTurns":
        """Return turns prepared; those of a conversation stand together and in order."""
        if not turns:
            raise ParameterError("there are no turns to decide, expected at least one")
        order = np.argsort([-len(turn.kind) for turn in turns], kind="stable")
        sorted_turns = [turns[one] for one in order]
        names = [None, *(turn.conversation for turn in turns)]
        kinds = {one: place for place, one in enumerate({(t.expected, t.pace): None for t in turns})}
        return cls(
            order=order,
            steps={name: _padded(sorted_turns, name) for name in ALL_COLUMNS},
            count=np.array([len(turn.kind) for turn in sorted_turns]),
            began=np.array([[float(turn.began)] for turn in sorted_turns]),
            work=np.array([[turn.stages.work] for turn in sorted_turns]),
            answered=np.array([[turn.answered] for turn in sorted_turns]),
            stages=StageColumns.of(sorted_turns),
            pauses=tuple(pauses_of(turn) for turn in turns),
            known=tuple(
                turn.longest_pause if turn.conversation != before else None
                for before, turn in zip(names, turns, strict=False)
            ),
            kinds=tuple(kinds),
            kind=np.array([kinds[turn.expected, turn.pace] for turn in sorted_turns]),
        )


def pauses_of(turn: TurnRecord) -> tuple[float, ...]:
    """Return the pauses inside a turn as the deciders learn them, seconds."""
    pauses = turn.position[turn.kind != OFFER].astype(np.float64)
    return tuple(silence_before(pauses[:-1:2], pauses[1::2]).tolist())


def silence_before(silent: Floats, resumed: Floats) -> Floats:
    """Return the silence, seconds, at the last tick before the caller was noticed to speak on."""
    last = (np.ceil(resumed / TICK) - 1) * TICK
    return np.asarray(np.maximum(0.0, last - silent) / RATE)


def _padded(turns: Sequence[TurnRecord], name: str) -> Floats:
    """Return a column of all turns, shape (turns, steps)."""
    result = np.zeros((len(turns), max(len(turn.kind) for turn in turns)))
    for row, turn in enumerate(turns):
        result[row, : len(turn.kind)] = getattr(turn, name)
    return result
