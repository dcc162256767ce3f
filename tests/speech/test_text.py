import pytest
from hypothesis import given, settings, strategies as st

from workbench.errors import ParameterError
from workbench.speech import numbers
from workbench.speech.text import read_as, readings


def said(text):
    return "".join(reading.spoken for reading in readings(text))


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("2:30 pm", "two thirty pee em"),
        ("at 2:30 p.m. for", "at two thirty pee em for"),
        ("At 5pm. Then", "At five pee em. Then"),
        ("9:00", "nine o'clock"),
        ("14:05", "fourteen oh five"),
        ("$4.50", "four dollars and fifty cents"),
        ("$1", "one dollar"),
        ("£3", "three pounds"),
        ("$5 million", "five million dollars"),
        ("2% milk", "two percent milk"),
        ("20 oz", "twenty ounces"),
        ("1 oz", "one ounce"),
        ("20-ounce", "twenty-ounce"),
        ("the 22nd", "the twenty-second"),
        ("11/22/2026", "November twenty-second, twenty twenty-six"),
        ("in 1999", "in nineteen ninety-nine"),
        ("the 1980s", "the nineteen eighties"),
        ("July 25, 2026", "July twenty-fifth, twenty twenty-six"),
        ("on 3 May", "on the third of May"),
        ("2026-08-05", "August fifth, twenty twenty-six"),
        ("may 2 people come", "may two people come"),
        ("-3°C", "minus three degrees Celsius"),
        ("72 °F", "seventy-two degrees Fahrenheit"),
        ("078-05-1120", "zero seven eight, zero five, one one two zero"),
        ("+1 (212)-555-0123", "plus one, two one two, five five five, zero one two three"),
        ("1,250", "one thousand two hundred fifty"),
        ("3-4 people", "three to four people"),
        ("-5", "minus five"),
        ("555-0123", "five five five, zero one two three"),
        ("12345678", "one two three four five six seven eight"),
        ("1/2 cup", "one half cup"),
        ("Dr. Smith & Mr. Jones", "doctor Smith and mister Jones"),
        ("room B2", "room bee two"),
        ("R&D", "R&D"),
        ("I am. It is", "I am. It is"),
        ("no numbers here", "no numbers here"),
    ],
)
def test_written_english_is_read_as_people_say_it(written, spoken):
    """A price, a time or an order would be read out wrong."""
    assert said(written) == spoken


@pytest.mark.parametrize(
    ("text", "kind", "form", "spoken"),
    [
        ("1/2/2003", "date", "", "January second, two thousand three"),
        ("1/2/2003", "date", "dmy", "February first, two thousand three"),
        ("31/12/1999", "date", "", "December thirty-first, nineteen ninety-nine"),
        ("2026-11-27", "date", "", "November twenty-seventh, twenty twenty-six"),
        ("20261127", "date", "yyyymmdd", "November twenty-seventh, twenty twenty-six"),
        ("25 July", "date", "", "the twenty-fifth of July"),
        ("Sept. 2020", "date", "", "September twenty twenty"),
        ("12/99", "date", "my", "December nineteen ninety-nine"),
        ("13/13/2003", "date", "", "thirteen thirteen two thousand three"),
        ("2/3", "fraction", "", "two thirds"),
        ("1+1/2", "fraction", "", "one and a half"),
        ("3 3/4", "fraction", "", "three and three quarters"),
        ("2:05:01", "duration", "", "two hours five minutes one second"),
        ("word", "expletive", "", "bleep"),
        ("1,250", "number", "", "one thousand two hundred fifty"),
    ],
)
def test_text_of_a_stated_kind_is_read_as_that(text, kind, form, spoken):
    """Day and month would change places, or a fraction become a date."""
    assert read_as(text, kind, form) == spoken


@settings(deadline=None)
@given(st.text("0123456789.,:-/$%apm nth£ +(", max_size=40))
def test_readings_cover_the_text(text):
    """Some text would be lost, or an odd number would raise."""
    assert "".join(reading.written for reading in readings(text)) == text


@pytest.mark.parametrize(
    ("text", "kind", "spoken"),
    [
        ("W3C", "characters", "double-you three see"),
        ("2026", "digits", "two zero two six"),
        ("21", "ordinal", "twenty-first"),
        ("1,000", "cardinal", "one thousand"),
        ("555-0123", "telephone", "five five five, zero one two three"),
        ("$2", "currency", "two dollars"),
        ("soon", "ordinal", "soon"),
    ],
)
def test_say_as(text, kind, spoken):
    """A booking code would be read as a word, a phone number as millions."""
    assert read_as(text, kind) == spoken


@settings(deadline=None)
@given(st.integers(0, numbers.LARGEST - 1))
def test_neighbouring_numbers_differ(value):
    """Two numbers would sound the same."""
    assert numbers.cardinal(value) != numbers.cardinal(value + 1)


def test_numbers_that_have_no_name_are_no_error():
    """A long number in a reply would end it with an error."""
    beyond = "1,000,000,000,000,000,000th"
    assert [reading.spoken for reading in readings(beyond)] == [beyond]
    assert readings("999,999,999,999,999th")[0].spoken.endswith("nine hundred ninety-ninth")
    (money,) = readings(f"${'7' * 5_000}")
    assert money.spoken == " ".join(["seven"] * 5_000) + " dollars"
    assert readings("$1234567890123456.50")[0].spoken.endswith("six point five zero dollars")


def test_numbers_beyond_names_are_refused():
    """A huge number would be read without its head."""
    with pytest.raises(ParameterError, match="number has 16 digits, expected at most 15"):
        numbers.cardinal(10**15)
