"""The playout buffer: every sample once and in order, and reports that add up."""

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from workbench.client.playout import BUFFER_MAX, REPORT_EVERY, Playout, Report
from workbench.errors import ParameterError

RATE = 1000


def sound(start: int, count: int) -> np.ndarray:
    """Return ``count`` samples, each the number of its place; never 0, which is silence."""
    return np.arange(start + 1, start + count + 1).astype(np.float32)


def told(reports: list[Report]) -> list[tuple[object, ...]]:
    return [
        (one.state, one.reply, one.heard, one.device_position, one.underrun, one.reason) for one in reports
    ]


STEPS = st.lists(
    st.sampled_from(["add", "add", "pull", "pull", "pull", "end", "pause", "resume"]).flatmap(
        lambda step: st.tuples(st.just(step), st.integers(1, 60))
    ),
    max_size=60,
)


@settings(max_examples=150, deadline=None)
@given(steps=STEPS, target=st.sampled_from([0.0, 0.02, 0.1]))
def test_every_sample_is_played_once_in_order_and_the_reports_add_up(
    steps: list[tuple[str, int]], target: float
) -> None:
    """Speech would be cut, doubled or put in another order; or what was heard would be misstated."""
    playout = Playout(rate=RATE, target=target)
    reply, added, played, reports = 1, 0, [], []
    whole: list[float] = []

    def pull(count: int) -> None:
        block = playout.pull(count)
        assert len(block) == count
        played.extend(block.tolist())
        reports.extend(playout.reports())

    for step, number in steps:
        match step:
            case "add":
                samples = sound(len(whole), number)
                whole.extend(samples.tolist())
                playout.add(reply, samples)
                added += number
            case "end":
                playout.end(reply, added)
                reply, added = reply + 1, 0
            case "pause":
                playout.pause(number % 3 + max(1, reply - 2))
            case "resume":
                playout.resume(number % 3 + max(1, reply - 2))
            case _:
                pull(number)
    playout.end(reply, added)
    for number in range(1, reply + 1):
        playout.resume(number)
    pull(len(whole) + 1)
    assert not playout.playing
    assert [value for value in played if value] == whole
    assert playout.position == len(played)
    for number in range(1, reply + 1):
        check_reply([one for one in reports if one.reply == number])


def check_reply(reports: list[Report]) -> None:
    """Check that device time is sound, underrun and pauses, and nothing else."""
    assert [one.reason for one in reports] == [""] * (len(reports) - 1) + ["finished"]
    if len(reports) == 1:
        assert reports[0].heard == 0
        return
    assert reports[0].state == "started"
    assert reports[-1].state == "stopped"
    paused = 0
    for before, after in zip(reports, reports[1:], strict=False):
        assert after.heard >= before.heard
        assert after.underrun >= before.underrun
        assert after.device_position >= before.device_position
        if before.state == "paused":
            assert after.state in ("resumed", "stopped")
            assert after.heard == before.heard
            paused += after.device_position - before.device_position
    first, last = reports[0], reports[-1]
    assert (first.heard, first.underrun) == (0, 0)
    assert last.device_position - first.device_position == last.heard + last.underrun + paused


def test_a_reply_waits_for_its_target_and_no_longer() -> None:
    """Playback would begin before jitter is covered, or later than it could."""
    playout = Playout(rate=RATE, target=0.04)
    playout.add(1, sound(0, 39))
    assert not playout.pull(10).any()
    playout.add(1, sound(39, 1))
    assert playout.pull(10).tolist() == list(range(1, 11))
    assert told(playout.reports()) == [("started", 1, 0, 10, 0, "")]


def test_a_reply_shorter_than_the_target_is_played() -> None:
    """A bare "yes" would never be heard."""
    playout = Playout(rate=RATE, target=0.04)
    playout.add(1, sound(0, 5))
    playout.end(1, 5)
    assert playout.pull(8).tolist() == [1, 2, 3, 4, 5, 0, 0, 0]
    assert told(playout.reports()) == [("started", 1, 0, 0, 0, ""), ("stopped", 1, 5, 5, 0, "finished")]


def test_replies_follow_without_a_gap() -> None:
    """There would be a hole of up to a block between two replies."""
    playout = Playout(rate=RATE, target=0.0)
    playout.add(1, sound(0, 3))
    playout.end(1, 3)
    playout.add(2, sound(3, 3))
    playout.end(2, 3)
    assert playout.pull(8).tolist() == [1, 2, 3, 4, 5, 6, 0, 0]
    assert [(one.state, one.reply, one.device_position) for one in playout.reports()] == [
        ("started", 1, 0),
        ("stopped", 1, 3),
        ("started", 2, 3),
        ("stopped", 2, 6),
    ]


def test_what_has_not_arrived_is_counted() -> None:
    """A stutter would stay invisible."""
    playout = Playout(rate=RATE, target=0.0)
    playout.add(1, sound(0, 4))
    playout.pull(10)
    playout.pull(10)
    playout.add(1, sound(4, 4))
    playout.end(1, 8)
    playout.pull(10)
    assert told(playout.reports()) == [("started", 1, 0, 0, 0, ""), ("stopped", 1, 8, 24, 16, "finished")]


