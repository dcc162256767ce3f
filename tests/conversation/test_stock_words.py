"""What an assistant says outside its own business, in its own language."""

import pytest

from workbench.conversation.assistant_model import Assistant, Consents, Prompts
from workbench.conversation.assistants import load_assistant
from workbench.conversation.stock_words import CONSENT, PROMPTS, with_stock_words
from workbench.errors import ParameterError
from workbench.speech.reading import LANGUAGES


def assistant(language: str | None, **more: object) -> Assistant:
    """Return coffee with the prompts that every file has to give, in another language."""
    prompts = Prompts(out_of_scope=("?",), not_heard=("?",), help=("?",), acknowledged=("Okay.",))
    return load_assistant("coffee").model_copy(update={"language": language, "prompts": prompts, **more})


def test_every_language_that_is_read_has_all_words() -> None:
    """One sentence would be English in the middle of another language."""
    given = set(Prompts.model_fields) - {"out_of_scope", "not_heard", "help"}
    assert set(PROMPTS) == set(CONSENT) == set(LANGUAGES) - {"en"}
    assert all(set(words) == given for words in PROMPTS.values())
    assert all(set(words) == {"given", "refused"} for words in CONSENT.values())


def test_what_a_file_leaves_out_is_said_in_its_language() -> None:
    """A German assistant would say "What should I change?"."""
    asks = Consents(level="full", ask=("Darf ich aufzeichnen?",), given=("Prima.",))
    german = with_stock_words(assistant("de-AT", consent=asks))
    assert german.prompts.change == ("Was soll ich ändern?",)
    assert german.prompts.acknowledged == ("Okay.",)
    assert (german.consent.given, german.consent.refused) == (
        ("Prima.",),
        ("In Ordnung, es wird nichts aufgezeichnet.",),
    )
    english = assistant("en-GB")
    assert with_stock_words(english) is english


def test_words_that_nobody_has_are_asked_for() -> None:
    """A Dutch caller would be answered in English read as if it were Dutch."""
    with pytest.raises(ParameterError) as raised:
        with_stock_words(assistant("nl"))
    assert str(raised.value) == (
        "assistant coffee lacks words in nl, expected its file to say "
        "prompts.change, prompts.cancelled, prompts.nothing_to_repeat"
    )
    words = {"change": ("a",), "cancelled": ("b",), "nothing_to_repeat": ("c",), "acknowledged": ("d",)}
    whole = assistant("nl", prompts=Prompts(out_of_scope=("?",), not_heard=("?",), help=("?",), **words))
    assert with_stock_words(whole) is whole
