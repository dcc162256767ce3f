"""What was heard, as the events that a recording is replayed from."""

from collections.abc import Iterable, Sequence

from workbench.audio.voice_activity import RATE, WINDOW
from workbench.conversation.observations import Heard, Pass
from workbench.core.events import FinalTranscript, PartialTranscript, VoiceActivityNoted


def partial_transcript(heard: Heard, *, passed_over: bool) -> PartialTranscript:
    """Return the event of a quick pass, or of a careful one before the end of the turn."""
    hypothesis = heard.hypothesis
    return PartialTranscript(
        text=hypothesis.text,
        words=hypothesis.words,
        stable=hypothesis.stable,
        stability=hypothesis.stability,
        confidence=hypothesis.confidence,
        end_of_sentence=hypothesis.end_of_sentence,
        audio_end=hypothesis.audio_end,
        utterance=heard.utterance,
        kind="early-final" if heard.kind is Pass.EARLY_FINAL else "partial",
        position=heard.position,
        duration=heard.duration,
        alternatives=hypothesis.alternatives,
        language=hypothesis.language,
        passed_over=passed_over,
    )


def final_transcript(heard: Heard, *, began: int, ended: int) -> FinalTranscript:
    """Return the event of the final of an utterance between two samples of the stream."""
    hypothesis, words = heard.hypothesis, heard.hypothesis.words
    return FinalTranscript(
        text=hypothesis.text,
        words=words,
        confidence=hypothesis.confidence,
        language=hypothesis.language,
        audio_start=words[0].start if words else began / RATE,
        audio_end=words[-1].end if words else ended / RATE,
        alternatives=hypothesis.alternatives,
        duration=heard.duration,
        utterance=heard.utterance,
        early=heard.kind is not Pass.FINAL,
    )


def activity_noted(
    windows: Sequence[tuple[int, int]], *, position: int, ended: bool
) -> Iterable[VoiceActivityNoted]:
    """Yield the events of windows of voice activity: one for each run without a gap.

    Parameters
    ----------
    windows : where each begins, and its activity in thousandths
    position : samples dealt with, for the end of a stream after no window
    ended : whether the stream ended with them
    """
    runs: list[list[tuple[int, int]]] = []
    for window in windows:
        if runs and window[0] == runs[-1][-1][0] + WINDOW:
            runs[-1].append(window)
        else:
            runs.append([window])
    if ended and not runs:
        runs.append([])
    for run in runs:
        yield VoiceActivityNoted(
            position=run[0][0] if run else position,
            rate=RATE,
            window=WINDOW,
            activity=tuple(activity for _, activity in run),
            ended=ended and run is runs[-1],
        )
