"""Sentences and what they mean to the two shipped assistants."""

import dataclasses
import time

import pytest
from hypothesis import given, settings, strategies as st

from workbench.conversation.assistants import load_assistant
from workbench.conversation.understanding import Interpretation, Understanding

COFFEE = Understanding(load_assistant("coffee"))
ROOMS = Understanding(load_assistant("rooms"))


def slots_of(written):
    """Return {"drink": "latte"} for "coffeeDrink=latte; size=large"."""
    return dict(part.strip().split("=") for part in written.split(";") if part.strip())


ORDERS = [
    ("May I have a latte?", "coffeeDrink=latte"),
    ("Can I get a large iced mocha with soy milk", "size=large; coffeeDrink=iced mocha; milkAmount=soy milk"),
    ("I want a medium roast espresso", "roast=medium roast; coffeeDrink=espresso"),
    ("I want a medium espresso", "size=medium; coffeeDrink=espresso"),
    ("a medium dark roast espresso", "size=medium; roast=dark roast; coffeeDrink=espresso"),
    ("a dark roast medium espresso", "size=medium; roast=dark roast; coffeeDrink=espresso"),
    ("Make me a 20-ounce mocha", "size=twenty ounce; coffeeDrink=mocha"),
    ("Make me a 20 oz mocha", "size=twenty ounce; coffeeDrink=mocha"),
    ("Brew a double-shot coffee", "numberOfShots=double shot; coffeeDrink=coffee"),
    (
        "Give me a triple shot, light roast, 8 ounce cappuccino with cream and a bit of sweetener",
        "numberOfShots=triple shot; roast=light roast; size=eight ounce; coffeeDrink=cappuccino; "
        "milkAmount=cream; sugarAmount=a bit of sweetener",
    ),
    (
        "house coffee with lots of brown sugar and a little bit of almond milk",
        "coffeeDrink=house coffee; sugarAmount=lots of brown sugar; milkAmount=a little bit of almond milk",
    ),
    ("Hi, um, could I please get like a small drip coffee", "size=small; coffeeDrink=drip coffee"),
    (
        "I'd like a large latte and can you put some soy milk in that",
        "size=large; coffeeDrink=latte; milkAmount=some soy milk",
    ),
]
MISHEARD = [
    ("Brew an Americana with cream", "coffeeDrink=americano; milkAmount=cream"),
    ("Give me a dark rose latte", "roast=dark roast; coffeeDrink=latte"),
    ("Can I have an ice mocker", "coffeeDrink=iced mocha"),
    ("Make me a sixteen hours espresso", "size=sixteen ounce; coffeeDrink=espresso"),
    ("I want a trip coffee", "coffeeDrink=drip coffee"),
    ("I'd like a capuchin oh with soymilk", "coffeeDrink=cappuccino; milkAmount=soy milk"),
    ("give me a single chart expresso", "numberOfShots=single shot; coffeeDrink=espresso"),
    ("can I get a large lot a", "size=large; coffeeDrink=latte"),
    ("I want a how's coffee with brown sucker", "coffeeDrink=house coffee; sugarAmount=brown sugar"),
]


@pytest.mark.parametrize(("text", "slots"), ORDERS)
def test_orders_as_written(text, slots):
    """A plain order would not be understood."""
    heard = COFFEE.interpret(text)
    assert (heard.intent, heard.slots) == ("orderDrink", slots_of(slots))
    assert heard.confidence > 0.7
    assert heard.complete
    assert set(heard.slot_confidences) == set(heard.slots)


@pytest.mark.parametrize(("text", "slots"), MISHEARD)
def test_orders_misheard(text, slots):
    """A recognition error would lose the order."""
    heard = COFFEE.interpret(text)
    assert (heard.intent, heard.slots) == ("orderDrink", slots_of(slots))
    assert heard.confidence < 1


@pytest.mark.parametrize(
    "text",
    [
        "",
        "...",
        "Thunderstorms could produce large hail, isolated tornadoes and heavy rain.",
        "She had your dark suit in greasy wash water all year.",
        "Eight of spades, four of clubs, seven of hearts.",
        "One zero zero zero one, nine oh two one oh.",
        "And so, my fellow Americans, ask not what your country can do for you.",
        "How old is the Brooklyn Bridge?",
        "What's the weather like in San Francisco?",
        "I'd like to transfer money to my savings account.",
        "Can I get a taxi to the airport?",
        "Drop the two when you add the figures.",
        "The small dog ran down the middle of the road.",
        "My card was declined twice.",
        "Book a room for two people.",
        "Go forward ten meters.",
    ],
)
def test_other_matters_are_out_of_scope(text):
    """The assistant would brew a coffee nobody ordered."""
    heard = COFFEE.interpret(text)
    assert heard.intent not in ("orderDrink", "cancel")
    assert "coffeeDrink" not in heard.slots


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("What rooms have a projector?", "what rooms have projector"),
        ("which rooms have a protector", "which rooms have projector"),
        ("Um, is there parking?", "is there parking"),
        ("How many people fit into Zurich?", "how many people fit into zurich"),
        ("what does a room cost", "what does a room cost"),
    ],
)
@pytest.mark.parametrize("expecting", [None, "place", "people", "time"])
def test_questions_about_rooms(text, said, expecting):
    """A question in the middle of a booking would be taken for an answer, or be looked up as misheard."""
    heard = ROOMS.interpret(text, expecting=expecting)
    assert (heard.intent, heard.said) == ("askAboutRooms", said)
    assert heard.complete


