"""What each of the caller's turns came to: understood, answered, and after how long.

The response time is read off the two-channel recording: from the end of the caller's speech to the first
audible sample of the agent after it. The contributions are worked out from the events. That both agree is a
check, and ``unexplained`` is what is left: it is reported, never spread over the others.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Literal

from workbench.analysis.contributions import CONTRIBUTIONS, contributions
from workbench.analysis.readings import (
    agent_last_heard,
    agent_sounded,
    caller_began,
    caller_fell_silent,
    unaccounted_audio,
)
from workbench.analysis.turn_events import ReplyStory, answer_to, by_turn, of_kind, replies
from workbench.core.events import (
    AudioIn,
    BargedIn,
    Event,
    FinalTranscript,
    IntentRecognized,
    PartialTranscript,
    TurnEnded,
)
from workbench.store.playback import underrun
from workbench.store.recording import Recording

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True, kw_only=True)
class BargeInReport:
    """A turn in which the caller interrupted the agent."""

    reply: int
    """The reply interrupted."""
    began: float
    """Where the interrupting speech began, track seconds."""
    stop_time: float | None
    """Seconds from there to the last audible sample of the reply; None if it had ended by itself."""
    text_heard: str
    """What the caller heard of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnReport:
    """One turn of the caller. Durations are seconds; moments are seconds on the tracks."""

    turn: int
    final: str
    """What was understood, punctuated."""
    intent: str | None
    slots: dict[str, str]
    confidence: float | None
    reply: str
    """What was answered; empty if nothing was."""
    early: Literal["committed", "discarded", "none"]
    led: str
    """What became of what was heard before the final: continued, repaired, replaced, dropped or none."""
    early_started: int
    early_committed: int
    early_discarded: int
    end_of_speech: float | None
    """The caller's last sound, read off the recording."""
    first_audible: float | None
    """The agent's first sound after it, read off the recording."""
    response_time: float | None
    """From the one to the other."""
    contributions: dict[str, float] = field(default_factory=dict)
    """Where it went, from the events."""
    unexplained: float | None = None
    """Response time less the sum of the contributions."""
    endpoint_error: float | None = None
    """How much later (or earlier, negative) than the recording the endpoint put the end of speech."""
    end_reason: str = ""
    """Why the turn was ended."""
    hangover: float | None = None
    """Silence waited before ending it."""
    first_partial: float | None = None
    """From the end of the first word to the first partial transcript with a word in it."""
    underrun: float | None = None
    """Silence put into the reply because its next samples had not arrived."""
    wrong_audio_heard: bool = False
    """Whether anything was heard that was discarded, or not yet committed."""
    barge_in: BargeInReport | None = None
    reason: str = ""
    """Why there is no response time, if there is none."""


def turns(recording: Recording) -> tuple[TurnReport, ...]:
    """Return a report on every turn of the caller, in order."""
    events = recording.timeline.events
    stories = replies(events)
    facts = _Session(recording=recording, stories=stories, arrivals=of_kind(events, AudioIn))
    stray = unaccounted_audio(recording, stories)
    grouped = by_turn(events)
    begins = {turn: caller_began(own) for turn, own in grouped.items()}
    until, reports = recording.duration, []
    for turn, own in reversed(grouped.items()):
        heard = any(begins[turn] <= at < until for at in stray)
        reports.append(_report(facts, turn, own, until=until, stray=heard))
        until = begins[turn]
    return tuple(reversed(reports))


def turn_to_json(report: TurnReport) -> dict[str, object]:
    """Return a turn as a JSON-ready object."""
    return asdict(report)


