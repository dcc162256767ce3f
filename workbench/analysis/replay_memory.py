"""What a recorded session knows of things a replay may ask for: passes, readings, durations, replies.

A replay with other settings may ask for what never happened. It then gets an estimate: words are those the
careful passes found, cut by their times; durations are the recording's own medians.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from statistics import median
from typing import Literal, TypeAlias

from workbench.audio.voice_activity import RATE
from workbench.conversation.replying import Said
from workbench.conversation.understanding import Interpretation
from workbench.core.events import (
    AudioIn,
    Backchannelled,
    EarlySynthesisCommitted,
    Event,
    FinalTranscript,
    FinalWanted,
    PartialTranscript,
    PlaybackStarted,
    PlaybackStopped,
    ReplyChosen,
    SpokenWord,
    SynthesisFirstByte,
    SynthesisReady,
    TurnEnded,
    Understood,
    Word,
)
from workbench.core.hypothesis import Hypothesis

WORD_SLACK = 0.3
"""Seconds a recognised word may reach out of the speech it belongs to."""

CAREFUL_PASS, FIRST_BYTE, WAY, PER_LETTER = 0.3, 0.2, 0.1, 0.065
"""Seconds a final, a first clause, the way to the speaker and a letter of speech take if none is recorded."""

Key: TypeAlias = tuple[str, str | None, Literal["partial", "final"]]


@dataclass(slots=True)
class RecordedReply:
    """One reply as it went."""

    number: int
    ssml: str = ""
    requested: float | None = None
    first_byte: float | None = None
    started: float | None = None
    stopped: PlaybackStopped | None = None
    seconds: float = 0.0
    """How much of it was synthesised."""
    words: list[SpokenWord] = field(default_factory=list)
    clauses: dict[str, float] = field(default_factory=dict)
    """How long each of its clauses lasts, seconds."""
    _last: float = 0.0

    def take(self, event: Event) -> None:
        """Take in an event about it."""
        match event.body:
            case ReplyChosen(ssml=ssml):
                self.ssml = ssml
            case SynthesisFirstByte(requested=requested):
                self.requested, self.first_byte = requested, event.at
            case SynthesisReady() as ready:
                self.seconds += ready.samples / ready.rate
                self.clauses[ready.text] = ready.samples / ready.rate
                self.words.extend(ready.words)
            case PlaybackStarted(played=played):
                self.started = played
            case PlaybackStopped() as stopped:
                self.stopped = stopped


class Memory:
    """The recording, by what a replay asks for."""

    def __init__(self, events: Sequence[Event]) -> None:
        self.events = tuple(events)
        self.ends: dict[int, TurnEnded | Backchannelled] = {}
        """Ends of utterances by when they were decided, samples."""
        self.wanted: set[int] = set()
        """When early finals were asked for, samples."""
        self.finals: dict[int, FinalTranscript] = {}
        """The final of each utterance."""
        self.replies: dict[int, RecordedReply] = {}
        self.begun_early: set[int] = set()
        """Utterances whose final began before the end of the turn."""
        self._passes: list[tuple[float, float]] = []
        """When each quick pass was begun and done, session seconds."""
        self._meanings: dict[Key, Interpretation] = {}
        self._careful: dict[int, tuple[Word, ...]] = {}
        durations, understandings, offsets = [], [], []
        ended: dict[int, float] = {}
        committed: dict[int, float] = {}
        for event in self.events:
            match event.body:
                case TurnEnded() as end:
                    self.ends[end.decided], ended[end.utterance] = end, event.at
                case Backchannelled() as dropped:
                    self.ends[dropped.decided] = dropped
                case EarlySynthesisCommitted(reply=given):
                    committed[given] = event.at
                case FinalWanted(position=position):
                    self.wanted.add(position)
                case FinalTranscript() as final:
                    self.finals[final.utterance] = final
                    if final.duration > event.at - ended.get(final.utterance, event.at):
                        self.begun_early.add(final.utterance)
                    self._careful[final.utterance] = final.words
                    durations.append(final.duration)
                case PartialTranscript() as partial:
                    self._heard(event.at, partial)
                case Understood() as understood:
                    self._meanings[understood.text, understood.expecting, understood.origin] = meaning(
                        understood
                    )
                    understandings.append(understood.duration)
                case AudioIn(captured=captured) as audio if captured is not None:
                    offsets.append(captured - audio.position / audio.rate)
                case _:
                    pass
            number = getattr(event.body, "reply", None)
            if number is not None:
                self.replies.setdefault(number, RecordedReply(number)).take(event)
        self.careful_pass = _median(durations, CAREFUL_PASS)
        """Seconds a final took."""
        self.understanding = _median(understandings, 0.0)
        """Seconds it took to understand."""
        self.zero = _median(offsets, 0.0)
        """Session time of the caller's first sample, as the client said."""
        replies = self.replies.values()
        self._clauses = {text: seconds for reply in replies for text, seconds in reply.clauses.items()}
        """How long clauses last, by what they say."""
        self.first_byte = _median(
            (
                r.first_byte - r.requested
                for r in replies
                if r.first_byte is not None and r.requested is not None
            ),
            FIRST_BYTE,
        )
        self.way = _median(
            (
                reply.started - max(reply.first_byte, committed.get(reply.number, 0.0))
                for reply in replies
                if reply.started is not None and reply.first_byte is not None
            ),
            WAY,
        )
        """Seconds from a reply's first clause, or its commit, to the speaker."""

    def _heard(self, at: float, partial: PartialTranscript) -> None:
        if partial.utterance not in self.finals:
            self._careful[partial.utterance] = as_scored(partial.words)
        if partial.kind == "partial":
            self._passes.append((at - partial.duration, at))

    def free_at(self, now: float) -> float:
        """Return when the recogniser is free: a quick pass under way is not broken off."""
        return next((done for begun, done in self._passes if begun <= now < done), now)

    def meaning(self, said: Said) -> Interpretation | None:
        """Return what these words were taken to mean then, if they were."""
        return self._meanings.get((said.text, said.expecting, said.origin))

    def spoken(self, ssml: str) -> RecordedReply | None:
        """Return a reply that said just this, the one heard furthest."""
        same = [reply for reply in self.replies.values() if reply.ssml == ssml]
        return max(same, key=lambda reply: (reply.started is not None, reply.seconds), default=None)

    def seconds(self, ssml: str, text: str) -> float:
        """Return how long a reply, or a clause of one, lasts."""
        known = self.spoken(ssml)
        if known is not None and known.seconds:
            return known.seconds
        return self._clauses.get(text, PER_LETTER * len(text))

    def words(self, began: int, ended: int) -> tuple[Word, ...]:
        """Return what the careful passes found between two samples of the caller's stream."""
        first, last = began / RATE - WORD_SLACK, ended / RATE + WORD_SLACK
        found = [word for words in self._careful.values() for word in words]
        return tuple(word for word in found if first <= word.start and word.end <= last)

    def careful(self, began: int, ended: int, *, language: str = "") -> Hypothesis:
        """Return what a careful pass over a stretch would have found, as far as others tell."""
        for final in self.finals.values():  # one over the very stretch
            if final.words == self.words(began, ended) and final.words:
                return from_final(final)
        words = self.words(began, ended)
        return Hypothesis(
            words=words,
            stable=len(words),
            stability=1.0,
            confidence=min((word.confidence for word in words), default=0.0),
            end_of_sentence=float(bool(words) and words[-1].text[-1:] in ".?!"),
            language=language or next((one.language for one in self.finals.values()), ""),
            audio_end=ended / RATE,
        )


