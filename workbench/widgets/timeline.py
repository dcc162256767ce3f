"""A session on one time axis, live or recorded: look, listen, and see what was known when."""

import asyncio
import logging
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import anywidget
import numpy as np
import soxr
import traitlets

from workbench.analysis.export_page import render_page
from workbench.analysis.growing_index import GrowingIndex
from workbench.analysis.latency import turns
from workbench.analysis.peaks import Peaks
from workbench.analysis.timeline_picture import TRACKS, overview, picture, turn_facts
from workbench.core.audio import Samples
from workbench.core.events import Event
from workbench.core.garbage import uncollected
from workbench.core.timeline import Timeline
from workbench.errors import ParameterError
from workbench.store.recording import Recording, load_unheard
from workbench.widgets.esm import bundle, source

OVERVIEW_FROM = 2
"""Finest level of peaks that is sent unasked: bins of 40 ms, 0.5 MB for an hour of both sides."""

SOUND_MAX = 15.0
"""Seconds of sound sent at once."""

LONGEST = 3600.0
"""Seconds of sound of a live session that are kept."""

LATER = 0.3
"""Seconds by which waveforms and response times wait for the rest to be sent."""

PER_SECOND = 4
"""How often a live session's news is sent."""

_LOG = logging.getLogger(__name__)


