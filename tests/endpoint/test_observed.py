"""Observations from listening to conversing."""

import anyio
import anyio.lowlevel
import pytest
from patience import PATIENCE

from workbench.conversation.observations import Tick
from workbench.endpoint.observed import Observed

pytestmark = pytest.mark.anyio


def tick(position):
    return Tick(position=position, silence=0.0, voiced_end=0)


def refuse(observation):
    return False


async def test_what_can_be_taken_at_once_wakes_nobody():
    """Thirty ticks a second of each session wake a task each."""
    observed, taken = Observed(8), []

    def take(observation):
        taken.append(observation)
        return True

    async with anyio.create_task_group() as group:
        group.start_soon(observed.next, take)
        await anyio.wait_all_tasks_blocked()
        observed.put(tick(1))
        observed.put(tick(2))
        assert [each.position for each in taken] == [1, 2]
        group.cancel_scope.cancel()


async def test_nothing_overtakes_what_waits():
    """A tick is dealt with before what was noticed earlier."""
    observed, taken, at_once = Observed(8), [], []

    def take_even(observation):
        if observation.position % 2 == 0:
            at_once.append(observation.position)
            return True
        return False

    async def read():
        while (observation := await observed.next(take_even)) is not None:
            taken.append(observation.position)
            await anyio.lowlevel.checkpoint()

    async with anyio.create_task_group() as group:
        group.start_soon(read)
        await anyio.wait_all_tasks_blocked()
        for position in (0, 1, 2, 3, 4):  # nobody runs meanwhile: 2 and 4 wait behind 1 and 3
            observed.put(tick(position))
        observed.end()
    assert (at_once, taken) == ([0], [1, 2, 3, 4])


async def test_the_source_waits_for_room():
    """A stage that is slow lets observations pile up."""
    observed = Observed(2)
    for position in range(3):
        observed.put(tick(position))
    assert observed.behind
    async with anyio.create_task_group() as group:
        group.start_soon(observed.room)
        await anyio.wait_all_tasks_blocked()
        assert (await observed.next(refuse)).position == 0
    assert not observed.behind


async def test_after_the_last_comes_the_end():
    """The conversing stage never learns that the caller has left."""
    observed = Observed(2)
    observed.put(tick(5))
    observed.end()
    assert (await observed.next(refuse)).position == 5
    assert await observed.next(refuse) is None


async def test_a_reader_that_is_gone_is_no_place_to_put_things():
    """Audio after a session's end is swallowed, or its source waits for ever."""
    observed = Observed(0)
    observed.put(tick(1))
    async with anyio.create_task_group() as group:
        group.start_soon(observed.room)
        await anyio.wait_all_tasks_blocked()
        observed.close()
    with pytest.raises(anyio.BrokenResourceError):
        observed.put(tick(2))


async def test_all_who_wait_for_room_go_on():
    """A connection that was taken over while its session was behind would never be let go."""
    observed = Observed(0)
    for position in range(2):
        observed.put(tick(position))
    with anyio.fail_after(PATIENCE):
        async with anyio.create_task_group() as group:
            group.start_soon(observed.room)
            await anyio.wait_all_tasks_blocked()
            group.start_soon(observed.room)
            await anyio.wait_all_tasks_blocked()
            await observed.next(refuse)
            await observed.next(refuse)
