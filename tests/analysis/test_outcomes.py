"""Outcomes: every definition against numbers worked out by hand."""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pytest
from hand_made_turns import SECOND, STAGES, WHOLE, WRONG, came_of, cut, offer, only, record, resumed, silent

from workbench.analysis.outcomes import (
    NO_REPLY,
    RATE,
    RIGHT,
    TICK,
)
from workbench.conversation.endpointing import EndpointingSettings
from workbench.errors import ParameterError


def test_response_time_is_the_sum_of_its_stages() -> None:
    """The figure everything is chosen by would be another one."""
    turn = record(silent(SECOND), offer(SECOND + 5 * TICK))
    # 0.512 s hangover, 0.2 s final, 0.01 s thinking, 0.3 s synthesis, 0.05 s playout, 0.04 s capture
    assert only(came_of(turn, enabled=False).response_time) == pytest.approx(1.112)


def test_the_endpoint_delay_is_the_wait_alone() -> None:
    """Endpointing would be compared by what recognition and synthesis take."""
    turn = record(silent(SECOND), offer(SECOND + 5 * TICK))
    assert only(came_of(turn).endpoint_delay) == pytest.approx(0.512)
    assert only(
        came_of(turn, endpointing=replace(WHOLE, hangover_min=1.024)).endpoint_delay
    ) == pytest.approx(1.024)
    assert np.isnan(only(came_of(replace(turn, answered=False)).endpoint_delay))


def test_an_unsure_partial_is_waited_for_longer() -> None:
    """The completeness of the words would not count."""
    # a finished request alone is 0.4 * 0.6 complete, 0.3 of what shortens the wait: 0.8704 s, in 28 ticks
    turn = record(silent(SECOND), offer(SECOND + 5 * TICK, sure=0.0))
    assert only(came_of(turn, enabled=False).response_time) == pytest.approx(1.496)


def test_a_reply_begins_early_from_the_completeness_asked_for() -> None:
    """The sweep would promise early starts that the live pipeline holds back."""
    turn = record(silent(SECOND), offer(SECOND + 5 * TICK, sure=0.5))
    # (0.6 * 0.5 + 0.4) * (0.6 + 0.4 * 0.5): a finished request of words that are half sure
    assert only(came_of(turn, confidence=0.0, end_of_turn=0.559).starts) == 1
    assert only(came_of(turn, confidence=0.0, end_of_turn=0.561).starts) == 0


def test_one_stage_after_the_other_takes_what_each_takes_alone() -> None:
    """Waiting for the final would look as slow as if it shared the processors."""
    stages = replace(STAGES, final_alone=0.15, synthesis_alone=0.2)
    turn = record(silent(SECOND), offer(SECOND + 5 * TICK), stages=stages)
    # 0.512 s hangover, 0.15 s final, 0.01 s thinking, 0.2 s synthesis, 0.05 s playout, 0.04 s capture
    assert only(came_of(turn, enabled=False).response_time) == pytest.approx(0.962)
    # an early reply that is there before the end, at 0.46 s, leaves the final alone
    assert only(came_of(turn).response_time) == pytest.approx(0.762)
    # one beside the final, there at 0.16 + 0.4 s, does not: that takes 0.2 s
    slower = replace(turn, stages=replace(stages, synthesis=0.4))
    assert only(came_of(slower).response_time) == pytest.approx(0.812)
    assert only(came_of(slower).time_saved) == pytest.approx(0.15)


def test_an_early_final_is_there_at_the_end_of_the_turn() -> None:
    """A pass that was done before the end would be counted again."""
    stages = replace(STAGES, final_known=SECOND / RATE + 0.4)
    turn = record(silent(SECOND), offer(SECOND + 5 * TICK), stages=stages)
    assert only(came_of(turn, starts_max=0).response_time) == pytest.approx(0.912)
    late = replace(STAGES, final_known=SECOND / RATE + 0.6)
    turn = record(silent(SECOND), offer(SECOND + 5 * TICK), stages=late)
    assert only(came_of(turn, starts_max=0).response_time) == pytest.approx(1.0)


def test_without_early_synthesis_there_is_no_early_final() -> None:
    """Waiting for the final would look faster than it is, and early synthesis save less."""
    stages = replace(STAGES, final_known=SECOND / RATE + 0.4)
    turn = record(silent(SECOND), offer(SECOND + 5 * TICK), stages=stages)
    assert only(came_of(turn, enabled=False).response_time) == pytest.approx(1.112)
    assert only(came_of(turn).time_saved) == pytest.approx(0.5)  # 0.2 s of the final, 0.3 s of synthesis


