"""A session's tables while it goes on: what is over is read once, the turns under way again each time."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from workbench.analysis.columns import Packed, joined, pack
from workbench.analysis.contributions import contributions
from workbench.analysis.readings import caller_began
from workbench.analysis.session_index import SCHEMA, Strings, Tables, index_rows
from workbench.analysis.timeline_picture import facts, latest
from workbench.analysis.turn_events import by_turn, of_kind, replies
from workbench.core.events import AudioIn, Event, PlaybackStarted, PlaybackStopped, SessionOpened, TurnEnded
from workbench.core.timeline import Timeline
from workbench.store.recording import Recording


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
    """

    def __init__(self, timeline: Timeline) -> None:
        self._timeline = timeline
        self._strings = Strings()
        self._settled = index_rows(_part(()), self._strings)
        self._settled_turns: list[dict[str, Any]] = []
        self._read_from = 0
        self._zero: float | None = None
        self._rates = (16_000, 24_000)
        self._sent_strings = 0
        self._sent: dict[str, int] = dict.fromkeys(SCHEMA, 0)

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
        self._sent_strings = 0
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
        turns = _turns(tail) if first else self._settled_turns + _turns(tail)
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

    def pack_all(self) -> Packed:
        """Return all tables so far, and nothing else."""
        tail = _part(self._timeline.since(self._read_from), zero=self.device_zero, rates=self._rates)
        rows = index_rows(tail, self._strings, _rows(self._settled))
        return pack(SCHEMA, joined(self._settled, rows))

    def _settle(self) -> None:
        """Move what is over to the tables that are not read again."""
        events = self._timeline.since(self._read_from)
        self._learn(events)
        until = _first_open(events)
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
            elif isinstance(body, AudioIn) and self._zero is None and body.captured is not None:
                self._zero = body.captured - body.position / body.rate


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
    """Return how many events, from the first, belong to turns and replies that are over.

    The last two turns are never taken for over: the reply to the one may still be played in the other.
    """
    newest = max((event.turn for event in events), default=0)
    started = {body.reply for _, body in of_kind(events, PlaybackStarted)}
    playing = started - {body.reply for _, body in of_kind(events, PlaybackStopped)}
    for place, event in enumerate(events):
        if event.turn >= newest - 1 or getattr(event.body, "reply", None) in playing:
            return place
    return len(events)


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
