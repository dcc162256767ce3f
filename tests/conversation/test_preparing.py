"""What becomes of a reply prepared clause by clause when the final agrees, differs, or never comes."""

import re
from dataclasses import dataclass, field, replace
from itertools import count

import pytest

from workbench.conversation.dialog_state import DialogState, Response
from workbench.conversation.early_synthesis import EarlySynthesisSettings
from workbench.conversation.leading import LeadSettings
from workbench.conversation.preparing import Answer, Given, Preparation, Preparing, Signs
from workbench.conversation.understanding import Interpretation
from workbench.core.events import (
    EarlySynthesisCommitted,
    EarlySynthesisDiscarded,
    ReplyFollowed,
    ReplyLed,
)

HELD = "Sure. A latte. With milk. Enjoy!"
REPAIR = "Sorry."
SIGNS = Signs(stability=1.0, end_of_turn=1.0, silence=1.0)


@dataclass(eq=False)
class Spoken:
    """One reply of the voice below."""

    number: int
    turn: int
    text: str
    part: str
    started: bool = False
    dropped: bool = False


@dataclass
class Said:
    """A voice that says nothing: what it would say stands in ``line``."""

    line: list[Spoken] = field(default_factory=list)
    """What is heard, in order, once the first of it has begun."""
    made: list[Spoken] = field(default_factory=list)
    silenced: list[str] = field(default_factory=list)

    @property
    def current(self):
        """Return the last that was committed."""
        return self.line[-1] if self.line else None

    def clauses(self, ssml):
        """Cut at the end of each sentence."""
        plain = ssml.removeprefix("<speak>").removesuffix("</speak>")
        return [f"<speak>{one}</speak>" for one in re.findall(r"\S[^.!]*[.!]", plain)]

    def prepare(self, *, text, ssml, voice, turn, part=""):
        """Note a reply."""
        self.made.append(Spoken(len(self.made) + 1, turn, text, part))
        return self.made[-1]

    def commit(self, reply):
        """Let it be heard alone."""
        self.stop()
        self.line = [reply]

    def follow(self, reply):
        """Let it be heard after the others."""
        self.line.append(reply)

    def withdraw(self, reply):
        """Silence it and what follows it."""
        place = self.line.index(reply)
        self.silenced += [one.text for one in self.line[place:]]
        del self.line[place:]

    def discard(self, reply):
        """Drop it."""
        assert reply not in self.line
        reply.dropped = True

    def stop(self):
        """Silence all."""
        self.silenced += [one.text for one in self.line]
        self.line = []


@dataclass
class Scene:
    """One turn whose reply is prepared, and led as far as its confidence goes."""

    clauses: int = 3
    confidence: float = 1.0
    prefixes: tuple[str, ...] = ()
    voice: Said = field(default_factory=Said)
    bodies: list = field(default_factory=list)

    def __post_init__(self):
        clock = count()
        self.preparing: Preparing[Spoken] = Preparing(
            early=EarlySynthesisSettings(confidence=0.1),
            lead=LeadSettings(
                clauses=self.clauses, confidence=0.7, further_confidence=0.9, prefixes=self.prefixes
            ),
            name="voice",
            speaking=self.voice,
            record=lambda body, turn, source: self.bodies.append(body),
            now=lambda: float(next(clock)),
        )
        self.preparation: Preparation[Spoken] = self.preparing.begin()
        answer = answered(HELD, self.confidence)
        self.preparing.offer(answer, self.preparation, turn=0, signs=SIGNS)
        self.preparing.lead_in(answer, self.preparation, turn=0)

    def hear(self, clauses: int) -> "Scene":
        """Let the first clauses that were led be heard."""
        for one in self.voice.line[:clauses]:
            one.started = True
        return self

    def finish(self, text: str) -> Given[Spoken]:
        """Let the final ask for a reply."""
        return self.preparing.finish(answered(text), self.preparation, turn=0, repaired=repaired)

    @property
    def line(self) -> list[str]:
        """Return what is heard."""
        return [one.text for one in self.voice.line]

    @property
    def followed(self) -> list[tuple[str, str, str]]:
        """Return what the events tell of each part that was led or has one before it."""
        texts = {one.number: one.text for one in self.voice.made} | {None: ""}
        told = [body for body in self.bodies if isinstance(body, ReplyFollowed)]
        return [(texts[body.reply], body.outcome, texts[body.by]) for body in told]

    def kinds(self, kind: type) -> int:
        """Return how many events of a kind there are."""
        return sum(isinstance(body, kind) for body in self.bodies)


