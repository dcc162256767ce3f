"""What one utterance makes of a conversation: the next state, the reply and its effects."""

import hashlib
import json
from collections.abc import Collection
from dataclasses import replace

from workbench.conversation.assistant_model import Assistant, Intent
from workbench.conversation.consenting import answer_to_consent, ask_for_consent
from workbench.conversation.dialog_state import Consenting, DialogState, Effect, Filled, Response
from workbench.conversation.facts import Facts, Question
from workbench.conversation.phrasing import Phrasing
from workbench.conversation.spoken_text import words_from
from workbench.conversation.understanding import Interpretation
from workbench.core.events import ActionTaken, ClarificationAsked, SlotConfirmed

OWED_MAX = 3
"""Questions that may be looked up at once; the oldest is let go when a caller asks more."""


class Moves:
    """The moves an assistant can make, knowing some facts."""

    def __init__(self, assistant: Assistant, facts: Facts) -> None:
        self._assistant = assistant
        self._facts = facts
        self._phrasing = Phrasing(assistant, facts.caller)

    def opening(self, state: DialogState) -> Response:
        """Return the greeting, or the question for consent that comes before it."""
        if state.consenting is not None:
            return ask_for_consent(self._assistant, self._phrasing, state)
        return self._phrasing.reply(state, [self._phrasing.said((self._assistant.greeting,), state)])

    def addition(self, state: DialogState) -> Response | None:
        """Return what is said of owed answers that have come, with the pending question; None if none has."""
        due = self._due(state)
        if not due:
            return None
        said = [self._phrasing.answer(question, answer, state) for question, answer in due.items()]
        owed = self._still_owed(state, due)
        return self._phrasing.reply(replace(state, owed=owed), said + self._phrasing.question(state))

    def repaired(self, response: Response) -> Response:
        """Return the response with an apology before it."""
        said = self._phrasing.said(self._assistant.prompts.repair, response.state)
        return self._phrasing.in_front([said], response)

    def respond(self, state: DialogState, heard: Interpretation, text: str) -> Response:
        """Return the reply to what was heard, owed answers that have come in front of it."""
        if state.consenting is not None:
            return self._consent(state, heard, text)
        due = self._due(state)
        if heard.intent == "cancel":  # nobody wants to know any more
            return self._cancel(replace(state, owed=()))
        if due and heard.intent == "repeat":
            return self.addition(state) or self._repeat(state)
        owed = self._still_owed(state, due)
        response = self._respond(replace(state, owed=owed), heard, text)
        front = [
            self._phrasing.answer(question, answer, state)
            for question, answer in due.items()
            if question != response.asks
        ]
        return self._phrasing.in_front(front, response)

    def _consent(self, state: DialogState, heard: Interpretation, text: str) -> Response:
        """Ask before anything else, take the answer, and only then answer what was said before it."""
        answer = answer_to_consent(self._assistant, state, heard, text)
        if isinstance(answer, Consenting):
            return ask_for_consent(self._assistant, self._phrasing, replace(state, consenting=answer))
        response = self.consented(replace(state, consenting=answer.pending))
        response = self._phrasing.in_front([self._phrasing.said(answer.said, state)], response)
        return replace(response, effects=(*response.effects, answer.settled))

    def consented(self, state: DialogState) -> Response:
        """Return the answer to what was said before the question for consent was settled, or the greeting."""
        pending, settled = state.consenting, replace(state, consenting=None)
        if pending is None or pending.meant is None:
            return self.opening(settled)
        return self.respond(settled, pending.meant, pending.text)

    def _due(self, state: DialogState) -> dict[Question, str]:
        """Return the owed questions that have an answer by now, with it."""
        known = ((q, self._facts.answer(q)) for q in state.owed if q.intent in self._assistant.intents)
        return {question: answer for question, answer in known if answer is not None}

    def _still_owed(self, state: DialogState, due: Collection[Question]) -> tuple[Question, ...]:
        return tuple(q for q in state.owed if q not in due and q.intent in self._assistant.intents)

    def _respond(self, state: DialogState, heard: Interpretation, text: str) -> Response:
        if heard.intent is None:
            return self._not_understood(state, text)
        intent = self._assistant.intents[heard.intent]
        if intent.lookup is not None:
            return self._look_up(
                state, Question(intent=heard.intent, lookup=intent.lookup, text=heard.said), intent
            )
        if intent.required or intent.action:
            return self._advance(*_merged(self._assistant, state, heard, intent), intent)
        match heard.intent:
            case "yes":
                return self._yes(state)
            case "no":
                return self._no(state)
            case "repeat":
                return self._repeat(state)
            case "help":
                return self._phrasing.reply(
                    state,
                    [
                        self._phrasing.said(self._assistant.prompts.help, state),
                        *self._phrasing.question(state),
                    ],
                )
        said = [self._phrasing.said(intent.reply or self._assistant.prompts.acknowledged, state)]
        return self._phrasing.reply(
            state, said if intent.ends else said + self._phrasing.question(state), ends=intent.ends
        )

    def _look_up(self, state: DialogState, question: Question, intent: Intent) -> Response:
        """Answer from the facts and go back to the pending question, or say that it takes a moment."""
        answer = self._facts.answer(question)
        if answer is not None:
            said = [self._phrasing.answer(question, answer, state), *self._phrasing.question(state)]
            return self._phrasing.reply(state, said, asks=question)
        others = tuple(owed for owed in state.owed if owed != question)
        state = replace(state, owed=(*others, question)[-OWED_MAX:])
        said = [self._phrasing.said(intent.pending or self._assistant.prompts.pending, state)]
        return self._phrasing.reply(state, said, asks=question)

    def _advance(self, state: DialogState, effects: tuple[Effect, ...], intent: Intent) -> Response:
        """Ask for what is doubtful or missing, else act."""
        least = self._assistant.certainty.confirm_below
        unsure = (item for item in state.filled if not item.confirmed and item.confidence < least)
        doubtful = next((item for item in unsure if self._assistant.slots[item.slot].confirm), None)
        if doubtful is not None and not state.done:
            asked = replace(state, expecting=doubtful.slot, confirming=True)
            effect = ClarificationAsked(slot=doubtful.slot, reason="unsure")
            return self._phrasing.reply(asked, self._phrasing.question(asked), (*effects, effect))
        missing = next((slot for slot in intent.required if slot not in state.values), None)
        if missing is not None:
            asked = replace(state, expecting=missing, confirming=False)
            effect = ClarificationAsked(slot=missing, reason="missing")
            return self._phrasing.reply(asked, self._phrasing.question(asked), (*effects, effect))
        changed = state.changes > 0
        said = [self._phrasing.said(intent.changed if changed and intent.changed else intent.reply, state)]
        if not state.done and intent.action:
            number = state.requests if changed else state.requests + 1
            state = replace(state, requests=number, done=True)
            effects = (*effects, _action(intent.action, state))
        return self._phrasing.reply(state, said, effects)

    def _yes(self, state: DialogState) -> Response:
        if not state.confirming or state.intent is None:
            said = [self._phrasing.said(self._assistant.prompts.acknowledged, state)]
            return self._phrasing.reply(state, said + self._phrasing.question(state))
        effects = tuple(
            SlotConfirmed(slot=item.slot, value=item.value)
            for item in state.filled
            if item.slot == state.expecting
        )
        filled = tuple(
            replace(item, confirmed=True) if item.slot == state.expecting else item for item in state.filled
        )
        state = replace(state, filled=filled, expecting=None, confirming=False)
        return self._advance(state, effects, self._assistant.intents[state.intent or ""])

    def _no(self, state: DialogState) -> Response:
        if state.confirming and state.intent is not None:
            filled = tuple(item for item in state.filled if item.slot != state.expecting)
            asked = replace(state, filled=filled, confirming=False)
            effect = ClarificationAsked(slot=state.expecting, reason="unsure")
            return self._phrasing.reply(asked, self._phrasing.question(asked), (effect,))
        if state.done:
            effect = ClarificationAsked(slot=None, reason="unsure")
            return self._phrasing.reply(
                state, [self._phrasing.said(self._assistant.prompts.change, state)], (effect,)
            )
        said = [self._phrasing.said(self._assistant.prompts.acknowledged, state)]
        return self._phrasing.reply(state, said + self._phrasing.question(state))

    def _repeat(self, state: DialogState) -> Response:
        last = state.last or self._phrasing.said(self._assistant.prompts.nothing_to_repeat, state)
        return self._phrasing.reply(state, [last])

    def _cancel(self, state: DialogState) -> Response:
        effects: tuple[Effect, ...] = ()
        if state.done and state.intent is not None:
            action = self._assistant.intents[state.intent].action or state.intent
            effects = (_action(f"{action}.cancel", state),)
        said = [self._phrasing.said(self._assistant.prompts.cancelled, state)]
        empty = replace(
            state, intent=None, filled=(), expecting=None, confirming=False, done=False, changes=0
        )
        return self._phrasing.reply(empty, said, effects)

    def _not_understood(self, state: DialogState, text: str) -> Response:
        prompts = self._assistant.prompts
        if not words_from(text):
            said, reason = prompts.not_heard, "not-heard"
        elif state.expecting is not None:
            said, reason = prompts.not_heard, "unknown-value"
        else:
            said, reason = prompts.out_of_scope, "out-of-scope"
        effect = ClarificationAsked(slot=state.expecting, reason=reason)
        return self._phrasing.reply(
            state, [self._phrasing.said(said, state), *self._phrasing.question(state)], (effect,)
        )


