"""What is put is committed in groups and told in order; failures are noticed, a refused session is alone."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import anyio
import anyio.lowlevel
import pytest
from patience import PATIENCE

from workbench.core.clock import ManualClock
from workbench.core.events import ErrorRaised, Event, Source
from workbench.endpoint.storing import PAUSE_MAX, READERS, WORKERS, Storing
from workbench.errors import ParameterError, StoreError, StoreFailed
from workbench.store.rows import Append, NewSession, PhaseChange, SessionRow, Write
from workbench.store.store import Store, open_store

pytestmark = pytest.mark.anyio


class ObservedStore:
    """A store in memory that notes its transactions, and fails or waits when told to."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.place = store.place
        self.load, self.sessions = store.load, store.sessions
        self.transactions: list[int] = []
        self.tries = 0
        self.failing = 0
        """How many of the next tries fail."""
        self.go = threading.Event()
        self.go.set()
        self.waiting = threading.Event()

    def write(self, writes: list[Write]) -> None:  # noqa: D102
        self.tries += 1
        self.waiting.set()
        assert self.go.wait(PATIENCE)
        if self.failing:
            self.failing -= 1
            raise StoreFailed(self.place, "database is locked")
        self._store.write(writes)
        self.transactions.append(len(writes))


@pytest.fixture
def store() -> Iterator[ObservedStore]:
    with open_store("sqlite://") as opened:
        opened.write([NewSession(row("a")), NewSession(row("b"))])
        yield ObservedStore(opened)


def row(session: str) -> SessionRow:
    return SessionRow(
        session=session,
        project="default",
        client=None,
        assistant="coffee",
        token_id="t",
        phase="live",
        opened=1.0,
        wish="{}",
    )


def append(session: str, seq: int) -> Append:
    body = ErrorRaised(code="x", message="y")
    return Append(session, Event(seq=seq, at=0.0, turn=0, source=Source.ENDPOINT, body=body))


def seqs(store: ObservedStore, session: str) -> list[int]:
    return [event.seq for event in store.load(session).events]


class Pauses:
    """Waits by moving a clock, and can stop somebody at a pause."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.waited: list[float] = []
        self.then: Callable[[], None] = lambda: None

    async def __call__(self, seconds: float) -> None:  # noqa: D102
        self.waited.append(seconds)
        self.clock.advance(seconds)
        self.then()
        await anyio.lowlevel.checkpoint()


@contextmanager
def held(store: ObservedStore) -> Iterator[None]:
    """Keep a transaction from ending."""
    store.waiting.clear()
    store.go.clear()
    try:
        yield
    finally:
        store.go.set()


async def in_a_transaction(store: ObservedStore) -> None:
    with anyio.fail_after(PATIENCE):
        await anyio.to_thread.run_sync(store.waiting.wait)


async def recovered(storing: Storing) -> None:
    with anyio.fail_after(PATIENCE):
        while storing.failed is not None:  # noqa: ASYNC110  nothing tells of it
            await anyio.sleep(0.001)


async def test_what_is_put_at_once_shares_a_transaction(store: ObservedStore) -> None:
    """A crash could leave half of what belongs together, and every event cost a commit."""
    told: list[str] = []
    storing = Storing(store)
    async with anyio.create_task_group() as group:
        group.start_soon(storing.run)
        for seq in range(3):
            storing.put(append("a", seq), lambda seq=seq: told.append(f"a{seq}"))
            storing.put(append("b", seq), lambda seq=seq: told.append(f"b{seq}"))
        assert told == []
        await storing.settled()
        assert store.transactions == [6]
        assert told == ["a0", "b0", "a1", "b1", "a2", "b2"]
        group.cancel_scope.cancel()


async def test_what_comes_during_a_commit_is_the_next_transaction(store: ObservedStore) -> None:
    """The loop would wait for the disk, or the writes be committed one by one."""
    told: list[int] = []
    storing = Storing(store)
    async with anyio.create_task_group() as group:
        group.start_soon(storing.run)
        with held(store):
            storing.put(append("a", 0), lambda: told.append(0))
            await in_a_transaction(store)
            for seq in range(1, 5):
                storing.put(append("a", seq), lambda seq=seq: told.append(seq))
                await anyio.lowlevel.checkpoint()
            assert told == []
        await storing.settled()
        assert store.transactions == [1, 4]
        assert told == [0, 1, 2, 3, 4]
        group.cancel_scope.cancel()


async def test_a_marker_waits_for_what_was_put_before(store: ObservedStore) -> None:
    """An acknowledgement would go out before what it acknowledges is safe."""
    told: list[str] = []
    storing = Storing(store)
    storing.after(lambda: told.append("nothing waits"))
    assert told == ["nothing waits"]
    async with anyio.create_task_group() as group:
        group.start_soon(storing.run)
        with held(store):
            storing.put(append("a", 0), lambda: told.append("stored"))
            await in_a_transaction(store)
            storing.after(lambda: told.append("after"))
            assert told == ["nothing waits"]
        await storing.settled()
        assert told == ["nothing waits", "stored", "after"]
        group.cancel_scope.cancel()


async def test_it_is_told_on_the_loop(store: ObservedStore) -> None:
    """A session's state would be changed from two threads at once."""
    threads: list[int] = []
    storing = Storing(store)
    async with anyio.create_task_group() as group:
        group.start_soon(storing.run)
        storing.put(append("a", 0), lambda: threads.append(threading.get_ident()))
        await storing.settled()
        assert threads == [threading.get_ident()]
        group.cancel_scope.cancel()


