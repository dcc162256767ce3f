"""A voice and its player that speak as the recording did, where it did, and as it would have, elsewhere."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeAlias

from workbench.analysis.replay_memory import Memory
from workbench.conversation.voice import Part
from workbench.core.events import (
    Event,
    PlaybackPaused,
    PlaybackPosition,
    PlaybackResumed,
    PlaybackStarted,
    PlaybackStopped,
    ReplyChosen,
    Source,
)
from workbench.core.timeline import Timeline
from workbench.speech.parts import clauses_in

RATE = 24_000
"""Samples per second of estimated playback."""

STOPPING = 0.05
"""Seconds from stopping a reply to its silence, where it was not recorded."""

PlaybackBody: TypeAlias = (
    PlaybackStarted | PlaybackPosition | PlaybackPaused | PlaybackResumed | PlaybackStopped
)


@dataclass(slots=True, eq=False)
class ReplayReply:
    """One reply of a replay."""

    number: int
    turn: int
    text: str
    ssml: str
    requested: float
    prepared: int
    """Place in the recording at which it was prepared."""
    started: bool = False
    recorded: int | None = None
    """Number of the recorded reply whose playback is its own."""
    stopped: bool = False
    over: bool = False
    began: float = 0.0
    """Session time of its first sample, less the time it was paused."""
    paused: float | None = None
    due: bool = False
    """Whether it waits for what it follows to end."""
    generation: int = 0
    """Raised whenever what was scheduled for it is void."""


Schedule: TypeAlias = Callable[[float, Callable[[], None]], None]
Played: TypeAlias = Callable[[ReplayReply, str, str | None, str], None]


class ReplayVoice:
    """Speaks the replies of a replay.

    Parameters
    ----------
    memory, timeline : what was, and what becomes of it
    commits : places in the recording at which each recorded reply was prepared and committed; None for the
        re-run that finds them
    later : schedules something for a session time
    played : told of what the player reports
    reading : the language that says where replies are cut into clauses
    """

    def __init__(
        self,
        memory: Memory,
        timeline: Timeline,
        *,
        commits: dict[int, tuple[int, int]] | None,
        later: Schedule,
        played: Played,
        reading: str,
    ) -> None:
        self._memory = memory
        self._timeline = timeline
        self._known = commits
        self._later = later
        self._played = played
        self._reading = reading
        self._replies: list[ReplayReply] = []
        self._current: ReplayReply | None = None
        self._before: list[ReplayReply] = []
        """What is heard before the current reply, in order."""
        self.place = 0
        """Place in the recording."""
        self.commits: dict[int, tuple[int, int]] = {}

    @property
    def current(self) -> ReplayReply | None:
        """Return the reply that was committed and is not yet over, if any."""
        return self._current

    @property
    def count(self) -> int:
        """Return the replies so far."""
        return len(self._replies)

    def clauses(self, ssml: str) -> tuple[str, ...]:
        """Return what is said, cut where its synthesis cuts it."""
        return clauses_in(ssml, language=self._reading)

    def prepare(  # noqa: PLR0913  what a reply is
        self,
        *,
        text: str,
        ssml: str,
        voice: str,
        turn: int,
        source: Source = Source.DIALOG,
        part: Part = "",
    ) -> ReplayReply:
        """Begin to synthesise."""
        reply = ReplayReply(self.count + 1, turn, text, ssml, self._timeline.now(), self.place)
        self._replies.append(reply)
        if self._known is None:
            reply.recorded = reply.number
        chosen = ReplyChosen(reply=reply.number, text=text, ssml=ssml, part=part)
        self._timeline.record(chosen, turn=turn, source=source)
        return reply

    def commit(self, reply: ReplayReply) -> None:
        """Let the caller hear ``reply``."""
        self.stop()
        self._commit(reply)

    def follow(self, reply: ReplayReply) -> None:
        """Let the caller hear ``reply`` once what is being heard is over."""
        if self._current is not None:
            self._before.append(self._current)
        self._commit(reply)

    def _commit(self, reply: ReplayReply) -> None:
        self._current = reply
        self.commits[reply.number] = (reply.prepared, self.place)
        if self._known is not None:
            reply.recorded = self._same(reply)
            if reply.recorded is None:
                self._later(self._begins(reply), lambda: self._start(reply))

    def withdraw(self, reply: ReplayReply) -> None:
        """Silence a reply that follows others, and what follows it; these are heard on."""
        heard = [one for one in (*self._before, self._current) if one is not None]
        if reply in heard:
            place = heard.index(reply)
            self._before, self._current = heard[: max(0, place - 1)], heard[place - 1] if place else None
            for one in heard[place:]:
                self._stop(one)

    def discard(self, reply: ReplayReply) -> None:
        """Drop a reply that was never committed."""
        reply.stopped = True

    def pause(self) -> None:
        """Hold the current reply's playback."""
        reply = self._playing
        if reply is not None and reply.recorded is None and reply.started:
            reply.paused, reply.generation = self._timeline.now(), reply.generation + 1

    def resume(self) -> None:
        """Let the current reply's playback go on."""
        reply = self._playing
        if reply is not None and reply.paused is not None:
            reply.began += self._timeline.now() - reply.paused
            reply.paused = None
            self._finish_later(reply)

    def stop(self) -> None:
        """Silence the current reply and what it follows."""
        stopped, self._current, self._before = (*self._before, self._current), None, []
        for reply in stopped:
            if reply is not None:
                self._stop(reply)

    @property
    def _playing(self) -> ReplayReply | None:
        return self._before[0] if self._before else self._current

    def _stop(self, reply: ReplayReply) -> None:
        reply.stopped = True
        reply.generation += 1
        if self._known is None or not reply.started:
            return
        stopped = self._recorded_stop(reply)
        if stopped is None or stopped.reason != "barge-in":
            heard = self._heard(reply)
            self._later(self._timeline.now() + STOPPING, lambda: self._report_stop(reply, "barge-in", heard))

    def report(self, event: Event, body: PlaybackBody) -> None:
        """Take in a recorded report, if it is one of a reply of this replay."""
        reply = next((one for one in self._replies if one.recorded == body.reply and not one.over), None)
        if reply is None:
            return
        if isinstance(body, PlaybackStopped) and self._known is not None:
            if body.reason == "barge-in" and not reply.stopped:  # here it goes on
                reply.began = self._timeline.now() - body.heard / body.rate
                reply.recorded = None
                self._finish_later(reply)
                return
            if body.reason != "barge-in" and reply.stopped:
                return
        self._timeline.record(replace(body, reply=reply.number), turn=reply.turn, source=event.source)
        if isinstance(body, PlaybackStarted):
            reply.started, reply.began = True, body.played
            self._played(reply, "started", None, "")
        elif isinstance(body, PlaybackStopped):
            self._over(reply)
            self._played(reply, "stopped", body.reason, body.text_heard)
            self._next()

    def shown(self, recorded: int) -> ReplayReply | None:
        """Return the reply that is a recorded one, if any."""
        return next((one for one in self._replies if one.recorded == recorded), None)

    # --- estimates

    def _same(self, reply: ReplayReply) -> int | None:
        """Return the recorded reply that said the same, committed at the same place."""
        for number, places in (self._known or {}).items():
            if places == (reply.prepared, self.place) and self._memory.replies[number].ssml == reply.ssml:
                return number
        return None

    def _begins(self, reply: ReplayReply) -> float:
        known = self._memory.spoken(reply.ssml)
        takes = self._memory.first_byte
        if known is not None and known.first_byte is not None and known.requested is not None:
            takes = known.first_byte - known.requested
        return max(self._timeline.now(), reply.requested + takes) + self._memory.way

    def _start(self, reply: ReplayReply) -> None:
        if reply.stopped:
            return
        if self._playing is not reply and reply in (*self._before, self._current):
            reply.due = True  # once what it follows is over
            return
        reply.began, reply.started = self._timeline.now(), True
        self._timeline.record(
            PlaybackStarted(reply=reply.number, played=reply.began, device_position=0),
            turn=reply.turn,
            source=Source.CLIENT,
        )
        self._played(reply, "started", None, "")
        self._finish_later(reply)

    def _finish_later(self, reply: ReplayReply) -> None:
        reply.generation += 1
        generation, seconds = reply.generation, self._memory.seconds(reply.ssml, reply.text)

        def finish() -> None:
            if reply.generation == generation:
                self._report_stop(reply, "finished", seconds)

        self._later(reply.began + seconds, finish)

    def _heard(self, reply: ReplayReply) -> float:
        until = self._timeline.now() if reply.paused is None else reply.paused
        return min(max(0.0, until - reply.began), self._memory.seconds(reply.ssml, reply.text))

    def _recorded_stop(self, reply: ReplayReply) -> PlaybackStopped | None:
        return None if reply.recorded is None else self._memory.replies[reply.recorded].stopped

    def _report_stop(self, reply: ReplayReply, reason: str, seconds: float) -> None:
        if reply.over:
            return
        known = self._memory.spoken(reply.ssml)
        words = known.words if known is not None else []
        text = " ".join(word.text for word in words if (word.start + word.end) / 2 < seconds)
        if known is None and reason == "finished":
            text = reply.text
        self._timeline.record(
            PlaybackStopped(
                reply=reply.number,
                reason=reason,
                heard=round(seconds * RATE),
                rate=RATE,
                device_position=0,
                text_heard=text,
            ),
            turn=reply.turn,
            source=Source.CLIENT,
        )
        self._over(reply)
        self._played(reply, "stopped", reason, text)
        self._next()

    def _over(self, reply: ReplayReply) -> None:
        reply.over = True
        self._before = [one for one in self._before if one is not reply]
        if self._current is reply:
            self._current = None

    def _next(self) -> None:
        """Start what was due to begin and followed a reply that is over."""
        reply = self._playing
        if reply is not None and reply.due:
            reply.due = False
            self._start(reply)
