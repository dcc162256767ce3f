import pytest

from workbench.speech.synthesizers.clauses import (
    COMMA_PAUSE,
    EDGES,
    PARAGRAPH_PAUSE,
    SENTENCE_PAUSE,
    plan,
    stretch,
)
from workbench.ssml.flatten import Marked, Style, flatten
from workbench.ssml.parse import parse


def planned(text):
    return plan(flatten(parse(text)), voice="v", language="en-US")


def texts(text):
    return [step.clause.text for step in planned(text)]


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ("What size would you like?", ["What size would you like?"]),
        ("Yes. Which one?", ["Yes.", "Which one?"]),
        ("I met Dr. Ray at 5 p.m. today.", ["I met Dr. Ray at 5 p.m. today."]),
        ("It costs $4.50 now. Fine", ["It costs $4.50 now.", "Fine"]),
        (
            "Coming right up: one large iced mocha with soy milk.",
            ["Coming right up:", "one large iced mocha with soy milk."],
        ),
        (
            "I'll get you a large mocha with soy milk and two sugars.",
            ["I'll get you a large mocha", "with soy milk and two sugars."],
        ),
        ("", []),
    ],
)
def test_where_a_text_is_cut(text, clauses):
    """The first sound would come late, or a title or a price would end a sentence."""
    assert texts(text) == clauses


def test_a_fixed_sentence_is_the_same_clause_anywhere():
    """A prompt in the cache would not be found inside a longer reply."""
    prompt = "Sorry, I only do coffee."
    (alone,) = planned(prompt)
    assert alone.clause in [step.clause for step in planned(f"I see. {prompt} What else?")]


def test_a_danda_ends_a_sentence():
    """Hindi would be spoken without a pause between its sentences."""
    assert texts("नमस्ते। आप कैसे हैं?") == ["नमस्ते।", "आप कैसे हैं?"]


def test_pauses_follow_what_ended_the_clause():
    """Speech would sound chopped, or run together."""
    steps = planned(
        "<speak><p>One is here, and two is over there, as they should be.</p><p>Next. "
        '<break time="700ms"/>Last.</p></speak>'
    )
    assert [step.pause for step in steps] == [
        COMMA_PAUSE,
        PARAGRAPH_PAUSE,
        pytest.approx(0.7 - EDGES),
        0.0,
    ]
    assert planned("One. Two.")[0].pause == SENTENCE_PAUSE


def test_a_long_text_stays_within_what_the_engine_takes():
    """A long text without punctuation would be refused or cut off."""
    steps = planned("word " * 200 + "x" * 500)
    assert max(len(step.clause.units) for step in steps) <= 28
    assert sum(step.clause.text.count("word") for step in steps) == 200
    assert sum(step.clause.text.count("x") for step in steps) == 500


def test_voice_language_and_great_speed_begin_a_clause():
    """One clause would be spoken by the voice or at the speed of another."""
    steps = planned(
        '<speak>One <voice name="w">two</voice> <lang xml:lang="fr">trois</lang> '
        '<prosody rate="2">four</prosody></speak>'
    )
    assert [(step.clause.text, step.clause.voice, step.clause.language) for step in steps] == [
        ("One", "v", "en-US"),
        ("two", "w", "en-US"),
        ("trois", "v", "fr"),
        ("four", "v", "en-US"),
    ]


def test_marks_stand_before_the_word_they_name():
    """A mark would be reported at the end of the clause before."""
    steps = planned('<speak>One is here.<mark name="a"/> Two<mark name="b"/> now.</speak>')
    assert [[item.name for item in step.clause.items if isinstance(item, Marked)] for step in steps] == [
        [],
        ["a", "b"],
    ]


def test_other_languages_are_not_read_in_english():
    """A French number would be said in English words."""
    text = (
        '<speak xml:lang="fr"><say-as interpret-as="digits">407</say-as> '
        '<say-as interpret-as="cardinal">21</say-as> <sub alias="docteur 2">Dr</sub> '
        '<say-as interpret-as="expletive">mot</say-as></speak>'
    )
    steps = plan(flatten(parse(text)), voice="fr", language="fr")
    said = [unit.spoken for step in steps for unit in step.clause.units]
    assert said == ["quatre zéro sept", "vingt-et-un", "docteur deux", "bleep"]
    steps = plan(flatten(parse(text.replace('"fr"', '"sv"'))), voice="sv", language="sv")
    said = [unit.spoken for step in steps for unit in step.clause.units]
    assert said == ["4 0 7", "21", "docteur 2", "bleep"]


def test_words_keep_what_is_written():
    """The screen would show the spelled-out number, or lose the spaces."""
    (step,) = planned('<speak>Pay <sub alias="five">V</sub> to $2, <emphasis>now</emphasis>!</speak>')
    assert step.clause.text == "Pay V to $2, now!"
    assert [unit.spoken for unit in step.clause.units] == [
        "Pay",
        "five",
        "to",
        "two dollars",
        ",",
        "now",
        "!",
    ]


@pytest.mark.parametrize(("rate", "left"), [(1.0, 1.0), (1.3, 1.0), (2.6, 2.0), (0.3, 0.5)])
def test_what_the_model_does_not_do_is_stretched(rate, left):
    """A rate outside the model's range would be spoken by it, and not be understood."""
    assert stretch(Style(rate=rate)) == pytest.approx(left)