def test_time_saved_is_what_the_early_reply_was_ahead() -> None:
    """Early synthesis would be credited with what endpointing did."""
    turn = record(silent(SECOND), offer(SECOND + 5 * TICK))
    came = came_of(turn)
    # begun at 0.16 s, ready at 0.46 s, decided at 0.722 s: all 0.3 s of synthesis are saved
    assert only(came.time_saved) == pytest.approx(0.3)
    assert only(came.response_time) == pytest.approx(0.812)
    assert only(came_of(turn, price=10.0).cost) == pytest.approx(0.4)  # what is committed is the reply
    assert (only(came.starts), only(came.commits), only(came.discards)) == (1, 1, 0)


def test_a_start_just_before_the_end_saves_only_what_it_was_ahead() -> None:
    """A reply not yet ready at the commit would be heard before it was."""
    slow = replace(STAGES, synthesis=0.9, work=1.0)
    turn = record(silent(SECOND), offer(SECOND + 5 * TICK), stages=slow)
    # begun at 0.16 s it is ready at 1.06 s; without, 0.722 + 0.9 = 1.622 s
    assert only(came_of(turn).time_saved) == pytest.approx(0.562)


def test_a_pass_under_way_at_the_end_still_starts_the_reply_and_one_begun_later_does_not() -> None:
    """A partial a moment late would seem to cost as much as none; one that was never asked for, to count."""
    waits = EndpointingSettings(hangover_min=0.512, hangover_max=0.512)
    end = SECOND + 16 * TICK
    late = record(silent(SECOND), offer(end + 800))
    for begun, starts in ((end, 1), (end + 1, 0)):
        came = came_of(replace(late, begun=np.array([SECOND, begun])), endpointing=waits)
        assert only(came.starts) == only(came.commits) == starts
        heard = end / RATE + 0.05 + 0.3 + 0.05 if starts else end / RATE + 0.2 + 0.01 + 0.3 + 0.05
        assert only(came.response_time) == pytest.approx(heard - (SECOND / RATE - 0.04))
    known = replace(STAGES, final_known=end / RATE)
    answered = replace(late, stages=known, begun=np.array([SECOND, end]))
    assert only(came_of(answered, endpointing=waits).starts) == 0


def test_a_reply_that_the_final_does_not_ask_for_is_discarded() -> None:
    """Wasted work would not be counted, or a wrong reply be committed."""
    turn = record(silent(SECOND), offer(SECOND + 5 * TICK, WRONG))
    came = came_of(turn, price=10.0)
    assert (only(came.starts), only(came.commits), only(came.discards)) == (1, 0, 1)
    assert only(came.wasted) == pytest.approx(0.352)  # from 0.16 s to the end of turn at 0.512 s
    assert only(came.time_saved) == 0
    assert only(came.wrong_heard) == 0
    assert only(came.cost) == pytest.approx(0.8)  # two replies of 40 characters at 10 a thousand


def test_no_more_is_wasted_than_the_synthesis_takes() -> None:
    """A reply held ready would go on costing processor time."""
    turn = record(silent(SECOND), offer(SECOND + 5 * TICK, WRONG), stages=replace(STAGES, work=0.2))
    assert only(came_of(turn).wasted) == pytest.approx(0.2)


def test_speaking_on_discards_the_early_reply() -> None:
    """A reply to half a request would be kept for the whole."""
    again = SECOND + 20 * TICK
    turn = record(silent(SECOND), offer(SECOND + 2 * TICK), resumed(SECOND + 10 * TICK), silent(again))
    came = came_of(turn)
    assert (only(came.starts), only(came.commits), only(came.discards)) == (1, 0, 1)
    assert only(came.wasted) == pytest.approx(8 * TICK / RATE)
    assert only(came.cut_offs) == 0


def test_a_changed_reply_is_begun_anew() -> None:
    """The offer that drops a wrong reply would be lost."""
    turn = record(silent(SECOND), offer(SECOND + 2 * TICK, WRONG), offer(SECOND + 6 * TICK, RIGHT))
    came = came_of(turn)
    assert (only(came.starts), only(came.commits), only(came.discards)) == (2, 1, 1)
    assert only(came_of(turn, starts_max=1).commits) == 0


