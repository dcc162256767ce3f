"""What happens in a session: one typed union, one stamp.

An :class:`Event` is a stamp (``seq``, ``at``, ``turn``, ``source``) and a body. Bodies are past tense and
never edited; their ``type`` is the name on the wire. Times are seconds: ``at`` on the session clock (zero
when the session opened), audio times on the caller's stream (zero at its first sample). Positions are
samples of the stream they speak of, at the ``rate`` beside them.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal, TypeAlias

from workbench.core.reply_events import (
    ActionTaken as ActionTaken,
    ClarificationAsked as ClarificationAsked,
    PlaybackPaused as PlaybackPaused,
    PlaybackPosition as PlaybackPosition,
    PlaybackResumed as PlaybackResumed,
    PlaybackStarted as PlaybackStarted,
    PlaybackStopped as PlaybackStopped,
    ReplyChosen as ReplyChosen,
    ReplyFollowed as ReplyFollowed,
    ReplyLed as ReplyLed,
    SlotConfirmed as SlotConfirmed,
    SpokenWord as SpokenWord,
    SynthesisFirstAudio as SynthesisFirstAudio,
    SynthesisFirstByte as SynthesisFirstByte,
    SynthesisReady as SynthesisReady,
)
from workbench.core.session_events import (
    ConsentSettled as ConsentSettled,
    ErrorRaised as ErrorRaised,
    OrderBroken as OrderBroken,
    SessionClosed as SessionClosed,
    SessionHeld as SessionHeld,
    SessionOpened as SessionOpened,
    SessionReset as SessionReset,
    SessionResumed as SessionResumed,
    TurnTakingTuned as TurnTakingTuned,
)


class Source(StrEnum):
    """Who knew."""

    ENDPOINT = "endpoint"
    RECOGNIZER = "recognizer"
    UNDERSTANDING = "understanding"
    TURN_TAKING = "turn-taking"
    DIALOG = "dialog"
    SYNTHESIZER = "synthesizer"
    CLIENT = "client"


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """One recognised word."""

    text: str
    """As written, with its punctuation, no surrounding space."""
    start: float
    """Seconds on the caller's stream."""
    end: float
    """Seconds on the caller's stream."""
    confidence: float
    """How likely the word is right, 0..1."""
    score: float | None = None
    """The recogniser's own, where ``confidence`` is calibrated; else None."""
    stability: float = 1.0
    """How likely the word is to survive to the final, 0..1; 1 in finals."""


# --- audio positions


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioIn:
    """How far the caller's stream has arrived; recorded about once a second and at each gap."""

    type: Literal["audio-in"] = "audio-in"
    position: int
    """Samples of the caller's stream received."""
    rate: int
    lost: int = 0
    """Samples missing since the last such event."""
    captured: float | None = None
    """When the sample at ``position`` was captured, seconds on the session clock, if the client said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioOut:
    """How far the agent's stream has been sent."""

    type: Literal["audio-out"] = "audio-out"
    position: int
    rate: int


# --- hearing


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeechStarted:
    type: Literal["speech-started"] = "speech-started"
    position: int
    """First voiced sample of the caller's stream."""
    rate: int
    probability: float
    """Voice activity when it was noticed, 0..1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeechEnded:
    type: Literal["speech-ended"] = "speech-ended"
    position: int
    """Last voiced sample of the caller's stream (end of speech, not end of turn)."""
    rate: int


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceActivityNoted:
    """Windows of the caller's stream that were dealt with before the next event."""

    type: Literal["voice-activity"] = "voice-activity"
    position: int
    """First sample of the first window, at ``rate``; each window begins where the one before ended."""
    rate: int
    window: int
    """Samples in each window."""
    activity: tuple[int, ...]
    """Voice activity of each window, in thousandths."""
    ended: bool = False
    """Whether the stream ended with them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PartialTranscript:
    type: Literal["partial-transcript"] = "partial-transcript"
    text: str
    words: tuple[Word, ...]
    stable: int
    """Leading words that are not expected to change."""
    stability: float
    """How likely the whole text is to survive, 0..1."""
    confidence: float
    """How likely the whole text is right, 0..1."""
    end_of_sentence: float = 0.0
    """Recogniser's probability that the sentence is complete, 0..1."""
    audio_end: float
    """How much of the caller's stream this is based on, seconds."""
    utterance: int = 0
    """Number of the utterance, from 0."""
    kind: Literal["partial", "early-final"] = "partial"
    """Whether it was a quick pass, or a careful one that may serve as the final."""
    position: int = 0
    """Samples of the caller's stream this is based on, at 16 kHz."""
    duration: float = 0.0
    """Seconds the pass took."""
    alternatives: tuple[str, ...] = ()
    """Other readings of the same audio, best first."""
    language: str = ""
    """BCP 47 tag."""
    passed_over: bool = False
    """Whether it was not understood, because others were being understood."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FinalTranscript:
    type: Literal["final-transcript"] = "final-transcript"
    text: str
    """Punctuated and capitalised; empty if nothing was said."""
    words: tuple[Word, ...]
    confidence: float
    language: str
    """BCP 47 tag."""
    audio_start: float
    audio_end: float
    alternatives: tuple[str, ...] = ()
    """Other readings of the same audio, best first."""
    duration: float = 0.0
    """Seconds the final pass took."""
    utterance: int = 0
    """Number of the utterance, from 0."""
    early: bool = False
    """Whether a pass made before the end of the turn serves as the final."""


# --- understanding and turn taking


@dataclass(frozen=True, slots=True, kw_only=True)
class Understood:
    """What some words were taken to mean, and what would be said to them: each time, not only on a change."""

    type: Literal["understood"] = "understood"
    text: str
    """The words, with those carried from turns that were cut off."""
    origin: Literal["partial", "final"]
    """How carefully they were looked at."""
    expecting: str | None
    """The slot that was asked for."""
    intent: str | None
    slots: dict[str, str]
    confidence: float
    """As the deciders saw it: of a partial, where it is calibrated, how likely the final means the same."""
    slot_confidences: dict[str, float]
    complete: bool
    """Whether it could be a finished request."""
    correction: bool
    said: str
    """The words of the templates that it was taken for."""
    answer: str
    """What would be said, as SSML, as things stood."""
    duration: float
    """Seconds it took, with waiting for others."""
    score: float | None = None
    """The understanding's own confidence, where ``confidence`` is calibrated; else None."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FinalWanted:
    """The turn seems about to end: a careful pass was asked for, ahead of the end."""

    type: Literal["final-wanted"] = "final-wanted"
    score: float
    """How likely the caller has finished, from the words, 0..1."""
    position: int
    """Samples of the caller's stream dealt with."""
    rate: int