def test_a_playing_reply_reports_now_and_then() -> None:
    """The endpoint would not know what was heard when it is interrupted."""
    playout = Playout(rate=RATE, target=0.0)
    playout.add(1, sound(0, 1000))
    for _ in range(50):
        playout.pull(20)
    playing = [one for one in playout.reports() if one.state == "playing"]
    assert [one.heard for one in playing] == [round(n * REPORT_EVERY * RATE) for n in range(1, 6)]
    assert all(one.device_position == one.heard for one in playing)


def test_a_flushed_reply_is_silent_at_once_and_stays_so() -> None:
    """An interrupted agent would talk on."""
    playout = Playout(rate=RATE, target=0.0)
    playout.add(1, sound(0, 100))
    playout.pull(10)
    playout.flush(1)
    playout.add(1, sound(100, 50))
    playout.end(1, 150)
    assert not playout.pull(10).any()
    assert told(playout.reports()) == [("started", 1, 0, 0, 0, ""), ("stopped", 1, 10, 10, 0, "barge-in")]
    assert not playout.playing


def test_a_reply_that_waits_its_turn_can_be_flushed() -> None:
    """What was taken back would be heard all the same."""
    playout = Playout(rate=RATE, target=0.0)
    playout.add(1, sound(0, 5))
    playout.add(2, sound(5, 5))
    playout.flush(2)
    playout.end(1, 5)
    playout.add(3, sound(10, 2))
    playout.end(3, 2)
    assert playout.pull(10).tolist() == [1, 2, 3, 4, 5, 11, 12, 0, 0, 0]
    assert ("stopped", 2, 0, 0, 0, "barge-in") in told(playout.reports())


def test_a_paused_reply_goes_on_where_it_was() -> None:
    """After a false interruption words would be missing or said twice."""
    playout = Playout(rate=RATE, target=0.0)
    playout.add(1, sound(0, 10))
    playout.end(1, 10)
    playout.pull(4)
    playout.pause(1)
    playout.pause(1)
    assert not playout.pull(7).any()
    playout.resume(1)
    playout.resume(1)
    assert playout.pull(6).tolist() == [5, 6, 7, 8, 9, 10]
    assert told(playout.reports()) == [
        ("started", 1, 0, 0, 0, ""),
        ("paused", 1, 4, 4, 0, ""),
        ("resumed", 1, 4, 11, 0, ""),
        ("stopped", 1, 10, 17, 0, "finished"),
    ]


def test_a_flush_ends_a_pause() -> None:
    """The next reply would never be heard."""
    playout = Playout(rate=RATE, target=0.0)
    playout.add(1, sound(0, 10))
    playout.pull(4)
    playout.pause(1)
    playout.flush(1)
    playout.add(2, sound(20, 2))
    assert playout.pull(2).tolist() == [21, 22]


def test_a_reply_that_ends_while_paused_does_not_hold_the_next() -> None:
    """All that follows would be silent: nobody resumes a reply that is over."""
    playout = Playout(rate=RATE, target=0.0)
    playout.add(1, sound(0, 4))
    playout.pull(4)
    playout.pause(1)
    playout.end(1, 4)
    playout.resume(1)
    playout.add(2, sound(4, 2))
    assert playout.pull(2).tolist() == [5, 6]


@pytest.mark.parametrize("order", ["pause", "resume", "flush"])
def test_orders_for_another_reply_change_nothing(order: str) -> None:
    """A late order would silence the wrong reply."""
    playout = Playout(rate=RATE, target=0.0)
    playout.add(2, sound(0, 4))
    getattr(playout, order)(1)
    getattr(playout, order)(3)
    assert playout.pull(4).tolist() == [1, 2, 3, 4]


def test_a_reply_too_long_for_the_buffer_still_ends() -> None:
    """Playback would wait forever for samples that were dropped."""
    playout = Playout(rate=100, target=0.0)
    second = np.ones(100, np.float32)
    seconds = round(BUFFER_MAX) + 5
    for _ in range(seconds):
        playout.add(1, second)
    playout.end(1, seconds * 100)
    heard = sum(np.count_nonzero(playout.pull(1000)) for _ in range(13))
    assert heard == BUFFER_MAX * 100
    assert playout.reports()[-1].reason == "finished"
    assert not playout.playing


def test_a_reply_without_sound_is_over_at_once() -> None:
    """The session would wait for it forever."""
    playout = Playout(rate=RATE)
    playout.end(1, 0)
    assert told(playout.reports()) == [("stopped", 1, 0, 0, 0, "finished")]
    assert not playout.playing


def test_closing_stops_what_was_heard_only() -> None:
    """A recording would show replies nobody heard, or never end the one that was heard."""
    playout = Playout(rate=RATE, target=0.0)
    playout.add(1, sound(0, 10))
    playout.add(2, sound(10, 10))
    playout.pull(3)
    playout.close()
    assert told(playout.reports()) == [("started", 1, 0, 0, 0, ""), ("stopped", 1, 3, 3, 0, "closed")]
    assert not playout.pull(5).any()


@pytest.mark.parametrize("count", [-1, 24_000 * 120 + 1])
def test_more_than_is_ever_held_is_not_played(count: int) -> None:
    """A slip would take gigabytes of memory, or be numpy's error."""
    playout = Playout(rate=24_000)
    with pytest.raises(ParameterError, match=f"^{count} samples are to be played, expected 0 to 2880000$"):
        playout.pull(count)
    assert playout.position == 0
