"""How callers speak, from session to session, as long as the process lives."""

from collections import OrderedDict

from workbench.conversation.speaker import Speaker
from workbench.security.tokens import Grant

SPEAKERS_MAX = 1_000
"""Callers remembered; whoever called longest ago is forgotten."""


class Speakers:
    """Remembers callers whose tokens are bound to a client; of others nothing is kept."""

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[str, str], Speaker] = OrderedDict()

    def known(self, grant: Grant) -> Speaker:
        """Return what is known of the caller."""
        return (
            Speaker() if grant.client is None else self._known.get((grant.project, grant.client), Speaker())
        )

    def keep(self, grant: Grant, speaker: Speaker) -> None:
        """Remember what was learned of the caller."""
        if grant.client is None:
            return
        caller = (grant.project, grant.client)
        self._known[caller] = speaker
        self._known.move_to_end(caller)
        while len(self._known) > SPEAKERS_MAX:
            self._known.popitem(last=False)

    def forget(self, grant: Grant) -> None:
        """Remember the caller no more."""
        if grant.client is not None:
            self._known.pop((grant.project, grant.client), None)
