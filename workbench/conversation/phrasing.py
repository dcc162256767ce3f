"""The words of a reply: prompts of the assistant filled in for a state and what is known."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from workbench.conversation.assistant_model import Assistant
from workbench.conversation.dialog_state import DialogState, Effect, Response
from workbench.conversation.facts import ANSWER, Question
from workbench.conversation.prompts import Said, joined, render, variant


class Phrasing:
    """Speaks for one assistant.

    Parameters
    ----------
    assistant : whose prompts they are
    known : values by placeholder besides those of the slots
    """

    def __init__(self, assistant: Assistant, known: Mapping[str, str]) -> None:
        self._assistant = assistant
        self._known = known

    def question(self, state: DialogState) -> list[Said]:
        """Return the pending question, if there is one."""
        if state.expecting is None:
            return []
        slot = self._assistant.slots[state.expecting]
        return [self.said(slot.confirm if state.confirming else slot.ask, state)]

    def said(self, templates: Sequence[str], state: DialogState) -> Said:
        """Return the variant for this turn with the state's values; nothing if there is no template."""
        if not templates:
            return Said("", "<speak></speak>")
        return render(variant(templates, state.turn), {**self._known, **state.values})

    def answer(self, question: Question, answer: str, state: DialogState) -> Said:
        """Return what is said of an answer that was looked up; an empty one was not found."""
        intent, prompts = self._assistant.intents[question.intent], self._assistant.prompts
        if not answer:
            return self.said(intent.nothing_found or prompts.nothing_found, state)
        values = {**self._known, **state.values, ANSWER: answer}
        return render(variant(intent.reply, state.turn), values)

    def in_front(self, said: Sequence[Said], response: Response) -> Response:
        """Return the response with something said before it."""
        if not said:
            return response
        whole = joined([*said, Said(response.text, response.ssml)])
        after = replace(response.state, last=whole)
        return replace(response, state=after, text=whole.text, ssml=whole.ssml)

    def reply(
        self,
        state: DialogState,
        said: list[Said],
        effects: tuple[Effect, ...] = (),
        *,
        ends: bool = False,
        asks: Question | None = None,
    ) -> Response:
        """Return the response that says this, and the state after it."""
        whole = joined(said)
        after = replace(state, turn=state.turn + 1, last=whole)
        return Response(
            state=after,
            text=whole.text,
            ssml=whole.ssml,
            effects=effects,
            expecting=state.expecting,
            ends=ends,
            asks=asks,
        )
