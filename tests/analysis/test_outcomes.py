"""Outcomes: every definition against numbers worked out by hand."""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pytest

from workbench.analysis.outcomes import (
    COLUMNS,
    NO_REPLY,
    OFFER,
    RATE,
    RESUMED,
    RIGHT,
    SILENT,
    TICK,
    Outcomes,
    Stages,
    TurnRecord,
    outcomes,
)
from workbench.analysis.policies import Policy, decide
from workbench.conversation.early_synthesis import EarlySynthesisSettings
from workbench.conversation.endpointing import EndpointingSettings
from workbench.conversation.leading import LeadSettings
from workbench.errors import ParameterError

STAGES = Stages(
    capture=0.04,
    final_tail=0.2,
    thinking=0.01,
    synthesis=0.3,
    playout=0.05,
    work=0.5,
    characters=40,
)
WHOLE = EndpointingSettings(hangover_min=0.512, hangover_max=1.024)
"""16 and 32 ticks."""

WRONG = 1
SECOND = 16_384
"""The 32nd tick, 1.024 s: where the caller falls silent."""


def offer(at: int, reply: int = RIGHT, *, silence: float = 0.1, sure: float = 1.0) -> tuple[float, ...]:
    return (OFFER, at, sure, sure, silence, sure, 1, reply)


def silent(at: int) -> tuple[float, ...]:
    return (SILENT, at, 0, 0, 0, 0, 0, 0)


def resumed(at: int) -> tuple[float, ...]:
    return (RESUMED, at, 0, 0, 0, 0, 0, 0)


def record(*steps: tuple[float, ...], stages: Stages = STAGES, answered: bool = True) -> TurnRecord:
    columns = dict(zip(COLUMNS, np.array(steps, float).T, strict=True))
    whole = {name: columns[name].astype(np.int64) for name in ("kind", "position", "complete", "reply")}
    return TurnRecord(
        conversation="c", turn=0, began=0, stages=stages, answered=answered, **{**columns, **whole}
    )


def came_of(
    turn: TurnRecord, *, endpointing: EndpointingSettings = WHOLE, price: float = 0.0, **early: object
) -> Outcomes:
    policy = Policy(early=EarlySynthesisSettings(**early), endpointing=endpointing)
    return outcomes(decide([turn], [policy]), [turn], price=price)


def only(values: np.ndarray) -> float:
    assert values.shape == (1, 1)
    return values.item()


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


def cut(pause: int, reply: int) -> TurnRecord:
    """Return a turn whose caller pauses for ``pause`` ticks after words that seem complete."""
    again = SECOND + pause * TICK
    end = again + 40 * TICK
    return record(silent(SECOND), offer(SECOND + 5 * TICK, reply), resumed(again), silent(end), offer(end))


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


PREFIXES = LeadSettings(prefixes=("One moment.",))
SENTENCES = LeadSettings(sentences=True, confidence=0.9)


def came_led(turn: TurnRecord, lead: LeadSettings, *, enabled: bool = True) -> Outcomes:
    early = EarlySynthesisSettings(enabled=enabled)
    policy = Policy(early=early, lead=lead, endpointing=WHOLE)
    return outcomes(decide([turn], [policy]), [turn])


def parted(turn: TurnRecord) -> TurnRecord:
    offered = (turn.kind == OFFER).astype(np.int64)
    return replace(turn, parted=offered, alike=offered * (turn.reply == RIGHT))


def in_clauses(turn: TurnRecord, *, kept: int, seconds: float) -> TurnRecord:
    """Return the turn with replies of three clauses before the last, of which wrong ones share ``kept``."""
    offered = (turn.kind == OFFER).astype(np.int64)
    same = np.where(turn.reply == RIGHT, 3, kept) * offered
    return replace(turn, clauses=3 * offered, kept=same, kept_seconds=seconds * offered)


@pytest.mark.parametrize("enabled", [True, False])
def test_a_phrase_is_heard_at_the_end_of_the_turn(enabled: bool) -> None:
    """What a phrase is good for would not show."""
    turn = record(silent(SECOND), offer(SECOND + 5 * TICK))
    # 0.512 s hangover, 0.05 s playout, 0.04 s capture
    assert only(came_led(turn, PREFIXES, enabled=enabled).response_time) == pytest.approx(0.602)
    unsure = replace(PREFIXES, prefix_confidence=0.9)
    turn = record(silent(SECOND), offer(SECOND + 5 * TICK, sure=0.89))
    assert only(came_led(turn, unsure, enabled=False).response_time) > 1


def test_a_sentence_is_heard_once_it_is_there() -> None:
    """It would be heard before it is synthesised, or where there is none."""
    turn = parted(record(silent(SECOND), offer(SECOND + 5 * TICK)))
    assert only(came_led(turn, SENTENCES).response_time) == pytest.approx(0.602)
    late = parted(record(silent(SECOND), offer(SECOND + 5 * TICK), stages=replace(STAGES, synthesis=0.4)))
    # begun at 0.16 s, there at 0.56 s
    assert only(came_led(late, SENTENCES).response_time) == pytest.approx(0.65)
    whole = record(silent(SECOND), offer(SECOND + 5 * TICK))
    assert only(came_led(whole, SENTENCES).response_time) == pytest.approx(0.812)


