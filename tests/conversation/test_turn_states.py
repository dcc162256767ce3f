"""Turn states read off hand-written timelines: each list of events has one list of states."""

from collections.abc import AsyncIterator, Sequence

import pytest
from told_turns import (
    early,
    ended,
    final,
    moments,
    partial,
    reply,
    silence,
    speech,
    stamped,
    stopped,
    understood,
)

from workbench.conversation.turn_states import TurnMoment, TurnState, turn_states, turn_states_of
from workbench.core.events import (
    Backchannelled,
    BargedIn,
    Body,
    Event,
    FinalWanted,
    ReplyFollowed,
    SessionOpened,
)

START, UPDATE, EAGER, RESUMED, END = TurnMoment

MUCH = " ".join(["a latte"] * 52)
"""Words of just over 400 characters."""

LATTE = (speech(0.1), partial("a latte"), understood("a latte", "order", complete=True))

CASES: dict[str, tuple[Sequence[Body], list[tuple[TurnMoment, str]]]] = {
    "a turn": (
        (*LATTE, silence(1.0), FinalWanted(score=0.7, position=0, rate=16_000), ended(), final("A latte.")),
        [(START, "a latte"), (UPDATE, "a latte"), (EAGER, "a latte"), (END, "A latte.")],
    ),
    "ended without a sign": (
        (*LATTE, silence(1.0), ended(), final("A latte.")),
        [(START, "a latte"), (UPDATE, "a latte"), (EAGER, "a latte"), (END, "A latte.")],
    ),
    "resumed": (
        (
            *LATTE,
            silence(1.0),
            FinalWanted(score=0.7, position=0, rate=16_000),
            speech(1.4),
            partial("a latte please"),
            understood("a latte please", "order", complete=True),
            ended(),
            final("A latte, please."),
        ),
        [
            (START, "a latte"),
            (UPDATE, "a latte"),
            (EAGER, "a latte"),
            (RESUMED, "a latte"),
            (UPDATE, "a latte please"),
            (EAGER, "a latte please"),
            (END, "A latte, please."),
        ],
    ),
    "cut in two, one turn": (
        (
            *LATTE,
            ended(0),
            speech(1.4),
            final("A latte.", 0),
            partial("with milk"),
            understood("A latte. with milk", "order", complete=True),
            ended(1),
            final("With milk.", 1),
        ),
        [
            (START, "a latte"),
            (UPDATE, "a latte"),
            (EAGER, "a latte"),
            (RESUMED, "a latte"),
            (UPDATE, "A latte. with milk"),
            (EAGER, "A latte. with milk"),
            (END, "A latte. With milk."),
        ],
    ),
    "a cough": ((speech(0.1), partial(""), ended(), final("")), []),
    "words that the final does not find": (
        (*LATTE, ended(), final("")),
        [(START, "a latte"), (UPDATE, "a latte"), (EAGER, "a latte"), (END, "")],
    ),
    "words that the final does not find, and the caller speaks on": (
        (*LATTE, ended(0), speech(1.4), final("", 0), ended(1), partial("yes"), final("Yes.", 1)),
        [
            (START, "a latte"),
            (UPDATE, "a latte"),
            (EAGER, "a latte"),
            (RESUMED, "a latte"),
            (EAGER, "yes"),
            (END, "Yes."),
        ],
    ),
    "both parts ended before the first final": (
        (*LATTE, ended(0), speech(1.4), ended(1), final("A latte.", 0), final("With milk.", 1)),
        [
            (START, "a latte"),
            (UPDATE, "a latte"),
            (EAGER, "a latte"),
            (RESUMED, "a latte"),
            (EAGER, "a latte"),
            (END, "A latte. With milk."),
        ],
    ),
    "carried as much as is carried": (
        (
            *LATTE,
            *(ended(0), speech(1.4), final(MUCH, 0)),
            *(ended(1), speech(2.4), final("With milk.", 1), partial("and")),
        ),
        [
            (START, "a latte"),
            (UPDATE, "a latte"),
            (EAGER, "a latte"),
            (RESUMED, "a latte"),
            (EAGER, MUCH),
            (RESUMED, MUCH),
            (END, f"{MUCH} With milk."),
            (START, "and"),
        ],
    ),
    "words only in the final": (
        (speech(0.1), ended(), final("Yes.")),
        [(START, "Yes."), (END, "Yes.")],
    ),
    "first words after the end": (
        (speech(0.1), ended(), partial("a latte"), understood("a latte", "order"), final("A latte.")),
        [(START, "a latte"), (EAGER, "a latte"), (UPDATE, "a latte"), (END, "A latte.")],
    ),
    "first words after the end, and the caller speaks on": (
        (speech(0.1), ended(), partial("a latte"), understood("a latte", "order"), speech(1.4)),
        [(START, "a latte"), (EAGER, "a latte"), (UPDATE, "a latte"), (RESUMED, "a latte")],
    ),
    "passed over": (
        (*LATTE, partial("a latte with", passed_over=True)),
        [(START, "a latte"), (UPDATE, "a latte"), (UPDATE, "a latte with")],
    ),
    "a backchannel": (
        (reply(1), speech(0.1), partial("mhm"), Backchannelled(reply=1, text="mhm"), stopped(1), *LATTE),
        [(START, "a latte"), (UPDATE, "a latte")],
    ),
    "a barge-in": (
        (
            reply(1),
            speech(0.1),
            partial("no"),
            BargedIn(reply=1, position=0, rate=16_000),
            partial("no wait"),
            understood("no wait"),
        ),
        [(START, "no wait"), (UPDATE, "no wait")],
    ),
    "after the reply": (
        (reply(1), speech(0.1), stopped(1), partial("a latte")),
        [(START, "a latte")],
    ),
    "a backchannel, and one into the next reply": (
        (
            *(reply(1), speech(0.1), partial("mhm"), Backchannelled(reply=1, text="mhm"), stopped(1)),
            *(reply(2), speech(2.1), partial("mhm")),
        ),
        [],
    ),
    "a reply prepared early, while another is spoken into": (
        (reply(1), reply(2), early(2), speech(0.1), partial("mhm")),
        [],
    ),
    "what follows a phrase is spoken into": (
        (
            reply(1),
            ReplyFollowed(reply=1, by=2, outcome="continued"),
            stopped(1),
            speech(0.1),
            partial("mhm"),
        ),
        [],
    ),
    "a reply prepared early is not spoken into": (
        (*LATTE, reply(1), early(1), speech(1.0), partial("a latte with"), understood("a latte with")),
        [(START, "a latte"), (UPDATE, "a latte"), (UPDATE, "a latte with")],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_events_have_these_states(name: str) -> None:
    """A client built for another provider would start, resume or end its turns elsewhere than ours do."""
    bodies, expected = CASES[name]
    assert moments(*bodies) == expected


def test_a_state_says_what_made_it_known_and_how_sure_it_is() -> None:
    """It could neither be ordered among the events, nor compared with a threshold."""
    start, update, eager, end = turn_states(
        stamped(
            *(speech(0.1), partial("a latte", sentence=1.0), understood("a latte", "order", complete=True)),
            *(ended(score=0.8), final("A latte.")),
            turn=3,
        )
    )
    assert [one.seq for one in (start, update, eager, end)] == [1, 2, 3, 4]
    assert {one.turn for one in (start, update, eager, end)} == {3}
    assert (start.end_of_turn_confidence, update.end_of_turn_confidence) == (0.0, pytest.approx(1.0))
    assert (eager.end_of_turn_confidence, end.end_of_turn_confidence) == (0.8, 0.8)
    assert [word.text for word in end.words] == ["A", "latte."]


@pytest.mark.parametrize(("unknown", "score"), [(1.0, 1.0), (0.5, 0.5)])
def test_sentences_that_mean_nothing_count_as_the_session_counts_them(unknown: float, score: float) -> None:
    """The state would be surer of the end than the decider is."""
    opened = SessionOpened(
        session="s",
        assistant="coffee",
        input_encoding="pcm16",
        input_rate=16_000,
        output_encoding="pcm16",
        output_rate=24_000,
        settings={"endpointing": {"unknown": unknown}},
    )
    states = list(
        turn_states(stamped(opened, speech(0.1), partial("it rains", sentence=1.0), understood("it rains")))
    )
    assert states[-1].end_of_turn_confidence == pytest.approx(score)


@pytest.mark.anyio
async def test_states_come_with_the_events() -> None:
    """A client would have to wait for the end of the session."""

    async def events() -> AsyncIterator[Event]:
        for event in stamped(*LATTE):
            yield event

    found: list[TurnState] = [state async for state in turn_states_of(events())]
    assert [state.moment for state in found] == [START, UPDATE]
