"""The sweep: the same results wherever they are worked out, and going on after an interruption."""

import ast
import subprocess
import sys
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import asdict, fields, replace
from importlib.resources import files
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
from ruamel.yaml import YAML

from workbench.analysis import sweep_kept
from workbench.analysis.outcomes import ALL_COLUMNS, Stages, TurnRecord, outcomes
from workbench.analysis.outcomes_made import made_turns
from workbench.analysis.policies import Policy, decide
from workbench.analysis.policy_results import evaluate
from workbench.analysis.risk_choice import Budget
from workbench.analysis.sweep import sweep
from workbench.analysis.sweep_bayes import search
from workbench.analysis.sweep_executors import open_executor
from workbench.analysis.sweep_kept import content_hash, kept_file, policy_hash
from workbench.analysis.sweep_space import Space, parse_space, policy_with, settings_of
from workbench.analysis.sweep_yaml import policy_yaml
from workbench.conversation.assistant_model import Early, Endpointing as EndpointingOfAssistant
from workbench.conversation.early_synthesis import EarlySynthesisSettings
from workbench.conversation.endpointing import EndpointingSettings
from workbench.conversation.expecting import Expected
from workbench.errors import ParameterError, WorkbenchError

TURNS = made_turns(11, 30)
POLICIES = Space({"early.confidence": (0.1, 0.9), "endpointing.hangover_min": (0.2, 1.0)}).random(150)


def test_a_result_is_what_the_outcomes_say() -> None:
    """What is chosen by would differ from what is defined."""
    policy = Policy()
    came = outcomes(decide(TURNS, [policy]), TURNS, price=2.0)
    (found,) = evaluate(TURNS, [policy], 2.0)
    assert found.response_median == pytest.approx(np.nanmedian(came.response_time), abs=1e-8)
    assert found.response_p90 == pytest.approx(np.nanquantile(came.response_time, 0.9), abs=1e-8)
    assert found.saved_mean == pytest.approx(np.nanmean(came.time_saved), abs=1e-8)
    assert found.cut == pytest.approx(np.mean(came.cut_offs > 0), abs=1e-8)
    assert found.cost_mean == pytest.approx(came.cost.mean(), abs=1e-8)
    first = came.response_time[0, :5]
    assert found.responses[0] == pytest.approx(np.nanmean(first), abs=1e-8)
    assert found.cuts[0] == pytest.approx(np.mean(came.cut_offs[0, :5] > 0), abs=1e-8)
    assert len(found.responses) == 6


def test_processes_find_what_one_thread_finds() -> None:
    """Where a sweep ran would change what it chose."""
    seen: list[tuple[int, int]] = []
    here = sweep(TURNS, POLICIES, progress=lambda done, total: seen.append((done, total)))
    assert seen == [(0, 150), (64, 150), (128, 150), (150, 150)]
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as executor:
        assert sweep(TURNS, POLICIES, executor=executor) == here


def test_dask_finds_what_one_thread_finds() -> None:
    """A cluster would choose other settings than a laptop."""
    distributed = pytest.importorskip("distributed", reason="the dask extra is not installed")
    cluster = distributed.LocalCluster(
        n_workers=1, threads_per_worker=1, processes=False, dashboard_address=":0"
    )
    with cluster, distributed.Client(cluster) as client:
        assert sweep(TURNS, POLICIES, executor=client.get_executor()) == sweep(TURNS, POLICIES)


class _Interrupted(Exception):
    pass


def test_an_interrupted_sweep_goes_on(tmp_path: Path) -> None:
    """Hours of work would be done again."""

    def interrupt(done: int, total: int) -> None:
        if done:
            raise _Interrupted

    with pytest.raises(_Interrupted):
        sweep(TURNS, POLICIES, keep=tmp_path, progress=interrupt)
    (path,) = tmp_path.iterdir()
    with path.open("a", encoding="utf-8") as file:
        file.write('{"policy": "half')  # killed in the middle of a line
    seen: list[int] = []
    found = sweep(TURNS, POLICIES, keep=tmp_path, progress=lambda done, total: seen.append(done))
    assert seen == [64, 128, 150]
    assert found == sweep(TURNS, POLICIES)
    assert sweep(TURNS, POLICIES, keep=tmp_path) == found
    assert len(path.read_text(encoding="utf-8").splitlines()) == 150


