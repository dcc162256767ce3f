"""The timeline: everything that happened in one session, in order."""

import logging
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from workbench.core.clock import Clock, MonotonicClock
from workbench.core.events import Body, ErrorRaised, Event, SessionReset, Source
from workbench.core.garbage import uncollected
from workbench.core.wire import event_from_json, event_to_json, event_to_wire, events_from_json
from workbench.errors import ParameterError, ProtocolError

if TYPE_CHECKING:
    import pandas as pd

Subscriber: TypeAlias = Callable[[Event], None]

_LOG = logging.getLogger(__name__)


class Timeline:
    """Events of one session; append-only.

    Its length is bounded by the longest session the endpoint allows. Use it from one thread.

    Parameters
    ----------
    clock : tells the ``at`` of recorded events; zero is when the session opened
    first : number of the first event; above 0 when another session had those before
    """

    def __init__(self, clock: Clock | None = None, *, first: int = 0) -> None:
        self._clock = clock or MonotonicClock()
        self._first = first
        self._events: list[Event] = []
        self._subscribers: list[Subscriber] = []
        self._told = 0
        self._telling = False

    @property
    def events(self) -> tuple[Event, ...]:
        """Return all events so far, oldest first."""
        return tuple(self._events)

    def __len__(self) -> int:
        return len(self._events)

    def since(self, seq: int) -> tuple[Event, ...]:
        """Return the events from ``seq`` on."""
        return tuple(self._events[max(0, seq - self._first) :])

    @property
    def next_seq(self) -> int:
        """Return the number of the next event."""
        return self._first + len(self._events)

    def forget(self, seq: int) -> None:
        """Drop the events before ``seq``: for a session that lasts, once nobody will ask for them."""
        count = min(max(0, seq - self._first), self._told)
        del self._events[:count]
        self._first += count
        self._told -= count

    def now(self) -> float:
        """Return the session time in seconds."""
        return self._clock.now()

    def record(self, body: Body, *, turn: int, source: Source) -> Event:
        """Stamp ``body`` with the next ``seq`` and the present time, keep it, tell the subscribers."""
        at = self._clock.now()
        if self._events:
            at = max(at, self._events[-1].at)
        event = Event(seq=self.next_seq, at=at, turn=turn, source=source, body=body)
        self._events.append(event)
        for failure in self._tell():
            note = f"a subscriber failed with {failure} and was dropped"
            self.record(
                ErrorRaised(code="subscriber-failed", message=note), turn=turn, source=Source.ENDPOINT
            )
        return event

    def append(self, event: Event) -> None:
        """Keep an event stamped elsewhere: the mirror of another process's timeline.

        A subscriber that fails here is noted in the log: the places on the timeline are the other's.

        Raises
        ------
        ParameterError
            If its ``seq`` is not the next one, or its ``at`` lies before the last event's.
        """
        if event.seq != self.next_seq:
            raise ParameterError(f"event has seq {event.seq}, expected {self.next_seq}")
        if self._events and event.at < self._events[-1].at:
            raise ParameterError(f"event {event.seq} is at {event.at:.6f} s, before the one it follows")
        self._events.append(event)
        for failure in self._tell():
            _LOG.warning("a subscriber failed with %s and was dropped", failure)

    def subscribe(self, subscriber: Subscriber) -> Callable[[], None]:
        """Call ``subscriber`` with each new event, in order, until the returned function is called.

        A subscriber that raises is dropped and noted; the session goes on.
        """
        self._subscribers.append(subscriber)

        def unsubscribe() -> None:
            if subscriber in self._subscribers:
                self._subscribers.remove(subscriber)

        return unsubscribe

    def _tell(self) -> list[str]:
        """Tell the subscribers what they don't know yet; return the errors of those that were dropped.

        An event recorded by a subscriber waits until all have been told of the one at hand.
        """
        failures: list[str] = []
        if self._telling:
            return failures
        self._telling = True
        try:
            while self._told < len(self._events):
                event = self._events[self._told]
                self._told += 1
                for subscriber in tuple(self._subscribers):
                    try:
                        subscriber(event)
                    except Exception as error:
                        failures.append(type(error).__name__)
                        if subscriber in self._subscribers:
                            self._subscribers.remove(subscriber)
        finally:
            self._telling = False
        return failures

    def save(self, path: Path | str) -> None:
        """Write one JSON object a line."""
        Path(path).write_bytes(self.render())

    @classmethod
    def load(cls, path: Path | str) -> "Timeline":
        """Read what :meth:`save` wrote.

        It begins with event 0, or with the ``session-reset`` of a session that took another's place.

        Raises
        ------
        ParameterError
            If the file can't be read, or a line is not the next event; names the line.
        """
        try:
            data = Path(path).read_bytes()
        except OSError as error:
            raise ParameterError(f"{path}: can't read a timeline: {type(error).__name__}") from None
        return cls.parse(data, path)

    @classmethod
    def parse(cls, data: bytes, name: Path | str) -> "Timeline":
        """Read what is in a file of :meth:`save` called ``name``; raises as :meth:`load`."""
        try:
            with uncollected():
                timeline = cls._of(events_from_json(data) or [])
            return cls._of_lines(name, data.decode().split("\n")) if timeline is None else timeline
        except UnicodeDecodeError as error:
            raise ParameterError(f"{name}: can't read a timeline: {type(error).__name__}") from None

    def render(self) -> bytes:
        """Return what :meth:`save` writes."""
        return "".join(event_to_json(event) + "\n" for event in self._events).encode()

    @classmethod
    def _of(cls, events: list[Event]) -> "Timeline | None":
        """Return the timeline of ``events``; None if there are none, or one needs a closer look."""
        if not events:
            return None
        first = events[0].seq if isinstance(events[0].body, SessionReset) else 0
        numbered = all(event.seq == seq for seq, event in enumerate(events, start=first))
        if not (numbered and all(one.at <= other.at for one, other in pairwise(events))):
            return None
        timeline = cls(first=first)
        timeline._events, timeline._told = events, len(events)
        return timeline

    @classmethod
    def _of_lines(cls, path: Path | str, lines: list[str]) -> "Timeline":
        """Return the timeline of ``lines``, read one by one; says what is wrong with which."""
        timeline = cls()
        for number, line in enumerate(lines if lines[-1] else lines[:-1], start=1):
            try:
                event = event_from_json(line)
                if number == 1 and isinstance(event.body, SessionReset):
                    timeline = cls(first=event.seq)
                timeline.append(event)
            except (ProtocolError, ParameterError) as error:
                raise ParameterError(f"{path}:{number}: {error}") from None
        return timeline

    def to_pandas(self) -> "pd.DataFrame":
        """Return one row an event: the stamp, ``type``, then every field any body has."""
        import pandas as pd

        rows = [event_to_wire(event) for event in self._events]
        first = ["seq", "at", "turn", "source", "type"]
        frame = pd.DataFrame(rows, columns=None if rows else first)
        return frame[first + [name for name in frame.columns if name not in first]]
