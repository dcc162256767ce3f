"""What to say and do next: a pure step from a state, what was heard and what is known to a response.

Nothing is changed in place: a response holds the state after it, so a reply may be prepared from a partial
transcript and thrown away. Effects are the bodies of events for the pipeline to record. What was looked up
comes in as facts; the dialog never waits for them.
"""

from dataclasses import replace

from workbench.conversation.assistant_model import Assistant
from workbench.conversation.dialog_state import DialogState, Effect, Filled, Response
from workbench.conversation.facts import NO_FACTS, Facts, Question
from workbench.conversation.moves import Moves
from workbench.conversation.spoken_text import words_from
from workbench.conversation.understanding import Interpretation

__all__ = ["Dialog", "DialogState", "Effect", "Facts", "Filled", "Question", "Response"]


class Dialog:
    """Leads the conversation of one assistant; holds no state of its own."""

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant

    def start(self) -> DialogState:
        """Return the state before anything is said."""
        return DialogState()

    def opening(self, *, facts: Facts = NO_FACTS) -> Response:
        """Return the greeting."""
        return Moves(self._assistant, facts).opening(self.start())

    def respond(
        self, state: DialogState, heard: Interpretation, *, text: str, facts: Facts = NO_FACTS
    ) -> Response:
        """Return the reply to what was heard; ``state`` is left as it is.

        Answers that were owed and are among ``facts`` now are said in front.
        """
        return Moves(self._assistant, facts).respond(state, heard, text)

    def repaired(self, response: Response) -> Response:
        """Return the response with an apology before it, for what was heard and was wrong."""
        return Moves(self._assistant, NO_FACTS).repaired(response)

    def addition(self, state: DialogState, *, facts: Facts) -> Response | None:
        """Return what is to be said of owed answers once nobody speaks; None if none is there."""
        return Moves(self._assistant, facts).addition(state)

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
