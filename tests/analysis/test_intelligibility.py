from dataclasses import replace

import jiwer
import numpy as np
import pytest
from hypothesis import given, strategies as st

from workbench.analysis.intelligibility import (
    Errors,
    character_error_rate,
    comparable,
    errors_in,
    percent,
    word_error_rate,
)

WORDS = st.lists(st.sampled_from(["red", "tea", "with", "milk", "a", "ready"]), min_size=1, max_size=12)


@given(WORDS, WORDS)
def test_errors_are_those_jiwer_counts(said: list[str], heard: list[str]) -> None:
    """Every error rate would be off, and nobody else's could be compared with it."""
    one, other = " ".join(said), " ".join(heard)
    told = errors_in(one, other, language="en")
    assert told.word_errors / told.words == pytest.approx(jiwer.wer(one, other))
    bare, heard_bare = one.replace(" ", ""), other.replace(" ", "")
    assert told.character_errors / told.characters == pytest.approx(jiwer.cer(bare, heard_bare))


def test_case_punctuation_and_forms_of_letters_are_no_errors() -> None:
    """A recogniser that writes a comma would be called deaf."""
    told = errors_in("Grüß Gott, Frau Müller!", "gru\u0308ß gott frau mu\u0308ller", language="de-DE")
    assert told.word_errors == told.character_errors == 0
    assert comparable("It’s") == comparable("it's")


def test_marks_above_letters_are_heard() -> None:
    """Hindi vowels and Spanish accents would be thrown away, and mistakes in them."""
    assert errors_in("año", "ano", language="es").character_errors == 1
    assert errors_in("मदद", "मादद", language="hi").character_errors == 1


def test_a_language_without_spaces_has_characters_only() -> None:
    """A whole Chinese sentence would be one wrong word."""
    told = errors_in("今天天气很好", "今天天气真好", language="zh")
    assert (told.words, told.character_errors, told.characters) == (0, 1, 6)
    assert word_error_rate([told]) is None
    assert percent(word_error_rate([told])) == "–"


def test_the_interval_is_the_bootstrap_of_another_library(rng: np.random.Generator) -> None:
    """Doubt about a voice would be made up."""
    from scipy.stats import bootstrap

    lengths = rng.integers(4, 12, 40)
    wrong = rng.binomial(lengths, 0.2)
    told = [
        Errors(word_errors=int(e), words=int(n), character_errors=0, characters=1)
        for e, n in zip(wrong, lengths, strict=True)
    ]
    found = word_error_rate(told)
    theirs = bootstrap(
        (wrong, lengths),
        lambda e, n, axis: e.sum(axis=axis) / n.sum(axis=axis),
        paired=True,
        method="percentile",
        n_resamples=4000,
        rng=rng,
    ).confidence_interval
    assert found is not None
    assert found.value == pytest.approx(wrong.sum() / lengths.sum())
    assert (found.low, found.high) == pytest.approx(tuple(theirs), abs=0.015)


def test_one_text_has_no_interval() -> None:
    """A width of zero would promise that the next text is misheard exactly as often."""
    one = Errors(word_errors=1, words=8, character_errors=1, characters=40)
    found = word_error_rate([one])
    assert found is not None
    assert found.value == 1 / 8
    assert np.isnan([found.low, found.high]).all()
    assert percent(found) == "12.5 %"
    silent = Errors(word_errors=0, words=0, character_errors=0, characters=0)
    assert percent(word_error_rate([one, silent])) == "12.5 %"
    clean = replace(one, word_errors=0)
    assert percent(word_error_rate([one, clean])) == "6.2 % (0.0 to 12.5)"


def test_no_errors_are_not_certainty() -> None:
    """Ten clean words would promise a perfect voice: of n clean ones the upper end is about 3 / n."""
    told = [Errors(word_errors=0, words=10, character_errors=0, characters=100)]
    found, characters = word_error_rate(told), character_error_rate(told)
    assert found is not None
    assert characters is not None
    assert (found.value, found.low) == (0, 0)
    assert found.high == pytest.approx(1 - 0.05 ** (1 / 10))
    assert characters.high == pytest.approx(0.03, abs=0.001)
    assert percent(found) == "0.0 % (0.0 to 25.9)"
