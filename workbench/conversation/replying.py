"""From words to a reply: understanding, dialog and the fate of early synthesis.

The dialog is pure, so an answer can be worked out from a partial transcript and thrown away. Replies are
prepared by ``preparing``; where the dialog stands once they are given is kept by ``standing``.
"""

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field, replace
from typing import Generic, Literal

from workbench.conversation.assistant_model import Assistant
from workbench.conversation.calibration import AS_IT_IS, AS_SCORED, Curve, Worth
from workbench.conversation.dialog import Dialog, Response
from workbench.conversation.early_synthesis import EarlySynthesisSettings
from workbench.conversation.enrichment import Use
from workbench.conversation.expecting import Expected, expected_in
from workbench.conversation.facts import NO_FACTS, Facts, Question
from workbench.conversation.leading import LeadSettings
from workbench.conversation.preparing import (
    Answer as Answer,
    Preparation as Preparation,
    Preparing,
    Signs as Signs,
)
from workbench.conversation.standing import Standing
from workbench.conversation.understanding import Interpretation
from workbench.conversation.voice import LookingUp, R, Record, Voice
from workbench.core.events import ActionTaken, ConsentSettled, IntentRecognized, Source, Understood


@dataclass(frozen=True, slots=True)
class Said:
    """Words to be understood; as ``Understanding.interpret`` takes them."""

    text: str
    alternatives: tuple[str, ...] = ()
    expecting: str | None = None
    origin: Literal["partial", "final"] = "final"


