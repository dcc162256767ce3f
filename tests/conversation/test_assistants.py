"""Assistant files: what loads, and what the errors say."""

import pytest

from workbench.conversation.assistants import load_assistant, shipped_assistants
from workbench.errors import AssistantError, ParameterError

GOOD = """\
name: lamp
extends: english
voice: af_heart
greeting: Hello.
rules:
  room: "in the {place}"
intents:
  switch:
    sentences:
      - "(turn|switch) {state} [the] light [<room>]"
    required: [state]
    action: switch
    reply: "Turned {state}."
slots:
  state:
    values: ["on", "off"]
    ask: "On or off?"
  place:
    values:
      - kitchen
      - living room: lounge
prompts:
  out_of_scope: I only do lights.
"""
ASKING = GOOD.replace("greeting: Hello.", 'greeting: "Hello[, {caller}]."').replace(
    "slots:",
    """\
  ask:
    sentences:
      - "is there light in {place}"
    lookup: knowledge
    reply: "{answer}"
slots:""",
)


@pytest.fixture
def write(tmp_path):
    def save(text):
        path = tmp_path / "lamp.yaml"
        path.write_text(text)
        return path

    return save


def test_both_shipped_assistants_load():
    """A fresh installation would have nobody to talk to."""
    assert {"coffee", "rooms"} <= set(shipped_assistants())
    for name in shipped_assistants():
        assistant = load_assistant(name)
        assert assistant.name == name
        assert assistant.vocabulary
        assert 0 < assistant.early.confidence <= 1
        assert assistant.endpointing.hangover_min < assistant.endpointing.hangover_max


def test_coffee_has_the_labelled_slots():
    """The assistant would not fit the recordings it is measured on."""
    coffee = load_assistant("coffee")
    assert set(coffee.slots) == {"coffeeDrink", "size", "roast", "numberOfShots", "milkAmount", "sugarAmount"}
    assert {"iced mocha", "twenty ounce", "soy milk"} <= set(coffee.vocabulary)


def test_a_file_loads_with_what_it_extends(write):
    """An own assistant would have to repeat yes, no, help and goodbye."""
    assistant = load_assistant(write(GOOD))
    assert {"switch", "yes", "no", "goodbye"} <= set(assistant.intents)
    assert assistant.slots["place"].values[1].spoken == ("living room", "lounge")
    assert assistant.prompts.out_of_scope == ("I only do lights.",)
    assert assistant.prompts.not_heard


def test_thresholds_of_a_language_count_unless_the_assistant_has_its_own(write, tmp_path):
    """A threshold changed in one assistant would undo all others of its language, or have no effect."""
    base = tmp_path / "deutsch.yaml"
    base.write_text(
        "language: de\nearly: {confidence: 0.7, end_of_turn: 0.6}\nendpointing: {hangover_min: 0.7}\n"
    )
    more = "  not_heard: Wie bitte?\n  help: Licht an.\nearly: {confidence: 0.5}\n"
    assistant = load_assistant(write(GOOD.replace("extends: english", "extends: deutsch") + more))
    assert assistant.language == "de"
    assert (assistant.early.confidence, assistant.early.end_of_turn) == (0.5, 0.6)
    assert (assistant.endpointing.hangover_min, assistant.endpointing.hangover_max) == (0.7, 1.4)


def test_an_unknown_name_lists_the_shipped_ones():
    """A typing error would leave the user guessing."""
    with pytest.raises(ParameterError, match="there is no assistant 'cofee', expected one of coffee, rooms"):
        load_assistant("cofee")
    with pytest.raises(ParameterError, match=r"assistant file nowhere\.yaml does not exist"):
        load_assistant("nowhere.yaml")


