"""Written numbers as words, and the built-in kinds of slot values."""

import pytest
from hypothesis import given, strategies as st

from workbench.conversation.slots import clock_time, day, duration, people
from workbench.conversation.spoken_text import number_from, number_words, words_from


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("A 20-ounce latte.", "a twenty ounce latte"),
        ("12oz, please!", "twelve ounce please"),
        ("at 2:30 p.m.", "at two thirty pm"),
        ("at 2:30 P.M., today", "at two thirty pm today"),
        ("2:05pm", "two oh five pm"),
        ("2:00 PM", "two pm"),
        ("10 am", "ten am"),
        ("14.30", "fourteen thirty"),
        ("on the 21st", "on the twenty first"),
        ("the 3rd and the 20th", "the third and the twentieth"),
        ("I’d like a café latte", "i'd like a cafe latte"),
        ("half-an-hour", "half an hour"),
        ("1234 items", "one thousand two hundred thirty four items"),
        ("7021645199", "seven zero two one six four five one nine nine"),
        ("45 mins", "forty five minutes"),
        ("I am here", "i am here"),
        ("...", ""),
        ("", ""),
    ],
)
def test_writing_becomes_the_words_spoken(written, spoken):
    """Digits and abbreviations of the recogniser would not match what was said."""
    assert " ".join(words_from(written)) == spoken


@given(st.integers(0, 99))
def test_number_words_read_back(number):
    """A number would change between hearing and speaking."""
    assert number_from(number_words(number)) == number
    assert words_from(str(number)) == number_words(number)


@given(st.text())
def test_any_text_becomes_plain_words(text):
    """Odd characters in a transcript would end the session."""
    for word in words_from(text):
        assert word
        assert not any(sign.isspace() or sign.isdigit() and sign.isascii() for sign in word)


@pytest.mark.parametrize(
    ("said", "value"),
    [
        ("two thirty pm", "two thirty pm"),
        ("two thirty", "two thirty pm"),
        ("half past two", "two thirty pm"),
        ("half past nine", "nine thirty am"),
        ("quarter to three", "two forty five pm"),
        ("quarter to one", "twelve forty five pm"),
        ("quarter past ten in the morning", "ten fifteen am"),
        ("fourteen thirty", "two thirty pm"),
        ("nine o'clock", "nine am"),
        ("nine at night", "nine pm"),
        ("two oh five pm", "two oh five pm"),
        ("twelve", "twelve pm"),
        ("twenty one fifteen", "nine fifteen pm"),
        ("noon", "noon"),
    ],
)
def test_clock_times_have_one_form(said, value):
    """The same time said two ways would be two different bookings."""
    assert clock_time(tuple(said.split())) == value


@pytest.mark.parametrize(
    ("said", "value"),
    [
        ("half an hour", "half an hour"),
        ("thirty minutes", "half an hour"),
        ("a half hour", "half an hour"),
        ("an hour", "one hour"),
        ("sixty minutes", "one hour"),
        ("an hour and a half", "one and a half hours"),
        ("one and a half hours", "one and a half hours"),
        ("ninety minutes", "one and a half hours"),
        ("two hours", "two hours"),
        ("two and a half hours", "two and a half hours"),
        ("forty five minutes", "forty five minutes"),
        ("three quarters of an hour", "forty five minutes"),
        ("a quarter of an hour", "fifteen minutes"),
        ("one hour and fifteen minutes", "one hour and fifteen minutes"),
    ],
)
def test_durations_have_one_form(said, value):
    """The same duration said two ways would be two different bookings."""
    assert duration(tuple(said.split())) == value


@pytest.mark.parametrize(
    ("said", "value"),
    [
        ("two people", "two people"),
        ("two", "two people"),
        ("one person", "one person"),
        ("just me", "one person"),
    ],
)
def test_people_are_counted(said, value):
    """A number alone would not answer how many people."""
    assert people(tuple(said.split())) == value


def test_days_lose_their_preposition():
    """A day would be read back with words that don't fit the sentence."""
    assert day(("this", "coming", "monday")) == "Monday"
    assert day(("the", "day", "after", "tomorrow")) == "the day after tomorrow"
