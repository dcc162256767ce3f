"""Recorded sessions as turns that policies are judged on.

Positions are those the deciders had dealt with when they learnt of something, read off the voice activity
recorded before each event. What a recording does not hold: offers that were renewed because something had
been looked up, and stages that never ran; a turn that was not answered gets the medians of those that were.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from workbench.analysis.latency import turns
from workbench.analysis.outcomes import COLUMNS, OFFER, RATE, RESUMED, RIGHT, SILENT, TICK, Stages, TurnRecord
from workbench.analysis.outcomes_parts import Cut
from workbench.analysis.outcomes_sharing import sharing_of, works
from workbench.analysis.outcomes_stages import (
    UNKNOWN,
    Answered,
    Ending,
    Shared,
    completed,
    measured_stages,
)
from workbench.analysis.replay_settings import known_speaker
from workbench.analysis.turn_events import ReplyStory, answer_to, by_reply, of_kind, replies
from workbench.audio.voice_activity import Detection, SpeechDetector
from workbench.conversation.expecting import Expected
from workbench.conversation.noticing import SILENCE_MIN, SILENCE_NOTICED, STEPS
from workbench.conversation.speaker import Speaker
from workbench.core.events import (
    Backchannelled,
    Event,
    FinalTranscript,
    PartialTranscript,
    SpeechEnded,
    SpeechStarted,
    TurnEnded,
    Understood,
    VoiceActivityNoted,
)
from workbench.errors import ParameterError
from workbench.store.recording import Recording


def turn_records(recordings: Sequence[Recording], names: Sequence[str]) -> tuple[TurnRecord, ...]:
    """Return the turns of recorded sessions, those of one session together and in order.

    Parameters
    ----------
    names : of the sessions, each another one

    Raises
    ------
    ParameterError
        If a session was recorded without what policies are judged on, or no turn of any was answered.
    """
    done = [works(each.timeline.events) for each in recordings]
    sharing = sharing_of([one for own in done for one in own])
    found = [
        one
        for each, name, own in zip(recordings, names, done, strict=True)
        for one in _records(each, name, Shared(own, sharing))
    ]
    stages = completed([one.stages for one in found])
    return tuple(replace(one, stages=own) for one, own in zip(found, stages, strict=True))


def expect_judgeable(recording: Recording, name: str) -> None:
    """Raise ParameterError if a session was recorded without what policies are judged on."""
    events = recording.timeline.events
    if of_kind(events, PartialTranscript) and not of_kind(events, VoiceActivityNoted):
        raise ParameterError(
            f"session {name} was recorded without voice activity and what was understood, "
            "expected a recording of this version"
        )


@dataclass(frozen=True, slots=True)
class _Voice:
    """What voice activity said, window by window."""

    ends: list[int]
    silences: list[float]
    noticed: dict[tuple[str, int], int]
    """Where each start and end of speech was noticed."""

    @classmethod
    def of(cls, events: Sequence[Event]) -> "_Voice":
        detector = SpeechDetector(Detection(silence=SILENCE_NOTICED))
        voice = cls([], [], {})
        for _, body in of_kind(events, VoiceActivityNoted):
            for number, activity in enumerate(body.activity):
                end = body.position + (number + 1) * body.window
                seen = detector.decide(end, activity / STEPS)
                silence = detector.silence(end)
                voice.ends.append(end)
                voice.silences.append(silence if SILENCE_MIN < silence < np.inf else 0.0)
                if seen is not None:
                    voice.noticed[seen.type, seen.position] = end
        return voice

    def noticed_at(self, body: SpeechStarted | SpeechEnded) -> int:
        """Return where it was noticed: a turn that was ended in the middle of speech begins anew at once."""
        return self.noticed.get((body.type, body.position), body.position + TICK)

    def silence(self, position: int) -> float:
        place = bisect_right(self.ends, position) - 1
        return self.silences[place] if place >= 0 else 0.0


@dataclass(slots=True)
class _Open:
    """A turn while it is read."""

    number: int
    rows: list[tuple[float, ...]] = field(default_factory=list)
    """Steps in the order of :data:`_COLUMNS`; the reply is a place in ``asked``."""
    asked: list[str] = field(default_factory=list)
    """The replies that were asked for, as SSML."""
    began: int | None = None
    silent: bool = False
    heard: int = 0
    """Position up to which the words last understood had been heard."""
    offer: tuple[float, ...] | None = None
    """The last offer."""
    ended: tuple[float, TurnEnded] | None = None
    final: tuple[float, FinalTranscript] | None = None
    finishing: bool = False
    """Whether the next words understood are the final's."""
    early_at: int | None = None
    """Position dealt with when the last careful pass was done."""
    answer: str | None = None
    """The reply that the final asked for."""
    speaker: Speaker = Speaker()
    """The caller, as known when the turn began."""

    def noticed(self, body: SpeechStarted | SpeechEnded, at: int) -> None:
        """Take in that the caller fell silent or spoke, noticed at a position."""
        if isinstance(body, SpeechStarted):
            if self.began is None:
                self.began = body.position
            elif self.silent:
                self.rows.append((RESUMED, at, *_NOTHING))
            self.silent = False
        elif self.began is not None and not self.silent:
            self.silent = True
            self.rows.append((SILENT, body.position, *_NOTHING))
            if self.offer is not None and self.heard >= body.position:
                _, _, confidence, stability, _, *rest, _ = self.offer
                self.rows.append((OFFER, at, confidence, stability, SILENCE_NOTICED, *rest, at))

    def understood(
        self, body: Understood, partial: PartialTranscript, *, begun: int, at: int, silence: float
    ) -> None:
        """Take in what the words of a pass ``begun`` then mean, offered just after ``at`` was dealt with."""
        complete = int(body.complete) if body.intent is not None else -1
        if body.answer not in self.asked:
            self.asked.append(body.answer)
        scores = (body.confidence, partial.stability, silence, partial.end_of_sentence)
        self.offer = (OFFER, at + 1, *scores, complete, self.asked.index(body.answer), begun)
        self.heard = partial.position
        self.rows.append(self.offer)


