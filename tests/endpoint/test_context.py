"""What a session goes on from in another process comes back as it was."""

import json

import pytest
from hypothesis import given, settings, strategies as st

from workbench.conversation.dialog_state import DialogState, Filled, Response
from workbench.conversation.facts import Question
from workbench.conversation.speaker import Speaker
from workbench.core.events import ActionTaken, ClarificationAsked, SlotConfirmed
from workbench.endpoint.context import Context, GivenReply, context_from_json, context_to_json
from workbench.errors import ParameterError

WORDS = st.text(max_size=12)
COUNTS = st.integers(0, 2**53)
SHARES = st.floats(0, 1)
STATES = st.builds(
    DialogState,
    turn=COUNTS,
    intent=st.none() | WORDS,
    filled=st.lists(
        st.builds(Filled, slot=WORDS, value=WORDS, confidence=SHARES, confirmed=st.booleans()), max_size=3
    ).map(tuple),
    expecting=st.none() | WORDS,
    confirming=st.booleans(),
    done=st.booleans(),
    requests=COUNTS,
    changes=COUNTS,
    owed=st.lists(st.builds(Question, intent=WORDS, lookup=WORDS, text=WORDS), max_size=2).map(tuple),
)
EFFECTS = st.one_of(st.from_type(ActionTaken), st.from_type(SlotConfirmed), st.from_type(ClarificationAsked))
REPLIES = st.builds(
    GivenReply,
    number=COUNTS,
    turn=COUNTS,
    said=WORDS,
    response=st.builds(
        Response, state=STATES, text=WORDS, ssml=WORDS, effects=st.lists(EFFECTS, max_size=2).map(tuple)
    ),
    before=STATES,
    started=st.booleans(),
    over=st.booleans(),
)
AMOUNTS = st.floats(0, 1e6)
CONTEXTS = st.builds(
    Context,
    version=st.just(1),
    turn=COUNTS,
    position=COUNTS,
    state=st.none() | STATES,
    carried=WORDS,
    given=st.none() | REPLIES,
    replies=COUNTS,
    speaker=st.none() | st.builds(Speaker, longest_pause=AMOUNTS, words=AMOUNTS, seconds=AMOUNTS),
)


@settings(max_examples=40, deadline=None)
@given(CONTEXTS)
def test_a_context_comes_back_as_it_was(context: Context) -> None:
    """A restored assistant would have forgotten what it said, or take its action once more."""
    assert context_from_json(context_to_json(context)) == context


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a secret word",
        "[]",
        '{"carried": 7, "turn": "a secret word"}',
        '{"state": {"filled": [{"slot": "a secret word"}]}}',
        '{"given": {"said": "a secret word"}}',
        '{"version": 2, "carried": "a secret word"}',
    ],
)
def test_what_is_no_context_is_refused_without_its_words(text: str) -> None:
    """A damaged row would bring the endpoint down, or show in the log what was said."""
    with pytest.raises(ParameterError) as raised:
        context_from_json(text)
    assert "secret" not in str(raised.value)
    assert raised.value.__cause__ is None


def test_a_context_of_another_version_names_both() -> None:
    """After an update a session would go on from what it misreads."""
    text = json.dumps(json.loads(context_to_json(Context())) | {"version": 2})
    with pytest.raises(ParameterError, match=r"^a stored context has version 2, expected 1$"):
        context_from_json(text)
