"""What listening noticed, on its way to the conversing stage: taken at once while that waits, else in order.

Nearly all of it is ticks, thirty a second, which need no waiting for anything: taken where they are noticed
they wake no task.
"""

from collections import deque
from collections.abc import Callable

import anyio

from workbench.conversation.observations import Observation

TakeAtOnce = Callable[[Observation], bool]
"""Takes an observation whole, if that needs no waiting; returns whether it did."""


class Observed:
    """One caller's observations, from one stage to the next.

    Parameters
    ----------
    limit : observations that may wait; beyond it their source is ``behind``, and should wait for ``room``
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._waiting: deque[Observation] = deque()
        self._take: TakeAtOnce | None = None
        self._news = anyio.Event()
        self._taken = anyio.Event()
        self._ended = False
        self._broken = False

    def put(self, observation: Observation) -> None:
        """Hand over ``observation``; raises BrokenResourceError if nobody takes any more."""
        if self._broken:
            raise anyio.BrokenResourceError
        if self._take is not None and not self._waiting and self._take(observation):
            return
        self._waiting.append(observation)
        self._news.set()

    def end(self) -> None:
        """Let the reader find the end after what waits."""
        self._ended = True
        self._news.set()

    @property
    def behind(self) -> bool:
        """Return whether more wait than should."""
        return len(self._waiting) > self._limit and not self._broken

    async def room(self) -> None:
        """Wait until there is room, or nobody takes any more."""
        while self.behind:
            if self._taken.is_set():  # several may wait, as when a connection is taken over
                self._taken = anyio.Event()
            await self._taken.wait()

    async def next(self, take: TakeAtOnce) -> Observation | None:
        """Return the next observation; None at the end. Meanwhile ``take`` is offered what is put.

        Cancelling it loses nothing.
        """
        while not self._waiting:
            if self._ended:
                return None
            self._news = anyio.Event()
            self._take = take
            try:
                await self._news.wait()
            finally:
                self._take = None
        self._taken.set()
        return self._waiting.popleft()

    def close(self) -> None:
        """Take no more."""
        self._broken = True
        self._taken.set()
