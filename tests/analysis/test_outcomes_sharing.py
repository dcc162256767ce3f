"""What recognition and synthesis take beside each other, against durations made up with a known answer."""

from dataclasses import replace

import numpy as np
import pytest
from spoken_sessions import AGENT_RATE, CALLER_RATE, final, hearing, partial, recording

from workbench.analysis.outcomes_sharing import Sharing, Work, share_beside, sharing_of, works
from workbench.core.events import Body, SpokenWord, SynthesisFirstByte, SynthesisReady


def work(kind: str, begun: float, done: float, amount: float = 1.0, beside: float = 0.0) -> Work:
    return Work(kind=kind, begun=begun, done=done, amount=amount, beside=beside)


def ready(clause: int, seconds: float, reply: int = 1) -> SynthesisReady:
    word = SpokenWord(text="latte", start=0.0, end=0.1)
    return SynthesisReady(
        reply=reply,
        clause=clause,
        text="latte",
        samples=round(seconds * AGENT_RATE),
        rate=AGENT_RATE,
        words=(word,),
    )


def test_the_time_beside_other_work_is_counted_once() -> None:
    """Two syntheses at once would make a pass seem to be beside others for longer than it lasts."""
    others = [
        work("clause", 0.5, 1.5),
        work("clause", 1.0, 1.75),
        work("clause", 2.5, 9.0),
        work("partial", 0.0, 9.0),
    ]
    assert share_beside(work("careful", 1.0, 3.0), others) == pytest.approx((0.75 + 0.5) / 2)
    assert share_beside(work("clause", 1.0, 3.0), others) == pytest.approx(1.0)
    assert share_beside(work("careful", 9.0, 9.5), others) == 0.0


def test_passes_and_clauses_are_read_off_a_session() -> None:
    """Durations would be freed of neighbours that were not there."""
    events = [
        *hearing(),
        (2.80, 0, _timed(partial(3, 2.4), duration=0.2, position=2.4)),
        (2.70, 0, SynthesisFirstByte(reply=1, requested=2.65, cached=False)),
        (2.70, 0, ready(0, 0.5)),
        (2.95, 0, ready(1, 1.0)),
        (3.30, 0, _timed(final(), duration=0.3)),
    ]
    found = sorted(works(recording(events).timeline.events), key=lambda one: one.done)
    told = [(one.kind, round(one.begun, 3), round(one.done, 3), round(one.amount, 3)) for one in found]
    assert told == [
        ("clause", 2.65, 2.7, 0.5),
        ("partial", 2.6, 2.8, 1.38),
        ("clause", 2.7, 2.95, 1.0),
        ("careful", 3.0, 3.3, 1.4),
    ]
    assert [round(one.beside, 3) for one in found] == [1.0, 0.75, 0.4, 0.0]


def _timed(body: Body, **changes: float) -> Body:
    if "position" in changes:
        changes["position"] = round(changes["position"] * CALLER_RATE)
    return replace(body, **changes)  # type: ignore[arg-type]


def test_a_clause_out_of_the_cache_took_no_work() -> None:
    """A synthesiser would seem to be as fast as its cache."""
    events = [
        *hearing(),
        (2.70, 0, SynthesisFirstByte(reply=1, requested=2.69, cached=True)),
        (2.70, 0, ready(0, 0.5)),
        (3.20, 0, ready(1, 1.0)),
    ]
    (one,) = works(recording(events).timeline.events)
    assert (one.begun, one.amount) == (2.70, 1.0)


def test_how_much_slower_is_found_again() -> None:
    """Predictions for policies without early synthesis would keep the neighbour they don't have."""
    rng = np.random.default_rng(5)
    found = []
    for amount in rng.uniform(0.5, 2.0, size=40):
        taken = 0.2 + 0.4 * amount
        found.append(work("clause", 0.0, taken, amount))
        found.append(work("clause", 0.0, taken * (1 + 0.8 * 0.6), amount, beside=0.6))
        found.append(work("partial", 0.0, 0.1 + 0.02 * amount, amount))
        found.append(work("partial", 0.0, 1.3 * (0.1 + 0.02 * amount), amount, beside=1.0))
    sharing = sharing_of(found)
    assert sharing.clause == pytest.approx(1.8)
    assert sharing.careful == pytest.approx(1.3)  # of the quick passes: no careful one was seen
    assert sharing.alone("clause", 1.48, 0.6) == pytest.approx(1.0)
    assert sharing.together("clause", 1.0, 0.0) == pytest.approx(1.8)


def test_too_little_work_tells_nothing() -> None:
    """One slow synthesis would rescale every prediction."""
    few = [work("clause", 0.0, 1.0), work("clause", 0.0, 9.0, beside=1.0)] * 3
    assert sharing_of(few) == Sharing()
    assert Sharing().alone("careful", 0.7, 1.0) == 0.7
