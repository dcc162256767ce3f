"""What may be heard before the final transcript."""

from dataclasses import replace

import pytest
from hypothesis import given, strategies as st

from workbench.conversation.early_synthesis import confirmed
from workbench.conversation.leading import (
    LeadDecision,
    LeadMove,
    LeadSettings,
    decide_lead,
)
from workbench.conversation.preparing import parts_of
from workbench.conversation.prompts import parted
from workbench.errors import ParameterError

SHARE = st.floats(0, 1)
ALL = LeadSettings(prefixes=("One moment.",), sentences=True)
CLAUSES = LeadSettings(clauses=3, confidence=0.7, further_confidence=0.9)
NOTHING, PREFIX = LeadDecision(LeadMove.NOTHING), LeadDecision(LeadMove.PREFIX)


def led(parts: int) -> LeadDecision:
    return LeadDecision(LeadMove.PARTS, parts)


@pytest.mark.parametrize(
    ("settings", "intent", "confidence", "parts", "decision"),
    [
        (LeadSettings(), "order", 1.0, 1, NOTHING),
        (ALL, "order", 0.9, 1, led(1)),
        (ALL, "order", 0.89, 1, PREFIX),
        (ALL, "order", 1.0, 0, PREFIX),
        (ALL, "order", 0.5, 0, PREFIX),
        (ALL, "order", 0.49, 0, NOTHING),
        (ALL, None, 1.0, 1, NOTHING),
        (LeadSettings(sentences=True), "order", 0.89, 1, NOTHING),
        (CLAUSES, "order", 0.69, 3, NOTHING),
        (CLAUSES, "order", 0.7, 3, led(1)),
        (CLAUSES, "order", 0.89, 3, led(1)),
        (CLAUSES, "order", 0.9, 3, led(3)),
        (CLAUSES, "order", 0.9, 2, led(2)),
        (CLAUSES, "order", 1.0, 0, NOTHING),
        (replace(CLAUSES, further_confidence=0.5), "order", 0.69, 3, NOTHING),
    ],
)
def test_what_is_heard_before_the_final(
    settings: LeadSettings, intent: str | None, confidence: float, parts: int, decision: LeadDecision
) -> None:
    """A caller would be told what nobody is sure of, or wait in silence for what is known."""
    assert decide_lead(settings, intent=intent, confidence=confidence, parts=parts) == decision


@given(
    confidence=SHARE,
    first=st.tuples(SHARE, SHARE).map(sorted),
    further=st.tuples(SHARE, SHARE).map(sorted),
    parts=st.integers(0, 4),
)
def test_a_stricter_threshold_never_leads_more(
    confidence: float, first: list[float], further: list[float], parts: int
) -> None:
    """Tuning would do the opposite of what its name says."""
    loose, strict = (
        decide_lead(
            LeadSettings(
                prefixes=("So.",),
                prefix_confidence=first[n],
                clauses=4,
                confidence=first[n],
                further_confidence=further[n],
            ),
            intent="order",
            confidence=confidence,
            parts=parts,
        )
        for n in (0, 1)
    )
    assert strict.move in (loose.move, LeadMove.NOTHING)
    assert strict.parts <= loose.parts <= parts


@pytest.mark.parametrize("name", ["confidence", "prefix_confidence", "further_confidence"])
def test_thresholds_beyond_a_share_are_refused(name: str) -> None:
    """A percentage would switch leading off unnoticed."""
    with pytest.raises(ParameterError, match=rf"^lead {name} is 90, expected 0 to 1$"):
        LeadSettings(**{name: 90})


@pytest.mark.parametrize(
    ("ssml", "parts"),
    [
        ("<speak>One latte. Coming right up.</speak>", ("One latte.", "Coming right up.")),
        ("<speak>One latte.</speak>", None),
        ("<speak>One <break/> latte. Coming.</speak>", None),
        ("<speak>Fish &amp; chips! And <break/> tea.</speak>", ("Fish & chips!", "And tea.")),
        ("<speak>At 3.30 then</speak>", None),
    ],
)
def test_only_a_plain_first_sentence_is_parted(ssml: str, parts: tuple[str, str] | None) -> None:
    """An element would be cut in two, or a number."""
    found = parted(ssml)
    assert (None if found is None else tuple(part.text for part in found)) == parts


@pytest.mark.parametrize("clauses", [-1, 5])
def test_a_number_of_clauses_that_is_not_kept_to_is_refused(clauses: int) -> None:
    """Each is a reply of its own: a hundred of them would be synthesised for nothing."""
    with pytest.raises(ParameterError, match=rf"^lead clauses is {clauses}, expected 0 to 4$"):
        LeadSettings(clauses=clauses)


@pytest.mark.parametrize(
    ("settings", "texts"),
    [
        (LeadSettings(), []),
        (LeadSettings(sentences=True), ["So: a latte.", "With milk. Enjoy!"]),
        (LeadSettings(clauses=1), ["So:", "a latte. With milk. Enjoy!"]),
        (LeadSettings(clauses=2, sentences=True), ["So:", "a latte.", "With milk. Enjoy!"]),
        (LeadSettings(clauses=3), ["So:", "a latte.", "With milk.", "Enjoy!"]),
        (LeadSettings(clauses=4), ["So:", "a latte.", "With milk.", "Enjoy!"]),
    ],
)
def test_a_reply_is_prepared_in_what_may_be_led_and_the_rest(
    settings: LeadSettings, texts: list[str]
) -> None:
    """More would be synthesised apart than is ever led, or the last be led with the others."""
    clauses = [f"<speak>{text}</speak>" for text in ("So:", "a latte.", "With milk.", "Enjoy!")]
    whole = "<speak>So: a latte. With milk. Enjoy!</speak>"
    assert [part.text for part in parts_of(settings, whole, lambda _: clauses)] == texts
    assert parts_of(LeadSettings(clauses=4), "<speak>So.</speak>", lambda ssml: [ssml]) == ()


@pytest.mark.parametrize(
    ("held", "asked", "kept"),
    [
        ("a b c", "a b d", 2),
        ("a b c", "a d c", 1),
        ("a b c", "d b c", 0),
        ("a b", "a b c", 1),  # the last of one is not the same in the middle of the other
        ("a b c", "a", 0),
        ("", "a b", 0),
    ],
)
def test_what_two_replies_share_is_their_beginning(held: str, asked: str, kept: int) -> None:
    """A clause would be kept that the final does not ask for there, or a right one be said again."""
    assert confirmed(held.split(), asked.split()) == kept
