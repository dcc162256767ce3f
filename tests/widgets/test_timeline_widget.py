"""The timeline's Python half, without a browser: what a page is sent, and what it gets when it asks."""

import logging
from collections.abc import Iterator
from pathlib import Path

import comm
import numpy as np
import pytest
from recording_comm import RecordingComm

from workbench.analysis.latency import turns
from workbench.analysis.peaks import Peaks
from workbench.core.timeline import Timeline
from workbench.data import data_folder
from workbench.errors import ParameterError
from workbench.store.recording import load_recording
from workbench.widgets.timeline import SOUND_MAX, TranscriptTimeline

SESSION = data_folder() / "sessions" / "coffee"


@pytest.fixture(autouse=True)
def recording_comm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comm, "create_comm", lambda **kwargs: RecordingComm(**kwargs))


@pytest.fixture
def shown() -> Iterator[TranscriptTimeline]:
    widget = TranscriptTimeline(SESSION).wait()
    yield widget
    widget.close()


def column(widget: TranscriptTimeline, table: str, name: str) -> list[float]:
    held = widget.info["layout"][table]
    kind, offset = next((k, o) for n, k, o in held["columns"] if n == name)
    return np.frombuffer(widget.index, f"<{kind}", held["rows"], offset).tolist()


def test_what_is_seen_first_needs_no_answer_of_the_kernel(shown: TranscriptTimeline) -> None:
    """A timeline shown by a cell that goes on computing would stay empty."""
    words = [shown.info["strings"][int(n)] for n in column(shown, "words", "text")]
    assert words[:3] == ["Hi,", "can", "I"]
    assert "One" in words
    assert len(column(shown, "events", "at")) == len(load_recording(SESSION).timeline)
    assert shown.info["sound"]
    assert not shown.live


def test_response_times_are_those_of_the_report(shown: TranscriptTimeline) -> None:
    """Two views of one session would contradict each other."""
    for drawn, report in zip(shown.turns, turns(load_recording(SESSION)), strict=True):
        assert drawn["response"] == report.response_time
        assert drawn["shares"] == report.contributions
        assert drawn["measured"]


def test_a_window_of_waveform_comes_as_bytes(shown: TranscriptTimeline) -> None:
    """Zooming in would show nothing, or another place."""
    shown.comm.ask(kind="peaks", track="agent", level=0, number=1)
    ((told, (data,)),) = shown.comm.answers("peaks")
    recording = load_recording(SESSION)
    assert told == {"kind": "peaks", "track": "agent", "level": 0, "number": 1}
    assert bytes(data) == Peaks.of(recording.agent, recording.agent_rate).tile(0, 1)


def test_the_overview_is_all_bins_of_the_coarse_levels(shown: TranscriptTimeline) -> None:
    """The whole session would be drawn out of the wrong level."""
    recording = load_recording(SESSION)
    peaks = Peaks.of(recording.caller, recording.caller_rate)
    for part in shown.info["overview"]:
        if part["track"] == "caller":
            data = shown.overview[part["offset"] : part["offset"] + part["length"]]
            assert data == peaks.bins(part["level"]).tobytes()


def test_sound_comes_by_window_both_sides_at_their_place(shown: TranscriptTimeline) -> None:
    """A click on a word would play another one, or the sides would be swapped."""
    shown.comm.ask(kind="sound", request=7, start=6.0, seconds=1.0)
    ((told, (data,)),) = shown.comm.answers("sound")
    recording = load_recording(SESSION)
    both = np.frombuffer(data, "<i2").reshape(-1, 2) / 32_767
    assert (told["request"], told["rate"]) == (7, 24_000)
    assert both[:, 1] == pytest.approx(recording.agent[144_000:168_000], abs=1e-4)
    caller = np.sqrt(np.mean(recording.caller[96_000:112_000] ** 2))
    assert np.sqrt(np.mean(both[:, 0] ** 2)) == pytest.approx(caller, rel=0.1)


