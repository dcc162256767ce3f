"""Results of a sweep on disk, so that it can be gone on with: only with the same turns, price and code.

A file holds one line a policy. Its name stands for everything that a result depends on besides the policy: so
results of other recordings, or judged by other rules, are never taken for these.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import cache
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

from workbench.analysis.outcomes import ALL_COLUMNS, TurnRecord
from workbench.analysis.policy_columns import Policy
from workbench.analysis.policy_results import conversations
from workbench.analysis.sweep_space import settings_of
from workbench.errors import ParameterError

_JUDGES = {
    "workbench.analysis": (
        "outcomes",
        "policies",
        "policies_prepared",
        "policy_columns",
        "policy_results",
    ),
    "workbench.conversation": ("early_synthesis", "endpointing", "leading", "speaker"),
}
"""The modules, by package, that a result depends on."""


@cache
def code_hash() -> str:
    """Return a name for the code that judges policies: it changes with any line of it."""
    digest = sha256()
    for package, modules in _JUDGES.items():
        for name in modules:
            digest.update(files(package).joinpath(f"{name}.py").read_bytes())
    return digest.hexdigest()[:16]


def content_hash(turns: Sequence[TurnRecord], price: float = 0.0) -> str:
    """Return a name for what is swept: any turn and the price change it, where turns lie does not."""
    digest = sha256(json.dumps(price).encode())
    place = {name: number for number, name in enumerate(conversations(turns))}
    for turn in turns:
        told = [place[turn.conversation], turn.turn, turn.began, turn.answered, asdict(turn.stages)]
        told += [turn.expected, turn.pace, turn.longest_pause, len(turn.kind)]
        digest.update(json.dumps(told).encode())
        for name in ALL_COLUMNS:
            digest.update(np.ascontiguousarray(getattr(turn, name)).tobytes())
    return digest.hexdigest()[:16]


def policy_hash(policy: Policy) -> str:
    """Return a name for a policy."""
    told = [settings_of(policy), policy.lead.prefixes]
    return sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]


def kept_file(folder: Path, turns: Sequence[TurnRecord], price: float) -> Path:
    """Return where results of these turns at this price, judged by this code, are kept."""
    return folder / f"sweep-{content_hash(turns, price)}-{code_hash()}.jsonl"


def load_rows(path: Path) -> dict[str, dict[str, Any]]:
    """Return the results kept, by :func:`policy_hash`, without a last one that was only half written.

    Raises
    ------
    ParameterError
        If the file can't be read, or holds something else.
    """
    try:
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        whole, _, rest = text.rpartition("\n")
        rows = [json.loads(line) for line in whole.splitlines()]
        known = {str(row["policy"]): dict(row["result"]) for row in rows}
        if rest:
            path.write_text(whole + "\n" if whole else "", encoding="utf-8")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise unusable(path, error) from error
    return known


def unusable(path: Path, error: Exception) -> ParameterError:
    """Return what is told of a file of results that can't be gone on with."""
    return ParameterError(f"{path}: can't go on with this sweep: {type(error).__name__}")


def append_rows(path: Path, found: Mapping[str, Mapping[str, Any]]) -> None:
    """Keep results, by :func:`policy_hash`.

    Raises
    ------
    ParameterError
        If they can't be written.
    """
    lines = [json.dumps({"policy": name, "result": one}) + "\n" for name, one in found.items()]
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as file:
            file.write("".join(lines))
    except OSError as error:
        raise ParameterError(f"{path}: can't keep the sweep's results: {error.strerror}") from error
