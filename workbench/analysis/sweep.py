"""Trying many policies on recorded turns: on any executor, resumable, the same results on each.

A result is kept the moment its part is done; a sweep that was interrupted goes on from there. Results come
back in the order of the policies, whoever worked them out.
"""

import pickle
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, as_completed
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path

from workbench.analysis.outcomes import TurnRecord
from workbench.analysis.policies import Policy
from workbench.analysis.policy_results import ReadyTurns, Result, evaluate, result_from
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

PART = 64
"""Policies worked out together: what is lost, at most, of each worker when a sweep is interrupted."""

Progress = Callable[[int, int], None]
"""Called with how many policies are done and how many there are."""


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
        return {name: result_from(row) for name, row in load_rows(path).items()}
    except TypeError as error:  # a result with other figures
        raise unusable(path, error) from error
