"""From words to a reply: understanding, dialog and the fate of early synthesis.

The dialog is pure, so an answer can be worked out from a partial transcript and thrown away. Its state moves
on only when a reply is committed, and moves back when the caller took the turn again before hearing it.
Actions are taken when their reply begins to be heard, never before.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from workbench.conversation.assistant_model import Assistant
from workbench.conversation.dialog import Dialog, DialogState, Response
from workbench.conversation.early_synthesis import (
    Candidate,
    EarlyDecision,
    EarlyMove,
    EarlySynthesis,
    EarlySynthesisSettings,
)
from workbench.conversation.enrichment import Use
from workbench.conversation.facts import NO_FACTS, Facts, Question
from workbench.conversation.understanding import Interpretation
from workbench.core.events import (
    ActionTaken,
    Body,
    EarlySynthesisCommitted,
    EarlySynthesisDiscarded,
    EarlySynthesisStarted,
    IntentRecognized,
    Source,
    SynthesisReady,
)
from workbench.endpoint.context import Context, GivenReply
from workbench.endpoint.enriching import Enriching
from workbench.endpoint.speaking import Record, Reply, Speaking
from workbench.endpoint.thinking import Mind, Said

CARRIED_MAX = 400
"""Characters carried from turns that were cut off before they are answered all the same."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What some words mean here and what would be said to them."""

    text: str
    interpretation: Interpretation
    response: Response


@dataclass(slots=True)
class Preparation:
    """Early synthesis over one turn."""

    early: EarlySynthesis
    reply: Reply | None = None
    began: float = 0.0
    known: tuple[str | None, tuple[tuple[str, str], ...]] | None = None
    """The intent last recorded, so that only changes are."""


@dataclass(frozen=True, slots=True)
class _Committed:
    reply: Reply
    answer: Answer
    before: DialogState
    """The dialog before it."""