def test_no_request_brings_more_than_a_window_of_sound(shown: TranscriptTimeline) -> None:
    """A page could make the kernel send an hour at once."""
    shown.comm.ask(kind="sound", request=1, start=0.0, seconds=1e9)
    ((_, (data,)),) = shown.comm.answers("sound")
    assert len(data) <= SOUND_MAX * 24_000 * 4


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "peaks", "track": "nobody", "level": 0, "number": 0},
        {"kind": "peaks", "track": "agent", "level": 99, "number": 0},
        {"kind": "peaks", "track": "agent", "level": 0, "number": -1},
        {"kind": "sound", "request": 1, "start": "soon", "seconds": 1},
        {"kind": "sound", "request": 1, "start": float("nan"), "seconds": 1},
        {"no": "kind"},
    ],
)
def test_what_a_page_asks_wrongly_is_logged_and_not_answered(
    shown: TranscriptTimeline, wrong: dict, caplog: pytest.LogCaptureFixture
) -> None:
    """A page of another version would raise in the middle of somebody's cell."""
    before = len(shown.comm.sent)
    with caplog.at_level(logging.WARNING):
        shown.comm.ask(**wrong)
    assert len(shown.comm.sent) == before
    assert "not there" in caplog.text


def test_a_folder_that_is_no_recording_says_so(tmp_path: Path) -> None:
    """A wrong path would show an empty timeline."""
    with pytest.raises(ParameterError, match="not a whole recording"):
        TranscriptTimeline(tmp_path)


def test_a_live_session_grows_on_the_page() -> None:
    """The picture would stand still while somebody speaks."""
    events = load_recording(SESSION).timeline.events
    timeline = Timeline()
    for event in events[:20]:
        timeline.append(event)
    widget = TranscriptTimeline(timeline)
    assert widget.live
    assert len(column(widget, "events", "at")) == 20
    for event in events[20:]:
        timeline.append(event)
    more = widget.comm.answers("more")
    assert more[-1][0]["duration"] == pytest.approx(14.7, abs=0.5)
    assert sum(told["layout"]["events"]["rows"] for told, _ in more) >= len(events) - 20
    widget.close()


async def _news(widget: TranscriptTimeline, timeline: Timeline, events: list) -> int:
    import anyio

    for event in events:
        timeline.append(event)
    at_once = len(widget.comm.answers("more"))
    await anyio.sleep(0.6)
    return at_once


def test_news_is_gathered_for_a_quarter_of_a_second() -> None:
    """A hundred events a second would be a hundred messages."""
    import anyio

    events = load_recording(SESSION).timeline.events
    timeline = Timeline()
    timeline.append(events[0])
    widget = TranscriptTimeline(timeline)
    assert anyio.run(_news, widget, timeline, events[1:]) == 0
    assert len(widget.comm.answers("more")) == 1
    widget.close()


def test_a_live_session_can_be_heard_and_then_be_shown_as_its_recording() -> None:
    """The waveforms of a live session would be missing, or stay after it is over."""
    recording = load_recording(SESSION)
    timeline = Timeline()
    for event in recording.timeline.events:
        timeline.append(event)
    widget = TranscriptTimeline(timeline)
    widget.hear("agent", recording.agent[:48_000], 24_000)
    widget.hear("agent", recording.agent[48_000:], 24_000)
    widget.hear("caller", recording.caller, 16_000)
    assert widget.info["sound"]
    live = widget.overview
    widget.comm.ask(kind="sound", request=1, start=6.0, seconds=1.0)
    ((_, (data,)),) = widget.comm.answers("sound")
    assert np.frombuffer(data, "<i2")[1::2] / 32_767 == pytest.approx(
        recording.agent[144_000:168_000], abs=1e-4
    )
    widget.show(recording)
    widget.wait()
    assert (widget.live, widget.info["revision"]) == (False, 2)
    assert widget.overview == live
    widget.close()


def test_sound_of_a_session_that_is_not_live_is_refused(shown: TranscriptTimeline) -> None:
    """Samples would be added to a recording that is complete."""
    with pytest.raises(ParameterError, match="no live track 'agent', expected one of caller, agent"):
        shown.hear("agent", np.zeros(10, np.float32), 24_000)


def test_a_recording_becomes_a_page_and_a_live_session_does_not_yet(shown: TranscriptTimeline) -> None:
    """A page would be empty, or stop in the middle of a session."""
    assert shown.page().startswith("<!doctype html>")
    assert 'id="session-sound"' in shown.page(sound=True)
    assert 'id="session-sound"' not in shown.page()
    with pytest.raises(ParameterError, match="a live session can't be a page yet"):
        TranscriptTimeline(Timeline()).page()


def test_a_failure_beside_the_cell_is_raised_by_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Response times would be missing without a word."""

    def fails(_: object) -> None:
        raise ParameterError("no turns today")

    monkeypatch.setattr("workbench.widgets.timeline.turns", fails)
    with pytest.raises(ParameterError, match="no turns today"):
        TranscriptTimeline(SESSION).wait()
