"""Engines that say and hear what they are told."""

import numpy as np
import pytest
from hypothesis import given, strategies as st

from workbench.speech.ports import RECOGNIZER_RATE, Hearing
from workbench.speech.scripted import SCRIPTED_RATE, WORD_SECONDS, ScriptedRecognizer, ScriptedSynthesizer

WORD_SAMPLES = round(WORD_SECONDS * RECOGNIZER_RATE)


def listening(text: str, *, words: float = 0) -> Hearing:
    """Return a hearing of ``text`` that was given the audio of so many words."""
    hearing = ScriptedRecognizer([text]).listen(language="en-US")
    hearing.add(np.zeros(round(words * WORD_SAMPLES), np.float32))
    return hearing


@pytest.mark.parametrize(
    ("words", "text"),
    [(0, ""), (0.99, ""), (1, "a"), (2.5, "a large"), (3, "a large latte"), (9, "a large latte")],
)
def test_a_partial_shows_the_words_that_fit(words: float, text: str) -> None:
    """Tests of early synthesis would see words before they were said."""
    partial = listening("a large latte", words=words).partial()
    assert partial.text == text
    assert [(word.start, word.end) for word in partial.words] == [
        (n * WORD_SECONDS, (n + 1) * WORD_SECONDS) for n in range(len(partial.words))
    ]
    assert partial.audio_end == pytest.approx(words * WORD_SECONDS, abs=1e-4)
    assert (partial.end_of_sentence > 0.5) is (text == "a large latte")


def test_words_are_stable_once_they_were_shown_twice() -> None:
    """Scripted sessions would never reach the stability early synthesis waits for."""
    hearing = listening("a large latte", words=2)
    first, second = hearing.partial(), hearing.partial()
    assert (first.stable, first.stability) == (0, 0.0)
    assert (second.stable, second.stability) == (2, 1.0)
    hearing.add(np.zeros(2 * WORD_SAMPLES, np.float32))
    third = hearing.partial()
    assert (third.stable, third.stability) == (2, pytest.approx(2 / 3))
    assert [word.stability for word in third.words] == [1.0, 1.0, 0.5]


@given(
    count=st.integers(0, 6),
    pieces=st.lists(st.integers(0, 3 * WORD_SAMPLES), max_size=8),
)
def test_partials_grow_into_the_final(count: int, pieces: list[int]) -> None:
    """A partial that takes words back would make tests depend on timing."""
    hearing = listening(" ".join("abcdef"[:count]))
    final = hearing.final()
    shown: tuple[str, ...] = ()
    for piece in pieces:
        hearing.add(np.zeros(piece, np.float32))
        partial = hearing.partial()
        texts = tuple(word.text for word in partial.words)
        assert texts[: len(shown)] == shown
        assert partial.stable == len(shown)
        assert final.text.startswith(partial.text)
        shown = texts


def test_a_final_is_whole_whatever_was_heard_and_can_be_asked_for_twice() -> None:
    """Short recordings would lose words; an early final would change the late one."""
    hearing = listening("a large latte")
    assert hearing.final() == hearing.final()
    final = hearing.final()
    assert final.text == "a large latte"
    assert (final.stable, final.stability, final.language) == (3, 1.0, "en-US")


def test_utterances_come_one_after_another_and_then_nothing() -> None:
    """The second turn would hear the first one's words, or the last for ever."""
    recognizer = ScriptedRecognizer(["one", "two"])
    texts = [recognizer.listen(language="en").final().text for _ in range(4)]
    assert texts == ["one", "two", "", ""]
    silent = recognizer.listen(language="en")
    silent.add(np.zeros(RECOGNIZER_RATE, np.float32))
    assert (silent.partial().words, silent.partial().confidence) == ((), 0.0)


def test_a_clause_is_a_sentence_of_known_length() -> None:
    """Hand-worked latencies of scripted sessions would be wrong."""
    clauses = list(ScriptedSynthesizer().synthesize("One latte. Anything else?", voice="any"))
    assert [clause.text for clause in clauses] == ["One latte.", "Anything else?"]
    for clause in clauses:
        assert clause.rate == SCRIPTED_RATE
        assert len(clause.samples) == round(2 * WORD_SECONDS * SCRIPTED_RATE)
        assert [(word.start, word.end) for word in clause.words] == [(0, 0.25), (0.25, 0.5)]
        assert " ".join(word.text for word in clause.words) == clause.text


def test_it_speaks_the_tone_it_was_given() -> None:
    """A recording could not be told from another by its tone, or would clip."""
    (clause,) = ScriptedSynthesizer(frequency_hz=440).synthesize("a b c d", voice="any")
    spectrum = np.abs(np.fft.rfft(clause.samples))
    assert np.argmax(spectrum) * SCRIPTED_RATE / len(clause.samples) == pytest.approx(440.0, abs=1.0)
    assert np.abs(clause.samples).max() == pytest.approx(0.3, abs=1e-3)
    assert clause.samples.dtype == np.float32


def test_markup_is_passed_over_and_entities_are_read() -> None:
    """Tags would be spoken as words, or words next to tags run together."""
    ssml = '<speak>Tea<break time="1s"/>&amp; <emphasis>milk</emphasis>.</speak>'
    (clause,) = ScriptedSynthesizer().synthesize(ssml, voice="any")
    assert [word.text for word in clause.words] == ["Tea", "&", "milk", "."]


@pytest.mark.parametrize("ssml", ["", "  ", "<speak/>", "<speak> </speak>"])
def test_nothing_to_say_is_no_clause(ssml: str) -> None:
    """An empty clause would be sent and waited for."""
    assert list(ScriptedSynthesizer().synthesize(ssml, voice="any")) == []