def test_a_wrong_sentence_counts_if_it_was_heard_before_the_final() -> None:
    """The risk of leading would not show, or be counted where it was replaced in silence."""
    turn = parted(record(silent(SECOND), offer(SECOND + 5 * TICK, WRONG)))
    came = came_led(turn, SENTENCES)  # audible at 0.562 s, known to be wrong at 0.722 s
    assert only(came.wrong_heard) == 1
    assert only(came.response_time) == pytest.approx(1.112)
    slow = replace(turn, stages=replace(STAGES, synthesis=0.52))  # audible at 0.16 + 0.52 + 0.05 s
    assert only(came_led(slow, SENTENCES).wrong_heard) == 0
    assert only(came_led(turn, replace(SENTENCES, confidence=1.0)).wrong_heard) == 1
    assert only(came_led(turn, PREFIXES).wrong_heard) == 0


def test_nothing_is_led_when_the_final_is_there_already() -> None:
    """Leading would be credited with what the early final did."""
    stages = replace(STAGES, final_known=SECOND / RATE + 0.4)
    turn = record(silent(SECOND), offer(SECOND + 5 * TICK), stages=stages)
    assert only(came_led(turn, PREFIXES).response_time) == pytest.approx(0.612)


@pytest.mark.parametrize(
    ("pause", "lead", "heard", "wrong"),
    [(17, PREFIXES, 0, 0), (18, PREFIXES, 1, 0), (17, SENTENCES, 0, 0), (18, SENTENCES, 1, 1)],
)
def test_what_is_led_into_a_pause_is_a_cut_off_heard(
    pause: int, lead: LeadSettings, heard: int, wrong: int
) -> None:
    """Callers would be talked over by policies that look polite."""
    came = came_led(parted(cut(pause, WRONG)), lead)  # audible at 0.562 s = tick 17.6
    assert only(came.cut_offs) == 1
    assert (only(came.cut_offs_heard), only(came.wrong_heard)) == (heard, wrong)


CLAUSES = LeadSettings(clauses=2, confidence=0.9, further_confidence=0.95)


@pytest.mark.parametrize(
    ("kept", "seconds", "sure", "wrong", "response"),
    [
        # audible at 0.562 s, known to be wrong at 0.722 s
        (3, 0.9, 1.0, 0, 0.602),  # all that is led is right, though the reply ends otherwise
        (1, 0.15, 1.0, 1, 0.602),  # the second clause is wrong, and heard at 0.712 s
        (1, 0.17, 1.0, 0, 0.602),  # it would be at 0.732 s
        (1, 0.15, 0.94, 0, 0.602),  # it is not led
        (0, 0.0, 1.0, 1, 1.112),
        (1, 0.15, 0.89, 0, 0.812),  # nothing is led, yet the first clause is ready when the final is there
        (0, 0.0, 0.89, 0, 1.112),
    ],
)
def test_clauses_that_are_led_are_right_one_by_one(
    kept: int, seconds: float, sure: float, wrong: int, response: float
) -> None:
    """A reply that begins rightly would count as wrong, or the wrong end of it as right."""
    step = list(offer(SECOND + 5 * TICK, WRONG, sure=1.0))
    step[2] = sure
    turn = in_clauses(record(silent(SECOND), tuple(step)), kept=kept, seconds=seconds)
    came = came_led(turn, CLAUSES)
    assert only(came.wrong_heard) == wrong
    assert only(came.response_time) == pytest.approx(response)
    assert (only(came.commits), only(came.discards)) == ((1, 0) if kept else (0, 1))


def test_a_right_reply_is_led_clause_by_clause_as_far_as_it_may_be() -> None:
    """Leading would seem to cost something where it is right."""
    turn = in_clauses(record(silent(SECOND), offer(SECOND + 5 * TICK)), kept=3, seconds=0.9)
    for clauses in (1, 2, 4):
        came = came_led(turn, replace(CLAUSES, clauses=clauses))
        assert (only(came.wrong_heard), only(came.commits)) == (0, 1)
        assert only(came.response_time) == pytest.approx(0.602)
    assert only(came_led(turn, LeadSettings(clauses=0)).response_time) == pytest.approx(0.812)


@pytest.mark.parametrize(("pause", "heard", "wrong"), [(17, 0, 0), (18, 1, 0), (20, 1, 0), (21, 1, 1)])
def test_clauses_led_into_a_pause_are_wrong_from_the_first_that_differs(
    pause: int, heard: int, wrong: int
) -> None:
    """A beginning that the whole turn asks for would count as wrong audio."""
    turn = in_clauses(cut(pause, WRONG), kept=1, seconds=0.1)  # wrong from 0.662 s = tick 20.7 on
    came = came_led(turn, CLAUSES)
    assert (only(came.cut_offs_heard), only(came.wrong_heard)) == (heard, wrong)