class TranscriptTimeline(anywidget.AnyWidget):
    """Draws both waveforms, words by confidence, partials, turns, early replies and response times.

    What a page needs at first is in the traits, so it shows while the kernel is busy; finer waveforms and the
    sound are sent by window as they are asked for.

    Parameters
    ----------
    session : a recording, the folder of one, or the timeline of a session that goes on

    Raises
    ------
    ParameterError
        If the folder holds no recording; says why. A track that can't be decoded is told by ``wait``.
    """

    _esm = bundle("timeline.js")
    _css = source("timeline.css")

    info = traitlets.Dict().tag(sync=True)
    """Facts, texts and where the tables lie in ``index``."""
    index = traitlets.Bytes().tag(sync=True)
    """Tables of numbers: words, partials, spans, marks, events."""
    overview = traitlets.Bytes().tag(sync=True)
    """Coarse waveforms of both tracks."""
    turns: traitlets.List[Any] = traitlets.List().tag(sync=True)
    """Response times and where they went."""
    live = traitlets.Bool(default_value=False).tag(sync=True)
    """Whether the session goes on."""

    def __init__(self, session: Recording | Timeline | Path | str, **traits: Any) -> None:
        super().__init__(**traits)
        self._revision = 0
        self._recording: Recording | None = None
        self._growing: GrowingIndex | None = None
        self._peaks: dict[str, Peaks] = {}
        self._heard: dict[str, list[Samples]] = {name: [] for name in TRACKS}
        self._rates = {"caller": 16_000, "agent": 24_000}
        self._worker: threading.Thread | None = None
        self._begin = threading.Event()
        self._failed: Exception | None = None
        self._unsubscribe: Any = None
        self._due = False
        self.on_msg(self._asked)
        if isinstance(session, Timeline):
            self._follow(session)
        else:
            self.show(session)

    def show(self, session: Recording | Path | str) -> None:
        """Show a recording, in place of what is shown: such as that of a live session that is over."""
        recording = session if isinstance(session, Recording) else load_unheard(session)
        self.stop()
        self._join()
        with uncollected():
            drawn = picture(recording)
        self._recording = recording
        self._peaks = {}
        self._revision += 1
        with self.hold_sync():
            self.live = False
            self.turns = []
            self.overview = b""
            self.index = drawn.index
            self.info = {**drawn.info, "revision": self._revision, "sound": recording.duration > 0}
        # an hour's tracks, waveforms and response times take seconds: what is drawn doesn't wait for them
        self._begin = threading.Event()
        self._worker = threading.Thread(target=self._complete, args=(recording, self._begin), daemon=True)
        self._worker.start()

    def wait(self, seconds: float = 60.0) -> "TranscriptTimeline":
        """Wait until waveforms and response times are worked out, and return the timeline itself.

        Raises
        ------
        ParameterError
            If that takes longer than ``seconds``.
        AudioFileError
            If a track can't be decoded.
        """
        self._join(seconds)
        return self

    @property
    def recording(self) -> Recording | None:
        """Return the recording that is shown; None while the session goes on."""
        return self._recording

    def stop(self) -> None:
        """Follow the live session no longer; what came of it stays."""
        if self._unsubscribe is not None:
            self._unsubscribe()
            self._unsubscribe = None

    def page(self, *, sound: bool = False) -> str:
        """Return what is shown as an HTML page that needs nothing else, with both tracks if ``sound``.

        Raises
        ------
        ParameterError
            If the session is not recorded yet, or its sound is too large for a page.
        """
        if self._recording is None:
            raise ParameterError("a live session can't be a page yet, show() its recording first")
        style = source("timeline.css")
        return render_page(self._recording, script=bundle("timeline_page.js"), style=style, sound=sound).text

    def hear(self, who: str, samples: Samples, rate: int) -> None:
        """Take the next samples of a live session's track: ``caller`` or ``agent``, from its first one on.

        Raises
        ------
        ParameterError
            If there is no such track, the session is not live, the rate changes, or it is over an hour.
        """
        if who not in TRACKS or self._growing is None:
            raise ParameterError(
                f"no live track {who!r}, expected one of {', '.join(TRACKS)} of a live session"
            )
        peaks = self._peaks.get(who)
        if peaks is None:
            peaks = self._peaks[who] = Peaks(rate)
            self._rates[who] = rate
        elif rate != self._rates[who]:
            raise ParameterError(f"the {who}'s track has {self._rates[who]} Hz, samples came at {rate} Hz")
        if peaks.seconds + len(samples) / rate > LONGEST:
            raise ParameterError(f"the {who}'s track is longer than {LONGEST:.0f} s, which is what is kept")
        peaks.append(samples)
        self._heard[who].append(np.array(samples, np.float32))
        self._soon()

    # --- a recording

    def _complete(self, recording: Recording, begin: threading.Event) -> None:
        """Work out what takes long and send it; in a thread of its own, once the rest is on its way."""
        begin.wait(LATER)
        try:
            tracks = {"caller": recording.caller, "agent": recording.agent}
            rates = {"caller": recording.caller_rate, "agent": recording.agent_rate}
            self._peaks = {name: Peaks.of(tracks[name], rates[name]) for name in TRACKS}
            self._send_overview()
            self.turns = turn_facts(recording, turns(recording))
        except Exception as error:  # told to whoever waits: a thread has nobody to raise to
            self._failed = error
            _LOG.warning("the timeline could not be completed: %s", type(error).__name__)

    def _join(self, seconds: float = 60.0) -> None:
        worker, self._worker = self._worker, None
        if worker is not None:
            self._begin.set()
            worker.join(seconds)
            if worker.is_alive():
                self._worker = worker
                raise ParameterError(f"the timeline is not complete after {seconds:.0f} s")
        failed, self._failed = self._failed, None
        if failed is not None:
            raise failed

    def _send_overview(self) -> None:
        tracks = {name: self._peaks[name] for name in TRACKS if name in self._peaks}
        told, data = overview(tracks, OVERVIEW_FROM)
        with self.hold_sync():
            self.overview = data
            self.info = {**self.info, "overview": told}

    # --- a live session

    def _follow(self, timeline: Timeline) -> None:
        self._growing = GrowingIndex(timeline)
        first = self._growing.whole()
        facts = {**self._growing.facts(), **first.told, "revision": 1, "sound": False}
        self._revision = 1
        with self.hold_sync():
            self.live = True
            self.index = first.data
            self.info = facts
        self._unsubscribe = timeline.subscribe(self._event)

    def _event(self, _event: Event) -> None:
        self._soon()

    def _soon(self) -> None:
        """Send the news, with what comes within a quarter of a second; at once where no loop can wait."""
        if self._due:
            return
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            self.refresh()
            return
        self._due = True
        loop.call_later(1 / PER_SECOND, self.refresh)

    def refresh(self) -> None:
        """Send what has come of a live session now."""
        self._due = False
        if self._growing is None or not self.live:
            return
        more = self._growing.more()
        self.send({"kind": "more", **more.told}, buffers=[more.data])
        if self._peaks:
            self._send_overview()
            self.info = {**self.info, "sound": True}

    # --- what the page asks for

    def _asked(self, _widget: object, content: Any, _buffers: Sequence[Any]) -> None:
        try:
            self._answer(dict(content))
        except (ParameterError, KeyError, TypeError, ValueError) as error:
            _LOG.warning(
                "a page asked the timeline for something that is not there: %s", type(error).__name__
            )

    def _answer(self, wanted: dict[str, Any]) -> None:
        if wanted["kind"] == "peaks":
            track, level, number = str(wanted["track"]), int(wanted["level"]), int(wanted["number"])
            self._join_if_needed(track)
            data = self._peaks[track].tile(level, number)
            told = {"kind": "peaks", "track": track, "level": level, "number": number}
            self.send(told, buffers=[data])
        elif wanted["kind"] == "sound":
            start, seconds = float(wanted["start"]), float(wanted["seconds"])
            if not (0 <= start <= 2 * LONGEST and seconds > 0):
                raise ParameterError(f"sound from {start} s for {seconds} s lies in no session")
            data, rate = self._sound(start, min(seconds, SOUND_MAX))
            self.send({"kind": "sound", "request": int(wanted["request"]), "rate": rate}, buffers=[data])
        elif wanted["kind"] == "open" and self._growing is not None and self.live:
            whole = self._growing.whole()
            self.send({"kind": "more", **whole.told}, buffers=[whole.data])

    def _join_if_needed(self, track: str) -> None:
        """Wait for the waveforms if they are still being worked out."""
        if track not in self._peaks and self._worker is not None:
            self._begin.set()
            self._worker.join(10.0)

    def _sound(self, start: float, seconds: float) -> tuple[bytes, int]:
        """Return both sides from ``start`` on as 16-bit samples in turns, caller first, and their rate."""
        rate = self._rate("agent")
        sides = [_resampled(self._window(who, start, seconds), self._rate(who), rate) for who in TRACKS]
        both = np.zeros((max(map(len, sides)), 2), np.float32)
        for channel, samples in enumerate(sides):
            both[: len(samples), channel] = samples
        return np.rint(np.clip(both, -1, 1) * 32_767).astype("<i2").tobytes(), rate

    def _rate(self, who: str) -> int:
        if self._recording is not None:
            return self._recording.caller_rate if who == "caller" else self._recording.agent_rate
        return self._rates[who]

    def _window(self, who: str, start: float, seconds: float) -> Samples:
        rate = self._rate(who)
        first, last = round(start * rate), round((start + seconds) * rate)
        if self._recording is not None:
            track = self._recording.caller if who == "caller" else self._recording.agent
            return track[first:last]
        if len(self._heard[who]) > 1:
            self._heard[who] = [np.concatenate(self._heard[who])]
        return self._heard[who][0][first:last] if self._heard[who] else np.zeros(0, np.float32)


def _resampled(samples: Samples, own: int, rate: int) -> Samples:
    if own == rate or not len(samples):
        return samples
    result: Samples = soxr.resample(samples, own, rate)
    return result
