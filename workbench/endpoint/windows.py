"""Sliding windows of the ``limits`` library, kept in this process and bounded."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from math import floor

from limits.aio.storage import Storage
from limits.aio.storage.base import SlidingWindowCounterSupport


@dataclass(slots=True)
class _Count:
    window: int
    """Which window since the clock's zero ``current`` belongs to."""
    current: int = 0
    previous: int = 0


class BoundedWindows(Storage, SlidingWindowCounterSupport):
    """Two counters a key, O(1) a hit; at ``keys_max`` keys the one hit longest ago is forgotten.

    The library's own memory storage keeps any number of keys and walks over all of them after a hit, so
    that a flood from many addresses would slow down the sessions that are running.
    """

    STORAGE_SCHEME = None

    def __init__(self, now: Callable[[], float], keys_max: int = 20_000) -> None:
        super().__init__()
        self._now = now
        self._keys_max = keys_max
        self._counts: OrderedDict[str, _Count] = OrderedDict()

    def __len__(self) -> int:
        return len(self._counts)

    @property
    def base_exceptions(self) -> type[Exception]:
        """Return what the library would wrap; nothing here fails."""
        return ValueError

    async def acquire_sliding_window_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        """Count ``amount`` unless that would exceed ``limit``; return whether it was counted."""
        previous, left, current, _ = self._window(key, expiry)
        if floor(previous * left / expiry) + current + amount > limit:
            return False
        await self.incr(key, expiry, amount)
        return True

    async def get_sliding_window(self, key: str, expiry: int) -> tuple[int, float, int, float]:
        """Return the previous window's count and its remaining weight in seconds, and the current one's."""
        return self._window(key, expiry)

    async def clear_sliding_window(self, key: str, expiry: int) -> None:
        """Forget ``key``."""
        await self.clear(key)

    async def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Add ``amount`` to the current window of ``key``; return its count."""
        window = int(self._now() // expiry)
        count = self._counts.get(key)
        if count is None:
            count = self._counts[key] = _Count(window)
            if len(self._counts) > self._keys_max:
                self._counts.popitem(last=False)
        elif count.window != window:
            count.previous = count.current if count.window == window - 1 else 0
            count.current = 0
            count.window = window
        self._counts.move_to_end(key)
        count.current += amount
        return count.current

    async def get(self, key: str) -> int:
        """Return the count of the latest window of ``key``."""
        count = self._counts.get(key)
        return count.current if count else 0

    async def get_expiry(self, key: str) -> float:
        """Return now: which window ends when depends on the limit, not on the key."""
        return self._now()

    async def check(self) -> bool:
        """Return that memory can be reached."""
        return True

    async def reset(self) -> int:
        """Forget everything; return how many keys there were."""
        size = len(self._counts)
        self._counts.clear()
        return size

    async def clear(self, key: str) -> None:
        """Forget ``key``."""
        self._counts.pop(key, None)

    def _window(self, key: str, expiry: int) -> tuple[int, float, int, float]:
        now = self._now()
        window = int(now // expiry)
        left = expiry - now % expiry
        count = self._counts.get(key)
        if count is None or count.window < window - 1:
            return 0, 0.0, 0, left + expiry
        if count.window == window - 1:
            return count.current, left, 0, left + expiry
        return count.previous, left, count.current, left + expiry
