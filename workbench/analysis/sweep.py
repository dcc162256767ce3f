"""Trying many policies on recorded turns: on any executor, resumable, the same results on each.

A result is kept the moment its part is done; a sweep that was interrupted goes on from there. Results come
back in the order of the policies, whoever worked them out.
"""

import pickle
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future, as_completed
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from workbench.analysis.outcomes import Floats, TurnColumns, TurnRecord, outcomes
from workbench.analysis.policies import Policy, PreparedTurns, decide
from workbench.analysis.sweep_executors import ClusterExecutor
from workbench.analysis.sweep_kept import (
    append_rows,
    code_hash,
    kept_file,
    load_rows,
    policy_hash,
    unusable,
)
from workbench.errors import WorkbenchError

if TYPE_CHECKING:
    import pandas as pd

PART = 64
"""Policies worked out together: what is lost, at most, of each worker when a sweep is interrupted."""

Progress = Callable[[int, int], None]
"""Called with how many policies are done and how many there are."""


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
    responses: tuple[float, ...]
    """Mean response time by conversation; -1 where none was answered."""
    wrongs: tuple[float, ...]
    """Share of the turns with wrong audio heard, by conversation."""
    cuts: tuple[float, ...]
    """Share of the turns with a false cut-off, by conversation."""


def conversations(turns: Sequence[TurnRecord]) -> tuple[str, ...]:
    """Return the names of the conversations, in order."""
    return tuple(dict.fromkeys(turn.conversation for turn in turns))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ReadyTurns:
    """Turns with all that is worked out of them but once, however many policies are tried."""

    prepared: PreparedTurns
    columns: TurnColumns
    share: Floats
    """What each turn counts in its conversation, shape (turns, conversations)."""

    @classmethod
    def of(cls, turns: Sequence[TurnRecord]) -> "ReadyTurns":
        """Return turns made ready; those of a conversation stand together and in order."""
        return cls(prepared=PreparedTurns.of(turns), columns=TurnColumns.of(turns), share=_shares(turns))


@lru_cache(maxsize=2)
def _unpacked(data: bytes) -> ReadyTurns:
    """Return the turns that were sent to this worker, read once for all its parts."""
    return ReadyTurns.of(pickle.loads(data))


def _evaluate_packed(data: bytes, policies: Sequence[Policy], price: float, code: str) -> list[Result]:
    if code != code_hash():
        raise WorkbenchError(
            "a worker of the sweep judges by other code than this process, "
            "expected the same version of workbench in both"
        )
    return evaluate(_unpacked(data), policies, price)


def evaluate(
    turns: Sequence[TurnRecord] | ReadyTurns, policies: Sequence[Policy], price: float = 0.0
) -> list[Result]:
    """Return what comes of each policy."""
    ready = turns if isinstance(turns, ReadyTurns) else ReadyTurns.of(turns)
    came = outcomes(decide(ready.prepared, policies), ready.columns, price=price)
    wrong, cut = came.wrong_heard > 0, came.cut_offs > 0
    response, answered = np.nan_to_num(came.response_time), np.isfinite(came.response_time)
    share = ready.share
    of_answered = answered.astype(np.float64) @ share
    means = np.where(of_answered > 0, response @ share / np.maximum(of_answered, 1e-12), -1.0)
    some = bool(answered.any())
    median, ninth = (
        np.nanquantile(came.response_time, [0.5, 0.9], axis=1) if some else np.full((2, len(policies)), -1.0)
    )
    columns: Mapping[str, Floats] = {
        "response_median": median,
        "response_p90": ninth,
        "delay_mean": np.nan_to_num(came.endpoint_delay).sum(axis=1) / max(1, int(answered[0].sum())),
        "saved_mean": np.nan_to_num(came.time_saved).sum(axis=1) / max(1, int(answered[0].sum())),
        "starts": came.starts.mean(axis=1),
        "commits": came.commits.mean(axis=1),
        "discards": came.discards.mean(axis=1),
        "wrong": wrong.mean(axis=1),
        "cut": cut.mean(axis=1),
        "cut_heard": (came.cut_offs_heard > 0).mean(axis=1),
        "wasted_mean": came.wasted.mean(axis=1),
        "cost_mean": came.cost.mean(axis=1),
        "responses": means,
        "wrongs": wrong @ share,
        "cuts": cut @ share,
    }
    rounded = {name: np.round(values, 9).tolist() for name, values in columns.items()}
    return [_result({name: values[row] for name, values in rounded.items()}) for row in range(len(policies))]


