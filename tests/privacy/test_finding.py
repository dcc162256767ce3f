"""What is found in single sentences, written and spoken, in seven languages, and where."""

import time

import pytest
from hypothesis import given, settings, strategies as st

from workbench.privacy.finding import PIECE, find
from workbench.privacy.spans import Pii


def found(text: str, language: str = "en") -> list[tuple[str, str]]:
    return [(span.type.value, text[span.start : span.end]) for span in find(text, language)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("my card is 4111 1111 1111 1111", [("card", "4111 1111 1111 1111")]),
        ("mail anna.meier@example.org today", [("email", "anna.meier@example.org")]),
        ("my IBAN is GB29 NWBK 6016 1331 9268 19.", [("iban", "GB29 NWBK 6016 1331 9268 19")]),
        ("the server is 192.168.7.23 here", [("ip-address", "192.168.7.23")]),
        ("see https://www.example.org/a?b=c.", [("url", "https://www.example.org/a?b=c")]),
        ("social security number 536-90-4399", [("national-id", "536-90-4399")]),
        ("my customer number is 88231", [("account", "88231")]),
        ("call +44 20 7946 0958 now", [("phone", "+44 20 7946 0958")]),
        ("My phone number is 020, 7946, 0958.", [("phone", "020, 7946, 0958")]),
        ("I live at 221B Baker Street, London", [("address", "221B Baker Street")]),
        ("my date of birth is 02/05/1984", [("date-of-birth", "02/05/1984")]),
        ("Please tell Julia Kowalski that I called", [("person", "Julia Kowalski")]),
        ("hetu 131052-308T is it", [("national-id", "131052-308T")]),
    ],
)
def test_finds_what_is_written(text: str, expected: list[tuple[str, str]]) -> None:
    """A kind of personal data would be left in every transcript."""
    assert found(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "my card is four one one one double one double one one one one one one one one one",
            ("card", "four one one one double one double one one one one one one one one one"),
        ),
        ("four one one one 1111 one one one one 1111", ("card", "four one one one 1111 one one one one 1111")),
        ("call me on oh two oh seven nine four six oh nine five eight", ("phone", "oh two oh seven nine four six oh nine five eight")),
        ("it's jane underscore doe at example dot co dot uk", ("email", "jane underscore doe at example dot co dot uk")),
        ("my email is j o h n at gmail dot com thanks", ("email", "j o h n at gmail dot com")),
        ("I was born on the second of May eighty-four", ("date-of-birth", "second of May eighty-four")),
        ("date of birth twenty third of march nineteen seventy one", ("date-of-birth", "twenty third of march nineteen seventy one")),
        ("my name is zaphira quellington", ("person", "zaphira quellington")),
        ("this is anna meier speaking", ("person", "anna meier")),
        ("it is forty two baker street please", ("address", "forty two baker street")),
        (
            "g b two nine n w b k six oh one six one three three one nine two six eight one nine",
            ("iban", "g b two nine n w b k six oh one six one three three one nine two six eight one nine"),
        ),
        ("go to www dot example dot org now", ("url", "www dot example dot org")),
        ("my policy number is four seven one two", ("account", "four seven one two")),
    ],
)  # fmt: skip
def test_finds_what_is_spoken(text: str, expected: tuple[str, str]) -> None:
    """What people say in words would be kept though its digits are masked."""
    assert expected in found(text)


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("de", "ich heiße Anna Meier", ("person", "Anna Meier")),
        ("de", "meine Nummer ist null drei null zwei drei eins zwei fünf null null zwei", ("phone", "null drei null zwei drei eins zwei fünf null null zwei")),
        ("de", "geboren am zweiten Mai neunzehnhundertvierundachtzig", ("date-of-birth", "zweiten Mai neunzehnhundertvierundachtzig")),
        ("de", "ich wohne in der Lindenstraße 14", ("address", "Lindenstraße 14")),
        ("fr", "je m'appelle claire dupont", ("person", "claire dupont")),
        ("fr", "mon numéro est le zéro six quatre-vingt-dix-sept vingt et un soixante-douze douze", ("phone", "zéro six quatre-vingt-dix-sept vingt et un soixante-douze douze")),
        ("es", "me llamo lucía ortega", ("person", "lucía ortega")),
        ("es", "mi teléfono es seis uno dos tres cuatro cinco seis siete ocho", ("phone", "seis uno dos tres cuatro cinco seis siete ocho")),
        ("es", "mi dni es 12345678Z", ("national-id", "12345678Z")),
        ("it", "mi chiamo giulia conti", ("person", "giulia conti")),
        ("it", "nato il due maggio millenovecentottantaquattro", ("date-of-birth", "due maggio millenovecentottantaquattro")),
        ("pt", "o meu nome é joana ferreira", ("person", "joana ferreira")),
        ("pt", "meu cpf é 390.533.447-05", ("national-id", "390.533.447-05")),
        ("nl", "ik heet sanne de vries", ("person", "sanne de vries")),
        ("nl", "bel nul zes twaalf vierendertig zesenvijftig achtenzeventig", ("phone", "nul zes twaalf vierendertig zesenvijftig achtenzeventig")),
    ],
)  # fmt: skip
def test_knows_other_languages(language: str, text: str, expected: tuple[str, str]) -> None:
    """Only English callers would be protected."""
    assert expected in found(text, language)


