"""Whose answers count in a listening test."""

from workbench.analysis.listening import ANCHOR, MUFFLED, Design, Method, Role, Trial
from workbench.analysis.listening_answers import Answer
from workbench.analysis.listening_preference import (
    choices,
    pair_scores,
)
from workbench.analysis.listening_screening import Screening, screen


def answer(who: str, role: Role, shown: tuple[str, ...], given, *, item: str = "i", hidden=None) -> Answer:
    trial = Trial(number=0, role=role, item=item, shown=shown, hidden=hidden)
    return Answer(listener=who, trial=trial, given=given, seconds=0, plays=())


def test_who_misses_known_answers_is_not_counted() -> None:
    """A guesser's answers would dilute a real preference."""
    muffled = "a" + MUFFLED
    told = [answer("kim", Role.CATCH, ("a", muffled), 0), answer("kim", Role.CATCH, (muffled, "a"), 1)]
    told += [answer("lou", Role.CATCH, ("a", muffled), 0), answer("lou", Role.CATCH, (muffled, "a"), 0)]
    told += [
        answer("max", Role.CATCH, ("a", muffled), "tie"),
        answer("max", Role.CATCH, (muffled, "a"), "tie"),
    ]
    told += [answer(who, Role.TEST, ("a", "b"), 0) for who in ("kim", "lou", "max")]
    kept, screened = screen(Design(method=Method.PREFERENCE), told)
    assert {one.listener for one in kept} == {"kim"}
    assert screened[1].reasons == ("1 of 2 trials with a known answer right",)
    assert screened[2].catches == (0, 2)
    assert [one.first_position for one in screened] == [1.0] * 3


def test_the_rules_of_bs_1534() -> None:
    """A listener who does not hear the reference would be counted, or one be lost for a single slip."""
    design = Design(method=Method.MUSHRA, reference="ref")
    shown = ("ref", "x", ANCHOR)

    def listener(who: str, low: int, high: int) -> list[Answer]:
        rows = [(89 if number < low else 90, 50, 91 if number < high else 90) for number in range(20)]
        return [answer(who, Role.TEST, shown, row, item=str(number)) for number, row in enumerate(rows)]

    told = [*listener("three", 3, 0), *listener("four", 4, 0), *listener("anchor", 0, 4)]
    kept, screened = screen(design, told)
    assert {one.listener for one in kept} == {"three"}  # 3 of 20 are 15 %, not more
    assert screened[1].reasons == ("hidden reference below 90 in 20% of trials",)
    assert screened[2].reasons == ("anchor above 90 in 20% of trials",)


def test_repeats_are_told_and_exclude_only_if_asked() -> None:
    """Who hears no difference would be excluded for answering by chance."""
    told = [answer("kim", Role.TEST, ("a", "b"), 0), answer("kim", Role.REPEAT, ("b", "a"), 0)]
    told += [answer("lou", Role.TEST, ("a", "b"), 0), answer("lou", Role.REPEAT, ("b", "a"), 1)]
    design = Design(method=Method.PREFERENCE)
    kept, screened = screen(design, told)
    assert len(kept) == 4
    assert [one.repeats for one in screened] == [(0, 1), (1, 1)]
    kept, screened = screen(design, told, Screening(repeats_same=0.5))
    assert {one.listener for one in kept} == {"lou"}
    assert screened[0].reasons == ("0 of 1 repeats answered as before",)


def test_a_muffled_sound_is_to_be_rated_below_the_clear_one() -> None:
    """Whoever gives everything a three would be counted."""
    design = Design(method=Method.MOS)
    told = []
    for who, clear, muffled in (("kim", 4, 2), ("lou", 3, 3), ("max", 1, 1)):
        told += [answer(who, Role.TEST, ("a",), clear), answer(who, Role.CATCH, ("a" + MUFFLED,), muffled)]
        told += [answer(who, Role.REPEAT, ("a",), clear - 1 if clear > 1 else 3)]
    kept, screened = screen(design, told)
    assert {one.listener for one in kept} == {"kim", "max"}
    assert [one.repeats for one in screened] == [(1, 1), (1, 1), (0, 1)]


def test_shares_are_of_counted_trials_only() -> None:
    """Practice, repeats and catches would be counted twice."""
    told = [answer("kim", role, ("a", "b"), 0) for role in (Role.PRACTICE, Role.REPEAT)]
    told += [answer("kim", Role.TEST, ("b", "a"), 0), answer("kim", Role.TEST, ("a", "b"), "tie")]
    counted = choices(told)
    assert [one.won for one in counted] == [1.0, 0.5]
    assert pair_scores(counted, "a", "b") == {"kim": 0.25}
    assert pair_scores(counted, "b", "a") == {"kim": 0.75}
