"""When a turn is over."""

from dataclasses import replace

import pytest
from hypothesis import given, strategies as st

from workbench.conversation.endpointing import (
    Endpointing,
    EndpointingSettings,
    Evidence,
    TurnEnd,
    completeness,
)
from workbench.conversation.expecting import Expected
from workbench.conversation.speaker import Speaker
from workbench.errors import ParameterError

SHARE = st.floats(0, 1)
EVIDENCE = st.builds(
    Evidence,
    end_of_sentence=SHARE,
    stability=SHARE,
    complete=st.sampled_from([True, False, None]),
    words=st.integers(0, 5),
    expected=st.sampled_from([Expected.ANYTHING, Expected.CHOICE]),
)
SURE = Evidence(end_of_sentence=1.0, stability=1.0, complete=True, words=3)
UNSURE = Evidence(end_of_sentence=0.0, stability=1.0, complete=False, words=3)


@st.composite
def two_settings(draw: st.DrawFn) -> tuple[EndpointingSettings, EndpointingSettings]:
    """Return settings and others that never wait less."""
    low, high = sorted((draw(st.floats(0.1, 5)), draw(st.floats(0.1, 5))))
    longer_low = draw(st.floats(low, 10))
    longer_high = draw(st.floats(max(longer_low, high), 10))
    patience, times, unknown = draw(st.floats(0, 5)), draw(st.floats(0.25, 2)), draw(SHARE)
    grown = draw(st.floats(1, 2))
    return (
        EndpointingSettings(
            hangover_min=low,
            hangover_max=high,
            patience=patience,
            choice=times,
            unknown=unknown,
            long=grown,
        ),
        EndpointingSettings(
            hangover_min=longer_low,
            hangover_max=longer_high,
            patience=patience + draw(st.floats(0, 5)),
            choice=times + draw(st.floats(0, 2)),
            unknown=unknown * draw(SHARE),
            long=grown + draw(st.floats(0, 2)),
        ),
    )


@given(
    settings=two_settings(),
    evidence=EVIDENCE,
    pauses=st.lists(st.floats(0, 3), max_size=4),
    spoken=st.floats(0, 20),
)
def test_a_longer_hangover_never_ends_a_turn_earlier(
    settings: tuple[EndpointingSettings, EndpointingSettings],
    evidence: Evidence,
    pauses: list[float],
    spoken: float,
) -> None:
    """Tuning would do the opposite of what its name says."""
    short, long = (Endpointing(settings=one) for one in settings)
    for pause in pauses:
        short.paused(pause)
        long.paused(pause)
    assert short.hangover(evidence, spoken=spoken) <= long.hangover(evidence, spoken=spoken) + 1e-9
    for tick in range(1, 3_400):
        silence = tick * 0.05
        ended = long.decide(evidence, silence=silence, duration=1.0, spoken=spoken)
        if ended:
            assert short.decide(evidence, silence=silence + 1e-9, duration=1.0, spoken=spoken)
            return
    pytest.fail("the longer hangover never ended the turn")


@given(evidence=EVIDENCE, pauses=st.lists(st.floats(0, 30), max_size=4))
def test_the_hangover_stays_within_its_bounds(evidence: Evidence, pauses: list[float]) -> None:
    """A caller would be cut off at once, or wait without end."""
    endpointing = Endpointing()
    for pause in pauses:
        endpointing.paused(pause)
    endpointing.spoke(10, 1.0)
    wanted = endpointing.settings
    assert wanted.hangover_min - 1e-9 <= endpointing.hangover(evidence) <= wanted.hangover_max


@given(evidence=EVIDENCE)
def test_completeness_is_a_share_and_zero_without_words(evidence: Evidence) -> None:
    """Scores of different sessions could not be compared; a cough would count as a finished request."""
    score = completeness(evidence)
    assert 0 <= score <= 1
    assert evidence.words or score == 0


@pytest.mark.parametrize(
    ("evidence", "score"),
    [
        (Evidence(), 0.0),
        (SURE, 1.0),
        (UNSURE, 0.0),
        (Evidence(end_of_sentence=1.0, stability=1.0, complete=None, words=1), 1.0),
        (Evidence(end_of_sentence=1.0, stability=1.0, complete=False, words=1), 0.6),
        (Evidence(end_of_sentence=0.0, stability=1.0, complete=True, words=1), 0.4),
        (Evidence(end_of_sentence=1.0, stability=0.0, complete=True, words=1), 0.6),
        (Evidence(end_of_sentence=0.5, stability=0.5, complete=None, words=1), 0.4),
    ],
)
def test_completeness_weighs_its_evidence(evidence: Evidence, score: float) -> None:
    """The formula is what the report explains."""
    assert completeness(evidence) == pytest.approx(score)