def answered(text: str, confidence: float = 1.0) -> Answer:
    response = Response(state=DialogState(), text=text, ssml=f"<speak>{text}</speak>")
    return Answer("", Interpretation(intent="order", complete=True), response, confidence)


def repaired(response: Response) -> Response:
    return replace(
        response, text=f"{REPAIR} {response.text}", ssml=f"<speak>{REPAIR} {response.text}</speak>"
    )


def test_what_may_be_led_is_prepared_clause_by_clause() -> None:
    """A clause could not be let go, kept or thrown away by itself."""
    scene = Scene(clauses=2)
    parts = [(one.part, one.text) for one in scene.voice.made]
    assert parts == [("first", "Sure."), ("next", "A latte."), ("rest", "With milk. Enjoy!")]
    assert [(body.reply, body.kind) for body in scene.bodies if isinstance(body, ReplyLed)] == [
        (1, "clause"),
        (2, "clause"),
    ]


@pytest.mark.parametrize(("confidence", "led"), [(0.6, 0), (0.7, 1), (0.89, 1), (0.9, 3), (1.0, 3)])
def test_more_is_led_the_surer_the_intent_and_never_the_last_clause(confidence: float, led: int) -> None:
    """A whole answer would be heard that nobody asked for."""
    assert Scene(confidence=confidence).line == ["Sure.", "A latte.", "With milk."][:led]


@pytest.mark.parametrize("heard", [0, 1, 3])
@pytest.mark.parametrize("confidence", [0.6, 0.7, 1.0])
def test_a_final_that_agrees_lets_the_rest_follow(confidence: float, heard: int) -> None:
    """Something right would be silenced, or said twice."""
    scene = Scene(confidence=confidence).hear(heard)
    given = scene.finish(HELD)
    assert scene.line == ["Sure.", "A latte.", "With milk.", "Enjoy!"]
    assert (given.reply.text, given.ahead) == ("Enjoy!", "Sure. A latte. With milk.")
    assert len(scene.voice.made) == 4
    assert scene.voice.silenced == []
    assert {outcome for _, outcome, _ in scene.followed} == {"continued"}
    assert (scene.kinds(EarlySynthesisCommitted), scene.kinds(EarlySynthesisDiscarded)) == (1, 0)


@pytest.mark.parametrize(
    ("final", "heard", "line", "followed"),
    [
        # differs in its second clause; what of it was heard: nothing, the first, the second, the third
        ("Sure. A mocha. Enjoy!", 0, ["Sure.", "A mocha. Enjoy!"], "replaced"),
        ("Sure. A mocha. Enjoy!", 1, ["Sure.", "A mocha. Enjoy!"], "replaced"),
        ("Sure. A mocha. Enjoy!", 2, ["Sure.", "A latte.", "Sorry. A mocha. Enjoy!"], "repaired"),
        (
            "Sure. A mocha. Enjoy!",
            3,
            ["Sure.", "A latte.", "With milk.", "Sorry. A mocha. Enjoy!"],
            "repaired",
        ),
        # in its third
        ("Sure. A latte. No milk. Enjoy!", 2, ["Sure.", "A latte.", "No milk. Enjoy!"], "replaced"),
        # in its first
        ("Oh no. A latte. Enjoy!", 0, ["Oh no. A latte. Enjoy!"], "replaced"),
        ("Oh no. A latte. Enjoy!", 1, ["Sure.", "Sorry. Oh no. A latte. Enjoy!"], "repaired"),
        # only in its last, which was not led
        ("Sure. A latte. With milk. Bye!", 3, ["Sure.", "A latte.", "With milk.", "Bye!"], "continued"),
        ("Sure. A latte. With milk. And sugar. Enjoy!", 1, None, "continued"),
        # ends sooner: the same words sound otherwise where nothing follows
        ("Sure. A latte.", 1, ["Sure.", "A latte."], "replaced"),
        ("Sure.", 0, ["Sure."], "replaced"),
    ],
)
def test_what_the_final_confirms_stays_and_the_rest_is_made_anew(
    final: str, heard: int, line: list[str] | None, followed: str
) -> None:
    """A right clause would be cut off or apologised for, or a wrong one pass for the answer."""
    scene = Scene().hear(heard)
    given = scene.finish(final)
    assert scene.line == (line or ["Sure.", "A latte.", "With milk.", "And sugar. Enjoy!"])
    outcomes = [outcome for _, outcome, _ in scene.followed]
    assert followed in outcomes
    assert ("repaired" in outcomes) is (followed == "repaired")
    assert given.reply is scene.voice.line[-1]
    assert given.response.text == (f"{REPAIR} {final}" if followed == "repaired" else final)
    kept = final.startswith("Sure. ")
    assert scene.kinds(EarlySynthesisCommitted) == kept
    assert scene.kinds(EarlySynthesisDiscarded) == (not kept)
    unheard = [one for one in scene.voice.made if one not in scene.voice.line]
    assert all(one.dropped or one.text in scene.voice.silenced for one in unheard)