@dataclass(frozen=True, slots=True, kw_only=True)
class IntentRecognized:
    type: Literal["intent-recognized"] = "intent-recognized"
    intent: str | None
    """Name of the intent; None when out of scope."""
    slots: dict[str, str]
    """The spoken phrase by slot name."""
    confidence: float
    origin: Literal["partial", "final"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnEnded:
    type: Literal["turn-ended"] = "turn-ended"
    reason: str
    """One of complete, silence, too-long, end-of-audio."""
    score: float
    """The decider's probability that the caller had finished, 0..1."""
    hangover: float
    """Silence waited before deciding, seconds."""
    position: int
    """End of speech, samples of the caller's stream."""
    rate: int
    utterance: int = 0
    """Number of the utterance, from 0."""
    decided: int = 0
    """Samples of the caller's stream dealt with when this was decided."""
    ahead: int = 0
    """Samples noticed by then that were not yet dealt with."""
    expected: str = ""
    """What had been asked for: one of yes-no, choice, date, list; empty for nothing in particular."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BargedIn:
    type: Literal["barge-in"] = "barge-in"
    reply: int
    position: int
    """Where the interrupting speech began, samples of the caller's stream."""
    rate: int
    reason: str = ""
    """What made it an interruption: words or duration."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Backchannelled:
    type: Literal["backchannel"] = "backchannel"
    reply: int
    text: str
    reason: str = ""
    """One of backchannel, noise."""
    decided: int = 0
    """Samples of the caller's stream dealt with when this was decided, at 16 kHz."""
    ahead: int = 0
    """Samples noticed by then that were not yet dealt with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LookupDone:
    type: Literal["lookup"] = "lookup"
    name: str
    """What was asked: knowledge or customers; never the question."""
    status: str
    """One of found, nothing, late (found after the reply), failed, timeout."""
    duration: float
    """Seconds it took, or was waited for."""
    number: int = 0
    """Which lookup of its kind in the session, from 0."""
    found: dict[str, str] = field(default_factory=dict)
    """What may be said of it: ``answer``, or the facts about the caller that prompts may use."""


# --- early synthesis


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlySynthesisStarted:
    type: Literal["early-synthesis-started"] = "early-synthesis-started"
    reply: int
    intent: str | None
    slots: dict[str, str]
    confidence: float
    stability: float


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlySynthesisCommitted:
    type: Literal["early-synthesis-committed"] = "early-synthesis-committed"
    reply: int
    saved: float
    """Seconds between its start and the commit: the most it can have saved."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlySynthesisDiscarded:
    type: Literal["early-synthesis-discarded"] = "early-synthesis-discarded"
    reply: int
    reason: str
    """One of speech-resumed, intent-changed, reply-changed, confidence-fell, turn-dropped."""


Body: TypeAlias = (
    SessionOpened | SessionHeld | SessionResumed | SessionReset | SessionClosed | ErrorRaised | OrderBroken
    | TurnTakingTuned | ConsentSettled
    | AudioIn | AudioOut
    | SpeechStarted | SpeechEnded | VoiceActivityNoted | PartialTranscript | FinalTranscript
    | Understood | FinalWanted | IntentRecognized | TurnEnded | BargedIn | Backchannelled | LookupDone
    | EarlySynthesisStarted | EarlySynthesisCommitted | EarlySynthesisDiscarded
    | ReplyChosen | ReplyLed | ReplyFollowed | SlotConfirmed | ClarificationAsked | ActionTaken
    | SynthesisFirstByte | SynthesisFirstAudio | SynthesisReady
    | PlaybackStarted | PlaybackPosition | PlaybackPaused | PlaybackResumed | PlaybackStopped
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing that happened, stamped."""

    seq: int
    """Place on the timeline, from 0, without gaps."""
    at: float
    """Seconds since the session opened, never decreasing with ``seq``."""
    turn: int
    """The caller's turn it belongs to, from 0; the reply belongs to the turn it answers."""
    source: Source
    body: Body
