"""From words to a reply: understanding, dialog and the fate of early synthesis.

The dialog is pure, so an answer can be worked out from a partial transcript and thrown away. Its state moves
on only when a reply is committed, and moves back when the caller took the turn again before hearing it.
Actions are taken when their reply begins to be heard, never before.
"""

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field, replace
from typing import Generic, Literal

from workbench.conversation.assistant_model import Assistant
from workbench.conversation.calibration import AS_IT_IS, AS_SCORED, Curve, Worth
from workbench.conversation.dialog import Dialog, DialogState, Response
from workbench.conversation.early_synthesis import (
    Candidate,
    EarlyDecision,
    EarlyMove,
    EarlySynthesis,
    EarlySynthesisSettings,
)
from workbench.conversation.enrichment import Use
from workbench.conversation.expecting import Expected, expected_in
from workbench.conversation.facts import NO_FACTS, Facts, Question
from workbench.conversation.understanding import Interpretation
from workbench.conversation.voice import LookingUp, R, Record, Voice
from workbench.core.events import (
    ActionTaken,
    Body,
    EarlySynthesisCommitted,
    EarlySynthesisDiscarded,
    EarlySynthesisStarted,
    IntentRecognized,
    Source,
    Understood,
)

CARRIED_MAX = 400
"""Characters carried from turns that were cut off before they are answered all the same."""


@dataclass(frozen=True, slots=True)
class Said:
    """Words to be understood; as ``Understanding.interpret`` takes them."""

    text: str
    alternatives: tuple[str, ...] = ()
    expecting: str | None = None
    origin: Literal["partial", "final"] = "final"


@dataclass(frozen=True, slots=True)
class Answer:
    """What some words mean here and what would be said to them."""

    text: str
    interpretation: Interpretation
    response: Response
    confidence: float = 0.0
    """Of the interpretation, as the deciders see it."""


@dataclass(slots=True)
class Preparation(Generic[R]):
    """Early synthesis over one turn."""

    early: EarlySynthesis
    reply: R | None = None
    began: float = 0.0
    known: tuple[str | None, tuple[tuple[str, str], ...]] | None = None
    """The intent last recorded, so that only changes are."""


@dataclass(frozen=True, slots=True)
class Committed(Generic[R]):
    """A reply that was given, and what it answered."""

    reply: R
    answer: Answer
    before: DialogState
    """The dialog before it."""


