"""Events kept in order, told in order, and read back as they were."""

import json
import logging
from pathlib import Path

import pytest

from workbench.core.clock import ManualClock
from workbench.core.events import AudioOut, Body, ErrorRaised, Event, SessionClosed, Source
from workbench.core.timeline import Timeline
from workbench.errors import ParameterError

CLOSED = SessionClosed(reason="completed")


def sent(position: int) -> AudioOut:
    return AudioOut(position=position, rate=24_000)


def stamped(seq: int, at: float, body: Body = CLOSED) -> Event:
    return Event(seq=seq, at=at, turn=0, source=Source.ENDPOINT, body=body)


def filled() -> Timeline:
    clock = ManualClock()
    timeline = Timeline(clock)
    for position in (0, 480, 960):
        timeline.record(sent(position), turn=position // 480, source=Source.SYNTHESIZER)
        clock.advance(0.02)
    return timeline


def test_recorded_events_get_the_next_place_and_the_present_time() -> None:
    """Every later reading of the session rests on these two numbers."""
    timeline = filled()
    assert [(event.seq, event.at, event.turn) for event in timeline.events] == [
        (0, 0.0, 0),
        (1, 0.02, 1),
        (2, 0.04, 2),
    ]
    assert len(timeline) == 3
    assert timeline.now() == pytest.approx(0.06)


def test_times_never_go_back() -> None:
    """A recorded event behind one that was mirrored with a later time would make negative latencies."""
    clock = ManualClock(1.0)
    timeline = Timeline(clock)
    timeline.append(stamped(0, 5.0))
    assert timeline.record(CLOSED, turn=0, source=Source.ENDPOINT).at == 5.0
    clock.advance(10)
    assert timeline.record(CLOSED, turn=0, source=Source.ENDPOINT).at == 11.0


@pytest.mark.parametrize("seq", [-3, 0, 1, 3, 9])
def test_since_gives_what_was_not_seen(seq: int) -> None:
    """A resumed reader would see events twice or miss some."""
    assert [event.seq for event in filled().since(seq)] == [n for n in range(3) if n >= seq]


@pytest.mark.parametrize(
    ("event", "text"),
    [
        (stamped(0, 9.0), r"^event has seq 0, expected 3$"),
        (stamped(4, 9.0), r"^event has seq 4, expected 3$"),
        (stamped(3, 0.0399), r"^event 3 is at 0\.039900 s, before the one it follows$"),
    ],
)
def test_a_mirror_takes_only_the_next_event(event: Event, text: str) -> None:
    """A lost or repeated message would go unnoticed."""
    timeline = filled()
    with pytest.raises(ParameterError, match=text):
        timeline.append(event)
    assert len(timeline) == 3


def test_subscribers_are_told_once_until_they_leave() -> None:
    """An observer would count events twice, or go on after it was closed."""
    timeline, seen = Timeline(ManualClock()), []
    leave = timeline.subscribe(lambda event: seen.append(event.seq))
    timeline.record(CLOSED, turn=0, source=Source.ENDPOINT)
    timeline.append(stamped(1, 0.0))
    leave()
    leave()
    timeline.record(CLOSED, turn=0, source=Source.ENDPOINT)
    assert seen == [0, 1]


def broken(_: Event) -> None:
    raise RuntimeError("a secret word")


def test_a_subscriber_that_fails_is_dropped_and_noted_after_the_event() -> None:
    """A fault in an observer would stop the call, or reach the others before its cause."""
    timeline, seen = Timeline(ManualClock()), []
    timeline.subscribe(broken)
    timeline.subscribe(lambda event: seen.append(event.seq))
    returned = timeline.record(CLOSED, turn=4, source=Source.DIALOG)
    assert returned.seq == 0
    timeline.record(CLOSED, turn=5, source=Source.DIALOG)
    assert seen == [0, 1, 2]
    note = timeline.events[1]
    assert note.turn == 4
    assert note.body == ErrorRaised(
        code="subscriber-failed", message="a subscriber failed with RuntimeError and was dropped"
    )


def test_a_mirror_with_a_failing_subscriber_still_takes_the_next_event(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A note of its own would take the place of the other side's next event and break the session."""
    timeline = Timeline(ManualClock())
    timeline.subscribe(broken)
    with caplog.at_level(logging.WARNING):
        timeline.append(stamped(0, 0.0))
    timeline.append(stamped(1, 0.0))
    assert len(timeline) == 2
    assert caplog.messages == ["a subscriber failed with RuntimeError and was dropped"]


def test_a_subscriber_may_leave_and_then_fail() -> None:
    """Dropping it a second time would raise out of the recording of an event."""
    timeline = Timeline(ManualClock())

    def leaving(event: Event) -> None:
        leave()
        broken(event)

    leave = timeline.subscribe(leaving)
    timeline.record(CLOSED, turn=0, source=Source.ENDPOINT)
    assert [type(event.body) for event in timeline.events] == [SessionClosed, ErrorRaised]


def test_events_recorded_by_a_subscriber_are_told_after_the_one_at_hand() -> None:
    """The client would receive events out of order and refuse them."""
    timeline, seen = Timeline(ManualClock()), []

    def answering(event: Event) -> None:
        if event.seq == 0:
            timeline.record(sent(1), turn=0, source=Source.ENDPOINT)

    timeline.subscribe(answering)
    timeline.subscribe(lambda event: seen.append(event.seq))
    timeline.record(CLOSED, turn=0, source=Source.ENDPOINT)
    assert seen == [0, 1]


def test_a_saved_timeline_comes_back(tmp_path: Path) -> None:
    """A recorded session could not be replayed."""
    timeline = filled()
    timeline.save(tmp_path / "events.jsonl")
    assert Timeline.load(tmp_path / "events.jsonl").events == timeline.events
    assert len((tmp_path / "events.jsonl").read_text().splitlines()) == 3


def test_text_of_any_language_survives_the_file(tmp_path: Path) -> None:
    """A line separator inside a transcript would split an event in two."""
    timeline = Timeline(ManualClock())
    text = "größe ☕ 大きい \u2028 \x85 \x0b end"
    timeline.record(ErrorRaised(code="x", message=text), turn=0, source=Source.ENDPOINT)
    timeline.save(tmp_path / "events.jsonl")
    (event,) = Timeline.load(tmp_path / "events.jsonl").events
    assert event.body == ErrorRaised(code="x", message=text)


def test_a_damaged_file_is_named_with_its_line(tmp_path: Path) -> None:
    """Nobody would find the damage."""
    path = tmp_path / "events.jsonl"
    filled().save(path)
    lines = path.read_text().splitlines()
    path.write_text("\n".join([lines[0], "{", lines[2]]))
    with pytest.raises(ParameterError, match=r"events\.jsonl:2: an event is not JSON \(bad-json\)$"):
        Timeline.load(path)
    path.write_text("\n".join([lines[0], lines[2]]))
    with pytest.raises(ParameterError, match=r"events\.jsonl:2: event has seq 2, expected 1$"):
        Timeline.load(path)
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(ParameterError, match=r": can't read a timeline: UnicodeDecodeError$"):
        Timeline.load(path)
    with pytest.raises(ParameterError, match=r": can't read a timeline: FileNotFoundError$"):
        Timeline.load(tmp_path / "none.jsonl")


def test_a_frame_has_a_row_an_event() -> None:
    """A notebook would show columns in another order in every session, or lose a field."""
    frame = filled().to_pandas()
    assert list(frame.columns) == ["seq", "at", "turn", "source", "type", "position", "rate"]
    assert json.loads(frame.to_json(orient="records"))[1] == {
        "seq": 1,
        "at": 0.02,
        "turn": 1,
        "source": "synthesizer",
        "type": "audio-out",
        "position": 480,
        "rate": 24_000,
    }
    empty = Timeline(ManualClock()).to_pandas()
    assert list(empty.columns) == ["seq", "at", "turn", "source", "type"]
    assert len(empty) == 0


def test_numbers_go_on_where_another_session_had_the_first_ones() -> None:
    """A client whose session was begun anew would take its events for repetitions, or for gaps."""
    timeline = Timeline(ManualClock(12.5), first=40)
    for seq in (40, 41, 42):
        assert timeline.record(CLOSED, turn=0, source=Source.ENDPOINT).seq == seq
    assert timeline.next_seq == 43
    assert len(timeline) == 3
    assert [event.seq for event in timeline.since(0)] == [40, 41, 42]
    assert [event.seq for event in timeline.since(41)] == [41, 42]
    assert timeline.since(43) == ()
    with pytest.raises(ParameterError, match=r"^event has seq 3, expected 43$"):
        timeline.append(stamped(3, 99.0))


def test_what_is_forgotten_leaves_the_numbers_as_they_were() -> None:
    """A session that lasts would fill the memory, or number its events anew."""
    timeline, told = Timeline(ManualClock()), []
    timeline.subscribe(lambda event: told.append(event.seq))
    for _ in range(5):
        timeline.record(SessionClosed(reason="completed"), turn=0, source=Source.ENDPOINT)
    timeline.forget(3)
    timeline.forget(2)
    assert [event.seq for event in timeline.events] == [3, 4]
    assert [event.seq for event in timeline.since(0)] == [3, 4]
    assert timeline.record(SessionClosed(reason="completed"), turn=0, source=Source.ENDPOINT).seq == 5
    timeline.forget(100)
    assert timeline.events == ()
    assert timeline.next_seq == 6
    assert told == list(range(6))