@dataclass(slots=True, kw_only=True)
class Replying(Generic[R]):
    """Answers the turns of one session.

    Parameters
    ----------
    assistant : whom the caller talks to
    early, lead : when replies are prepared before the final, and what of them may be heard then
    speaking, record, now : the stage that speaks, the timeline, the session clock
    """

    assistant: Assistant
    early: EarlySynthesisSettings
    lead: LeadSettings = LeadSettings()
    speaking: Voice[R]
    record: Record
    now: Callable[[], float]
    replies: bool = True
    """Whether anything is said to the caller; else turns are understood and no more."""
    changed: Callable[[], None] = field(default=lambda: None)
    """Called when what another process would need to know has changed."""
    enriching: LookingUp | None = None
    """What looks things up; None where nothing is looked up."""
    worth: Worth = AS_SCORED
    """What scores of partials are worth."""
    consent: bool = False
    """Whether the caller is asked first whether the conversation may be stored."""
    standing: Standing[R] = field(init=False)
    """Where the dialog stands."""
    preparing: Preparing[R] = field(init=False)
    """What prepares replies."""
    _dialog: Dialog = field(init=False)

    def __post_init__(self) -> None:
        self._dialog = Dialog(self.assistant)
        self.standing = Standing(
            dialog=self._dialog,
            record=self.record,
            changed=self.changed,
            state=self._dialog.start(consent=self.consent),
        )
        self.preparing = Preparing(
            early=self.early,
            lead=self.lead,
            name=self.assistant.voice,
            speaking=self.speaking,
            record=self.record,
            now=self.now,
        )

    def tune(self, early: EarlySynthesisSettings) -> None:
        """Prepare replies by other settings, from the next turn on."""
        self.early = self.preparing.early = early

    def greet(self) -> None:
        """Speak first."""
        self._say_by_itself(self._dialog.opening(self.standing.state, facts=self._facts()), turn=0)

    def consented(self, *, turn: int) -> None:
        """Ask for consent no more: it was given or refused elsewhere; answer what waited for it."""
        state = self.standing.state
        if state.consenting is None:
            return
        if self.replies and state.consenting.asked:
            self._say_by_itself(self._dialog.consented(state, facts=self._facts()), turn=turn)
        else:
            self.standing.state = replace(state, consenting=None)
            self.changed()

    def say(self, ssml: str, *, text: str, turn: int) -> None:
        """Speak what the client gave; the conversation stands where it stood."""
        self.speaking.commit(
            self.speaking.prepare(
                text=text, ssml=ssml, voice=self.assistant.voice, turn=turn, source=Source.CLIENT
            )
        )

    def answer(
        self,
        text: str,
        *,
        alternatives: Sequence[str] = (),
        origin: Literal["partial", "final"],
        turn: int,
        worth: Curve = AS_IT_IS,
    ) -> Generator[Said, Interpretation, Answer]:
        """Work out what ``text`` means and what to say to it; changes nothing.

        It yields the words to be understood and goes on with what they mean, which is ``worth`` its score.
        """
        carried, state = self.standing.carried, self.standing.state
        whole = f"{carried} {text}".strip()
        said = Said(
            whole,
            alternatives=() if carried else tuple(alternatives),
            expecting=state.expecting,
            origin=origin,
        )
        facts, began = self._facts(), self.now()
        heard = yield said
        duration = self.now() - began
        response = self._dialog.respond(state, heard, text=whole, facts=facts)
        answer = Answer(whole, heard, response, worth.apply(heard.confidence))
        self.record(_understood(answer, said, duration), turn=turn, source=Source.UNDERSTANDING)
        return answer

    def note(
        self, answer: Answer, preparation: Preparation[R], *, turn: int, origin: Literal["partial", "final"]
    ) -> None:
        """Record the intent: each final, and partials that differ; look up what is asked for."""
        heard = answer.interpretation
        asks = answer.response.asks
        if asks is not None and self.enriching is not None and (heard.complete or origin == "final"):
            self.enriching.want(asks, turn=turn)
        known = (heard.intent, tuple(sorted(heard.slots.items())))
        if origin == "partial" and known == preparation.known:
            return
        preparation.known = known
        event = IntentRecognized(
            intent=heard.intent, slots=dict(heard.slots), confidence=answer.confidence, origin=origin
        )
        self.record(event, turn=turn, source=Source.UNDERSTANDING)

    def offer(self, answer: Answer, preparation: Preparation[R], *, turn: int, signs: Signs) -> None:
        """Start, hold or replace the early reply on what is understood and known now."""
        if self.replies:
            self.preparing.offer(self._up_to_date(answer), preparation, turn=turn, signs=signs)

    def lead_in(self, answer: Answer | None, preparation: Preparation[R], *, turn: int) -> None:
        """Let the caller hear what may be heard before the final; ``answer`` is the last partial's."""
        if self.replies:
            self.preparing.lead_in(answer, preparation, turn=turn)

    @property
    def expected(self) -> Expected:
        """Return what kind of answer the caller was asked for."""
        return expected_in(self.standing.state, self.assistant)

    def say_again(self, *, turn: int) -> None:
        """Speak the reply that was cut off by what turned out to be no words."""
        interrupted = self.standing.take_interrupted()
        if interrupted is None or self.speaking.current is not None:
            return
        reply = self.preparing.prepare(interrupted.answer.response, turn)
        self.standing.given_again(reply, interrupted)
        self.speaking.commit(reply)
        self.changed()

    def commit(self, answer: Answer, preparation: Preparation[R], *, turn: int) -> None:
        """Answer the turn: with the early reply if it is the very one, else with a new one.

        The caller then tells that all has ``changed``.
        """
        if not self.replies:
            self.standing.carried = ""
            return
        answer = self._up_to_date(answer)
        given = self.preparing.finish(answer, preparation, turn=turn, repaired=self._dialog.repaired)
        response = given.response
        for effect in response.effects:
            if not isinstance(effect, ActionTaken | ConsentSettled):
                self.record(effect, turn=turn, source=Source.DIALOG)
        self.standing.given(given.reply, replace(answer, response=response), ahead=given.ahead)

    @property
    def owed(self) -> tuple[Question, ...]:
        """Return the questions the caller was promised an answer to."""
        return self.standing.state.owed

    def add(self, *, floor_free: bool, turn: int) -> None:
        """Say what has come of the owed answers, if nobody speaks; else it goes before the next reply."""
        if self.enriching is None or not self.owed:
            return
        if self.enriching.use(floor_free=floor_free) is not Use.ADD:
            return
        response = self._dialog.addition(self.standing.state, facts=self._facts())
        if response is not None:
            self._say_by_itself(response, turn=turn)

    def _say_by_itself(self, response: Response, *, turn: int) -> None:
        """Speak without having been spoken to."""
        reply = self.preparing.prepare(response, turn)
        self.standing.given(reply, Answer("", Interpretation(intent=None), response))
        self.speaking.commit(reply)
        self.changed()

    def _facts(self) -> Facts:
        return NO_FACTS if self.enriching is None else self.enriching.facts()

    def _up_to_date(self, answer: Answer) -> Answer:
        """Return the answer with what is known now: something may have been looked up meanwhile."""
        response = self._dialog.respond(
            self.standing.state, answer.interpretation, text=answer.text, facts=self._facts()
        )
        return replace(answer, response=response)


def _understood(answer: Answer, said: Said, duration: float) -> Understood:
    heard = answer.interpretation
    return Understood(
        text=said.text,
        origin=said.origin,
        expecting=said.expecting,
        intent=heard.intent,
        slots=dict(heard.slots),
        confidence=answer.confidence,
        slot_confidences=dict(heard.slot_confidences),
        complete=heard.complete,
        correction=heard.correction,
        said=heard.said,
        answer=answer.response.ssml,
        duration=duration,
        score=None if answer.confidence == heard.confidence else heard.confidence,
    )