async def test_a_failure_that_passes_is_not_noticed(store: ObservedStore) -> None:
    """A backup of the file would end every session."""
    pauses = Pauses()
    told: list[int] = []
    store.failing = 4
    storing = Storing(store, retry=5.0, clock=pauses.clock, pause=pauses)
    storing.on_failure(lambda failure: told.append(-1))
    async with anyio.create_task_group() as group:
        group.start_soon(storing.run)
        storing.put(append("a", 0), lambda: told.append(0))
        await storing.settled()
        assert told == [0]
        assert pauses.waited == [0.02, 0.04, 0.08, 0.16]
        assert storing.failed is None
        group.cancel_scope.cancel()


async def test_a_store_that_goes_on_failing_is_reported_and_used_again(
    store: ObservedStore, caplog: pytest.LogCaptureFixture
) -> None:
    """Sessions would wait for ever, be told that what is lost is safe, or need a restart of the endpoint."""
    pauses = Pauses()
    told: list[object] = []
    store.failing = 20
    storing = Storing(store, retry=5.0, clock=pauses.clock, pause=pauses)
    storing.on_failure(lambda failure: told.append((round(pauses.clock.now(), 2), failure)))
    storing.on_refusal(lambda session, error: told.append((session, error.problem)))
    async with anyio.create_task_group() as group:
        group.start_soon(storing.run)
        storing.put(append("a", 0), lambda: told.append("a0"))
        with pytest.raises(StoreFailed, match="database is locked"):
            await storing.settled()
        assert told == [(4.26, storing.failed)]
        assert max(pauses.waited) <= PAUSE_MAX
        storing.put(append("a", 1), lambda: told.append("a1"))
        storing.after(lambda: told.append("after"))
        await recovered(storing)
        assert seqs(store, "a") == [0]  # what waited, though nobody was told; what came later is lost
        storing.put(append("a", 2), lambda: told.append("a2"))
        storing.put(append("b", 0), lambda: told.append("b0"))
        await storing.settled()
        assert told[1:] == [("a", "event 2 of session a does not follow the 1 that are there"), "b0"]
        group.cancel_scope.cancel()
    assert [record.levelno for record in caplog.records] == [logging.ERROR, logging.WARNING, logging.ERROR]


async def test_there_is_a_limit_to_what_waits(store: ObservedStore) -> None:
    """A hanging disk would fill the memory."""
    told: list[object] = []
    storing = Storing(store, pending_max=3)
    storing.on_failure(lambda failure: told.append(failure.problem))
    async with anyio.create_task_group() as group:
        group.start_soon(storing.run)
        with held(store):
            storing.put(append("a", 0), lambda: told.append(0))
            await in_a_transaction(store)
            for seq in range(1, 5):
                storing.put(append("a", seq), lambda seq=seq: told.append(seq))
            assert told == ["3 writes wait for their commit"]
            with pytest.raises(StoreFailed):
                await storing.settled()
        await recovered(storing)
        assert seqs(store, "a") == [0, 1, 2]
        assert told == ["3 writes wait for their commit"]
        group.cancel_scope.cancel()


async def test_a_refused_session_takes_no_other_with_it(store: ObservedStore) -> None:
    """One session's mistake would end all others, or be reported as stored."""
    told: list[object] = []
    storing = Storing(store)
    storing.on_refusal(lambda session, error: told.append((session, type(error))))
    async with anyio.create_task_group() as group:
        group.start_soon(storing.run)
        storing.put(append("a", 0), lambda: told.append("a0"))
        storing.put(append("b", 0), lambda: told.append("b0"))
        storing.put(append("b", 5), lambda: told.append("b5"))
        storing.after(lambda: told.append("after b"), session="b")
        storing.after(lambda: told.append("after a"), session="a")
        storing.after(lambda: told.append("after all"))
        storing.put(append("a", 1), lambda: told.append("a1"))
        await storing.settled()
        assert told == [("b", StoreError), "a0", "after a", "after all", "a1"]
        assert (seqs(store, "a"), seqs(store, "b")) == ([0, 1], [])
        storing.put(append("b", 0), lambda: told.append("again"))
        await storing.settled()
        assert told[-1] == "again"
        group.cancel_scope.cancel()


