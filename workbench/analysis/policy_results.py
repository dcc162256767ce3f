"""What comes of policies on recorded turns: the figures they are compared and chosen by."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np

from workbench.analysis.outcomes import Floats, Ints, TurnColumns, TurnRecord, outcomes
from workbench.analysis.policies import Policy, decide
from workbench.analysis.policies_prepared import PreparedTurns, pauses_of

if TYPE_CHECKING:
    import pandas as pd

PARTS = 5
"""Parts the conversations are dealt into, so that what is chosen on some can be judged on others."""

PAUSE_MIN = 0.2
"""Seconds: shorter pauses within a turn are not counted, as livekit/eot-bench does not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What came of one policy. Rates are of all turns; times in seconds."""

    response_median: float
    response_p90: float
    """The time within which nine of ten turns are answered."""
    delay_mean: float
    """Mean endpoint delay: what a median would hide, waits that are seldom and long, counts."""
    saved_mean: float
    starts: float
    """Early starts a turn."""
    commits: float
    discards: float
    wrong: float
    """Share of turns in which wrong audio was heard."""
    cut: float
    """Share of turns with a false cut-off."""
    cut_heard: float
    wasted_mean: float
    """Seconds of synthesis wasted a turn."""
    cost_mean: float
    cut_a_pause: float
    """False cut-offs for each of the caller's pauses of at least :data:`PAUSE_MIN`; 0 where there is none."""
    medians: tuple[float, ...]
    """Median response time of the turns outside each of the :data:`PARTS`; -1 where none was answered."""
    responses: tuple[float, ...]
    """Mean response time by conversation; -1 where none was answered."""
    delays: tuple[float, ...]
    """Mean endpoint delay by conversation; -1 where none was answered."""
    wrongs: tuple[float, ...]
    """Share of the turns with wrong audio heard, by conversation."""
    cuts: tuple[float, ...]
    """Share of the turns with a false cut-off, by conversation."""
    cut_offs: tuple[float, ...]
    """False cut-offs by conversation."""


def conversations(turns: Sequence[TurnRecord]) -> tuple[str, ...]:
    """Return the names of the conversations, in order."""
    return tuple(dict.fromkeys(turn.conversation for turn in turns))


def parts(count: int) -> Ints:
    """Return which of the :data:`PARTS` each of ``count`` conversations is in; in one part if it is alone."""
    return np.arange(count) % min(PARTS, max(1, count))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sizes:
    """What there is of each conversation, shape (conversations,)."""

    turns: Floats
    answered: Floats
    pauses: Floats
    """The caller's pauses within turns, of at least :data:`PAUSE_MIN`."""

    @classmethod
    def of(cls, turns: Sequence[TurnRecord]) -> "Sizes":
        """Return the sizes of the conversations of ``turns``, in order."""
        rows = [(1, turn.answered, sum(one >= PAUSE_MIN for one in pauses_of(turn))) for turn in turns]
        counted = _members(turns).T @ np.array(rows, np.float64)
        return cls(turns=counted[:, 0], answered=counted[:, 1], pauses=counted[:, 2])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ReadyTurns:
    """Turns with all that is worked out of them but once, however many policies are tried."""

    prepared: PreparedTurns
    columns: TurnColumns
    member: Floats
    """1 where a turn is of a conversation, shape (turns, conversations)."""
    sizes: Sizes

    @classmethod
    def of(cls, turns: Sequence[TurnRecord]) -> "ReadyTurns":
        """Return turns made ready; those of a conversation stand together and in order."""
        return cls(
            prepared=PreparedTurns.of(turns),
            columns=TurnColumns.of(turns),
            member=_members(turns),
            sizes=Sizes.of(turns),
        )


def evaluate(
    turns: Sequence[TurnRecord] | ReadyTurns, policies: Sequence[Policy], price: float = 0.0
) -> list[Result]:
    """Return what comes of each policy."""
    ready = turns if isinstance(turns, ReadyTurns) else ReadyTurns.of(turns)
    came = outcomes(decide(ready.prepared, policies), ready.columns, price=price)
    wrong, cut, member, sizes = came.wrong_heard > 0, came.cut_offs > 0, ready.member, ready.sizes
    answered = ready.columns.answered
    response, delay = came.response_time[:, answered], came.endpoint_delay[:, answered]
    median, ninth = _quantiles(response, [0.5, 0.9])
    part = (member @ parts(member.shape[1]))[answered]
    columns: Mapping[str, Floats] = {
        "response_median": median,
        "response_p90": ninth,
        "delay_mean": delay.sum(axis=1) / max(1, len(part)),
        "saved_mean": came.time_saved[:, answered].sum(axis=1) / max(1, len(part)),
        "starts": came.starts.mean(axis=1),
        "commits": came.commits.mean(axis=1),
        "discards": came.discards.mean(axis=1),
        "wrong": wrong.mean(axis=1),
        "cut": cut.mean(axis=1),
        "cut_heard": (came.cut_offs_heard > 0).mean(axis=1),
        "wasted_mean": came.wasted.mean(axis=1),
        "cost_mean": came.cost.mean(axis=1),
        "cut_a_pause": came.cut_offs.sum(axis=1) / max(1.0, sizes.pauses.sum()),
        "medians": np.stack([_quantiles(response[:, part != one], [0.5])[0] for one in range(PARTS)], axis=1),
        "responses": _means(response, member[answered]),
        "delays": _means(delay, member[answered]),
        "wrongs": wrong @ member / sizes.turns,
        "cuts": cut @ member / sizes.turns,
        "cut_offs": came.cut_offs @ member,
    }
    rounded = {name: np.round(values, 9).tolist() for name, values in columns.items()}
    return [result_from({name: own[row] for name, own in rounded.items()}) for row in range(len(policies))]


def result_from(row: Mapping[str, float | list[float]]) -> Result:
    """Return a result from its figures by name, as they are kept."""
    return Result(**{name: tuple(v) if isinstance(v, list) else v for name, v in row.items()})  # type: ignore[arg-type]


def _quantiles(values: Floats, shares: Sequence[float]) -> Floats:
    """Return quantiles by policy, shape (shares, policies); -1 where there is nothing."""
    if not values.shape[1]:
        return np.full((len(shares), len(values)), -1.0)
    return np.asarray(np.quantile(values, shares, axis=1))


def _means(values: Floats, member: Floats) -> Floats:
    """Return means by conversation, shape (policies, conversations); -1 where there is nothing."""
    counts = member.sum(axis=0)
    return np.where(counts > 0, values @ member / np.maximum(counts, 1), -1.0)


def _members(turns: Sequence[TurnRecord]) -> Floats:
    names = conversations(turns)
    place = {name: number for number, name in enumerate(names)}
    member = np.zeros((len(turns), len(names)))
    member[np.arange(len(turns)), [place[turn.conversation] for turn in turns]] = 1.0
    return member


def to_pandas(results: Mapping[str | float, Result]) -> "pd.DataFrame":
    """Return results as a table: a row for each, by its name, and a column for each figure."""
    import pandas as pd

    held = {name: asdict(one) for name, one in results.items()}
    rows = {n: {k: v for k, v in one.items() if not isinstance(v, tuple)} for n, one in held.items()}
    return pd.DataFrame.from_dict(rows, orient="index")
