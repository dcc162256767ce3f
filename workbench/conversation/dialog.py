"""What to say and do next: a pure step from a state, what was heard and what is known to a response.

Nothing is changed in place: a response holds the state after it, so a reply may be prepared from a partial
transcript and thrown away. Effects are the bodies of events for the pipeline to record. What was looked up
comes in as facts; the dialog never waits for them.
"""

from dataclasses import replace

from workbench.conversation.assistant_model import Assistant
from workbench.conversation.dialog_state import Consenting, DialogState, Effect, Filled, Response
from workbench.conversation.facts import NO_FACTS, Facts, Question
from workbench.conversation.moves import Moves
from workbench.conversation.spoken_text import words_from
from workbench.conversation.understanding import Interpretation

__all__ = ["Dialog", "DialogState", "Effect", "Facts", "Filled", "Question", "Response"]


class Dialog:
    """Leads the conversation of one assistant; holds no state of its own."""

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant

    def start(self, *, consent: bool = False) -> DialogState:
        """Return the state before anything is said; with ``consent`` the caller is asked for it first."""
        return DialogState(consenting=Consenting() if consent else None)

    def opening(self, state: DialogState | None = None, *, facts: Facts = NO_FACTS) -> Response:
        """Return the greeting, or the question that comes before it."""
        return Moves(self._assistant, facts).opening(state or self.start())

    def consented(self, state: DialogState, *, facts: Facts = NO_FACTS) -> Response:
        """Return what is said once the question for consent was answered elsewhere: what waited for it."""
        return Moves(self._assistant, facts).consented(state)

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

        A value that the rest would have read back is not confirmed, a question that was not heard is not
        pending, and who has not heard the question for consent was not asked.
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
        consenting = response.state.consenting
        if consenting is not None and not half:
            consenting = replace(consenting, asked=max(0, consenting.asked - 1))
        return replace(
            response.state,
            consenting=consenting,
            filled=filled,
            confirming=confirming,
            last=response.state.last if half else state.last or response.state.last,
        )
