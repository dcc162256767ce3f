"""What may be heard before the final transcript."""

import pytest
from hypothesis import given, strategies as st

from workbench.conversation.leading import LeadMove, LeadSettings, decide_lead
from workbench.conversation.prompts import parted
from workbench.errors import ParameterError

SHARE = st.floats(0, 1)
ALL = LeadSettings(prefixes=("One moment.",), sentences=True)


@pytest.mark.parametrize(
    ("settings", "intent", "confidence", "sentence", "move"),
    [
        (LeadSettings(), "order", 1.0, True, LeadMove.NOTHING),
        (ALL, "order", 0.9, True, LeadMove.SENTENCE),
        (ALL, "order", 0.89, True, LeadMove.PREFIX),
        (ALL, "order", 1.0, False, LeadMove.PREFIX),
        (ALL, "order", 0.5, False, LeadMove.PREFIX),
        (ALL, "order", 0.49, False, LeadMove.NOTHING),
        (ALL, None, 1.0, True, LeadMove.NOTHING),
        (LeadSettings(sentences=True), "order", 0.89, True, LeadMove.NOTHING),
    ],
)
def test_what_is_heard_before_the_final(
    settings: LeadSettings, intent: str | None, confidence: float, sentence: bool, move: LeadMove
) -> None:
    """A caller would be told what nobody is sure of, or wait in silence for what is known."""
    assert decide_lead(settings, intent=intent, confidence=confidence, sentence=sentence) is move


@given(confidence=SHARE, loose=SHARE, strict=SHARE, sentence=st.booleans())
def test_a_stricter_threshold_never_leads_more(
    confidence: float, loose: float, strict: float, sentence: bool
) -> None:
    """Tuning would do the opposite of what its name says."""
    loose, strict = sorted((loose, strict))
    moves = [
        decide_lead(
            LeadSettings(prefixes=("So.",), prefix_confidence=one, sentences=True, confidence=one),
            intent="order",
            confidence=confidence,
            sentence=sentence,
        )
        for one in (loose, strict)
    ]
    assert moves[1] in (moves[0], LeadMove.NOTHING)


@pytest.mark.parametrize("name", ["confidence", "prefix_confidence"])
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
