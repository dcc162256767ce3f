"""What a live session makes of settings it is asked for: whether they count, its turns begun under them."""

from collections.abc import Mapping
from dataclasses import dataclass

from workbench.analysis.growing_index import GrowingIndex
from workbench.conversation.tuning import Setting, settings_told
from workbench.core.events import (
    EarlySynthesisCommitted,
    ErrorRaised,
    Event,
    SessionClosed,
    SpeechStarted,
    TurnEnded,
    TurnTakingTuned,
)
from workbench.core.timeline import Timeline
from workbench.errors import ParameterError

REFUSALS = ("bad-setting", "wrong-scope")
"""Codes of the errors that answer settings."""


@dataclass(slots=True, kw_only=True)
class LiveTurn:
    """A turn that was begun under the settings."""

    turn: int
    wait: float = 0.0
    """Silence that ended it, s."""
    ends: int = 0
    """How often it was ended: more than once if the caller was cut off."""
    early: bool = False
    """Whether an early reply was used."""
    response: float | None = None
    """Response time, s, as far as the events tell it; None while nobody has answered."""


class Following:
    """Follows a session from where it was asked for settings; each event is read once.

    Parameters
    ----------
    timeline : the session's, before the settings are asked for
    asked : settings by dotted name
    """

    def __init__(self, timeline: Timeline, asked: Mapping[str, Setting]) -> None:
        self._timeline, self._asked = timeline, dict(asked)
        self._next = timeline.next_seq
        self._index = GrowingIndex(timeline, first=self._next)
        self._begun = _newest_begun(timeline)
        self._turns: dict[int, LiveTurn] = {}
        self.state = "asked"
        """``asked``, ``refused``, ``applied``, ``replaced`` by other settings, ``over``, or ``missed``: over
        before they counted."""
        self.refusal = ""
        """Why the session refused them."""

    @property
    def turns(self) -> tuple[LiveTurn, ...]:
        """Return the turns that were begun under the settings and have ended, oldest first."""
        return tuple(one for one in self._turns.values() if one.ends)

    def read(self) -> None:
        """Read what has come."""
        events = self._timeline.since(self._next)
        self._next = self._timeline.next_seq
        for event in events:
            self._take(event)
        for told in self._index.more().told["turns"] if self._turns else ():
            if told["turn"] in self._turns:
                self._turns[told["turn"]].response = told["response"]

    def _take(self, event: Event) -> None:
        turn = self._turns.get(event.turn)
        match event.body:
            case TurnTakingTuned(settings=settings):
                self._tuned(settings)
            case ErrorRaised(code=code, message=message) if code in REFUSALS and self.state == "asked":
                self.state, self.refusal = "refused", message
            case SpeechStarted() if event.turn > self._begun:
                self._begun = event.turn
                if self.state == "applied":
                    self._turns[event.turn] = LiveTurn(turn=event.turn)
            case TurnEnded(hangover=hangover) if turn:
                turn.ends, turn.wait = turn.ends + 1, hangover
            case EarlySynthesisCommitted() if turn:
                turn.early = True
            case SessionClosed():
                self.state = "over" if self.state in ("applied", "replaced") else "missed"

    def _tuned(self, settings: Mapping[str, object]) -> None:
        """Take settings that count now: those asked for, or those of someone else."""
        if self._are_asked(settings):
            self.state, self.refusal = "applied", ""
        elif self.state == "applied":  # endpointing goes by them at once: what is under way is half theirs
            self.state = "replaced"
            self._turns = {number: one for number, one in self._turns.items() if one.ends}

    def _are_asked(self, settings: Mapping[str, object]) -> bool:
        try:
            told = settings_told(settings)
        except ParameterError:
            return False
        own = {name: getattr(told, name.partition(".")[0]) for name in self._asked}
        return all(getattr(own[name], name.partition(".")[2]) == value for name, value in self._asked.items())


def _newest_begun(timeline: Timeline) -> int:
    """Return the newest turn in which the caller has begun to speak, -1 if there is none."""
    for event in reversed(timeline.events):
        if isinstance(event.body, SpeechStarted):
            return event.turn
    return -1
