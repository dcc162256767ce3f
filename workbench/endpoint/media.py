"""What a connection is told that carries audio beside the messages: where the session's streams stand."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from workbench.core.audio import AudioFormat


@dataclass(frozen=True, slots=True, kw_only=True)
class Streams:
    """The two streams of a session, as a new connection finds them."""

    input: AudioFormat
    output: AudioFormat
    position: int
    """The next sample expected of the caller's stream."""
    packet: int
    """The next audio packet expected of the caller."""
    zero: float | None
    """Session time of the caller's sample 0, if the page has said it."""
    now: Callable[[], float]
    """The session clock."""


@runtime_checkable
class MediaSocket(Protocol):
    """A connection that makes audio packets of what it hears, and sound of those it is sent."""

    def carries(self, streams: Streams) -> None:
        """Learn which session's streams these are, before any of it comes."""
