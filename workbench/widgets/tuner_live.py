"""A live session under applied settings: whether they count, and its turns beside what was predicted."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, Protocol

import numpy as np

from workbench.analysis.tuner import Decided
from workbench.analysis.tuner_check import Range, expected, judged
from workbench.analysis.tuner_following import Following
from workbench.conversation.tuning import Setting
from workbench.core.events import (
    EarlySynthesisCommitted,
    ErrorRaised,
    Event,
    PlaybackStarted,
    SessionClosed,
    TurnEnded,
    TurnTakingTuned,
)
from workbench.core.timeline import Timeline
from workbench.errors import ParameterError, WorkbenchError
from workbench.widgets.tuner_told import figures_told, verdict_told

PER_SECOND = 4
"""How often the comparison is told, at most."""
ROWS_MAX = 50
"""Live turns told; the oldest go, and count on in the figures."""
PATIENCE = 3.0
"""Seconds after which it is told that the session has not answered yet, or is out of reach."""

_NEWS = (TurnEnded, PlaybackStarted, EarlySynthesisCommitted, TurnTakingTuned, ErrorRaised, SessionClosed)


class Tunable(Protocol):
    """A live session whose turn taking may be tuned: a panel, or a client's session."""

    @property
    def timeline(self) -> Timeline:
        """Return the session's events."""

    @property
    def over(self) -> bool:
        """Return whether the session has ended, or can't be followed further."""

    def tune(self, changes: Mapping[str, Setting]) -> None:
        """Go on under changed settings."""


class LiveCheck:
    """Applies settings to a live session and compares its next turns with the prediction.

    Parameters
    ----------
    live : the session, or None
    tell : takes what a page shows, JSON-ready
    """

    def __init__(self, live: Tunable | None, tell: Callable[[dict[str, Any]], None]) -> None:
        self._live, self._tell = live, tell
        self._following: Following | None = None
        self._timeline: Timeline | None = None
        self._applied: dict[str, Setting] = {}
        self._unsubscribe: Callable[[], None] = lambda: None
        self._predicted: dict[str, Any] = {}
        self._range = Range(np.nan, np.nan, 0, 1)
        self._due: asyncio.TimerHandle | None = None
        self._late: asyncio.TimerHandle | None = None
        self._unanswered = False
        self._shown = ""

    def apply(self, settings: Mapping[str, Setting], decided: Decided, *, conversations: int) -> None:
        """Apply settings.

        Parameters
        ----------
        decided : what they came to in the recordings
        conversations : how many were recorded; one alone has no interval

        Raises
        ------
        ParameterError
            If there is no session to apply them to, or it is over.
        """
        if self._live is None:
            raise ParameterError("there is no live session, make the tuner with live=panel or live=session")
        timeline = self._live.timeline
        following = Following(timeline, settings)
        try:
            self._live.tune(settings)
        except WorkbenchError as error:
            raise ParameterError(str(error)) from error
        self.close()
        self._following, self._timeline, self._applied = following, timeline, dict(settings)
        self._range = expected(decided.outcomes.response_time[0])
        self._predicted = _prediction(decided, self._range, intervals=conversations > 1)
        self._unsubscribe = timeline.subscribe(self._event)
        self._unanswered = False
        self._late = _later(PATIENCE, self._look)
        self.refresh()

    def problem(self, sentence: str) -> None:
        """Tell why nothing was applied."""
        self._tell({**self.told(), "problem": sentence})

    def close(self) -> None:
        """Follow the session no longer."""
        self._unsubscribe()
        for timer in (self._due, self._late):
            if timer is not None:
                timer.cancel()
        self._due = self._late = None

    def refresh(self) -> None:
        """Tell how it stands now."""
        self._due = None
        if self._following is not None:
            self._following.read()
        self._shown = self._state()
        self._tell(self.told())

    def _look(self) -> None:
        """Look whether the session is silent because it does not answer, or is not there any more."""
        self._unanswered = True
        if self._state() != self._shown:
            self.refresh()
        ended = self._shown in ("over", "missed", "lost")
        self._late = None if ended else _later(PATIENCE, self._look)

    def _state(self) -> str:
        if self._following is None or self._live is None:
            return ""
        state = self._following.state
        if state not in ("over", "missed") and (self._live.over or self._live.timeline is not self._timeline):
            return "lost"
        return "unanswered" if state == "asked" and self._unanswered else state

    def _event(self, event: Event) -> None:
        if self._due is not None or not isinstance(event.body, _NEWS):
            return
        self._due = _later(1 / PER_SECOND, self.refresh)
        if self._due is None:
            self.refresh()

    def told(self) -> dict[str, Any]:
        """Return how it stands, JSON-ready."""
        told: dict[str, Any] = {
            "possible": self._live is not None,
            "state": "",
            "problem": "",
            "predicted": self._predicted,
            "turns": [],
        }
        following = self._following
        if following is None:
            return told
        turns = following.turns
        rows: list[dict[str, Any]] = [
            {
                "turn": one.turn,
                "response": one.response,
                "within": None if one.response is None else self._range.holds(one.response),
                "wait": one.wait,
                "early": one.early,
                "cut": one.ends > 1,
            }
            for one in turns
        ]
        times = [one.response for one in turns if one.response is not None]
        verdict = judged(self._range, times)
        return {
            **told,
            "state": self._state(),
            "settings": self._applied,
            "problem": following.refusal,
            "turns": rows[-ROWS_MAX:],
            "verdict": verdict_told(verdict, self._range),
            "measured": {
                "turns": len(rows),
                "response_median": float(np.median(times)) if times else None,
                "within": verdict.within,
                "answered": verdict.count,
                "cut": sum(row["cut"] for row in rows) / len(rows) if rows else None,
                "commits": sum(row["early"] for row in rows) / len(rows) if rows else None,
            },
        }


def _later(seconds: float, act: Callable[[], None]) -> asyncio.TimerHandle | None:
    """Have something done later; return None where no loop runs."""
    try:
        return asyncio.get_running_loop().call_later(seconds, act)
    except RuntimeError:
        return None


def _prediction(decided: Decided, expectation: Range, *, intervals: bool) -> dict[str, Any]:
    figures = decided.figures
    median = figures_told(figures)["response_median"]
    known = bool(np.isfinite(expectation.low))
    return {
        "response_median": median if intervals else [median[0], None, None],
        "range": [expectation.low, expectation.high] if known else [None, None],
        "share": expectation.share,
        "turns": expectation.gaps - 1,
        "cut": figures["cut"].value,
        "commits": figures["commits"].value,
    }