@dataclass(slots=True, kw_only=True)
class Replying(Generic[R]):
    """Answers the turns of one session.

    Parameters
    ----------
    assistant : whom the caller talks to
    early : when replies are prepared before the turn has ended
    speaking, record, now : the stage that speaks, the timeline, the session clock
    """

    assistant: Assistant
    early: EarlySynthesisSettings
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
    _dialog: Dialog = field(init=False)
    _state: DialogState = field(init=False)
    _committed: Committed[R] | None = None
    _interrupted: Committed[R] | None = None
    """The last reply that was cut off while it was heard."""
    carried: str = ""
    """Words of a turn that was cut off before its reply was heard."""
    _acted: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._dialog = Dialog(self.assistant)
        self._state = self._dialog.start()

    def preparation(self) -> Preparation[R]:
        """Return the early synthesis of a new turn."""
        return Preparation(EarlySynthesis(self.early))

    def greet(self) -> None:
        """Speak first."""
        response = self._dialog.opening(facts=self._facts())
        answer = Answer("", Interpretation(intent=None), response)
        self._give(self._prepare(response, 0), answer)
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
        whole = f"{self.carried} {text}".strip()
        said = Said(
            whole,
            alternatives=() if self.carried else tuple(alternatives),
            expecting=self._state.expecting,
            origin=origin,
        )
        state, facts, began = self._state, self._facts(), self.now()
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

    def offer(
        self, answer: Answer, preparation: Preparation[R], *, turn: int, stability: float, silence: float
    ) -> None:
        """Start, hold or replace the early reply on what is understood and known now."""
        answer, heard = self._up_to_date(answer), answer.interpretation
        candidate = Candidate(
            reply=answer.response.ssml,
            intent=heard.intent,
            confidence=answer.confidence,
            stability=stability,
            complete=heard.complete,
        )
        decision = preparation.early.offer(candidate, silence=silence)
        if decision.move is EarlyMove.DISCARD:
            self._discard(preparation, decision, turn)
            decision = preparation.early.offer(candidate, silence=silence)
        if decision.move is EarlyMove.START and self.replies:
            preparation.began = self.now()
            preparation.reply = self._prepare(answer.response, turn)
            self._note(
                EarlySynthesisStarted(
                    reply=preparation.reply.number,
                    intent=heard.intent,
                    slots=dict(heard.slots),
                    confidence=answer.confidence,
                    stability=stability,
                ),
                turn,
            )

    def speech_resumed(self, preparation: Preparation[R], *, turn: int) -> None:
        """Drop the early reply: the caller speaks on."""
        self._discard(preparation, preparation.early.speech_resumed(), turn)

    def drop(self, preparation: Preparation[R], *, turn: int) -> None:
        """Drop the early reply: there was no turn."""
        self._discard(preparation, preparation.early.finish(None, intent=None), turn)

    @property
    def expected(self) -> Expected:
        """Return what kind of answer the caller was asked for."""
        return expected_in(self._state, self.assistant)

    @property
    def overfull(self) -> bool:
        """Return whether so much was carried that it is answered, whoever speaks."""
        return len(self.carried) > CARRIED_MAX

    def say_again(self, *, turn: int) -> None:
        """Speak the reply that was cut off by what turned out to be no words."""
        interrupted, self._interrupted = self._interrupted, None
        if interrupted is None or self.speaking.current is not None:
            return
        response = interrupted.answer.response
        reply = self._prepare(response, turn)
        self._committed = replace(interrupted, reply=reply)
        self._state = response.state
        self.speaking.commit(reply)
        self.changed()

    def carry(self, text: str) -> None:
        """Keep words that were cut off from the rest of their turn."""
        self.carried = f"{self.carried} {text}".strip()
        self.changed()

    def commit(self, answer: Answer, preparation: Preparation[R], *, turn: int) -> None:
        """Answer the turn: with the early reply if it is the very one, else with a new one.

        The caller then tells that all has ``changed``.
        """
        if not self.replies:
            self.carried = ""
            return
        answer = self._up_to_date(answer)
        response = answer.response
        decision = preparation.early.finish(response.ssml, intent=answer.interpretation.intent)
        if decision.move is EarlyMove.COMMIT and preparation.reply is not None:
            reply = preparation.reply
            saved = self.now() - preparation.began
            self._note(EarlySynthesisCommitted(reply=reply.number, saved=saved), turn)
        else:
            self._discard(preparation, decision, turn)
            reply = self._prepare(response, turn)
        preparation.reply = None
        for effect in response.effects:
            if not isinstance(effect, ActionTaken):
                self.record(effect, turn=turn, source=Source.DIALOG)
        self._give(reply, answer)

    def _give(self, reply: R, answer: Answer) -> None:
        self._committed, self._interrupted = Committed(reply, answer, self._state), None
        self._state = answer.response.state
        self.carried = ""
        self.speaking.commit(reply)

    @property
    def owed(self) -> tuple[Question, ...]:
        """Return the questions the caller was promised an answer to."""
        return self._state.owed

    def add(self, *, floor_free: bool, turn: int) -> None:
        """Say what has come of the owed answers, if nobody speaks; else it goes before the next reply."""
        if self.enriching is None or not self.owed:
            return
        if self.enriching.use(floor_free=floor_free) is not Use.ADD:
            return
        response = self._dialog.addition(self._state, facts=self._facts())
        if response is not None:
            self._give(self._prepare(response, turn), Answer("", Interpretation(intent=None), response))
            self.changed()

    def _facts(self) -> Facts:
        return NO_FACTS if self.enriching is None else self.enriching.facts()

    def _up_to_date(self, answer: Answer) -> Answer:
        """Return the answer with what is known now: something may have been looked up meanwhile."""
        heard = answer.interpretation
        response = self._dialog.respond(self._state, heard, text=answer.text, facts=self._facts())
        return replace(answer, response=response)

    def began_to_be_heard(self, reply: R) -> None:
        """Take the actions of ``reply``; each idempotency key once."""
        if self._committed is None or self._committed.reply is not reply:
            return
        for effect in self._committed.answer.response.effects:
            if isinstance(effect, ActionTaken) and effect.key not in self._acted:
                self._acted.add(effect.key)
                self.record(effect, turn=reply.turn, source=Source.DIALOG)
        self.changed()

    def interrupted(self, reply: R, text_heard: str) -> None:
        """Cut the dialog back to what the caller heard of ``reply``; to before it, if nothing was."""
        committed = self._committed
        if committed is None or committed.reply is not reply:
            return
        if not reply.started:
            self._state, self.carried = committed.before, committed.answer.text
        else:
            self._interrupted = committed
            self._state = self._dialog.heard(self._state, committed.answer.response, text_heard)
        self._committed = None
        self.changed()

    def _prepare(self, response: Response, turn: int) -> R:
        return self.speaking.prepare(
            text=response.text, ssml=response.ssml, voice=self.assistant.voice, turn=turn
        )

    def _discard(self, preparation: Preparation[R], decision: EarlyDecision, turn: int) -> None:
        reply, preparation.reply = preparation.reply, None
        if reply is None or decision.move is not EarlyMove.DISCARD:
            return
        self.speaking.discard(reply)
        self._note(EarlySynthesisDiscarded(reply=reply.number, reason=decision.reason), turn)

    def _note(self, body: Body, turn: int) -> None:
        self.record(body, turn=turn, source=Source.DIALOG)


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
