"""Whether speech during a reply interrupts it."""

import pytest
from hypothesis import given, strategies as st

from workbench.conversation.barge_in import (
    BACKCHANNELS,
    BargeIn,
    BargeInDecision,
    BargeInMove,
    BargeInSettings,
    meaning_words,
)

NONE, PAUSE = BargeInDecision(BargeInMove.NONE), BargeInDecision(BargeInMove.PAUSE)


def stop(reason: str) -> BargeInDecision:
    return BargeInDecision(BargeInMove.STOP, reason)


def resume(reason: str) -> BargeInDecision:
    return BargeInDecision(BargeInMove.RESUME, reason)


@pytest.mark.parametrize(
    ("text", "speech", "silence", "decision"),
    [
        ("", 0.1, 0.0, NONE),
        ("", 0.16, 0.0, PAUSE),
        ("", 0.3, 0.02, NONE),
        ("mhm", 0.3, 0.0, PAUSE),
        ("", 1.19, 0.0, PAUSE),
        ("", 1.2, 0.0, stop("duration")),
        ("mhm", 1.2, 0.0, stop("duration")),
        ("", 1.5, 0.1, NONE),
        ("stop", 0.1, 0.0, stop("words")),
        ("stop", 0.4, 0.6, stop("words")),
        ("Okay, stop.", 0.4, 0.1, stop("words")),
        ("", 0.3, 0.49, NONE),
        ("", 0.3, 0.5, resume("noise")),
        (" ", 0.3, 0.5, resume("noise")),
        ("Mm-hmm.", 0.3, 0.5, resume("backchannel")),
        ("Yeah, okay, I see.", 0.9, 0.5, resume("backchannel")),
    ],
)
def test_the_first_move(text: str, speech: float, silence: float, decision: BargeInDecision) -> None:
    """The agent would fall silent at every "mhm", or talk on over "stop"."""
    assert BargeIn().decide(text, speech=speech, silence=silence) == decision


def test_a_false_interruption_pauses_once_and_resumes() -> None:
    """The reply would stutter, or stay silent after a cough."""
    barge_in = BargeIn()
    moves = [
        barge_in.decide("", speech=speech, silence=silence)
        for speech, silence in [(0.1, 0), (0.2, 0), (0.3, 0), (0.3, 0.3), (0.3, 0.5), (0.3, 0.7), (2.0, 0)]
    ]
    assert moves == [NONE, PAUSE, NONE, NONE, resume("noise"), NONE, NONE]


def test_a_true_interruption_stops_once() -> None:
    """The reply would be stopped again while the next one is being heard."""
    barge_in = BargeIn()
    moves = [
        barge_in.decide(text, speech=speech, silence=0)
        for text, speech in [("", 0.2), ("mhm", 0.5), ("mhm wait", 0.7), ("mhm wait a moment", 1.4)]
    ]
    assert moves == [PAUSE, NONE, stop("words"), NONE]


STRETCH = st.lists(
    st.tuples(
        st.sampled_from(["", "mhm", "okay", "stop", "a b"]), st.floats(0, 3), st.sampled_from([0, 0.2, 0.6])
    ),
    max_size=12,
)


@given(stretch=STRETCH, words=st.integers(1, 3))
def test_one_stretch_is_decided_once(stretch: list[tuple[str, float, float]], words: int) -> None:
    """A reply that was resumed would be stopped by the same cough, or the other way round."""
    barge_in = BargeIn(settings=BargeInSettings(words=words))
    moves = [barge_in.decide(t, speech=s, silence=quiet).move for t, s, quiet in stretch]
    ends = [n for n, move in enumerate(moves) if move in (BargeInMove.STOP, BargeInMove.RESUME)]
    assert len(ends) <= 1
    assert moves.count(BargeInMove.PAUSE) <= 1
    if ends:
        assert all(move is BargeInMove.NONE for move in moves[ends[0] + 1 :])


@given(stretch=STRETCH)
def test_nothing_interrupts_when_it_is_switched_off(stretch: list[tuple[str, float, float]]) -> None:
    """An announcement that must be heard would be cut."""
    barge_in = BargeIn(settings=BargeInSettings(enabled=False))
    assert all(barge_in.decide(t, speech=s, silence=quiet) == NONE for t, s, quiet in stretch)


def test_more_words_can_be_asked_for() -> None:
    """In a noisy room every misheard word would interrupt."""
    barge_in = BargeIn(settings=BargeInSettings(words=2))
    assert barge_in.decide("stop", speech=0.1, silence=0) == NONE
    assert barge_in.decide("stop now", speech=0.1, silence=0) == stop("words")


@given(phrases=st.lists(st.sampled_from(BACKCHANNELS), max_size=4), end=st.sampled_from(["", ".", "!", ","]))
def test_backchannels_mean_nothing_in_any_number_and_case(phrases: list[str], end: str) -> None:
    """Two of them in a row would count as an interruption."""
    text = f"{end} ".join(phrases).title() + end
    assert meaning_words(text) == ()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ()),
        ("okay stop", ("stop",)),
        ("oh no", ("no",)),
        ("that's right, I'd like tea", ("that's", "i'd", "like", "tea")),
        ("goodness", ("goodness",)),
        ("I see it", ("it",)),
        ("größe", ("größe",)),
    ],
)
def test_words_that_mean_something_are_kept(text: str, words: tuple[str, ...]) -> None:
    """A caller who corrects the agent would not be heard."""
    assert meaning_words(text) == words
