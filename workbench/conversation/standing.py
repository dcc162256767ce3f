"""Where a session's dialog stands: its state, what was given last, and what of that was heard.

The state moves on when a reply is given, and moves back when the caller took the turn again before hearing
it. Actions are taken when their reply begins to be heard, never before.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Generic

from workbench.conversation.dialog import Dialog, DialogState
from workbench.conversation.preparing import Answer
from workbench.conversation.voice import R, Record
from workbench.core.events import ActionTaken, ConsentSettled, Source

CARRIED_MAX = 400
"""Characters carried from turns that were cut off before they are answered all the same."""


@dataclass(frozen=True, slots=True)
class Committed(Generic[R]):
    """A reply that was given, and what it answered."""

    reply: R
    answer: Answer
    before: DialogState
    """The dialog before it."""
    ahead: str = ""
    """What of the answer is heard before the reply, which is its last part."""


@dataclass(slots=True, kw_only=True)
class Standing(Generic[R]):
    """Follows what became of the replies of one session.

    Parameters
    ----------
    dialog, record : what the state is one of, and the timeline
    changed : called when what another process would need to know has changed
    """

    dialog: Dialog
    record: Record
    changed: Callable[[], None]
    state: DialogState
    carried: str = ""
    """Words of a turn that was cut off before its reply was heard."""
    committed: Committed[R] | None = None
    """The reply given last, until it is interrupted."""
    _interrupted: Committed[R] | None = None
    """The last reply that was cut off while it was heard."""
    acted: set[str] = field(default_factory=set)
    """Idempotency keys of the actions taken."""
    consented: bool = False
    """Whether the caller's answer to the question for consent was taken."""

    @property
    def overfull(self) -> bool:
        """Return whether so much was carried that it is answered, whoever speaks."""
        return len(self.carried) > CARRIED_MAX

    def carry(self, text: str) -> None:
        """Keep words that were cut off from the rest of their turn."""
        self.carried = f"{self.carried} {text}".strip()
        self.changed()

    def given(self, reply: R, answer: Answer, *, ahead: str = "") -> None:
        """Go on to where the answer leads: the reply is its last part, ``ahead`` what is heard before it."""
        self.committed, self._interrupted = Committed(reply, answer, self.state, ahead), None
        self.state = answer.response.state
        self.carried = ""
        if reply.started:
            self._act(reply)

    def given_again(self, reply: R, cut_off: Committed[R]) -> None:
        """Go on to where the reply that was cut off had led."""
        self.committed = replace(cut_off, reply=reply, ahead="")
        self.state = cut_off.answer.response.state

    def take_interrupted(self) -> Committed[R] | None:
        """Return the reply that was cut off while it was heard, once."""
        interrupted, self._interrupted = self._interrupted, None
        return interrupted

    def began_to_be_heard(self, reply: R) -> None:
        """Take the actions of ``reply``; each idempotency key once."""
        if self.committed is None or self.committed.reply is not reply:
            return
        self._act(reply)
        self.changed()

    def _act(self, reply: R) -> None:
        effects = () if self.committed is None else self.committed.answer.response.effects
        for effect in effects:
            if isinstance(effect, ActionTaken) and effect.key not in self.acted:
                self.acted.add(effect.key)
                self.record(effect, turn=reply.turn, source=Source.DIALOG)
            elif isinstance(effect, ConsentSettled) and not self.consented:
                self.consented = True
                self.record(effect, turn=reply.turn, source=Source.DIALOG)

    def interrupted(self, reply: R, text_heard: str) -> None:
        """Cut the dialog back to what the caller heard of ``reply``; to before it, if nothing was."""
        committed = self.committed
        if committed is None or committed.reply is not reply:
            return
        if not reply.started:
            self.state, self.carried = committed.before, committed.answer.text
        else:
            self._interrupted = committed
            heard = f"{committed.ahead} {text_heard}".strip()
            self.state = self.dialog.heard(self.state, committed.answer.response, heard)
        self.committed = None
        self.changed()
