"""What a page needs of a session to draw its timeline: facts, tables, peaks and turns."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from workbench.analysis.columns import pack
from workbench.analysis.latency import TurnReport
from workbench.analysis.peaks import FACTOR, FINEST, LEVELS, TILE, Peaks
from workbench.analysis.readings import caller_began
from workbench.analysis.session_index import SCHEMA, Strings, Tables, index_rows
from workbench.analysis.turn_events import by_turn, of_kind
from workbench.core.events import SessionOpened
from workbench.store.recording import Recording

TRACKS = ("caller", "agent")


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A session's facts, JSON-ready, and its tables."""

    info: dict[str, Any]
    index: bytes


def picture(recording: Recording) -> Picture:
    """Return what a page draws first: all but the waveforms and the response times."""
    strings = Strings()
    tables = index_rows(recording, strings)
    packed = pack(SCHEMA, tables)
    info = {
        **facts(recording),
        "duration": max(recording.duration, latest(tables)),
        "strings": strings.since(0),
        "layout": packed.layout,
        "turns": [],
    }
    return Picture(info=info, index=packed.data)


def facts(recording: Recording) -> dict[str, Any]:
    """Return what stays the same however a session grows."""
    opened = of_kind(recording.timeline.events, SessionOpened)
    return {
        "session": opened[0][1].session if opened else "",
        "assistant": opened[0][1].assistant if opened else "",
        "peaks": {"bin": FINEST, "factor": FACTOR, "levels": LEVELS, "tile": TILE, "finest": 0},
        "overview": [],
    }


def latest(tables: Tables) -> float:
    """Return where the last event or word lies, 0 if there is none."""
    ends = [*tables["events"]["at"][-1:], *tables["utterances"]["end"], *tables["spans"]["end"]]
    return max(0.0, *ends) if ends else 0.0


def overview(tracks: Mapping[str, Peaks], finest: int) -> tuple[list[dict[str, Any]], bytes]:
    """Return all bins of the levels from ``finest`` on, and where each lies in the bytes."""
    told: list[dict[str, Any]] = []
    pieces: list[bytes] = []
    offset = 0
    for track, peaks in tracks.items():
        for level in range(finest, LEVELS):
            data = peaks.bins(level).tobytes()
            told.append({"track": track, "level": level, "offset": offset, "length": len(data)})
            pieces.append(data)
            offset += len(data)
    return told, b"".join(pieces)


def turn_facts(recording: Recording, reports: Iterable[TurnReport]) -> list[dict[str, Any]]:
    """Return each turn as the timeline draws it, with the numbers of its report."""
    began = {turn: caller_began(events) for turn, events in by_turn(recording.timeline.events).items()}
    return [
        {
            "turn": report.turn,
            "began": began.get(report.turn, 0.0),
            "said": report.end_of_speech,
            "sounded": report.first_audible,
            "response": report.response_time,
            "shares": dict(report.contributions),
            "measured": True,
        }
        for report in reports
    ]
