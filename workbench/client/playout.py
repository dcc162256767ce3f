"""The playout buffer: reply audio in as it arrives, device blocks out, and what was heard.

A pure object; the device's own sample count is its clock. Playback of a reply begins once ``target`` seconds
of it are there (or all of it). When nothing has arrived in time, silence is put in and counted.
"""

from collections import deque
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from workbench.core.audio import Samples
from workbench.errors import ParameterError

REPORT_EVERY = 0.2
"""Seconds between reports while a reply plays."""

BUFFER_MAX = 120.0
"""Seconds of audio held; what comes beyond is dropped (an endpoint sends about a second ahead)."""

State = Literal["started", "playing", "paused", "resumed", "stopped"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """How far a reply was played at one moment of the device."""

    state: State
    reply: int
    heard: int
    device_position: int
    underrun: int
    reason: Literal["", "finished", "barge-in", "closed"] = ""


@dataclass(slots=True)
class _Line:
    """One reply in the buffer."""

    reply: int
    waiting: deque[Samples] = field(default_factory=deque)
    held: int = 0
    heard: int = 0
    dropped: int = 0
    total: int | None = None
    started: bool = False
    underrun: int = 0
    reported: int = 0

    @property
    def done(self) -> bool:
        return self.total is not None and self.heard + self.dropped >= self.total

    def take(self, count: int) -> Samples:
        if self.total is not None:  # what comes beyond is the padding of the last packet
            count = min(count, max(0, self.total - self.heard - self.dropped))
        pieces: list[Samples] = []
        while count and self.waiting:
            piece = self.waiting.popleft()
            if len(piece) > count:
                self.waiting.appendleft(piece[count:])
                piece = piece[:count]
            pieces.append(piece)
            count -= len(piece)
        taken = np.concatenate(pieces) if pieces else np.zeros(0, np.float32)
        self.held -= len(taken)
        self.heard += len(taken)
        return taken


@dataclass(slots=True)
class Playout:
    """Plays the replies of one session, one after another.

    Parameters
    ----------
    rate : samples per second
    target : seconds of a reply to wait for before playing it, against jitter
    """

    rate: int
    target: float = 0.04
    position: int = 0
    """Samples the device has played, silence included."""
    _lines: deque[_Line] = field(default_factory=deque)
    _paused: bool = False
    _reports: list[Report] = field(default_factory=list)
    _newest: int = 0

    def add(self, reply: int, samples: Samples) -> None:
        """Take in the next samples of ``reply``."""
        line = self._line(reply)
        if line is None:
            return
        if line.held < BUFFER_MAX * self.rate:
            line.waiting.append(samples)
            line.held += len(samples)
        else:
            line.dropped += len(samples)

    def end(self, reply: int, total: int) -> None:
        """Learn that ``reply`` has ``total`` samples in all."""
        line = self._line(reply)
        if line is not None:
            line.total = total
            self._finish()

    def pause(self, reply: int) -> None:
        """Hold ``reply`` where it is."""
        if not self._paused and self._is_current(reply):
            self._paused = True
            if self._lines[0].started:
                self._report(self._lines[0], "paused")

    def resume(self, reply: int) -> None:
        """Let ``reply`` go on."""
        if self._paused and self._is_current(reply):
            self._paused = False
            if self._lines[0].started:
                self._report(self._lines[0], "resumed")

    def flush(self, reply: int) -> None:
        """Silence ``reply`` at once and forget the rest of it."""
        if self._is_current(reply):
            self._paused = False
            self._report(self._lines.popleft(), "stopped", "barge-in")
            return
        for line in tuple(self._lines):
            if line.reply == reply:
                self._lines = deque(other for other in self._lines if other is not line)
                self._report(line, "stopped", "barge-in")

    def close(self) -> None:
        """Stop whatever plays: the session is over."""
        while self._lines:
            line = self._lines.popleft()
            if line.started:
                self._report(line, "stopped", "closed")

    def pull(self, count: int) -> Samples:
        """Return the next ``count`` samples for the device; ParameterError for more than are ever held."""
        most = int(BUFFER_MAX * self.rate)
        if not 0 <= count <= most:
            raise ParameterError(f"{count} samples are to be played, expected 0 to {most}")
        block = np.zeros(count, np.float32)
        done = 0
        while done < count and self._lines and not self._paused:
            line = self._lines[0]
            if not self._ready(line):
                break
            if not line.started:
                line.started = True
                self._report(line, "started", offset=done)
            taken = line.take(count - done)
            block[done : done + len(taken)] = taken
            done += len(taken)
            if line.done:
                self._finish(offset=done)
            elif done < count:
                line.underrun += count - done
                break
        self.position += count
        self._progress()
        return block

    def reports(self) -> list[Report]:
        """Return what happened since the last call."""
        reports, self._reports = self._reports, []
        return reports

    @property
    def playing(self) -> bool:
        """Whether a reply is being played or waits to be."""
        return bool(self._lines)

    def _line(self, reply: int) -> _Line | None:
        """Return the line of ``reply``, opening it if it is newer than all; None for a bygone one."""
        for line in self._lines:
            if line.reply == reply:
                return line
        if reply <= self._newest:
            return None
        self._newest = reply
        self._lines.append(_Line(reply))
        return self._lines[-1]

    def _is_current(self, reply: int) -> bool:
        return bool(self._lines) and self._lines[0].reply == reply

    def _ready(self, line: _Line) -> bool:
        enough = line.held >= self.target * self.rate
        arrived = line.held + line.heard + line.dropped
        return line.started or enough or (line.total is not None and arrived >= line.total)

    def _finish(self, *, offset: int = 0) -> None:
        while self._lines and self._lines[0].done:
            self._paused = False
            self._report(self._lines.popleft(), "stopped", "finished", offset=offset)

    def _progress(self) -> None:
        if not self._lines or not self._lines[0].started or self._paused:
            return
        line = self._lines[0]
        if line.heard - line.reported >= REPORT_EVERY * self.rate:
            line.reported = line.heard
            self._report(line, "playing")

    def _report(
        self,
        line: _Line,
        state: State,
        reason: Literal["", "finished", "barge-in", "closed"] = "",
        *,
        offset: int = 0,
    ) -> None:
        self._reports.append(
            Report(
                state=state,
                reply=line.reply,
                heard=line.heard,
                device_position=self.position + offset,
                underrun=line.underrun,
                reason=reason,
            )
        )
