"""A live session under applied settings: whether they count, and its turns beside what was predicted."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, Protocol

import numpy as np

from workbench.analysis.growing_index import GrowingIndex
from workbench.analysis.tuner import Decided
from workbench.analysis.turn_events import by_turn, of_kind
from workbench.conversation.tuning import Setting
from workbench.core.events import (
    EarlySynthesisCommitted,
    ErrorRaised,
    Event,
    PlaybackStarted,
    SessionClosed,
    SpeechStarted,
    TurnEnded,
    TurnTakingTuned,
)
from workbench.core.timeline import Timeline
from workbench.errors import ParameterError, WorkbenchError
from workbench.widgets.tuner_told import figures_told

PER_SECOND = 4
"""How often the comparison is told, at most."""
ROWS_MAX = 50
"""Live turns told; the oldest go, and count on in the figures."""
SPREAD = (0.05, 0.95)
"""Shares between which nine of ten recorded turns lie."""

REFUSALS = ("bad-setting", "wrong-scope")
"""Codes of the errors that answer settings."""

_NEWS = (TurnEnded, PlaybackStarted, EarlySynthesisCommitted, TurnTakingTuned, ErrorRaised, SessionClosed)


class Tunable(Protocol):
    """A live session whose turn taking may be tuned: a panel, or a client's session."""

    @property
    def timeline(self) -> Timeline:
        """Return the session's events."""

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
        self._timeline: Timeline | None = None
        self._index: GrowingIndex | None = None
        self._unsubscribe: Callable[[], None] = lambda: None
        self._since = 0
        self._predicted: dict[str, Any] = {}
        self._due = False

    def apply(self, settings: Mapping[str, Setting], decided: Decided) -> None:
        """Apply settings; ``decided`` is what they came to in the recordings.

        Raises
        ------
        ParameterError
            If there is no session to apply them to, or it is over.
        """
        if self._live is None:
            raise ParameterError("there is no live session, make the tuner with live=panel or live=session")
        timeline = self._live.timeline
        since = timeline.next_seq
        try:
            self._live.tune(settings)
        except WorkbenchError as error:
            raise ParameterError(str(error)) from error
        self._unsubscribe()
        self._timeline, self._since, self._index = timeline, since, GrowingIndex(timeline)
        self._predicted = _prediction(decided)
        self._unsubscribe = timeline.subscribe(self._event)
        self.refresh()

    def problem(self, sentence: str) -> None:
        """Tell why nothing was applied."""
        self._tell({**self.told(), "problem": sentence})

    def close(self) -> None:
        """Follow the session no longer."""
        self._unsubscribe()

    def refresh(self) -> None:
        """Tell how it stands now."""
        self._due = False
        self._tell(self.told())

    def _event(self, event: Event) -> None:
        if self._due or not isinstance(event.body, _NEWS):
            return
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            self.refresh()
            return
        self._due = True
        loop.call_later(1 / PER_SECOND, self.refresh)

    def told(self) -> dict[str, Any]:
        """Return how it stands, JSON-ready."""
        told: dict[str, Any] = {
            "possible": self._live is not None,
            "state": "",
            "problem": "",
            "predicted": self._predicted,
            "turns": [],
        }
        if self._timeline is None:
            return told
        events = self._timeline.since(self._since)
        refused = [body for _, body in of_kind(events, ErrorRaised) if body.code in REFUSALS]
        tuned = next((event for event in events if isinstance(event.body, TurnTakingTuned)), None)
        if tuned is None:
            return {**told, "state": "asked", "problem": refused[0].message if refused else ""}
        rows = self._rows(self._timeline, tuned)
        times = [row["response"] for row in rows if row["response"] is not None]
        over = any(isinstance(event.body, SessionClosed) for event in events)
        low, high = self._predicted["spread"]
        return {
            **told,
            "state": "over" if over else "applied",
            "turns": rows[-ROWS_MAX:],
            "measured": {
                "turns": len(rows),
                "response_median": float(np.median(times)) if times else None,
                "within": sum(low <= one <= high for one in times),
                "answered": len(times),
                "cut": sum(row["cut"] for row in rows) / len(rows) if rows else None,
                "commits": sum(row["early"] for row in rows) / len(rows) if rows else None,
            },
        }

    def _rows(self, timeline: Timeline, tuned: Event) -> list[dict[str, Any]]:
        """Return the ended turns that were begun after the settings counted."""
        index = self._index or GrowingIndex(timeline)
        responses = {one["turn"]: one["response"] for one in index.whole().told["turns"]}
        rows = []
        for turn, own in by_turn(timeline.events).items():
            ends = of_kind(own, TurnEnded)
            spoke = next((event.seq for event in own if isinstance(event.body, SpeechStarted)), 0)
            if ends and spoke > tuned.seq:
                rows.append(
                    {
                        "turn": turn,
                        "response": responses.get(turn),
                        "wait": ends[-1][1].hangover,
                        "early": bool(of_kind(own, EarlySynthesisCommitted)),
                        "cut": len(ends) > 1,
                    }
                )
        return rows


def _prediction(decided: Decided) -> dict[str, Any]:
    times = decided.outcomes.response_time[0]
    known = times[np.isfinite(times)]
    low, high = np.quantile(known, SPREAD) if len(known) else (0.0, 0.0)
    figures = decided.figures
    return {
        "response_median": figures_told(figures)["response_median"],
        "spread": [float(low), float(high)],
        "cut": figures["cut"].value,
        "commits": figures["commits"].value,
    }
