"""A listening test in a page: blind, by keyboard, each answer kept before the next sound is sent."""

import logging
import threading
from collections.abc import Sequence
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import anywidget
import numpy as np
import traitlets

from workbench.analysis.listening import BANDS, SCALE, Method, Role, Trial
from workbench.analysis.listening_answers import NAME_MAX, AnswerBook, as_name, known_listeners
from workbench.analysis.listening_folder import ListeningTest, open_test
from workbench.core.audio import Samples
from workbench.errors import ParameterError, WorkbenchError
from workbench.widgets.esm import bundle, source

PLAYS_MAX = 10_000

_LOG = logging.getLogger(__name__)


class ListeningTestPanel(anywidget.AnyWidget):
    """Gives a listener the trials of a prepared test, one after the other.

    A page is told neither the systems' names nor which file, or which sound of another trial, it hears:
    sounds are A, B and X, or numbers, and each is sent with a rounding noise of its own.

    Parameters
    ----------
    test : a prepared test, or its folder
    listener : who listens; asked for in the page if empty

    Raises
    ------
    ParameterError
        If there is no such test, or its answers can't be kept.
    """

    _esm = bundle("listening.js")
    _css = source("listening.css")

    page = traitlets.Dict().tag(sync=True)
    """What is shown: who are you, a trial, or thanks; and a problem, if there is one."""

    def __init__(self, test: ListeningTest | Path | str, *, listener: str = "", **traits: Any) -> None:
        self._decoding = ThreadPoolExecutor(1, thread_name_prefix="listening-test")
        self._test = test if isinstance(test, ListeningTest) else open_test(Path(test))
        self._book: AnswerBook | None = None
        self._revision = 0
        self._lock = threading.RLock()
        self._sent: Future[None] | None = None
        if listener:
            self._book = AnswerBook(self._test, listener)
        super().__init__(**traits)
        self._show()
        self.on_msg(self._asked)

    @property
    def listener(self) -> str:
        """Return who listens; empty before they gave a name."""
        return self._book.listener if self._book else ""

    def wait(self, seconds: float = 60.0) -> "ListeningTestPanel":
        """Wait until the sounds that the page asked for last are sent, and return the panel itself.

        Raises
        ------
        ParameterError
            If that takes longer than ``seconds``.
        """
        try:
            if self._sent is not None:
                self._sent.result(seconds)
        except CancelledError:  # closed meanwhile
            pass
        except TimeoutError:
            raise ParameterError(f"the sounds are not sent after {seconds:.0f} s") from None
        return self

    def close(self) -> None:
        """Close the panel; sounds that are being decoded are not sent any more."""
        self._decoding.shutdown(wait=False, cancel_futures=True)
        super().close()

    # --- what is told

    def _show(self, **more: Any) -> None:
        """Show the listener's current trial, what comes before the first, or what comes after the last."""
        design = self._test.design
        told: dict[str, Any] = {"method": design.method.value, "problem": "", "phase": "name"}
        if self._book is None:
            told |= {"trials": len(self._test.trials(0)), "name_max": NAME_MAX}
        else:
            told |= {"listener": self._book.listener, "total": len(self._book.trials)}
            told |= self._told_trial(self._book)
        self._tell({**told, **more})

    def _told_trial(self, book: AnswerBook) -> dict[str, Any]:
        trial = book.current
        if trial is None:
            return {"phase": "done"}
        design = self._test.design
        practice = [one for one in book.trials if one.role is Role.PRACTICE]
        return {
            "phase": "trial",
            "trial": trial.number,
            "practice": len(practice) if trial.role is Role.PRACTICE else 0,
            "practices": len(practice),
            "question": design.asked,
            "labels": labels(design.method, trial),
            "choices": _choices(design.method, ties=design.ties),
            "bands": [name for _, name in BANDS] if design.method is Method.MUSHRA else [],
        }

    def _refuse(self, problem: str) -> None:
        """Tell the page what is wrong."""
        with self._lock:
            self._tell({**self.page, "problem": problem})

    def _tell(self, page: dict[str, Any]) -> None:
        with self._lock:
            self._revision += 1  # a page that waits is told, even if nothing has changed
            self.page = {**page, "revision": self._revision}

    # --- what a page asks for

    def _asked(self, _widget: object, content: Any, _buffers: object) -> None:
        try:
            kind = content["kind"]
            if kind == "begin":
                self._begin(str(content["name"]), known=bool(content.get("known")))
            elif kind == "sounds":
                self._sounds(int(content["trial"]))
            elif kind == "answer":
                self._answer(content)
        except WorkbenchError as error:
            self._refuse(str(error))
        except (KeyError, TypeError, ValueError) as error:
            _LOG.warning("a page asked the test for something that is not there: %s", type(error).__name__)

    def _begin(self, name: str, *, known: bool) -> None:
        if self._book is not None:
            return
        own = as_name(name)
        if not known and own in known_listeners(self._test):
            self._show(phase="known", listener=own)
            return
        self._book = AnswerBook(self._test, own)
        self._show()

    def _sounds(self, number: int) -> None:
        """Let a worker decode and send the sounds of the current trial, in place of any still waiting."""
        trial = self._current(number)
        if trial is None:
            return
        if self._sent is not None:
            self._sent.cancel()
        self._sent = self._decoding.submit(self._send_sounds, trial)

    def _send_sounds(self, trial: Trial) -> None:
        """Send the sounds as 16-bit samples, in the order of the trial's labels."""
        try:
            found = [self._test.sound(name, trial.item) for name in sounds_of(self._test, trial)]
            buffers = [_rounded(samples) for samples, _ in found]
        except WorkbenchError as error:
            problem = str(error)
        except Exception as error:
            _LOG.error("the sounds of a trial could not be read: %s", type(error).__name__)
            problem = f"the sounds could not be read ({type(error).__name__})"
        else:
            told = {"kind": "sounds", "trial": trial.number, "rate": found[0][1]}
            self.send(told, buffers=buffers)
            return
        if self._book is not None and self._book.current is trial:
            self._refuse(problem)

    def _answer(self, content: Any) -> None:
        trial = self._current(int(content["trial"]))
        if trial is None or self._book is None:
            return
        plays = [int(one) for one in content["plays"]]
        wanted = len(labels(self._test.design.method, trial))
        if len(plays) != wanted or not all(0 < one <= PLAYS_MAX for one in plays):
            raise ParameterError(f"of {wanted} sounds {sum(map(bool, plays))} were heard, expected all")
        given = content["given"]
        seconds = min(max(0.0, float(content["seconds"])), 86_400.0)
        self._book.keep(
            trial.number, tuple(given) if isinstance(given, list) else given, seconds=seconds, plays=plays
        )
        self._show()

    def _current(self, number: int) -> Trial | None:
        """Return the current trial, None if the page speaks of another: it is shown the current one."""
        current = self._book.current if self._book else None
        if current is None or current.number != number:
            self._show()
            return None
        return current