def test_the_events_tell_what_became_of_each_clause() -> None:
    """Nobody could see which clause was taken back, and which was not."""
    scene = Scene().hear(2)
    scene.finish("Sure. A mocha. Enjoy!")
    assert scene.followed == [
        ("Sure.", "continued", "A latte."),
        ("A latte.", "repaired", "Sorry. A mocha. Enjoy!"),
        ("With milk.", "replaced", "Sorry. A mocha. Enjoy!"),
    ]


def test_what_is_ready_is_kept_where_nothing_was_led() -> None:
    """A clause that is there already would be synthesised again while the caller waits."""
    scene = Scene(confidence=0.6)
    given = scene.finish("Sure. A latte. No milk.")
    assert scene.line == ["Sure.", "A latte.", "No milk."]
    assert [one.dropped for one in scene.voice.made[:4]] == [False, False, True, True]
    assert (given.reply.part, given.ahead) == ("rest", "Sure. A latte.")
    assert scene.followed == [("Sure.", "continued", "A latte."), ("A latte.", "continued", "No milk.")]


def test_a_phrase_goes_before_what_the_final_confirms() -> None:
    """The clauses would not wait for the phrase, or be made anew after it."""
    scene = Scene(confidence=0.6, prefixes=("One moment.",)).hear(1)
    scene.finish("Sure. A mocha. Enjoy!")
    assert scene.line == ["One moment.", "Sure.", "A mocha. Enjoy!"]
    assert {outcome for _, outcome, _ in scene.followed} == {"continued"}


@pytest.mark.parametrize("heard", [0, 1, 2])
@pytest.mark.parametrize("dropped", [True, False])
def test_all_is_silenced_when_the_caller_speaks_on_or_said_nothing(heard: int, dropped: bool) -> None:  # noqa: FBT001
    """The assistant would talk over the caller, or to nobody."""
    scene = Scene().hear(heard)
    ended = scene.preparing.drop if dropped else scene.preparing.speech_resumed
    ended(scene.preparation, turn=0)
    assert scene.line == []
    assert scene.voice.silenced == ["Sure.", "A latte.", "With milk."]
    assert scene.voice.made[-1].dropped
    assert scene.followed == [(text, "dropped", "") for text in ("Sure.", "A latte.", "With milk.")]
    assert scene.kinds(EarlySynthesisDiscarded) == 1
    assert scene.finish("A tea.").reply.text == "A tea."  # nothing of the old one is left


def test_a_partial_that_asks_for_another_reply_begins_anew() -> None:
    """Clauses of two replies would be mixed."""
    scene = Scene(clauses=0)
    scene.preparing.lead = LeadSettings(clauses=1)
    preparation = scene.preparing.begin()
    for text in (HELD, "Sure. A mocha. Enjoy!"):
        scene.preparing.offer(answered(text), preparation, turn=0, signs=SIGNS)
    assert [one.dropped for one in scene.voice.made[1:]] == [True, True, False, False]
    assert [one.text for one in preparation.row] == ["Sure.", "A mocha. Enjoy!"]
