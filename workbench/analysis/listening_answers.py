"""Answers of a listening test as they come: a line each in a file for each listener, kept before the next.

A file begins with who listens, by the name they chose, and with the trials that are theirs. A line that was
cut off in the middle is dropped when its file is opened again; of two answers to one trial the first counts.
"""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from workbench.analysis.listening import SCALE, Design, Method, Role, Trial
from workbench.analysis.listening_folder import ListeningTest
from workbench.errors import ParameterError, system_reason

NAME_MAX = 40
LISTENERS_MAX = 1_000
TIE = "tie"
"""The answer "no difference"."""

Given = int | str | tuple[int, ...]
"""A position that was chosen (0 or 1) or TIE, a score of 1 to 5, or scores of 0 to 100 by position."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a listener answered to a trial."""

    listener: str
    trial: Trial
    given: Given
    seconds: float
    """From the trial shown to its answer."""
    plays: tuple[int, ...]
    """How often each sound was begun, by position; of ABX X is the third."""


class AnswerBook:
    """The answers of one listener, in a file of their own.

    Parameters
    ----------
    test : the test
    listener : the name they chose; a known name goes on where it was

    Raises
    ------
    ParameterError
        If the name is empty or too long, the answers there are of another test, or nothing can be written.
    """

    def __init__(self, test: ListeningTest, listener: str) -> None:
        self.listener = as_name(listener)
        self._test = test
        self._path, self.number, self.trials = _file_of(test, self.listener)
        _mend(self._path)
        self._answered = {one.trial.number for one in _read(test, self._path)}

    @property
    def current(self) -> Trial | None:
        """Return the first trial without an answer; None when all have one."""
        return next((one for one in self.trials if one.number not in self._answered), None)

    def keep(self, trial: int, given: Given, *, seconds: float = 0.0, plays: Sequence[int] = ()) -> Answer:
        """Keep the answer to the current trial; it is on the disk when this returns.

        Raises
        ------
        ParameterError
            If it is not the current trial, no such answer can be given to it, or it can't be written.
        """
        current = self.current
        if current is None or trial != current.number:
            wanted = "none" if current is None else str(current.number)
            raise ParameterError(f"trial {trial} was answered, expected {wanted}")
        valid = check_given(self._test.design, current, given)
        told = {
            "trial": current.number,
            "given": valid,
            "seconds": round(seconds, 2),
            "plays": list(plays),
        }
        _append(self._path, told)
        self._answered.add(current.number)
        return Answer(listener=self.listener, trial=current, given=valid, seconds=seconds, plays=tuple(plays))


def as_name(listener: str) -> str:
    """Return a listener's name without the blanks around it.

    Raises
    ------
    ParameterError
        If it is empty, too long, or has what can't be printed.
    """
    name = " ".join(listener.split())
    if not 0 < len(name) <= NAME_MAX or not name.isprintable():
        raise ParameterError(
            f"the listener's name has {len(name)} characters, expected 1 to {NAME_MAX} that can be printed"
        )
    return name


def check_given(design: Design, trial: Trial, given: object) -> Given:
    """Return an answer that can be given to a trial; raises ParameterError for any other."""
    if design.method is Method.MUSHRA:
        if isinstance(given, list | tuple) and len(given) == len(trial.shown):
            scores = tuple(one for one in given if type(one) is int and 0 <= one <= 100)
            if len(scores) == len(given):
                return scores
        raise ParameterError(
            f"the mushra trial was answered {given!r}, expected {len(trial.shown)} scores of 0 to 100"
        )
    if design.method is Method.MOS:
        if type(given) is int and any(given == score for score, _ in SCALE):
            return given
        raise ParameterError(f"the mos trial was answered {given!r}, expected a score of 1 to 5")
    if type(given) is int and given in (0, 1):
        return given
    if given == TIE and design.method is Method.PREFERENCE and design.ties:
        return TIE
    ties = f" or {TIE!r}" if design.method is Method.PREFERENCE and design.ties else ""
    raise ParameterError(f"the {design.method} trial was answered {given!r}, expected 0, 1{ties}")


def answers_of(test: ListeningTest) -> list[Answer]:
    """Return all answers to a test, listener by listener, each listener's in order.

    Raises
    ------
    ParameterError
        If a file there is not one of this test's answers.
    """
    found: list[Answer] = []
    for path in sorted(test.answers.glob("listener-*.jsonl")):
        found += _read(test, path)
    return found


