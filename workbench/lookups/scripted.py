"""Lookups that answer what they are told, when they are told: for tests and offline notebooks."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field

from workbench.errors import LookupFailed
from workbench.lookups.ports import Customer, Passage


@dataclass(slots=True)
class Gate:
    """Holds whoever comes until it is opened; open from the start unless closed."""

    closed: bool = False
    limit: float = 30.0
    """Seconds after which it lets everybody through: no test hangs for ever."""
    _opened: threading.Event = field(default_factory=threading.Event)

    def open(self) -> None:
        """Let everybody through from now on."""
        self._opened.set()

    def pass_through(self) -> None:
        """Wait until it is open."""
        if self.closed:
            self._opened.wait(self.limit)


@dataclass(slots=True)
class ScriptedKnowledge:
    """Answers the questions it was given answers to; nothing is found for others."""

    answers: Mapping[str, str]
    gate: Gate = field(default_factory=Gate)
    failing: bool = False
    asked: list[str] = field(default_factory=list)
    """Every question so far."""

    def find(self, question: str, *, limit: int) -> tuple[Passage, ...]:
        """Return the answer as the one passage."""
        self.asked.append(question)
        self.gate.pass_through()
        if self.failing:
            raise LookupFailed("the scripted knowledge fails, as it was told")
        answer = self.answers.get(question)
        return () if answer is None else (Passage(text=answer, source="script", score=1.0),)[:limit]


@dataclass(slots=True)
class ScriptedCustomers:
    """Knows the customers it was given."""

    customers: Mapping[str, Customer]
    gate: Gate = field(default_factory=Gate)
    failing: bool = False

    def find(self, caller: str) -> Customer | None:
        """Return the customer of that identifier."""
        self.gate.pass_through()
        if self.failing:
            raise LookupFailed("the scripted customer book fails, as it was told")
        return self.customers.get(caller)
