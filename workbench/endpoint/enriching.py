"""Looks things up while a session talks: who is calling, and answers to what is asked.

A thin shell around :mod:`workbench.conversation.enrichment`, which decides. Lookups run in threads, each
within the time limit; a failure is an event and an answer that is not there, never the end of a session.
"""

import logging
import threading
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

import anyio
from anyio.abc import TaskGroup

from workbench.conversation.enrichment import Enrichment, EnrichmentSettings, Outcome, Use
from workbench.conversation.facts import NO_FACTS, Facts, Question
from workbench.conversation.voice import Record
from workbench.core.events import ErrorRaised, LookupDone, Source
from workbench.errors import LookupFailed
from workbench.lookups.ports import Customer, Knowledge
from workbench.lookups.shipped import Lookups

log = logging.getLogger(__name__)

GREETING_WAIT = 0.2
"""Seconds a greeting may wait to know whom it greets; nothing else ever waits."""

T = TypeVar("T")


@dataclass(slots=True)
class LookupThreads:
    """The threads of a process for lookups. When all are taken, a lookup fails at once."""

    waited_for: anyio.CapacityLimiter = field(default_factory=lambda: anyio.CapacityLimiter(4))
    most: int = 8
    """Threads at work, those included that nobody waits for any more."""
    _taken: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    async def run(self, work: Callable[[], T]) -> T:
        """Return what ``work`` returns; cancelling leaves its thread to end by itself."""
        return await anyio.to_thread.run_sync(
            self._held, work, abandon_on_cancel=True, limiter=self.waited_for
        )

    def _held(self, work: Callable[[], T]) -> T:
        with self._lock:
            if self._taken >= self.most:
                raise LookupFailed(f"{self._taken} lookups are at work, the most allowed")
            self._taken += 1
        try:
            return work()
        finally:
            with self._lock:
                self._taken -= 1


class Enriching:
    """The lookups of one session.

    Parameters
    ----------
    lookups, threads : where to look, if anywhere, and what to wait in
    caller : identifier the session's token is bound to; None for a stranger
    record, now : the timeline and its clock
    settings : the limits
    """

    def __init__(
        self,
        *,
        lookups: Lookups | None,
        threads: LookupThreads,
        caller: str | None,
        record: Record,
        now: Callable[[], float],
        settings: EnrichmentSettings,
    ) -> None:
        self._lookups = lookups
        self._threads = threads
        self._caller = caller
        self._record = record
        self._now = now
        self._limit = settings.limit
        self._enrichment = Enrichment(settings)
        self._group: TaskGroup | None = None
        self._running: dict[Question, anyio.CancelScope] = {}
        self._known: Mapping[str, str] = NO_FACTS.caller
        self._caller_settled = anyio.Event()
        self._before: Callable[[], None] = lambda: None
        self._wanted = 0
        self._changed: Callable[[], None] = lambda: None
        self._owed: Callable[[], Collection[Question]] = tuple

    def attach(
        self,
        *,
        changed: Callable[[], None],
        owed: Callable[[], Collection[Question]],
        before: Callable[[], None] = lambda: None,
    ) -> None:
        """Have ``changed`` called when there is something new to say; ``owed`` tells what was promised.

        ``before`` is called ahead of recording what came of a lookup.
        """
        self._changed, self._owed, self._before = changed, owed, before

    async def run(self) -> None:
        """Look up who is calling, then host the lookups until cancelled."""
        async with anyio.create_task_group() as group:
            self._group = group
            await self._find_caller()
            await anyio.sleep_forever()

    async def caller_known(self) -> None:
        """Wait until it is known who is calling, ``GREETING_WAIT`` at most."""
        with anyio.move_on_after(GREETING_WAIT):
            await self._caller_settled.wait()

    def facts(self) -> Facts:
        """Return what is known now."""
        if self._lookups is None:
            return NO_FACTS
        return Facts(
            caller=self._known,
            lookups=frozenset({"knowledge"}),
            answers=self._enrichment.answers(),
        )

    def want(self, question: Question, *, turn: int) -> None:
        """Begin to look ``question`` up, once; one that failed is tried again in a later turn."""
        if self._lookups is None:
            return
        if self._group is None:
            raise RuntimeError("enriching was used outside its run()")
        decision = self._enrichment.want(question, turn=turn, owed=self._owed())
        if decision.give_up is not None:
            self._running.pop(decision.give_up).cancel()
        if decision.start:
            scope = self._running[question] = anyio.CancelScope()
            number, self._wanted = self._wanted, self._wanted + 1
            self._group.start_soon(self._look_up, self._lookups.knowledge, question, turn, scope, number)

    def use(self, *, floor_free: bool) -> Use:
        """Return what to do about the answers that are owed."""
        return self._enrichment.use(tuple(self._owed()), floor_free=floor_free)

    async def _look_up(
        self,
        knowledge: Knowledge,
        question: Question,
        turn: int,
        scope: anyio.CancelScope,
        number: int,
    ) -> None:
        def work() -> str:
            found = knowledge.find(question.text, limit=1)
            return found[0].text if found else ""

        began = self._now()
        with scope:
            answer = await self._within(work, question.lookup, turn)
        if scope.cancelled_caught:
            return
        del self._running[question]
        if isinstance(answer, Outcome):
            outcome = self._enrichment.fail(question, answer)
        else:
            outcome = self._enrichment.finish(question, answer, owed=self._owed())
        if outcome is not None:
            found = {"answer": answer} if isinstance(answer, str) and answer else {}
            self._note(question.lookup, outcome, began, turn, number=number, found=found)
            self._changed()

    async def _find_caller(self) -> None:
        if self._caller is not None and self._lookups is not None:
            began = self._now()
            work = partial(self._lookups.customers.find, self._caller)
            customer = await self._within(work, "customers", 0)
            if isinstance(customer, Customer):
                self._known = {"caller": customer.spoken, "caller_place": customer.place}
                self._note("customers", Outcome.FOUND, began, 0, found=self._known)
            else:
                self._note("customers", customer or Outcome.NOTHING, began, 0)
        self._caller_settled.set()

    async def _within(self, work: Callable[[], T], name: str, turn: int) -> T | Outcome:
        """Return what ``work`` returns, or that it failed, or not within the limit."""
        with anyio.move_on_after(self._limit):
            try:
                return await self._threads.run(work)
            except Exception as error:  # whatever somebody else's book raises
                log.warning("a lookup in %s failed with %s", name, type(error).__name__)
                failure = ErrorRaised(code="lookup-failed", message=f"looking up in {name} failed")
                self._record(failure, turn=turn, source=Source.ENDPOINT)
                return Outcome.FAILED
        return Outcome.TIMEOUT

    def _note(  # noqa: PLR0913  what a lookup came to
        self,
        name: str,
        outcome: Outcome,
        began: float,
        turn: int,
        *,
        number: int = 0,
        found: Mapping[str, str] = NO_FACTS.caller,
    ) -> None:
        duration = self._now() - began
        self._before()
        done = LookupDone(
            name=name, status=outcome.value, duration=duration, number=number, found=dict(found)
        )
        self._record(done, turn=turn, source=Source.ENDPOINT)
