"""How long each stage took in a recorded turn, so that its response time can be worked out anew."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from workbench.analysis.latency import TurnReport
from workbench.analysis.outcomes import RATE, Stages
from workbench.analysis.outcomes_sharing import ALONE, Kind, Sharing, Work
from workbench.analysis.turn_events import ReplyStory, of_kind
from workbench.core.events import Event, FinalTranscript, SynthesisFirstByte, SynthesisReady, TurnEnded
from workbench.errors import ParameterError
from workbench.store.recording import Recording

_SAME = 1e-6  # seconds within which two durations are the same

UNKNOWN = Stages(
    final_tail=np.nan, thinking=np.nan, synthesis=np.nan, playout=np.nan, work=np.nan, measured=False
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How a turn ended; moments are session seconds."""

    ended_at: float
    ended: TurnEnded
    final_at: float
    final: FinalTranscript
    early_at: int | None
    """Position dealt with when the last careful pass before the end was done."""


@dataclass(frozen=True, slots=True)
class Shared:
    """What a session's engines did, and how they slow each other down."""

    works: Sequence[Work]
    sharing: Sharing


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What answered a turn."""

    story: ReplyStory
    """The reply, or its first sentence."""
    events: Sequence[Event]
    """Of that."""
    heard: ReplyStory
    """What of the answer was heard first: that, or a phrase before it."""


def measured_stages(
    recording: Recording,
    ending: Ending,
    report: TurnReport,
    answer: Answered,
    shared: Shared,
) -> Stages:
    """Return the stages of a turn; :data:`UNKNOWN` if its reply was not heard.

    Parameters
    ----------
    answer : the reply to the turn
    shared : what the engines did in the session
    """
    story, events = answer.story, answer.events
    synthesis = _synthesis(events)
    if report.end_of_speech is None or report.first_audible is None or synthesis is None:
        return UNKNOWN
    sharing, tail = shared.sharing, _tail(ending)
    requested = of_kind(events, SynthesisFirstByte)[0][1].requested
    passed = _beside(shared.works, "careful", lambda one: abs(one.taken - ending.final.duration) < _SAME)
    spoken = _beside(shared.works, "clause", lambda one: abs(one.begun - requested) < _SAME)
    ended = ending.ended
    lag = ending.ended_at - ended.decided / RATE
    given = max(story.chosen, story.committed or 0.0)
    sounded = report.first_audible + recording.device_zero
    return Stages(
        capture=ended.position / ended.rate + lag - recording.device_zero - report.end_of_speech,
        final_tail=tail if passed > ALONE else sharing.together("careful", tail, passed),
        final_alone=sharing.alone("careful", tail, passed),
        final_known=_known(ending, lag),
        thinking=max(0.0, given - ending.final_at),
        synthesis=synthesis[0] if spoken > ALONE else sharing.together("clause", synthesis[0], spoken),
        synthesis_alone=sharing.alone("clause", synthesis[0], spoken),
        playout=max(0.0, sounded - _let_go(answer.heard)),
        work=synthesis[1],
        characters=len(story.text),
    )


def _let_go(story: ReplyStory) -> float:
    """Return when a reply's first sound was there and might be heard, session seconds."""
    given = max(story.chosen, story.committed or 0.0) if story.led is None else story.led
    return max(given, story.chosen if story.first_byte is None else story.first_byte)


def _beside(works: Sequence[Work], kind: Kind, same: Callable[[Work], bool]) -> float:
    """Return how much of a piece of work was beside other work; 0 if it is not among them."""
    return next((one.beside for one in works if one.kind == kind and same(one)), 0.0)


def _tail(ending: Ending) -> float:
    """Return how long the final takes when it is begun at the end of the turn."""
    if ending.final.early or ending.final.duration > 0 and _begun(ending) < ending.ended_at:
        return ending.final.duration
    return max(0.0, ending.final_at - ending.ended_at)


def _known(ending: Ending, lag: float) -> float:
    """Return when a pass that began before the end of the turn was done, NaN if none served as the final."""
    if ending.final.early and ending.early_at is not None:
        return ending.early_at / RATE
    if ending.final.duration > 0 and _begun(ending) < ending.ended_at:
        return ending.final_at - lag
    return float("nan")


def _begun(ending: Ending) -> float:
    return ending.final_at - ending.final.duration


def _synthesis(events: Sequence[Event]) -> tuple[float, float] | None:
    """Return the seconds to the first byte, and those the whole reply keeps the synthesiser busy."""
    firsts, clauses = of_kind(events, SynthesisFirstByte), of_kind(events, SynthesisReady)
    if not firsts or not clauses:
        return None
    at, first = firsts[0]
    taken = max(0.0, at - first.requested)
    begun = next((body.samples for _, body in clauses if body.clause == 0), 0)
    whole = sum(body.samples for _, body in clauses)
    return taken, taken * whole / begun if begun else taken


def completed(stages: Sequence[Stages]) -> tuple[Stages, ...]:
    """Return the stages with the unknown ones as the medians of those measured.

    Raises
    ------
    ParameterError
        If none was measured.
    """
    known = [one for one in stages if one.measured]
    if not known:
        raise ParameterError(f"none of {len(stages)} turns was answered and heard, expected at least one")
    names = (
        *("capture", "final_tail", "final_alone", "thinking"),
        *("synthesis", "synthesis_alone", "playout", "work"),
    )
    usual = Stages(
        **{name: float(np.median([getattr(one, name) for one in known])) for name in names},
        characters=round(float(np.median([one.characters for one in known]))),
        measured=False,
    )
    return tuple(one if one.measured else replace(usual, final_known=one.final_known) for one in stages)
