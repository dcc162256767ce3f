"""When a reply is prepared before the turn has ended, and what becomes of it."""

from dataclasses import replace

import pytest
from hypothesis import given, strategies as st

from workbench.conversation.early_synthesis import (
    Candidate,
    EarlyDecision,
    EarlyMove,
    EarlySynthesis,
    EarlySynthesisSettings,
)
from workbench.errors import ParameterError

SHARE = st.floats(0, 1)
LATTE = Candidate(
    reply="A latte.", intent="orderDrink", confidence=0.9, stability=0.9, end_of_turn=0.9, complete=True
)
MOCHA = replace(LATTE, reply="A mocha.")
HELP = replace(LATTE, reply="You can order.", intent="help")

WAIT, START, HOLD = (EarlyDecision(move) for move in (EarlyMove.WAIT, EarlyMove.START, EarlyMove.HOLD))
COMMIT = EarlyDecision(EarlyMove.COMMIT, kept=1)


def discard(reason: str) -> EarlyDecision:
    return EarlyDecision(EarlyMove.DISCARD, reason)


CANDIDATES = st.builds(
    Candidate,
    reply=st.sampled_from("ab"),
    intent=st.sampled_from(["order", None]),
    confidence=SHARE,
    stability=SHARE,
    end_of_turn=SHARE,
    complete=st.booleans(),
)
OFFERS = st.lists(st.tuples(CANDIDATES, st.floats(0, 0.5)), max_size=12)


def first_start(settings: EarlySynthesisSettings, offers: list[tuple[Candidate, float]]) -> float:
    early = EarlySynthesis(settings=settings)
    for place, (candidate, silence) in enumerate(offers):
        if early.offer(candidate, silence=silence).move is EarlyMove.START:
            return place
    return float("inf")


@given(
    offers=OFFERS,
    confidence=st.tuples(SHARE, SHARE).map(sorted),
    stability=st.tuples(SHARE, SHARE).map(sorted),
    end_of_turn=st.tuples(SHARE, SHARE).map(sorted),
    silence=st.tuples(st.floats(0, 0.5), st.floats(0, 0.5)).map(sorted),
)
def test_stricter_thresholds_never_start_earlier(
    offers: list[tuple[Candidate, float]],
    confidence: list[float],
    stability: list[float],
    end_of_turn: list[float],
    silence: list[float],
) -> None:
    """Tuning would do the opposite of what its name says."""
    loose, strict = (
        EarlySynthesisSettings(
            confidence=confidence[n], stability=stability[n], end_of_turn=end_of_turn[n], silence=silence[n]
        )
        for n in (0, 1)
    )
    assert first_start(loose, offers) <= first_start(strict, offers)


@given(offers=OFFERS, final=st.sampled_from(["a", "b", None]))
def test_only_the_reply_the_final_asks_for_is_committed(
    offers: list[tuple[Candidate, float]], final: str | None
) -> None:
    """The caller would hear an answer to something that was not said."""
    early = EarlySynthesis(settings=EarlySynthesisSettings(confidence=0.2, stability=0.2))
    held: str | None = None
    for candidate, silence in offers:
        decision = early.offer(candidate, silence=silence)
        if decision.move is EarlyMove.START:
            assert held is None
            held = candidate.reply
        elif decision.move is EarlyMove.DISCARD:
            assert held is not None
            held = None
        assert (early.held.reply if early.held else None) == held
    decision = early.finish(final, intent="order")
    if held is None:
        assert decision == WAIT
    else:
        assert (decision == COMMIT) is (final == held)
        assert decision.move in (EarlyMove.COMMIT, EarlyMove.DISCARD)
    assert early.held is None


@pytest.mark.parametrize(
    ("change", "silence", "decision"),
    [
        ({}, 0.1, START),
        ({}, 0.08, START),
        ({}, 0.079, WAIT),
        ({"confidence": 0.6}, 0.1, START),
        ({"confidence": 0.599}, 0.1, WAIT),
        ({"stability": 0.5}, 0.1, START),
        ({"stability": 0.499}, 0.1, WAIT),
        ({"complete": False}, 0.1, WAIT),
        ({"intent": None}, 0.1, WAIT),
    ],
)
def test_a_start_needs_every_condition(
    change: dict[str, object], silence: float, decision: EarlyDecision
) -> None:
    """Work would be thrown away, or time lost."""
    assert EarlySynthesis().offer(replace(LATTE, **change), silence=silence) == decision