@pytest.mark.parametrize(
    "text",
    [
        "How old is the Brooklyn Bridge?",
        "Can I get a taxi to the airport?",
        "Is there life on Mars?",
        "Is there a doctor in the house?",
        "Are there any good restaurants near here?",
        "Are there direct flights to New York?",
        "Do you have any brothers or sisters?",
        "How big is the moon?",
        "How long can a person hold their breath?",
        "Where is the nearest pharmacy?",
        "What does the fox say?",
        "What does a kilo of apples cost?",
        "How much is the fish?",
        "How many people died in the war?",
        "What phones have the best camera?",
        "What is the largest city in the world?",
        "When do you go to bed?",
        "Can I bring you something to drink?",
        "Can I change my address online?",
        "There is coffee on the table.",
        "We parked the car near the garage.",
    ],
)
def test_questions_about_other_matters_are_out_of_scope(text):
    """A stranger's chatter would be answered out of the knowledge base."""
    assert ROOMS.interpret(text).intent is None


def test_a_drink_that_is_not_served_is_not_taken_for_another():
    """Tea with milk would be served as a latte."""
    heard = COFFEE.interpret("Give me a large tea with milk")
    assert "coffeeDrink" not in heard.slots


def test_alternatives_recover_what_the_best_reading_lost():
    """The n-best list and the second recogniser would be of no use."""
    alone = COFFEE.interpret("Give me a dark roast eye smog out with cream")
    helped = COFFEE.interpret(
        "Give me a dark roast eye smog out with cream",
        alternatives=(
            "Give me a dark roast ice moga with cream",
            "Give me a dark roast iced mocha with cream",
        ),
    )
    assert helped.slots == slots_of("roast=dark roast; coffeeDrink=iced mocha; milkAmount=cream")
    assert helped.confidence > alone.confidence


def test_disagreement_shows_as_doubt_about_that_slot():
    """A doubtful slot would be taken as sure and never confirmed."""
    sure = COFFEE.interpret("a small latte", alternatives=("a small latte please",))
    split = COFFEE.interpret("a small latte", alternatives=("a small mocha", "a small mocha please"))
    assert split.slot_confidences["coffeeDrink"] < sure.slot_confidences["coffeeDrink"]
    assert split.slot_confidences["coffeeDrink"] < split.slot_confidences["size"]


def test_misheard_slots_are_less_sure_than_clear_ones():
    """Confirmation could not tell a clear drink from a guessed one."""
    heard = COFFEE.interpret("a large ice mocker with soy milk")
    assert heard.slot_confidences["coffeeDrink"] < heard.slot_confidences["size"]


@pytest.mark.parametrize(
    ("text", "expecting", "slots", "correction"),
    [
        ("no, large", None, "size=large", True),
        ("actually make it small", None, "size=small", True),
        ("no, I'd like a latte", None, "coffeeDrink=latte", True),
        ("without sugar", None, "sugarAmount=", False),
        ("no milk please", None, "milkAmount=", False),
        ("a cappuccino", "coffeeDrink", "coffeeDrink=cappuccino", False),
        ("make that a double shot", None, "numberOfShots=double shot", True),
        ("a large, no, a small latte", None, "size=small; coffeeDrink=latte", True),
    ],
)
def test_corrections(text, expecting, slots, correction):
    """A change of mind would be lost or taken for a new order."""
    heard = COFFEE.interpret(text, expecting=expecting)
    assert (heard.intent, heard.slots) == ("orderDrink", slots_of(slots))
    assert heard.correction == correction


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("yes", "yes"),
        ("yeah, that's right", "yes"),
        ("no", "no"),
        ("no thanks", "no"),
        ("sorry, what was that?", "repeat"),
        ("can you repeat that", "repeat"),
        ("help", "help"),
        ("what can I order?", "help"),
        ("cancel my order", "cancel"),
        ("never mind", "cancel"),
        ("thank you very much", "thanks"),
        ("goodbye", "goodbye"),
        ("that's all, thanks", "goodbye"),
        ("hello there", "greeting"),
    ],
)
def test_the_small_words_of_a_conversation(text, intent):
    """Yes, no, help and goodbye would be out of scope."""
    for understanding in (COFFEE, ROOMS):
        heard = understanding.interpret(text)
        assert (heard.intent, heard.slots) == (intent, {})
        assert heard.complete


