"""What happens to a reply: chosen, synthesised, played, heard; part of the union in ``events``."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyChosen:
    type: Literal["reply-text"] = "reply-text"
    reply: int
    text: str
    """What will be spoken, as plain text."""
    ssml: str
    part: Literal["", "prefix", "first", "next", "rest"] = ""
    """Which part of an answer it is: all, a phrase before it, its first sentence or clause, a later clause,
    or the rest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyLed:
    """The turn has ended; the reply may be heard from now on, before the final transcript is there."""

    type: Literal["reply-led"] = "reply-led"
    reply: int
    kind: Literal["prefix", "sentence", "clause"]
    """A phrase that is safe whatever follows, or the first sentence, or a clause, of what will likely be
    answered."""
    confidence: float
    """Of the intent it was led on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyFollowed:
    """What became of a reply that was led, or is one part of an answer."""

    type: Literal["reply-followed"] = "reply-followed"
    reply: int
    by: int | None
    """The reply that goes on; None if nothing does."""
    outcome: Literal["continued", "repaired", "replaced", "dropped"]
    """The final agreed; it did not, and what was heard is taken back in words; or nothing of it was heard;
    or there is no answer: the caller speaks on, or had said nothing."""
    reason: str = ""
    """Why it was not continued: as for a discarded early reply."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotConfirmed:
    type: Literal["slot-confirmed"] = "slot-confirmed"
    slot: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClarificationAsked:
    type: Literal["clarification-asked"] = "clarification-asked"
    slot: str | None
    """The slot in doubt; None when the whole utterance was."""
    reason: str
    """One of missing, unsure, unknown-value, out-of-scope, not-heard."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionTaken:
    type: Literal["action-taken"] = "action-taken"
    action: str
    arguments: dict[str, str]
    key: str
    """Idempotency key: the same key happens once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SynthesisFirstByte:
    type: Literal["synthesis-first-byte"] = "synthesis-first-byte"
    reply: int
    requested: float
    """When synthesis was asked for, seconds on the session clock."""
    cached: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SynthesisFirstAudio:
    type: Literal["synthesis-first-audio"] = "synthesis-first-audio"
    reply: int
    leading_silence: float
    """Seconds of silence before the first audible sample."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpokenWord:
    """One word of a reply and where it lies in the reply's audio."""

    text: str
    start: float
    """Seconds from the reply's first sample."""
    end: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SynthesisReady:
    """One clause of the reply is synthesised."""

    type: Literal["synthesis-ready"] = "synthesis-ready"
    reply: int
    clause: int
    text: str
    samples: int
    rate: int
    words: tuple[SpokenWord, ...]
    marks: tuple[SpokenWord, ...] = ()
    """SSML marks by name; start equals end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaybackStarted:
    type: Literal["playback-started"] = "playback-started"
    reply: int
    played: float
    """When the reply's first sample left the speaker, seconds on the session clock."""
    device_position: int
    """The same moment in samples of the client's playback device."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaybackPosition:
    type: Literal["playback-position"] = "playback-position"
    reply: int
    heard: int
    """Samples of the reply played so far."""
    rate: int
    device_position: int
    """The same moment in samples of the client's playback device."""
    underrun: int = 0
    """Samples of silence put in because nothing had arrived, so far in this reply."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaybackPaused:
    type: Literal["playback-paused"] = "playback-paused"
    reply: int
    heard: int
    rate: int
    device_position: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaybackResumed:
    type: Literal["playback-resumed"] = "playback-resumed"
    reply: int
    heard: int
    rate: int
    device_position: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaybackStopped:
    type: Literal["playback-stopped"] = "playback-stopped"
    reply: int
    reason: str
    """One of finished, barge-in, closed."""
    heard: int
    """Samples of the reply played in all."""
    rate: int
    device_position: int
    text_heard: str = ""
    """The words of the reply that were heard."""