@pytest.mark.parametrize(
    ("pause", "reply", "cut_offs", "heard", "wrong"),
    [
        (16, WRONG, 0, 0, 0),  # the end would have been decided just as the caller goes on
        (17, WRONG, 1, 0, 0),  # ended at 0.512 s, spoken on at 0.544 s
        (24, WRONG, 1, 0, 0),  # the early reply is audible at 0.512 + 0.21 + 0.05 s = tick 24.1
        (25, WRONG, 1, 1, 1),
        (25, RIGHT, 1, 1, 0),  # the caller went on, and yet it was the right reply
        (33, NO_REPLY, 1, 0, 0),  # nothing is said to words that ask for nothing
    ],
)
def test_cut_offs(pause: int, reply: int, cut_offs: int, heard: int, wrong: int) -> None:
    """A budget would be kept on a figure that means something else."""
    came = came_of(cut(pause, reply))
    assert only(came.cut_offs) == cut_offs
    assert only(came.cut_offs_heard) == heard
    assert only(came.wrong_heard) == wrong


def test_a_cut_off_is_heard_later_without_early_synthesis() -> None:
    """The risk that early synthesis adds would not show."""
    assert only(came_of(cut(25, WRONG)).wrong_heard) == 1
    assert only(came_of(cut(25, WRONG), enabled=False).wrong_heard) == 0


@pytest.mark.parametrize(
    ("pause", "enabled", "counts", "wasted"),
    [
        # nothing was heard of the first: it is thrown away, 0.352 s after it was begun, when the turn ended
        (24, True, (2, 1, 1), 0.352),
        (25, True, (2, 2, 0), 0),  # it was what the words asked for when their end was decided, and was heard
        (45, False, (0, 0, 0), 0),  # a reply is heard that nobody began early
    ],
)
def test_what_becomes_of_an_early_reply_into_a_pause(
    pause: int, enabled: bool, counts: tuple[int, int, int], wasted: float
) -> None:
    """Replies that were heard would count as wasted, or others as begun early."""
    came = came_of(cut(pause, WRONG), enabled=enabled)
    assert only(came.cut_offs_heard) == (0 if pause == 24 else 1)
    assert (only(came.starts), only(came.commits), only(came.discards)) == counts
    assert only(came.wasted) == pytest.approx(wasted)


def test_the_response_time_of_a_turn_cut_off_is_that_of_its_end() -> None:
    """Answering half a turn at once would look like a fast policy."""
    came = came_of(cut(17, WRONG), enabled=False)
    # after the words whose completeness is known, and 0.512 + 0.15 s, in 21 ticks, for the pause learnt
    assert only(came.response_time) == pytest.approx(21 * TICK / RATE + 0.6)


def test_a_turn_without_an_answer_has_no_response_time() -> None:
    """Noise would count as a turn answered at once."""
    came = came_of(record(silent(SECOND), offer(SECOND + 5 * TICK), answered=False), price=10.0)
    assert np.isnan(only(came.response_time))
    assert np.isnan(only(came.time_saved))
    assert (only(came.commits), only(came.discards)) == (0, 1)
    assert only(came.cost) == pytest.approx(0.4)


def test_a_turn_that_lasts_too_long_is_cut_off() -> None:
    """The limit on a turn's length would not be seen to cut callers off."""
    long = replace(WHOLE, turn_max=0.8)
    turn = record(silent(SECOND), offer(SECOND + 5 * TICK))
    assert only(came_of(turn, endpointing=long).cut_offs) == 1
    assert only(came_of(turn, endpointing=replace(WHOLE, turn_max=1.2)).cut_offs) == 0
    ended = came_of(turn, endpointing=replace(WHOLE, turn_max=1.2), enabled=False).response_time
    assert only(ended) == pytest.approx(1.216 - 1.024 + 0.6)


@pytest.mark.parametrize(
    ("steps", "match"),
    [
        ((silent(10), resumed(5), silent(20)), "not in the order of their positions"),
        ((resumed(10), silent(20)), "expected silence and speech in turns"),
        ((silent(10), resumed(20)), "expected silence and speech in turns"),
    ],
)
def test_a_record_that_makes_no_sense_is_refused(steps: Iterable[tuple[float, ...]], match: str) -> None:
    """Outcomes would be worked out of nonsense."""
    with pytest.raises(ParameterError, match=match):
        record(*steps)