@pytest.mark.parametrize(
    ("evidence", "silence", "duration", "end"),
    [
        (SURE, 0.0, 2.0, None),
        (SURE, 0.39, 2.0, None),
        (SURE, 0.51, 2.0, TurnEnd(reason="complete", score=1.0, hangover=0.51)),
        (UNSURE, 1.39, 2.0, None),
        (UNSURE, 1.4, 2.0, TurnEnd(reason="silence", score=0.0, hangover=1.4)),
        (SURE, 2.0, 2.0, TurnEnd(reason="silence", score=1.0, hangover=2.0)),
        (UNSURE, 0.0, 59.9, None),
        (UNSURE, 0.0, 60.0, TurnEnd(reason="too-long", score=0.0, hangover=0.0)),
        (SURE, 0.2, 61.0, TurnEnd(reason="too-long", score=1.0, hangover=0.2)),
        (SURE, 0.6, 61.0, TurnEnd(reason="complete", score=1.0, hangover=0.6)),
    ],
)
def test_a_turn_ends_for_a_stated_reason(
    evidence: Evidence, silence: float, duration: float, end: TurnEnd | None
) -> None:
    """Callers would be cut off in mid-sentence, or answered late, and the log would not say why."""
    assert Endpointing().decide(evidence, silence=silence, duration=duration) == end


def test_a_caller_who_pauses_is_given_longer() -> None:
    """A slow speaker would be interrupted at every pause."""
    endpointing = Endpointing()
    assert endpointing.hangover(SURE) == pytest.approx(0.5)
    endpointing.paused(0.8)
    assert endpointing.hangover(SURE) == pytest.approx(0.95)
    assert endpointing.hangover(UNSURE) == pytest.approx(1.4)


def test_pauses_are_forgotten_little_by_little() -> None:
    """One long pause would slow down the whole rest of the conversation."""
    endpointing = Endpointing()
    endpointing.paused(0.8)
    waits = []
    for _ in range(6):
        endpointing.paused(0.1)
        waits.append(endpointing.hangover(SURE))
    assert waits[0] == pytest.approx(0.8 * 0.8 + 0.15)
    assert waits == sorted(waits, reverse=True)
    assert waits[-1] == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("low", "high"), [(0.0, 1.0), (0.5, 0.4), (0.4, 11.0), (float("nan"), 1.0), (0.4, float("nan"))]
)
def test_settings_that_make_no_sense_are_refused(low: float, high: float) -> None:
    """A typing error in an assistant file would make it mute or breathless."""
    with pytest.raises(ParameterError, match=r"expected 0\.1 <= hangover_min <= hangover_max <= 10$"):
        EndpointingSettings(hangover_min=low, hangover_max=high)


def test_what_counts_as_sure_is_a_setting() -> None:
    """The end-of-turn threshold could not be tuned."""
    evidence = Evidence(end_of_sentence=0.5, stability=1.0, words=3)
    assert Endpointing(EndpointingSettings(sure=0.5)).hangover(evidence) == pytest.approx(0.5)
    assert Endpointing(EndpointingSettings(sure=1.0)).hangover(evidence) == pytest.approx(0.95)
    with pytest.raises(ParameterError, match=r"^endpointing sure is 0, expected above 0, at most 1$"):
        EndpointingSettings(sure=0)


@pytest.mark.parametrize(
    ("expected", "name"),
    [
        (Expected.YES_NO, "yes_no"),
        (Expected.CHOICE, "choice"),
        (Expected.DATE, "date"),
        (Expected.LIST, "list"),
    ],
)
def test_an_answer_is_waited_for_as_long_as_its_kind_takes(expected: Expected, name: str) -> None:
    """A caller who looks a date up would be cut off, one who says yes would wait for nothing."""
    endpointing = Endpointing(EndpointingSettings(**{name: 1.5}))
    for each in Expected:
        evidence = replace(SURE, expected=each)
        assert endpointing.hangover(evidence) == pytest.approx(0.75 if each is expected else 0.5)
    unsure = replace(UNSURE, expected=expected)
    assert endpointing.decide(unsure, silence=2.09, duration=3) is None
    assert endpointing.decide(unsure, silence=2.1, duration=3) == TurnEnd(
        reason="silence", score=0.0, hangover=2.1
    )
    short = Endpointing(EndpointingSettings(**{name: 0.5}))
    assert short.decide(unsure, silence=0.7, duration=3) == TurnEnd(reason="silence", score=0.0, hangover=0.7)
    with pytest.raises(ParameterError, match=rf"^endpointing {name} is 5, expected 0\.25 to 4$"):
        EndpointingSettings(**{name: 5})


