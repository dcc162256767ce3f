"""A session's tables while it goes on: what is over is read once, the turns under way again each time."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from workbench.analysis.columns import joined, pack
from workbench.analysis.contributions import contributions
from workbench.analysis.readings import caller_began
from workbench.analysis.session_index import SCHEMA, Strings, Tables, index_rows
from workbench.analysis.timeline_picture import facts, latest
from workbench.analysis.turn_events import by_turn, of_kind, replies
from workbench.core.events import (
    AudioIn,
    EarlySynthesisDiscarded,
    Event,
    FinalTranscript,
    IntentRecognized,
    PartialTranscript,
    PlaybackStopped,
    SessionOpened,
    SpeechEnded,
    SpeechStarted,
    TurnEnded,
)
from workbench.core.timeline import Timeline
from workbench.store.recording import Recording

_HEARING = (
    SpeechStarted,
    SpeechEnded,
    PartialTranscript,
    FinalTranscript,
    IntentRecognized,
    TurnEnded,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class More:
    """What has come: rows that take the place of those from ``since`` on."""

    told: dict[str, Any]
    """``since`` by table, ``layout``, ``strings`` from ``strings_from`` on, ``duration``, ``turns``."""
    data: bytes


class GrowingIndex:
    """Reads a timeline that grows, each time from the first turn that is not over.

    The tables are kept for the whole session, whose length the endpoint bounds.

    Parameters
    ----------
    timeline : the session's; its events are not forgotten while it is read
    first : number of the event from which it is read, where nothing is under way that is to be told
    """

    def __init__(self, timeline: Timeline, *, first: int = 0) -> None:
        self._timeline = timeline
        self._strings = Strings()
        self._settled = index_rows(_part(()), self._strings)
        self._settled_turns: list[dict[str, Any]] = []
        self._read_from = first
        self._zero: float | None = None
        self._rates = (16_000, 24_000)
        self._sent_strings = 0
        self._sent_turns = 0
        self._sent: dict[str, int] = dict.fromkeys(SCHEMA, 0)
        self._learn(timeline.since(0)[:1])

    @property
    def device_zero(self) -> float:
        """Return the session time of the first sample of the tracks, as far as it is known."""
        return self._zero or 0.0

    def facts(self) -> dict[str, Any]:
        """Return what stays the same however the session grows."""
        return facts(_part(self._timeline.since(0)[:1]))

    def whole(self) -> More:
        """Return everything so far: for a page that comes new to it."""
        self._sent = dict.fromkeys(SCHEMA, 0)
        self._sent_strings = self._sent_turns = 0
        return self.more()

    def more(self) -> More:
        """Return what has come, or may have changed, since the last time."""
        self._settle()
        tail = _part(self._timeline.since(self._read_from), zero=self.device_zero, rates=self._rates)
        counts = _rows(self._settled)
        open_rows = index_rows(tail, self._strings, counts)
        since = {table: min(sent, counts[table]) for table, sent in self._sent.items()}
        fresh = joined(_from(self._settled, since), open_rows)
        packed = pack(SCHEMA, fresh)
        first = self._sent_strings
        strings = self._strings.since(first)
        self._sent = counts
        self._sent_strings = first + len(strings)
        turns = self._settled_turns[self._sent_turns :] + _turns(tail)
        self._sent_turns = len(self._settled_turns)
        return More(
            told={
                "since": since,
                "layout": packed.layout,
                "strings": strings,
                "strings_from": first,
                "duration": max(latest(open_rows), latest(self._settled)),
                "turns": turns,
            },
            data=packed.data,
        )

    def _settle(self) -> None:
        """Move what is over to the tables that are not read again."""
        events = self._timeline.since(self._read_from)
        self._learn(events)
        until = 0 if self._zero is None else _first_open(events)  # times count from the tracks' beginning
        if not until:
            return
        over = _part(events[:until], zero=self.device_zero, rates=self._rates)
        self._settled = joined(self._settled, index_rows(over, self._strings, _rows(self._settled)))
        self._settled_turns += _turns(over)
        self._read_from = events[until - 1].seq + 1

    def _learn(self, events: Sequence[Event]) -> None:
        """Take the tracks' rates and clock from what the events say of them."""
        for event in events:
            body = event.body
            if isinstance(body, SessionOpened):
                self._rates = (body.input_rate, body.output_rate)
            elif isinstance(body, AudioIn) and self._zero is None:
                began = 0.0 if body.captured is None else body.captured - body.position / body.rate
                self._zero = began


def _part(
    events: Sequence[Event], *, zero: float = 0.0, rates: tuple[int, int] = (16_000, 24_000)
) -> Recording:
    """Return events as a recording without sound."""
    timeline = Timeline(first=events[0].seq if events else 0)
    for event in events:
        timeline.append(event)
    silence = np.zeros(0, np.float32)
    return Recording(
        timeline=timeline,
        caller=silence,
        caller_rate=rates[0],
        agent=silence,
        agent_rate=rates[1],
        device_zero=zero,
    )


def _first_open(events: Sequence[Event]) -> int:
    """Return how many events, from the first, lie before a moment at which nothing was under way.

    Under way is a turn from its first word to its last final, a reply from its choice to its end. The last
    two turns are never taken for over: something may still come of them.
    """
    turns: dict[int, list[int]] = {}
    held: dict[int, list[int]] = {}
    over = set()
    for place, event in enumerate(events):
        body = event.body
        if isinstance(body, _HEARING):
            turns.setdefault(event.turn, []).append(place)
        if (number := getattr(body, "reply", None)) is not None:
            held.setdefault(number, []).append(place)
        if isinstance(body, PlaybackStopped | EarlySynthesisDiscarded):
            over.add(body.reply)
    newest = max(turns, default=0)
    spans = [(own[0], own[-1] if turn < newest - 1 else len(events)) for turn, own in turns.items()]
    spans += [(own[0], own[-1] if number in over else len(events)) for number, own in held.items()]
    quiet, busy_until = 0, -1
    for first, last in sorted(spans):
        if first > busy_until:
            quiet = first
        busy_until = max(busy_until, last)
        if last == len(events):
            break
    return quiet


def _turns(part: Recording) -> list[dict[str, Any]]:
    """Return the turns' response times as far as events alone tell them."""
    events, zero = part.timeline.events, part.device_zero
    arrivals, stories = of_kind(events, AudioIn), replies(events)
    told = []
    for turn, own in by_turn(events).items():
        ends = of_kind(own, TurnEnded)
        said = ends[-1][1].position / ends[-1][1].rate if ends else None
        answer = next(
            (
                one
                for one in stories
                if one.turn == turn and one.started and not one.prompt and not one.discarded
            ),
            None,
        )
        fact: dict[str, Any] = {"turn": turn, "began": caller_began(own), "said": said, "measured": False}
        fact.update(sounded=None, response=None, shares={})
        if said is not None and answer is not None:
            shares = contributions(
                own, answer, end_of_speech=said + zero, arrivals=arrivals, device_zero=zero
            )
            response = sum(shares.values())
            fact.update(sounded=said + response, response=response, shares=shares)
        told.append(fact)
    return told


def _rows(tables: Tables) -> dict[str, int]:
    return {name: len(next(iter(columns.values()))) for name, columns in tables.items()}


def _from(tables: Tables, since: dict[str, int]) -> Tables:
    return {
        table: {name: values[since[table] :] for name, values in columns.items()}
        for table, columns in tables.items()
    }
