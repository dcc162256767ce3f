"""A reply goes on whatever the preferred synthesiser does, and says so."""

import threading
from collections.abc import Iterator

import numpy as np
import pytest
from patience import PATIENCE

from workbench.core.clock import ManualClock
from workbench.errors import EngineFailed
from workbench.speech.ports import Clause
from workbench.speech.scripted import ScriptedSynthesizer
from workbench.speech.synthesizers.breaker import Breaker
from workbench.speech.synthesizers.preferring import PreferringSynthesizer

TEXT = "One latte. Coming right up. Thank you."


class Failing(ScriptedSynthesizer):
    """Speaks some clauses, then fails; or waits until it is let go."""

    def __init__(self, after: int = 0, gate: threading.Event | None = None) -> None:
        super().__init__(frequency_hz=440)
        object.__setattr__(self, "after", after)
        object.__setattr__(self, "gate", gate)
        object.__setattr__(self, "asked", [])
        object.__setattr__(self, "closed", threading.Event())

    def synthesize(self, ssml: str, *, voice: str) -> Iterator[Clause]:
        """Yield ``after`` clauses."""
        self.asked.append(ssml)
        try:
            if self.gate is not None:
                self.gate.wait(PATIENCE)
            for place, clause in enumerate(super().synthesize(ssml, voice=voice)):
                if place == self.after:
                    raise EngineFailed("the line went dead")
                yield clause
        finally:
            self.closed.set()


def said(synthesizer) -> list[Clause]:
    return list(synthesizer.synthesize(TEXT, voice="any"))


def test_preferred_speaks_and_nothing_is_noted():
    """While all is well the other must not be heard."""
    clauses = said(PreferringSynthesizer(ScriptedSynthesizer(440.0), ScriptedSynthesizer(220.0)))
    own = said(ScriptedSynthesizer(440.0))
    assert [clause.text for clause in clauses] == [clause.text for clause in own]
    assert all(np.array_equal(a.samples, b.samples) for a, b in zip(clauses, own, strict=True))
    assert not any(clause.fell_back for clause in clauses)


@pytest.mark.parametrize("after", [0, 1, 2])
def test_other_goes_on_where_the_preferred_broke_off(after):
    """No word is lost or said twice, and the first clause of the other says why it speaks."""
    clauses = said(PreferringSynthesizer(Failing(after), ScriptedSynthesizer()))
    assert [clause.text for clause in clauses] == ["One latte.", "Coming right up.", "Thank you."]
    assert [place for place, clause in enumerate(clauses) if clause.fell_back] == [after]
    assert clauses[after].fell_back == "the line went dead"


def test_slow_first_clause_is_not_waited_for():
    """The caller hears a reply within the patience; the late one is closed when it comes."""
    gate = threading.Event()
    slow = Failing(9, gate)
    clauses = said(PreferringSynthesizer(slow, ScriptedSynthesizer(), patience=0.05))
    assert len(clauses) == 3
    assert clauses[0].fell_back == "no first clause came within 0.05 s"
    assert not slow.closed.is_set()
    gate.set()
    assert slow.closed.wait(PATIENCE)


def test_failed_one_is_left_alone_then_tried_again():
    """A dead endpoint must not cost every reply the patience; one that is back must be used."""
    clock = ManualClock()
    failing = Failing(0)
    synthesizer = PreferringSynthesizer(failing, ScriptedSynthesizer(), now=clock.now)
    assert said(synthesizer)[0].fell_back == "the line went dead"
    assert said(synthesizer)[0].fell_back == "the preferred synthesiser is left alone for 5 s"
    assert len(failing.asked) == 1
    clock.advance(5.0)
    object.__setattr__(failing, "after", 9)
    assert not said(synthesizer)[0].fell_back
    assert not said(synthesizer)[0].fell_back
    assert len(failing.asked) == 3


def test_reply_that_is_dropped_closes_the_preferred_one():
    """A barge-in must stop the work on the other side."""
    preferred = Failing(9)
    clauses = PreferringSynthesizer(preferred, ScriptedSynthesizer()).synthesize(TEXT, voice="any")
    next(clauses)
    assert not preferred.closed.is_set()
    clauses.close()
    assert preferred.closed.is_set()


def test_breaker_rests_longer_after_each_failure_and_lets_one_through():
    """Many sessions must not all run into the same dead endpoint when its rest is over."""
    breaker = Breaker(first=5.0, longest=12.0)
    assert breaker.allows(0.0)
    breaker.failed(0.0)
    assert not breaker.allows(4.9)
    assert breaker.allows(5.0)
    assert not breaker.allows(5.1)
    breaker.failed(5.2)
    assert breaker.left(5.2) == 10.0
    assert breaker.allows(15.2)
    breaker.failed(15.3)
    assert breaker.left(15.3) == 12.0
    breaker.worked()
    assert breaker.allows(15.4)
    assert breaker.left(15.4) == 0.0
