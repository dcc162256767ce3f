"""Both sides of a session on one time axis: waveforms, words, turns, early synthesis, playback."""

from collections.abc import Iterable, Sequence

import numpy as np

from workbench.analysis.latency import TurnReport
from workbench.analysis.report.markup import Markup, element, joined, milliseconds, number
from workbench.analysis.transcript import TranscriptRow
from workbench.analysis.turn_events import ReplyStory, of_kind, replies
from workbench.core.audio import Samples
from workbench.core.events import BargedIn, EarlySynthesisStarted, SpeechEnded, SpeechStarted, TurnEnded
from workbench.store.playback import played_spans
from workbench.store.recording import Recording

WIDTH = 1120.0
"""Pixels of a session that fits without scrolling."""

_PER_SECOND = (56.0, 230.0)
"""Least and most pixels a second."""

_WIDEST = 24_000.0
"""Pixels of the longest session."""

_AXIS = 26.0
_WORDS = 16.0  # a row of words
_WORD_ROWS = 3
_WAVE = 92.0
_LETTER = 7.4  # width of a letter, at most
_CALLER_WORDS = _AXIS + 6
_ANSWER = _CALLER_WORDS + _WORD_ROWS * _WORDS + 4
_CALLER = _ANSWER + 22
_MARKS = _CALLER + _WAVE + 8
_EARLY = _MARKS + 30
_PLAYBACK = _EARLY + 30
_AGENT = _PLAYBACK + 34
_AGENT_WORDS = _AGENT + _WAVE + 4
_HEIGHT = _AGENT_WORDS + _WORD_ROWS * _WORDS + 8

_LANES = (
    (_CALLER_WORDS + 10, "words"),
    (_CALLER + _WAVE / 2, "caller"),
    (_MARKS + 11, "speech found"),
    (_EARLY + 11, "early synthesis"),
    (_PLAYBACK + 11, "playback"),
    (_AGENT + _WAVE / 2, "agent"),
    (_AGENT_WORDS + 10, "words"),
)


def timeline_figure(
    recording: Recording, reports: Sequence[TurnReport], rows: Sequence[TranscriptRow]
) -> Markup:
    """Return the names of the lanes and, beside them, an SVG that scrolls when the session is long."""
    pixels = per_second(recording.duration)
    width = max(WIDTH, recording.duration * pixels)
    peak = max((float(np.abs(t).max(initial=0.0)) for t in (recording.caller, recording.agent)), default=0.0)
    inside = [
        _axis(recording.duration, pixels),
        *(_answer_band(report, pixels) for report in reports),
        _waveform(
            recording.caller, recording.caller_rate, y=_CALLER, pixels=pixels, kind="caller", peak=peak
        ),
        _waveform(recording.agent, recording.agent_rate, y=_AGENT, pixels=pixels, kind="agent", peak=peak),
        _words((row for row in rows if row.who == "caller"), y=_CALLER_WORDS, pixels=pixels),
        _words((row for row in rows if row.who == "agent"), y=_AGENT_WORDS, pixels=pixels),
        _speech(recording, pixels),
        _replies(recording, pixels),
        *(_answer_label(report, pixels) for report in reports),
        element(
            "line", {"id": "playhead", "x1": 0, "x2": 0, "y1": _AXIS, "y2": _HEIGHT, "class": "playhead"}
        ),
    ]
    labels = element(
        "svg",
        {"class": "lanes", "width": 104, "height": _HEIGHT, "aria-hidden": "true"},
        *(element("text", {"x": 98, "y": y, "text-anchor": "end"}, name) for y, name in _LANES),
    )
    picture = element(
        "svg",
        {
            "id": "timeline",
            "width": width,
            "height": _HEIGHT,
            "data-per-second": pixels,
            "role": "img",
            "aria-label": f"Both tracks of {recording.duration:.1f} seconds with words, turns and replies; "
            "the same facts stand in the transcript and the table below",
        },
        *inside,
    )
    return element(
        "div",
        {"class": "timeline"},
        labels,
        element("div", {"class": "scroll", "tabindex": 0, "aria-label": "time axis"}, picture),
    )


def per_second(duration: float) -> float:
    """Return the pixels of one second: the session fills the width, or scrolls when that is too dense."""
    least, most = _PER_SECOND
    return min(max(WIDTH / max(duration, 0.1), least), most, _WIDEST / max(duration, 0.1))


def _axis(duration: float, pixels: float) -> Markup:
    steps = (0.5, 1, 2, 5, 10, 30, 60)
    step = next((one for one in steps if one * pixels >= 70), 60)
    marks = []
    for count in range(int(duration / step) + 1):
        x = count * step * pixels
        marks.append(element("line", {"x1": x, "x2": x, "y1": _AXIS - 6, "y2": _HEIGHT, "class": "grid"}))
        marks.append(element("text", {"x": x + 4, "y": 14, "class": "tick"}, f"{number(count * step)} s"))
    return element("g", None, *marks)