@pytest.mark.parametrize(
    ("old", "new", "line", "key", "problem"),
    [
        ("voice: af_heart", "voyce: af_heart", 3, "voyce", "is not a known key, did you mean voice?"),
        ("required: [state]", "requires: [state]", 11, "intents.switch.requires", "did you mean required?"),
        (
            "[state]",
            "[status]",
            11,
            "intents.switch.required.0",
            "'status' is not a slot, did you mean",
        ),
        (
            "[<room>]",
            "[<rum>]",
            10,
            "intents.switch.sentences.0",
            "uses <rum>, which is not one",
        ),
        (
            "{state} [the]",
            "{stat} [the]",
            10,
            "intents.switch.sentences.0",
            "uses {stat}, which is not one",
        ),
        ("[the] light", "[the light", 10, "intents.switch.sentences.0", "check the brackets"),
        ("[the] light", "[the]light", 10, "intents.switch.sentences.0", "put a space inside ']l'"),
        ('    ask: "On or off?"\n', "", 15, "slots.state.ask", "is missing, switch requires the slot"),
        (
            '    values: ["on", "off"]',
            "    kind: colour",
            16,
            "slots.state.kind",
            "is 'colour', expected one of",
        ),
        ('    values: ["on", "off"]\n', "", 15, "slots.state", "expected either values or kind"),
        ("extends: english", "extends: klingon", 2, "extends", "is 'klingon', expected one of english"),
        ("greeting: Hello.\n", "", 1, "greeting", "is missing from the file"),
        ("greeting: Hello.", "greeting: [1", 5, "", "is not YAML"),
        (
            "greeting: Hello.",
            "greeting: Hello.\nearly: {confidence: 3}",
            5,
            "early.confidence",
            "should be less",
        ),
        ("greeting: Hello.", "greeting: Hi <brake/>.", 4, "greeting", "is no SSML: <brake> is not known"),
        ('"Turned {state}."', '"R&D: {state}."', 13, "intents.switch.reply.0", "write &amp; for &"),
        ('"Turned {state}."', '"Turned {stat}."', 13, "intents.switch.reply.0", "did you mean state?"),
    ],
)
def test_a_mistake_is_named_by_file_line_and_key(write, old, new, line, key, problem):
    """The author would have to search the file for the mistake."""
    assert old in GOOD
    path = write(GOOD.replace(old, new, 1))
    with pytest.raises(AssistantError) as caught:
        load_assistant(path)
    assert caught.value.file == str(path)
    assert caught.value.key == key
    assert problem in caught.value.problem
    assert caught.value.line == line
    assert str(caught.value).startswith(f"{path}:{line}: ")


def test_an_intent_may_look_something_up(write):
    """An assistant could only ask, never answer."""
    assistant = load_assistant(write(ASKING))
    assert assistant.intents["ask"].lookup == "knowledge"
    assert {"Hello.", "Let me look that up.", "Sorry, I don't know that."} <= set(assistant.fixed_prompts)
    assert "Let me look that up." not in load_assistant(write(GOOD)).fixed_prompts


@pytest.mark.parametrize(
    ("old", "new", "line", "key", "problem"),
    [
        ("lookup: knowledge", "lookup: internet", 17, "intents.ask.lookup", "input should be 'knowledge'"),
        ('    reply: "{answer}"\n', "", 14, "intents.ask", "has a lookup, expected a reply with {answer}"),
        (
            'reply: "{answer}"',
            'reply: "Yes."',
            14,
            "intents.ask",
            "has a lookup, expected a reply with {answer}",
        ),
        (
            'reply: "{answer}"',
            'reply: "{answer}"\n    required: [place]',
            14,
            "intents.ask",
            "has a lookup, expected sentences and reply, but no slots, action or end",
        ),
        (
            'reply: "{answer}"',
            'reply: "{answer}"\n    nothing_found: "{answer}?"',
            19,
            "intents.ask.nothing_found.0",
            "'answer' is not a slot",
        ),
        ("    required: [state]", "    pending: Wait.", 8, "intents.switch", "expected a lookup too"),
        ("{caller}", "{callr}", 4, "greeting", "'callr' is not a slot, did you mean caller?"),
        (
            "I only do lights.",
            '"I only do lights, {name}."',
            28,
            "prompts.out_of_scope.0",
            "'name' is not a slot",
        ),
        (
            "  place:\n",
            "  caller:\n    values: [me]\n  place:\n",
            23,
            "slots.caller",
            "is the name of a fact",
        ),
    ],
)
def test_a_mistake_about_a_lookup_is_named_too(write, old, new, line, key, problem):
    """The author would find out from a caller who is told nothing."""
    assert old in ASKING
    path = write(ASKING.replace(old, new, 1))
    with pytest.raises(AssistantError) as caught:
        load_assistant(path)
    assert (caught.value.line, caught.value.key) == (line, key)
    assert problem in caught.value.problem


def test_endpointing_limits_are_in_order(write):
    """A turn could be required to end before it may."""
    path = write(GOOD + "endpointing: {hangover_min: 2, hangover_max: 1}\n")
    with pytest.raises(AssistantError, match="expected at most hangover_max"):
        load_assistant(path)


@pytest.mark.parametrize("name", ["hangover_min", "hangover_max"])
def test_an_endpointing_that_no_session_takes_is_refused_when_it_is_loaded(write, name):
    """Every session with the assistant would end at its beginning."""
    path = write(GOOD + f"endpointing: {{{name}: 0.05}}\n")
    with pytest.raises(AssistantError, match="0.1"):
        load_assistant(path)