def known_listeners(test: ListeningTest) -> set[str]:
    """Return the names that were chosen by now; raises ParameterError as ``answers_of``."""
    heads = [_head(test, path) for path in test.answers.glob("listener-*.jsonl")]
    return {head.listener for head in heads if head is not None}


def complete(test: ListeningTest, answers: Sequence[Answer]) -> list[str]:
    """Return the listeners who have answered all their trials."""
    counts: dict[str, int] = {}
    for one in answers:
        counts[one.listener] = counts.get(one.listener, 0) + 1
    wanted = len(test.trials(0))
    return [name for name, count in counts.items() if count == wanted]


@dataclass(frozen=True, slots=True)
class _Head:
    """How a file begins."""

    listener: str
    trials: list[Trial]


def _file_of(test: ListeningTest, listener: str) -> tuple[Path, int, list[Trial]]:
    """Return the listener's file, number and trials; new ones if the name is not known."""
    for path in sorted(test.answers.glob("listener-*.jsonl")):
        head = _head(test, path)
        if head is not None and head.listener == listener:
            return path, int(path.stem.removeprefix("listener-")) - 1, head.trials
    try:
        test.answers.mkdir(parents=True, exist_ok=True)
        for number in range(LISTENERS_MAX):
            path = test.answers / f"listener-{number + 1:04d}.jsonl"
            try:
                path.touch(exist_ok=False)  # of two who come at once only one succeeds
            except FileExistsError:
                continue
            trials = test.trials(number)
            told = [{**asdict(one), "item": test.items.index(one.item)} for one in trials]
            _append(path, {"listener": listener, "test": test.name, "trials": told})
            return path, number, trials
    except OSError as error:
        raise ParameterError(f"{test.answers}: answers can't be kept there") from error
    raise ParameterError(f"{test.answers} holds {LISTENERS_MAX} listeners, no more are taken")


def _head(test: ListeningTest, path: Path) -> _Head | None:
    """Return whose file it is; None if not even that was written."""
    lines = _lines(path)
    if not lines:
        return None
    if lines[0].get("test") != test.name:
        raise ParameterError(f"{path} holds answers to another test")
    try:
        trials = [
            Trial(
                number=one["number"],
                role=Role(one["role"]),
                item=test.items[one["item"]],
                shown=tuple(one["shown"]),
                hidden=one["hidden"],
            )
            for one in lines[0]["trials"]
        ]
        return _Head(str(lines[0]["listener"]), trials)
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise ParameterError(f"{path}: its first line can't be read as a listener's trials") from error


def _read(test: ListeningTest, path: Path) -> list[Answer]:
    head = _head(test, path)
    if head is None:
        return []
    found: dict[int, Answer] = {}
    for told in _lines(path)[1:]:
        try:
            trial = head.trials[told["trial"]]
            answer = Answer(
                listener=head.listener,
                trial=trial,
                given=check_given(test.design, trial, told["given"]),
                seconds=float(told["seconds"]),
                plays=tuple(told["plays"]),
            )
        except (KeyError, IndexError, TypeError, ValueError) as error:
            raise ParameterError(f"{path}: a line can't be read as an answer") from error
        found.setdefault(trial.number, answer)
    return [found[number] for number in sorted(found)]


def _lines(path: Path) -> list[dict[str, Any]]:
    """Return the whole lines of a file; what stands behind the last line's end was cut off."""
    try:
        text = path.read_bytes()
        whole = text[: text.rfind(b"\n") + 1]
        return [json.loads(line) for line in whole.splitlines()]
    except OSError as error:
        raise ParameterError(f"{path}: the answers can't be read") from error
    except ValueError as error:
        raise ParameterError(f"{path}: a line can't be read as an answer") from error


def _mend(path: Path) -> None:
    """Take away a line that was cut off, so that the next begins a line."""
    with path.open("rb+") as file:
        text = file.read()
        file.truncate(text.rfind(b"\n") + 1)


def _append(path: Path, told: Mapping[str, object]) -> None:
    try:
        with path.open("ab", buffering=0) as file:
            begin = file.tell()
            try:
                line = json.dumps(told, ensure_ascii=False).encode() + b"\n"
                if file.write(line) != len(line):
                    raise OSError("only a part was written")
                os.fsync(file.fileno())
            except OSError:
                file.truncate(begin)  # the next answer must begin a line
                raise
    except OSError as error:
        problem = system_reason(error)
        raise ParameterError(f"{path}: an answer can't be kept: {problem}") from error