@given(evidence=EVIDENCE, long=st.floats(1, 4), spoken=st.tuples(st.floats(0, 20), st.floats(0, 20)))
def test_who_has_spoken_longer_never_waits_less(
    evidence: Evidence, long: float, spoken: tuple[float, float]
) -> None:
    """Long turns, the ones with pauses, would be the first to be cut off."""
    endpointing = Endpointing(EndpointingSettings(long=long))
    short, longer = sorted(spoken)
    less, more = (endpointing.hangover(evidence, spoken=one) for one in (short, longer))
    assert less <= more + 1e-9


def test_a_long_turn_may_be_given_longer() -> None:
    """Who explains at length would be given no more time to go on than who says yes."""
    endpointing = Endpointing(EndpointingSettings(long=2.0))
    waits = [endpointing.hangover(UNSURE, spoken=one) for one in (0.0, 3.0, 6.0, 60.0)]
    assert waits == pytest.approx([1.4, 2.1, 2.8, 2.8])
    assert endpointing.hangover(SURE, spoken=60.0) == pytest.approx(0.5)  # what is complete is complete
    assert endpointing.decide(UNSURE, silence=2.79, duration=9, spoken=6.0) is None
    ended = endpointing.decide(UNSURE, silence=2.8, duration=9, spoken=6.0)
    assert ended == TurnEnd(reason="silence", score=0.0, hangover=2.8)
    with pytest.raises(ParameterError, match=r"^endpointing long is 0\.5, expected 1 to 4$"):
        EndpointingSettings(long=0.5)


def test_a_sentence_that_means_nothing_here_need_not_be_trusted() -> None:
    """A caller who explains at length would be cut off wherever a sentence might end."""
    strange = Evidence(end_of_sentence=0.9, stability=1.0, complete=None, words=3)
    assert Endpointing().hangover(strange) == pytest.approx(0.5)
    doubtful = Endpointing(EndpointingSettings(unknown=0.5))
    assert doubtful.hangover(strange) == pytest.approx(1.4 - 0.9 * 0.45 / 0.8)
    assert doubtful.hangover(SURE) == pytest.approx(0.5)
    with pytest.raises(ParameterError, match=r"^endpointing unknown is 1\.1, expected 0 to 1$"):
        EndpointingSettings(unknown=1.1)


def test_patience_lets_a_callers_pauses_go_beyond_the_longest_wait() -> None:
    """Whoever thinks for two seconds in every sentence would be cut off in each."""
    patient = Endpointing(EndpointingSettings(patience=3.0))
    assert patient.hangover(UNSURE) == pytest.approx(1.4)
    patient.paused(2.0)
    assert patient.hangover(UNSURE) == patient.hangover(SURE) == pytest.approx(2.15)
    patient.paused(30.0)
    assert patient.hangover(UNSURE) == pytest.approx(3.0)
    with pytest.raises(ParameterError, match=r"^endpointing patience is 11 s, expected 0 to 10$"):
        EndpointingSettings(patience=11)


def test_a_slow_speaker_is_given_longer_and_a_quick_one_less() -> None:
    """Everybody would get the wait of the average caller."""
    slow = Endpointing(EndpointingSettings(pace=1.0))
    slow.spoke(4, 4 * 0.45)
    assert slow.hangover(SURE) == pytest.approx(0.5)  # four words tell nothing yet
    slow.spoke(4, 4 * 0.45)
    assert slow.speaker.pace == pytest.approx(1 / 0.45)
    assert slow.hangover(SURE) == pytest.approx(0.5 * 3.3 * 0.45)
    for words, seconds, times in ((20, 40.0, 2.0), (20, 2.0, 0.75)):
        known = Speaker(words=words, seconds=seconds)
        assert Endpointing(EndpointingSettings(pace=1.0), known).hangover(SURE) == pytest.approx(0.5 * times)
        assert Endpointing(EndpointingSettings(), known).hangover(SURE) == pytest.approx(0.5)
    with pytest.raises(ParameterError, match=r"^endpointing pace is 2, expected 0 to 1$"):
        EndpointingSettings(pace=2)
