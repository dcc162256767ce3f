"""Clocks that never go back."""

import math

import pytest

from workbench.core.clock import ManualClock, MonotonicClock
from workbench.errors import ParameterError


def test_the_machine_clock_starts_at_zero_and_goes_on() -> None:
    """Session times would not begin with the session, or run backwards."""
    clock = MonotonicClock()
    times = [clock.now() for _ in range(1000)]
    assert 0 <= times[0] < 1
    assert times == sorted(times)


def test_two_clocks_have_their_own_zero() -> None:
    """A session opened later would be stamped with the time of an earlier one."""
    first = MonotonicClock()
    while first.now() < 1e-3:
        pass
    assert MonotonicClock().now() < first.now()


def test_the_manual_clock_moves_only_when_told() -> None:
    """Re-runs would not repeat."""
    clock = ManualClock(1.5)
    assert (clock.now(), clock.now()) == (1.5, 1.5)
    assert clock.advance(0.25) == 1.75
    assert clock.advance(0) == clock.now() == 1.75


@pytest.mark.parametrize("seconds", [-1e-9, -1.0, math.nan])
def test_the_manual_clock_does_not_go_back(seconds: float) -> None:
    """Events would be stamped before the ones they follow, or with no time at all."""
    clock = ManualClock(1.0)
    with pytest.raises(ParameterError, match=r"^clock moved by .* s, expected at least 0$"):
        clock.advance(seconds)
    assert clock.now() == 1.0