def to_pandas(reports: Iterable[TurnReport]) -> "pd.DataFrame":
    """Return one row a turn; each contribution is a column of its own."""
    import pandas as pd

    rows = []
    for report in reports:
        row = asdict(report)
        row.update({name: row["contributions"].get(name) for name in CONTRIBUTIONS})
        del row["contributions"]
        rows.append(row)
    return pd.DataFrame(rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Session:
    """What all turns are read against, worked out once."""

    recording: Recording
    stories: tuple[ReplyStory, ...]
    arrivals: list[tuple[float, AudioIn]]


def _report(
    session: _Session, turn: int, events: Sequence[Event], *, until: float, stray: bool
) -> TurnReport:
    recording, stories = session.recording, session.stories
    own = [story for story in stories if story.turn == turn]
    finals = [body for _, body in of_kind(events, FinalTranscript) if body.text]
    intents = [body for _, body in of_kind(events, IntentRecognized) if body.origin == "final"]
    ends = [body for _, body in of_kind(events, TurnEnded)]
    committed = sum(story.prepared_early and story.committed is not None for story in own)
    discarded = sum(story.prepared_early and story.discarded is not None for story in own)
    ended = max((at for at, _ in of_kind(events, TurnEnded)), default=float("inf"))
    timing = _timing(session, events, answer_to(own, ended=ended), until=until)
    return TurnReport(
        turn=turn,
        final=" ".join(body.text for body in finals),
        intent=intents[-1].intent if intents else None,
        slots=dict(intents[-1].slots) if intents else {},
        confidence=finals[-1].confidence if finals else None,
        reply=" ".join(one.text for one in timing.answer),
        led=_led(own),
        early="committed" if committed else "discarded" if discarded else "none",
        early_started=sum(story.prepared_early for story in own),
        early_committed=committed,
        early_discarded=discarded,
        end_of_speech=timing.said,
        first_audible=timing.sounded,
        response_time=timing.response,
        contributions=timing.shares,
        unexplained=None if timing.response is None else timing.response - sum(timing.shares.values()),
        endpoint_error=_later(ends[-1], timing.said) if ends and timing.said is not None else None,
        end_reason=ends[-1].reason if ends else "",
        hangover=ends[-1].hangover if ends else None,
        first_partial=_first_partial(recording, events),
        underrun=_underrun(events, timing.answer),
        wrong_audio_heard=stray or any(story.wrongly_heard for story in own),
        barge_in=_barge_in(recording, events, stories),
        reason=_why_none(events, timing),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Timing:
    answer: tuple[ReplyStory, ...]
    """Its parts, as they were heard."""
    said: float | None
    sounded: float | None
    shares: dict[str, float]

    @property
    def response(self) -> float | None:
        return None if self.said is None or self.sounded is None else self.sounded - self.said


def _timing(
    session: _Session, events: Sequence[Event], answer: tuple[ReplyStory, ...], *, until: float
) -> _Timing:
    recording = session.recording
    said = caller_fell_silent(recording, events, until=until)
    if not answer or said is None:
        return _Timing(answer=answer, said=said, sounded=None, shares={})
    sounded = agent_sounded(recording, answer[0], session.stories, after=said)
    if sounded is None:
        return _Timing(answer=answer, said=said, sounded=None, shares={})
    shares = contributions(
        events,
        answer[0],
        end_of_speech=said + recording.device_zero,
        arrivals=session.arrivals,
        device_zero=recording.device_zero,
    )
    return _Timing(answer=answer, said=said, sounded=sounded, shares=shares)


def _why_none(events: Sequence[Event], timing: _Timing) -> str:
    if timing.response is not None:
        return ""
    if not of_kind(events, TurnEnded):
        return "the turn never ended"
    if not timing.answer:
        return "the turn got no reply"
    if timing.answer[0].started is None:
        return "the reply was never played"
    return "no speech in the recording" if timing.said is None else "the reply was never audible"


def _underrun(events: Sequence[Event], answer: Sequence[ReplyStory]) -> float | None:
    heard = [underrun(events, one.number) for one in answer if one.started is not None]
    return sum(heard) if heard else None


def _led(own: Sequence[ReplyStory]) -> str:
    """Return what became of what was heard before the final."""
    led = [one for one in own if one.led is not None]
    if not led or led[-1].followed is None:
        return "none"
    return led[-1].followed[1].outcome


def _later(end: TurnEnded, said: float) -> float:
    return end.position / end.rate - said


def _first_partial(recording: Recording, events: Sequence[Event]) -> float | None:
    partials = [(at, body) for at, body in of_kind(events, PartialTranscript) if body.words]
    if not partials:
        return None
    at, first = partials[0]
    # the final's times are the better ones, if the partial had heard its first word to the end
    finals = [body for _, body in of_kind(events, FinalTranscript) if body.words]
    same = [body for body in finals if body.words[0].end <= first.audio_end]
    word = (same[0] if same else first).words[0]
    return recording.second(at) - word.end


def _barge_in(
    recording: Recording, events: Sequence[Event], stories: Sequence[ReplyStory]
) -> BargeInReport | None:
    barged = of_kind(events, BargedIn)
    if not barged:
        return None
    body = barged[0][1]
    began = body.position / body.rate
    story = next((one for one in stories if one.number == body.reply), None)
    last = None if story is None else agent_last_heard(recording, story)
    return BargeInReport(
        reply=body.reply,
        began=began,
        stop_time=None if last is None or last < began else last - began,
        text_heard="" if story is None or story.stopped is None else story.stopped[1].text_heard,
    )
