"""The words of a reply: prompts of the assistant filled in for a state."""

from collections.abc import Sequence
from dataclasses import replace

from workbench.conversation.assistant_model import Assistant
from workbench.conversation.dialog_state import DialogState, Effect, Response
from workbench.conversation.prompts import Said, joined, render, variant


class Phrasing:
    """Speaks for one assistant."""

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant

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
        return render(variant(templates, state.turn), state.values)

    def reply(
        self, state: DialogState, said: list[Said], effects: tuple[Effect, ...] = (), *, ends: bool = False
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
        )
