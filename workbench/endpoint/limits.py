"""How often and how many at once: rates by address and project, blocked addresses, open connections."""

import logging
import time
from collections import OrderedDict
from collections.abc import Callable
from math import ceil

import anyio
from limits import RateLimitItem, RateLimitItemPerMinute
from limits.aio.storage import RedisStorage, Storage
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from limits.errors import ConfigurationError, StorageError

from workbench.endpoint.settings import EndpointSettings
from workbench.endpoint.windows import BoundedWindows
from workbench.errors import EngineMissing, GatewayRefused, ParameterError

log = logging.getLogger(__name__)

REDIS_TIMEOUT = 0.5
"""Seconds a question to Redis may take."""
REDIS_PAUSE = 1.0
"""Seconds after a failed one in which none is asked: each refusal would else wait as long."""
WARN_EVERY = 60.0
"""Seconds between two log lines about a Redis that can't be reached."""
BLOCKED_MAX = 10_000
"""Addresses blocked at once; beyond it the one blocked first is let go."""

IN_MEMORY = "memory://"

_PREFIX = "workbench"
_WAIT_MAX = 120


class TryLater(GatewayRefused):
    """Too much for now: the same request may be granted after ``wait`` seconds."""

    def __init__(self, code: int, reason: str, kind: str, wait: float) -> None:
        super().__init__(code, reason, kind)
        self.wait = max(1, min(_WAIT_MAX, ceil(wait)))


class Limits:
    """What one address and one project may do to this endpoint.

    Rates are counted in this process, or in Redis for all processes that name the same one. While Redis
    can't be reached nothing can be counted, so new connections are refused with 503 (and a time to try
    again), running sessions go on, and the log says so once a minute. Blocked addresses and open
    connections are this process's own in any case.
    """

    def __init__(self, settings: EndpointSettings, now: Callable[[], float] = time.monotonic) -> None:
        self._settings = settings
        self._now = now
        self._remote = settings.limits_url != IN_MEMORY
        self._limiter = SlidingWindowCounterRateLimiter(_storage(settings.limits_url, now))
        self._by_address = RateLimitItemPerMinute(settings.openings_per_address, namespace=_PREFIX)
        self._by_project = RateLimitItemPerMinute(settings.openings_per_project, namespace=_PREFIX)
        self._refusals = RateLimitItemPerMinute(settings.refusals_per_address, namespace=_PREFIX)
        self._blocked: OrderedDict[str, float] = OrderedDict()
        self._open: dict[tuple[str, str], int] = {}
        self._silent_until = 0.0
        self._warned = -WARN_EVERY

    def check_blocked(self, address: str) -> None:
        """Raise TryLater (429) while ``address`` is blocked for its many refusals."""
        until = self._blocked.get(address)
        if until is None:
            return
        wait = until - self._now()
        if wait > 0:
            raise TryLater(429, "too many requests from this address were refused", "blocked", wait)
        del self._blocked[address]

    async def count_opening(self, address: str) -> None:
        """Count one request of ``address``; raise TryLater (429, or 503 without Redis) beyond its rate."""
        if not await self._hit(self._by_address, "address", address):
            wait = 60 / self._settings.openings_per_address
            raise TryLater(429, "this address opens connections too often", "too-often", wait)

    async def count_project(self, project: str) -> None:
        """Count one admitted connection of ``project``; raise TryLater (429, 503) beyond its rate."""
        if not await self._hit(self._by_project, "project", project):
            wait = 60 / self._settings.openings_per_project
            raise TryLater(429, "this project opens connections too often", "too-often", wait)

    async def count_refusal(self, address: str) -> None:
        """Count a refusal; the one too many within a minute blocks ``address`` for a while."""
        try:
            if await self._hit(self._refusals, "refusal", address):
                return
        except TryLater:
            return  # not counted, but nobody is let in either while Redis is away
        self._blocked[address] = self._now() + self._settings.blocked_for
        self._blocked.move_to_end(address)
        if len(self._blocked) > BLOCKED_MAX:
            self._blocked.popitem(last=False)

    def enter(self, address: str, project: str) -> None:
        """Count a connection as open; raise TryLater (429) if the address or project has too many."""
        limits = self._settings
        for kind, name, most in (
            ("address", address, limits.connections_per_address),
            ("project", project, limits.connections_per_project),
        ):
            if self._open.get((kind, name), 0) >= most:
                reason = f"this {kind} has {most} connections open, the most allowed"
                raise TryLater(429, reason, "too-many-connections", 1)
        for key in (("address", address), ("project", project)):
            self._open[key] = self._open.get(key, 0) + 1

    def leave(self, address: str, project: str) -> None:
        """Count a connection as closed; to be called once for each ``enter`` that raised nothing."""
        for key in (("address", address), ("project", project)):
            left = self._open[key] - 1
            if left:
                self._open[key] = left
            else:
                del self._open[key]

    async def _hit(self, item: RateLimitItem, kind: str, name: str) -> bool:
        if not self._remote:
            return await self._limiter.hit(item, kind, name)
        now = self._now()
        if now >= self._silent_until:
            try:
                with anyio.fail_after(REDIS_TIMEOUT):
                    return await self._limiter.hit(item, kind, name)
            except (StorageError, TimeoutError, OSError) as error:
                now = self._now()
                self._silent_until = now + REDIS_PAUSE
                self._warn(error, now)
        raise TryLater(503, "the endpoint can't count connections at the moment", "limits-away", REDIS_PAUSE)

    def _warn(self, error: Exception, now: float) -> None:
        if now - self._warned < WARN_EVERY:
            return
        self._warned = now
        cause = type(error.__cause__ or error).__name__
        log.error("the rate limits' Redis can't be reached (%s): new connections are refused", cause)


def _storage(url: str, now: Callable[[], float]) -> Storage:
    """Return where rates are counted; raises ParameterError or EngineMissing, never with the address."""
    scheme = url.partition("://")[0]
    if url == IN_MEMORY:
        return BoundedWindows(now)
    if scheme not in ("redis", "rediss", "redis+unix"):
        known = "memory://, redis://, rediss:// or redis+unix://"
        raise ParameterError(f"limits_url begins with {scheme[:20]!r}, expected {known}")
    try:
        return RedisStorage(
            f"async+{url}",
            wrap_exceptions=True,
            implementation="redispy",
            key_prefix=_PREFIX,
            socket_timeout=REDIS_TIMEOUT,
            socket_connect_timeout=REDIS_TIMEOUT,
        )
    except ConfigurationError:
        raise EngineMissing("rate limits over Redis", "redis", "redis") from None
    except ValueError:
        raise ParameterError("limits_url names no host and port of a Redis") from None
