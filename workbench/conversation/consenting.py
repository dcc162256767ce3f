"""The question whether a conversation may be stored: asked before all others, at most twice.

A yes that is sure allows what the assistant's file says; a no, or two answers that are neither, allow
nothing. What the caller wanted meanwhile is kept in the state, and answered after it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from workbench.conversation.assistant_model import Assistant
from workbench.conversation.dialog_state import Consenting, DialogState, Response
from workbench.conversation.phrasing import Phrasing
from workbench.conversation.understanding import Interpretation
from workbench.core.consent import Consent
from workbench.core.events import ConsentSettled

ASKED_MAX = 2
"""Times the question is asked; after so many answers that are neither yes nor no, it is a no."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentAnswer:
    """An answer: what it settles, what is said to it, and what is to be answered next."""

    settled: ConsentSettled
    said: Sequence[str]
    pending: Consenting


def ask_for_consent(assistant: Assistant, phrasing: Phrasing, state: DialogState) -> Response:
    """Return the question, asked once more."""
    pending = state.consenting or Consenting()
    asked = replace(state, consenting=replace(pending, asked=pending.asked + 1))
    return phrasing.reply(asked, [phrasing.said(assistant.consent.ask, state)])


def answer_to_consent(
    assistant: Assistant, state: DialogState, heard: Interpretation, text: str
) -> ConsentAnswer | Consenting:
    """Return the answer in what was heard; what to ask with again if there is none."""
    pending = state.consenting or Consenting()
    sure = heard.confidence >= assistant.certainty.confirm_below
    if pending.asked and sure and heard.intent == "yes":
        level = assistant.consent.level or Consent.NONE
        return _answer(level, assistant.consent.given, pending)
    if pending.asked and sure and heard.intent in ("no", "cancel"):
        return _answer(Consent.NONE, assistant.consent.refused, pending)
    if heard.intent not in (None, "yes", "no", "cancel", "repeat", "help"):
        pending = replace(pending, meant=heard, text=text)
    if pending.asked >= ASKED_MAX:
        return _answer(Consent.NONE, assistant.consent.refused, pending)
    return pending


def _answer(level: Consent, said: Sequence[str], pending: Consenting) -> ConsentAnswer:
    return ConsentAnswer(
        settled=ConsentSettled(level=level.value, how="answered"), said=said, pending=pending
    )
