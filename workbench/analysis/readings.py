"""What can be read off the two tracks themselves, in track seconds; the events only say where to look."""

from collections.abc import Sequence

from workbench.analysis.turn_events import ReplyStory, of_kind
from workbench.audio.levels import audible_spans, end_of_speech, first_audible
from workbench.core.events import Event, FinalTranscript, PartialTranscript, SpeechStarted, TurnEnded
from workbench.store.recording import Recording

BEFORE_SPEECH = 0.5
"""Seconds before the caller's first word that are looked at, to know the background."""

AFTER_SPEECH = 0.5
"""Seconds after the endpoint's end of speech in which the real one may lie."""

EDGE = 0.02
"""Seconds by which a playback report may be off: one frame."""


def caller_began(turn: Sequence[Event]) -> float:
    """Return where the endpoint first noticed speech in a turn, 0 if it noted none."""
    starts = [body.position / body.rate for _, body in of_kind(turn, SpeechStarted)]
    spoken = of_kind(turn, FinalTranscript) + of_kind(turn, PartialTranscript)
    words = [body.words[0].start for _, body in spoken if body.words]
    return min(starts, default=min(words, default=0.0))


def caller_fell_silent(recording: Recording, turn: Sequence[Event], *, until: float) -> float | None:
    """Return where the caller's speech ended, None if the turn did not end or no speech is found.

    Looked for from :data:`BEFORE_SPEECH` before the turn's first speech to :data:`AFTER_SPEECH` behind the
    endpoint's end of speech, and not beyond ``until``.
    """
    ends = [body.position / body.rate for _, body in of_kind(turn, TurnEnded)]
    if not ends:
        return None
    rate = recording.caller_rate
    since = max(0, round((caller_began(turn) - BEFORE_SPEECH) * rate))
    limit = round(min(ends[-1] + AFTER_SPEECH, until) * rate)
    found = end_of_speech(recording.caller[since:limit], rate)
    return None if found is None else (since + found) / rate


def agent_sounded(
    recording: Recording, answer: ReplyStory, stories: Sequence[ReplyStory], *, after: float
) -> float | None:
    """Return where the agent is first audible after ``after``, leaving out earlier replies still playing."""
    if answer.started is None:
        return None
    since = after
    for story in stories:
        if story.number != answer.number and story.started is not None and story.stopped is not None:
            began = story.started[1].device_position
            if began < answer.started[1].device_position:
                since = max(since, story.stopped[1].device_position / recording.agent_rate)
    start = round(since * recording.agent_rate)
    found = first_audible(recording.agent[start:], recording.agent_rate)
    return None if found is None else (start + found) / recording.agent_rate


def agent_last_heard(recording: Recording, story: ReplyStory) -> float | None:
    """Return where a reply was last audible, None if it never was."""
    span = _played(recording, story)
    if span is None:
        return None
    start, end = span
    spans = audible_spans(recording.agent[start:end], recording.agent_rate)
    return (start + spans[-1][1]) / recording.agent_rate if spans else None


def unaccounted_audio(recording: Recording, stories: Sequence[ReplyStory]) -> tuple[float, ...]:
    """Return where audible stretches of the agent's track begin that no rightly played reply accounts for."""
    rest = recording.agent.copy()
    edge = round(EDGE * recording.agent_rate)
    for story in stories:
        span = _played(recording, story)
        if span is not None and not story.wrongly_heard:
            rest[max(0, span[0] - edge) : span[1] + edge] = 0.0
    spans = audible_spans(rest, recording.agent_rate)
    return tuple(start / recording.agent_rate for start, _ in spans)


def _played(recording: Recording, story: ReplyStory) -> tuple[int, int] | None:
    if story.started is None:
        return None
    end = len(recording.agent) if story.stopped is None else story.stopped[1].device_position
    return story.started[1].device_position, end