def _waveform(samples: Samples, rate: int, *, y: float, pixels: float, kind: str, peak: float) -> Markup:
    """Return the outline of a track, one point a pixel, both tracks on one scale."""
    middle, half = y + _WAVE / 2, _WAVE / 2 - 2
    base = element(
        "line",
        {"x1": 0, "x2": len(samples) / rate * pixels, "y1": middle, "y2": middle, "class": f"base {kind}"},
    )
    if not len(samples) or peak <= 0:
        return base
    starts = np.unique((np.arange(0, int(len(samples) / rate * pixels) + 1) * rate / pixels).astype(np.int64))
    starts = starts[starts < len(samples)]
    highs = np.maximum.reduceat(samples, starts) / peak * half
    lows = np.minimum.reduceat(samples, starts) / peak * half
    xs = starts / rate * pixels
    over = [f"{x:.1f} {middle - high:.1f}" for x, high in zip(xs, highs, strict=True)]
    under = [f"{x:.1f} {middle - low + 0.6:.1f}" for x, low in zip(xs[::-1], lows[::-1], strict=True)]
    return joined((base, element("path", {"d": "M" + "L".join(over + under) + "Z", "class": f"wave {kind}"})))


def _words(rows: Iterable[TranscriptRow], *, y: float, pixels: float) -> Markup:
    """Return words where they begin to sound, in as many rows as keep them apart."""
    free = [0.0] * _WORD_ROWS
    drawn = []
    for row in rows:
        for word in row.words:
            x = word.start * pixels
            lane = next((row for row, end in enumerate(free) if x >= end), free.index(min(free)))
            x = max(x, free[lane])
            free[lane] = x + _LETTER * len(word.text) + 6
            line = y + 10 + lane * _WORDS
            drawn.append(element("text", {"x": x, "y": line, "class": f"word {row.who}"}, word.text))
    return element("g", None, *drawn)


def _speech(recording: Recording, pixels: float) -> Markup:
    """Return what the endpoint took for speech, and where it ended turns."""
    events = recording.timeline.events
    drawn, began = [], None
    for event in events:
        body = event.body
        if isinstance(body, SpeechStarted) and began is None:
            began = body.position / body.rate
        elif isinstance(body, SpeechEnded) and began is not None:
            end = body.position / body.rate
            drawn.append(
                _bar(began, end, pixels, y=_MARKS, kind="speech", title=f"speech, {end - began:.2f} s")
            )
            began = None
        elif isinstance(body, BargedIn):
            drawn.append(_flag(body.position / body.rate, pixels, kind="barge", text="barge-in"))
    for at, ended in of_kind(events, TurnEnded):
        text = f"ended: {ended.reason}"
        drawn.append(_flag(recording.second(at), pixels, kind="ended", text=text))
    return element("g", None, *drawn)


def _replies(recording: Recording, pixels: float) -> Markup:
    drawn = []
    events = recording.timeline.events
    early = {body.reply: at for at, body in of_kind(events, EarlySynthesisStarted)}
    for story in replies(events):
        if story.number in early:
            drawn.append(_early(recording, story, early[story.number], pixels))
        if story.started is not None:
            title = f"reply {story.number} played"
            rate = recording.agent_rate
            for start, end in played_spans(recording, story.number):
                drawn.append(
                    _bar(start / rate, end / rate, pixels, y=_PLAYBACK, kind="playback", title=title)
                )
    return element("g", None, *drawn)


def _early(recording: Recording, story: ReplyStory, began: float, pixels: float) -> Markup:
    over = story.committed if story.committed is not None else story.discarded
    end = recording.duration if over is None else recording.second(over)
    kind = "committed" if story.committed is not None else "discarded"
    note = kind if over is not None else "never used"
    if kind == "discarded" and story.discard_reason:
        note = f"discarded: {story.discard_reason}"
    start = recording.second(began)
    # what was discarded is often followed by another: its note stands before it
    place: dict[str, object] = {"x": end * pixels + 5}
    if kind == "discarded":
        place = {"x": start * pixels - 5, "text-anchor": "end"}
    return joined(
        (
            _bar(start, end, pixels, y=_EARLY, kind=kind, title=f"reply {story.number}, {note}"),
            element("text", {**place, "y": _EARLY + 11, "class": f"note {kind}"}, note),
        )
    )


def _bar(start: float, end: float, pixels: float, *, y: float, kind: str, title: str) -> Markup:
    return element(
        "rect",
        {
            "x": start * pixels,
            "y": y + 3,
            "width": max(2.0, (end - start) * pixels),
            "height": 14,
            "rx": 4,
            "class": kind,
        },
        element("title", None, title),
    )


def _flag(second: float, pixels: float, *, kind: str, text: str) -> Markup:
    x = second * pixels
    return joined(
        (
            element("line", {"x1": x, "x2": x, "y1": _CALLER, "y2": _MARKS + 20, "class": f"flag {kind}"}),
            element("text", {"x": x + 5, "y": _MARKS + 14, "class": f"note {kind}"}, text),
        )
    )


def _answer_band(report: TurnReport, pixels: float) -> Markup:
    if report.response_time is None or report.end_of_speech is None:
        return Markup("")
    return element(
        "rect",
        {
            "x": report.end_of_speech * pixels,
            "y": _ANSWER,
            "width": report.response_time * pixels,
            "height": _AGENT + _WAVE - _ANSWER,
            "class": "answer",
        },
        element("title", None, f"turn {report.turn}: response time {milliseconds(report.response_time)}"),
    )


def _answer_label(report: TurnReport, pixels: float) -> Markup:
    if report.response_time is None or report.end_of_speech is None:
        return Markup("")
    middle = (report.end_of_speech + report.response_time / 2) * pixels
    return element(
        "text",
        {"x": middle, "y": _ANSWER + 11, "class": "answer-label", "text-anchor": "middle"},
        milliseconds(report.response_time),
    )
