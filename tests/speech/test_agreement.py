"""Stable words are those on which successive hypotheses agree, and confidence follows agreement."""

import pytest
from hypothesis import given, strategies as st

from workbench.core.events import Word
from workbench.speech.recognizers.agreement import Agreement, comparable, confirmed
from workbench.speech.recognizers.confidence import (
    final_confidence,
    partial_confidence,
    partial_stability,
)


def _words(text: str, probability: float = 0.9) -> list[Word]:
    """One word each half second."""
    return [
        Word(text=word, start=place * 0.5, end=place * 0.5 + 0.4, confidence=probability)
        for place, word in enumerate(text.split())
    ]


def test_words_of_one_hypothesis_are_not_stable():
    """Early synthesis would start on a first guess."""
    agreed = Agreement().update(_words("I want a"), audio_end=5.0)
    assert agreed.stable == 0
    assert [word.text for word in agreed.words] == ["I", "want", "a"]


def test_common_prefix_of_two_is_stable():
    """The stable prefix would hold words that are still changing."""
    agreement = Agreement()
    agreement.update(_words("I want a dark rose"), audio_end=5.0)
    agreed = agreement.update(_words("I want a dark roast latte"), audio_end=5.5)
    assert agreed.stable == 4


def test_case_and_punctuation_do_not_count():
    """A full stop that moves would make every word unstable."""
    agreement = Agreement()
    agreement.update(_words("i want a 12-ounce latte."), audio_end=5.0)
    agreed = agreement.update(_words("I want a 12 ounce latte, please"), audio_end=5.5)
    assert agreed.stable == 6


def test_word_at_the_edge_of_the_audio_is_not_stable():
    """Half a word would be taken for a whole one: "cap" for "cappuccino"."""
    agreement = Agreement()
    words = _words("I want")
    agreement.update(words, audio_end=0.95)
    assert agreement.update(words, audio_end=0.95).stable == 1
    assert agreement.update(words, audio_end=1.5).stable == 2


def test_latest_hypothesis_overrules_an_agreement():
    """An early error agreed upon twice would stay for good."""
    agreement = Agreement()
    for _ in range(2):
        agreement.update(_words("brew and Americana"), audio_end=5.0)
    agreed = agreement.update(_words("brew an Americano"), audio_end=5.5)
    assert [word.text for word in agreed.words] == ["brew", "an", "Americano"]
    assert agreed.stable == 1


def test_nothing_said_is_neither_stable_nor_sure():
    """Silence would look like a certain, empty transcript."""
    agreed = Agreement().update([], audio_end=1.0)
    assert (agreed.words, agreed.stable, agreed.stability, agreed.confidence) == ((), 0, 0.0, 0.0)


def test_agreement_raises_confidence_and_stability():
    """Confidence would ignore what successive hypotheses show."""
    agreement = Agreement()
    seen = [agreement.update(_words("one large latte"), audio_end=5.0 + step) for step in range(5)]
    stabilities = [agreed.stability for agreed in seen]
    confidences = [agreed.confidence for agreed in seen]
    assert stabilities[:4] == sorted(set(stabilities[:4]))
    assert confidences[:4] == sorted(set(confidences[:4]))
    assert stabilities[3] == stabilities[4]
    assert 0.9 < stabilities[3] < 1.0


def test_whole_is_as_sure_as_its_least_sure_word():
    """One doubtful word, perhaps the drink, would vanish in the mean."""
    words = [*_words("I want a"), Word(text="mucker", start=1.5, end=1.9, confidence=0.1)]
    agreed = Agreement().update(words, audio_end=5.0)
    assert agreed.confidence == min(word.confidence for word in agreed.words) == agreed.words[-1].confidence


@given(st.lists(st.lists(st.sampled_from("abc"), max_size=6), min_size=1, max_size=8))
def test_stable_words_stood_in_the_hypothesis_before(hypotheses):
    """A word shown as stable that was never agreed on would mislead every reader."""
    agreement = Agreement()
    before: list[str] = []
    for texts in hypotheses:
        agreed = agreement.update(_words(" ".join(texts)), audio_end=100.0)
        common = 0
        while common < min(len(before), len(texts)) and before[common] == texts[common]:
            common += 1
        assert agreed.stable == common
        before = texts


def test_comparable_parts():
    """Numbers, apostrophes and other scripts would be lost in the comparison."""
    assert comparable("20-Ounce,") == ["20", "ounce"]
    assert comparable("I'd") == ["i'd"]
    assert comparable("Ça!") == ["ça"]
    assert comparable("...") == []


def test_confirmed_words_are_found_in_place():
    """A word the second model has elsewhere would count as confirmed."""
    words = _words("make me a dark rose latte")
    assert confirmed(words, "Make me a dark roast latte.") == [True, True, True, True, False, True]
    assert confirmed(words, "") == [False] * 6


@pytest.mark.parametrize("probability", [0.0, 0.3, 0.9, 1.0])
def test_confidences_stay_in_range_and_in_order(probability):
    """A confidence outside 0..1, or one that falls with evidence, breaks every threshold."""
    scores = [
        final_confidence(probability, confirmed=False),
        final_confidence(probability, confirmed=True),
        partial_confidence(probability, agreed=1, at_edge=True),
        partial_confidence(probability, agreed=1, at_edge=False),
        partial_confidence(probability, agreed=3, at_edge=False),
    ]
    assert scores[0] < scores[1]
    assert scores[2:] == sorted(scores[2:])
    assert all(0.0 < score < 1.0 for score in scores)
    assert partial_stability(probability, agreed=2, at_edge=False) > partial_stability(
        probability, agreed=1, at_edge=False
    )
