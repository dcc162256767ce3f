"""What the endpoint sends in one session, whichever connection carries it.

Events, control messages and audio packets are numbered, each kind for itself. Events can be sent again from
the timeline; control messages and audio are kept until the client acknowledges them. While no connection is
there nothing is lost and, since reply audio waits for one, little is added.
"""

from collections import deque
from collections.abc import Sequence
from typing import Literal

import anyio

from workbench.core.events import Event
from workbench.core.wire import event_to_json
from workbench.endpoint.line import Line
from workbench.endpoint.outbox import Outbox
from workbench.protocol.native import ConnectionMessage, PlaybackControl, Seen
from workbench.protocol.packets import AudioPacket, Direction, pack

KEPT_MAX = 1000
"""Control messages and audio packets kept for a client that acknowledges nothing; the oldest go."""

Action = Literal["pause", "resume", "flush", "end"]


class Sending:
    """Numbers, keeps and sends.

    Parameters
    ----------
    seen : what the client has already: the first numbers given
    """

    def __init__(self, seen: Seen) -> None:
        self._controls = seen.controls
        self._packets = seen.audio
        self._kept: deque[tuple[Literal["controls", "audio"], int, str | bytes]] = deque(maxlen=KEPT_MAX)
        self._outbox: Outbox | None = None
        self._observers: set[Line] = set()
        self._connected = anyio.Event()
        self.released = seen.events
        """Events that may be sent: all before this number."""

    def attach(self, outbox: Outbox, seen: Seen, events: Sequence[Event]) -> None:
        """Send on ``outbox`` from now on, first ``events`` and what else the client has not seen."""
        self.acknowledged(seen)
        for event in events:
            outbox.put(event_to_json(event))
        for _, _, message in self._kept:
            outbox.put(message)
        self._outbox = outbox
        self._connected.set()

    def detach(self) -> None:
        """Keep what is to be sent until the next connection."""
        self._outbox = None
        self._connected = anyio.Event()

    def observe(self, line: Line, events: Sequence[Event]) -> None:
        """Send ``events`` and all later ones to an observer too."""
        for event in events:
            line.outbox.put(event_to_json(event))
        self._observers.add(line)

    def forget(self, line: Line) -> None:
        """Send an observer nothing more."""
        self._observers.discard(line)

    async def connected(self) -> None:
        """Wait for a connection."""
        await self._connected.wait()

    @property
    def is_connected(self) -> bool:
        """Return whether a connection carries the session now."""
        return self._outbox is not None

    def acknowledged(self, seen: Seen) -> None:
        """Drop what the client has."""
        while self._kept and self._kept[0][1] < getattr(seen, self._kept[0][0]):
            self._kept.popleft()

    def may_have_seen(self, seen: Seen) -> bool:
        """Return whether so much was sent."""
        sent = seen.controls <= self._controls and seen.audio <= self._packets
        return sent and seen.events <= self.released

    def event(self, event: Event, text: str = "") -> None:
        """Send an event (``text`` is its JSON, if it is there already), in the order of the timeline."""
        self.released = event.seq + 1
        if self._outbox is None and not self._observers:
            return
        text = text or event_to_json(event)
        for outbox in (self._outbox, *(line.outbox for line in self._observers)):
            if outbox is not None:
                outbox.put(text)

    def control(self, action: Action, reply: int, *, at: float, samples: int = 0) -> None:
        """Tell the client what to do with a reply's audio."""
        message = PlaybackControl(seq=self._controls, at=at, action=action, reply=reply, samples=samples)
        self._controls += 1
        self._keep("controls", message.seq, message.model_dump_json())

    def audio(self, reply: int, position: int, payload: bytes) -> None:
        """Send a packet of a reply."""
        packet = AudioPacket(
            direction=Direction.AGENT, seq=self._packets, reply=reply, position=position, payload=payload
        )
        self._packets += 1
        self._keep("audio", packet.seq, pack(packet))

    def say(self, message: ConnectionMessage) -> None:
        """Send a message of the connection; without one it is nothing."""
        if self._outbox is not None:
            self._outbox.put(message.model_dump_json())

    def _keep(self, kind: Literal["controls", "audio"], seq: int, message: str | bytes) -> None:
        self._kept.append((kind, seq, message))
        if self._outbox is not None:
            self._outbox.put(message)