_COLUMNS = (*COLUMNS, "begun")
_NOTHING = (0.0,) * (len(_COLUMNS) - 2)


def _read(events: Sequence[Event], voice: _Voice) -> list[_Open]:
    """Return the turns, each with its steps."""
    done: list[_Open] = []
    speaker = known_speaker(events)
    turn, position = _Open(0, speaker=speaker), 0
    partial: PartialTranscript | None = None
    begun = 0
    for event in events:
        body = event.body
        if event.turn > turn.number and isinstance(body, SpeechStarted):
            done.append(turn)
            turn = _Open(event.turn, speaker=speaker)
        match body:
            case VoiceActivityNoted():
                position = body.position + len(body.activity) * body.window
            case SpeechStarted() | SpeechEnded():
                turn.noticed(body, voice.noticed_at(body))
            case PartialTranscript():
                partial, turn.finishing = body, False
                begun = position - round(body.duration * RATE)
                turn.early_at = position if body.kind == "early-final" else turn.early_at
            case Understood() if turn.finishing:
                turn.answer = body.answer
            case Understood() if partial is not None:
                turn.understood(body, partial, begun=begun, at=position, silence=voice.silence(position))
            case TurnEnded():
                turn.ended = event.at, body
            case FinalTranscript():
                speaker = speaker.spoke(len(body.words), sum(one.end - one.start for one in body.words))
                turn.final, turn.finishing = (event.at, body), True
                if not body.text and not turn.asked:
                    turn = _Open(turn.number, speaker=speaker)  # a noise
            case Backchannelled():
                turn = _Open(turn.number, speaker=speaker)
    return [*done, turn]


def _records(recording: Recording, name: str, shared: Shared) -> list[TurnRecord]:
    expect_judgeable(recording, name)
    events = recording.timeline.events
    reports, stories = {one.turn: one for one in turns(recording)}, replies(events)
    held = by_reply(events)
    cut = Cut.of(events)
    found = []
    for turn in _read(events, _Voice.of(events)):
        stages = UNKNOWN
        report, answer = reports.get(turn.number), _answer(turn, stories, held)
        if turn.ended is not None and turn.final is not None and report is not None and answer is not None:
            ending = Ending(
                ended_at=turn.ended[0],
                ended=turn.ended[1],
                final_at=turn.final[0],
                final=turn.final[1],
                early_at=turn.early_at,
            )
            stages = measured_stages(recording, ending, report, answer, shared)
        record = _record(turn, name, stages, known_speaker(events).longest_pause, cut)
        if record is not None:
            found.append(record)
    return found


def _answer(
    turn: _Open, stories: Sequence[ReplyStory], events: Mapping[int, Sequence[Event]]
) -> Answered | None:
    """Return the reply that answered a turn, and what of the answer was heard first."""
    if turn.ended is None:
        return None
    own = [one for one in stories if one.turn == turn.number]
    parts = answer_to(own, ended=turn.ended[0])
    if not parts:
        return None
    heard = story = parts[0]
    if heard.part == "prefix" and len(parts) > 1 and heard.followed is not None:
        story = replace(parts[1], committed=heard.followed[0])
    return Answered(story=story, events=events[story.number], heard=heard)


def _record(turn: _Open, name: str, stages: Stages, longest_pause: float, cut: Cut) -> TurnRecord | None:
    """Return a turn, None if nobody was heard in it or it did not end in silence."""
    if turn.began is None or not turn.silent or turn.ended is None:
        return None
    numbers = [RIGHT if one == turn.answer else place + 1 for place, one in enumerate(turn.asked)]
    rows = sorted(turn.rows, key=lambda row: (row[1], row[0] != SILENT))
    columns = dict(zip(_COLUMNS, np.array(rows, np.float64).T, strict=True))
    counted = ("kind", "position", "complete", "reply", "begun")
    whole = {one: columns[one].astype(np.int64) for one in counted}
    parts = cut.columns(turn.asked, turn.answer)
    offered = {
        one: np.where(whole["kind"] == OFFER, values[whole["reply"]], 0) for one, values in parts.items()
    }
    whole["reply"] = np.array([numbers[one] if numbers else RIGHT for one in whole["reply"]], np.int64)
    return TurnRecord(
        conversation=name,
        turn=turn.number,
        began=min(turn.began, int(whole["position"][0])),
        stages=stages,
        answered=turn.answer is not None,
        expected=Expected(turn.ended[1].expected),
        pace=turn.speaker.pace,
        longest_pause=longest_pause,
        **{**columns, **whole, **offered},
    )
