"""The order of a numbered stream: every number in its place, and what is wrong told in bounds."""

import pytest
from hypothesis import given, settings, strategies as st

from workbench.core.events import OrderBroken
from workbench.errors import ProtocolError
from workbench.protocol.order import AHEAD_MAX, MISSING_MAX, REPORT_EVERY, Order, Place


@settings(deadline=None)
@given(st.lists(st.integers(0, 60), max_size=80), st.sampled_from([0, 7, None]))
def test_it_says_what_a_set_without_bounds_would_say(numbers: list[int], first: int | None) -> None:
    """A message would be heard twice, or one that is new taken for a repetition."""
    order, came, expected = Order("messages", first), set(), first
    for number in numbers:
        expected = number if expected is None else expected
        if number >= expected:
            place, expected = Place.NEXT, number + 1
        else:
            late = number not in came and number >= (first if first is not None else numbers[0])
            place = Place.LATE if late else Place.DUPLICATE
        came.add(number)
        assert order.take(number) is place
        assert order.next == expected


def test_only_the_newest_of_many_missing_are_remembered() -> None:
    """A client that leaves holes for an hour would fill the memory."""
    order = Order("audio")
    order.take(AHEAD_MAX)
    assert len(order._missing) == MISSING_MAX
    assert order.take(AHEAD_MAX - 1) is Place.LATE
    assert order.take(AHEAD_MAX - MISSING_MAX - 1) is Place.DUPLICATE


def test_a_number_out_of_range_is_refused_and_changes_nothing() -> None:
    """One forged number would make everything after it a repetition."""
    order = Order("messages")
    order.take(0)
    with pytest.raises(ProtocolError, match=r"messages went on with number 10002, expected 1 or"):
        order.take(1 + AHEAD_MAX + 1)
    assert order.take(1) is Place.NEXT
    assert order.report(9.0) == []


def test_what_was_broken_is_told_once_a_second_with_its_count() -> None:
    """The timeline would be flooded, or a loss never be seen."""
    order = Order("audio")
    for number in (0, 3, 3, 1, 6):
        order.take(number)
    assert order.report(0.0) == [
        OrderBroken(stream="audio", kind="gap", number=1, count=4),
        OrderBroken(stream="audio", kind="duplicate", number=3, count=1),
        OrderBroken(stream="audio", kind="late", number=1, count=1),
    ]
    order.take(6)
    assert order.report(REPORT_EVERY / 2) == []
    assert order.report(REPORT_EVERY) == [OrderBroken(stream="audio", kind="duplicate", number=6, count=1)]
    assert order.report(9.0) == []