def test_other_turns_are_another_sweep(tmp_path: Path) -> None:
    """Results of other recordings would be taken for these."""
    sweep(TURNS, POLICIES[:2], keep=tmp_path)
    sweep(TURNS[:20], POLICIES[:2], keep=tmp_path)
    assert len(list(tmp_path.iterdir())) == 2
    assert content_hash(TURNS) != content_hash(TURNS, price=1.0)
    kept_file(tmp_path, TURNS, 0.0).write_text("{}\n", encoding="utf-8")
    with pytest.raises(ParameterError, match=r"can't go on with this sweep: KeyError$"):
        sweep(TURNS, POLICIES[:2], keep=tmp_path)
    row = f'{{"policy": "{policy_hash(POLICIES[0])}", "result": {{"speed": 1.0}}}}\n'
    kept_file(tmp_path, TURNS, 0.0).write_text(row, encoding="utf-8")
    with pytest.raises(ParameterError, match=r"can't go on with this sweep: TypeError$"):
        sweep(TURNS, POLICIES[:2], keep=tmp_path)


def _other(value: object) -> object:
    """Return another value of the same kind."""
    match value:
        case bool():
            return not value
        case Expected():
            return next(one for one in Expected if one is not value)
        case str():
            return f"{value}x"
        case int() | float():
            return 0.5 if np.isnan(value) else value + 1
        case tuple():
            return (*value, "So.")
        case Stages():
            return replace(value, playout=value.playout + 0.001)
    assert isinstance(value, np.ndarray)
    return value + 1


_OTHERWISE = ("kind", "conversation")


@pytest.mark.parametrize("name", [one.name for one in fields(TurnRecord) if one.name not in _OTHERWISE])
def test_whatever_differs_in_a_turn_makes_another_sweep(name: str) -> None:
    """Results of other turns would be taken for these."""
    turn = TURNS[0]
    changed = replace(turn, **{name: _other(getattr(turn, name))})
    assert content_hash([changed]) != content_hash([turn])


def test_who_said_turns_together_makes_another_sweep_and_where_they_lie_does_not() -> None:
    """Moved recordings would be worked out anew; shares of other conversations be taken for theirs."""
    moved = [replace(turn, conversation=f"moved/{turn.conversation}") for turn in TURNS]
    assert content_hash(moved) == content_hash(TURNS)
    apart = [replace(turn, conversation=f"{number}") for number, turn in enumerate(TURNS)]
    assert content_hash(apart) != content_hash(TURNS)


def test_whatever_stage_or_step_differs_makes_another_sweep() -> None:
    """Results of the same words on a slower machine would be taken for these."""
    turn = TURNS[0]
    seen = {content_hash([turn])}
    for one in fields(Stages):
        stages = replace(turn.stages, **{one.name: _other(getattr(turn.stages, one.name))})
        seen.add(content_hash([replace(turn, stages=stages)]))
    fewer = {one.name: getattr(turn, one.name)[1:] for one in fields(TurnRecord) if one.name in ALL_COLUMNS}
    seen.add(content_hash([replace(turn, **fewer)]))
    assert len(seen) == 1 + len(fields(Stages)) + 1


def test_whatever_setting_differs_makes_another_policy() -> None:
    """A setting would seem to make no difference, because the results of another were taken."""
    seen = {policy_hash(Policy(early=EarlySynthesisSettings(confidence=0.5)))}
    low = EarlySynthesisSettings(confidence=0.25, stability=0.25)
    ends = EndpointingSettings(sure=0.5, unknown=0.5, pace=0.5, long=2.0, hangover_max=1.0)
    base = Policy(early=low, endpointing=ends)
    count = 1
    for part in fields(Policy):
        own = getattr(base, part.name)
        for one in fields(own):
            value = getattr(own, one.name)
            other = value / 2 if isinstance(value, float) and value else _other(value)
            other = 0.75 if value == 0.0 and isinstance(value, float) else other
            seen.add(policy_hash(replace(base, **{part.name: replace(own, **{one.name: other})})))
            count += 1
    assert len(seen) == count


