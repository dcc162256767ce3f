"""One reply on its way to the caller, and what is recorded of its playback."""

from dataclasses import dataclass, field

import anyio

from workbench.core.audio import Samples
from workbench.core.events import (
    Body,
    PlaybackPaused,
    PlaybackPosition,
    PlaybackResumed,
    PlaybackStarted,
    PlaybackStopped,
    SpokenWord,
)
from workbench.protocol.native import Playback


@dataclass(slots=True, eq=False)
class Reply:
    """One reply on its way."""

    number: int
    turn: int
    text: str
    ssml: str
    voice: str
    requested: float
    """When synthesis was asked for, or its turn came, session seconds."""
    committed: anyio.Event = field(default_factory=anyio.Event)
    goes_on: bool = False
    """Whether something follows: then it ends in the silence that is between them."""
    behind: "Reply | None" = None
    """The part of its answer before it, which is synthesised first."""
    made: anyio.Event = field(default_factory=anyio.Event)
    """Set when nothing more of it will be synthesised."""
    sent: anyio.Event = field(default_factory=anyio.Event)
    """Set when nothing more of it will be sent."""
    after: "Reply | None" = None
    """What it follows: a client takes replies one after the other, so it is sent once that was."""
    scope: anyio.CancelScope = field(default_factory=anyio.CancelScope)
    words: list[SpokenWord] = field(default_factory=list)
    clauses: list[tuple[Samples, int]] = field(default_factory=list)
    """What was synthesised, with its rate, if a recording needs it."""
    started: bool = False
    """Whether the client has begun to play it."""
    heard: int = 0
    """Samples played, at the output rate."""
    stopped: bool = False
    said: str = ""
    """The words of it that were heard, once it has stopped sounding."""
    restored: int = 0
    """Samples the client had already when it was taken up again."""
    known: int = 0
    """Clauses that the timeline has from the process before."""

    def text_heard(self, seconds: float) -> str:
        """Return the words of which half was heard within the first ``seconds``."""
        return " ".join(word.text for word in self.words if (word.start + word.end) / 2 < seconds)


def playback_event(reply: Reply, message: Playback, rate: int) -> Body:
    """Return the event of what the client reports of ``reply``, whose samples are at ``rate``."""
    number, position = reply.number, message.device_position
    match message.state:
        case "started":
            return PlaybackStarted(reply=number, played=message.at, device_position=position)
        case "playing":
            return PlaybackPosition(
                reply=number,
                heard=message.heard,
                rate=rate,
                device_position=position,
                underrun=message.underrun,
            )
        case "paused":
            return PlaybackPaused(reply=number, heard=message.heard, rate=rate, device_position=position)
        case "resumed":
            return PlaybackResumed(reply=number, heard=message.heard, rate=rate, device_position=position)
        case "stopped":
            return PlaybackStopped(
                reply=number,
                reason=message.reason or "closed",
                heard=message.heard,
                rate=rate,
                device_position=position,
                text_heard=reply.said,
            )
