"""Turn states read off hand-written timelines: each list of events has one list of states."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field

import pytest
from hypothesis import given, strategies as st

from workbench.conversation.turn_states import TurnMoment, TurnState, turn_states, turn_states_of
from workbench.core.events import (
    Backchannelled,
    BargedIn,
    Body,
    EarlySynthesisStarted,
    Event,
    FinalTranscript,
    FinalWanted,
    PartialTranscript,
    PlaybackStopped,
    ReplyChosen,
    ReplyFollowed,
    SessionOpened,
    Source,
    SpeechEnded,
    SpeechStarted,
    TurnEnded,
    Understood,
    Word,
)

START, UPDATE, EAGER, RESUMED, END = TurnMoment


def speech(at: float) -> SpeechStarted:
    return SpeechStarted(position=round(at * 16_000), rate=16_000, probability=0.9)


def silence(at: float) -> SpeechEnded:
    return SpeechEnded(position=round(at * 16_000), rate=16_000)


def words(text: str) -> tuple[Word, ...]:
    return tuple(Word(text=one, start=0, end=0.2, confidence=0.9) for one in text.split())


def partial(text: str, *, passed_over: bool = False, sentence: float = 0.5) -> PartialTranscript:
    return PartialTranscript(
        text=text,
        words=words(text),
        stable=0,
        stability=1.0,
        confidence=0.9,
        end_of_sentence=sentence,
        audio_end=1.0,
        passed_over=passed_over,
    )


def understood(text: str, intent: str | None = None, *, complete: bool = False) -> Understood:
    return Understood(
        text=text,
        origin="partial",
        expecting=None,
        intent=intent,
        slots={},
        confidence=0.9,
        slot_confidences={},
        complete=complete,
        correction=False,
        said=text,
        answer="<speak/>",
        duration=0.0,
    )


def ended(utterance: int = 0, score: float = 0.9) -> TurnEnded:
    return TurnEnded(
        reason="complete", score=score, hangover=0.5, position=0, rate=16_000, utterance=utterance
    )


def final(text: str, utterance: int = 0) -> FinalTranscript:
    return FinalTranscript(
        text=text,
        words=words(text),
        confidence=0.9,
        language="en",
        audio_start=0,
        audio_end=1,
        utterance=utterance,
    )


def reply(number: int) -> ReplyChosen:
    return ReplyChosen(reply=number, text="One latte.", ssml="<speak>One latte.</speak>")


def stopped(number: int) -> PlaybackStopped:
    return PlaybackStopped(reply=number, reason="finished", heard=1, rate=24_000, device_position=0)


def early(number: int) -> EarlySynthesisStarted:
    return EarlySynthesisStarted(reply=number, intent="order", slots={}, confidence=0.9, stability=0.9)


def stamped(*bodies: Body, turn: int = 0) -> list[Event]:
    return [
        Event(seq=seq, at=seq / 10, turn=turn, source=Source.ENDPOINT, body=body)
        for seq, body in enumerate(bodies)
    ]


def moments(*bodies: Body) -> list[tuple[TurnMoment, str]]:
    return [(state.moment, state.transcript) for state in turn_states(stamped(*bodies))]


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


@dataclass
class Line:
    """What an endpoint tells of a caller who pauses, coughs, speaks on, and speaks into replies."""

    bodies: list[Body] = field(default_factory=list)
    number: int = -1
    speaking: bool = False
    is_open: bool = False
    """Whether an utterance is at hand, number ``number``."""
    wanted: bool = False
    replying: bool = False
    closing: list[int] = field(default_factory=list)

    def may(self) -> list[str]:
        """Return what may happen next."""
        late = len(self.closing) == 1 and not self.is_open  # a pass was under way when the turn was ended
        found = {
            "speak": not self.speaking,
            "pause": self.speaking,
            "words": self.speaking or late,
            "noise": self.speaking,
            "want": self.is_open and not self.speaking and not self.wanted,
            "end": self.is_open,
            "finish": bool(self.closing),
            "stop": self.replying,
            "barge_in": self.replying and self.is_open,
            "agree": self.replying and self.is_open,
        }
        return [name for name, possible in found.items() if possible]

    def _speak(self, draw: st.DrawFn) -> None:
        self.number += not self.is_open
        self.speaking, self.is_open, self.wanted = True, True, False
        self.bodies.append(speech(0.1))

    def _pause(self, draw: st.DrawFn) -> None:
        self.speaking = False
        self.bodies.append(silence(0.2))

    def _words(self, draw: st.DrawFn) -> None:
        text, passed_over = draw(st.sampled_from(["a", "a latte"])), draw(st.booleans())
        self.bodies.append(partial(text, passed_over=passed_over))
        if not passed_over:
            self.bodies.append(understood(text, draw(st.sampled_from([None, "order"]))))

    def _noise(self, draw: st.DrawFn) -> None:
        self.bodies.append(partial(""))

    def _want(self, draw: st.DrawFn) -> None:
        self.wanted = True
        self.bodies.append(FinalWanted(score=0.7, position=0, rate=16_000))

    def _end(self, draw: st.DrawFn) -> None:
        self.bodies.append(ended(self.number))
        self.closing.append(self.number)
        self.is_open = self.speaking = False

    def _finish(self, draw: st.DrawFn) -> None:
        text = draw(st.sampled_from(["", "A latte."]))
        self.bodies.append(final(text, self.closing.pop(0)))
        if text and not self.closing and not self.is_open:
            self.replying = True
            self.bodies.append(reply(7))

    def _stop(self, draw: st.DrawFn) -> None:
        self.replying = False
        self.bodies.append(stopped(7))

    def _barge_in(self, draw: st.DrawFn) -> None:
        self.replying = False
        self.bodies.append(BargedIn(reply=7, position=0, rate=16_000))

    def _agree(self, draw: st.DrawFn) -> None:
        self.is_open = self.speaking = False
        self.bodies.append(Backchannelled(reply=7, text="mhm"))


@st.composite
def told(draw: st.DrawFn) -> list[Body]:
    line = Line()
    for _ in range(draw(st.integers(1, 25))):
        getattr(line, f"_{draw(st.sampled_from(line.may()))}")(draw)
    return line.bodies


@given(bodies=told())
def test_states_keep_to_their_rules(bodies: list[Body]) -> None:
    """A client would resume what it had not begun to answer, or answer nothing at all."""
    started = eager = False
    for moment, transcript in moments(*bodies):
        assert started is (moment is not START)
        match moment:
            case TurnMoment.START:
                started = True
            case TurnMoment.EAGER_END:
                assert transcript
                assert not eager
                eager = True
            case TurnMoment.RESUMED:
                assert eager
                eager = False
            case TurnMoment.END:
                started = eager = False
