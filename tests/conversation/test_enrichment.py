"""When lookups begin, what becomes of them, and when their answers are used."""

import pytest
from hypothesis import given, settings, strategies as st

from workbench.conversation.enrichment import Enrichment, EnrichmentSettings, Outcome, Start, Use
from workbench.conversation.facts import Question
from workbench.errors import ParameterError


def asked(text):
    return Question(intent="ask", lookup="knowledge", text=text)


ONE, TWO, THREE = map(asked, ("one", "two", "three"))


def test_a_question_is_looked_up_once():
    """Every partial would start another search for the same."""
    enrichment = Enrichment()
    assert enrichment.want(ONE, turn=0) == Start(start=True)
    assert enrichment.want(ONE, turn=0) == Start(start=False)
    assert enrichment.finish(ONE, "yes", owed=()) is Outcome.FOUND
    assert enrichment.want(ONE, turn=5) == Start(start=False)
    assert enrichment.answers() == {ONE: "yes"}


def test_an_answer_is_there_or_not():
    """A reply would hold an answer that has not come."""
    enrichment = Enrichment()
    enrichment.want(ONE, turn=0)
    enrichment.want(TWO, turn=0)
    assert enrichment.answers() == {}
    assert enrichment.finish(TWO, "", owed=()) is Outcome.NOTHING
    assert enrichment.answers() == {TWO: ""}


def test_after_the_limit_there_will_be_no_answer():
    """A caller would be kept waiting for ever."""
    enrichment = Enrichment()
    enrichment.want(ONE, turn=0)
    assert enrichment.answers() == {}
    assert enrichment.fail(ONE, Outcome.TIMEOUT) is Outcome.TIMEOUT
    assert enrichment.finish(ONE, "too late", owed=(ONE,)) is None
    assert enrichment.answers() == {ONE: ""}


def test_late_is_what_was_promised_and_found():
    """The timeline would not tell an answer in the reply from one after it."""
    enrichment = Enrichment()
    for question in (ONE, TWO, THREE):
        enrichment.want(question, turn=0)
    assert enrichment.finish(ONE, "yes", owed=(ONE, TWO)) is Outcome.LATE
    assert enrichment.finish(TWO, "", owed=(ONE, TWO)) is Outcome.NOTHING
    assert enrichment.finish(THREE, "yes", owed=(ONE, TWO)) is Outcome.FOUND


@pytest.mark.parametrize("outcome", [Outcome.FAILED, Outcome.TIMEOUT])
def test_what_failed_is_tried_again_in_a_later_turn_only(outcome):
    """One failure would mean no answer for the rest of the session, or each partial would try again."""
    enrichment = Enrichment()
    enrichment.want(ONE, turn=3)
    enrichment.fail(ONE, outcome)
    assert enrichment.answers() == {ONE: ""}
    assert not enrichment.want(ONE, turn=3).start
    assert enrichment.want(ONE, turn=4).start
    assert enrichment.answers() == {}


USES = [
    ((), None, True, Use.WAIT),
    ((ONE,), None, True, Use.WAIT),
    ((ONE,), None, False, Use.WAIT),
    ((ONE,), "yes", True, Use.ADD),
    ((ONE,), "yes", False, Use.HOLD),
    ((ONE,), "", True, Use.ADD),
    ((ONE,), "", False, Use.HOLD),
    ((), "yes", True, Use.WAIT),
    ((TWO,), "yes", True, Use.WAIT),
    ((TWO, ONE), "yes", True, Use.ADD),
]


@pytest.mark.parametrize(("owed", "answer", "free", "use"), USES)
def test_when_an_answer_is_used(owed, answer, free, use):
    """An answer would be spoken into a sentence, twice, or never."""
    enrichment = Enrichment()
    enrichment.want(ONE, turn=0)
    if answer is not None:
        enrichment.finish(ONE, answer, owed=owed)
    assert enrichment.use(owed, floor_free=free) is use


def test_giving_up_is_said_as_soon_as_the_floor_is_free():
    """A caller who was promised an answer would hear nothing more of it."""
    enrichment = Enrichment()
    enrichment.want(ONE, turn=0)
    assert enrichment.use((ONE,), floor_free=True) is Use.WAIT
    enrichment.fail(ONE, Outcome.TIMEOUT)
    assert enrichment.use((ONE,), floor_free=True) is Use.ADD
    assert enrichment.use((ONE,), floor_free=False) is Use.HOLD


def test_few_are_under_way_and_promised_ones_stay():
    """A session would take all threads, or drop the question the caller waits for."""
    enrichment = Enrichment(EnrichmentSettings(at_once=2, kept=8))
    enrichment.want(ONE, turn=0)
    enrichment.want(TWO, turn=0)
    assert enrichment.want(THREE, turn=0, owed=(ONE,)) == Start(start=True, give_up=TWO)
    assert enrichment.finish(TWO, "yes", owed=()) is None
    assert enrichment.want(asked("four"), turn=0, owed=(ONE, THREE)).give_up == ONE


def test_a_promised_answer_is_not_forgotten():
    """The caller would never hear it, and nothing more would be added in the session."""
    enrichment = Enrichment(EnrichmentSettings(at_once=1, kept=2))
    for question in (ONE, TWO, THREE):
        enrichment.want(question, turn=0, owed=(ONE,))
        enrichment.finish(question, "yes", owed=(ONE,))
    assert set(enrichment.answers()) == {ONE, THREE}


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 60), st.booleans()), max_size=200))
def test_what_is_remembered_is_bounded(moves):
    """A long session would grow without end."""
    wanted = EnrichmentSettings(at_once=3, kept=8)
    enrichment = Enrichment(wanted)
    running = set()
    for number, ends in moves:
        question = asked(str(number))
        if ends:
            enrichment.finish(question, "x", owed=())
            running.discard(question)
        else:
            start = enrichment.want(question, turn=0)
            running.discard(start.give_up)
            if start.start:
                running.add(question)
        assert len(running) <= wanted.at_once
        assert len(enrichment._lookups) <= wanted.kept


@pytest.mark.parametrize(
    ("given_", "text"),
    [
        ({"limit": 0.0}, "enrichment limit is 0.0 s, expected more than 0"),
        ({"at_once": 0}, r"enrichment at_once is 0, expected 1 to kept \(32\)"),
        ({"at_once": 9, "kept": 8}, r"enrichment at_once is 9, expected 1 to kept \(8\)"),
    ],
)
def test_settings_that_cannot_be(given_, text):
    """A session would look up nothing, and never say why."""
    with pytest.raises(ParameterError, match=text):
        EnrichmentSettings(**given_)
