"""Rates, blocked addresses and open connections; in memory and in Redis."""

import logging

import pytest
from patience import PATIENCE
from redis_server import redis_server

from workbench.core.clock import ManualClock
from workbench.endpoint.limits import BLOCKED_MAX, Limits, TryLater
from workbench.endpoint.settings import EndpointSettings
from workbench.errors import ParameterError

pytestmark = pytest.mark.anyio


def limits(clock: ManualClock | None = None, **settings: object) -> Limits:
    clock = clock or ManualClock(600.0)
    return Limits(EndpointSettings(_env_file=None, **settings), clock.now)


async def test_rates_of_addresses_and_projects_are_their_own():
    """One address, or one project, must not use up another's rate."""
    one = limits(openings_per_address=3, openings_per_project=2)
    for _ in range(3):
        await one.count_opening("192.0.2.1")
    with pytest.raises(TryLater) as refusal:
        await one.count_opening("192.0.2.1")
    assert (refusal.value.code, refusal.value.kind, refusal.value.wait) == (429, "too-often", 20)
    await one.count_opening("192.0.2.2")
    for _ in range(2):
        await one.count_project("192.0.2.1")
    with pytest.raises(TryLater, match="this project opens connections too often"):
        await one.count_project("192.0.2.1")


async def test_default_rates_let_a_lab_work():
    """A hundred sessions at once, or two hundred reconnects a minute, come from one machine in a lab."""
    one = limits()
    for _ in range(100):
        one.enter("127.0.0.1", "default")
    for _ in range(400):
        await one.count_opening("127.0.0.1")
        await one.count_project("default")


async def test_address_refused_too_often_is_blocked_for_a_while():
    """Without it, guessing tokens costs the guesser nothing."""
    clock = ManualClock(600.0)
    one = limits(clock, refusals_per_address=3, blocked_for=30)
    for _ in range(3):
        await one.count_refusal("192.0.2.1")
        one.check_blocked("192.0.2.1")
    await one.count_refusal("192.0.2.1")
    with pytest.raises(TryLater) as refusal:
        one.check_blocked("192.0.2.1")
    assert (refusal.value.code, refusal.value.kind, refusal.value.wait) == (429, "blocked", 30)
    one.check_blocked("192.0.2.2")
    clock.advance(30)
    one.check_blocked("192.0.2.1")


async def test_blocked_addresses_are_bounded():
    """A flood from a whole network would fill the memory."""
    one = limits(refusals_per_address=1)
    for number in range(BLOCKED_MAX + 1):
        for _ in range(2):
            await one.count_refusal(f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}")
    one.check_blocked("10.0.0.0")  # the first was let go
    with pytest.raises(TryLater):
        one.check_blocked("10.0.0.1")


async def test_open_connections_are_counted_until_they_leave():
    """A leak would lock an address out for ever; a miss would let it take every place."""
    one = limits(connections_per_address=2, connections_per_project=3)
    one.enter("a", "p")
    one.enter("a", "p")
    with pytest.raises(TryLater, match="this address has 2 connections open, the most allowed"):
        one.enter("a", "p")
    one.enter("b", "p")
    with pytest.raises(TryLater, match="this project has 3 connections open, the most allowed"):
        one.enter("b", "p")
    one.enter("b", "q")
    for address, project in (("a", "p"), ("a", "p"), ("b", "p"), ("b", "q")):
        one.leave(address, project)
    assert not one._open  # nothing is kept of who was here


@pytest.mark.parametrize("url", ["", "memory", "https://secret@example", "memcached://127.0.0.1:1"])
def test_unknown_store_of_rates_is_refused_without_its_address(url):
    """An address may hold a password."""
    with pytest.raises(ParameterError, match="expected memory://, redis://") as problem:
        limits(limits_url=url)
    assert "secret" not in str(problem.value)


async def test_rates_in_redis_are_shared(tmp_path):
    """Several processes would each allow the whole rate."""
    with redis_server(tmp_path) as (url, _):
        one, two = (limits(limits_url=url, openings_per_address=4) for _ in range(2))
        for each in (one, two, one, two):
            await each.count_opening("192.0.2.1")
        for each in (one, two):
            with pytest.raises(TryLater, match="too often"):
                await each.count_opening("192.0.2.1")
        for each in (one, two):
            await each._limiter.storage.bridge.storage.aclose()


async def test_redis_that_went_away_refuses_and_says_so_once(tmp_path, caplog):
    """Without it, whoever stops Redis has no limits any more, or every request waits for it."""
    clock = ManualClock(600.0)
    with redis_server(tmp_path) as (url, process):
        one = limits(clock, limits_url=url)
        await one.count_opening("192.0.2.1")
        process.terminate()
        process.wait(timeout=PATIENCE)
        with caplog.at_level(logging.ERROR):
            for _ in range(50):
                with pytest.raises(TryLater) as refusal:
                    await one.count_opening("192.0.2.1")
                assert (refusal.value.code, refusal.value.kind) == (503, "limits-away")
            await one.count_refusal("192.0.2.1")
            clock.advance(2)
            with pytest.raises(TryLater):
                await one.count_opening("192.0.2.1")
    assert len(caplog.records) == 1
    assert "Redis can't be reached" in caplog.text
    assert url not in caplog.text
    await one._limiter.storage.bridge.storage.aclose()
