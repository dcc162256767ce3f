"""A reply said clause by clause sounds as it does in one piece."""

import pytest

from workbench.speech.parts import clauses_in, going_on
from workbench.speech.synthesizers.clauses import Step, plan
from workbench.ssml.flatten import flatten
from workbench.ssml.parse import parse
from workbench.ssml.setting import Setting, said_with

REPLIES = (
    "One large latte with soy milk and sugar. Coming right up.",
    "Coming right up: one large latte with soy milk and brown sugar.",
    "Your room is booked: London, Monday at 2:30 PM, for half an hour and four people.",
    "Sorry, I only do coffee. What can I get you?",
    "Dr. Smith is in at 9 a.m. Fish &amp; chips! Bye.",
)


def planned(ssml: str) -> list[Step]:
    return list(plan(flatten(parse(ssml)), voice="v", language="en"))


def document(text: str) -> str:
    return f"<speak>{text}</speak>"


@pytest.mark.parametrize("text", REPLIES)
@pytest.mark.parametrize("pause", [None, 0.5])
def test_what_may_be_led_is_synthesised_as_in_one_piece(text: str, pause: float | None) -> None:
    """A joint would be heard: another melody before it, or another pause."""
    style = Setting(pause=pause)
    parts = clauses_in(document(text), language="en")
    assert len(parts) > 1
    ahead = [step for part in parts[:-1] for step in planned(said_with(style, going_on(part, pause=pause)))]
    assert ahead == planned(said_with(style, document(text)))[: len(ahead)]
    inner = [part.removeprefix("<speak>").removesuffix("</speak>") for part in parts]
    assert " ".join(inner) == text  # and nothing is lost


@pytest.mark.parametrize(
    ("ssml", "parts"),
    [
        ("<speak>One. <emphasis>Two</emphasis>. Three.</speak>", 2),
        ("<speak>One. Two <break/> three. Four.</speak>", 2),
        ("<speak>One. <break/> Two.</speak>", 1),
        ("<speak><emphasis>One</emphasis>. Two.</speak>", 1),
        ('<speak xml:lang="en">One. Two.</speak>', 1),
        ("<speak>One. Two.", 1),
        ("<speak>One. <b Two.</speak>", 1),
        ("<speak></speak>", 1),
    ],
)
def test_a_reply_is_parted_up_to_its_first_element(ssml: str, parts: int) -> None:
    """An element would be cut in two, or a mistake in a prompt end the session."""
    assert len(clauses_in(ssml, language="en")) == parts


def test_the_silence_that_stands_in_a_reply_stands_between_its_parts() -> None:
    """A sentence that was led would run into the next."""
    ends = {"One.": 350, "One:": 190, "One, ": 190, "One": 50, "at 9 a.m.": 50, "<em>One.</em>": 350}
    for text, wanted in ends.items():
        assert going_on(document(text)) == document(f'{text}<break time="{wanted}ms"/>')
    assert going_on(document("One"), pause=0.7) == document('One<break time="50ms"/>')
    assert going_on(document("")) == document("")
