"""Replies in preparation: begun, led, committed or taken back, as early synthesis and leading decide.

At the end of a turn the parts of its answer are said one after another: a phrase or a first sentence that was
led, and what the final asks for.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, Literal, TypeAlias

from workbench.conversation.dialog import Response
from workbench.conversation.early_synthesis import (
    Candidate,
    EarlyDecision,
    EarlyMove,
    EarlySynthesis,
    EarlySynthesisSettings,
)
from workbench.conversation.leading import LeadMove, LeadSettings, decide_lead
from workbench.conversation.prompts import parted, render, variant
from workbench.conversation.understanding import Interpretation
from workbench.conversation.voice import Part, R, Record, Voice
from workbench.core.events import (
    Body,
    EarlySynthesisCommitted,
    EarlySynthesisDiscarded,
    EarlySynthesisStarted,
    ReplyFollowed,
    ReplyLed,
    Source,
)

Outcome: TypeAlias = Literal["continued", "repaired", "replaced", "dropped"]
"""What becomes of what was led."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What some words mean here and what would be said to them."""

    text: str
    interpretation: Interpretation
    response: Response
    confidence: float = 0.0
    """Of the interpretation, as the deciders see it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signs:
    """What tells, besides the meaning, whether an answer may be prepared."""

    stability: float
    """Of the transcript, 0..1."""
    end_of_turn: float
    """How likely the caller has finished, 0..1."""
    silence: float
    """For how long the caller has been silent, seconds."""


@dataclass(slots=True)
class Preparation(Generic[R]):
    """What is prepared over one turn."""

    early: EarlySynthesis
    reply: R | None = None
    """The early reply, or its first sentence."""
    rest: R | None = None
    """What follows its first sentence."""
    prefix: R | None = None
    """A phrase that may go before whatever is answered."""
    led: R | None = None
    """What may be heard before the final."""
    may_lead: bool = True
    """Whether the end of the turn, when leading is decided, is still to come."""
    began: float = 0.0
    known: tuple[str | None, tuple[tuple[str, str], ...]] | None = None
    """The intent last recorded, so that only changes are."""


@dataclass(slots=True, kw_only=True)
class Preparing(Generic[R]):
    """Prepares the replies of one session.

    Parameters
    ----------
    early, lead : when replies are prepared before the final, and what of them may be heard then
    name : of the voice
    speaking, record, now : the stage that speaks, the timeline, the session clock
    """

    early: EarlySynthesisSettings
    lead: LeadSettings
    name: str
    speaking: Voice[R]
    record: Record
    now: Callable[[], float]
    _phrases: int = field(default=0, init=False)
    """Phrases prepared so far: they take turns."""

    def begin(self) -> Preparation[R]:
        """Return the preparation of a new turn."""
        return Preparation(EarlySynthesis(self.early))

    def prepare(self, response: Response, turn: int) -> R:
        """Begin to synthesise a whole reply."""
        return self._prepare(response.text, response.ssml, turn)

    def offer(self, answer: Answer, preparation: Preparation[R], *, turn: int, signs: Signs) -> None:
        """Start, hold or replace the early reply."""
        heard = answer.interpretation
        candidate = Candidate(
            reply=answer.response.ssml,
            intent=heard.intent,
            confidence=answer.confidence,
            stability=signs.stability,
            end_of_turn=signs.end_of_turn,
            complete=heard.complete,
        )
        decision = preparation.early.offer(candidate, silence=signs.silence)
        if decision.move is EarlyMove.DISCARD:
            self._discard(preparation, decision, turn)
            decision = preparation.early.offer(candidate, silence=signs.silence)
        if decision.move is EarlyMove.START:
            self._start(answer, preparation, turn=turn, stability=signs.stability)

    def _start(self, answer: Answer, preparation: Preparation[R], *, turn: int, stability: float) -> None:
        heard, response = answer.interpretation, answer.response
        if preparation.may_lead and self.lead.prefixes and preparation.prefix is None:
            preparation.prefix = self._prefix(turn)  # before: numbers are heard in their order
        parts = parted(response.ssml) if preparation.may_lead and self.lead.sentences else None
        preparation.began = self.now()
        if parts is None:
            preparation.reply = self.prepare(response, turn)
        else:
            first, rest = parts
            preparation.reply = self._prepare(first.text, first.ssml, turn, "first")
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
        if parts is not None:
            preparation.rest = self._prepare(rest.text, rest.ssml, turn, "rest")

    def lead_in(self, answer: Answer | None, preparation: Preparation[R], *, turn: int) -> None:
        """Let the caller hear what may be heard before the final; ``answer`` is the last partial's."""
        preparation.may_lead = False
        if answer is None or self.speaking.current is not None:
            return
        move = decide_lead(
            self.lead,
            intent=answer.interpretation.intent,
            confidence=answer.confidence,
            sentence=preparation.rest is not None,
        )
        if move is LeadMove.NOTHING:
            return
        kind: Literal["prefix", "sentence"] = "sentence"
        led = preparation.reply
        if move is LeadMove.PREFIX:
            kind, led = "prefix", preparation.prefix or self._prefix(turn)
            preparation.prefix = None
        if led is not None:
            preparation.led = led
            self.speaking.commit(led)
            self._note(ReplyLed(reply=led.number, kind=kind, confidence=answer.confidence), turn)

    def speech_resumed(self, preparation: Preparation[R], *, turn: int) -> None:
        """Take back what was prepared: the caller speaks on."""
        self._withdraw(preparation, preparation.early.speech_resumed(), "speech-resumed", turn)

    def drop(self, preparation: Preparation[R], *, turn: int) -> None:
        """Take back what was prepared: there was no turn."""
        self._withdraw(preparation, preparation.early.finish(None, intent=None), "turn-dropped", turn)

    def finish(
        self, answer: Answer, preparation: Preparation[R], *, turn: int, repaired: Callable[[], Response]
    ) -> tuple[R, Response]:
        """Let the caller hear the answer; return its last part, and what is said with it.

        It is the early reply if that is the very one, else a new one; after what was led, if that was right
        or is taken back in words: then it is what ``repaired`` returns.
        """
        response, led = answer.response, preparation.led
        decision = preparation.early.finish(response.ssml, intent=answer.interpretation.intent)
        outcome: Outcome = "continued"
        if decision.move is EarlyMove.COMMIT and preparation.reply is not None:
            saved = self.now() - preparation.began
            self._note(EarlySynthesisCommitted(reply=preparation.reply.number, saved=saved), turn)
            prepared = (preparation.reply, preparation.rest)
            parts = [one for one in prepared if one is not None and one is not led]
        else:
            if led is not None and led is preparation.reply:
                outcome = "repaired" if led.started else "replaced"
            self._discard(preparation, decision, turn)
            response = repaired() if outcome == "repaired" else response
            parts = [self.prepare(response, turn)]
        before = led
        for part in parts:
            if before is None or outcome == "replaced":
                self.speaking.commit(part)
            else:
                self.speaking.follow(part)
            if before is not None:
                self._followed(before, part.number, outcome, decision.reason, turn)
            before, outcome = part, "continued"
        self._forget(preparation)
        return parts[-1], response

    def _withdraw(self, preparation: Preparation[R], decision: EarlyDecision, reason: str, turn: int) -> None:
        led = preparation.led
        self._discard(preparation, decision, turn)
        if led is not None:
            if self.speaking.current is led:
                self.speaking.stop()
            self._followed(led, None, "dropped", reason, turn)
        self._forget(preparation)

    def _followed(self, reply: R, by: int | None, outcome: Outcome, reason: str, turn: int) -> None:
        reason = "" if outcome == "continued" else reason
        self._note(ReplyFollowed(reply=reply.number, by=by, outcome=outcome, reason=reason), turn)

    def _forget(self, preparation: Preparation[R]) -> None:
        if preparation.prefix is not None:
            self.speaking.discard(preparation.prefix)
        preparation.reply = preparation.rest = preparation.prefix = preparation.led = None

    def _discard(self, preparation: Preparation[R], decision: EarlyDecision, turn: int) -> None:
        reply, rest = preparation.reply, preparation.rest
        preparation.reply = preparation.rest = None
        if reply is None or decision.move is not EarlyMove.DISCARD:
            return
        if rest is not None:
            self.speaking.discard(rest)
        if reply is not preparation.led:
            self.speaking.discard(reply)
        self._note(EarlySynthesisDiscarded(reply=reply.number, reason=decision.reason), turn)

    def _prefix(self, turn: int) -> R:
        said = render(variant(self.lead.prefixes, self._phrases), {})
        self._phrases += 1
        return self._prepare(said.text, said.ssml, turn, "prefix")

    def _prepare(self, text: str, ssml: str, turn: int, part: Part = "") -> R:
        return self.speaking.prepare(text=text, ssml=ssml, voice=self.name, turn=turn, part=part)

    def _note(self, body: Body, turn: int) -> None:
        self.record(body, turn=turn, source=Source.DIALOG)