def test_results_judged_by_other_code_are_worked_out_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a change of the rules a sweep would go on from results that the rules before had given."""
    seen: list[int] = []
    sweep(TURNS, POLICIES[:2], keep=tmp_path)
    sweep(TURNS, POLICIES[:2], keep=tmp_path, progress=lambda done, total: seen.append(done))
    monkeypatch.setattr(sweep_kept, "code_hash", lambda: "other")
    sweep(TURNS, POLICIES[:2], keep=tmp_path, progress=lambda done, total: seen.append(done))
    assert seen == [2, 0, 2]


def test_all_that_judges_is_in_the_name_of_a_sweep() -> None:
    """A change of rules would go unnoticed in a module that was forgotten."""
    judges = {f"{package}.{name}" for package, names in sweep_kept._JUDGES.items() for name in names}
    wanted = {"workbench.analysis.policy_results"}
    judging_nothing = {"workbench.errors", "workbench.conversation.expecting"}
    while True:
        used = {name for one in wanted for name in _imported(one)} - judging_nothing
        if used <= wanted:
            break
        wanted |= used
    assert judges == wanted


def _imported(module: str) -> set[str]:
    package, _, name = module.rpartition(".")
    tree = ast.parse(files(package).joinpath(f"{name}.py").read_text(encoding="utf-8"))
    found = [one.module or "" for one in ast.walk(tree) if isinstance(one, ast.ImportFrom)]
    return {one for one in found if one.startswith("workbench.")}


class _Older(ThreadPoolExecutor):
    def submit(self, fn: Any, /, *arguments: Any, **named: Any) -> Future[Any]:
        return super().submit(fn, *arguments[:-1], "older")


def test_a_worker_with_other_code_is_refused() -> None:
    """A cluster that was not brought up to date would choose by rules that nobody has any more."""
    with (
        _Older(1) as executor,
        pytest.raises(WorkbenchError, match="a worker of the sweep judges by other code than this process"),
    ):
        sweep(TURNS, POLICIES[:2], executor=executor)


_SWEEPER = """
import os, sys
from workbench.analysis.sweep_executors import open_executor

if __name__ == "__main__":
    with open_executor("processes:1") as executor:
        print(executor.submit(os.getpid).result(), flush=True)
        sys.stdin.read()
"""


def test_workers_end_with_a_sweep_that_was_killed(tmp_path: Path) -> None:
    """They would wait for work for ever, each with its memory."""
    script = tmp_path / "sweeper.py"
    script.write_text(_SWEEPER, encoding="utf-8")
    with subprocess.Popen(
        [sys.executable, str(script)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as sweeper:
        assert sweeper.stdout is not None
        worker = psutil.Process(int(sweeper.stdout.readline()))
        assert worker.is_running()
        sweeper.kill()
    worker.wait(15)


class _Broken(ProcessPoolExecutor):
    def submit(self, *arguments: object, **named: object) -> object:
        return super().submit(int, "not a number")


def test_a_worker_that_fails_is_told_of() -> None:
    """A library's exception would cross our edge."""
    with (
        _Broken(1, mp_context=get_context("spawn")) as executor,
        pytest.raises(WorkbenchError, match="a worker of the sweep failed with ValueError"),
    ):
        sweep(TURNS, POLICIES[:2], executor=executor)


def test_a_grid_is_every_combination_that_makes_sense() -> None:
    """Policies would be missing, or tried many times over."""
    space = parse_space(
        [
            "endpointing.hangover_min=0.4,0.8",
            "endpointing.hangover_max=0.6:1.0:0.4",
            "early.enabled=true,false",
            "early.confidence=0.5,0.7",
        ],
        Policy(),
    )
    found = [settings_of(one) for one in space.grid()]
    # 0.8 with 0.6 makes no sense; without early synthesis its confidence makes no difference
    assert len(found) == 3 * (2 + 1)
    assert {one["endpointing.hangover_max"] for one in found} == {0.6, 1.0}
    led = parse_space(["lead.sentences=true,false", "lead.confidence=0.5,0.7"], Policy())
    assert len(led.grid()) == 2 + 1