def _shares(turns: Sequence[TurnRecord]) -> Floats:
    """Return what each turn counts in its conversation, shape (turns, conversations)."""
    names = conversations(turns)
    place = {name: number for number, name in enumerate(names)}
    member = np.zeros((len(turns), len(names)))
    member[np.arange(len(turns)), [place[turn.conversation] for turn in turns]] = 1.0
    return np.asarray(member / member.sum(axis=0))


def _result(row: Mapping[str, float | list[float]]) -> Result:
    return Result(**{name: tuple(v) if isinstance(v, list) else v for name, v in row.items()})  # type: ignore[arg-type]


def to_pandas(results: Mapping[str | float, Result]) -> "pd.DataFrame":
    """Return results as a table: a row for each, by its name, and a column for each figure."""
    import pandas as pd

    held = {name: asdict(one) for name, one in results.items()}
    by_conversation = {"responses", "wrongs", "cuts"}
    rows = {n: {k: v for k, v in one.items() if k not in by_conversation} for n, one in held.items()}
    return pd.DataFrame.from_dict(rows, orient="index")


def sweep(
    turns: Sequence[TurnRecord],
    policies: Sequence[Policy],
    *,
    executor: Executor | None = None,
    keep: Path | None = None,
    price: float = 0.0,
    progress: Progress = lambda done, total: None,
) -> list[Result]:
    """Return what comes of each policy, in their order.

    Parameters
    ----------
    executor : where the work is done; in this very thread without one
    keep : folder in which results are kept as they come; an interrupted sweep goes on from there
    price : of a thousand characters synthesised

    Raises
    ------
    ParameterError
        If ``keep`` can't be used, or holds something else.
    WorkbenchError
        If a worker failed.
    """
    path = None if keep is None else kept_file(keep, turns, price)
    names = [policy_hash(policy) for policy in policies]
    known = {} if path is None else _kept(path)
    missing = {name: one for name, one in zip(names, policies, strict=True) if name not in known}
    done = len(policies) - len(missing)
    progress(done, len(policies))
    waiting = list(missing.items())
    parts = [waiting[first : first + PART] for first in range(0, len(waiting), PART)]
    for part, results in _worked_out(turns, parts, executor, price):
        found = dict(zip((name for name, _ in part), results, strict=True))
        if path is not None:
            append_rows(path, {name: asdict(one) for name, one in found.items()})
        known.update(found)
        done += len(part)
        progress(done, len(policies))
    return [known[name] for name in names]


Part = list[tuple[str, Policy]]


def _worked_out(
    turns: Sequence[TurnRecord], parts: Sequence[Part], executor: Executor | None, price: float
) -> Iterator[tuple[Part, list[Result]]]:
    """Yield parts and their results as they are done."""
    if executor is None:
        ready = ReadyTurns.of(turns) if parts else None
        for part in parts:
            yield part, evaluate(ready or turns, [policy for _, policy in part], price)
        return
    data = pickle.dumps(tuple(turns))  # once: thousands of small arrays take longer to send than to judge
    if isinstance(executor, ClusterExecutor):
        data = executor.spread(data)
    under_way: dict[Future[list[Result]], Part] = {
        executor.submit(_evaluate_packed, data, [policy for _, policy in part], price, code_hash()): part
        for part in parts
    }
    try:
        for future in as_completed(under_way):
            yield under_way[future], _taken(future)
    finally:
        for future in under_way:
            future.cancel()


def _taken(future: Future[list[Result]]) -> list[Result]:
    try:
        return future.result()
    except WorkbenchError:
        raise
    except Exception as error:  # whatever an executor's worker can end with
        raise WorkbenchError(f"a worker of the sweep failed with {type(error).__name__}") from error


def _kept(path: Path) -> dict[str, Result]:
    try:
        return {name: _result(row) for name, row in load_rows(path).items()}
    except TypeError as error:  # a result with other figures
        raise unusable(path, error) from error