@pytest.mark.parametrize(
    "text",
    [
        "I'd like a large latte with two sugars and oat milk",
        "book a room for twelve people on Friday at half past two",
        "it costs 14.50, or 1,250 a year",
        "the meeting is at 10:30 on 12 December 2025",
        "we sold three hundred and forty two of them in 2019",
        "we were there in 2019, 2020, 2021 and in rooms 101, 102, 103",
        "no problem, thank you very much",
        "I'm looking for one or two rooms, maybe three",
    ],
)
def test_leaves_the_rest(text: str) -> None:
    """Transcripts would be unreadable."""
    assert found(text) == []


def test_says_the_same_value_of_the_same_number() -> None:
    """One card would be two things for whoever looks at tokens."""
    ways = (
        "my card is 4111 1111 1111 1111",
        "my card is four triple one 1111 1111 eleven eleven",
    )
    assert {find(way)[0].value for way in ways} == {"4111111111111111"}


def test_gives_places_in_the_text_before_it_was_cut() -> None:
    """Spans of long texts would point at other words."""
    text = "nothing to see here. " * (PIECE // 10) + "my card is 4111 1111 1111 1111"
    assert [(span.type, text[span.start : span.end]) for span in find(text)] == [
        (Pii.CARD, "4111 1111 1111 1111")
    ]


@given(
    st.text(alphabet=st.sampled_from("ab Z.,@1749-\n'oé+:/"), max_size=300),
    st.sampled_from(["en", "de", "fr"]),
)
@settings(max_examples=150, deadline=None)
def test_spans_lie_apart_and_within(text: str, language: str) -> None:
    """Masking would cut a text in the wrong places."""
    behind = 0
    for span in find(text, language):
        assert behind <= span.start < span.end <= len(text)
        assert 0.5 <= span.score <= 1
        behind = span.end


@pytest.mark.parametrize(
    "piece",
    ["1 ", "AB12 ", "Anna Maria ", "12 Foo, ", "one ", "a at b dot ", "Foo\n", "12-34 ", "x.", "Rue "],
)
def test_time_grows_with_the_text_only(piece: str) -> None:
    """A caller could keep an endpoint busy with a strange sentence."""

    def took(count: int) -> float:
        began = time.thread_time()
        find(piece * (count // len(piece)))
        return time.thread_time() - began

    took(200)
    short, long = took(PIECE), took(3 * PIECE)
    assert long < 6 * short + 0.5
