"""What to say and do next: a pure step from a state and what was heard to a response.

Nothing is changed in place: a response holds the state after it, so a reply may be prepared from a partial
transcript and thrown away. Effects are the bodies of events for the pipeline to record.
"""

import hashlib
import json
from dataclasses import replace

from workbench.conversation.assistant_model import Assistant, Intent
from workbench.conversation.dialog_state import DialogState, Effect, Filled, Response
from workbench.conversation.phrasing import Phrasing
from workbench.conversation.spoken_text import words_from
from workbench.conversation.understanding import Interpretation
from workbench.core.events import ActionTaken, ClarificationAsked, SlotConfirmed

__all__ = ["Dialog", "DialogState", "Effect", "Filled", "Response"]


class Dialog:
    """Leads the conversation of one assistant; holds no state of its own."""

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant
        self._phrasing = Phrasing(assistant)

    def start(self) -> DialogState:
        """Return the state before anything is said."""
        return DialogState()

    def opening(self) -> Response:
        """Return the greeting."""
        return self._phrasing.reply(
            self.start(), [self._phrasing.said((self._assistant.greeting,), self.start())]
        )

    def respond(self, state: DialogState, heard: Interpretation, *, text: str) -> Response:
        """Return the reply to what was heard; ``state`` is left as it is."""
        if heard.intent is None:
            return self._not_understood(state, text)
        intent = self._assistant.intents[heard.intent]
        if intent.required or intent.action:
            return self._advance(*_merged(self._assistant, state, heard, intent), intent)
        match heard.intent:
            case "yes":
                return self._yes(state)
            case "no":
                return self._no(state)
            case "repeat":
                return self._repeat(state)
            case "cancel":
                return self._cancel(state)
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

    def heard(self, state: DialogState, response: Response, text_heard: str) -> DialogState:
        """Return the state after a reply that was cut off by a barge-in.

        A value that the rest would have read back is not confirmed, and a question that was not heard is
        not pending.
        """
        reached, whole = (" ".join(words_from(text)) for text in (text_heard, response.text))
        filled = tuple(
            replace(item, confirmed=False)
            if item.value.lower() in whole and item.value.lower() not in reached and item not in state.filled
            else item
            for item in response.state.filled
        )
        half = len(reached.split()) * 2 >= len(whole.split())
        confirming = response.state.confirming and half
        return replace(
            response.state,
            filled=filled,
            confirming=confirming,
            last=response.state.last if half else state.last or response.state.last,
        )

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
