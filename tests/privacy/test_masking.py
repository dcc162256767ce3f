"""Masks and tokens in place of what was found."""

from hypothesis import given, settings, strategies as st

from workbench.privacy.finding import find
from workbench.privacy.masking import Tokens, mask, masked
from workbench.privacy.number_words import number_words
from workbench.privacy.spans import Pii

DIGITS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]


def luhn(digits: str) -> str:
    """Return ``digits`` with the check digit behind them, worked out as ISO 7812 says."""
    total = sum(
        sum(divmod(int(digit) * (2 if place % 2 == 0 else 1), 10))
        for place, digit in enumerate(reversed(digits))
    )
    return digits + str(-total % 10)


cards = st.text(alphabet="0123456789", min_size=14, max_size=14).map(lambda rest: luhn("4" + rest))
before = st.sampled_from(["my card is ", "it's ", "card number ", "pay with ", "so "])
after = st.sampled_from(["", " thanks", ", please", " and that is all", "."])


@given(cards, before, after, st.randoms(use_true_random=False))
@settings(max_examples=200, deadline=None)
def test_a_masked_card_is_gone_however_it_is_said(card: str, lead: str, tail: str, random: object) -> None:
    """A card number would stay readable because of the way it was said."""
    words = [DIGITS[int(digit)] if random.random() < 0.6 else digit for digit in card]  # type: ignore[attr-defined]
    text = lead + " ".join(words) + tail
    hidden = mask(text)
    assert "[CARD]" in hidden
    left = hidden.replace("[CARD]", " ").lower().split()
    assert not any(word.strip(".,") in DIGITS or word.strip(".,").isdigit() for word in left)


@given(
    st.lists(st.integers(0, 99), min_size=8, max_size=12),
    st.sampled_from(["en", "de", "fr", "es", "it", "pt", "nl"]),
)
@settings(max_examples=150, deadline=None)
def test_long_numbers_are_masked_in_every_language(numbers: list[int], language: str) -> None:
    """A number said in words would be kept in another language."""
    ways = {digits: " ".join(words) for words, digits in number_words(language).phrases.items()}
    said = " ".join(ways[str(number)] for number in numbers)
    spans = find(said, language)
    assert spans
    assert (spans[0].start, spans[-1].end) == (0, len(said))


def test_the_same_value_has_the_same_token() -> None:
    """Whoever reads a transcript could not tell whether two people are one."""
    tokens = Tokens(kinds=(Pii.PERSON,))
    text = "this is Anna Meier speaking, Anna Meier, not Peter Novak; my card is 4111 1111 1111 1111"
    shown = masked(text, find(text), tokens)
    assert shown == "this is [PERSON_1] speaking, [PERSON_1], not [PERSON_2]; my card is [CARD]"
    assert [(one.token, one.value) for one in tokens.given] == [
        ("[PERSON_1]", "anna meier"),
        ("[PERSON_2]", "peter novak"),
    ]
    again = Tokens(known=tokens.given)
    assert masked("Peter Novak", find("Peter Novak"), again) == "[PERSON_2]"


def test_what_is_masked_is_not_masked_again() -> None:
    """Two names would become one: what the tokens stand for could not be told any more."""
    said = "My name is [PERSON_2], call [PHONE], my name is [PERSON_1] and my card is [CARD]."
    assert find(said) == ()
    assert mask(f"{said} I'm Anna Meier.") == f"{said} I'm [PERSON]."
