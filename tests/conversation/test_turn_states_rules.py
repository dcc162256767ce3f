"""Whatever an endpoint tells, turn states keep to their rules."""

from dataclasses import dataclass, field

from hypothesis import given, strategies as st
from told_turns import (
    ended,
    final,
    moments,
    partial,
    reply,
    silence,
    speech,
    stopped,
    understood,
)

from workbench.conversation.turn_states import TurnMoment
from workbench.core.events import (
    Backchannelled,
    BargedIn,
    Body,
    FinalWanted,
)


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
        assert started is (moment is not TurnMoment.START)
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
