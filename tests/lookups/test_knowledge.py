"""Questions to the shipped knowledge base, to small ones, and to none."""

import threading

import pytest
from hypothesis import given, settings, strategies as st

from workbench.data import data_folder
from workbench.errors import LookupFailed, ParameterError
from workbench.lookups.knowledge import FullTextKnowledge, open_knowledge
from workbench.lookups.passages import pieces_from


@pytest.fixture(scope="module")
def shipped():
    with open_knowledge(data_folder() / "knowledge") as knowledge:
        yield knowledge


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("what rooms have a projector", "The rooms in New York, London and Seattle have a projector."),
        ("Which rooms have projectors?", "The rooms in New York, London and Seattle have a projector."),
        ("how many people fit into Zurich", "Zurich fits six people."),
        ("how many people fit into Zürich", "Zurich fits six people."),
        ("is there parking in London", "London has parking for four cars."),
        ("what floor is London on", "London is on the third floor."),
        ("where is Seattle", "Seattle is at eighteen Pine Street."),
        ("when does Zurich close", "Zurich closes at six thirty in the evening."),
        ("what does a room cost", "Booking a room is free."),
        ("do you have wifi", "There is wireless internet everywhere."),
        ("is there wheelchair access", "Every room can be reached without steps;"),
    ],
)
def test_questions_it_can_answer(shipped, question, answer):
    """A caller who asks would be told that nothing is known, or something else."""
    (best,) = shipped.find(question, limit=1)
    assert best.text.startswith(answer)
    assert best.score > 0.9
    assert ".md: " in best.source


@pytest.mark.parametrize(
    "question",
    [
        "is there a swimming pool in London",
        "what's the weather in London",
        "what time is it in New York",
        "how do I get to the airport from Seattle",
        "who is the president of the United States",
        "how old is the Brooklyn Bridge",
        "is there life on Mars",
        "how tall is the Eiffel Tower",
        "do you have a piano",
        "what is it",
        "",
        "?!",
    ],
)
def test_questions_about_something_else_find_nothing(shipped, question):
    """A caller would be told about rooms whatever they ask."""
    assert shipped.find(question, limit=3) == ()


def test_the_best_come_first_and_no_more_than_wanted(shipped):
    """An answer would be any that matches, or all of them."""
    found = shipped.find("parking in London", limit=5)
    assert [passage.score for passage in found] == sorted((passage.score for passage in found), reverse=True)
    assert 1 < len(found) <= 5
    assert len(shipped.find("parking in London", limit=1)) == 1


SYNTAX = st.sampled_from(
    ['"', "*", "(", ")", "^", ":", "-", "+", "'", ";", "{", "}", ",", "\\", "%", "\x00", "--"]
)
WORDS = st.sampled_from(
    ["AND", "OR", "NOT", "NEAR", "heading", "text", "rowid", "passages", "DROP", "parking"]
)


@settings(deadline=None, max_examples=150)
@given(st.lists(SYNTAX | WORDS | st.text(max_size=8), max_size=30).map(" ".join))
def test_no_question_is_syntax(shipped, question):
    """A caller could break a search, or steer it, by what they say."""
    before = shipped.find("is there parking", limit=1)
    for passage in shipped.find(question, limit=2):
        assert 0 < passage.score <= 1
    assert shipped.find("is there parking", limit=1) == before


@pytest.mark.parametrize("question", ["zzz* OR parking", 'zzz" OR "parking', "text:parking NOT zzz"])
def test_operators_are_only_words(shipped, question):
    """``OR`` in a question would find what the question as a whole is not about."""
    assert shipped.find(question, limit=1) == ()


def test_a_question_may_be_long(shipped):
    """A caller who talks on would slow everybody down."""
    assert shipped.find("parking " * 10_000, limit=1)
    assert shipped.find(" ".join(f"word{number}" for number in range(10_000)), limit=1) == ()


def test_it_may_be_asked_from_many_threads(shipped):
    """Sessions would get each other's answers, or an error."""
    wrong = []

    def ask(city):
        for _ in range(20):
            (best,) = shipped.find(f"how many people fit into {city}", limit=1)
            if not best.text.startswith(city):
                wrong.append(best.text)

    threads = [threading.Thread(target=ask, args=(city,)) for city in ("London", "Zurich", "Seattle")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_one_that_is_closed_fails_without_a_word_of_the_question():
    """A library's error would reach the session, or what was said a log."""
    knowledge = FullTextKnowledge([("a.md", piece) for piece in pieces_from("Secrets.", "a.md")])
    knowledge.close()
    with pytest.raises(LookupFailed) as caught:
        knowledge.find("secrets", limit=1)
    assert str(caught.value) == "a knowledge base did not answer: ProgrammingError"


def test_a_folder_that_is_none(tmp_path):
    """A wrong setting would show only when the first caller asks."""
    with pytest.raises(ParameterError, match=r"no such folder, expected one with \.md files"):
        open_knowledge(tmp_path / "nowhere")
    with pytest.raises(ParameterError, match="a knowledge base has 0 passages, expected 1 to 10000"):
        open_knowledge(tmp_path)
    (tmp_path / "odd.md").write_bytes(b"\xff\xfe\xff")
    with pytest.raises(ParameterError, match=r"odd\.md: can't be read: UnicodeDecodeError"):
        open_knowledge(tmp_path)
