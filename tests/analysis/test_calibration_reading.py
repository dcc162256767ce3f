"""Scores read off a recorded session: right is what the final says."""

import jiwer
import pytest
from spoken_sessions import opened, recording, words

from workbench.analysis.calibration_reading import scored
from workbench.core.events import FinalTranscript, PartialTranscript, Understood, Word


def partial(*said: tuple[str, float]) -> PartialTranscript:
    held = words(*((text, at, at + 0.2) for text, at in said))
    return PartialTranscript(
        text=" ".join(word.text for word in held),
        words=held,
        stable=0,
        stability=0.5,
        confidence=0.8,
        audio_end=2.0,
    )


def understood(intent: str | None, confidence: float, origin: str = "partial", **slots: str) -> Understood:
    return Understood(
        text="",
        origin=origin,
        expecting=None,
        intent=intent,
        slots=slots,
        confidence=confidence,
        slot_confidences={},
        complete=True,
        correction=False,
        said="",
        answer="<speak/>",
        duration=0.0,
    )


def test_what_the_final_says_is_right() -> None:
    """A calibration would be fitted to the wrong answers."""
    final = FinalTranscript(
        text="A large latte.",
        words=words(("A", 1.0, 1.2), ("large", 1.3, 1.6), ("latte.", 1.7, 2.3)),
        confidence=0.9,
        language="en-US",
        audio_start=1.0,
        audio_end=2.3,
    )
    session = recording(
        [
            opened(),
            (1.5, 0, partial(("a", 1.0), ("barge", 1.3))),
            (1.6, 0, understood("orderDrink", 0.7)),
            (2.5, 0, partial(("A", 1.0), ("large,", 1.3), ("latte", 1.7))),
            (2.6, 0, understood("orderDrink", 0.8, size="large", coffeeDrink="latte")),
            (2.7, 0, understood(None, 0.4)),
            (3.2, 0, final),
            (3.3, 0, understood("orderDrink", 0.9, "final", size="large", coffeeDrink="latte")),
        ]
    )
    found = scored(session, "s")
    assert [one.right for one in found if one.kind == "word"] == [True, False, True, True, True]
    assert [(one.score, one.right) for one in found if one.kind == "intent"] == [(0.7, False), (0.8, True)]
    assert {(one.conversation, one.language, one.engine) for one in found} == {("s", "en", "")}


def judgements(partial_words: str, final_words: str, *, heard: float = 9.0) -> str:
    """Return of each word of a partial whether it is right, + or -; words take 0.3 s each."""
    said, meant = (
        words(*((text, 0.3 * place, 0.3 * place + 0.2) for place, text in enumerate(texts.split())))
        for texts in (partial_words, final_words)
    )
    session = recording(
        [
            opened(),
            (1.5, 0, partial_of(said, heard)),
            (3.2, 0, final_of(meant)),
            (3.3, 0, understood("orderDrink", 0.9, "final")),
        ]
    )
    return "".join("+" if one.right else "-" for one in scored(session, "s") if one.kind == "word")


def partial_of(said: tuple[Word, ...], heard: float) -> PartialTranscript:
    text = " ".join(word.text for word in said)
    return PartialTranscript(text=text, words=said, stable=0, stability=0.5, confidence=0.8, audio_end=heard)


def final_of(meant: tuple[Word, ...]) -> FinalTranscript:
    text = " ".join(word.text for word in meant)
    return FinalTranscript(
        text=text, words=meant, confidence=0.9, language="en-US", audio_start=0.0, audio_end=9.0
    )


@pytest.mark.parametrize(
    ("said", "meant", "right"),
    [
        ("a large", "a large latte please", "++"),  # it is only the beginning
        ("a large ladder please", "a large latte please", "++-+"),
        ("I want a um large latte", "I want a large latte", "+++-++"),  # a word too many
        ("want large latte", "I want a large latte", "+++"),  # words are missing
        ("I I want a latte", "I want a latte", "+-+++"),  # a word twice that was said once
        ("no no no a latte", "no no a latte", "++-++"),
        ("a latte and a tea", "a latte and a tea", "+++++"),  # a word twice that was said twice
        ("a latte a mocha", "a mocha", "--++"),  # what was taken back is not there
        ("tea for two", "two teas for me", "-+-"),  # words in another order
        ("Large, LATTE!", "large latte", "++"),
        ("nothing like it", "a large latte", "---"),
    ],
)
def test_a_word_is_right_if_the_final_has_it_in_its_place(said: str, meant: str, right: str) -> None:
    """Confidence would be fitted to wrong answers: worked out by hand, and as many as jiwer finds."""
    found = judgements(said, meant)
    assert found.count("+") == right.count("+")
    if "I I" not in said and "no no" not in said and "a latte a" not in said:  # else either may be meant
        assert found == right
    plain = [text.lower().replace(",", "").replace("!", "") for text in (meant, said)]
    assert found.count("+") == jiwer.process_words(*plain).hits


def test_a_word_that_had_not_begun_is_not_what_a_partial_heard() -> None:
    """A hallucinated word would be right because it happens to be said seconds later."""
    assert judgements("a latte please", "a lot of ice please", heard=0.5) == "+--"
    assert judgements("a latte please", "a lot of ice please", heard=9.0) == "+-+"