@dataclass(slots=True)
class Answering:
    """Answers the turns of one session.

    Parameters
    ----------
    assistant, mind : whom the caller talks to, and what finds out what the words mean to them
    early : when replies are prepared before the turn has ended
    speaking, record, now : the stage that speaks, the timeline, the session clock
    """

    assistant: Assistant
    mind: Mind
    early: EarlySynthesisSettings
    speaking: Speaking
    record: Record
    now: Callable[[], float]
    replies: bool = True
    """Whether anything is said to the caller; else turns are understood and no more."""
    changed: Callable[[], None] = field(default=lambda: None)
    """Called when what another process would need to know has changed."""
    enriching: Enriching | None = None
    """What looks things up; None where nothing is looked up."""
    _dialog: Dialog = field(init=False)
    _state: DialogState = field(init=False)
    _committed: _Committed | None = None
    _interrupted: _Committed | None = None
    """The last reply that was cut off while it was heard."""
    carried: str = ""
    """Words of a turn that was cut off before its reply was heard."""
    _acted: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._dialog = Dialog(self.assistant)
        self._state = self._dialog.start()

    def preparation(self) -> Preparation:
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
            self.speaking.prepare(text=text, ssml=ssml, voice=self.assistant.voice, turn=turn)
        )

    def remembered(self, context: Context) -> Context:
        """Return ``context`` with this conversation in it."""
        committed = self._committed
        given = None
        if committed is not None:
            reply = committed.reply
            given = GivenReply(
                number=reply.number,
                turn=reply.turn,
                said=committed.answer.text,
                response=committed.answer.response,
                before=committed.before,
                started=reply.started,
                over=reply.stopped or self.speaking.current is not reply,
            )
        return replace(
            context, state=self._state, carried=self.carried, given=given, replies=self.speaking.count
        )

    def restore(
        self,
        context: Context,
        *,
        acted: Iterable[str],
        spoken: Sequence[SynthesisReady] = (),
        newest: int,
        received: int,
    ) -> None:
        """Go on from ``context``; call it before anything else.

        Parameters
        ----------
        acted : idempotency keys of the actions taken
        spoken : what was synthesised of the last reply
        newest, received : the newest reply the client has heard of, and how many samples of it it has
        """
        self._acted |= set(acted)
        self._state = context.state or self._state
        self.carried = context.carried
        if self.enriching is not None:
            for question in self.owed:  # the process that promised them is gone
                self.enriching.want(question, turn=context.turn)
        given = context.given
        unknown = given is None or given.over or given.number != newest
        if newest and unknown:  # what was only to be said, or was being stopped when the process ended
            self.speaking.silence(newest)
        if given is None or not self.replies:
            return
        reply = Reply(
            given.number,
            given.turn,
            given.response.text,
            given.response.ssml,
            self.assistant.voice,
            self.now(),
        )
        reply.started, reply.stopped = given.started, given.over
        reply.words, reply.known = [word for clause in spoken for word in clause.words], len(spoken)
        answer = Answer(given.said, Interpretation(intent=None), given.response)
        self._committed = _Committed(reply, answer, given.before)
        if not given.over:
            reply.restored = received if newest == given.number else 0
            self.speaking.restore(reply)

    async def answer(
        self, text: str, *, alternatives: Sequence[str] = (), origin: Literal["partial", "final"]
    ) -> Answer:
        """Work out what ``text`` means and what to say to it; changes nothing."""
        whole = f"{self.carried} {text}".strip()
        said = Said(
            whole,
            alternatives=() if self.carried else tuple(alternatives),
            expecting=self._state.expecting,
            origin=origin,
        )
        state, facts = self._state, self._facts()
        interpretation = await self.mind.interpret(said)
        return Answer(
            whole, interpretation, self._dialog.respond(state, interpretation, text=whole, facts=facts)
        )

    def note(
        self, answer: Answer, preparation: Preparation, *, turn: int, origin: Literal["partial", "final"]
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
            intent=heard.intent, slots=dict(heard.slots), confidence=heard.confidence, origin=origin
        )
        self.record(event, turn=turn, source=Source.UNDERSTANDING)

    def offer(
        self, answer: Answer, preparation: Preparation, *, turn: int, stability: float, silence: float
    ) -> None:
        """Start, hold or replace the early reply on what is understood and known now."""
        answer, heard = self._up_to_date(answer), answer.interpretation
        candidate = Candidate(
            reply=answer.response.ssml,
            intent=heard.intent,
            confidence=heard.confidence,
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
                    confidence=heard.confidence,
                    stability=stability,
                ),
                turn,
            )

    def speech_resumed(self, preparation: Preparation, *, turn: int) -> None:
        """Drop the early reply: the caller speaks on."""
        self._discard(preparation, preparation.early.speech_resumed(), turn)

    def drop(self, preparation: Preparation, *, turn: int) -> None:
        """Drop the early reply: there was no turn."""
        self._discard(preparation, preparation.early.finish(None, intent=None), turn)

    @property
    def busy(self) -> bool:
        """Return whether so many turns are being thought about that another would have to wait."""
        return self.mind.busy

    @property
    def confirming(self) -> bool:
        """Return whether the caller was asked a question that "yes" answers."""
        return self._state.confirming

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

    def commit(self, answer: Answer, preparation: Preparation, *, turn: int) -> None:
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

    def _give(self, reply: Reply, answer: Answer) -> None:
        self._committed, self._interrupted = _Committed(reply, answer, self._state), None
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

    def began_to_be_heard(self, reply: Reply) -> None:
        """Take the actions of ``reply``; each idempotency key once."""
        if self._committed is None or self._committed.reply is not reply:
            return
        for effect in self._committed.answer.response.effects:
            if isinstance(effect, ActionTaken) and effect.key not in self._acted:
                self._acted.add(effect.key)
                self.record(effect, turn=reply.turn, source=Source.DIALOG)
        self.changed()

    def interrupted(self, reply: Reply, text_heard: str) -> None:
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

    def _prepare(self, response: Response, turn: int) -> Reply:
        return self.speaking.prepare(
            text=response.text, ssml=response.ssml, voice=self.assistant.voice, turn=turn
        )

    def _discard(self, preparation: Preparation, decision: EarlyDecision, turn: int) -> None:
        reply, preparation.reply = preparation.reply, None
        if reply is None or decision.move is not EarlyMove.DISCARD:
            return
        self.speaking.discard(reply)
        self._note(EarlySynthesisDiscarded(reply=reply.number, reason=decision.reason), turn)

    def _note(self, body: Body, turn: int) -> None:
        self.record(body, turn=turn, source=Source.DIALOG)
