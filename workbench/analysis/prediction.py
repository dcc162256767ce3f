"""Whether predictions come true: recorded turns under a policy, beside the same audio live under it.

The caller's stream is the same sample for sample in both, so a stretch of the one is a stretch of the other.
What was predicted comes from ``outcomes``; what happened is read off the live session's tracks and events,
by none of the rules the prediction was made with.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from workbench.analysis.latency import TurnReport, turns
from workbench.analysis.outcomes import RATE, TurnRecord, outcomes
from workbench.analysis.policies import Policy, decide
from workbench.analysis.turn_events import ReplyStory, replies
from workbench.core.events import Backchannelled, SpeechStarted, TurnEnded
from workbench.errors import ParameterError
from workbench.store.recording import Recording

BEFORE = 0.5
"""Seconds before a turn's first voiced sample from which on what is heard belongs to it."""

CLOSE, CLOSE_SHARE = 0.020, 0.05
"""Two medians agree if they differ by less than so many seconds, or by less than that share."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Came:
    """What one turn of the caller came to."""

    response_time: float | None
    """Seconds; None if the whole turn got no reply."""
    early: Literal["none", "committed", "discarded"]
    """What became of early synthesis: the reply to the whole turn, or nothing that it began."""
    starts: int
    """Early replies begun."""
    cut_offs: int
    """Ends of turn decided before the caller had finished."""
    wrong_heard: bool
    """Whether a reply other than the one to the whole turn was heard before the caller went on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """How far two accounts of the same turns agree."""

    turns: int
    medians: tuple[float, float]
    """Median response times of the turns that both answered, seconds."""
    apart: tuple[float, float]
    """Difference of the response times turn by turn, without sign: median and nine of ten, seconds."""
    same_early: float
    """Share of turns in which early synthesis came to the same and wrong audio was heard alike."""
    same_starts: float
    """Share of turns with as many early starts."""
    same_cuts: float
    """Share of turns cut off as often."""
    wrong: tuple[int, int]
    """Turns in which wrong audio was heard."""

    @property
    def close(self) -> bool:
        """Return whether the medians differ by under 20 ms or 5 %."""
        first, second = self.medians
        return abs(first - second) < max(CLOSE, CLOSE_SHARE * second)


def predicted(records: Sequence[TurnRecord], policy: Policy) -> list[Came]:
    """Return what each recorded turn would come to under ``policy``."""
    decided = decide(records, [policy])
    came = outcomes(decided, records)
    found = []
    for place in range(len(records)):
        response = float(came.response_time[0, place])
        starts = int(came.starts[0, place])
        committed = not np.isnan(decided.early[0, place])
        found.append(
            Came(
                response_time=None if np.isnan(response) else response,
                early="committed" if committed else "discarded" if starts else "none",
                starts=starts,
                cut_offs=int(came.cut_offs[0, place]),
                wrong_heard=bool(came.wrong_heard[0, place]),
            )
        )
    return found


def measured(
    live: Recording, records: Sequence[TurnRecord], *, began: Sequence[float] | None = None
) -> list[Came]:
    """Return what the stretches of ``records``, the turns of one recorded session, came to in ``live``.

    A stretch that was taken for several turns is judged by the last of them; one in which nobody was heard
    came to nothing.

    Parameters
    ----------
    began : seconds of the live caller's stream at which each turn began, where a caller waits for replies
        and so speaks at another time than in the recorded session; else they are those of the records

    Raises
    ------
    ParameterError
        If the records are of more than one session.
    """
    if len({one.conversation for one in records}) > 1:
        raise ParameterError("turns of several sessions are compared with one, expected those of one session")
    at = [one.began / RATE for one in records] if began is None else began
    begins = [second - BEFORE for second in at]
    stories, reports = replies(live.timeline.events), turns(live)
    return [
        _came(_Stretch.of(live, stories, reports, begin, end))
        for begin, end in zip(begins, [*begins[1:], float("inf")], strict=True)
    ]


@dataclass(frozen=True, slots=True)
class _Stretch:
    """What happened live while the caller said one recorded turn; seconds of the caller's stream."""

    spoke: list[float]
    """Where speech began."""
    ended: list[float]
    """Where the end of a turn was decided."""
    reports: list[TurnReport]
    replies: list[tuple[ReplyStory, float]]
    """Replies of these turns that were heard, and where their first sample was."""

    @classmethod
    def of(
        cls,
        live: Recording,
        stories: Sequence[ReplyStory],
        reports: Sequence[TurnReport],
        begin: float,
        end: float,
    ) -> "_Stretch":
        events = live.timeline.events
        began: dict[int, float] = {}
        for event in events:
            match event.body:
                case SpeechStarted() as body:
                    began.setdefault(event.turn, body.position / body.rate)
                case Backchannelled():
                    began.pop(event.turn, None)  # no turn: the one to come has its number
        own = {turn for turn, at in began.items() if begin <= at < end}
        mine = [event.body for event in events if event.turn in own]
        spoke = [body.position / body.rate for body in mine if isinstance(body, SpeechStarted)]
        ended = [body.decided / RATE for body in mine if isinstance(body, TurnEnded)]
        return cls(
            spoke=[at for at in spoke if begin <= at < end],
            ended=[at for at in ended if begin <= at < end + BEFORE],
            reports=[one for one in reports if one.turn in own],
            replies=[
                (one, one.started[1].device_position / live.agent_rate + one.leading_silence)
                for one in stories
                if one.turn in own and one.started is not None
            ],
        )


def _came(stretch: _Stretch) -> Came:
    reports = stretch.reports
    if not reports:
        return Came(response_time=None, early="none", starts=0, cut_offs=0, wrong_heard=False)
    last, starts = reports[-1], sum(one.early_started for one in reports)
    went_on = stretch.spoke[-1]
    wrong = any(heard < went_on and story.text != last.reply for story, heard in stretch.replies)
    return Came(
        response_time=last.response_time,
        early="committed" if last.early == "committed" else "discarded" if starts else "none",
        starts=starts,
        cut_offs=sum(ended < went_on for ended in stretch.ended),
        wrong_heard=wrong or any(one.wrong_audio_heard for one in reports),
    )


def agreement(first: Sequence[Came], second: Sequence[Came]) -> Agreement:
    """Return how far two accounts of the same turns, in the same order, agree.

    Raises
    ------
    ParameterError
        If there are not as many turns in both, or in none of them both tell a response time.
    """
    pairs = list(zip(first, second, strict=False))
    times = np.array(
        [
            (one.response_time, other.response_time)
            for one, other in pairs
            if one.response_time is not None and other.response_time is not None
        ]
    )
    if len(first) != len(second) or not len(times):
        raise ParameterError(
            f"{len(first)} and {len(second)} turns are compared, {len(times)} of them answered in both, "
            "expected as many in both and at least one answered"
        )
    apart = np.abs(times[:, 0] - times[:, 1])
    return Agreement(
        turns=len(pairs),
        medians=(float(np.median(times[:, 0])), float(np.median(times[:, 1]))),
        apart=(float(np.median(apart)), float(np.quantile(apart, 0.9))),
        same_early=_share([(a.early, a.wrong_heard) == (b.early, b.wrong_heard) for a, b in pairs]),
        same_starts=_share([a.starts == b.starts for a, b in pairs]),
        same_cuts=_share([a.cut_offs == b.cut_offs for a, b in pairs]),
        wrong=(sum(a.wrong_heard for a, _ in pairs), sum(b.wrong_heard for _, b in pairs)),
    )


def _share(flags: Sequence[bool]) -> float:
    return sum(flags) / len(flags)
