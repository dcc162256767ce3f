"""Sliding windows in memory: counted as the library counts them, and bounded."""

import pytest
from limits import RateLimitItemPerMinute
from limits.aio.strategies import SlidingWindowCounterRateLimiter

from workbench.core.clock import ManualClock
from workbench.endpoint.windows import BoundedWindows

pytestmark = pytest.mark.anyio

TEN = RateLimitItemPerMinute(10)


async def hits(limiter: SlidingWindowCounterRateLimiter, count: int, name: str = "a") -> int:
    return sum([await limiter.hit(TEN, name) for _ in range(count)])


async def test_no_more_than_the_limit_within_a_window():
    """Without it there is no limit."""
    limiter = SlidingWindowCounterRateLimiter(BoundedWindows(ManualClock(600.0).now))
    assert await hits(limiter, 25) == 10
    assert await hits(limiter, 3, "b") == 3


async def test_former_window_weighs_less_as_time_goes_by():
    """A fixed window would let twice the limit through around its edge."""
    clock = ManualClock(655.0)
    limiter = SlidingWindowCounterRateLimiter(BoundedWindows(clock.now))
    assert await hits(limiter, 20) == 10
    clock.advance(10)  # 5 s into the next window: 55/60 of the former 10 still weigh
    assert await hits(limiter, 20) == 1
    clock.advance(25)  # half of it left
    assert await hits(limiter, 20) == 4
    clock.advance(120)
    assert await hits(limiter, 20) == 10


async def test_number_of_keys_is_bounded_and_the_oldest_goes_first():
    """A flood from many addresses would fill the memory."""
    windows = BoundedWindows(ManualClock(600.0).now, keys_max=3)
    limiter = SlidingWindowCounterRateLimiter(windows)
    for name in ("a", "b", "c", "a", "d"):
        await limiter.hit(TEN, name)
    assert len(windows) == 3
    left = {name: (await limiter.get_window_stats(TEN, name)).remaining for name in "abcd"}
    assert left == {"a": 8, "b": 10, "c": 9, "d": 9}
