"""What the client has sent, or would have, and the endpoint has not acknowledged: to be sent again."""

from collections import deque
from dataclasses import dataclass, field

MESSAGES_MAX = 2000
"""Text messages kept; the oldest are dropped."""


@dataclass(frozen=True, slots=True)
class _Entry:
    data: str | bytes
    number: int
    """The number of a text message; of audio the position after its last sample."""
    samples: int
    """0 for a text message."""

    @property
    def is_audio(self) -> bool:
        return self.samples > 0


@dataclass(slots=True)
class Unacknowledged:
    """A log of messages in their order, with a place up to which they were sent on this connection.

    Parameters
    ----------
    samples_max : samples of audio kept; the oldest are dropped, and counted
    """

    samples_max: int
    dropped: int = 0
    """Samples dropped before they were acknowledged."""
    _log: deque[_Entry] = field(default_factory=deque)
    _sent: int = 0
    """Entries from the left that were sent."""
    _samples: int = 0
    _messages: int = 0
    _next_message: int = 0
    _end: int = 0

    @property
    def oldest(self) -> tuple[int, int]:
        """Return the number of the oldest message and the oldest sample that can be sent again."""
        message = next((one.number for one in self._log if not one.is_audio), self._next_message)
        position = next((one.number - one.samples for one in self._log if one.is_audio), self._end)
        return message, position

    @property
    def unsent(self) -> int:
        """Return how many messages wait to be sent."""
        return len(self._log) - self._sent

    def add_text(self, number: int, data: str) -> None:
        """Add numbered message ``number``."""
        self._log.append(_Entry(data, number, 0))
        self._messages += 1
        self._next_message = number + 1
        self._bound()

    def add_audio(self, end: int, samples: int, data: bytes) -> None:
        """Add a packet whose ``samples`` end at position ``end`` of the stream."""
        self._log.append(_Entry(data, end, samples))
        self._samples += samples
        self._end = end
        self._bound()

    def next(self) -> str | bytes | None:
        """Return the next message to send and count it as sent; None if there is none."""
        if self._sent >= len(self._log):
            return None
        self._sent += 1
        return self._log[self._sent - 1].data

    def acknowledge(self, messages: int, position: int) -> None:
        """Drop what the endpoint has: messages below number ``messages``, audio before ``position``."""
        while self._log and self._has(self._log[0], messages, position):
            self._drop()

    def rewind(self, messages: int, position: int) -> None:
        """Send again what the endpoint has not, on a new connection."""
        self._log = deque(one for one in self._log if not self._has(one, messages, position))
        self._samples = sum(one.samples for one in self._log)
        self._messages = sum(not one.is_audio for one in self._log)
        self._sent = 0

    @staticmethod
    def _has(one: _Entry, messages: int, position: int) -> bool:
        return one.number <= position if one.is_audio else one.number < messages

    def _bound(self) -> None:
        while self._samples > self.samples_max:
            place = next(place for place, one in enumerate(self._log) if one.is_audio)
            self.dropped += self._log[place].samples
            self._drop(place)
        while self._messages > MESSAGES_MAX:
            self._drop(next(place for place, one in enumerate(self._log) if not one.is_audio))

    def _drop(self, place: int = 0) -> None:
        one = self._log[place]
        del self._log[place]
        self._sent -= place < self._sent
        self._samples -= one.samples
        self._messages -= not one.is_audio