@pytest.mark.parametrize(
    ("text", "expecting", "slots"),
    [
        ("Book a room.", None, ""),
        ("Mountain view.", "place", "place=Mountain View"),
        ("Today.", "day", "day=today"),
        ("2:30 p.m.", "time", "time=two thirty pm"),
        ("Two thirty PM", "time", "time=two thirty pm"),
        ("half past two", "time", "time=two thirty pm"),
        ("Half an hour.", "duration", "duration=half an hour"),
        ("30 minutes", "duration", "duration=half an hour"),
        ("2 people", "people", "people=two people"),
        ("two", "people", "people=two people"),
        ("two", "time", "time=two pm"),
        (
            "I need a room in London next Tuesday at 3 p.m. for one hour for five people",
            None,
            "place=London; day=next Tuesday; time=three pm; duration=one hour; people=five people",
        ),
        ("no, three people", None, "people=three people"),
    ],
)
def test_rooms(text, expecting, slots):
    """A room could not be booked in one sentence or step by step."""
    heard = ROOMS.interpret(text, expecting=expecting)
    assert (heard.intent, heard.slots) == ("bookRoom", slots_of(slots))
    assert heard.complete


@pytest.mark.parametrize(
    ("text", "slots", "complete"),
    [
        ("I'd", "", False),
        ("Can I get a", "", False),
        ("Can I get a large", "size=large", False),
        ("Can I get a large lat", None, None),
        ("Can I get a large latte", "size=large; coffeeDrink=latte", True),
        ("Can I get a large latte with", "size=large; coffeeDrink=latte", False),
        ("Can I get a large latte with soy milk", "size=large; coffeeDrink=latte; milkAmount=soy milk", True),
    ],
)
def test_partials_grow_into_an_order(text, slots, complete):
    """Early synthesis would start on half a sentence, or never."""
    heard = COFFEE.interpret(text, origin="partial")
    if slots is not None:
        assert heard.slots == slots_of(slots)
        assert heard.complete == complete


def test_a_cut_tail_does_not_change_what_was_settled():
    """A partial that ends inside a word would spoil the slots before it."""
    whole = "give me a small dark roast cappuccino with a little bit of almond milk"
    for end in range(len("give me a small dark roast cappuccino"), len(whole) + 1):
        heard = COFFEE.interpret(whole[:end], origin="partial")
        assert heard.intent == "orderDrink"
        assert {"size", "roast", "coffeeDrink"} <= set(heard.slots), whole[:end]
        assert heard.slots["coffeeDrink"] == "cappuccino"


@settings(deadline=None, max_examples=60)
@given(st.text(max_size=60))
def test_any_text_gets_an_answer_in_range(text):
    """An odd transcript would end the session, or confidence leave 0..1."""
    heard = COFFEE.interpret(text, origin="partial")
    assert 0 <= heard.confidence <= 1
    assert all(0 <= chance <= 1 for chance in heard.slot_confidences.values())
    assert heard.intent is None or heard.intent in load_names()


def load_names():
    return set(load_assistant("coffee").intents)


def test_interpretations_are_values():
    """A decider could change what another one sees."""
    heard = Interpretation(intent=None)
    with pytest.raises(dataclasses.FrozenInstanceError):
        heard.intent = "orderDrink"


def test_a_partial_takes_a_few_milliseconds():
    """Understanding would hold up the session: the limit is ten times what it takes on a quiet core."""
    text = "give me a small dark roast cappuccino with a little bit of almond milk"
    spent = []
    for end in range(20, len(text)):
        began = time.thread_time()
        COFFEE.interpret(text[:end], origin="partial")
        spent.append(time.thread_time() - began)
    assert sorted(spent)[len(spent) // 2] < 0.05


def test_understanding_for_a_session_is_compiled_once_and_remembers_only_its_own():
    """Two sessions of one assistant must neither wait for a second compilation nor share what was said."""
    one, other = COFFEE.for_session(), COFFEE.for_session()
    assert one.interpret("a large latte") == COFFEE.interpret("a large latte")
    assert one._decoder is COFFEE._decoder
    assert one._read.cache_info().currsize == 1
    assert other._read.cache_info().currsize == 0


def test_an_assistant_without_sentences_understands_nothing() -> None:
    """The first partial would end the session of one that only takes down what is said."""
    none = Understanding(load_assistant("coffee").model_copy(update={"intents": {}, "slots": {}}))
    for origin in ("partial", "final"):
        assert none.for_session().interpret("a latte please", origin=origin).intent is None
