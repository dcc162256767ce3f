"""A session as tables: RTTM of who spoke when, CSV of words, of turns and of events."""

import csv
import io
import json
import re
from collections.abc import Iterable, Sequence

from workbench.analysis.contributions import CONTRIBUTIONS
from workbench.analysis.export_cues import SHORTEST, utterances
from workbench.analysis.latency import TurnReport, turns
from workbench.analysis.turn_events import of_kind, replies
from workbench.core.events import SessionOpened
from workbench.core.wire import event_to_wire
from workbench.store.playback import played_spans
from workbench.store.recording import Recording

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_STAMP = ("seq", "at", "turn", "source", "type")
_MEASURES = (
    "turn", "final", "intent", "confidence", "reply", "early", "early_started", "early_committed",
    "early_discarded", "end_of_speech", "first_audible", "response_time", "unexplained", "endpoint_error",
    "end_reason", "hangover", "first_partial", "underrun", "wrong_audio_heard", "reason",
)  # fmt: skip


def render_rttm(recording: Recording) -> str:
    """Return who spoke when: the caller's utterances on channel 1, what was played of the agent on 2."""
    name = _name(recording)
    spans = [(one.start, one.end, "caller", 1) for one in utterances(recording) if one.who == "caller"]
    for story in replies(recording.timeline.events):
        for start, end in played_spans(recording, story.number):
            rate = recording.agent_rate
            spans.append((max(0.0, start / rate), min(end / rate, recording.duration), "agent", 2))
    lines = [
        f"SPEAKER {name} {channel} {start:.3f} {end - start:.3f} <NA> <NA> {who} <NA> <NA>"
        for start, end, who, channel in sorted(spans)
        if end - start >= SHORTEST
    ]
    return "".join(line + "\n" for line in lines)


def render_words(recording: Recording) -> str:
    """Return one row a word of either side, by time."""
    spoken = [(word, one) for one in utterances(recording) for word in one.words]
    rows = [
        (one.who, one.turn, word.text, word.start, word.end, word.confidence, one.interrupted)
        for word, one in sorted(spoken, key=lambda pair: pair[0].start)
    ]
    return _csv(("who", "turn", "word", "start", "end", "confidence", "interrupted"), rows)


def render_turns(recording: Recording) -> str:
    """Return one row a turn: what it came to and where its response time went, in seconds."""
    reports = turns(recording)
    slots = sorted({name for report in reports for name in report.slots})
    shares, filled = (f"time {name}" for name in CONTRIBUTIONS), (f"slot {name}" for name in slots)
    names = (*_MEASURES, *shares, "barge_in_began", "stop_time", *filled)
    return _csv(names, [_turn_row(report, slots) for report in reports])


def render_events(recording: Recording) -> str:
    """Return one row an event: its stamp, its type, and the rest as JSON."""
    rows = []
    for event in recording.timeline.events:
        wire = event_to_wire(event)
        stamp = [wire.pop(name) for name in _STAMP]
        rows.append((*stamp, json.dumps(wire, ensure_ascii=False, separators=(",", ":"))))
    return _csv((*_STAMP, "fields"), rows)


def _turn_row(report: TurnReport, slots: Sequence[str]) -> tuple[object, ...]:
    barged = report.barge_in
    return (
        *(getattr(report, name) for name in _MEASURES),
        *(report.contributions.get(name) for name in CONTRIBUTIONS),
        None if barged is None else barged.began,
        None if barged is None else barged.stop_time,
        *(report.slots.get(name) for name in slots),
    )


def _name(recording: Recording) -> str:
    """Return the session's identifier as a word, which is what RTTM separates by."""
    opened = of_kind(recording.timeline.events, SessionOpened)
    session = opened[0][1].session if opened else ""
    return re.sub(r"[^\w.-]+", "_", session) or "session"


def _csv(names: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    held = io.StringIO()
    writer = csv.writer(held, lineterminator="\r\n")
    writer.writerow(names)
    for row in rows:
        writer.writerow([_cell(value) for value in row])
    return held.getvalue()


def _cell(value: object) -> object:
    """Return what a spreadsheet takes for data: a text that it would run as a formula begins with a quote."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return round(value, 6)
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return value
