"""Who has the floor: whether anything of a conversation is still under way, read off its events."""

from dataclasses import dataclass, field

from workbench.core.events import (
    Backchannelled,
    Event,
    FinalTranscript,
    PlaybackStarted,
    PlaybackStopped,
    ReplyFollowed,
    ReplyLed,
    SpeechStarted,
    TurnEnded,
)


@dataclass(slots=True)
class Floor:
    """Follows the events of one session."""

    speaking: bool = False
    """The caller speaks, or paused inside a turn."""
    finals_due: int = 0
    """Turns that ended and are still being recognised."""
    reply_due: bool = False
    """Something was understood and not yet answered aloud."""
    replying: bool = False
    """A reply is being heard."""
    replies: int = 0
    """Replies that were heard, to their end or not."""
    leads: set[int] = field(default_factory=set)
    """Replies that go before another: the answer is still due when they are over."""

    def take(self, event: Event) -> None:
        """Take in the next event."""
        match event.body:
            case SpeechStarted():
                self.speaking = True
            case TurnEnded():
                self.speaking = False
                self.finals_due += 1
            case FinalTranscript(text=text):
                self.finals_due -= 1
                self.reply_due = self.reply_due or bool(text)
            case Backchannelled():
                self.speaking = False
            case ReplyLed(reply=number):
                self.leads.add(number)
            case ReplyFollowed(reply=number, by=by):
                self.leads.add(number)
                self.reply_due = self.reply_due or by is not None
            case PlaybackStarted(reply=number):
                self.reply_due, self.replying = self.reply_due and number in self.leads, True
            case PlaybackStopped(reply=number):
                self.replying = False
                if number not in self.leads:
                    self.reply_due = False
                    self.replies += 1
            case _:
                pass

    @property
    def free(self) -> bool:
        """Return whether nobody speaks and nothing is due."""
        return not (self.speaking or self.finals_due or self.reply_due or self.replying)
