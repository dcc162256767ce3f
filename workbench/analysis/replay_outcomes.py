"""What became of each turn of a session, recorded or replayed: one row a turn, to lay side by side."""

from collections.abc import Sequence
from dataclasses import dataclass

from workbench.analysis.replay_memory import Memory
from workbench.analysis.turn_events import of_kind
from workbench.core.events import (
    EarlySynthesisCommitted,
    EarlySynthesisDiscarded,
    EarlySynthesisStarted,
    Event,
    PlaybackStarted,
    ReplyFollowed,
    ReplyLed,
    SpeechStarted,
    TurnEnded,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnOutcome:
    """One turn of the caller."""

    turn: int
    starts: int
    """Replies prepared before its final."""
    commits: int
    """Of these, those that were given."""
    discards: tuple[str, ...]
    """Reasons for which the others were thrown away."""
    ends: tuple[str, ...]
    """Why it was ended; more than one when it was cut in pieces."""
    ended: float | None
    """End of its last speech, seconds of the caller's stream."""
    waited: float | None
    """Silence waited at its last end, seconds."""
    response_time: float | None
    """Seconds from the end of speech to its reply's first sample; None if it was not heard."""
    wrong_heard: bool
    """Whether anything was heard of a reply, or of a part of one, that was prepared early and not given."""
    cut_off: bool
    """Whether the caller went on after an end before anything of the reply was heard."""
    wasted: float
    """Seconds of synthesis wanted for replies that were thrown away: from each start to its end."""


def outcomes(events: Sequence[Event]) -> tuple[TurnOutcome, ...]:
    """Return what became of each turn that was ended, in order.

    Response times are from the endpoint's end of speech, as the client's clock placed it; a recording's own
    report (``analysis.latency``) measures from the audio itself.
    """
    zero = Memory(events).zero
    turns = sorted({event.turn for event in events if isinstance(event.body, TurnEnded)})
    return tuple(_outcome(turn, events, zero) for turn in turns)


def _outcome(turn: int, events: Sequence[Event], zero: float) -> TurnOutcome:
    own = [event for event in events if event.turn == turn]
    started = {body.reply: at for at, body in of_kind(own, EarlySynthesisStarted)}
    committed = {body.reply for _, body in of_kind(own, EarlySynthesisCommitted)}
    discarded = of_kind(own, EarlySynthesisDiscarded)
    led = {body.reply for _, body in of_kind(own, ReplyLed) if body.kind != "prefix"}
    followed = [body for _, body in of_kind(own, ReplyFollowed) if body.outcome != "continued"]
    wrong = (set(started) - committed) | {body.reply for body in followed if body.reply in led}
    ends = [event for event in own if isinstance(event.body, TurnEnded)]
    (*_, (_, last)) = of_kind(ends, TurnEnded)
    played = [body for _, body in of_kind(own, PlaybackStarted)]
    after = [body for _, body in of_kind([e for e in own if e.seq > ends[-1].seq], PlaybackStarted)]
    speech_end = last.position / last.rate
    return TurnOutcome(
        turn=turn,
        starts=len(started),
        commits=len(committed),
        discards=tuple(body.reason for _, body in discarded),
        ends=tuple(body.reason for _, body in of_kind(ends, TurnEnded)),
        ended=speech_end,
        waited=last.hangover,
        response_time=after[0].played - zero - speech_end if after else None,
        wrong_heard=any(body.reply in wrong for body in played),
        cut_off=any(_goes_on(end, events) for end in ends),
        wasted=sum(at - started[body.reply] for at, body in discarded if body.reply in started),
    )


def _goes_on(end: Event, events: Sequence[Event]) -> bool:
    """Return whether the caller speaks after ``end`` before any reply begins to be heard."""
    for event in events:
        if event.seq > end.seq:
            if isinstance(event.body, PlaybackStarted):
                return False
            if isinstance(event.body, SpeechStarted):
                return True
    return False