@pytest.mark.parametrize(("end_of_turn", "decision"), [(0.7, START), (0.699, WAIT), (0.0, WAIT)])
def test_a_caller_who_may_go_on_is_not_yet_answered(end_of_turn: float, decision: EarlyDecision) -> None:
    """A threshold for the end of the turn would have no effect, or be taken for another."""
    early = EarlySynthesis(EarlySynthesisSettings(end_of_turn=0.7))
    assert early.offer(replace(LATTE, end_of_turn=end_of_turn), silence=0.1) == decision
    assert EarlySynthesis().offer(replace(LATTE, end_of_turn=0.0), silence=0.1) == START


def test_nothing_starts_when_it_is_switched_off() -> None:
    """A session measured without early synthesis would have it."""
    early = EarlySynthesis(settings=EarlySynthesisSettings(enabled=False))
    assert early.offer(LATTE, silence=1.0) == WAIT
    assert early.finish("A latte.", intent="orderDrink") == WAIT


@pytest.mark.parametrize(
    ("second", "decision"),
    [
        (LATTE, HOLD),
        (replace(LATTE, confidence=0.0, stability=0.0, complete=False), HOLD),
        (MOCHA, discard("reply-changed")),
        (HELP, discard("intent-changed")),
    ],
)
def test_a_held_reply_is_kept_while_it_stays_the_same(second: Candidate, decision: EarlyDecision) -> None:
    """The same words would be synthesised again and again, or the wrong ones kept."""
    early = EarlySynthesis()
    early.offer(LATTE, silence=0.1)
    assert early.offer(second, silence=0.0) == decision
    assert (early.held == LATTE) is (decision == HOLD)


def test_a_discarded_reply_makes_room_for_another() -> None:
    """A corrected order would lose its head start."""
    early = EarlySynthesis()
    moves = [early.offer(one, silence=0.1) for one in (LATTE, MOCHA, MOCHA)]
    assert moves == [START, discard("reply-changed"), START]
    assert early.held == MOCHA


def test_starts_are_counted_over_the_turn() -> None:
    """A caller who goes on changing the order would fill the processor with discarded speech."""
    early = EarlySynthesis(settings=EarlySynthesisSettings(starts_max=2))
    for _ in range(2):
        assert early.offer(LATTE, silence=0.1) == START
        assert early.speech_resumed() == discard("speech-resumed")
    assert early.offer(LATTE, silence=0.1) == WAIT


def test_speech_that_goes_on_discards_only_what_is_held() -> None:
    """A discard of nothing would be recorded."""
    assert EarlySynthesis().speech_resumed() == WAIT


@pytest.mark.parametrize(
    ("reply", "intent", "decision"),
    [
        ("A latte.", "orderDrink", COMMIT),
        ("A latte.", "help", COMMIT),
        ("A mocha.", "orderDrink", discard("reply-changed")),
        ("You can order.", "help", discard("intent-changed")),
        (None, None, discard("turn-dropped")),
    ],
)
def test_the_end_of_the_turn_settles_it(
    reply: str | None, intent: str | None, decision: EarlyDecision
) -> None:
    """The caller would hear what the final does not ask for, or wait for what is there."""
    early = EarlySynthesis()
    early.offer(LATTE, silence=0.1)
    assert early.finish(reply, intent=intent) == decision
    assert early.finish(reply, intent=intent) == WAIT


@pytest.mark.parametrize("name", ["confidence", "stability", "end_of_turn"])
@pytest.mark.parametrize("value", [-0.1, 1.1, float("nan")])
def test_thresholds_beyond_a_share_are_refused(name: str, value: float) -> None:
    """A percentage in an assistant file would switch early synthesis off unnoticed."""
    with pytest.raises(ParameterError, match=rf"^early synthesis {name} is .*, expected 0 to 1$"):
        EarlySynthesisSettings(**{name: value})


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("silence", -0.01, "silence is -0.01 s, expected 0 to 10"),
        ("silence", float("inf"), "silence is inf s, expected 0 to 10"),
        ("silence", float("nan"), "silence is nan s, expected 0 to 10"),
        ("starts_max", -1, "starts_max is -1, expected a whole number of 0 to 20"),
        ("starts_max", 21, "starts_max is 21, expected a whole number of 0 to 20"),
        ("starts_max", 1.5, "starts_max is 1.5, expected a whole number of 0 to 20"),
    ],
)
def test_what_can_be_no_silence_or_count_is_refused(name: str, value: float, problem: str) -> None:
    """A sweep would try what no assistant can be set to, or a session never start a reply."""
    with pytest.raises(ParameterError) as refused:
        EarlySynthesisSettings(**{name: value})
    assert str(refused.value) == f"early synthesis {problem}"