def _merged(
    assistant: Assistant, state: DialogState, heard: Interpretation, intent: Intent
) -> tuple[DialogState, tuple[Effect, ...]]:
    """Return the state with the heard values in it, and which of them are settled."""
    another = state.done and not heard.correction and set(intent.required) <= set(heard.slots)
    if another or state.intent not in (None, heard.intent):
        state = replace(state, filled=(), done=False, changes=0)
    ignored = state.expecting if state.confirming and state.expecting not in heard.slots else None
    filled = {item.slot: item for item in state.filled if item.slot != ignored}
    effects: list[Effect] = []
    least = assistant.certainty.confirm_below
    for slot, value in heard.slots.items():
        if not value:
            filled.pop(slot, None)
            continue
        known = filled.get(slot)
        sure = heard.slot_confidences.get(slot, 0.0)
        if known is not None and known.value == value:
            sure = max(sure, known.confidence, least)
        settled = sure >= assistant.certainty.confirm_below or not assistant.slots[slot].critical
        filled[slot] = Filled(slot=slot, value=value, confidence=sure, confirmed=settled)
        if settled and (known is None or known.value != value or not known.confirmed):
            effects.append(SlotConfirmed(slot=slot, value=value))
    kept = tuple(filled[slot] for slot in assistant.slots if slot in filled)
    changed = tuple((item.slot, item.value) for item in kept) != tuple(state.values.items())
    state = replace(state, intent=heard.intent, filled=kept, expecting=None, confirming=False)
    if state.done and changed:
        state = replace(state, done=False, changes=state.changes + 1)
    return state, tuple(effects)


def _action(action: str, state: DialogState) -> ActionTaken:
    """Return the action with a key that is the same whenever this move is made again."""
    arguments = state.values
    digest = hashlib.sha256(json.dumps([action, arguments], sort_keys=True).encode()).hexdigest()[:8]
    return ActionTaken(
        action=action, arguments=arguments, key=f"{action}:{state.requests}.{state.changes}:{digest}"
    )
