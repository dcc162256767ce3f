"""How callers speak, from session to session: as long as the process lives and a call of theirs is kept."""

from collections import OrderedDict
from collections.abc import Callable, Collection
from dataclasses import dataclass

from workbench.conversation.speaker import Speaker
from workbench.core.clock import unix_now
from workbench.security.tokens import Grant

SPEAKERS_MAX = 1_000
"""Callers remembered; whoever called longest ago is forgotten."""

REMEMBERED = 24 * 3600.0
"""Seconds after a call for which a caller is remembered if nothing of it was stored."""


@dataclass(frozen=True, slots=True)
class _Known:
    speaker: Speaker
    session: str | None
    """The stored session they were last heard in; None if that one is not stored."""
    at: float
    """When something was last learned, Unix seconds."""


class Speakers:
    """Remembers callers whose tokens are bound to a client; of others nothing is kept.

    A caller whose last call was stored is known until that is deleted, by whomever; else for a day.

    Parameters
    ----------
    now : Unix seconds
    """

    def __init__(self, now: Callable[[], float] = unix_now) -> None:
        self._now = now
        self._known: OrderedDict[tuple[str, str], _Known] = OrderedDict()

    def known(self, grant: Grant) -> Speaker:
        """Return what is known of the caller."""
        found = None if grant.client is None else self._known.get((grant.project, grant.client))
        return Speaker() if found is None or self._is_over(found) else found.speaker

    def keep(self, grant: Grant, speaker: Speaker, *, session: str | None) -> None:
        """Remember what was learned of the caller in a session; ``session`` is its name if it is stored."""
        if grant.client is None:
            return
        caller = (grant.project, grant.client)
        self._known[caller] = _Known(speaker, session, self._now())
        self._known.move_to_end(caller)
        while len(self._known) > SPEAKERS_MAX:
            self._known.popitem(last=False)

    def forget(self, grant: Grant) -> None:
        """Remember the caller no more."""
        if grant.client is not None:
            self._known.pop((grant.project, grant.client), None)

    @property
    def sessions(self) -> frozenset[str]:
        """Return the names of the stored sessions that callers are known from."""
        return frozenset(one.session for one in self._known.values() if one.session is not None)

    def forget_sessions(self, deleted: Collection[str]) -> None:
        """Remember those no more who are known from sessions that were deleted, nor those of long ago."""
        for caller, one in list(self._known.items()):
            if one.session in deleted or self._is_over(one):
                del self._known[caller]

    def _is_over(self, one: _Known) -> bool:
        return one.session is None and self._now() - one.at > REMEMBERED