def test_random_policies_are_the_same_from_the_same_seed() -> None:
    """A report could not be reproduced."""
    space = parse_space(["early.confidence=0.2,0.8", "early.starts_max=1,2"], Policy())
    assert space.random(20, seed=4) == space.random(20, seed=4) != space.random(20, seed=5)
    drawn = [settings_of(one) for one in space.random(50)]
    assert {one["early.starts_max"] for one in drawn} == {1, 2}
    assert all(0.2 <= one["early.confidence"] <= 0.8 for one in drawn)
    assert len({one["early.confidence"] for one in drawn}) > 40


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("confidence=0.3", "setting 'confidence=0.3' to try, expected NAME=VALUE,VALUE"),
        ("early.confidence=high", "values 'high' of early.confidence, expected float values"),
        ("early.confidence=0.9:0.1:0.1", "values '0.9:0.1:0.1' of early.confidence"),
        ("early.enabled=1", "values '1' of early.enabled, expected bool values such as true,false"),
    ],
)
def test_settings_that_make_no_sense_are_refused(text: str, match: str) -> None:
    """A slip of the pen would sweep something else."""
    with pytest.raises(ParameterError, match=match):
        parse_space([text], Policy())


def test_a_setting_that_is_none_is_refused() -> None:
    """A misspelt name would change nothing, silently."""
    with pytest.raises(
        ParameterError, match="there is no setting 'early.courage', expected one of early.enabled"
    ):
        policy_with(Policy(), {"early.courage": 1.0})
    changed = policy_with(Policy(), {"early.confidence": 0.75})
    assert changed == Policy(early=EarlySynthesisSettings(confidence=0.75))


def test_a_bayesian_search_finds_what_a_random_one_misses() -> None:
    """The search would be no better than guessing, or another one each time."""
    pytest.importorskip("optuna", reason="the tune extra is not installed")
    space = Space({"endpointing.hangover_min": (0.1, 2.0), "endpointing.hangover_max": (2.0, 3.0)})
    budget = Budget({"cut": 0.1})
    found = search(space, 96, budget, lambda policies: evaluate(TURNS, policies), seed=1)
    assert found == search(space, 96, budget, lambda policies: evaluate(TURNS, policies), seed=1)
    delays = [one.endpointing.hangover_min for one in found]
    within = [r.response_median for r in evaluate(TURNS, found) if r.cut <= 0.1]
    assert within
    assert np.std(delays[-32:]) < np.std(delays[:32])


@pytest.mark.parametrize("text", ["threads", "processes:0", "processes:1000", "http://host"])
def test_an_executor_that_is_none_is_refused(text: str) -> None:
    """A misspelt address would sweep in this thread, slowly."""
    with pytest.raises(ParameterError, match=r"expected here, processes, processes:N"), open_executor(text):
        pass


def test_a_policy_is_pasted_into_an_assistant() -> None:
    """The settings chosen would be refused, or be others in the live session."""
    policy = Policy(
        early=EarlySynthesisSettings(confidence=0.45, stability=0.3, silence=0.12, starts_max=2),
        endpointing=EndpointingSettings(
            hangover_min=0.35, hangover_max=1.1, sure=0.7, pause_margin=0.2, turn_max=25.0
        ),
    )
    read = YAML(typ="safe").load(policy_yaml(policy))
    assert Early(**read["early"]).model_dump() == asdict(policy.early)
    ends = EndpointingOfAssistant(**read["endpointing"]).model_dump()
    assert ends.pop("longest_turn") == policy.endpointing.turn_max
    assert ends == {name: value for name, value in asdict(policy.endpointing).items() if name != "turn_max"}
