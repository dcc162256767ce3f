"""Whatever a text holds is read whole, once, and without a digit left."""

import re
import string

import pytest
from hypothesis import assume, given, settings, strategies as st

from workbench.speech.language_habits import HABITS
from workbench.speech.reading import LANGUAGES, read_as, readings

TAGS = (*HABITS, "en", "en-GB")


def said(text: str, language: str) -> str:
    return "".join(one.spoken for one in readings(text, language))


@pytest.mark.parametrize("language", TAGS)
@given(text=st.text(max_size=60))
@settings(max_examples=60, deadline=None)
def test_any_text_is_read_whole_and_leaves_no_digit(language: str, text: str) -> None:
    """A reply would end with an error, lose words, or keep digits that an engine skips."""
    found = readings(text, language)
    assert "".join(one.written for one in found) == text
    assert not re.search(r"\d", "".join(one.spoken for one in found))


@pytest.mark.parametrize("language", TAGS)
@given(
    text=st.lists(
        st.text("0123456789", min_size=1, max_size=4) | st.sampled_from([*" .,:/-–'°%$€½+=", " km ", " am "]),
        max_size=14,
    ).map("".join)
)
@settings(max_examples=60, deadline=None)
def test_what_is_read_is_read_once(language: str, text: str) -> None:
    """A reading read anew, as an alias in SSML is, would be said otherwise."""
    once = said(text, language)
    assert not re.search(r"\d", once)
    assert said(once, language) == once


@pytest.mark.parametrize("language", TAGS)
@given(
    text=st.lists(st.text(string.ascii_lowercase + "äéñçõß", min_size=2, max_size=9), max_size=8).map(
        " ".join
    )
)
@settings(max_examples=40, deadline=None)
def test_words_alone_stay_as_they_are(language: str, text: str) -> None:
    """Text without numbers would be changed."""
    shorts = HABITS[language].abbreviations if language in HABITS else ()
    assume(not {short.lower() for short in shorts} & set(text.split()))
    assert said(text, language) == text


@pytest.mark.parametrize(
    "kind", ["date", "time", "telephone", "ordinal", "cardinal", "fraction", "duration", "currency"]
)
@given(text=st.text("0123456789 ./:-+,ªº€", max_size=14))
@settings(max_examples=40, deadline=None)
def test_any_text_is_read_as_any_kind(kind: str, text: str) -> None:
    """An odd date in a document would end it with an error."""
    for language in LANGUAGES:
        assert not re.search(r"\d", read_as(text, kind, language=language))
