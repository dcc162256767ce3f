"""Outcomes of what is led before the final, against numbers worked out by hand."""

from dataclasses import replace

import numpy as np
import pytest
from hand_made_turns import SECOND, STAGES, WHOLE, WRONG, cut, offer, only, record, silent

from workbench.analysis.outcomes import (
    OFFER,
    RATE,
    RIGHT,
    TICK,
    Outcomes,
    TurnRecord,
    outcomes,
)
from workbench.analysis.policies import Policy, decide
from workbench.conversation.early_synthesis import EarlySynthesisSettings
from workbench.conversation.leading import LeadSettings

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