def joined(partial: Hypothesis, before: Sequence[Word], began: int) -> Hypothesis:
    """Return a partial of another utterance as one of the utterance that began at a sample."""
    first = began / RATE - WORD_SLACK
    own = tuple(word for word in partial.words if word.start >= first)
    until = own[0].start if own else float("inf")
    lead = tuple(word for word in before if word.end <= until)
    return Hypothesis(
        words=(*lead, *own),
        stable=len(lead) + max(0, partial.stable - (len(partial.words) - len(own))),
        stability=partial.stability,
        confidence=partial.confidence,
        end_of_sentence=partial.end_of_sentence,
        language=partial.language,
        audio_end=partial.audio_end,
    )


def from_final(final: FinalTranscript) -> Hypothesis:
    """Return the hypothesis of a final."""
    return Hypothesis(
        words=final.words,
        stable=len(final.words),
        stability=1.0,
        confidence=final.confidence,
        end_of_sentence=1.0,
        language=final.language,
        audio_end=final.audio_end,
        alternatives=final.alternatives,
    )


def as_scored(words: Sequence[Word]) -> tuple[Word, ...]:
    """Return words with the recogniser's own scores."""
    return tuple(
        word if word.score is None else replace(word, confidence=word.score, score=None) for word in words
    )


def from_partial(partial: PartialTranscript) -> Hypothesis:
    """Return the hypothesis of a partial, as the recogniser scored it."""
    return Hypothesis(
        words=as_scored(partial.words),
        stable=partial.stable,
        stability=partial.stability,
        confidence=partial.confidence,
        end_of_sentence=partial.end_of_sentence,
        language=partial.language,
        audio_end=partial.audio_end,
        alternatives=partial.alternatives,
    )


def meaning(understood: Understood) -> Interpretation:
    """Return the interpretation on the timeline, with its own score."""
    return Interpretation(
        intent=understood.intent,
        slots=dict(understood.slots),
        confidence=understood.confidence if understood.score is None else understood.score,
        slot_confidences=dict(understood.slot_confidences),
        complete=understood.complete,
        correction=understood.correction,
        said=understood.said,
    )


def _median(values: Iterable[float], default: float) -> float:
    held = list(values)
    return median(held) if held else default