async def test_a_cancelled_commit_is_waited_for_and_told(store: ObservedStore) -> None:
    """At shutdown an event would be stored that its client believes lost, or the other way round."""
    told: list[int] = []
    storing = Storing(store)
    async with anyio.create_task_group() as group:
        group.start_soon(storing.run)
        with held(store):
            storing.put(append("a", 0), lambda: told.append(0))
            await in_a_transaction(store)
            storing.put(append("a", 1), lambda: told.append(1))
            group.cancel_scope.cancel()
    assert told == [0]
    assert seqs(store, "a") == [0]


async def test_a_cancelled_try_was_never_told(store: ObservedStore) -> None:
    """What was given up would count as stored."""
    told: list[int] = []
    pauses = Pauses()
    store.failing = 100
    storing = Storing(store, clock=pauses.clock, pause=pauses)
    async with anyio.create_task_group() as group:
        pauses.then = group.cancel_scope.cancel
        group.start_soon(storing.run)
        storing.put(append("a", 0), lambda: told.append(0))
        storing.put(PhaseChange("a", "ended"), lambda: told.append(1))
    assert told == []
    assert store.tries == 1
    assert (seqs(store, "a"), store.load("a").row.phase) == ([], "live")


async def test_a_callback_that_fails_stops_nobody(
    store: ObservedStore, caplog: pytest.LogCaptureFixture
) -> None:
    """One session's mistake would stop the writing of all, or its text come into the log."""
    told: list[int] = []

    def fail() -> None:
        raise ValueError("what somebody said")

    storing = Storing(store)
    async with anyio.create_task_group() as group:
        group.start_soon(storing.run)
        storing.put(append("a", 0), fail)
        storing.put(append("a", 1), lambda: told.append(1))
        await storing.settled()
        assert told == [1]
        group.cancel_scope.cancel()
    assert [record.getMessage() for record in caplog.records] == [
        "a callback of the store failed with ValueError"
    ]


async def test_a_question_is_asked_in_a_thread(store: ObservedStore) -> None:
    """Reading a long session would stop the audio of the others."""
    storing = Storing(store)
    threads: list[int] = []

    def question(given: Store) -> int:
        threads.append(threading.get_ident())
        return len(given.sessions())

    assert await storing.ask(question) == 2
    assert threads != [threading.get_ident()]

    def refuse(given: Store) -> None:
        raise StoreError(given.place, "no")

    with pytest.raises(StoreError):
        await storing.ask(refuse)


async def test_a_key_that_can_t_be_read_refuses_one_session_and_ends_nothing(
    store: ObservedStore, caplog: pytest.LogCaptureFixture
) -> None:
    """A wrong mode of one file would end the task that writes for all sessions."""
    refused: list[str] = []
    told: list[int] = []
    writing = store.write

    def write(writes: list[Write]) -> None:
        if any(one.session == "a" for one in writes):
            raise ParameterError("store-key can be read by others, expected mode 0600")
        writing(writes)

    store.write = write  # type: ignore[method-assign]
    async with anyio.create_task_group() as group:
        storing = Storing(store)  # type: ignore[arg-type]
        storing.on_refusal(lambda session, error: refused.append(session))
        group.start_soon(storing.run)
        storing.put(append("a", 0), lambda: told.append(0))
        storing.put(append("b", 0), lambda: told.append(1))
        await storing.settled()
        group.cancel_scope.cancel()
    assert refused == ["a"]
    assert told == [1]


async def test_long_work_keeps_no_question_waiting(store: ObservedStore) -> None:
    """Nobody would be let in while the sessions of a busy hour are masked: tokens are asked about too."""
    storing, go, begun = Storing(store), threading.Event(), []  # type: ignore[arg-type]

    def work(_: object) -> None:
        begun.append(1)
        assert go.wait(PATIENCE)

    async with anyio.create_task_group() as group:
        for _ in range(READERS + 1):
            group.start_soon(storing.work, work)
        with anyio.fail_after(PATIENCE):
            while len(begun) < WORKERS:  # noqa: ASYNC110
                await anyio.sleep(0.001)
            assert await storing.ask(lambda asked: asked.place) == store.place
        assert len(begun) == WORKERS
        go.set()
    assert len(begun) == READERS + 1
