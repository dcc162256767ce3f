"""Turns made by hand, whose outcomes can be worked out."""

import numpy as np

from workbench.analysis.outcomes import (
    COLUMNS,
    OFFER,
    RESUMED,
    RIGHT,
    SILENT,
    TICK,
    Outcomes,
    Stages,
    TurnRecord,
    outcomes,
)
from workbench.analysis.policies import Policy, decide
from workbench.conversation.early_synthesis import EarlySynthesisSettings
from workbench.conversation.endpointing import EndpointingSettings

STAGES = Stages(
    capture=0.04,
    final_tail=0.2,
    thinking=0.01,
    synthesis=0.3,
    playout=0.05,
    work=0.5,
    characters=40,
)
WHOLE = EndpointingSettings(hangover_min=0.512, hangover_max=1.024)
"""16 and 32 ticks."""

WRONG = 1
SECOND = 16_384
"""The 32nd tick, 1.024 s: where the caller falls silent."""


def offer(at: int, reply: int = RIGHT, *, silence: float = 0.1, sure: float = 1.0) -> tuple[float, ...]:
    return (OFFER, at, sure, sure, silence, sure, 1, reply)


def silent(at: int) -> tuple[float, ...]:
    return (SILENT, at, 0, 0, 0, 0, 0, 0)


def resumed(at: int) -> tuple[float, ...]:
    return (RESUMED, at, 0, 0, 0, 0, 0, 0)


def record(*steps: tuple[float, ...], stages: Stages = STAGES, answered: bool = True) -> TurnRecord:
    columns = dict(zip(COLUMNS, np.array(steps, float).T, strict=True))
    whole = {name: columns[name].astype(np.int64) for name in ("kind", "position", "complete", "reply")}
    return TurnRecord(
        conversation="c", turn=0, began=0, stages=stages, answered=answered, **{**columns, **whole}
    )


def came_of(
    turn: TurnRecord, *, endpointing: EndpointingSettings = WHOLE, price: float = 0.0, **early: object
) -> Outcomes:
    policy = Policy(early=EarlySynthesisSettings(**early), endpointing=endpointing)
    return outcomes(decide([turn], [policy]), [turn], price=price)


def only(values: np.ndarray) -> float:
    assert values.shape == (1, 1)
    return values.item()


def cut(pause: int, reply: int) -> TurnRecord:
    """Return a turn whose caller pauses for ``pause`` ticks after words that seem complete."""
    again = SECOND + pause * TICK
    end = again + 40 * TICK
    return record(silent(SECOND), offer(SECOND + 5 * TICK, reply), resumed(again), silent(end), offer(end))