def labels(method: Method, trial: Trial) -> list[str]:
    """Return what the sounds of a trial are called in a page."""
    if method is Method.MUSHRA:
        return ["Reference", *(str(number + 1) for number in range(len(trial.shown)))]
    if method is Method.MOS:
        return ["Sound"]
    return ["A", "B", "X"] if method is Method.ABX else ["A", "B"]


def sounds_of(test: ListeningTest, trial: Trial) -> Sequence[str]:
    """Return the systems behind the labels of a trial, in their order."""
    if test.design.method is Method.MUSHRA:
        return (test.design.reference, *trial.shown)
    return trial.shown if trial.hidden is None else (*trial.shown, trial.shown[trial.hidden])


def _choices(method: Method, *, ties: bool) -> list[list[Any]]:
    """Return the answers that are offered: value and words."""
    if method is Method.MOS:
        return [[score, name] for score, name in SCALE]
    if method is Method.ABX:
        return [[0, "X is A"], [1, "X is B"]]
    if method is Method.PREFERENCE:
        between = [["tie", "No difference"]] if ties else []
        return [[0, "A is better"], *between, [1, "B is better"]]
    return []


def _rounded(samples: Samples) -> bytes:
    """Return 16-bit samples with triangular dither of one step: the same sound never has the same bytes."""
    rng = np.random.default_rng()
    dither = rng.random(len(samples)) - rng.random(len(samples))
    return np.rint(np.clip(samples * 32_767 + dither, -32_768, 32_767)).astype("<i2").tobytes()
