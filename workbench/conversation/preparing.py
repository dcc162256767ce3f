"""Replies in preparation: begun, led, committed or taken back, as early synthesis and leading decide.

At the end of a turn the parts of its answer are said one after another: a phrase, or the first parts of the
reply that was prepared, led before the final; then what the final asks for. Of a prepared reply the parts
that the final confirms are kept, heard or ready; from the first that it does not confirm on it is made anew.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
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
from workbench.conversation.prompts import Said, in_parts, joined, parted, render, variant
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
    row: tuple[R, ...] = ()
    """The early reply, part by part."""
    prefix: R | None = None
    """A phrase that may go before whatever is answered."""
    led: tuple[R, ...] = ()
    """What may be heard before the final: that phrase, or the first of the row."""
    may_lead: bool = True
    """Whether the end of the turn, when leading is decided, is still to come."""
    began: float = 0.0
    known: tuple[str | None, tuple[tuple[str, str], ...]] | None = None
    """The intent last recorded, so that only changes are."""


@dataclass(frozen=True, slots=True)
class Given(Generic[R]):
    """What answers a turn."""

    reply: R
    """Its last part."""
    response: Response
    ahead: str = ""
    """What of it is heard before that part."""


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
        parts = self._parts(answer.response) if preparation.may_lead else ()
        candidate = Candidate(
            reply=answer.response.ssml,
            parts=tuple(part.ssml for part in parts),
            intent=heard.intent,
            confidence=answer.confidence,
            stability=signs.stability,
            end_of_turn=signs.end_of_turn,
            complete=heard.complete,
        )
        decision = preparation.early.offer(candidate, silence=signs.silence)
        if decision.move is EarlyMove.DISCARD:
            self._settle(preparation, decision, preparation.row, turn)
            preparation.row = ()
            decision = preparation.early.offer(candidate, silence=signs.silence)
        if decision.move is EarlyMove.START:
            self._start(answer, parts, preparation, turn=turn, stability=signs.stability)

    def _start(
        self,
        answer: Answer,
        parts: Sequence[Said],
        preparation: Preparation[R],
        *,
        turn: int,
        stability: float,
    ) -> None:
        heard = answer.interpretation
        if preparation.may_lead and self.lead.prefixes and preparation.prefix is None:
            preparation.prefix = self._prefix(turn)  # before: numbers are heard in their order
        preparation.began = self.now()
        if parts:
            first = self._prepare(parts[0].text, parts[0].ssml, turn, "first")
        else:
            first = self.prepare(answer.response, turn)
        self._note(
            EarlySynthesisStarted(
                reply=first.number,
                intent=heard.intent,
                slots=dict(heard.slots),
                confidence=answer.confidence,
                stability=stability,
            ),
            turn,
        )
        following = [self._prepare(part.text, part.ssml, turn, "next") for part in parts[1:-1]]
        if parts:
            following.append(self._prepare(parts[-1].text, parts[-1].ssml, turn, "rest"))
        preparation.row = (first, *following)

    def lead_in(self, answer: Answer | None, preparation: Preparation[R], *, turn: int) -> None:
        """Let the caller hear what may be heard before the final; ``answer`` is the last partial's."""
        preparation.may_lead = False
        if answer is None or self.speaking.current is not None:
            return
        decision = decide_lead(
            self.lead,
            intent=answer.interpretation.intent,
            confidence=answer.confidence,
            parts=max(0, len(preparation.row) - 1),
        )
        kind: Literal["prefix", "sentence", "clause"] = "clause" if self.lead.clauses else "sentence"
        led = preparation.row[: decision.parts]
        if decision.move is LeadMove.PREFIX:
            kind, led = "prefix", (preparation.prefix or self._prefix(turn),)
            preparation.prefix = None
        preparation.led = led
        for place, one in enumerate(led):
            (self.speaking.follow if place else self.speaking.commit)(one)
            self._note(ReplyLed(reply=one.number, kind=kind, confidence=answer.confidence), turn)

    def speech_resumed(self, preparation: Preparation[R], *, turn: int) -> None:
        """Take back what was prepared: the caller speaks on."""
        self._withdraw(preparation, preparation.early.speech_resumed(), "speech-resumed", turn)

    def drop(self, preparation: Preparation[R], *, turn: int) -> None:
        """Take back what was prepared: there was no turn."""
        self._withdraw(preparation, preparation.early.finish(None, intent=None), "turn-dropped", turn)

    def finish(
        self,
        answer: Answer,
        preparation: Preparation[R],
        *,
        turn: int,
        repaired: Callable[[Response], Response],
    ) -> Given[R]:
        """Let the caller hear the answer; return what that is.

        It is the early reply as far as that is the very one, and what is made anew; after what was led, if
        that was right or is taken back in words: then it is what ``repaired`` returns.
        """
        response, row, led = answer.response, preparation.row, preparation.led
        parts = self._parts(response) if len(row) > 1 else ()
        decision = preparation.early.finish(
            response.ssml, intent=answer.interpretation.intent, parts=[part.ssml for part in parts]
        )
        kept, wrong = row[: decision.kept], row[decision.kept :]
        taken_back = [one for one in led if one in wrong and one.started]
        replaced = [one for one in led if one in wrong and not one.started]
        self._settle(preparation, decision, wrong, turn)
        if replaced:
            self.speaking.withdraw(replaced[0])
        following = [one for one in kept if one not in led]
        if wrong or not row:
            rest = _rest(response, parts[len(kept) :]) if kept else response
            if taken_back:
                rest, response = repaired(rest), repaired(response)
            following.append(self._prepare(rest.text, rest.ssml, turn, "rest" if kept else ""))
        heard = [one for one in led if one not in replaced]
        for place, part in enumerate(following):
            (self.speaking.follow if heard or place else self.speaking.commit)(part)
        for one, by in pairwise((*heard, *following)):
            outcome: Outcome = "repaired" if one in taken_back else "continued"
            self._followed(one, by.number, outcome, decision.reason, turn)
        for one in replaced:
            self._followed(one, following[0].number, "replaced", decision.reason, turn)
        self._forget(preparation)
        last = following[-1]
        return Given(last, response, " ".join(part.text for part in kept if part is not last))

    def _withdraw(self, preparation: Preparation[R], decision: EarlyDecision, reason: str, turn: int) -> None:
        led = preparation.led
        self._settle(preparation, decision, preparation.row, turn)
        if any(self.speaking.current is one for one in led):
            self.speaking.stop()
        for one in led:
            self._followed(one, None, "dropped", reason, turn)
        self._forget(preparation)

    def _settle(
        self, preparation: Preparation[R], decision: EarlyDecision, wrong: Sequence[R], turn: int
    ) -> None:
        """Record what becomes of the early reply, and drop what is wrong of it and was not led."""
        if not preparation.row:
            return
        number = preparation.row[0].number
        for one in wrong:
            if one not in preparation.led:
                self.speaking.discard(one)
        if decision.move is EarlyMove.COMMIT:
            self._note(EarlySynthesisCommitted(reply=number, saved=self.now() - preparation.began), turn)
        else:
            self._note(EarlySynthesisDiscarded(reply=number, reason=decision.reason), turn)

    def _followed(self, reply: R, by: int | None, outcome: Outcome, reason: str, turn: int) -> None:
        reason = "" if outcome == "continued" else reason
        self._note(ReplyFollowed(reply=reply.number, by=by, outcome=outcome, reason=reason), turn)

    def _forget(self, preparation: Preparation[R]) -> None:
        if preparation.prefix is not None:
            self.speaking.discard(preparation.prefix)
        preparation.prefix, preparation.row, preparation.led = None, (), ()

    def _parts(self, response: Response) -> tuple[Said, ...]:
        return parts_of(self.lead, response.ssml, self.speaking.clauses)

    def _prefix(self, turn: int) -> R:
        said = render(variant(self.lead.prefixes, self._phrases), {})
        self._phrases += 1
        return self._prepare(said.text, said.ssml, turn, "prefix")

    def _prepare(self, text: str, ssml: str, turn: int, part: Part = "") -> R:
        return self.speaking.prepare(text=text, ssml=ssml, voice=self.name, turn=turn, part=part)

    def _note(self, body: Body, turn: int) -> None:
        self.record(body, turn=turn, source=Source.DIALOG)


def _rest(response: Response, parts: Sequence[Said]) -> Response:
    """Return a response of which only the last parts are still to be said."""
    rest = joined(parts)
    return replace(response, text=rest.text, ssml=rest.ssml)


def parts_of(settings: LeadSettings, ssml: str, clauses: Callable[[str], Sequence[str]]) -> tuple[Said, ...]:
    """Return a reply in the parts it is prepared in, those that may be led and the rest; nothing if in one.

    Parameters
    ----------
    clauses : cuts a reply where its synthesis does
    """
    if settings.clauses:
        found = in_parts(clauses(ssml), settings.clauses)
        return found if len(found) > 1 else ()
    return (parted(ssml) or ()) if settings.sentences else ()
